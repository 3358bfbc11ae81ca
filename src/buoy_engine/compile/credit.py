"""Crediting: one row per payee, with the share of amount and quantity that is theirs.

owner          the row's partner, all of it
splits         the rows of `splits` for the row's id, or for its deal; without any, the owner
split_reward   as owner; the reward is shared afterwards (see `component`)
upline         partners above the owner by `closure`, each with the whole
payee          the partner in a column
follow         whoever earned another component on the row that this one names in `sale_id`
"""

from __future__ import annotations

from dataclasses import dataclass

from buoy_engine.compile.builder import Flow
from buoy_engine.compile.rows import RowFlow, as_of, dotted, within
from buoy_engine.compile.scope import Misuse
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Agg, Col, Expr, Join, Query, Win, number
from buoy_engine.spec.model import Component, Upline

SHARED = ("amount", "quantity")
SHARED_OWNER = "(shared)"
"""Whose tier a reward moves that is shared by splits and has no owner."""


@dataclass(frozen=True)
class Followed:
    """What `follow` needs to know of the component it follows."""

    trace: str
    source: str


def apply_credit(rows: RowFlow, component: Component, followed: Followed | None) -> list[tuple[str, Expr]]:
    """Adds `_payee`, `_level`, `_role`, `_share` to the flow; returns reasons that credit itself gives for failing."""
    credit = component.credit
    flow = rows.flow
    match credit.kind:
        case "splits":
            _splits(rows)
        case "upline":
            return _upline(rows, credit.upline or Upline())
        case "payee":
            column = {"partner": "partner_id"}.get(credit.column or "", credit.column or "")
            if column not in flow:
                rows.builder.col(rows.source, column, "s")
            flow.step("credit", {"_payee": flow.col(column)})
        case "follow":
            if followed is None:
                raise Misuse(
                    f"follow: {credit.component}",
                    "a component that is calculated before this one",
                    "correct the name, or move the component up",
                    "unknown-component",
                )
            _follow(rows, followed)
        case "split_reward":
            _shared_later(rows)
        case _:
            flow.step("credit", {"_payee": flow.col("_owner")})
    return [("no_partner", ir.is_null(rows.flow.col("_payee")))]


def split_rows(rows: RowFlow) -> Expr:
    """When a split belongs to a row: it names the row (of a return: the sale it returns), or its deal and no row."""
    builder, flow = rows.builder, rows.flow
    col = {c: builder.col("splits", c, "x") for c in ("sale_id", "deal_id")}
    row = ir.coalesce(flow.col("returns"), flow.col("_id")) if "returns" in flow else flow.col("_id")
    by_row = ir.eq(col["sale_id"], row)
    if "deal_id" not in flow:
        return by_row
    by_deal = ir.both(ir.is_null(col["sale_id"]), ir.eq(col["deal_id"], flow.col("deal_id")))
    assert by_deal is not None
    return ir.either(by_row, by_deal)


def _splits(rows: RowFlow) -> None:
    builder, flow = rows.builder, rows.flow
    join = Join("splits", "x", split_rows(rows))
    x = {c: builder.col("splits", c, "x") for c in ("partner_id", "role", "share")}
    share = ir.coalesce(x["share"], ir.ONE)
    add: dict[str, Expr] = {
        "_payee": ir.coalesce(x["partner_id"], flow.col("_owner")),
        "_role": x["role"],
        "_share": share,
    }
    add |= {c: ir.mul(flow.col(c), share) for c in SHARED if c in flow}
    flow.step("credit", add, joins=(join,))


def _shared_later(rows: RowFlow) -> None:
    """The owner; for a row without one that splits share, somebody whose tier it moves until it is shared."""
    builder, flow = rows.builder, rows.flow
    name, row = f"{rows.name}_has_splits", flow.col("_id")
    join = Join("splits", "x", split_rows(rows), "inner")
    builder.stage(name, "one row per row with splits", Query({"_id": row}, flow.relation, "r", (join,), distinct=True))
    is_split = ir.not_null(builder.col(name, "_id", "x"))
    payee = ir.coalesce(flow.col("_owner"), ir.case([(is_split, ir.lit(SHARED_OWNER))]))
    flow.step("credit", {"_payee": payee}, joins=(Join(name, "x", ir.eq(builder.col(name, "_id", "x"), row)),))


def _follow(rows: RowFlow, followed: Followed) -> None:
    """The payees of the followed component's row, what each earned on it, and that row as `original`."""
    builder, flow = rows.builder, rows.flow
    name = f"{rows.name}_followed"
    t = {c: builder.col(followed.trace, c, "t") for c in ("_id", "_payee", "cents", "_settle")}
    keys = {"_id": t["_id"], "_payee": t["_payee"]}
    sums = {"_earned": Agg(t["cents"].type, "sum", t["cents"]), "_reverses": Agg(TEXT, "min", t["_settle"])}
    builder.stage(
        name,
        "one row per row and payee",
        Query({**keys, **sums}, followed.trace, "t", where=ir.not_null(t["_id"]), group_by=tuple(keys.values())),
    )
    if "sale_id" not in flow:
        builder.col(rows.source, "sale_id", "s")
    joins = [Join(name, "e", ir.eq(builder.col(name, "_id", "e"), flow.col("sale_id")))]
    add: dict[str, Expr] = {
        "_payee": builder.col(name, "_payee", "e"),
        "_earned": ir.coalesce(builder.col(name, "_earned", "e"), ir.ZERO),
        "_reverses": builder.col(name, "_reverses", "e"),
    }
    attributes = dotted(rows.nodes, "original")
    if attributes:
        source = followed.source
        joins.append(Join(source, "o", ir.eq(builder.col(source, "id", "o"), flow.col("sale_id"))))
        add |= {f"original.{a}": builder.col(source, a, "o") for a in attributes}
    flow.step("credit", add, joins=tuple(joins))


