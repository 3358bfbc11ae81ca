"""Rows of a component: from a fact table to credited rows, each with the reason if it does not count.

Every stage keeps the columns of the one before and adds some. System columns begin with an underscore, so that no fact column
can be mistaken for one; attributes of what a row points to are called what the plan calls them, `product.family`.

    source     the rows, converted to plan currency, with their period, their owner and the row they return
    credit     one row per payee
    fail       the reason why it does not count, null if it counts
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.compile.prepare import FAR_FUTURE, FAR_PAST
from buoy_engine.compile.scope import Misuse, Scope, Term
from buoy_engine.kernel import ir
from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, Col, Expr, Join, Kind, Query, Win, number
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component, Model, Plan
from buoy_engine.spec.words import words

DIMENSIONS = {
    "partner": ("partners", "_owner"),
    "payee": ("partners", "_payee"),
    "product": ("products", "product_id"),
    "customer": ("customers", "customer_id"),
    "deal": ("deals", "deal_id"),
}
KEY_OF = {"partners": "partner_id", "products": "product_id", "customers": "customer_id", "deals": "deal_id"}
RAW_AMOUNTS = {"_raw_amount": "s", "_raw_original": "o"}
PERIOD_COLUMNS = ("quarter", "half_year", "year")
LEFT_OUT = "_left_out"
"""Why a source leaves a row out."""
UNLIMITED = 10**15
"""What a limit of null comes to: no limit."""


@dataclass
class RowScope(Scope):
    """Words about one row of a flow."""

    flow: Flow
    builder: Builder
    alias: str = "r"
    component: str = ""
    earned_column: str = ""

    def __post_init__(self) -> None:
        self.late = self.builder.late

    def name(self, parts: tuple[str, ...]) -> Term:
        word = ".".join(parts)
        system = {
            "date": "_date",
            "level": "_level",
            "role": "_role",
            "share": "_share",
            "earned": "_earned",
            "row_no": "_row_no",
        }.get(word)
        if system and system in self.flow:
            return self._term(system)
        if word == "is_return":
            return ir.not_null(self.flow.col("returns", self.alias)) if "returns" in self.flow else ir.FALSE
        if word in self.flow:
            return self._term(word)
        if len(parts) == 2 and parts[0] in ("partner", "payee") and parts[1] == "id":
            return self._term("_owner" if parts[0] == "partner" else "_payee")
        available = ", ".join(sorted(c for c in self.flow.types if not c.startswith("_")))
        raise Misuse(
            f"the word {word!r}",
            f"a column of the row ({available}), a measure or a parameter",
            "correct the name or add the column to the facts",
            "unknown-word",
        )

    def _term(self, column: str) -> Term:
        col = self.flow.col(column, self.alias)
        return Ratio(col) if col.type.kind is Kind.NUMBER else col

    def row_date(self) -> Expr:
        return self.flow.col("_date", self.alias)

    def aggregate(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        raise Misuse(
            f"{node.name}(…)", "a value of one row", "move the aggregate to measure, base, when or rate", "grain-mixed"
        )

    def lookup(self, node: ast.Call, window: str | None, count: int | None) -> Term:
        column = lookup_column(node)
        if column in self.flow:
            return self._term(column)
        raise Misuse(
            f"{node.name}(…) about a row",
            "a lookup that the row can be joined to",
            "use it in measure, base, when or rate",
            "grain-mixed",
        )


def lookup_column(node: ast.Call) -> str:
    """The name under which a row carries `certified(gold)` or `earned(commission)`."""
    return f"_{node.name}:{argument(node)}"


def argument(node: ast.Call) -> str:
    """The name in `target(revenue)` or `target("revenue")`."""
    match node.args:
        case (ast.Name() as name,):
            return str(name)
        case (ast.Text(value),):
            return value
    raise Misuse(f"{node.name}(…) with {len(node.args)} values", "one name", f"write {node.name}(name)")


# ---------------------------------------------------------------- dated dimension tables


def dated(builder: Builder, table: str) -> str:
    """The table with half-open dates that are never null: `<table>_dated`. Undated tables are taken as they are."""
    name = f"{table}_dated"
    if builder.has(name):
        return name
    columns = builder.catalog.relations[table]
    if "valid_from" not in columns:
        return table
    col = {c: builder.col(table, c, "t") for c in columns}
    through = (
        ir.Op(DATE, "add_days", (col["valid_through"], ir.ONE)) if "valid_through" in columns else ir.lit(None, DATE)
    )
    to = col.get("valid_to", ir.lit(None, DATE))
    made: dict[str, Expr] = {c: e for c, e in col.items() if c != "valid_through"}
    made["valid_from"] = ir.coalesce(col["valid_from"], ir.lit(FAR_PAST))
    made["valid_to"] = ir.coalesce(to, through, ir.lit(FAR_FUTURE))
    return builder.stage(name, f"one row per row of {table}", Query(made, table, "t"), keep=False)


def as_of(builder: Builder, table: str, alias: str, key: Expr, day: Expr, key_column: str | None = None) -> Join:
    """A left join to the row of a dimension in force on a day."""
    relation = dated(builder, table)
    on = ir.eq(builder.col(relation, key_column or KEY_OF[table], alias), key)
    if builder.has(relation, "valid_from"):
        on = within(builder, relation, alias, day, on)
    return Join(relation, alias, on)


def within(builder: Builder, relation: str, alias: str, day: Expr, on: Expr) -> Expr:
    """`on` and valid_from ≤ day < valid_to."""
    made = ir.both(
        on,
        ir.compare("le", builder.col(relation, "valid_from", alias), day),
        ir.compare("gt", builder.col(relation, "valid_to", alias), day),
    )
    assert made is not None
    return made


def attach(flow: Flow, nodes: Iterable[ast.Node], heads: Iterable[str], day: Expr, joins: Iterable[Join] = ()) -> None:
    """Joins the attributes that the nodes use of the things that a row names, as they were on a day.

    `joins`: what the day itself needs. Raises `Misuse` for an attribute of something that the rows do not name.
    """
    nodes, joins = list(nodes), list(joins)
    add: dict[str, Expr] = {}
    for head in heads:
        attributes = [a for a in dotted(nodes, head) if f"{head}.{a}" not in flow]
        if not attributes:
            continue
        table, key = DIMENSIONS[head]
        if not flow.builder.has(table):
            flow.builder.col(table, attributes[0], "t")
        if key not in flow:
            raise Misuse(
                f"{head}.{attributes[0]}", f"rows with a column {key}", f"{flow.grain} has none", "unknown-column"
            )
        joins.append(as_of(flow.builder, table, f"d_{head}", flow.col(key), day))
        relation = dated(flow.builder, table)
        add |= {f"{head}.{a}": flow.builder.col(relation, a, f"d_{head}") for a in attributes}
    if add:
        flow.step("with_" + "_".join(sorted({c.split(".")[0] for c in add})), add, joins=tuple(joins))


# ---------------------------------------------------------------- the words a component uses


def component_nodes(component: Component) -> Iterable[ast.Node]:
    """Every expression of a component."""
    yield from nodes_of(component)


def nodes_of(value: object) -> Iterable[ast.Node]:
    """Every expression in a part of a plan, or in the whole of it."""
    if isinstance(value, ast.Node):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from nodes_of(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from nodes_of(part)
    elif isinstance(value, Model):
        for name in type(value).model_fields:
            yield from nodes_of(getattr(value, name))


def expand(plan: Plan, nodes: Iterable[ast.Node]) -> list[ast.Node]:
    """The nodes with those of the parameters they name."""
    found = list(nodes)
    for node in list(found):
        found += [plan.parameters[str(word)].value for word in words(node) if str(word) in plan.parameters]
    return found


def dotted(nodes: Iterable[ast.Node], head: str) -> list[str]:
    """The attributes used of `head`: `partner.tier` → tier."""
    names = {word.parts[1] for node in nodes for word in words(node) if len(word.parts) == 2 and word.parts[0] == head}
    return sorted(names - {"id"})


def calls(nodes: Iterable[ast.Node], name: str) -> list[ast.Call]:
    """Distinct calls of a lookup."""
    found = {
        lookup_column(p): p
        for node in nodes
        for p in ast.walk(node)
        if isinstance(p, ast.Call) and p.name == name and p.args
    }
    return [found[key] for key in sorted(found)]


# ---------------------------------------------------------------- the flow


def converted(builder: Builder, plan: Plan, table: str) -> str:
    """The table with `amount` in plan currency (exact, or rounded row by row where the plan says so), built once.

    `_raw_amount` is the amount as it was given, `_no_rate` whether there was no rate to convert it at. A table without
    currencies, and a source of what is converted already, are taken as they are.
    """
    has_amounts = builder.has("fx") and builder.has(table, "amount") and builder.has(table, "currency")
    if not has_amounts or builder.has(table, "_no_rate"):
        return table
    name = f"{table}_converted"
    if builder.has(name):
        return name
    columns: dict[str, Expr] = {c: Col(t, c, "s") for c, t in builder.catalog.relations[table].items()}
    currency, amount = columns["currency"], columns["amount"]
    own = ir.either(ir.is_null(currency), ir.eq(currency, ir.lit(plan.currency)))
    on = ir.both(
        ir.eq(builder.col("fx", "currency", "f"), currency),
        ir.eq(builder.col("fx", "d", "f"), local_day(builder, table, "s")),
    )
    rate, per_plan = (builder.col("fx", c, "f") for c in ("rate", "per_plan"))
    value = ir.mul(amount, rate)
    if builder.fx_inverse:
        value = ir.case([(ir.not_null(per_plan), ir.div(amount, per_plan))], value)
    if plan.setting("fx_round") == "row":
        value = ir.round_to(value, minor_digits(plan.currency), plan.setting("rounding"))
    columns["amount"] = ir.case([(own, amount)], value)
    columns["_raw_amount"] = amount
    columns["_no_rate"] = ir.both(ir.is_not(own), ir.is_null(rate), ir.is_null(per_plan)) or ir.FALSE
    query = Query(columns, table, "s", (Join("fx", "f", on or ir.TRUE),))
    return builder.stage(name, f"one row per row of {table}", query, keep=False)


def local_day(builder: Builder, relation: str, alias: str) -> Expr:
    """The day of a row; of a moment its day in the plan's time zone."""
    col = builder.col(relation, "date", alias)
    if col.type.kind is not Kind.TIMESTAMP:
        return col
    offsets = zone(builder)
    return offsets(col) if offsets else ir.Op(DATE, "date_of", (col,))


