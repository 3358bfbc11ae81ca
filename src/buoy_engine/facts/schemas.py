"""What fact tables are: columns, keys, dates and references, as data. `docs/facts.md` says the same for people.

A table that is not listed is a user's own table of transactions: it has `id` and `date`, `partner_id` if it is to be
credited, and any other columns. Every table may have more columns than are listed; those are the user's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Type, number


@dataclass(frozen=True)
class Column:
    """A column that the engine reads. `required`: the column must be there and no row may leave it empty."""

    type: Type
    required: bool = False


@dataclass(frozen=True)
class Schema:
    """A fact table.

    key          columns that name a row; two rows of one key with different content are a mistake
    dated        rows hold from `valid_from` up to and not including `valid_to` (or up to `valid_through`), and two rows
                 of one key must not hold on the same day. Without any dates in the table the key alone must be unique
    references   column → the table whose key it must name, when that table is given
    whole        the engine reads the table into memory (small master data)
    """

    name: str
    grain: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    dated: bool = False
    references: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that must be there and filled."""
        return tuple(name for name, column in self.columns.items() if column.required)

    @property
    def types(self) -> dict[str, Type]:
        """Column → type."""
        return {name: column.type for name, column in self.columns.items()}


def _must(type: Type) -> Column:
    return Column(type, required=True)


_TEXT, _DATE = Column(TEXT), Column(DATE)
_DATES = {"valid_from": _DATE, "valid_to": _DATE}
_PARTNER = {"partner_id": _must(TEXT)}
_OF_PARTNER = {"partner_id": "partners"}

_ALL = (
    Schema(
        "lines",
        "one row per line of a sale",
        {
            "id": _must(TEXT), **_PARTNER, "date": _must(DATE), "amount": _must(number(2)),
            "quantity": Column(number(0)), "currency": _TEXT, "product_id": _TEXT, "customer_id": _TEXT,
            "deal_id": _TEXT, "returns": _TEXT, "posted_at": Column(TIMESTAMP),
        },
        key=("id",),
        references={"partner_id": "partners", "product_id": "products", "customer_id": "customers", "deal_id": "deals"},
    ),
    Schema(
        "partners",
        "one row per partner and span of time",
        {
            **_PARTNER, "type": _TEXT, "tier": _TEXT, "region": _TEXT, "status": _TEXT, "currency": _TEXT, **_DATES,
        },
        key=("partner_id",),
        dated=True,
    ),
    Schema("products", "one row per product", {"product_id": _must(TEXT)}, key=("product_id",), dated=True),
    Schema("customers", "one row per customer", {"customer_id": _must(TEXT)}, key=("customer_id",), dated=True),
    Schema("deals", "one row per deal", {"deal_id": _must(TEXT)}, key=("deal_id",), dated=True),
    Schema(
        "hierarchy",
        "one row per partner, partner above it, and span of time",
        {**_PARTNER, "parent_id": _TEXT, **_DATES},
        key=("partner_id", "parent_id"),
        dated=True,
        references={"partner_id": "partners", "parent_id": "partners"},
        whole=True,
    ),
    Schema(
        "targets",
        "one row per partner, target, and period or span of time",
        {**_PARTNER, "target": _must(TEXT), "period": _TEXT, **_DATES, "amount": _must(number(2))},
        key=("partner_id", "target", "period"),
        dated=True,
        references=_OF_PARTNER,
    ),
    Schema(
        "splits",
        "one row per sale or deal, partner and role",
        {
            "sale_id": _TEXT, "deal_id": _TEXT, **_PARTNER, "role": _TEXT, "share": _must(number(6)),
            "overlay": Column(BOOL),
        },
        key=("sale_id", "deal_id", "partner_id", "role"),
        references={"partner_id": "partners", "sale_id": "lines", "deal_id": "deals"},
    ),
    Schema(
        "certifications",
        "one row per partner, certification and span of time; spans may overlap",
        {**_PARTNER, "certification": _must(TEXT), **_DATES},
        references=_OF_PARTNER,
    ),
    Schema(
        "scores",
        "one row per partner, score and span of time",
        {**_PARTNER, "score": _must(TEXT), "value": _must(number(4)), **_DATES},
        key=("partner_id", "score"),
        dated=True,
        references=_OF_PARTNER,
    ),
    Schema(
        "rates",
        "one row per currency and day, or per currency and name",
        {"currency": _must(TEXT), "to": _TEXT, "rate_name": _TEXT, "date": _DATE, "rate": _must(number(10))},
        key=("currency", "to", "rate_name", "date"),
        whole=True,
    ),
    Schema(
        "assignments",
        "one row per partner and span of time in which it takes part in the plan",
        {**_PARTNER, **_DATES},
        key=("partner_id",),
        dated=True,
        references=_OF_PARTNER,
    ),
    Schema(
        "adjustments",
        "one row per amount given or taken by hand",
        {
            "id": _TEXT, **_PARTNER, "date": _must(DATE), "amount": _must(number(2)), "reason": _must(TEXT),
            "component": _TEXT,
        },
        key=("id",),
        references=_OF_PARTNER,
    ),
    Schema(
        "balances",
        "one row per partner and account that is open when the plan begins",
        {**_PARTNER, "account": _must(TEXT), "amount": _must(number(2))},
        key=("partner_id", "account"),
        references=_OF_PARTNER,
    ),
)  # fmt: skip

SCHEMAS: dict[str, Schema] = {schema.name: schema for schema in _ALL}
"""Every table that has a meaning of its own."""

GENERATED = frozenset("calendar periods windows fx closure postings closing entries statement".split())
"""Tables that a run makes: a file of that name is a mistake."""


def schema_of(name: str) -> Schema:
    """The schema of a table; that of a user's own table of transactions if it has no other."""
    own = {"id": _must(TEXT), "partner_id": _TEXT, "date": _must(DATE)}
    return SCHEMAS.get(name) or Schema(name, "one row per transaction", own, key=("id",), references=_OF_PARTNER)
