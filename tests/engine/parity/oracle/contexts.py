"""What an expression is asked about: one row (perhaps credited to somebody), or one partner's period.

The two contexts answer the same questions. A period context that carries a credit (a component with `per: row`) is
asked about row words first, while its aggregates still speak about the whole period.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .calendar import Period
from .exact import Refused
from .expressions import Call, Name, Node, Over, children, free_names, number, value_of
from .facts import ALIASES, MASTER_TABLES, Row
from .rules import Component

if TYPE_CHECKING:
    from .run import Run

POINTERS = {"partner": "partners", "product": "products", "customer": "customers", "deal": "deals"}
PERIOD_HEADS = {"period", "year", "active"}


@dataclass(frozen=True, eq=False)
class Credit:
    """One row credited to one payee."""

    row: Row
    payee: str
    share: Fraction = Fraction(1)
    level: int | None = None
    role: str | None = None
    earned: Fraction | None = None  # `follow`: what the payee earned on the original row
    original: Row | None = None
    row_no: int | None = None

    @property
    def date(self) -> date:
        return self.row.date

    def column(self, name: str) -> Any:
        """A column as credited: amounts and quantities by share."""
        value = self.row.columns.get(ALIASES.get(name, name))
        if name in {"amount", "quantity"} and self.share != 1 and value is not None:
            return Fraction(value) * self.share
        return value


@dataclass(frozen=True)
class Span:
    """The days a period word looks at; `period` is the whole period they are (or begin) in the calendar, if any."""

    start: date
    end: date
    period: Period | None

    @classmethod
    def of(cls, period: Period) -> "Span":
        return cls(period.start, period.end, period)

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end


# --- Does an expression speak about rows? -----------------------------------------------------------------------


def is_about_rows(node: Node, run: "Run", component: Component | None, partner_words: bool = False) -> bool:
    """Whether an expression speaks about one row, so that it is summed where a period value is needed.

    `partner.…` and `payee.…` are words of both kinds; they count as row words only where the caller says so.
    """
    for path in free_names(node):
        head = path[0]
        if head in run.plan.parameters:
            if is_about_rows(run.plan.parameters[head], run, component, partner_words):
                return True
        elif not _is_period_word(path, run, partner_words):
            return True
    return _earned_is_about_rows(node, run, component)


def _is_period_word(path: tuple[str, ...], run: "Run", partner_words: bool) -> bool:
    """Measures, `period.…`, and (where they are not row words) `partner.…`."""
    if path[0] in run.plan.measures or path[0] in PERIOD_HEADS:
        return True
    return path[0] in {"partner", "payee"} and len(path) > 1 and not partner_words


def _earned_is_about_rows(node: Node, run: "Run", component: Component | None) -> bool:
    """`earned(c)` without any aggregate beside it, when `c` reads the rows of the same table."""
    if component is None or _mentions_aggregate(node):
        return False
    return any(
        run.root_table(run.component(name).source) == run.root_table(component.source) for name in _earned_names(node)
    )


def _mentions_aggregate(node: Node) -> bool:
    if isinstance(node, Over) or (isinstance(node, Call) and node.is_aggregate):
        return True
    return any(_mentions_aggregate(child) for child in children(node))


def _earned_names(node: Node) -> list[str]:
    if isinstance(node, Over):
        return []
    if isinstance(node, Call) and node.function == "earned":
        argument = node.arguments[0]
        return [argument.path[0] if isinstance(argument, Name) else str(getattr(argument, "value", ""))]
    return [name for child in children(node) for name in _earned_names(child)]


# --- One row ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RowContext:
    """One row, before or after it is credited."""

    run: "Run"
    row: Row
    component: Component | None = None
    credit: Credit | None = None
    payee: str | None = None
    notes: set[str] = field(default_factory=set)
    asking: "PeriodContext | None" = None  # the period for which the row is looked at

    @property
    def settings(self) -> dict[str, Any]:
        return self.component.settings if self.component else self.run.plan.settings

    @property
    def period(self) -> Period:
        grain = self.component.every if self.component else self.run.plan.period
        return self.run.calendar.period(grain, self.row.date)

    @property
    def original(self) -> Row | None:
        if self.credit is not None and self.credit.original is not None:
            return self.credit.original
        return self.run.original_of(self.row)

    @property
    def as_of(self) -> date:
        """The day whose version of attributes and hierarchy counts."""
        if self.settings["as_of"] == "period_end":
            return self.period.end
        if self.settings["as_of"] == "original" and self.row.returned_id and self.original is not None:
            return self.original.date
        return self.row.date

    def name(self, path: tuple[str, ...]) -> Any:
        head = path[0]
        if len(path) == 1 and head in self.run.plan.parameters:
            return value_of(self.run.plan.parameters[head], self)
        if len(path) == 1 and head in self.run.plan.measures:
            return self._asked().name(path)
        if head in PERIOD_HEADS and len(path) == 2:
            return self._asked().name(path)
        if head == "original":
            return self._of_original(path[1:])
        if len(path) == 2:
            return self._pointed(head, path[1])
        return self._word(head)

    def _of_original(self, path: tuple[str, ...]) -> Any:
        if self.original is None:
            return None
        return RowContext(self.run, self.original, self.component, payee=self.payee, notes=self.notes).name(path)

    def _pointed(self, head: str, column: str) -> Any:
        if head == "payee":
            return self.run.facts.attribute("partners", self.payee, column, self.as_of)
        if head not in POINTERS:
            raise Refused("unknown-word", f"{head}.{column}")
        table = POINTERS[head]
        return self.run.facts.attribute(table, self.row.columns.get(MASTER_TABLES[table]), column, self.as_of)

    def _word(self, name: str) -> Any:
        if name == "is_return":
            return self.row.returned_id is not None
        if self.credit is None:
            return self.row.columns.get(ALIASES.get(name, name))
        if name == "payee":
            return self.payee
        if name in {"level", "role", "share", "row_no", "earned"} and (found := getattr(self.credit, name)) is not None:
            return Fraction(found) if isinstance(found, int) else found
        return self.credit.column(name)

    def aggregate(self, call: Call, window: Over | None) -> Any:
        return self._asked().aggregate(call, window)

    def lookup(self, function: str, name: str, window: Over | None) -> Any:
        if function == "earned" and window is None:
            return self.run.earned_on_row(name, self.row.id)
        if function == "certified" and window is None:
            return self.run.facts.is_certified(self.payee or self.row.partner or "", name, self.as_of)
        return self._asked().lookup(function, name, window)

    def place(self, call: Call) -> Any:
        raise Refused("row-word", "a place is asked of a period")

    def word_over(self, path: tuple[str, ...], window: Over) -> Any:
        return self._asked().word_over(path, window)

    def _asked(self) -> "PeriodContext":
        """The period the row is looked at for: its own, unless an aggregate of another period asks."""
        if self.asking is not None:
            return self.asking
        payee = self.payee or self.row.partner or ""
        return PeriodContext(self.run, self.component, payee, self.period, Span.of(self.period), notes=self.notes)

    def in_list(self, name: str, value: Any) -> bool:
        return self.run.in_list(name, value, self.row.date, self)

    def undefined(self, why: str) -> None:
        self.notes.add(why)

    def local_date(self, timestamp: Any) -> date | None:
        return self.run.facts.local_day(timestamp)


# --- One partner's period ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PeriodContext:
    """A partner's period in a component (or in the plan's measures: component None).

    `span` are the days of its own aggregates (longer than `period` when it accumulates); `given_rows` are set when a
    part of the rows is meant (a group, or the first so many), and `credit` when one row is.
    """

    run: "Run"
    component: Component | None
    payee: str
    period: Period
    span: Span
    group: tuple[Any, ...] | None = None
    given_rows: tuple[Credit, ...] | None = None
    credit: Credit | None = None
    notes: set[str] = field(default_factory=set)
    table: str = "lines"  # for the plan's measures

    @property
    def rows(self) -> Sequence[Credit]:
        if self.given_rows is not None:
            return self.given_rows
        return [credit for credit in self.rows_in(self.span) if self.run.is_in_force(credit.date)]

    def with_rows(self, rows: Sequence[Credit]) -> "PeriodContext":
        return replace(self, given_rows=tuple(rows))

    def rows_in(self, span: Span) -> list[Credit]:
        """The payee's rows of the component (of the group) dated in the span, in business order."""
        rows = [
            credit for credit in self.run.credits_of(self.component, self.payee, self.table) if span.holds(credit.date)
        ]
        if self.group is None or self.component is None:
            return rows
        return [credit for credit in rows if self.run.group_of(self.component, credit) == self.group]

    def row_context(self, credit: Credit) -> RowContext:
        return RowContext(self.run, credit.row, self.component, credit, credit.payee, self.notes, self)

    # --- The questions ------------------------------------------------------------------------------------------

    def name(self, path: tuple[str, ...]) -> Any:
        head = path[0]
        if len(path) == 1 and head in self.run.plan.parameters:
            return value_of(self.run.plan.parameters[head], self)
        if len(path) == 1 and head in self.run.plan.measures:
            return self.run.measure(head, self.payee, self.span, self.period, self.notes)
        if head in PERIOD_HEADS and len(path) == 2:
            return self.run.period_word(path, self.payee, self.period)
        if self.credit is not None:
            return self.row_context(self.credit).name(path)
        if head in {"partner", "payee"} and len(path) == 2:
            return self.run.facts.attribute("partners", self.payee, path[1], self.period.end)
        return self._group_word(path)

    def _group_word(self, path: tuple[str, ...]) -> Any:
        """A word that is the same for all rows of the group, because the group is made by it."""
        columns = self.component.per_columns if self.component else ()
        wanted = path[0] if len(path) == 1 else MASTER_TABLES.get(POINTERS.get(path[0], ""), "")
        names = [ALIASES.get(column, column) for column in columns]
        if ALIASES.get(wanted, wanted) in names and self.rows:
            return self.row_context(self.rows[0]).name(path)
        raise Refused("row-word", f"{'.'.join(path)} speaks about a row where a period is meant")

    def aggregate(self, call: Call, window: Over | None) -> Any:
        rows = self.rows if window is None else self._windowed_rows(window)
        chosen = [self.row_context(credit) for credit in rows]
        if call.where is not None:
            condition = call.where
            chosen = [context for context in chosen if value_of(condition, context) is True]
        if call.function == "count" and not call.arguments:
            return Fraction(len(chosen))
        values = [value_of(call.arguments[0], context) for context in chosen]
        return _AGGREGATES[call.function]([value for value in values if value is not None])

    def _windowed_rows(self, window: Over) -> list[Credit]:
        span = self.window(window)
        return [] if span is None else self.rows_in(span)

    def lookup(self, function: str, name: str, window: Over | None) -> Any:
        span = None if window is None else self.window(window)
        if window is not None and span is None:
            return None
        if function == "earned":
            return self.run.earned_in(name, self.payee, span or self.span)
        if function == "certified":
            return self.run.facts.is_certified(self.payee, name, span.end if span else self.period.end)
        if function == "score":
            return self.run.facts.score(self.payee, name, span.end if span else self.period.end)
        settings = self.component.settings if self.component else self.run.plan.settings
        found = self.run.target(self.payee, name, span or self._target_span, settings["prorate"])
        if found is None:
            self.undefined("missing")
        return found

    def place(self, call: Call) -> Fraction | None:
        """One more than those in the same group who have a larger value; who has no row or no value has no place."""
        value, *groups = call.arguments

        def standing(context: "PeriodContext") -> tuple[Fraction | None, list[Any]]:
            amount = context.amount(value) if context.credit is not None or context.rows else None
            return amount, [value_of(group, context) for group in groups]

        others = [standing(context) for context in self._rivals(value)]
        own, group = standing(self._alone(value))
        if own is None:
            return None
        return Fraction(
            1 + sum(1 for amount, other in others if amount is not None and amount > own and other == group)
        )

    def _alone(self, value: Node) -> "PeriodContext":
        """The payee's own context; of a single row only where the value is the row's."""
        if self.credit is not None and not is_about_rows(value, self.run, self.component):
            return replace(self, credit=None, given_rows=None, notes=set())
        return replace(self, notes=set())

    def _rivals(self, value: Node) -> Iterator["PeriodContext"]:
        own = self._alone(value)
        for payee in self.run.partners:
            rival = replace(own, payee=payee, credit=None, given_rows=None, notes=set())
            if own.credit is None:
                yield rival
            else:
                yield from (replace(rival, credit=credit) for credit in rival.rows)

    @property
    def _target_span(self) -> Span:
        """The whole period the span belongs to: a component that accumulates over the year has the year's target."""
        return Span.of(self.span.period) if self.span.period else self.span

    def word_over(self, path: tuple[str, ...], window: Over) -> Any:
        span = self.window(window)
        if span is None:
            return None
        if path[0] in {"partner", "payee"} and len(path) == 2:
            return self.run.facts.attribute("partners", self.payee, path[1], span.end)
        if len(path) == 1 and path[0] in self.run.plan.measures:
            return self.run.measure(path[0], self.payee, span, span.period or self.period, self.notes)
        if len(path) == 1 and path[0] in self.run.plan.parameters:
            return self.name(path)
        raise Refused("window", f"{'.'.join(path)} over {window.window}")

    def window(self, window: Over) -> Span | None:
        return self.run.window(self.period, window)

    def in_list(self, name: str, value: Any) -> bool:
        return self.run.in_list(name, value, self.period.end, self)

    def undefined(self, why: str) -> None:
        self.notes.add(why)

    def local_date(self, timestamp: Any) -> date | None:
        return self.run.facts.local_day(timestamp)

    # --- Values -------------------------------------------------------------------------------------------------

    def value(self, node: Node) -> Any:
        """The value of an expression for this period: summed over the rows when it speaks about one row."""
        if self.credit is None and is_about_rows(node, self.run, self.component):
            return sum((value or Fraction(0) for value in self.row_values(node)), Fraction(0))
        return value_of(node, self)

    def amount(self, node: Node) -> Fraction | None:
        """`value`, where a number is due."""
        return number(self.value(node))

    def row_values(self, node: Node, rows: Sequence[Credit] | None = None) -> list[Fraction | None]:
        """The value of an expression on each row."""
        chosen = self.rows if rows is None else rows
        return [number(value_of(node, self.row_context(credit))) for credit in chosen]


def _sum(values: list[Any]) -> Fraction:
    return sum((number(value) or Fraction(0) for value in values), Fraction(0))


def _extreme(chosen: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    def extreme(values: list[Any]) -> Any:
        if not values:
            return None
        return chosen([value if isinstance(value, date) else number(value) for value in values])

    return extreme


_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "sum": _sum,
    "count": lambda values: Fraction(len(values)),
    "distinct": lambda values: Fraction(len(set(values))),
    "min": _extreme(min),
    "max": _extreme(max),
}