@dataclass
class RowFlow:
    """Builds the row stages of one component (or, with owner credit, of the plan's measures)."""

    builder: Builder
    plan: Plan
    name: str
    source: str
    kind: str
    nodes: list[ast.Node]
    as_of: str
    earlier: Mapping[str, str]
    relation: str = ""
    flow: Flow = None  # type: ignore[assignment]

    def scope(self) -> RowScope:
        """Words about the rows as they are now."""
        return RowScope(self.plan, self.flow, self.builder, zone_offsets=zone(self.builder))

    def start(self) -> None:
        """The source stage: converted amounts, date, period ids, owner, and the row it returns."""
        self.builder.col(self.source, "id", "s")
        source = self.relation = converted(self.builder, self.plan, self.source)
        has = self.builder.catalog.relations[source]
        columns: dict[str, Expr] = {c: Col(t, c, "s") for c, t in has.items()}
        date_col = local_day(self.builder, source, "s")
        joins: list[Join] = []
        columns |= {
            "_id": self.builder.col(source, "id", "s"),
            "_date": date_col,
            "_owner": self.builder.col(source, "partner_id", "s") if "partner_id" in has else ir.lit(None),
        }
        joins.append(Join("calendar", "k", ir.eq(self.builder.col("calendar", "d", "k"), date_col)))
        for kind in dict.fromkeys((self.kind, *PERIOD_COLUMNS)):
            columns[f"_{kind}"] = (
                self.builder.col("calendar", kind, "k") if self.builder.has("calendar", kind) else ir.lit(None)
            )
        self._original(source, columns, joins)
        query = Query(columns, source, "s", tuple(joins))
        self.flow = Flow(
            self.builder,
            self.name,
            f"one row per row of {self.source}",
            self.builder.stage(f"{self.name}_source", f"one row per row of {self.source}", query, keep=False),
        )
        self.flow.grain = "one row per credited row"

    def _original(self, source: str, columns: dict[str, Expr], joins: list[Join]) -> None:
        """`original.*`: the row named by `returns` (in the same source), and both amounts before conversion."""
        attributes = dotted(self.nodes, "original")
        if not self.builder.has(source, "returns") or not (attributes or self.as_of == "original"):
            return
        joins.append(
            Join(source, "o", ir.eq(self.builder.col(source, "id", "o"), self.builder.col(source, "returns", "s")))
        )
        for attribute in dict.fromkeys([*attributes, "date"]):
            columns[f"original.{attribute}"] = self.builder.col(source, attribute, "o")
        if self.builder.has(source, "amount"):
            raw = "_raw_amount" if self.builder.has(source, "_raw_amount") else "amount"
            columns |= {name: self.builder.col(source, raw, of) for name, of in RAW_AMOUNTS.items()}

    def effective_day(self) -> Expr:
        """The day whose version of master data counts for a row (setting `as_of`)."""
        row_date = self.flow.col("_date")
        if self.as_of == "original" and "original.date" in self.flow:
            return ir.coalesce(self.flow.col("original.date"), row_date)
        return row_date

    def attach(self, heads: Iterable[str]) -> None:
        """Joins the attributes of partner, payee, product, customer and deal that the component uses."""
        day, joins = self.effective_day(), []
        if self.as_of == "period_end":
            joins.append(self._period_join())
            day = self.builder.col("periods", "last_day", "pp")
        attach(self.flow, self.nodes, heads, day, joins)

    def _period_join(self) -> Join:
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", "pp"), ir.lit(self.kind)),
            ir.eq(self.builder.col("periods", "period", "pp"), self.flow.col(f"_{self.kind}")),
        )
        assert on is not None
        return Join("periods", "pp", on)

    def look_up(self) -> None:
        """Joins `certified(x)` and `score(x)` as they were on the row's date, for the payee, and `earned(c)` on the row."""
        add: dict[str, Expr] = {}
        joins: list[Join] = []
        for node in calls(self.nodes, "certified"):
            alias = f"q_{len(joins)}"
            joins.append(
                certification_join(self.builder, alias, argument(node), self.flow.col("_payee"), self.effective_day())
            )
            add[lookup_column(node)] = ir.not_null(self.builder.col(joins[-1].relation, "partner_id", alias))
        for node in calls(self.nodes, "score"):
            alias = f"q_{len(joins)}"
            joins.append(score_join(self.builder, alias, argument(node), self.flow.col("_payee"), self.effective_day()))
            add[lookup_column(node)] = self.builder.col(joins[-1].relation, "value", alias)
        for node in calls(self.nodes, "earned"):
            trace = self.earlier.get(argument(node))
            if trace is None:
                continue
            alias = f"q_{len(joins)}"
            relation = self._earned_on_row(argument(node), trace)
            joins.append(Join(relation, alias, ir.eq(self.builder.col(relation, "_id", alias), self.flow.col("_id"))))
            add[lookup_column(node)] = ir.coalesce(self.builder.col(relation, "cents", alias), ir.ZERO)
        if add:
            self.flow.step("lookups", add, joins=tuple(joins))

    def _earned_on_row(self, component: str, trace: str) -> str:
        """What a component pays on a row, to all its payees."""
        name = f"{component}_by_row"
        if not self.builder.has(name):
            row = self.builder.col(trace, "_id", "t")
            cents = ir.total(self.builder.col(trace, "cents", "t"))
            self.builder.stage(
                name,
                "one row per row",
                Query({"_id": row, "cents": cents}, trace, "t", where=ir.not_null(row), group_by=(row,)),
            )
        return name

    def fail_reasons(self, component: Component, where: Mapping[str, ast.Node], extra: list[tuple[str, Expr]]) -> None:
        """The column `_fail`: the first reason why a row does not count. `where`: the component's own conditions.

        The source was asked before: what it left out has its reason.
        """
        found = [*extra, *fail_tests(self.plan, component, self.scope(), where)]
        tests: list[tuple[Expr, Expr]] = [(test, ir.lit(reason)) for reason, test in found]
        if LEFT_OUT in self.flow:
            left_out = self.flow.col(LEFT_OUT)
            tests.insert(0, (ir.not_null(left_out), left_out))
        self.flow.step("fail", {"_fail": ir.case(tests, ir.lit(None))})

    def number_rows(self, order: list[tuple[Expr, bool]], counts: Expr) -> None:
        """`row_no`: the payee's rows of the period that count so far, in business order; null for the others."""
        partition = (self.flow.col("_payee"), self.flow.col(f"_{self.kind}"), counts)
        self.flow.step("counted", {"_nth": Win(number(), "row_number", None, partition, tuple(order))})
        self.flow.step("numbered", {"_row_no": ir.case([(counts, self.flow.col("_nth"))])}, drop=frozenset({"_nth"}))

    def fail_numbered(self, where: Mapping[str, ast.Node]) -> None:
        """Conditions that ask for `row_no`, of the rows that have none against them yet."""
        tests = [(test, ir.lit(reason)) for reason, test in where_tests(self.scope(), where)]
        fail = self.flow.col("_fail")
        self.flow.step("fail_numbered", {"_fail": ir.case([(ir.not_null(fail), fail), *tests], ir.lit(None))})

    def once(self, component: Component, order: list[tuple[Expr, bool]], counts: Callable[[Flow], Expr]) -> None:
        """`once_per`: of rows with the same key the first in business order counts. A row without a key is on its own."""
        if component.once_per is None:
            return
        key = self.scope().expr(component.once_per)
        self.flow.step("keyed", {"_key": key})
        col = self.flow.col
        partition = (col("_key"), counts(self.flow))
        first = Win(number(), "row_number", None, partition, tuple(order))
        owner = Win(TEXT, "first", col("_payee"), partition, tuple(order))
        self.flow.step("first", {"_nth": first, "_first_payee": owner})
        col = self.flow.col
        later = ir.both(counts(self.flow), ir.not_null(col("_key")), ir.compare("gt", col("_nth"), ir.ONE)) or ir.TRUE
        reason = ir.case([(ir.eq(col("_first_payee"), col("_payee")), ir.lit("duplicate"))], ir.lit("conflict"))
        self.flow.step(
            "once",
            {"_fail": ir.case([(later, reason)], col("_fail"))},
            drop=frozenset({"_nth", "_first_payee", "_key"}),
        )


