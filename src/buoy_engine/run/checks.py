"""What facts say together: keys, dates, references, rates, sums. One `TableCheck` per table.

Every check is a query on the engine. What comes back is a count and the first twenty rows, in the order of their names.
A table is scanned once for everything that a count can answer, and again only for what is wrong. Which keys, dates
and references a table has is data in `facts.schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from buoy_engine.facts.schemas import SCHEMAS
from buoy_engine.facts.tables import Facts
from buoy_engine.facts.values import LISTED
from buoy_engine.kernel import ir
from buoy_engine.kernel.amounts import UnknownCurrency, minor_digits
from buoy_engine.kernel.ir import DATE, TEXT, Agg, Col, Expr, Join, Query, Win, number
from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.asking import Asking, text_of
from buoy_engine.run.relations import distinct, one
from buoy_engine.spec.model import Plan

FAR_PAST, FAR_FUTURE = date(1, 1, 1), date(9999, 12, 31)
PLAUSIBLE = (date(1900, 1, 1), date(2199, 12, 31))
"""Outside these days a date is a slip of the pen: a calendar of two thousand years would be built for it."""
ONE_DAY = timedelta(days=1)
ROUNDED_SHARE = Decimal("0.000000001")
"""How far shares may be from their whole: three thirds, each kept to twelve decimals, are a whole."""
_DATES = ("valid_from", "valid_to", "valid_through")


@dataclass
class TableCheck(Asking):
    """The checks of one table. `twins`: how many rows repeat another one exactly."""

    twins: int = 0

    def all(self) -> list[Problem]:
        """Everything that is wrong with the table."""
        summary = self._summary()
        if not summary["rows"]:
            return []
        problems = [*self._empty(summary), *self._implausible(summary)]
        problems += [*self._reversed(summary), *self._shares(summary)]
        problems += self._repeated(summary) if self.schema.key else []
        problems += [p for column, table in self.schema.references.items() for p in self._dangling(column, table)]
        problems += [
            *self._returns(),
            *self._currencies(),
            *self._rates(),
            *self._split_sums(),
            *self._targets(summary),
        ]
        return [*problems, *self._outside(summary)]

    def _summary(self) -> dict[str, Any]:
        """One scan for everything that a count can answer."""
        columns: dict[str, Expr] = {"rows": Agg(number(), "count", None)}
        for name in self.schema.required:
            columns[f"empty_{name}"] = Agg(number(), "count", None, ir.is_null(self.col(name)))
        for name in ("date", *_DATES):
            if self.has(name):
                columns |= {
                    f"first_{name}": Agg(DATE, "min", self.day(name)),
                    f"last_{name}": Agg(DATE, "max", self.day(name)),
                }
        if self._spans():
            columns["reversed"] = Agg(number(), "count", None, self._ends_before_it_begins())
        if self.table.name == "splits":
            columns["shares"] = Agg(number(), "count", None, self._share_out_of_range())
        if self.table.name == "targets":
            columns["low"] = Agg(number(), "count", None, ir.compare("le", self.col("amount"), ir.ZERO))
        return one(self.backend, f"_summary_{self.table.name}", Query(columns, self.table.name, "t"))

    # ------------------------------------------------------------ within a row

    def _empty(self, summary: Mapping[str, Any]) -> list[Problem]:
        return [
            self.problem(
                "missing-value",
                self.rows(ir.is_null(self.col(name)), "date", "amount"),
                f"rows without {name}",
                f"every row to have {name}",
                "fill it in, or remove the rows",
                show=("date", "amount"),
            )
            for name in self.schema.required
            if summary[f"empty_{name}"]
        ]

    def _implausible(self, summary: Mapping[str, Any]) -> list[Problem]:
        problems = []
        for name in ("date", "valid_from"):
            low, high = summary.get(f"first_{name}"), summary.get(f"last_{name}")
            if low is None or high is None or (PLAUSIBLE[0] <= low and high <= PLAUSIBLE[1]):
                continue
            day = self.day(name)
            where = ir.either(ir.compare("lt", day, ir.lit(PLAUSIBLE[0])), ir.compare("gt", day, ir.lit(PLAUSIBLE[1])))
            if name != "date":
                where = ir.both(where, ir.compare("ne", day, ir.lit(FAR_PAST))) or where
            if found := self.rows(where, name):
                problems.append(
                    self.problem(
                        "date-implausible",
                        found,
                        f"rows with an odd {name}",
                        f"days from {PLAUSIBLE[0]} to {PLAUSIBLE[1]}",
                        "correct the year",
                        show=(name,),
                    )
                )
        return problems

    def _spans(self) -> bool:
        return self.has("valid_from") and (self.has("valid_to") or self.has("valid_through"))

    def _starts(self, alias: str = "t") -> Expr:
        return ir.coalesce(self.col("valid_from", alias), ir.lit(FAR_PAST))

    def _ends(self, alias: str = "t") -> Expr:
        """The first day on which the row no longer holds."""
        given: list[Expr] = [self.col("valid_to", alias)] if self.has("valid_to") else []
        if self.has("valid_through"):
            given.append(ir.Op(DATE, "add_days", (self.col("valid_through", alias), ir.ONE)))
        return ir.coalesce(*given, ir.lit(FAR_FUTURE))

    def _ends_before_it_begins(self) -> Expr:
        return ir.compare("le", self._ends(), self._starts())

    def _reversed(self, summary: Mapping[str, Any]) -> list[Problem]:
        if not summary.get("reversed"):
            return []
        return [
            self.problem(
                "dates-reversed",
                self.rows(self._ends_before_it_begins(), *_DATES),
                "rows that hold on no day",
                "valid_to after valid_from: it is the first day that no longer counts",
                "correct the dates; if valid_to is meant as the last day, call the column valid_through",
                show=_DATES,
            )
        ]

    def _share_out_of_range(self) -> Expr:
        share = self.col("share")
        return ir.either(ir.compare("lt", share, ir.ZERO), ir.compare("gt", share, ir.ONE))

    def _shares(self, summary: Mapping[str, Any]) -> list[Problem]:
        if not summary.get("shares"):
            return []
        return [
            self.problem(
                "share-range",
                self.rows(self._share_out_of_range(), "share"),
                "shares outside 0 to 1",
                "a share of the whole, from 0 to 1",
                "write 0.5 for 50 %",
                show=("share",),
            )
        ]

    def _targets(self, summary: Mapping[str, Any]) -> list[Problem]:
        if not summary.get("low"):
            return []
        low = ir.compare("le", self.col("amount"), ir.ZERO)
        return [
            self.problem(
                "target-not-positive",
                self.rows(low, "amount"),
                "targets that are not above zero",
                "a target above zero",
                "correct it, or see the setting 'undefined' for what a zero target earns",
                show=("amount",),
                severity=Severity.WARNING,
            )
        ]

    # ------------------------------------------------------------ between rows of the table

    def _repeated(self, summary: Mapping[str, Any]) -> list[Problem]:
        """Identical rows are counted and taken once; rows of one key with different content are a mistake."""
        key = {name: self.col(name) for name in self.schema.key if self.has(name)}
        given = ir.either(*(ir.not_null(column) for column in key.values()))
        counted = self.stage(
            Query(
                {**key, "_n": Agg(number(), "count", None)},
                self.table.name,
                "t",
                where=given,
                group_by=tuple(key.values()),
            )
        )
        again = {name: Col(column.type, name, "k") for name, column in key.items()}
        n = Col(number(), "_n", "k")
        repeated = self.stage(Query({**again, "_n": n}, counted, "k", where=ir.compare("gt", n, ir.ONE)), keep=True)
        total = one(self.backend, f"_repeated_{self.table.name}", Query({"n": ir.total(n)}, repeated, "k"))["n"]
        if not total:
            return []
        on = ir.both(*(ir.same(key[name], again[name]) for name in key))
        assert on is not None
        kinds = Query(
            {name: self.col(name) for name in self.table.types if name != "_row"},
            self.table.name,
            "t",
            (Join(repeated, "k", on, "inner"),),
            distinct=True,
        )
        different = self.stage(kinds, keep=True)
        count = Query({"n": Agg(number(), "count", None)}, different, "t")
        self.twins = int(total) - int(one(self.backend, f"_kinds_{self.table.name}", count)["n"])
        dated = self.schema.dated and any(summary.get(f"first_{name}") for name in _DATES)
        wrong = self._overlaps(different, key) if dated else self._conflicts(different, key)
        return [*self._identical(), *wrong]

    def _identical(self) -> list[Problem]:
        if not self.twins:
            return []
        return [
            Problem(
                code="identical-rows",
                severity=Severity.NOTE,
                where=self.table.name,
                found=f"{self.twins:,} rows that repeat another one exactly; each is counted once",
                expected="every row once",
                fix="nothing to do, unless they are different sales: then give them their own ids",
                params={"count": self.twins},
            )
        ]

    def _conflicts(self, different: str, key: Mapping[str, Col]) -> list[Problem]:
        """Keys that stand for more than one content. The rows themselves are shown for what differs."""
        grouped = self.stage(
            Query({**key, "_n": Agg(number(), "count", None)}, different, "t", group_by=tuple(key.values()))
        )
        again = {name: Col(column.type, name, "k") for name, column in key.items()}
        found = self.first(Query(dict(again), grouped, "k", where=ir.compare("gt", Col(number(), "_n", "k"), ir.ONE)))
        if not found:
            return []
        contents: dict[tuple[Any, ...], list[dict[str, Any]]] = {tuple(r[n] for n in key): [] for r in found.rows}
        shown = {name: Col(column.type, name, "f") for name, column in key.items()}
        on = ir.both(*(ir.same(key[name], shown[name]) for name in key))
        assert on is not None
        columns = {name: self.col(name) for name in self.table.types if name != "_row"}
        rows = self.stage(Query(columns, different, "t", (Join(found.relation, "f", on, "inner"),)))
        for row in self.backend.read(rows):
            contents[tuple(row[name] for name in key)].append(row)
        for row in found.rows:
            row["differs"] = _difference(contents[tuple(row[name] for name in key)])
        return [
            self.problem(
                "duplicate-key",
                found,
                f"keys ({', '.join(key)}) with several rows that differ",
                "one row per key",
                "keep the row that is right; a correction replaces the row, it is not added",
                show=("differs",),
            )
        ]

    def _overlaps(self, different: str, key: Mapping[str, Col]) -> list[Problem]:
        """Rows of one key that begin before an earlier one has ended."""
        spans = self.stage(Query({**key, "_from": self._starts(), "_to": self._ends()}, different, "t"))
        at = {name: Col(column.type, name, "t") for name, column in key.items()}
        begin, end = Col(DATE, "_from", "t"), Col(DATE, "_to", "t")
        so_far = Win(DATE, "max", end, tuple(at.values()), ((begin, False), (end, False)), "before")
        beside = self.stage(Query({**at, "_from": begin, "_to": end, "_so_far": so_far}, spans, "t"))
        earlier = Col(DATE, "_so_far", "t")
        found = self.first(
            Query({**at, "_from": begin, "_so_far": earlier}, beside, "t", where=ir.compare("lt", begin, earlier))
        )
        if not found:
            return []
        for row in found.rows:
            begins = "always" if row["_from"] == FAR_PAST else str(row["_from"])
            row["begins"] = f"{begins}, when another holds {_until(row['_so_far'])}"
        return [
            self.problem(
                "overlapping-dates",
                found,
                f"rows of one {' and '.join(key)} on the same days",
                "one row on every day",
                "end the earlier row on the day on which the later begins: valid_to is not included",
                show=("begins",),
            )
        ]

    # ------------------------------------------------------------ between tables

    def _dangling(self, column: str, table: str) -> list[Problem]:
        """Values that name nothing in a table that is given."""
        if not self.has(column) or table not in self.facts:
            return []
        key = SCHEMAS[table].key[0]
        used = self.stage(
            Query(
                {column: self.col(column), "rows": Agg(number(), "count", None)},
                self.table.name,
                "t",
                where=ir.not_null(self.col(column)),
                group_by=(self.col(column),),
            )
        )
        value, other = Col(TEXT, column, "u"), Col(TEXT, key, "k")
        missing = Query(
            {column: value, "rows": Col(number(), "rows", "u")},
            used,
            "u",
            (Join(table, "k", ir.eq(value, other)),),
            where=ir.is_null(other),
        )
        found = self.first(missing)
        if not found:
            return []
        thing = table.removesuffix("s") if table != "lines" else "sale"
        listed = ", ".join(f"{row[column]} ({int(row['rows']):,} rows)" for row in found.rows)
        more = f" and {found.total - len(found.rows):,} more" if found.total > len(found.rows) else ""
        return [
            Problem(
                code=f"unknown-{thing}",
                severity=Severity.WARNING if thing == "sale" else Severity.BLOCKING,
                where=self.table.name,
                found=f"{found.total:,} {column} that {table} does not have: {listed}{more}",
                expected=f"every {column} to be a {key} of {table}",
                fix=f"add them to {table}, or correct {column}",
                rows=tuple(str(row[column]) for row in found.rows),
                params={"count": found.total},
            )
        ]

    def _returns(self) -> list[Problem]:
        """Returns of a row that is not there: an error where a return takes back what its sale earned."""
        if self.table.name != "lines":
            return []
        sale = Col(TEXT, "id", "s")
        given = self.stage(
            Query(
                {"id": self.col("id"), "returns": self.col("returns")},
                "lines",
                "t",
                where=ir.not_null(self.col("returns")),
            )
        )
        named, back = Col(TEXT, "id", "r"), Col(TEXT, "returns", "r")
        found = self.first(
            Query(
                {"id": named, "returns": back},
                given,
                "r",
                (Join("lines", "s", ir.eq(sale, back)),),
                where=ir.is_null(sale),
            )
        )
        if not found:
            return []
        needed = self.plan is not None and any(
            self.plan.setting("returns", component) == "original" for component in self.plan.components
        )
        return [
            self.problem(
                "return-without-sale",
                found,
                "returns of a row that is not among the lines",
                "returns to be the id of a line",
                "add the sale, or leave returns empty for a plain credit note",
                show=("returns",),
                severity=Severity.BLOCKING if needed else Severity.WARNING,
            )
        ]

    def _currencies(self) -> list[Problem]:
        unknown = []
        for column in ("currency", "to"):
            if self.has(column) and (column != "to" or self.table.name == "rates"):
                unknown += [code for code in distinct(self.backend, self.table, column) if not _is_currency(code)]
        if not unknown:
            return []
        return [
            Problem(
                code="unknown-currency",
                severity=Severity.BLOCKING,
                where=self.table.name,
                found=f"{len(unknown):,} currency codes: {', '.join(repr(c) for c in unknown[:LISTED])}",
                expected="codes of ISO 4217 such as EUR",
                fix="write the code in three capital letters",
                rows=tuple(unknown[:LISTED]),
            )
        ]

    def _rates(self) -> list[Problem]:
        """Rows in another currency than the plan's for whose day no rate is known."""
        if self.plan is None or not self.has("currency", "date", "amount") or self.table.name == "rates":
            return []
        if self.plan.statement.currency == "row":
            return []
        first = first_rates(self.facts, self.plan)
        currency, day = self.col("currency"), self.day("date")
        problems = []
        for code in distinct(self.backend, self.table, "currency"):
            if code == self.plan.currency or first.get(code) == FAR_PAST or not _is_currency(code):
                continue
            before = ir.compare("lt", day, ir.lit(first[code])) if code in first else None
            where = ir.both(ir.eq(currency, ir.lit(code)), before)
            assert where is not None
            if found := self.rows(where, "date"):
                known = f"the first {code} rate is of {first[code]}" if code in first else f"there is no {code} rate"
                problems.append(
                    self.problem(
                        "missing-rate",
                        found,
                        f"rows in {code} without a rate; {known}",
                        f"a rate from {code} to {self.plan.currency} on or before the row's date",
                        "add it to rates",
                        show=("date",),
                    )
                )
        return problems

    def _split_sums(self) -> list[Problem]:
        """Splits of a sale or deal that are not the whole of it."""
        if self.table.name != "splits":
            return []
        source = self.stage(
            Query({n: self.col(n) for n in self.table.types if n != "_row"}, "splits", "t", distinct=True)
        )
        keys = {name: self.col(name) for name in ("sale_id", "deal_id")}
        counts = ir.is_not(ir.coalesce(self.col("overlay"), ir.FALSE))
        share = Agg(self.table.types["share"], "sum", self.col("share"), counts)
        summed = self.stage(Query({**keys, "sum": share}, source, "t", group_by=tuple(keys.values())))
        at = {name: Col(TEXT, name, "k") for name in keys}
        total = Col(share.type, "sum", "k")
        less, more = ir.lit(1 - ROUNDED_SHARE), ir.lit(1 + ROUNDED_SHARE)
        wrong = ir.either(ir.compare("lt", total, less), ir.compare("gt", total, more))
        found = self.first(Query({**at, "sum": total}, summed, "k", where=wrong))
        if not found:
            return []
        return [
            self.problem(
                "split-sum",
                found,
                "sales or deals whose splits are not the whole",
                "shares that add up to exactly 1",
                "correct the shares, or mark an extra credit with overlay true",
                show=("sum",),
            )
        ]

    def _outside(self, summary: Mapping[str, Any]) -> list[Problem]:
        """Rows outside the plan's dates: they earn nothing, though earlier years may be needed for comparison."""
        low, high = summary.get("first_date"), summary.get("last_date")
        if self.plan is None or low is None or high is None or self.table.name == "rates":
            return []
        begin, end = self.plan.valid.from_ or low, self.plan.valid.to or high
        if begin <= low and high <= end:
            return []
        before = Agg(number(), "count", None, ir.compare("lt", self.day("date"), ir.lit(begin)))
        after = Agg(number(), "count", None, ir.compare("gt", self.day("date"), ir.lit(end)))
        count = one(
            self.backend, f"_outside_{self.table.name}", Query({"before": before, "after": after}, self.table.name, "t")
        )
        return [
            Problem(
                code="date-outside-plan",
                severity=Severity.NOTE,
                where=self.table.name,
                found=f"{int(count['before']):,} rows before {begin} and {int(count['after']):,} after {end}",
                expected="rows of the plan's dates",
                fix="nothing, if they are there for comparison; they earn nothing",
                params={"before": int(count["before"]), "after": int(count["after"])},
            )
        ]


