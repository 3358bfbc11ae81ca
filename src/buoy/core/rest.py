"""What the API's routers of all rooms share: a page of a list, its cursor, and texts that PostgreSQL can hold.

    @router.get("/partners", response=Page[PartnerOut])
    def list_partners(request: Request, paging: Query[Paging], sort: Literal["name", "-name"] = "name"):
        with acting(request.actor):
            return page(queries.visible_partners(request.actor), order=SORTS[sort], paging=paging, show=PartnerOut.of)

A page begins after the last row of the page before (`name > 'Delta' or name = 'Delta' and id > …`), so it costs the same
wherever it lies, and rows that come or go meanwhile neither repeat nor hide others. The cursor is that last row's place in
the order, signed: a cursor that was made up, or belongs to another order, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema
from pydantic import StringConstraints

from buoy.core.errors import DomainError, Kind

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""A text without the character 0, which PostgreSQL refuses; give `Field(max_length=…)` with it."""

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


class BadCursor(DomainError):
    """The cursor was not made by us for this list in this order."""

    kind = Kind.INVALID
    code: ClassVar[str] = "bad-cursor"
    message = _("This cursor does not belong to this list in this order. Begin again without a cursor.")


class Paging(Schema):
    """Which page of a list."""

    cursor: Annotated[Text, Field(max_length=1000)] | None = Field(
        None, description="`next_cursor` of the page before; none for the first page."
    )
    limit: int = Field(50, ge=1, le=200, description="How many rows at most.")


class Page(Schema, Generic[Item]):
    """A part of a list. There are more rows when `next_cursor` is not null."""

    items: list[Item]
    next_cursor: str | None


def page(rows: QuerySet[Row], *, order: Sequence[str], paging: Paging, show: Callable[[Row], Item]) -> dict[str, Any]:
    """The rows after the cursor. One query.

    `order` names columns that are never null and whose last one is unique, all upwards or all downwards (`-`).
    """
    salt = f"buoy.cursor.{rows.model._meta.label}.{','.join(order)}"
    if paging.cursor:
        rows = rows.filter(_after(order, _places(paging.cursor, salt)))
    found = list(rows.order_by(*order)[: paging.limit + 1])
    shown, more = found[: paging.limit], len(found) > paging.limit
    last = [_written(getattr(shown[-1], name.lstrip("-"))) for name in order] if more else None
    return {
        "items": [show(row) for row in shown],
        "next_cursor": signing.dumps(last, salt=salt, compress=True) if last else None,
    }


def _after(order: Sequence[str], places: list[Any]) -> Q:
    """Rows that come later: greater in the first column, or equal there and greater in the next, and so on."""
    compare = "lt" if order[0].startswith("-") else "gt"
    found, equal = Q(), Q()
    for name, place in zip((name.lstrip("-") for name in order), places, strict=True):
        found |= equal & Q(**{f"{name}__{compare}": place})
        equal &= Q(**{name: place})
    return found


def _places(cursor: str, salt: str) -> list[Any]:
    try:
        places: list[Any] = signing.loads(cursor, salt=salt)
    except signing.BadSignature:
        raise BadCursor from None
    return places


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value if isinstance(value, int) else str(value)