def fail_tests(
    plan: Plan, component: Component, scope: RowScope, where: Mapping[str, ast.Node]
) -> list[tuple[str, Expr]]:
    """Reasons why a row does not count for a component, each with its test, in the order in which they are asked."""
    day = scope.row_date()
    tests: list[tuple[str, Expr]] = (
        [("no_rate", scope.flow.col("_no_rate", scope.alias))] if "_no_rate" in scope.flow else []
    )
    tests.append(("no_date", ir.is_null(day)))
    if component.dates and component.dates.from_:
        tests.append(("outside_dates", ir.compare("lt", day, ir.lit(component.dates.from_))))
    if component.dates and component.dates.to:
        tests.append(("outside_dates", ir.compare("gt", day, ir.lit(component.dates.to))))
    tests += [
        ("not_eligible", ir.is_not(ir.holds(scope.condition(who))))
        for who in (plan.who, component.who)
        if who is not None
    ]
    return tests + where_tests(scope, where)


def where_tests(scope: RowScope, where: Mapping[str, ast.Node]) -> list[tuple[str, Expr]]:
    """The conditions of a component, each turned into the test that finds a row against it."""
    return [(reason, ir.is_not(ir.holds(scope.condition(node)))) for reason, node in where.items()]


def asks_row_no(nodes: Iterable[ast.Node]) -> bool:
    """Whether one of the expressions speaks of a row's number."""
    return any(word.parts == ("row_no",) for node in nodes for word in words(node))


