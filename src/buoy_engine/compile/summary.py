"""Summary mode: earnings without a trace, from one pass over the rows.

Most rewards need no row once the sums of a payee's period are known: marginal tiers are a potential of the sum, retroactive
tiers look it up, caps clamp it. A component that can be calculated so (`is_summable`) gets its sums from aggregates that it
shares with all others like it; its conditions become filters of those aggregates, and the rows are read once.

An override rests on sums too: the sellers' sums, by day only where somebody above the seller changes inside the period, are
joined to the uplines afterwards.

The trace adds the same amounts row by row; that both agree is tested, not hoped for. Figures: benchmarks/engine/README.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.compile.cells import Filtered, PlanRows, speaks_of_rows
from buoy_engine.compile.rows import asks_row_no, component_nodes, expand, fail_tests, nodes_of, within
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import TEXT, Col, Expr, Join, Query, number
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component, Plan
from buoy_engine.spec.words import words

ON_ROWS = ("row", "group", "programme")
LINES = "_lines"
"""How many rows of the facts a row of sellers' sums stands for."""
SUMMED = frozenset({"amount", "quantity", "level"})


def summable(plan: Plan) -> frozenset[str]:
    """Ids of the components that need no row of their own, and of whose rows no other component asks."""
    if asks_for_places(plan):
        return frozenset()
    able = {c.id for c in plan.components if is_summable(plan, c)}
    while True:
        asked = {name for c in plan.components if c.id not in able for name in _names_on_rows(plan, c)}
        asked |= {name for best in plan.combine for name in (*best.best_of, best.otherwise) if name}
        if not able & asked:
            return frozenset(able)
        able -= asked


def asks_for_places(plan: Plan) -> bool:
    """Whether the plan ranks payees: then what one of them sells may change what all others earn."""
    return any(isinstance(p, ast.Call) and p.name == "rank" for node in nodes_of(plan) for p in ast.walk(node))


def is_summable(plan: Plan, c: Component) -> bool:
    """Whether the component's earnings depend on sums only."""
    plain = (
        not c.per
        and c.take is None
        and c.once_per is None
        and c.round.stage != "row"
        and not any(i.on for i in c.payout)
    )
    plain = plain and not any(limit.per in ON_ROWS for limit in c.limits) and not (c.tiers and c.tiers.versions)
    plain = plain and plan.setting("returns", c) == "unwind" and plan.setting("as_of", c) == "transaction"
    if not plain or c.from_ in plan.sources:
        return False
    nodes = expand(plan, component_nodes(c))
    if asks_row_no(nodes):
        return False
    if any(_asks(plan, node) for node in c.where.values()) or _names_on_rows(plan, c):
        return False
    if c.multiply is not None and speaks_of_rows(c.multiply, plan):
        return False
    if c.credit.kind == "owner":
        return True
    return c.credit.kind == "upline" and _is_plain_upline(plan, c)


def _is_plain_upline(plan: Plan, c: Component) -> bool:
    """An override on summed amounts whose rate knows only the level."""
    upline = c.credit.upline
    if upline is not None and (upline.of == "splits" or upline.active is not None or upline.differential):
        return False
    if c.who is not None or plan.who is not None:
        return False
    conditions = expand(plan, c.where.values())
    if any(word.parts[0] in ("payee", "level") for node in conditions for word in words(node)):
        return False
    rest = [c.base, c.measure, c.rate, *c.when.values(), c.multiply]
    return all(_is_summed(plan, node) for node in rest if node is not None)


def _is_summed(plan: Plan, node: ast.Node) -> bool:
    parts = expand(plan, [node])
    counts = any(
        isinstance(p, ast.Call) and p.name in ("count", "distinct", "min", "max") for n in parts for p in ast.walk(n)
    )
    known = SUMMED | set(plan.measures) | set(plan.parameters)
    return not counts and all(
        str(w) in known or w.parts[0] in ("period", "year", "active") for n in parts for w in words(n)
    )


