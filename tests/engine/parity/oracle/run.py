"""One plan on one set of facts: the rows, the credits, the lookups, all calculated when first asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from . import credit as crediting
from . import payment, posting, rows
from .calendar import Calendar, Period, normal_id
from .contexts import Credit, PeriodContext, RowContext, Span
from .exact import Refused, currency_digits, exact, round_to
from .expressions import Over, compare, holds
from .facts import Facts, Row
from .rules import Component, Measure, Plan, Source


@dataclass
class Run:
    """The state of one calculation. Everything derived is remembered, and asking in a circle is refused."""

    plan: Plan
    facts: Facts
    calendar: Calendar
    problems: set[str] = field(default_factory=set)
    uncredited: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    taken: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    _memory: dict[Any, Any] = field(default_factory=dict)
    _open: set[Any] = field(default_factory=set)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """The remembered answer, or the made one."""
        if key in self._memory:
            return self._memory[key]
        if key in self._open:
            raise Refused("circular", str(key[:2]))
        self._open.add(key)
        try:
            self._memory[key] = make()
        finally:
            self._open.discard(key)
        return self._memory[key]

    def component(self, name: str) -> Component:
        if name not in self.plan.components:
            raise Refused("unknown-component", name)
        return self.plan.components[name]

    @property
    def statement_periods(self) -> list[Period]:
        return self.calendar.between(self.plan.period, *self.plan.valid)

    def component_periods(self, component: Component) -> list[Period]:
        return self.calendar.between(component.every, *self.plan.valid)

    @property
    def partners(self) -> list[str]:
        return self.once(("partners",), self._partners)

    def _partners(self) -> list[str]:
        found = set(self.facts.partners())
        for component in self.plan.components.values():
            found |= {credit.payee for credit in self.credits(component) if credit.payee}
        return sorted(found)

    def is_in_force(self, day: date) -> bool:
        """Whether the plan is valid on the day; rows of other days count only where a window looks at them."""
        return self.plan.valid[0] <= day <= self.plan.valid[1]

    def is_eligible(self, partner: str, period: Period, component: Component | None) -> bool:
        """Whether `who` of the plan and the component holds at the period's end, for somebody without rows."""
        context = PeriodContext(self, component, partner, period, Span.of(period))
        conditions = (*self.plan.who, *(component.who if component else ()))
        try:
            return all(holds(condition.test, context) for condition in conditions)
        except Refused:  # it speaks about rows, and there are none
            return False

    def reject(self, name: str, row_id: str, reason: str) -> None:
        """Say once why a row does not count in a component or source."""
        self.uncredited[row_id].setdefault(name, reason)

    # --- Rows and credits ---------------------------------------------------------------------------------------

    def table(self, name: str) -> list[Row]:
        """The rows of a fact table, in the plan's currency."""
        return self.once(("table", name), lambda: rows.converted(self, name))

    def row_set(self, source: Source) -> list[Row]:
        return self.once(("rows", source.name), lambda: rows.row_set(self, source))

    def root_table(self, source: Source) -> str:
        """The fact table at the bottom of a chain of sources."""
        seen: set[str] = set()
        while source.origin in self.plan.sources:
            if source.origin in seen:
                raise Refused("circular", f"source {source.origin}")
            seen.add(source.origin)
            source = self.plan.sources[source.origin]
        return source.origin

    def original_of(self, row: Row) -> Row | None:
        """The row that a return names."""
        if row.returned_id is None:
            return None
        return next((other for other in self.table(row.table) if other.id == row.returned_id), None)

    def credits(self, component: Component) -> list[Credit]:
        """All credits of a component, of all time, in business order (returns apart when they follow their sale)."""
        return self.once(("credits", component.id), lambda: crediting.credits(self, component))

    def credits_of(self, component: Component | None, payee: str, table: str = "lines") -> list[Credit]:
        if component is None:
            return self.once(("plan rows", table, payee), lambda: self._plan_rows(payee, table))
        by_payee = self.once(("by payee", component.id), lambda: _by_payee(self.credits(component)))
        return by_payee.get(payee, [])

    def _plan_rows(self, payee: str, table: str) -> list[Credit]:
        """What the plan's measures see: all lines (or rows of another table or source) of the partner."""
        found = self.row_set(self.plan.sources[table]) if table in self.plan.sources else self.table(table)
        keep_returns = self.plan.settings["returns"] == "unwind"
        return [
            Credit(row, payee)
            for row in rows.ordered(found, self.plan.settings["order"])
            if row.partner == payee and (keep_returns or row.returned_id is None)
        ]

    def group_of(self, component: Component, credit: Credit) -> tuple[Any, ...]:
        """The group a credit belongs to in a component with `per`."""
        if component.per is None:
            return ()
        if component.per_row:
            return (credit.row.id, credit.level)
        context = RowContext(self, credit.row, component, credit, credit.payee)
        return tuple(context.name(tuple(column.split("."))) for column in component.per_columns)

    # --- Words --------------------------------------------------------------------------------------------------

    def measure(self, name: str, payee: str, span: Span, period: Period, notes: set[str] | None = None) -> Any:
        """A named measure of a partner, in the given span or in the measure's own `every`."""
        measure: Measure = self.plan.measures[name]
        if measure.every is not None:
            period = self.calendar.period(measure.every, period.end)
            span = Span.of(period)
        context = PeriodContext(self, None, payee, period, span, notes=set() if notes is None else notes)
        context = replace(context, table=measure.origin)
        return context.value(measure.value)

    def period_word(self, path: tuple[str, ...], payee: str, period: Period) -> Any:
        """`period.days`, `year.weeks`, `active.months` …"""
        head, word = path
        year = self.calendar.period("year", period.end)
        if head == "active":
            return {"days": self.active_days, "months": self.active_months}[word](payee, period.start, period.end)
        whole = period if head == "period" else year
        words = {
            "days": lambda: Fraction(whole.days),
            "weeks": lambda: whole.weeks,
            "no": lambda: Fraction(whole.no),
            "start": lambda: whole.start,
            "end": lambda: whole.end,
            "id": lambda: whole.id,
            "months": lambda: Fraction(len(self._months(whole.start, whole.end))),
        }
        if word not in words:
            raise Refused("unknown-word", ".".join(path))
        return words[word]()

    def _months(self, start: date, end: date) -> list[Period]:
        """The months that end within the days."""
        return [month for month in self.calendar.between("month", start, end) if month.end <= end]

    def active_days(self, payee: str, start: date, end: date) -> Fraction:
        days = (start + timedelta(days=place) for place in range((end - start).days + 1))
        return Fraction(sum(self.facts.active_on(payee, day) for day in days))

    def active_months(self, payee: str, start: date, end: date) -> Fraction:
        months = self._months(start, end)
        return Fraction(sum(self.facts.active_on(payee, month.end) for month in months))

    def active_share(self, payee: str, start: date, end: date, by: str) -> Fraction:
        """The part of the days (or months) on which the partner is enrolled."""
        if by == "days":
            return self.active_days(payee, start, end) / ((end - start).days + 1)
        if by == "months":
            months = len(self._months(start, end))
            return self.active_months(payee, start, end) / months if months else Fraction(1)
        return Fraction(1)

    def target(self, payee: str, name: str, span: Span, prorate: str) -> Fraction | None:
        """A target: of the very period; else the sum of those inside it; else the shortest that covers its last day."""
        pieces = [
            (start, end, period_id, Fraction(row["amount"]))
            for start, end, period_id, row in self._target_rows(payee, name)
            if row.get("amount") is not None
        ]
        if span.period is not None:
            own = [piece for piece in pieces if piece[2] == span.period.id]
            if own:
                return own[-1][3] * self.active_share(payee, span.start, span.end, prorate)
        inside = [piece for piece in pieces if span.start <= piece[0] and piece[1] <= span.end]
        if inside:
            return sum(
                (amount * self.active_share(payee, start, end, prorate) for start, end, _, amount in inside),
                Fraction(0),
            )
        covering = [piece for piece in pieces if piece[0] <= span.end <= piece[1]]
        if not covering:
            return None
        shortest = min(covering, key=lambda piece: piece[1] - piece[0])
        return shortest[3] * self.active_share(payee, span.start, span.end, prorate)

    def _target_rows(self, payee: str, name: str) -> Iterable[tuple[date, date, str | None, dict[str, Any]]]:
        for row in self.facts.rows("targets"):
            columns = row.columns
            if columns.get("partner_id") != payee or columns.get("target") != name:
                continue
            if columns.get("period") is not None:
                period = self.calendar.by_id(columns["period"])
                if period is None:
                    raise Refused("unknown-period", columns["period"])
                yield period.start, period.end, normal_id(columns["period"]), columns
            else:
                start = columns.get("valid_from") or date.min
                end = columns.get("valid_through")
                if end is None:
                    end = columns["valid_to"] - timedelta(days=1) if columns.get("valid_to") else date.max
                yield start, end, None, columns

    def in_list(self, name: str, value: Any, day: date, context: Any) -> bool:
        """Whether a value is in a dated list on the day."""
        if name not in self.plan.lists:
            raise Refused("unknown-list", name)
        for entry in self.plan.lists[name]:
            starts, ends = entry.get("from"), entry.get("to")
            if (starts is None or starts <= day) and (ends is None or day <= ends):
                candidate = exact(entry["value"])
                if compare("==", value, candidate, context):
                    return True
        return False

    def window(self, period: Period, over: Over) -> Span | None:
        """The days of a window around a period; None where the calendar has no such period."""
        name, calendar = over.window, self.calendar
        year = calendar.period("year", period.end)
        if name in {"year", "quarter", "half_year", "month", "plan"}:
            return Span.of(calendar.period(name, period.end))
        if name in {"year_to_date", "quarter_to_date", "plan_to_date"}:
            whole = calendar.period(name.removesuffix("_to_date"), period.end)
            return Span(whole.start, period.end, None)
        if name == "previous":
            return Span.of(calendar.shifted(period, -1))
        if name == "last":
            return Span(calendar.shifted(period, 1 - over.count).start, period.end, None)
        if name == "previous_year":
            return Span.of(calendar.shifted(year, -1))
        if name == "year_ago":
            before = calendar.year_ago(period)
            return None if before is None else Span.of(before)
        if name == "year_ago_to_date":
            before = calendar.year_ago(period)
            return None if before is None else Span(calendar.shifted(year, -1).start, before.end, None)
        raise Refused("window", name)

    # --- What components pay ------------------------------------------------------------------------------------

    def raw(self, component: Component, period: Period) -> dict[str, list[payment.GroupPay]]:
        """What the rate function, gate and multiplier give, before limits: payee → groups."""
        return self.once(("raw", component.id, period), lambda: payment.raw_payments(self, component, period))

    def posted(self, component: Component, period: Period) -> posting.Posting:
        """The rounded result of a component and period: cents by payee and by row."""
        return self.once(("posted", component.id, period), lambda: posting.post(self, component, period))

    def earned_in(self, name: str, payee: str, span: Span) -> Fraction:
        """What a component earned the payee in periods that end within the span, as posted."""
        component = self.component(name)
        found = Fraction(0)
        for period in self.component_periods(component):
            if span.holds(period.end):
                found += self.posted(component, period).cents.get(payee, Fraction(0))
        return found

    def earned_on_row(self, name: str, row_id: str) -> Fraction:
        """What a component pays on a row, to all payees, as posted."""
        return sum((line.cents for line in self.lines_of(name) if line.row_id == row_id), Fraction(0))

    def lines_of(self, name: str) -> list[posting.Line]:
        """All lines of a component over the whole plan."""
        component = self.component(name)
        return self.once(
            ("lines", name),
            lambda: [
                line for period in self.component_periods(component) for line in self.posted(component, period).lines
            ],
        )

    def to_plan_currency(self, amount: Fraction, currency: str, day: date, settings: dict[str, Any]) -> Fraction | None:
        """An amount in the plan's currency; None when there is no rate."""
        rate = self.facts.exchange_rate(currency, day, settings["fx"] == "plan_rate")
        if rate is None:
            self.problems.add("missing-rate")
            return None
        converted = amount * rate
        if settings["fx_round"] == "row":
            return round_to(converted, currency_digits(self.plan.currency), settings["rounding"])
        return converted


def _by_payee(credits: list[Credit]) -> dict[str, list[Credit]]:
    found: dict[str, list[Credit]] = defaultdict(list)
    for credit in credits:
        found[credit.payee].append(credit)
    return found
