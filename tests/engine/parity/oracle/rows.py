"""Which rows count: currency, dates, where, once_per, take, new columns. A row that does not count has a reason."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import partial
from math import floor
from typing import TYPE_CHECKING, Any

from .contexts import RowContext
from .exact import Refused, text_of
from .expressions import Node, free_names, holds, number, value_of
from .facts import ALIASES, Row
from .rules import DEFAULT_ORDER, Condition, Source, Take

if TYPE_CHECKING:
    from .run import Run

AFTER_CREDIT = {"level", "role", "share", "payee", "row_no", "earned"}


def converted(run: "Run", table: str) -> list[Row]:
    """The rows of a table with `amount` in the plan's currency."""
    found = []
    for row in run.facts.rows(table):
        currency, amount = row.columns.get("currency"), row.columns.get("amount")
        if currency in (None, run.plan.currency) or amount is None:
            found.append(row)
            continue
        in_plan = run.to_plan_currency(Fraction(amount), currency, row.date, run.plan.settings)
        if in_plan is None:
            run.reject(table, row.id, "no_rate")
            continue
        found.append(row.with_columns({"amount": in_plan}))
    return found


def ordered(rows: Sequence[Row], order: Any) -> list[Row]:
    """Rows in business order: by the columns given, nulls first, `-column` descending, ties by id."""
    columns = DEFAULT_ORDER if order == "pro_rata_day" else [str(column) for column in _listed(order)]
    result = sorted(rows, key=lambda row: row.id)
    for column in reversed(columns):
        name = ALIASES.get(column.lstrip("-"), column.lstrip("-"))
        result.sort(key=partial(_sort_key, column=name), reverse=column.startswith("-"))
    return result


def _listed(order: Any) -> Iterable[Any]:
    return order if isinstance(order, list | tuple) else [order]


def _sort_key(row: Row, column: str) -> tuple[int, Any]:
    value = row.date if column == "date" else row.columns.get(column)
    return (0, 0) if value is None else (1, text_of(value) if isinstance(value, str) else value)


def row_set(run: "Run", source: Source) -> list[Row]:
    """The rows of a source or component that count, in business order."""
    if source.origin in run.plan.sources:
        origin = run.plan.sources[source.origin]
        found = run.row_set(origin)
    else:
        found = run.table(source.origin)
    _inherit_reasons(run, source)
    component = run.plan.components.get(source.name)
    settings = component.settings if component else run.plan.settings
    found = ordered(found, settings["order"])
    found = [row for row in found if _in_dates(run, source, row) and _passes(run, source, row)]
    found = _once(run, source, found)
    if source.take is not None:
        found = _taken(run, source, source.take, found)
    return [_with_new_columns(run, source, row) for row in found]


def _inherit_reasons(run: "Run", source: Source) -> None:
    """A row that the source below refused is refused here for the same reason."""
    for row_id, reasons in list(run.uncredited.items()):
        if source.origin in reasons:
            run.reject(source.name, row_id, reasons[source.origin])


def _in_dates(run: "Run", source: Source, row: Row) -> bool:
    first, last = source.dates
    if (first is None or first <= row.date) and (last is None or row.date <= last):
        return True
    run.reject(source.name, row.id, "outside_dates")
    return False


def waits_for_credit(condition: Condition, follows: bool) -> bool:
    """Whether a condition speaks about words that a row has only once it is credited."""
    heads = {path[0] for path in free_names(condition.test)}
    return bool(heads & AFTER_CREDIT) or (follows and "original" in heads)


def _passes(run: "Run", source: Source, row: Row) -> bool:
    component = run.plan.components.get(source.name)
    follows = component is not None and component.credit.kind == "follow"
    for condition in source.where:
        if waits_for_credit(condition, follows):
            continue
        if not holds(condition.test, RowContext(run, row, component)):
            run.reject(source.name, row.id, condition.reason)
            return False
    return True


def _once(run: "Run", source: Source, rows: list[Row]) -> list[Row]:
    """The first row of every key."""
    if not source.once_per:
        return rows
    winners: dict[tuple[Any, ...], Row] = {}
    kept = []
    for row in rows:
        key = tuple(value_of(node, RowContext(run, row)) for node in source.once_per)
        if None in key or winners.setdefault(key, row) is row:
            kept.append(row)
        else:
            same = winners[key].partner == row.partner
            run.reject(source.name, row.id, "duplicate" if same else "conflict")
    return kept


def _taken(run: "Run", source: Source, take: Take, rows: list[Row]) -> list[Row]:
    """The rows with their column cut so that the running total of every group stays within the allowance."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in ordered(rows, take.order) if take.order else rows:
        context = RowContext(run, row)
        key = (row.partner,) if take.per is None else tuple(value_of(node, context) for node in take.per)
        groups[key].append(row)
    left: dict[str, Fraction] = {}
    for group in groups.values():
        left |= allowances(group, take, [_wanted(run, row, take) for row in group])
    run.taken[source.name] = left
    kept = []
    for row in rows:
        wanted, _ = _wanted(run, row, take)
        if left[row.id] == 0 and wanted != 0:
            run.reject(source.name, row.id, "limit_reached")
            continue
        if left[row.id] != wanted:
            run.reject(source.name, row.id, "limit_cut")
        kept.append(row.with_columns({ALIASES.get(take.column, take.column): left[row.id]}))
    return kept


def _wanted(run: "Run", row: Row, take: Take) -> tuple[Fraction, Fraction | None]:
    """What the row asks for, and the allowance it may use (None: no limit)."""
    context = RowContext(run, row)
    wanted = number(value_of(_column(take.column), context)) or Fraction(0)
    return wanted, number(value_of(take.up_to, context))


def _column(name: str) -> Node:
    from .expressions import parse

    return parse(name)


def allowances(
    rows: Sequence[Row], take: Take, asked: Sequence[tuple[Fraction, Fraction | None]]
) -> dict[str, Fraction]:
    """What each row of one group may keep."""
    if take.fit == "pro_rata":
        return _pro_rata(rows, asked)
    left, used = {}, Fraction(0)
    for row, (wanted, up_to) in zip(rows, asked, strict=True):
        granted = fitted(wanted, None if up_to is None else up_to - used, take.fit)
        used += granted
        left[row.id] = granted
    return left


def fitted(wanted: Fraction, room: Fraction | None, fit: str) -> Fraction:
    """How much of what is wanted fits into the room."""
    if room is None or wanted <= room:
        return wanted
    if fit == "all_or_nothing":
        return Fraction(0)
    granted = max(Fraction(0), room)
    if fit == "whole":
        return Fraction(floor(granted))
    if fit == "partial":
        return granted
    raise Refused("fit", fit)


def _pro_rata(rows: Sequence[Row], asked: Sequence[tuple[Fraction, Fraction | None]]) -> dict[str, Fraction]:
    whole = sum((wanted for wanted, _ in asked), Fraction(0))
    limit = asked[-1][1]
    factor = Fraction(1) if limit is None or whole <= limit else limit / whole
    return {row.id: wanted * factor for row, (wanted, _) in zip(rows, asked, strict=True)}


def _with_new_columns(run: "Run", source: Source, row: Row) -> Row:
    for name, node in source.columns:
        row = row.with_columns({name: value_of(node, RowContext(run, row))})
    return row
