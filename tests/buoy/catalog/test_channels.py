"""Every channel sale is in a sales channel, and not every sales channel is channel sales."""

import pytest
from django.db import IntegrityError, connection, transaction

from buoy.core.errors import NotAllowed
from buoy.core.scope import acting
from buoy.domains.catalog.actions import channels, products
from buoy.domains.catalog.policy.channels import USUAL, ChannelKind, Operator, fits, has_intermediary, is_channel_sales
from buoy.domains.catalog.queries.channels import channel_rows
from buoy.domains.catalog.queries.products import skus_of
from tests.buoy.catalog.conftest import Make
from tests.cast import SETUP, Cast


def test_the_vendors_own_shops_are_sales_channels_and_not_channel_sales(cast: Cast) -> None:
    assert channels.add_usual_channels(cast.mei) == len(USUAL)
    with acting(cast.rita):
        rows = {row.code: row for row in channel_rows(cast.rita)}
    through_partners = {code for code, row in rows.items() if row.is_channel_sales}
    assert through_partners == {"indirect", "marketplaces", "retail", "in-person"}
    assert {"own-stores", "e-shop", "direct", "direct-mail"} == set(rows) - through_partners


def test_the_six_kinds_are_there() -> None:
    assert {usual.kind for usual in USUAL} == set(ChannelKind)
    assert len(ChannelKind) == 6


@pytest.mark.parametrize("kind", [ChannelKind.DIRECT_MAIL, ChannelKind.IN_PERSON])
def test_whoever_sells_in_person_or_by_mail_is_no_intermediary(kind: ChannelKind) -> None:
    assert is_channel_sales(Operator.PARTNERS)
    assert not has_intermediary(kind, Operator.PARTNERS)
    assert has_intermediary(ChannelKind.RETAIL, Operator.PARTNERS)
    assert not has_intermediary(ChannelKind.RETAIL, Operator.VENDOR)


def test_the_usual_channels_come_once(cast: Cast) -> None:
    channels.add_usual_channels(cast.mei)
    assert channels.add_usual_channels(cast.mei) == 0


@pytest.mark.parametrize(
    ("kind", "operator"), [(ChannelKind.DIRECT, Operator.PARTNERS), (ChannelKind.INDIRECT, Operator.VENDOR)]
)
def test_a_kind_that_says_who_sells_is_held_to_it(cast: Cast, kind: ChannelKind, operator: Operator) -> None:
    assert not fits(kind, operator)
    with pytest.raises(channels.ChannelMisfit):
        channels.add_channel(cast.mei, code="odd", name="Odd", kind=kind, operated_by=operator)
    insert = (
        "insert into catalog_saleschannel (id, code, name, kind, operated_by, is_active)"
        " values (gen_random_uuid(), 'odd', 'Odd', %s, %s, true)"
    )
    with acting(SETUP), pytest.raises(IntegrityError, match="kind_fits"), transaction.atomic():
        connection.cursor().execute(insert, [kind.value, operator.value])


def test_a_code_names_one_channel(cast: Cast) -> None:
    shop = {"code": "shop", "kind": ChannelKind.ONLINE, "operated_by": Operator.VENDOR}
    channels.add_channel(cast.mei, name="Shop", **shop)  # type: ignore[arg-type]
    with pytest.raises(channels.ChannelExists):
        channels.add_channel(cast.mei, name="Another", **shop)  # type: ignore[arg-type]


def test_a_channel_changes_and_rests(cast: Cast) -> None:
    shop = channels.add_channel(
        cast.mei, code="shop", name="Shop", kind=ChannelKind.ONLINE, operated_by=Operator.VENDOR
    )
    channels.change_channel(
        cast.mei,
        channel_id=shop,
        code="shops",
        name="Shops",
        kind=ChannelKind.RETAIL,
        operated_by=Operator.PARTNERS,
        is_active=False,
    )
    with acting(cast.mei):
        (row,) = channel_rows(cast.mei)
    assert (row.code, row.is_channel_sales, row.is_active) == ("shops", True, False)


def test_a_channel_lists_one_product_under_a_number(cast: Cast, product: Make) -> None:
    channels.add_usual_channels(cast.mei)
    with acting(cast.mei):
        retail, shop = (
            next(row.id for row in channel_rows(cast.mei) if row.code == code) for code in ("retail", "e-shop")
        )
    pen, ink = product(code="PEN", name="A pen"), product(code="INK")
    products.add_sku(cast.mei, product_id=pen, channel_id=retail, sku="100")
    products.add_sku(cast.mei, product_id=ink, channel_id=shop, sku="100")
    with pytest.raises(products.SkuTaken, match="A pen"):
        products.add_sku(cast.mei, product_id=ink, channel_id=retail, sku="100")
    with acting(cast.rita):
        (row,) = skus_of(cast.rita, product_id=pen)
    assert row.sku == "100"
    products.remove_sku(cast.mei, product_id=pen, sku_id=row.id)
    products.add_sku(cast.mei, product_id=ink, channel_id=retail, sku="100")


def test_partners_open_no_channel(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        channels.add_usual_channels(cast.ramon)