def first_rates(facts: Facts, plan: Plan) -> dict[str, date]:
    """Currency → the first day on which it can be converted to the plan's; the first day of all for a plan rate."""
    wanted = plan.setting("fx") == "plan_rate"
    found: dict[str, date] = {}
    for row in facts["rates"].records() if "rates" in facts else ():
        if (row.get("rate_name") == "plan") != wanted:
            continue
        to = row.get("to") or plan.currency
        code = row["currency"] if to == plan.currency else to if row["currency"] == plan.currency else None
        if code is not None:
            found[code] = min(found.get(code, FAR_FUTURE), FAR_PAST if wanted else row.get("date") or FAR_PAST)
    return found


def _is_currency(code: str) -> bool:
    try:
        minor_digits(code)
    except UnknownCurrency:
        return False
    return True


def _difference(rows: Sequence[Mapping[str, Any]]) -> str:
    """What differs between rows of one key: `amount 10.00 or 12.00`."""
    parts = []
    for name in rows[0]:
        values = list(dict.fromkeys(text_of(row[name]) for row in rows))
        if len(values) > 1:
            parts.append(f"{name} {' or '.join(sorted(values)[:3])}")
    return "; ".join(parts)


def _until(end: date) -> str:
    return "without end" if end == FAR_FUTURE else f"until {end - ONE_DAY}"