def business_order(flow: Flow, keys: Iterable[str], date_column: str = "_date") -> list[tuple[Expr, bool]]:
    """Columns to sort by; a column that is not there is passed over, the row's id is always last."""
    found: list[tuple[Expr, bool]] = []
    for key in keys:
        name = key.lstrip("-")
        column = {"date": date_column, "id": "_id"}.get(name, name)
        if column in flow:
            found.append((flow.col(column), key.startswith("-")))
    if all(not (isinstance(e, Col) and e.name == "_id") for e, _ in found):
        found.append((flow.col("_id"), False))
    return found


def zone(builder: Builder) -> Callable[[Expr], Expr] | None:
    """Turns a UTC timestamp into the date in the plan's time zone, by a table of the zone's transitions."""
    if not builder.zone_offsets:
        return None

    def local(value: Expr) -> Expr:
        branches = [
            (ir.compare("ge", value, ir.lit(datetime.fromisoformat(start))), ir.lit(minutes))
            for start, minutes in reversed(builder.zone_offsets[1:])
        ]
        minutes = ir.case(branches, ir.lit(builder.zone_offsets[0][1]))
        return ir.Op(DATE, "date_of", (ir.Op(ir.TIMESTAMP, "add_minutes", (value, minutes)),))

    return local


def certification_join(builder: Builder, alias: str, name: str, partner: Expr, day: Expr) -> Join:
    """A left join that finds the partner when it held the certification on the day. Overlapping spans are merged first."""
    builder.col("certifications", "partner_id", "c")
    relation = merged_certifications(builder)
    on = ir.both(
        ir.eq(builder.col(relation, "partner_id", alias), partner),
        ir.eq(builder.col(relation, "certification", alias), ir.lit(name)),
    )
    assert on is not None
    return Join(relation, alias, within(builder, relation, alias, day, on))