def _asks(plan: Plan, node: ast.Node) -> bool:
    """Whether a condition on a row asks about the payee's period."""
    parts = expand(plan, [node])
    calls = any(
        ast.is_aggregate(p) or (isinstance(p, ast.Call) and p.name == "target") for n in parts for p in ast.walk(n)
    )
    return calls or any(str(w) in plan.measures for n in parts for w in words(n))


def _names_on_rows(plan: Plan, c: Component) -> list[str]:
    """Components whose amounts this one may read row by row."""
    named = [c.credit.component] if c.credit.component else []
    for node in expand(plan, component_nodes(c)):
        calls = [p for p in ast.walk(node) if isinstance(p, ast.Call)]
        about_rows = (
            c.credit.kind != "owner"
            or c.per == "row"
            or (not any(ast.is_aggregate(p) for p in calls) and any(True for _ in words(node)))
        )
        if about_rows:
            named += [
                str(p.args[0]) for p in calls if p.name == "earned" and p.args and isinstance(p.args[0], ast.Name)
            ]
    return named


def shared_nodes(plan: Plan, ids: Iterable[str]) -> dict[str, list[ast.Node]]:
    """Table → every expression that the summed components ask of its rows."""
    found: dict[str, list[ast.Node]] = {}
    for c in plan.components:
        if c.id in ids:
            found.setdefault(c.from_, []).extend(
                expand(plan, [*component_nodes(c), *([plan.who] if plan.who is not None else [])])
            )
    return found


def dated_kinds(plan: Plan, ids: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Tables and period kinds whose sums an override needs by day."""
    return frozenset(
        (c.from_, c.every or plan.period) for c in plan.components if c.id in ids and c.credit.kind == "upline"
    )


def filtered(plan: Plan, c: Component, kind: str, rows: PlanRows) -> Filtered:
    """The shared aggregates over the rows that count for a component."""
    shared = rows.get(kind, c.from_)
    tests = [test for _, test in fail_tests(plan, c, shared.scope, c.where)]
    only = ir.both(*(ir.is_not(test) for test in tests))
    assert only is not None
    return Filtered(shared, only)


def upline_flow(builder: Builder, plan: Plan, c: Component, kind: str, rows: PlanRows) -> Flow:
    """Sums of sellers joined to those above them: as rows of an override."""
    view = filtered(plan, c, kind, rows)
    shared = view.shared
    sums = {
        name: view.column(ast.Call("sum", (ast.Name((name,)),)), "period", None)[2]
        for name in ("amount", "quantity")
        if name in shared.scope.flow
    }
    counted = view.column(ast.Call("count", ()), "period", None)[2]
    assert isinstance(counted, Col)
    by_day = f"{shared.prefix}_by_day"
    day = Col(ir.DATE, "_on", "s")
    owner = Col(TEXT, "_payee", "s")
    upline = c.credit.upline
    level = builder.col("closure", "level", "h")
    lowest, highest = (ir.ZERO if upline and upline.seller else ir.ONE), ir.lit(upline.levels if upline else 3)
    on = ir.both(
        ir.eq(builder.col("closure", "descendant", "h"), owner),
        ir.compare("ge", level, lowest),
        ir.compare("le", level, highest),
    )
    assert on is not None
    columns: dict[str, Expr] = {
        "_id": ir.lit(None), "_owner": owner, "_payee": builder.col("closure", "ancestor", "h"), "_level": level, "_date": day,
        f"_{kind}": Col(TEXT, "_period", "s"), "_fail": ir.lit(None), LINES: Col(number(), counted.name, "s"),
    }  # fmt: skip
    columns |= {
        name: ir.coalesce(Col(col.type, col.name, "s"), ir.Lit(col.type, ir.ZERO.value))
        for name, col in sums.items()
        if isinstance(col, Col)
    }
    seen = ir.compare("gt", Col(number(), counted.name, "s"), ir.ZERO)
    query = Query(
        columns, by_day, "s", (Join("closure", "h", within(builder, "closure", "h", day, on), "inner"),), seen
    )
    return Flow(
        builder,
        c.id,
        "one row per seller, day that matters and level",
        builder.stage(f"{c.id}_sellers", "one row per seller, day that matters and level", query),
    )
