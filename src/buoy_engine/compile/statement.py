"""From earnings to statements: posting, payment schedule, draw, minimum, what is carried.

Posting knows closed periods. What a closed period was paid stands in `postings` and is never touched; if its entitlement is
different today, the difference is posted in the first open period, with the period it belongs to.

A statement depends on the one before (debt of a draw, balance carried), so it is one stage per statement period: the loop is in
the list of stages, not in a row loop, and every intermediate state can be read.

    entries          what was posted when, for which period                     one row per payee, component, period, posting period
    instalments      when it is due                                              one row per entry and part
    statement        earned … payable, carried forward                           one row per payee and statement period
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.cells import Cells, PlanRows, cell_base
from buoy_engine.compile.component import Made
from buoy_engine.compile.credit import SHARED_OWNER
from buoy_engine.compile.rows import as_of, dated
from buoy_engine.compile.scope import Misuse, show
from buoy_engine.kernel import ir
from buoy_engine.kernel.amounts import codes_with_digits, minor_digits
from buoy_engine.kernel.ir import BOOL, DATE, Agg, Col, Expr, Join, Query, number
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component, Draw, Instalment, Plan

ENTRY_TYPES = ("_payee", "component", "period", "period_seq", "posted_in", "posted_seq", "amount")
STATEMENT_COLUMNS = (
    "earned",
    "adjusted",
    "held",
    "released",
    "topped_up",
    "recovered",
    "draw_debt",
    "brought_forward",
    "payable",
    "carried_forward",
)


@dataclass
class StatementCompiler:
    """Compiles the statement; `settle_ids` are the statement periods in order, `made` the components."""

    builder: Builder
    plan: Plan
    made: Mapping[str, Made]
    settle_ids: tuple[str, ...]
    rows: PlanRows

    def __post_init__(self) -> None:
        self.digits = minor_digits(self.plan.currency)
        self.mode = self.plan.setting("rounding")

    def compile(self) -> None:
        """All stages of the statement."""
        self._entries()
        self._instalments()
        self._inputs()
        draw = self._draw_amounts()
        self.values = {
            name: self._value(name, node)
            for name, node in (("cap", self.plan.statement.cap), ("minimum", self.plan.statement.minimum))
            if node is not None
        }
        self._states(draw)

    # ------------------------------------------------------------ posting

    def _entries(self) -> None:
        queries = []
        for name, made in self.made.items():
            if not made.pays:
                continue
            e = {c: self.builder.col(made.earned, c, "e") for c in ("_payee", "_settle", "_settle_seq", "amount")}
            queries.append(
                Query(
                    {
                        "_payee": e["_payee"],
                        "component": ir.lit(name),
                        "period": e["_settle"],
                        "period_seq": e["_settle_seq"],
                        "amount": e["amount"],
                    },
                    made.earned,
                    "e",
                    where=ir.compare("ne", e["amount"], ir.ZERO),
                )
            )
        if self.builder.has("adjustments"):
            queries.append(self._adjustments())
        scale = max((q.columns["amount"].type.scale for q in queries), default=self.digits)
        first, *rest = [_widened(q, "amount", scale) for q in queries] or [self._nothing()]
        self.builder.stage(
            "entitled_parts",
            "one row per payee, component and own period",
            Query(first.columns, first.relation, first.alias, first.joins, first.where, union=tuple(rest)),
            keep=False,
        )
        p = {
            c: self.builder.col("entitled_parts", c, "p")
            for c in ("_payee", "component", "period", "period_seq", "amount")
        }
        keys = {c: p[c] for c in ("_payee", "component", "period", "period_seq")}
        own_periods = all(
            (c.every or self.plan.period) == self.plan.period for c in self.plan.components
        ) and not self.builder.has("adjustments")
        query = (
            Query(dict(p), "entitled_parts", "p")
            if own_periods
            else Query({**keys, "amount": ir.total(p["amount"])}, "entitled_parts", "p", group_by=tuple(keys.values()))
        )
        self.builder.stage("entitled", "one row per payee, component and statement period", query, keep=not own_periods)
        self._posted(scale)

    def _nothing(self) -> Query:
        """No entries: a plan all of whose components are only shown."""
        payee = self.builder.col("payees", "partner_id", "p")
        columns: dict[str, Expr] = {
            "_payee": payee,
            "component": ir.lit(""),
            "period": ir.lit(""),
            "period_seq": ir.ZERO,
            "amount": ir.Lit(number(self.digits), ir.ZERO.value),
        }
        return Query(columns, "payees", "p", where=ir.FALSE)

    def _adjustments(self) -> Query:
        a = {c: self.builder.col("adjustments", c, "a") for c in ("partner_id", "date", "amount", "component")}
        k = Join("calendar", "k", ir.eq(self.builder.col("calendar", "d", "k"), a["date"]), "inner")
        p = Join(
            "periods",
            "q",
            ir.both(
                ir.eq(self.builder.col("periods", "kind", "q"), ir.lit(self.plan.period)),
                ir.eq(self.builder.col("periods", "period", "q"), self.builder.col("calendar", self.plan.period, "k")),
            )
            or ir.TRUE,
            "inner",
        )
        return Query(
            {
                "_payee": a["partner_id"],
                "component": ir.coalesce(a["component"], ir.lit("adjustment")),
                "period": self.builder.col("periods", "settle", "q"),
                "period_seq": self.builder.col("periods", "settle_seq", "q"),
                "amount": a["amount"],
            },
            "adjustments",
            "a",
            (k, p),
        )

    def _posted(self, scale: int) -> None:
        """`entries`: open periods as they are; closed ones as posted, and the differences."""
        e = {c: self.builder.col("entitled", c, "e") for c in ("_payee", "component", "period", "period_seq", "amount")}
        if not self.builder.has("postings"):
            columns = {
                "_payee": e["_payee"],
                "component": e["component"],
                "period": e["period"],
                "period_seq": e["period_seq"],
                "posted_in": e["period"],
                "posted_seq": e["period_seq"],
                "amount": e["amount"],
            }
            self.builder.stage(
                "entries", "one row per payee, component and period", Query(columns, "entitled", "e"), keep=False
            )
            return
        closed = self._closed()
        x = {
            c: self.builder.col("postings", c, "x")
            for c in ("partner_id", "component", "period", "posted_in", "amount")
        }
        keys = (x["partner_id"], x["component"], x["period"])
        self.builder.stage(
            "posted_sums",
            "one row per payee, component and closed period",
            Query(
                {"_payee": keys[0], "component": keys[1], "period": keys[2], "amount": ir.total(x["amount"])},
                "postings",
                "x",
                group_by=keys,
            ),
            keep=False,
        )
        s = {c: self.builder.col("posted_sums", c, "s") for c in ("_payee", "component", "period", "amount")}
        is_closed = ir.compare("le", e["period_seq"], self.builder.col(closed, "last_seq", "z"))
        same = ir.both(
            ir.eq(s["_payee"], e["_payee"]), ir.eq(s["component"], e["component"]), ir.eq(s["period"], e["period"])
        )
        z = Join(closed, "z", ir.TRUE, "inner")
        opened = {
            "posted_in": ir.case([(is_closed, self.builder.col(closed, "open_period", "z"))], e["period"]),
            "posted_seq": ir.case([(is_closed, self.builder.col(closed, "open_seq", "z"))], e["period_seq"]),
        }
        amount = ir.sub(e["amount"], ir.coalesce(s["amount"], ir.ZERO))
        now = Query(
            {
                "_payee": e["_payee"],
                "component": e["component"],
                "period": e["period"],
                "period_seq": e["period_seq"],
                **opened,
                "amount": amount,
            },
            "entitled",
            "e",
            (z, Join("posted_sums", "s", same or ir.TRUE)),
            ir.either(ir.is_not(is_closed), ir.compare("ne", amount, ir.ZERO)),
        )
        gone = Query(
            {
                "_payee": s["_payee"],
                "component": s["component"],
                "period": s["period"],
                "period_seq": self.builder.col("periods", "seq", "q"),
                "posted_in": self.builder.col(closed, "open_period", "z"),
                "posted_seq": self.builder.col(closed, "open_seq", "z"),
                "amount": ir.neg(s["amount"]),
            },
            "posted_sums",
            "s",
            (z, self._period_join(s["period"], "q"), Join("entitled", "e", same or ir.TRUE)),
            ir.both(ir.is_null(e["_payee"]), ir.compare("ne", s["amount"], ir.ZERO)),
        )
        before = Query(
            {
                "_payee": x["partner_id"],
                "component": x["component"],
                "period": x["period"],
                "period_seq": self.builder.col("periods", "seq", "q"),
                "posted_in": x["posted_in"],
                "posted_seq": self.builder.col("periods", "seq", "q2"),
                "amount": x["amount"],
            },
            "postings",
            "x",
            (self._period_join(x["period"], "q"), self._period_join(x["posted_in"], "q2")),
        )
        scale = max(scale, amount.type.scale, x["amount"].type.scale)
        first, *rest = [_widened(q, "amount", scale) for q in (now, gone, before)]
        self.builder.stage(
            "entries",
            "one row per payee, component, period and posting period",
            Query(first.columns, first.relation, first.alias, first.joins, first.where, union=tuple(rest)),
        )

    def _period_join(self, period: Expr, alias: str) -> Join:
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", alias), ir.lit(self.plan.period)),
            ir.eq(self.builder.col("periods", "period", alias), period),
        )
        assert on is not None
        return Join("periods", alias, on, "inner")

    def _closed(self) -> str:
        """`closed`: one row: the last closed period and the first open one (fact `closing`, made by the run)."""
        return "closing"

    # ------------------------------------------------------------ when it is due

    def _instalments(self) -> None:
        n = {c: self.builder.col("entries", c, "n") for c in ENTRY_TYPES}
        scheduled = [c for c in self.plan.components if c.payout]
        names = [ir.lit(c.id) for c in scheduled]
        plain = ir.is_not(ir.Op(BOOL, "in", (n["component"], *names))) if names else None
        base = {"_payee": n["_payee"], "component": n["component"], "posted_seq": n["posted_seq"]}
        queries = [Query({**base, "due_seq": n["posted_seq"], "amount": n["amount"]}, "entries", "n", where=plain)]
        for component in scheduled:
            queries += self._schedule(component, n, base)
        scale = max(q.columns["amount"].type.scale for q in queries)
        first, *rest = [_widened(q, "amount", scale) for q in queries]
        self.builder.stage(
            "instalments",
            "one row per entry and part",
            Query(first.columns, first.relation, first.alias, first.joins, first.where, union=tuple(rest)),
            keep=bool(scheduled),
        )

    def _schedule(self, component: Component, n: Mapping[str, Expr], base: Mapping[str, Expr]) -> list[Query]:
        """Parts are differences of the rounded cumulative share, so that they add up."""
        queries: list[Query] = []
        done: Expr = ir.ZERO
        for instalment in component.payout:
            share = self._share(instalment)
            for part in range(1, instalment.parts + 1):
                upto = ir.add(
                    done,
                    ir.div(ir.mul(share, ir.lit(part)), ir.lit(instalment.parts)) if instalment.parts > 1 else share,
                )
                before = (
                    ir.add(done, ir.div(ir.mul(share, ir.lit(part - 1)), ir.lit(instalment.parts)))
                    if part > 1
                    else done
                )
                queries += self._part(component, instalment, part, before, upto, n, base)
            done = ir.add(done, share)
        return queries

    def _share(self, instalment: Instalment) -> Expr:
        node = instalment.share
        if isinstance(node, ast.Number):
            return ir.lit(node.value)
        raise Misuse("a payout share that is not a number", "a share such as 70%", "write the share as a percent")

    def _part(
        self,
        component: Component,
        instalment: Instalment,
        part: int,
        before: Expr,
        upto: Expr,
        n: Mapping[str, Expr],
        base: Mapping[str, Expr],
    ) -> list[Query]:
        def cut(amount: Expr) -> Expr:
            digits = max(self.digits, 0) if component.round.stage != "none" else ir.STORE_SCALE
            return ir.sub(
                ir.round_to(ir.mul(amount, upto), digits, self.mode),
                ir.round_to(ir.mul(amount, before), digits, self.mode),
            )

        mine = ir.eq(n["component"], ir.lit(component.id))
        if instalment.on:
            return self._on_event(component, instalment.on, cut)
        if not instalment.after:
            return [Query({**base, "due_seq": n["posted_seq"], "amount": cut(n["amount"])}, "entries", "n", where=mine)]
        q = self._period_join(n["period"], "q")
        months = ir.lit(instalment.after + part - 1)
        day = ir.Op(DATE, "add_months", (self.builder.col("periods", "start_date", "q"), months))
        k = Join("calendar", "k", ir.eq(self.builder.col("calendar", "d", "k"), day), "inner")
        due = self._period_join(self.builder.col("calendar", self.plan.period, "k"), "d")
        seq = ir.greatest(n["posted_seq"], self.builder.col("periods", "seq", "d"))
        return [Query({**base, "due_seq": seq, "amount": cut(n["amount"])}, "entries", "n", (q, k, due), mine)]

    def _on_event(self, component: Component, column: str, cut: Callable[[Expr], Expr]) -> list[Query]:
        """Cents of the trace's rows, due when the event happened; never, while it has not."""
        trace = self.made[component.id].trace
        if not self.builder.has(trace, column):
            self.builder.col(component.from_, column, "t")
            return []
        t = {c: self.builder.col(trace, c, "t") for c in ("_payee", "_settle_seq", "cents", column)}
        k = Join("calendar", "k", ir.eq(self.builder.col("calendar", "d", "k"), t[column]), "inner")
        due = self._period_join(self.builder.col("calendar", self.plan.period, "k"), "d")
        seq = ir.greatest(t["_settle_seq"], self.builder.col("periods", "seq", "d"))
        return [
            Query(
                {
                    "_payee": t["_payee"],
                    "component": ir.lit(component.id),
                    "posted_seq": t["_settle_seq"],
                    "due_seq": seq,
                    "amount": cut(t["cents"]),
                },
                trace,
                "t",
                (k, due),
            )
        ]

    # ------------------------------------------------------------ per payee and statement period

    def _inputs(self) -> None:
        n = {c: self.builder.col("entries", c, "n") for c in ("_payee", "period_seq", "posted_seq", "amount")}
        own = ir.eq(n["period_seq"], n["posted_seq"])
        keys = {"_payee": n["_payee"], "seq": n["posted_seq"]}
        is_adjustment = ir.eq(self.builder.col("entries", "component", "n"), ir.lit("adjustment"))
        earned = ir.both(own, ir.is_not(is_adjustment))
        assert earned is not None
        self.builder.stage(
            "posted_per_period",
            "one row per payee and statement period",
            Query(
                {**keys, "earned": ir.total(n["amount"], earned), "adjusted": ir.total(n["amount"], ir.is_not(earned))},
                "entries",
                "n",
                group_by=tuple(keys.values()),
            ),
        )
        i = {c: self.builder.col("instalments", c, "i") for c in ("_payee", "posted_seq", "due_seq", "amount")}
        at_once = ir.eq(i["posted_seq"], i["due_seq"])
        due = {"_payee": i["_payee"], "seq": i["due_seq"]}
        self.builder.stage(
            "due_per_period",
            "one row per payee and statement period",
            Query(
                {
                    **due,
                    "at_once": ir.total(i["amount"], at_once),
                    "released": ir.total(i["amount"], ir.is_not(at_once)),
                },
                "instalments",
                "i",
                group_by=tuple(due.values()),
            ),
        )

    def _draw_amounts(self) -> str | None:
        """`draw_amounts`: payee × statement period in which the draw's period ends: the amount; prorated as targets are."""
        draw = self.plan.statement.draw
        if draw is None:
            return None
        kind = draw.every or self.plan.period
        base = cell_base(self.builder, kind)
        source = self.rows.get(kind, "lines")
        earned = {name: made.earned for name, made in self.made.items()}
        cells = Cells(self.plan, self.builder, "draw", base, kind, source, self.rows, earned=earned)
        amount: Expr = cells.number(draw.amount).decimal()
        if self.plan.setting("prorate") != "none":
            unit = self.plan.setting("prorate")
            amount = ir.div(
                ir.mul(amount, cells.active(unit)), self.builder.col(base, f"_{unit}", "c"), self.digits, self.mode
            )
        conditions = [ir.holds(self.builder.col(base, "_live", "c"))]
        if self.builder.has("assignments"):
            conditions.append(ir.compare("gt", cells.active("days"), ir.ZERO))
        if draw.who is not None:
            conditions.append(ir.holds(cells.condition(draw.who)))
        b = {c: self.builder.col(base, c, "c") for c in ("_payee", "_settle_seq", "_start_date")}
        query = Query(
            {"_payee": b["_payee"], "last_seq": b["_settle_seq"], "start_date": b["_start_date"], "amount": amount},
            base,
            "c",
            tuple(cells.joins.values()),
            ir.both(*conditions),
        )
        return self.builder.stage("draw_amounts", "one row per payee and draw period", query)

    def _value(self, name: str, node: ast.Node) -> Expr | str:
        """A number of the statement: a constant, or a relation with its value per payee and statement period."""
        if not list(ast.walk(node))[1:] and (isinstance(node, ast.Number) or str(node) in self.plan.parameters):
            return self._constant(node)
        base = cell_base(self.builder, self.plan.period)
        earned = {n: made.earned for n, made in self.made.items()}
        cells = Cells(
            self.plan,
            self.builder,
            name,
            base,
            self.plan.period,
            self.rows.get(self.plan.period, "lines"),
            self.rows,
            earned=earned,
        )
        value = cells.number(node).decimal()
        keys = {"_payee": self.builder.col(base, "_payee", "c"), "_seq": self.builder.col(base, "_seq", "c")}
        return self.builder.stage(
            f"statement_{name}",
            "one row per payee and statement period",
            Query({**keys, "value": value}, base, "c", tuple(cells.joins.values())),
        )

    def _states(self, draw: str | None) -> None:
        previous: str | None = None
        states = []
        for period in self.settle_ids:
            previous = self._state(period, previous, draw)
            states.append(previous)
        if not states:
            return
        queries = []
        for name in states:
            columns = {c: self.builder.col(name, c, "s") for c in ("_payee", "period", "seq", *STATEMENT_COLUMNS)}
            queries.append(Query(columns, name, "s"))
        widest = {c: max(q.columns[c].type.scale for q in queries) for c in STATEMENT_COLUMNS}
        for column, scale in widest.items():
            queries = [_widened(q, column, scale) for q in queries]
        first, *rest = queries
        self.builder.stage(
            "statement_all",
            "one row per payee and statement period",
            Query(first.columns, first.relation, "s", union=tuple(rest)),
            keep=False,
        )
        self._paid_in()

    def _state(self, period: str, previous: str | None, draw: str | None) -> str:
        """One statement period for all payees, from the state of the one before."""
        b, n = self.builder, f"state_{len([s for s in self.builder.stages if s.name.startswith('state_')]) + 1}"
        joins = [self._at(period)]
        seq = b.col("periods", "seq", "q")
        joins.append(
            Join(
                "posted_per_period",
                "x",
                ir.both(
                    ir.eq(b.col("posted_per_period", "_payee", "x"), b.col("payees", "partner_id", "p")),
                    ir.eq(b.col("posted_per_period", "seq", "x"), seq),
                )
                or ir.TRUE,
            )
        )
        joins.append(
            Join(
                "due_per_period",
                "d",
                ir.both(
                    ir.eq(b.col("due_per_period", "_payee", "d"), b.col("payees", "partner_id", "p")),
                    ir.eq(b.col("due_per_period", "seq", "d"), seq),
                )
                or ir.TRUE,
            )
        )
        earned, adjusted = (
            zero(b.col("posted_per_period", "earned", "x")),
            zero(b.col("posted_per_period", "adjusted", "x")),
        )
        at_once, released = (
            zero(b.col("due_per_period", "at_once", "d")),
            zero(b.col("due_per_period", "released", "d")),
        )
        opening: dict[str, Expr] = {
            "carried": ir.ZERO,
            "debt": ir.ZERO,
            "credit": ir.ZERO,
            "so_far": ir.ZERO,
            "advanced": ir.ZERO,
        }
        if previous is not None:
            joins.append(Join(previous, "s", ir.eq(b.col(previous, "_payee", "s"), b.col("payees", "partner_id", "p"))))
            opening = {
                "carried": zero(b.col(previous, "carried_forward", "s")),
                "debt": zero(b.col(previous, "draw_debt", "s")),
                **{c: zero(b.col(previous, f"_{c}", "s")) for c in ("credit", "so_far", "advanced")},
            }
        elif b.has("balances"):
            opening |= {"carried": self._balance("carried", "o1", joins), "debt": self._balance("draw", "o2", joins)}
        columns: dict[str, Expr] = {
            "_payee": b.col("payees", "partner_id", "p"),
            "period": ir.lit(period),
            "seq": seq,
            "_end": b.col("periods", "end_date", "q"),
            "_last_day": b.col("periods", "last_day", "q"),
            "earned": earned,
            "adjusted": adjusted,
            "held": ir.sub(ir.add(earned, adjusted), at_once),
            "released": released,
            "_net": ir.add(at_once, released),
            **{f"_open_{k}": v for k, v in opening.items()},
        }
        if draw is not None:
            g = {c: b.col(draw, c, "g") for c in ("_payee", "last_seq", "start_date", "amount")}
            inside = ir.both(
                ir.eq(g["_payee"], b.col("payees", "partner_id", "p")),
                ir.compare("le", g["start_date"], b.col("periods", "last_day", "q")),
                ir.compare("ge", g["last_seq"], seq),
            )
            joins.append(Join(draw, "g", inside or ir.TRUE))
            first = ir.compare("ge", g["start_date"], b.col("periods", "start_date", "q"))
            columns |= {
                "_draw": zero(g["amount"]),
                "_draw_last": ir.either(ir.is_null(g["last_seq"]), ir.eq(g["last_seq"], seq)),
                "_draw_first": ir.either(ir.is_null(g["last_seq"]), first),
            }
        for name, value in self.values.items():
            if isinstance(value, str):
                on = ir.both(
                    ir.eq(b.col(value, "_payee", name), b.col("payees", "partner_id", "p")),
                    ir.eq(b.col(value, "_seq", name), seq),
                )
                joins.append(Join(value, name, on or ir.TRUE))
                columns[f"_{name}"] = b.col(value, "value", name)
        if self._needs_final():
            columns["_final"] = self._final(joins)
        somebody = ir.compare("ne", b.col("payees", "partner_id", "p"), ir.lit(SHARED_OWNER))
        query = Query(columns, "payees", "p", tuple(joins), somebody)
        given = b.stage(f"{n}_in", "one row per payee", query, keep=False)
        return self._settled(given, n)

    def _at(self, period: str) -> Join:
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", "q"), ir.lit(self.plan.period)),
            ir.eq(self.builder.col("periods", "period", "q"), ir.lit(period)),
        )
        assert on is not None
        return Join("periods", "q", on, "inner")

    def _balance(self, account: str, alias: str, joins: list[Join]) -> Expr:
        name = f"opening_{account}"
        if not self.builder.has(name):
            o = {c: self.builder.col("balances", c, "o") for c in ("partner_id", "account", "amount")}
            self.builder.stage(
                name,
                "one row per payee",
                Query(
                    {"_payee": o["partner_id"], "amount": ir.total(o["amount"])},
                    "balances",
                    "o",
                    where=ir.eq(o["account"], ir.lit(account)),
                    group_by=(o["partner_id"],),
                ),
                keep=False,
            )
        joins.append(
            Join(
                name,
                alias,
                ir.eq(self.builder.col(name, "_payee", alias), self.builder.col("payees", "partner_id", "p")),
            )
        )
        return ir.coalesce(self.builder.col(name, "amount", alias), ir.ZERO)

    def _needs_final(self) -> bool:
        return self.plan.statement.minimum is not None and self.builder.has("assignments")

    def _final(self, joins: list[Join]) -> Expr:
        """Whether the partner's enrolment has ended by the period's end."""
        if not self.builder.has("enrolled_until"):
            relation = dated(self.builder, "assignments")
            a = {c: self.builder.col(relation, c, "a") for c in ("partner_id", "valid_to")}
            self.builder.stage(
                "enrolled_until",
                "one row per partner",
                Query(
                    {"_payee": a["partner_id"], "until": Agg(DATE, "max", a["valid_to"])},
                    relation,
                    "a",
                    group_by=(a["partner_id"],),
                ),
                keep=False,
            )
        joins.append(
            Join(
                "enrolled_until",
                "u",
                ir.eq(self.builder.col("enrolled_until", "_payee", "u"), self.builder.col("payees", "partner_id", "p")),
            )
        )
        return ir.holds(
            ir.compare(
                "le", self.builder.col("enrolled_until", "until", "u"), self.builder.col("periods", "end_date", "q")
            )
        )

    def _settled(self, given: str, name: str) -> str:
        """Draw, cap, minimum and carry of one statement period."""
        types = self.builder.catalog.relations[given]
        c = {n: Col(t, n, "s") for n, t in types.items()}
        draw = self._draw_step(c)
        net = ir.sub(ir.add(c["_net"], draw["topped_up"]), draw["recovered"])
        statement = self.plan.statement
        if statement.cap is not None:
            net = ir.least(net, self._of("cap", c))
        columns = {
            n: c[n] for n in ("_payee", "period", "seq", "_last_day", "earned", "adjusted", "held", "released")
        } | draw
        columns |= {"brought_forward": c["_open_carried"], "_balance": ir.add(c["_open_carried"], net)}
        columns |= {n: c[n] for n in ("_final", "_minimum") if n in c}
        balanced = self.builder.stage(f"{name}_balance", "one row per payee", Query(columns, given, "s"), keep=False)
        s = {n: Col(t, n, "s") for n, t in self.builder.catalog.relations[balanced].items()}
        payable = self._payable(s)
        left = ir.sub(s["_balance"], payable)
        if statement.negative == "zero":
            left = ir.greatest(ir.ZERO, left)
        kept = {n: e for n, e in s.items() if n not in ("_balance", "_final", "_minimum")}
        return self.builder.stage(
            name, "one row per payee", Query({**kept, "payable": payable, "carried_forward": left}, balanced, "s")
        )

    def _of(self, name: str, columns: Mapping[str, Expr]) -> Expr:
        value = self.values[name]
        return columns[f"_{name}"] if isinstance(value, str) else value

    def _constant(self, node: ast.Node) -> Expr:
        while isinstance(node, ast.Name) and str(node) in self.plan.parameters:
            node = self.plan.parameters[str(node)].value
        if isinstance(node, ast.Number):
            return ir.lit(node.value)
        raise Misuse(f"{show(node)} in the statement", "a number or a parameter", "write the amount as a number")

    def _payable(self, s: Mapping[str, Expr]) -> Expr:
        statement = self.plan.statement
        if statement.negative == "pay":
            return s["_balance"]
        positive = ir.greatest(ir.ZERO, s["_balance"])
        if statement.minimum is None:
            return positive
        enough = ir.compare("ge", s["_balance"], self._of("minimum", s))
        if "_final" in s:
            enough = ir.either(enough, s["_final"])
        return ir.case([(enough, positive)], ir.ZERO)

    def _draw_step(self, c: Mapping[str, Expr]) -> dict[str, Expr]:
        """topped_up, recovered, draw_debt and the state of the draw. See `docs/algorithms/draws.md`."""
        draw = self.plan.statement.draw
        zero = ir.Lit(number(self.digits), ir.ZERO.value)
        if draw is None:
            share = ir.ONE
            repay = ir.least(c["_open_debt"], ir.greatest(ir.ZERO, ir.mul(share, c["_net"])))
            return {
                "topped_up": zero,
                "recovered": repay,
                "draw_debt": ir.sub(c["_open_debt"], repay),
                "_credit": zero,
                "_so_far": zero,
                "_advanced": zero,
            }
        so_far = ir.add(ir.case([(c["_draw_first"], ir.ZERO)], c["_open_so_far"]), c["_net"])
        guarantee: Expr = c["_draw"]
        if draw.cumulative:
            guarantee = ir.greatest(ir.ZERO, ir.sub(guarantee, c["_open_credit"]))
        step = self._draw_at_end if draw.paid == "end" else self._draw_at_start
        return step(draw, c, so_far, guarantee)

    def _draw_at_end(self, draw: Draw, c: Mapping[str, Expr], so_far: Expr, guarantee: Expr) -> dict[str, Expr]:
        last = c["_draw_last"]
        draws = ir.both(last, ir.compare("gt", guarantee, ir.ZERO)) or last
        short = ir.case([(draws, ir.greatest(ir.ZERO, ir.sub(guarantee, so_far)))], ir.ZERO)
        excess = ir.case([(last, ir.greatest(ir.ZERO, ir.sub(so_far, guarantee)))], ir.ZERO)
        repay = (
            ir.least(c["_open_debt"], ir.round_to(ir.mul(excess, self._constant(draw.recover)), self.digits, self.mode))
            if draw.recoverable
            else ir.Lit(number(self.digits), ir.ZERO.value)
        )
        debt = ir.sub(ir.add(c["_open_debt"], short), repay) if draw.recoverable else c["_open_debt"]
        credit = ir.case([(last, excess)], c["_open_credit"]) if draw.cumulative else ir.ZERO
        return {
            "topped_up": short,
            "recovered": repay,
            "draw_debt": debt,
            "_credit": credit,
            "_so_far": so_far,
            "_advanced": ir.ZERO,
        }

    def _draw_at_start(self, draw: Draw, c: Mapping[str, Expr], so_far: Expr, guarantee: Expr) -> dict[str, Expr]:
        """Paid at the beginning; earnings fill it first, only what is above is paid."""
        first, last = c["_draw_first"], c["_draw_last"]
        advanced = ir.case([(first, guarantee)], c["_open_advanced"])
        before = ir.sub(so_far, c["_net"])
        filled = ir.sub(ir.clamp(so_far, ir.ZERO, advanced), ir.clamp(before, ir.ZERO, advanced))
        topped = ir.case([(first, guarantee)], ir.ZERO)
        short = ir.case([(last, ir.sub(advanced, ir.clamp(so_far, ir.ZERO, advanced)))], ir.ZERO)
        excess = ir.greatest(ir.ZERO, ir.sub(c["_net"], filled))
        repay = (
            ir.least(c["_open_debt"], ir.round_to(ir.mul(excess, self._constant(draw.recover)), self.digits, self.mode))
            if draw.recoverable
            else ir.Lit(number(self.digits), ir.ZERO.value)
        )
        debt = ir.sub(ir.add(c["_open_debt"], short), repay) if draw.recoverable else c["_open_debt"]
        return {
            "topped_up": topped,
            "recovered": ir.add(filled, repay),
            "draw_debt": debt,
            "_credit": ir.ZERO,
            "_so_far": so_far,
            "_advanced": advanced,
        }

    # ------------------------------------------------------------ in the partner's currency

    def _paid_in(self) -> None:
        """`statement`: with the amount in the currency it is paid in."""
        b = self.builder
        s = {c: b.col("statement_all", c, "s") for c in b.catalog.relations["statement_all"]}
        joins = [self._seq_join(s["seq"])]
        day = b.col("periods", "last_day", "q")
        plan_currency = ir.lit(self.plan.currency)
        wanted = self.plan.statement.currency
        currency: Expr = plan_currency if wanted in (None, "plan") else ir.lit(wanted)
        if wanted == "partner":
            currency = plan_currency
            if b.has("partners", "currency"):
                joins.append(as_of(b, "partners", "c", s["_payee"], day))
                currency = ir.coalesce(b.col(dated(b, "partners"), "currency", "c"), plan_currency)
        amount: Expr = s["payable"]
        if b.has("fx_pay") and wanted is not None:
            joins.append(self._rate_join("f", currency, day))
            exact = self._converted(s["payable"], "f")
            if (
                self.plan.setting("reversal_rate") == "original"
                and (gain := self._reversal_gain(joins, currency, s)) is not None
            ):
                exact = ir.add(exact, gain)
            branches = [(self._has_digits(currency, d), ir.round_to(exact, d, self.mode)) for d in (0, 3)]
            amount = ir.case(
                [(ir.eq(currency, plan_currency), s["payable"]), *branches], ir.round_to(exact, 2, self.mode)
            )
        b.stage(
            "statement",
            "one row per payee and statement period",
            Query({**s, "currency": currency, "paid_amount": amount}, "statement_all", "s", tuple(joins)),
        )

    def _rate_join(self, alias: str, currency: Expr, day: Expr) -> Join:
        b = self.builder
        return Join(
            "fx_pay",
            alias,
            ir.both(ir.eq(b.col("fx_pay", "currency", alias), currency), ir.eq(b.col("fx_pay", "d", alias), day))
            or ir.TRUE,
        )

    def _converted(self, amount: Expr, alias: str) -> Expr:
        """An amount of plan currency in the currency of a rate, to twelve decimals."""
        divided = ir.div(amount, self.builder.col("fx_pay", "rate", alias))
        if not self.builder.fx_inverse:
            return divided
        per_plan = self.builder.col("fx_pay", "per_plan", alias)
        return ir.case([(ir.not_null(per_plan), ir.mul(amount, per_plan))], divided)

    def _reversal_gain(self, joins: list[Join], currency: Expr, s: Mapping[str, Expr]) -> Expr | None:
        """What reversals are worth at the rate of the statement that paid the original, less at today's."""
        b = self.builder
        queries = []
        for name, made in self.made.items():
            if made.pays and b.has(made.trace, "_reverses"):
                t = {c: b.col(made.trace, c, "t") for c in ("_payee", "_settle_seq", "_reverses", "cents")}
                queries.append(
                    Query(
                        {
                            "_payee": t["_payee"],
                            "seq": t["_settle_seq"],
                            "reverses": t["_reverses"],
                            "cents": t["cents"],
                            "component": ir.lit(name),
                        },
                        made.trace,
                        "t",
                        where=ir.not_null(t["_reverses"]),
                    )
                )
        if not queries:
            return None
        scale = max(q.columns["cents"].type.scale for q in queries)
        first, *rest = [_widened(q, "cents", scale) for q in queries]
        b.stage(
            "reversals",
            "one row per row that takes back",
            Query(first.columns, first.relation, "t", where=first.where, union=tuple(rest)),
            keep=False,
        )
        return self._gain_stage(joins, currency, s)

    def _gain_stage(self, joins: list[Join], currency: Expr, s: Mapping[str, Expr]) -> Expr:
        b = self.builder
        r = {c: b.col("reversals", c, "r") for c in ("_payee", "seq", "reverses", "cents")}
        inner: list[Join] = [self._period_join(r["reverses"], "q"), self._seq_join(r["seq"], "now")]
        paid_in: Expr = currency
        if self.plan.statement.currency == "partner" and b.has("partners", "currency"):
            inner.append(as_of(b, "partners", "c", r["_payee"], b.col("periods", "last_day", "now")))
            paid_in = ir.coalesce(b.col(dated(b, "partners"), "currency", "c"), ir.lit(self.plan.currency))
        inner += [
            self._rate_join("f0", paid_in, b.col("periods", "last_day", "q")),
            self._rate_join("f1", paid_in, b.col("periods", "last_day", "now")),
        ]
        gain = ir.sub(self._converted(r["cents"], "f0"), self._converted(r["cents"], "f1"))
        keys = (r["_payee"], r["seq"])
        b.stage(
            "reversal_gains",
            "one row per payee and statement period",
            Query(
                {"_payee": keys[0], "seq": keys[1], "gain": ir.total(gain)},
                "reversals",
                "r",
                tuple(inner),
                group_by=keys,
            ),
        )
        joins.append(
            Join(
                "reversal_gains",
                "v",
                ir.both(
                    ir.eq(b.col("reversal_gains", "_payee", "v"), s["_payee"]),
                    ir.eq(b.col("reversal_gains", "seq", "v"), s["seq"]),
                )
                or ir.TRUE,
            )
        )
        return ir.coalesce(b.col("reversal_gains", "gain", "v"), ir.ZERO)

    def _seq_join(self, seq: Expr, alias: str = "q") -> Join:
        on = ir.both(
            ir.eq(self.builder.col("periods", "kind", alias), ir.lit(self.plan.period)),
            ir.eq(self.builder.col("periods", "seq", alias), seq),
        )
        assert on is not None
        return Join("periods", alias, on, "inner")

    def _has_digits(self, currency: Expr, digits: int) -> Expr:
        return ir.Op(BOOL, "in", (currency, *(ir.lit(code) for code in codes_with_digits(digits))))


def zero(value: Expr) -> Expr:
    """The value, or 0."""
    return ir.coalesce(value, ir.ZERO)


def _widened(query: Query, column: str, scale: int) -> Query:
    """The query with a number at the scale of its union."""
    value = query.columns[column]
    if value.type.scale == scale:
        return query
    widened = ir.Op(number(scale), "coalesce", (value, ir.Lit(number(scale), ir.ZERO.value)))
    return Query(
        {**query.columns, column: widened},
        query.relation,
        query.alias,
        query.joins,
        query.where,
        query.group_by,
        query.distinct,
        query.union,
    )