def merged_certifications(builder: Builder) -> str:
    """`certifications_held`: spans of one certification of one partner never overlap, so a join cannot double a row."""
    name = "certifications_held"
    if builder.has(name):
        return name
    relation = dated(builder, "certifications")
    c = {n: builder.col(relation, n, "c") for n in ("partner_id", "certification", "valid_from", "valid_to")}
    partition = (c["partner_id"], c["certification"])
    order = ((c["valid_from"], False), (c["valid_to"], False))
    so_far = Win(DATE, "max", c["valid_to"], partition, order, "before")
    builder.stage(f"{name}_starts", "one row per span", Query({**c, "so_far": so_far}, relation, "c"), keep=False)
    s = {n: builder.col(f"{name}_starts", n, "s") for n in (*c, "so_far")}
    begins = ir.either(ir.is_null(s["so_far"]), ir.compare("gt", s["valid_from"], s["so_far"]))
    island = Win(
        number(),
        "sum",
        ir.case([(begins, ir.ONE)], ir.ZERO),
        (s["partner_id"], s["certification"]),
        ((s["valid_from"], False), (s["valid_to"], False)),
        "running",
    )
    builder.stage(
        f"{name}_islands",
        "one row per span",
        Query({**{n: s[n] for n in c}, "island": island}, f"{name}_starts", "s"),
        keep=False,
    )
    i = {n: builder.col(f"{name}_islands", n, "i") for n in (*c, "island")}
    merged: dict[str, Expr] = {
        "partner_id": i["partner_id"],
        "certification": i["certification"],
        "valid_from": ir.Agg(DATE, "min", i["valid_from"]),
        "valid_to": ir.Agg(DATE, "max", i["valid_to"]),
    }
    return builder.stage(
        name,
        "one row per partner, certification and unbroken span",
        Query(merged, f"{name}_islands", "i", group_by=(i["partner_id"], i["certification"], i["island"])),
    )