def _upline(rows: RowFlow, upline: Upline) -> list[tuple[str, Expr]]:
    if upline.of == "splits":
        join = Join("splits", "x", split_rows(rows))
        owner = ir.coalesce(rows.builder.col("splits", "partner_id", "x"), rows.flow.col("_owner"))
        rows.flow.step("sellers", {"_owner": owner}, joins=(join,))
    builder, flow = rows.builder, rows.flow
    day = rows.effective_day()
    joins: list[Join] = []
    if rows.as_of == "period_end":
        joins.append(rows._period_join())
        day = builder.col("periods", "last_day", "pp")
    on = within(builder, "closure", "h", day, ir.eq(builder.col("closure", "descendant", "h"), flow.col("_owner")))
    level = builder.col("closure", "level", "h")
    keep = [ir.compare("ge", level, ir.ZERO if upline.seller else ir.ONE)]
    if upline.inactive != "compress":
        keep.append(ir.compare("le", level, ir.lit(upline.levels)))
    on = ir.both(on, *keep) or on
    joins.append(Join("closure", "h", on))
    flow.step("climb", {"_payee": builder.col("closure", "ancestor", "h"), "_level": level}, joins=tuple(joins))
    reasons: list[tuple[str, Expr]] = [("nobody_above", ir.is_null(rows.flow.col("_payee")))]
    if upline.active is None:
        return reasons
    _mark_active(rows, upline)
    if upline.inactive == "compress":
        _compress(rows, upline)
        reasons.append(("too_far_up", ir.compare("gt", rows.flow.col("_level"), ir.lit(upline.levels))))
    if upline.inactive == "pass_up":
        _pass_up(rows)
    reasons.append(("inactive", ir.is_not(rows.flow.col("_active"))))
    return reasons


def _mark_active(rows: RowFlow, upline: Upline) -> None:
    """`_active`: whether the payee satisfies the upline's condition; level 0 always does."""
    builder, flow = rows.builder, rows.flow
    attributes = [a for a in dotted([upline.active], "payee") if f"payee.{a}" not in flow]
    if attributes:
        join = as_of(builder, "partners", "u", flow.col("_payee"), rows.effective_day())
        flow.step("climbed", {f"payee.{a}": builder.col(join.relation, a, "u") for a in attributes}, joins=(join,))
    active = ir.either(ir.holds(rows.scope().condition(upline.active)), ir.eq(rows.flow.col("_level"), ir.ZERO))
    rows.flow.step("active", {"_active": active})


def _compress(rows: RowFlow, upline: Upline) -> None:
    """Levels are counted over active partners only."""
    flow = rows.flow
    counted = ir.both(flow.col("_active"), ir.compare("gt", flow.col("_level"), ir.ZERO))
    assert counted is not None
    rank = Win(
        number(),
        "sum",
        ir.case([(counted, ir.ONE)], ir.ZERO),
        (flow.col("_id"),),
        ((flow.col("_level"), False),),
        "running",
    )
    flow.step("compressed", {"_level": rank})


def _pass_up(rows: RowFlow) -> None:
    """An inactive level's row goes to the next active partner above it."""
    flow, builder = rows.flow, rows.builder
    flow.step("levels", keep=True)
    flow = rows.flow
    relation = flow.relation
    above = {c: Col(flow.types[c], c, "a") for c in ("_id", "_payee", "_level", "_active")}
    r = {c: flow.col(c) for c in ("_id", "_level", "_active")}
    on = ir.both(ir.eq(above["_id"], r["_id"]), ir.compare("ge", above["_level"], r["_level"]), above["_active"])
    assert on is not None
    keys = {"_id": r["_id"], "_level": r["_level"]}
    lowest = Query(
        {**keys, "_to": Agg(number(), "min", above["_level"])},
        relation,
        "r",
        (Join(relation, "a", on, "inner"),),
        group_by=tuple(keys.values()),
    )
    to = builder.stage(f"{flow.prefix}_passed_to", "one row per row and level", lowest)
    joins = (
        Join(
            to,
            "n",
            ir.both(ir.eq(builder.col(to, "_id", "n"), r["_id"]), ir.eq(builder.col(to, "_level", "n"), r["_level"]))
            or ir.TRUE,
        ),
        Join(
            relation,
            "a",
            ir.both(ir.eq(above["_id"], r["_id"]), ir.eq(above["_level"], builder.col(to, "_to", "n"))) or ir.TRUE,
        ),
    )
    flow.step(
        "passed",
        {"_payee": ir.coalesce(above["_payee"], flow.col("_payee")), "_active": ir.not_null(above["_payee"])},
        joins=joins,
    )


def differential(flow: Flow, rate: Expr) -> None:
    """`_rate`: each level's rate less the highest below it on the same row, never negative."""
    flow.step("own_rate", {"_own_rate": ir.coalesce(rate, ir.ZERO)})
    below = Win(
        flow.col("_own_rate").type,
        "max",
        ir.case([(ir.is_null(flow.col("_fail")), flow.col("_own_rate"))], ir.ZERO),
        (flow.col("_id"),),
        ((flow.col("_level"), False),),
        "before",
    )
    gap = ir.greatest(ir.ZERO, ir.sub(flow.col("_own_rate"), ir.coalesce(below, ir.ZERO)))
    flow.step("gap", {"_rate": gap}, drop=frozenset({"_own_rate"}))
