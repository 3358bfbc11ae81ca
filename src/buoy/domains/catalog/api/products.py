"""Products for programs."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from buoy.core import clock
from buoy.core.errors import NotFound
from buoy.core.http import Request
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting
from buoy.domains.catalog.actions import importing
from buoy.domains.catalog.actions import products as actions
from buoy.domains.catalog.api.schemas import Code, MadeOut, Name, Quantity
from buoy.domains.catalog.policy.units import PIECE, UNITS
from buoy.domains.catalog.queries import products as queries
from buoy.domains.catalog.queries.products import GtinRow, PartRow, ProductPage, ProductRow, SkuRow

router = Router()

SORTS = {"name": ["name", "id"], "-name": ["-name", "-id"], "code": ["code", "id"], "-code": ["-code", "-id"]}
"""Orders that an index serves."""
Kind = Literal["goods", "service", "licence", "subscription"]
UnitCode = Annotated[
    str,
    Field(
        pattern=f"^({'|'.join(UNITS)})$",
        description="A code of UN/ECE Recommendation 20 or 21: C62 is a piece, XCS a case, HUR an hour, IE a person.",
    ),
]


class ProductFilters(Schema):
    """Which products."""

    search: Annotated[Text, Field(max_length=100)] = Field("", description="A part of the name or article number.")
    family_id: UUID | None = Field(None, description="In this family, or in one that lies in it.")
    kind: Kind | None = None
    is_active: bool | None = Field(None, description="In sale or not. Partners see only what is in sale.")
    sort: Literal["name", "-name", "code", "-code"] = "name"


class ProductIn(Schema):
    code: Code
    name: Name
    family_id: UUID | None = None
    kind: Kind = "goods"
    unit: UnitCode = PIECE
    description: Annotated[Text, Field(max_length=4000)] = ""
    is_active: bool = Field(True, description="In sale.")


class ProductOut(Schema):
    """Something that the vendor sells."""

    id: UUID
    code: str
    name: str
    family_id: UUID | None
    family: str = Field(description="The name of the family that it lies in directly; empty for none.")
    kind: Kind
    unit: UnitCode
    description: str
    is_active: bool


class GtinIn(Schema):
    """So much of the product, packed as `unit`, is under this barcode."""

    gtin: Annotated[Text, Field(max_length=40, description="8, 12, 13 or 14 digits with a right check digit.")]
    unit: UnitCode = PIECE
    contains: Quantity = Field(Decimal(1), description="In the product's unit.")


class GtinOut(Schema):
    id: int
    gtin: str = Field(description="In its shortest form.")
    unit: UnitCode
    contains: Decimal


class SkuIn(Schema):
    channel_id: UUID
    sku: Annotated[Text, Field(min_length=1, max_length=80)]


class SkuOut(Schema):
    id: int
    channel_id: UUID
    channel: str
    sku: str


class PartIn(Schema):
    product_id: UUID
    quantity: Quantity


class PartOut(Schema):
    product_id: UUID
    code: str
    name: str
    quantity: Decimal


class ProductDetails(ProductOut):
    """A product and all that is known of it."""

    path: list[str] = Field(description="Its families, from the root of the tree down.")
    gtins: list[GtinOut]
    skus: list[SkuOut] = Field(description="Under which number a channel lists it.")
    parts: list[PartOut] = Field(description="What it holds, if it is a bundle.")


class RowIn(Schema):
    """A product as text. What is left out stays as it is; an empty text empties. GTINs are only added."""

    code: Annotated[Text, Field(max_length=200)]
    name: Annotated[Text, Field(max_length=1000)]
    family: Annotated[Text, Field(max_length=2000)] | None = Field(
        None, description="`Bikes > Road Bikes`: its path from the root; families that are missing are made."
    )
    kind: Annotated[Text, Field(max_length=40)] | None = None
    unit: Annotated[Text, Field(max_length=40)] | None = None
    gtin: Annotated[Text, Field(max_length=40)] | None = None
    description: Annotated[Text, Field(max_length=10_000)] | None = None
    is_active: Annotated[Text, Field(max_length=20)] | None = Field(None, description="yes or no.")


class ImportIn(Schema):
    rows: list[RowIn] = Field(max_length=1000)
    check_only: bool = Field(False, description="Say what would become of the rows, and write nothing.")


class RefusedOut(Schema):
    line: int
    code: str
    why: str


class ReportOut(Schema):
    """What became of the rows: `rows` is the sum of added, changed, same and refused."""

    rows: int
    added: int
    changed: int
    same: int
    refused: list[RefusedOut]
    families: list[str] = Field(description="Paths of families that were made.")
    is_written: bool


class FoundOut(Schema):
    """The product under a barcode, and how much of it."""

    product: ProductOut
    pack: GtinOut


def _gtin(row: GtinRow) -> dict[str, Any]:
    return {"id": row.id, "gtin": row.digits, "unit": row.unit, "contains": row.contains}


def _details(found: ProductPage) -> dict[str, Any]:
    shown = {name: getattr(found.product, name) for name in ProductOut.model_fields}
    parts: list[PartRow] = found.parts
    skus: list[SkuRow] = found.skus
    return {**shown, "path": found.path, "gtins": [_gtin(row) for row in found.gtins], "skus": skus, "parts": parts}


@router.get("", response=Page[ProductOut])
def list_products(request: Request, paging: Query[Paging], filters: Query[ProductFilters]) -> Any:
    """The products that the caller sees."""
    asked = filters.dict(exclude={"sort", "kind"})
    with acting(request.actor, read_only=True):
        rows = queries.visible_products(request.actor, **asked, kind=filters.kind or "")
        return page(rows, order=SORTS[filters.sort], paging=paging, show=ProductRow.of)


@router.get("/of-gtin/{gtin}", response=FoundOut)
def get_product_of_gtin(request: Request, gtin: Annotated[Text, Field(max_length=40)]) -> dict[str, Any]:
    """The product under a barcode. Any of the lengths of a number finds it."""
    with acting(request.actor, read_only=True):
        found = queries.product_of_gtin(request.actor, gtin=gtin)
    if found is None:
        raise NotFound
    return {"product": found[0], "pack": _gtin(found[1])}


@router.post("/import", response=ReportOut)
def import_products(request: Request, rows: ImportIn) -> dict[str, Any]:
    """Add and change many products at once, found by their codes. The same call again changes nothing.

    Rows that are right are taken, those that are not are refused by their place, counted from 1.
    """
    told = [(place, row.dict(exclude_none=True)) for place, row in enumerate(rows.rows, start=1)]
    report = importing.import_products(request.actor, rows=told, writes=not rows.check_only, now=clock.now())
    return vars(report)


@router.get("/{uuid:product_id}", response=ProductDetails)
def get_product(request: Request, product_id: UUID) -> dict[str, Any]:
    """One product and all that is known of it."""
    with acting(request.actor, read_only=True):
        return _details(queries.product_page(request.actor, product_id=product_id))


@router.post("", response={201: MadeOut})
def add_product(request: Request, product: ProductIn) -> Status[dict[str, UUID]]:
    """Take a product into the catalog."""
    return Status(201, {"id": actions.add_product(request.actor, **product.dict(), now=clock.now())})


@router.put("/{uuid:product_id}", response={204: None})
def change_product(request: Request, product_id: UUID, product: ProductIn) -> Status[None]:
    """Change what is known of a product. One that is no longer sold is taken out of sale, not deleted."""
    actions.change_product(request.actor, product_id=product_id, **product.dict())
    return Status(204, None)


@router.post("/{uuid:product_id}/gtins", response={204: None})
def add_gtin(request: Request, product_id: UUID, gtin: GtinIn) -> Status[None]:
    """Say that a number under a barcode means so much of a product."""
    actions.add_gtin(request.actor, product_id=product_id, **gtin.dict())
    return Status(204, None)


@router.delete("/{uuid:product_id}/gtins/{int:gtin_id}", response={204: None})
def remove_gtin(request: Request, product_id: UUID, gtin_id: int) -> Status[None]:
    """The number no longer means this product."""
    actions.remove_gtin(request.actor, product_id=product_id, gtin_id=gtin_id)
    return Status(204, None)


@router.post("/{uuid:product_id}/skus", response={204: None})
def add_sku(request: Request, product_id: UUID, sku: SkuIn) -> Status[None]:
    """Say under which number a channel lists a product."""
    actions.add_sku(request.actor, product_id=product_id, **sku.dict())
    return Status(204, None)


@router.delete("/{uuid:product_id}/skus/{int:sku_id}", response={204: None})
def remove_sku(request: Request, product_id: UUID, sku_id: int) -> Status[None]:
    """The channel no longer lists the product under this number."""
    actions.remove_sku(request.actor, product_id=product_id, sku_id=sku_id)
    return Status(204, None)


@router.post("/{uuid:product_id}/parts", response={204: None})
def put_part(request: Request, product_id: UUID, part: PartIn) -> Status[None]:
    """The product is a bundle that holds so much of another product, whatever it held of it before."""
    actions.put_into_bundle(request.actor, bundle_id=product_id, part_id=part.product_id, quantity=part.quantity)
    return Status(204, None)


@router.delete("/{uuid:product_id}/parts/{uuid:part_id}", response={204: None})
def take_part_out(request: Request, product_id: UUID, part_id: UUID) -> Status[None]:
    """The bundle no longer holds that product."""
    actions.take_out_of_bundle(request.actor, bundle_id=product_id, part_id=part_id)
    return Status(204, None)
