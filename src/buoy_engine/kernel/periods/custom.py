"""The calendar as given: somebody's own rows, checked before they are believed.

The problem
    Some programmes have seasons, or a fiscal calendar that no rule describes. Their rows come from a spreadsheet, and
    a spreadsheet has ends that are sometimes the last day and sometimes the day after, a row missing, a row twice.
    A gap pays nothing for the sales in it and an overlap pays twice, both silently; so both are blocking problems.

A worked example
    With inclusive ends, the months 2025-03 (1 to 31 March) and 2025-04 (5 to 30 April) leave four days to nobody:
    `calendar-gap: found no month covers 2025-04-01 to 2025-04-04 (4 days); expected …; do …`.

Chosen steps
    1. Ends are made exclusive. A row that ends before it begins is reported, and left out of the other checks.
    2. Each kind that occurs, and years always, must tile the days asked for: no gap, no overlap, first day to last.
    3. Each row belongs to the row of kind `year` that holds its first day; `no` counts within that year by start.
    4. Ids are unique within a kind.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from buoy_engine.kernel.periods.period import Period, PeriodKind, Unlinked
from buoy_engine.kernel.periods.rule import CalendarRule
from buoy_engine.kernel.problems import Problem, Severity

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CustomRow:
    """One given period. Whether `end` still belongs to it is said once, by the calendar."""

    kind: PeriodKind
    id: str
    start: date
    end: date
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomCalendar(CalendarRule):
    """A calendar of given rows; `where` names their file in problems."""

    rows: tuple[CustomRow, ...]
    is_end_inclusive: bool = False
    where: str = "calendar"

    def drafts(self, first: date, last: date) -> Iterator[Unlinked]:
        """All rows, however many years they span. Call only when `problems` finds none."""
        rows = sorted(self._sound_rows(), key=lambda row: row.start)
        years = [row for row in rows if row.kind is PeriodKind.YEAR]
        seen: Counter[tuple[PeriodKind, int]] = Counter()
        for row in rows:
            place = _year_of(row, years)
            if place is None:
                continue
            seen[row.kind, place] += 1
            no = seen[row.kind, place]
            yield Unlinked(Period(row.kind, row.id, row.start, row.end, no, years[place].id), place, no)

    def problems(self, first: date, last: date) -> list[Problem]:
        """Everything wrong with the rows, and every day of [first, last] that some kind leaves out."""
        rows = self._sound_rows()
        by_kind = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.start):
            by_kind[row.kind].append(row)
        found = [*self._empty_rows(), *self._twice_named()]
        if by_kind[PeriodKind.YEAR]:
            found += self._without_year(rows, by_kind[PeriodKind.YEAR])
        else:
            found.append(self._no_years(first, last))
        for kind in PeriodKind:
            if by_kind[kind]:
                found += self._untiled(kind, by_kind[kind], first, last)
        return found

    def _half_open(self) -> list[CustomRow]:
        if not self.is_end_inclusive:
            return list(self.rows)
        return [CustomRow(row.kind, row.id, row.start, row.end + _DAY, row.line) for row in self.rows]

    def _sound_rows(self) -> list[CustomRow]:
        return [row for row in self._half_open() if row.start < row.end]

    def _empty_rows(self) -> Iterator[Problem]:
        for given, row in zip(self.rows, self._half_open(), strict=True):
            if row.start >= row.end:
                yield self._problem(
                    "calendar-empty-row",
                    [row],
                    found=f"{row.kind} {row.id} from {row.start} to {given.end}, which holds no day",
                    expected="an end after the start",
                    fix="correct the dates, or say whether ends are the last day or the day after it",
                    params={"kind": row.kind.value, "id": row.id},
                )

    def _twice_named(self) -> Iterator[Problem]:
        named = defaultdict(list)
        for row in self.rows:
            named[row.kind, row.id].append(row)
        for (kind, id), rows in named.items():
            if len(rows) > 1:
                yield self._problem(
                    "calendar-duplicate-id",
                    rows[1:],
                    found=f"{len(rows)} rows of kind {kind} with the id {id}",
                    expected="one",
                    fix="remove the row that is there twice, or give it its own id",
                    params={"kind": kind.value, "id": id, "count": len(rows)},
                )

    def _without_year(self, rows: Sequence[CustomRow], years: Sequence[CustomRow]) -> Iterator[Problem]:
        for row in rows:
            if _year_of(row, years) is None:
                yield self._problem(
                    "calendar-no-year",
                    [row],
                    found=f"{row.kind} {row.id} starts on {row.start}, which is in no row of kind year",
                    expected="a year that holds its first day",
                    fix="add the year as a row of kind year",
                    params={"kind": row.kind.value, "id": row.id, "start": row.start.isoformat()},
                )

    def _no_years(self, first: date, last: date) -> Problem:
        days = (last - first).days + 1
        return self._problem(
            "calendar-gap",
            [],
            found=f"no year covers {first} to {last} ({days} days)",
            expected="rows of kind year, to which all others belong",
            fix="add the years as rows of kind year",
            params={"kind": PeriodKind.YEAR.value, "from": first.isoformat(), "to": last.isoformat(), "days": days},
        )

    def _untiled(self, kind: PeriodKind, rows: Sequence[CustomRow], first: date, last: date) -> Iterator[Problem]:
        covered_until = rows[0]
        if first < rows[0].start:
            yield self._gap(kind, first, min(rows[0].start - _DAY, last), rows[0])
        for row in rows[1:]:
            if row.start > covered_until.end:
                yield self._gap(kind, covered_until.end, row.start - _DAY, row)
            elif row.start < covered_until.end:
                yield self._overlap(kind, covered_until, row)
            covered_until = max(covered_until, row, key=lambda candidate: candidate.end)
        if covered_until.end <= last:
            yield self._gap(kind, max(covered_until.end, first), last, covered_until)

    def _gap(self, kind: PeriodKind, begins: date, ends: date, neighbour: CustomRow) -> Problem:
        days = (ends - begins).days + 1
        return self._problem(
            "calendar-gap",
            [neighbour],
            found=f"no {kind} covers {begins} to {ends} ({days} days)",
            expected=f"every day to be in exactly one {kind}",
            fix=f"add a row for these days, or move an edge of {neighbour.id}",
            params={"kind": kind.value, "from": begins.isoformat(), "to": ends.isoformat(), "days": days},
        )

    def _overlap(self, kind: PeriodKind, earlier: CustomRow, later: CustomRow) -> Problem:
        begins, ends = later.start, min(earlier.end, later.end) - _DAY
        days = (ends - begins).days + 1
        return self._problem(
            "calendar-overlap",
            [later, earlier],
            found=f"{earlier.id} and {later.id} both claim {begins} to {ends} ({days} days)",
            expected=f"every day to be in exactly one {kind}",
            fix=f"end {earlier.id} before {begins}, or start {later.id} on {earlier.end}",
            params={"kind": kind.value, "from": begins.isoformat(), "to": ends.isoformat(), "days": days},
        )

    def _problem(
        self,
        code: str,
        rows: Sequence[CustomRow],
        *,
        found: str,
        expected: str,
        fix: str,
        params: dict[str, object],
    ) -> Problem:
        return Problem(
            code=code,
            severity=Severity.BLOCKING,
            where=self.where,
            line=rows[0].line if rows else None,
            found=found,
            expected=expected,
            fix=fix,
            rows=tuple(row.id for row in rows),
            params=params,
        )


def _year_of(row: CustomRow, years: Sequence[CustomRow]) -> int | None:
    """The place of the year that holds the row's first day."""
    return next((place for place, year in enumerate(years) if year.start <= row.start < year.end), None)
