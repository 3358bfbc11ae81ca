"""Lists of things: which columns there are, how they sort, what narrows them, and what of it a person wants to see.

A room describes its list once, as a `Table`; an address asks for a part of it:

    ?q=alpha&country=PL&sort=-created&page=2&columns=name,country

Every word of an address is held against the description: what is not in it has no effect, so an old bookmark shows the
list and not an error. Sorting, narrowing and paging are done by the database: two queries, the count and the page.
`sort` always ends in the key, so that no row stands on two pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from buoy.core.actor import Actor

PER_PAGE = 50
KEPT_IN_A_VIEW = ("q", "sort", "columns")

CellKind = Literal["text", "long", "link", "open", "number", "day", "moment", "badge", "price"]
"""`long` words may break anywhere; `open` is a link that changes something and is therefore a button; a `badge` is a pair of
words and tone, a `price` one of amount and currency."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """`value` gives the cell of a row; `order` names the fields that it sorts by, none when it does not sort."""

    name: str
    label: str | Promise
    value: Callable[[Any], Any]
    kind: CellKind = "text"
    order: tuple[str, ...] = ()
    is_shown: bool = True
    """Shown until somebody chooses their own columns; the first column always is."""
    note: Callable[[Any], str] = lambda row: ""
    """A second line below the value, in small letters; not part of exports."""
    avatar: Literal["", "person", "company"] = ""
    """Whose picture or initials stand before the value."""

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("number", "price")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """`choices` are pairs of value and words; `narrow` takes the queryset and a value."""

    name: str
    label: str | Promise
    choices: Callable[[], Iterable[tuple[str, str | Promise]]]
    narrow: Callable[[QuerySet[Any], str], QuerySet[Any]]


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """Something that can be done with many rows; see `buoy.ui.bulk`.

    `do` takes the actor, the key of a row and now; it returns False when the row was so already, and raises a DomainError
    for a row that it refuses. A `question` is asked before it is done: for what cannot be undone.
    """

    name: str
    label: str | Promise
    permission: str
    do: Callable[[Actor, str, datetime], bool]
    icon: str = ""
    question: str | Promise = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A list as its room describes it. `search` names the fields that `?q=` is looked for in."""

    name: str
    label: str | Promise
    search_label: str | Promise
    columns: tuple[Column, ...]
    sort: str
    url: Callable[[Any], str] = lambda row: ""
    filters: tuple[Filter, ...] = ()
    search: tuple[str, ...] = ()
    row: Callable[[Any], Any] = lambda row: row
    """Makes the frozen row of what the queryset gives."""
    bulk: tuple[Bulk, ...] = ()

    def narrowed(self, rows: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
        """The rows that were asked for, in the order that was asked for."""
        if asked.search:
            rows = rows.filter(_any_contains(self.search, asked.search))
        for each in self.filters:
            if each.name in asked.filters:
                rows = each.narrow(rows, asked.filters[each.name])
        down = asked.sort.startswith("-")
        order = next(column.order for column in self.columns if column.name == asked.sort.removeprefix("-"))
        return rows.order_by(*(f"-{name}" if down else name for name in (*order, "pk")))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks of a table, held against its description."""

    search: str
    filters: Mapping[str, str]
    sort: str
    columns: tuple[Column, ...]
    page: str

    def query(self, table: Table) -> str:
        """The part of the address that a saved view keeps; empty for the list as it is by itself."""
        kept = {"q": self.search, **self.filters}
        if self.sort != table.sort:
            kept["sort"] = self.sort
        if self.columns != _usual(table):
            kept["columns"] = ",".join(column.name for column in self.columns)
        return urlencode({name: value for name, value in kept.items() if value})


@dataclass(frozen=True)
class Cell:
    kind: CellKind
    value: Any
    url: str = ""
    note: str = ""
    avatar: str = ""


@dataclass(frozen=True)
class Row:
    key: str
    url: str
    cells: list[Cell]
    name: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter as a field: its choices, each with whether it is the one in force."""

    name: str
    label: str | Promise
    options: list[tuple[str, str | Promise, bool]]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the template draws."""

    table: Table
    asked: Asked
    page: Page[Any]
    pages: list[Any]
    rows: list[Row]
    choices: list[Choice]
    is_narrowed: bool
    views: Sequence[tuple[Any, str, str]] = field(default_factory=list)
    """Saved views: id, name, query."""
    bulk: Sequence[Bulk] = ()
    """What this reader can do with chosen rows."""

    @property
    def columns_chosen(self) -> list[tuple[Column, bool]]:
        """Every column that can be chosen, and whether it is shown."""
        return [(column, column in self.asked.columns) for column in self.table.columns[1:]]

    @property
    def query(self) -> str:
        return self.asked.query(self.table)


def ask(table: Table, params: QueryDict) -> Asked:
    """Read an address."""
    filters = {}
    for each in table.filters:
        value = params.get(each.name, "")
        if value in {choice for choice, _ in each.choices()} - {""}:
            filters[each.name] = value
    sortable = {column.name for column in table.columns if column.order}
    sort = params.get("sort", "")
    names = ",".join(params.getlist("columns")).split(",")
    chosen = tuple(column for column in table.columns if column.name in names)
    return Asked(
        search=params.get("q", "").replace("\x00", "").strip()[:200],
        filters=filters,
        sort=sort if sort.removeprefix("-") in sortable else table.sort,
        columns=(table.columns[0], *(column for column in chosen if column is not table.columns[0]))
        if chosen
        else _usual(table),
        page=params.get("page", "1"),
    )


def show(
    table: Table,
    rows: QuerySet[Any],
    params: QueryDict,
    *,
    views: Sequence[tuple[Any, str, str]] = (),
    bulk: Sequence[Bulk] = (),
) -> Shown:
    """One page of the list, read now. Two queries."""
    asked = ask(table, params)
    page = Paginator(table.narrowed(rows, asked), PER_PAGE).get_page(asked.page)
    return Shown(
        table=table,
        asked=asked,
        page=page,
        pages=list(page.paginator.get_elided_page_range(page.number, on_each_side=1)),
        rows=[_row(table, asked, row) for row in page.object_list],
        choices=[_choice(each, asked) for each in table.filters],
        is_narrowed=bool(asked.search or asked.filters),
        views=views,
        bulk=bulk,
    )


def all_rows(table: Table, rows: QuerySet[Any], params: QueryDict) -> tuple[list[str], Iterable[list[Any]]]:
    """For an export: the heads, and the values of every row that was asked for, read as they are needed."""
    asked = ask(table, params)
    values = (
        [_bare(column, table.row(row)) for column in asked.columns]
        for row in table.narrowed(rows, asked).iterator(chunk_size=2000)
    )
    return [str(column.label) for column in asked.columns], values


def _bare(column: Column, row: Any) -> Any:
    """A value for a file: of a badge its words, of a price its amount."""
    value = column.value(row)
    if column.kind == "badge":
        return str(value[0])
    return value[0] if column.kind == "price" else value


def _usual(table: Table) -> tuple[Column, ...]:
    return tuple(column for column in table.columns if column.is_shown)


def _row(table: Table, asked: Asked, given: Any) -> Row:
    row, url = table.row(given), table.url(given)
    cells = [
        Cell(
            column.kind,
            column.value(row),
            url if column.kind in ("link", "open") else "",
            column.note(row),
            column.avatar,
        )
        for column in asked.columns
    ]
    return Row(str(given.pk), url, cells, str(cells[0].value))


def _choice(each: Filter, asked: Asked) -> Choice:
    now = asked.filters.get(each.name, "")
    options = [(value, words, value == now) for value, words in each.choices()]
    return Choice(name=each.name, label=each.label, options=options)


def _any_contains(fields: Iterable[str], words: str) -> Q:
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__icontains": words})
    return found
