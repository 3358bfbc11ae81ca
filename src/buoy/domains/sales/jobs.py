"""Imports in the background: read, check and write files, and take up what was left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from babel.numbers import list_currencies

from buoy.core import clock, configuration
from buoy.core.actor import job_actor
from buoy.core.jobs import job, nudge
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.sales import policy, queries
from buoy.domains.sales.actions import matching, turns
from buoy.domains.sales.models import ImportBatch
from buoy.domains.sales.policy import State
from buoy.domains.sales.reading.flaws import Unreadable
from buoy.domains.sales.reading.layout import Layout
from buoy.domains.sales.reading.lines import LineReader, Read

ME = job_actor("sales")
CONFIGURATION = configuration.read()
CURRENCIES = frozenset(list_currencies())
_SHOWN = 300

Row = tuple[int, Read, Mapping[str, str]]


@job(queue="work")
def work_on(batch_id: str) -> None:
    """Do what there is to do for an import, until it waits for somebody or is done."""
    while True:
        with acting(ME):
            batch = queries.batch_to_work(UUID(batch_id))
        if batch is None:
            return
        if State(batch.state) is State.READING:
            _read(batch)
        else:
            _write(batch)


@job(queue="work")
def move_lines(match_id: str) -> None:
    """Give lines to the partner that somebody has found for them."""
    matching.move_lines(ME, match_id=UUID(match_id))
    while turns.classify_lines(ME):
        pass


@job(queue="work")
def name_products(match_id: str) -> None:
    """Give lines their product, which somebody has found."""
    matching.name_products(ME, match_id=UUID(match_id))


@job(queue="work", cron="*/1 * * * *")
def pick_up_imports(timestamp: int) -> None:
    """Nudge imports whose job was lost or whose worker died."""
    with acting(ME):
        found = queries.left_behind(before=clock.now() - timedelta(seconds=policy.LEFT_BEHIND_SECONDS))
    for batch_id in found:
        nudge(work_on, batch_id=str(batch_id))


def _read(batch: ImportBatch) -> None:
    """Read the file from where it stands to its end, and look at it as a whole."""
    place = storage(CONFIGURATION.storage_url, CONFIGURATION.data)
    try:
        with queries.opened(place, batch.key) as content:
            position = batch.position
            for rows in _turns(batch, content):
                if not turns.stage_rows(ME, batch=batch, position=position, rows=rows, now=clock.now()):
                    return
                position += len(rows)
                if position >= policy.HOPELESS_AFTER > position - len(rows) and _is_hopeless(batch.id):
                    raise Unreadable("all-refused", rows=position)
            if position == 0:
                raise Unreadable("empty")
    except Unreadable as error:
        turns.fail_import(ME, batch=batch, error=error, now=clock.now())
        return
    matching.match_reported(ME, batch=batch, on=clock.now().date(), now=clock.now())
    matching.match_products(ME, batch=batch, now=clock.now())
    turns.finish_reading(ME, batch=batch, position=position, now=clock.now())


def _turns(batch: ImportBatch, content: BinaryIO) -> Iterator[Sequence[Row]]:
    """The rows that are still to be read, some at a time."""
    layout = Layout.of(batch.layout)
    read = LineReader(
        layout=layout,
        mapping=batch.mapping,
        defaults=batch.defaults,
        currencies=CURRENCIES,
        latest=_latest(),
    )
    rows = islice(layout.rows(content), batch.position, None)
    while taken := list(islice(rows, policy.ROWS_A_TURN)):
        yield [_row(number, cells, read(cells), layout) for number, cells in taken]


def _row(number: int, cells: Sequence[Any], read: Read, layout: Layout) -> Row:
    """A flawed row keeps what stood in it."""
    if not read.flaws:
        return number, read, {}
    names = [*layout.columns, *(f"({place + 1})" for place in range(len(layout.columns), len(cells)))]
    shown = {name: str(cell).replace("\x00", "�")[:_SHOWN] for name, cell in zip(names, cells, strict=False) if cell}
    return number, read, shown


def _is_hopeless(batch_id: UUID) -> bool:
    with acting(ME):
        batch = queries.batch_to_work(batch_id)
    return batch is not None and batch.rows == batch.refused


def _latest() -> date:
    """No sale is later than a year from now: orders of today may be for then."""
    return clock.now().date() + timedelta(days=366)


def _write(batch: ImportBatch) -> None:
    while turns.write_rows(ME, batch=batch, now=clock.now()):
        pass
    with acting(ME):
        now = queries.batch_to_work(batch.id)
    if now is None or State(now.state) is not State.WRITING or now.position != batch.position:
        return
    while turns.classify_lines(ME):
        pass
    turns.finish_writing(ME, batch=batch, now=clock.now())
