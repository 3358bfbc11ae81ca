"""A whole plan → the list of stages, in an order in which they can run.

Components are compiled after those that they name with `earned(…)` or `follow`. Measures of the plan share one set of rows (every
row of `lines`, owner credit) and, per window, one aggregate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.cells import Cells, PlanRows, cell_base, payees_stage
from buoy_engine.compile.component import ComponentCompiler, Made
from buoy_engine.compile.prepare import CLOSURE_TYPES, FX_TYPES, KINDS, PERIOD_TYPES, WINDOW_TYPES
from buoy_engine.compile.reward import Columns
from buoy_engine.compile.rows import argument, component_nodes, expand
from buoy_engine.compile.scope import Misuse
from buoy_engine.compile.statement import compile_statement
from buoy_engine.compile.summary import dated_kinds, shared_nodes, summable
from buoy_engine.kernel import ir
from buoy_engine.kernel.ir import DATE, TEXT, Catalog, Col, Expr, Join, Query, Stage, Type
from buoy_engine.kernel.ratio import Ratio
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import BestOf, Component, Plan
from buoy_engine.spec.words import words


@dataclass(frozen=True)
class Program:
    """A compiled plan: what will happen, as a value. `order`: component ids as calculated; `made`: their relations."""

    plan: Plan
    stages: tuple[Stage, ...]
    windows: frozenset[tuple[str, str, int | None]]
    made: Mapping[str, Made]
    order: tuple[str, ...]
    state: tuple[str, ...] = ()

    @cached_property
    def types(self) -> dict[str, dict[str, Type]]:
        """Stage → its columns."""
        return {stage.name: stage.types for stage in self.stages}


def compile_plan(
    plan: Plan,
    facts: Mapping[str, Mapping[str, Type]],
    *,
    settle_ids: tuple[str, ...] = (),
    zone_offsets: tuple[tuple[str, int], ...] = (),
    fx_scale: int | None = None,
    fx_inverse: bool = False,
    summary: bool = False,
    late: Mapping[str, Type] | None = None,
) -> Program:
    """The stages of a plan over facts with the given columns. Raises `Misuse` where the plan means nothing."""
    catalog = Catalog({name: dict(types) for name, types in facts.items()})
    catalog.relations |= {
        "calendar": {"d": DATE, **dict.fromkeys(KINDS, TEXT)},
        "periods": dict(PERIOD_TYPES),
        "windows": dict(WINDOW_TYPES),
        "closure": dict(CLOSURE_TYPES),
    }
    builder = Builder(
        plan,
        Catalog({n: t for n, t in catalog.relations.items() if n in facts}),
        zone_offsets,
        fx_inverse,
        is_lean=summary,
        late=frozenset(late or ()),
    )
    payees_stage(builder)
    builder.catalog.relations |= {n: t for n, t in catalog.relations.items() if n not in facts}
    if late:
        builder.catalog.relations["variants"] = {"variant": TEXT, **late}
    if fx_scale is not None:
        builder.catalog.relations["fx"] = builder.catalog.relations["fx_pay"] = {
            **FX_TYPES,
            "rate": ir.number(fx_scale),
            "per_plan": ir.number(fx_scale),
        }
    return _PlanCompiler(plan, builder, summable(plan)).compile(settle_ids)


@dataclass
class _PlanCompiler:
    plan: Plan
    builder: Builder
    summed: frozenset[str] = frozenset()
    made: dict[str, Made] = field(default_factory=dict)
    outbid: dict[str, tuple[str, str]] = field(default_factory=dict)
    stages_of: dict[str, set[str]] = field(default_factory=dict)

    def compile(self, settle_ids: tuple[str, ...]) -> Program:
        self.rows = PlanRows(
            self.builder, self.plan, shared_nodes(self.plan, self.summed), dated_kinds(self.plan, self.summed)
        )
        order = in_order(self.plan)
        for component in order:
            self._component(component)
            self._combine(component)
        self._measures()
        compile_statement(self.builder, self.plan, self.made, self.rows, settle_ids)
        self.rows.emit()
        return Program(
            self.plan,
            tuple(runnable(self.builder.stages)),
            frozenset(self.builder.windows),
            self.made,
            tuple(c.id for c in order),
            tuple(self.builder.state),
        )

    def _component(self, component: Component) -> None:
        before = {s.name for s in self.builder.stages}
        earlier = {k: v for k, v in self.made.items() if k != component.id}
        try:
            self.made[component.id] = ComponentCompiler(
                self.builder,
                self.plan,
                component,
                self.rows,
                earlier,
                self.outbid.get(component.id),
                component.id in self.summed,
            ).compile()
        except Misuse as error:
            error.add_note(component.id)
            raise
        self.stages_of[component.id] = {s.name for s in self.builder.stages} - before

    def _combine(self, component: Component) -> None:
        """Once all components of a best-of are there, they are compiled again, knowing who is outbid where."""
        for best in self.plan.combine:
            names = [*best.best_of, *([best.otherwise] if best.otherwise else [])]
            if component.id in names and all(name in self.made for name in names):
                relation = outbid_stage(self.builder, best, self.made)
                for name in names:
                    self.outbid[name] = (relation, "_id" if best.per == "row" else "_period")
                    self._set_aside(name)
                    self._component(next(c for c in self.plan.components if c.id == name))

    def _set_aside(self, name: str) -> None:
        """The first pass of a component in a best-of keeps its stages, under other names."""
        fixed = {stage: f"alone_{stage}" for stage in self.stages_of[name] if stage.startswith(f"{name}_")}
        self.builder.stages = [rename(stage, fixed) for stage in self.builder.stages]
        for old, new in fixed.items():
            self.builder.catalog.relations[new] = self.builder.catalog.relations.pop(old)

    def _measures(self) -> None:
        """`measure_<name>`: every measure of the plan, shown per payee and period."""
        for name, measure in self.plan.measures.items():
            kind = measure.every or self.plan.period
            source = self.rows.get(kind, measure.from_)
            earned = {n: m.earned for n, m in self.made.items()}
            cells = Cells(
                self.plan,
                self.builder,
                f"measure_{name}",
                cell_base(self.builder, kind),
                kind,
                source,
                self.rows,
                earned=earned,
            )
            term = cells.measure(name)
            columns = Columns()
            value = columns.keep("_value", term if isinstance(term, Ratio) else Ratio(term), "v")
            keys = {c: self.builder.col(cells.base, c, "c") for c in self.builder.catalog.relations[cells.base]}
            cell = self.builder.stage(
                f"measure_{name}_cell",
                "one row per payee and period",
                Query({**keys, **columns.found}, cells.base, "c", tuple(cells.joins.values())),
                keep=False,
            )
            v = {n: Col(t, n, "v") for n, t in self.builder.catalog.relations[cell].items()}
            shown = ir.mul(value.num, ir.lit(100)) if measure.show == "percent" else value.num
            query = Query(
                {
                    "_payee": v["_payee"],
                    "_period": v["_period"],
                    "_live": v["_live"],
                    "value": Ratio(shown, value.den).decimal(),
                },
                cell,
                "v",
            )
            self.builder.stage(f"measure_{name}", "one row per payee and period", query)


def runnable(stages: list[Stage]) -> list[Stage]:
    """The stages in an order in which every one finds what it reads."""
    by_name = {stage.name: stage for stage in stages}
    done: dict[str, Stage] = {}

    def visit(stage: Stage) -> None:
        if stage.name in done:
            return
        for relation in sorted(reads(stage)):
            if relation in by_name and relation != stage.name:
                visit(by_name[relation])
        done[stage.name] = stage

    for stage in stages:
        visit(stage)
    return list(done.values())


def reads(stage: Stage) -> set[str]:
    """The relations that a stage reads."""
    if isinstance(stage.query, ir.Recursive):
        return {stage.query.relation}
    queries = (stage.query, *stage.query.union)
    return {q.relation for q in queries} | {j.relation for q in queries for j in q.joins}


def in_order(plan: Plan) -> list[Component]:
    """Components after those they name. Raises `Misuse` for a circle."""
    by_id = {c.id: c for c in plan.components}
    done: list[Component] = []
    state: dict[str, str] = {}

    def visit(component: Component) -> None:
        if state.get(component.id) == "open":
            raise Misuse(
                f"the components {', '.join(k for k, v in state.items() if v == 'open')} in a circle",
                "components that can be calculated one after the other",
                "remove one earned(…)",
                "circular",
            )
        if component.id in state:
            return
        state[component.id] = "open"
        for name in named_components(plan, component):
            if name not in by_id:
                raise Misuse(
                    f"the component {name!r} named by {component.id}",
                    f"one of {', '.join(by_id)}",
                    "correct the name",
                    "unknown-component",
                )
            visit(by_id[name])
        state[component.id] = "done"
        done.append(component)

    for component in plan.components:
        visit(component)
    return done


def named_components(plan: Plan, component: Component) -> list[str]:
    """Ids that a component names with earned(…) or follow, also through measures and parameters."""
    nodes = expand(plan, component_nodes(component))
    seen: set[str] = set()
    for node in nodes:
        for word in words(node):
            if str(word) in plan.measures and str(word) not in seen:
                seen.add(str(word))
                nodes += expand(plan, [plan.measures[str(word)].value])
    found = [argument(p) for node in nodes for p in ast.walk(node) if isinstance(p, ast.Call) and p.name == "earned"]
    if component.credit.component:
        found.append(component.credit.component)
    return list(dict.fromkeys(found))


def outbid_stage(builder: Builder, best: BestOf, made: Mapping[str, Made]) -> str:
    """Rows and payees on which a component of a best-of is not the best; `_best`: the size of what the best is worth."""
    name = "outbid_" + "_".join(best.best_of)
    queries = []
    for i, component in enumerate(best.best_of):
        trace = made[component].trace
        t = {c: builder.col(trace, c, "t") for c in ("_id", "_payee", "_period", "exact")}
        unit = {"_id": t["_id"]} if best.per == "row" else {"_id": t["_period"]}
        keys: dict[str, Expr] = {**unit, "_payee": t["_payee"]}
        queries.append(
            Query(
                {**keys, "_component": ir.lit(component), "_place": ir.lit(i), "worth": ir.total(t["exact"])},
                trace,
                "t",
                group_by=tuple(keys.values()),
            )
        )
    scale = max(q.columns["worth"].type.scale for q in queries)
    first, *rest = [_at_scale(q, scale) for q in queries]
    offers = builder.stage(
        f"{name}_offers",
        "one row per row, payee and component",
        Query(first.columns, first.relation, "t", group_by=first.group_by, union=tuple(rest)),
    )
    o = {c: builder.col(offers, c, "o") for c in ("_id", "_payee", "_component", "_place", "worth")}
    size = ir.Op(o["worth"].type, "abs", (o["worth"],))
    unit_of_payee = (o["_id"], o["_payee"])
    rank = ir.Win(ir.number(), "row_number", None, unit_of_payee, ((size, True), (o["_place"], False)))
    best_size = ir.Win(size.type, "max", size, unit_of_payee)
    ranked = builder.stage(
        f"{name}_ranked",
        "one row per row, payee and component",
        Query({**o, "_rank": rank, "_best": best_size}, offers, "o"),
        keep=False,
    )
    r = {c: builder.col(ranked, c, "r") for c in ("_id", "_payee", "_component", "worth", "_rank", "_best")}
    losers = Query(
        {n: r[n] for n in ("_id", "_payee", "_component", "_best")},
        ranked,
        "r",
        where=ir.compare("gt", r["_rank"], ir.ONE),
    )
    others = []
    if best.otherwise:
        paid = ir.both(ir.eq(r["_rank"], ir.ONE), ir.compare("ne", r["worth"], ir.ZERO))
        others.append(Query({**losers.columns, "_component": ir.lit(best.otherwise)}, ranked, "r", where=paid))
    return builder.stage(
        name,
        "one row per row, payee and losing component",
        Query(losers.columns, ranked, "r", where=losers.where, union=tuple(others)),
    )


def _at_scale(query: Query, scale: int) -> Query:
    worth = query.columns["worth"]
    widened = ir.Op(ir.number(scale), "coalesce", (worth,)) if worth.type.scale != scale else worth
    return Query(
        {**query.columns, "worth": widened}, query.relation, query.alias, query.joins, query.where, query.group_by
    )


def rename(stage: Stage, names: Mapping[str, str]) -> Stage:
    """A stage with relations renamed."""
    if isinstance(stage.query, ir.Recursive):
        query: Query | ir.Recursive = ir.Recursive(
            names.get(stage.query.relation, stage.query.relation),
            stage.query.types,
            stage.query.partition,
            stage.query.position,
            stage.query.amount,
            stage.query.limit,
        )
    else:
        query = _rename_query(stage.query, names)
    return Stage(names.get(stage.name, stage.name), stage.grain, query, stage.keep, stage.notes)


def _rename_query(query: Query, names: Mapping[str, str]) -> Query:
    joins = tuple(Join(names.get(j.relation, j.relation), j.alias, j.on, j.how) for j in query.joins)
    union = tuple(_rename_query(q, names) for q in query.union)
    return Query(
        query.columns,
        names.get(query.relation, query.relation),
        query.alias,
        joins,
        query.where,
        query.group_by,
        query.distinct,
        union,
    )