def score_join(builder: Builder, alias: str, name: str, partner: Expr, day: Expr) -> Join:
    """A left join to the score in force on the day."""
    builder.col("scores", "value", "c")
    relation = dated(builder, "scores")
    on = ir.both(
        ir.eq(builder.col(relation, "partner_id", alias), partner),
        ir.eq(builder.col(relation, "score", alias), ir.lit(name)),
    )
    assert on is not None
    return Join(relation, alias, within(builder, relation, alias, day, on))


# ---------------------------------------------------------------- running limits


def limited(
    builder: Builder,
    flow: Flow,
    wanted: str,
    limit: str,
    partition: tuple[Expr, ...],
    order: list[tuple[Expr, bool]],
    fit: str,
    unit: Expr | None = None,
) -> Expr:
    """What is left of each row's `wanted` under the running `limit`, as an expression of the flow after the stages it adds.

    partial and whole are differences of a clamped running total; pro_rata shares the limit; all_or_nothing must walk.
    """
    col = flow.col
    want, top = col(wanted), col(limit)
    if fit == "all_or_nothing":
        return _all_or_nothing(builder, flow, wanted, limit, partition, order)
    if fit == "pro_rata":
        flow.step("fit_total", {"_all": Win(want.type, "sum", want, partition)})
        want, everything, top = flow.col(wanted), flow.col("_all"), flow.col(limit)
        shared = ir.div(ir.mul(want, top), everything)
        return ir.case([(ir.compare("le", everything, top), want)], shared)
    flow.step("fit_running", {"_after": ir.running(want, partition, order)})
    after, want, top = flow.col("_after"), flow.col(wanted), flow.col(limit)
    before = ir.sub(after, want)
    left = ir.sub(ir.least(after, top), ir.least(before, top))
    if fit == "partial":
        return left
    size = unit if unit is not None else ir.ONE
    return ir.case([(ir.eq(left, want), want)], ir.mul(ir.coalesce(ir.div(left, size, 0, "down"), ir.ZERO), size))


def _all_or_nothing(
    builder: Builder, flow: Flow, wanted: str, limit: str, partition: tuple[Expr, ...], order: list[tuple[Expr, bool]]
) -> Expr:
    names = tuple(f"_part_{i}" for i in range(len(partition)))
    flow.step(
        "fit_numbered",
        {
            "_position": Win(number(), "row_number", None, partition, tuple(order)),
            **dict(zip(names, partition, strict=True)),
        },
        keep=True,
    )
    types = builder.catalog.relations[flow.relation]
    walk = ir.Recursive(flow.relation, types, names, "_position", wanted, limit)
    flow.relation = builder.stage(f"{flow.prefix}_fit_walk", flow.grain, walk)
    return ir.case([(ir.holds(Col(BOOL, "kept", "r")), flow.col(wanted))], ir.ZERO)
