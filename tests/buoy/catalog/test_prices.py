"""A price list is for one currency, buyer, tier and channel at a time; the one that says most about a sale decides."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from buoy.core.errors import NotAllowed, NotFound
from buoy.core.ids import new_id
from buoy.core.scope import acting
from buoy.domains.catalog.actions import channels, prices
from buoy.domains.catalog.actions.importing import FileNotRead, import_file
from buoy.domains.catalog.actions.prices import ListDraft
from buoy.domains.catalog.policy.prices import Buyer, Candidate, NotAnAmount, price_that_holds, read_amount
from buoy.domains.catalog.queries.channels import channel_rows
from buoy.domains.catalog.queries.prices import price_of, prices_in, prices_of, visible_price_lists
from tests.buoy.catalog.conftest import NOW, Make
from tests.buoy.catalog.test_import_products import ADVENTURE_WORKS
from tests.cast import SETUP, Cast

BEGIN, ON, END = date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def price_list(cast: Cast) -> Make:
    """Open a price list, in euros for customers unless said: `price_list("Web", channel_id=shop)`."""

    def make(name: str, **more: Any) -> UUID:
        usual = {"currency": "EUR", "buyer": Buyer.CUSTOMERS, "valid_from": BEGIN}
        return prices.add_price_list(cast.mei, draft=ListDraft(name=name, **{**usual, **more}), now=NOW)

    return make


@pytest.fixture
def shop(cast: Cast) -> UUID:
    channels.add_usual_channels(cast.mei)
    with acting(cast.mei):
        return next(row.id for row in channel_rows(cast.mei) if row.code == "e-shop")


def set_price(cast: Cast, price_list_id: UUID, product_id: UUID, amount: str) -> None:
    prices.set_prices(cast.mei, price_list_id=price_list_id, prices={product_id: Decimal(amount)})


@pytest.mark.parametrize(
    ("other", "is_apart"),
    [
        ({}, False),
        ({"valid_from": ON}, False),
        ({"currency": "PLN"}, True),
        ({"buyer": Buyer.PARTNERS}, True),
        ({"tier": "Gold"}, True),
        ({"valid_from": END}, True),
    ],
)
def test_two_lists_do_not_say_the_same_on_one_day(
    cast: Cast, price_list: Make, other: dict[str, Any], is_apart: bool
) -> None:
    price_list("First", valid_until=END)
    if is_apart:
        price_list("Second", **other)
    else:
        with pytest.raises(prices.PriceListOverlaps, match="First"):
            price_list("Second", **other)


def test_a_channel_and_a_tier_have_lists_of_their_own(cast: Cast, price_list: Make, shop: UUID) -> None:
    price_list("All")
    price_list("Web", channel_id=shop)
    price_list("Gold", tier="Gold")
    with pytest.raises(prices.PriceListOverlaps):
        price_list("Web again", channel_id=shop)
    with pytest.raises(prices.PriceListOverlaps):
        price_list("gold again", tier="gold")


@pytest.mark.parametrize("tier", ["", "Gold"])
def test_the_database_refuses_an_overlap_by_itself(cast: Cast, price_list: Make, tier: str) -> None:
    price_list("First", tier=tier)
    insert = (
        "insert into catalog_pricelist (id, name, currency, buyer, tier, valid, created_at)"
        " values (%s, 'Second', 'EUR', 'customers', %s, '[2026-06-01,)', now())"
    )
    with acting(SETUP), pytest.raises(IntegrityError, match="one_a_day"), transaction.atomic():
        connection.cursor().execute(insert, [new_id(), tier.upper()])


def test_a_list_changes_within_its_own_days(cast: Cast, price_list: Make) -> None:
    made = price_list("First")
    price_list("Next", currency="PLN")
    draft = ListDraft(name="First", currency="EUR", buyer=Buyer.CUSTOMERS, valid_from=BEGIN, valid_until=END)
    prices.change_price_list(cast.mei, price_list_id=made, draft=draft)
    price_list("Second", valid_from=END)
    with pytest.raises(prices.PriceListOverlaps):
        prices.change_price_list(
            cast.mei,
            price_list_id=made,
            draft=ListDraft(name="First", currency="EUR", buyer=Buyer.CUSTOMERS, valid_from=BEGIN),
        )
    with pytest.raises(prices.PriceListReversed):
        price_list("Odd", currency="USD", valid_until=BEGIN)


def test_the_list_that_says_most_about_a_sale_decides() -> None:
    channel = UUID(int=1)
    lists = {
        "all": Candidate(UUID(int=10), "", None, Decimal(10)),
        "channel": Candidate(UUID(int=11), "", channel, Decimal(11)),
        "tier": Candidate(UUID(int=12), "Gold", None, Decimal(12)),
        "both": Candidate(UUID(int=13), "Gold", channel, Decimal(13)),
    }

    def held(names: str, tier: str, at: UUID | None) -> str | None:
        found = price_that_holds([lists[name] for name in names.split()], tier=tier, channel_id=at)
        return next((name for name, each in lists.items() if each is found), None)

    assert held("all channel tier both", "gold", channel) == "both"
    assert held("all channel tier", "gold", channel) == "tier"
    assert held("all channel tier both", "silver", channel) == "channel"
    assert held("all channel tier both", "", None) == "all"
    assert held("channel tier", "silver", None) is None


def test_a_sale_finds_its_price(cast: Cast, product: Make, price_list: Make, shop: UUID) -> None:
    pen = product(code="PEN")
    set_price(cast, price_list("All", valid_until=END), pen, "10")
    set_price(cast, price_list("Web", channel_id=shop), pen, "9.5")
    set_price(cast, price_list("Partners", buyer=Buyer.PARTNERS), pen, "6")

    def cost(on: date = ON, **sale: Any) -> str | None:
        with acting(cast.mei), CaptureQueriesContext(connection) as queries:
            asked = {"currency": "EUR", "buyer": Buyer.CUSTOMERS, "tier": "", "channel_id": None, **sale}
            found = price_of(cast.mei, product_id=pen, on=on, **asked)
        assert len(queries) == 1
        return f"{found.amount.normalize():f}" if found else None

    assert cost() == "10"
    assert cost(channel_id=shop) == "9.5"
    assert cost(buyer=Buyer.PARTNERS) == "6"
    assert cost(on=END) is None
    assert cost(on=END, channel_id=shop) == "9.5"
    assert cost(currency="USD") is None


def test_partners_see_what_is_for_everybody_outside(cast: Cast, product: Make, price_list: Make) -> None:
    pen = product(code="PEN")
    for name, more in (
        ("All", {}),
        ("Partners", {"buyer": Buyer.PARTNERS}),
        ("Gold", {"buyer": Buyer.PARTNERS, "tier": "Gold"}),
        ("Floor", {"buyer": Buyer.INSIDE}),
    ):
        set_price(cast, price_list(name, **more), pen, "10")
    with acting(cast.mei):
        assert len(prices_of(cast.mei, product_id=pen, on=ON)) == 4
    with acting(cast.rita), connection.cursor() as cursor:
        assert [row.name for row in visible_price_lists(cast.rita)] == ["All", "Partners"]
        assert len(prices_of(cast.rita, product_id=pen, on=ON)) == 2
        cursor.execute("select (select count(*) from catalog_pricelist), (select count(*) from catalog_price)")
        assert cursor.fetchone() == (2, 2)


def test_a_price_is_set_anew_and_taken_away(cast: Cast, product: Make, price_list: Make) -> None:
    pen, made = product(code="PEN"), price_list("All")
    set_price(cast, made, pen, "10")
    assert prices.set_prices(cast.mei, price_list_id=made, prices={pen: Decimal("10.000000")}) == 0
    set_price(cast, made, pen, "11.123456")
    with acting(cast.mei):
        (row,) = prices_in(cast.mei, price_list_id=made)
    assert row.amount == Decimal("11.123456")
    prices.remove_price(cast.mei, price_list_id=made, product_id=pen)
    with pytest.raises(NotFound):
        prices.remove_price(cast.mei, price_list_id=made, product_id=pen)
    with pytest.raises(NotFound):
        set_price(cast, made, new_id(), "1")
    with pytest.raises(NotFound):
        set_price(cast, new_id(), pen, "1")
    with pytest.raises(NotAllowed):
        prices.set_prices(cast.finn, price_list_id=made, prices={pen: Decimal(1)})


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("12,5", "12.5"),
        ("1234.567", "1234.567"),
        ("0", "0"),
        ("1 234", "1234"),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234", "ambiguous"),
        ("1.234", "ambiguous"),
        ("", "number"),
        ("-5", "number"),
        ("May-20", "number"),
        ("1,23,456.00", "number"),
        ("1.234.50", "number"),
        ("1e5", "number"),
        ("NaN", "number"),
        ("١٢", "number"),
    ],
)
def test_what_is_no_amount_or_may_be_two_is_not_guessed(text: str, reason: str) -> None:
    with pytest.raises(NotAnAmount) as refused:
        read_amount(text)
    assert refused.value.reason == reason


def test_prices_come_from_a_file_row_by_row(cast: Cast, product: Make, price_list: Make) -> None:
    product(code="PEN"), product(code="INK"), product(code="BAG")
    made = price_list("All")
    content = b"code;price\npen;1.234,50\nINK;0,99\nNONE;1\nPEN;2\nBAG;1,234\nBAG;soon\n"
    report = prices.import_prices(cast.mei, price_list_id=made, content=content)
    assert (report.rows, report.changed, report.same, [row.line for row in report.refused]) == (6, 2, 0, [4, 5, 6, 7])
    again = prices.import_prices(cast.mei, price_list_id=made, content=content)
    assert (again.changed, again.same, len(again.refused)) == (0, 2, 4)
    with pytest.raises(FileNotRead, match="price"):
        prices.import_prices(cast.mei, price_list_id=made, content=b"code\nPEN\n")


def test_adventureworks_sells_to_dealers_for_sixty_percent(cast: Cast, price_list: Make) -> None:
    import_file(cast.mei, content=ADVENTURE_WORKS, writes=True, now=NOW)
    listed = price_list("List", currency="USD")
    dealer = price_list("Dealer", currency="USD", buyer=Buyer.PARTNERS)
    first = prices.import_prices(cast.mei, price_list_id=listed, content=ADVENTURE_WORKS)
    for_dealers = ADVENTURE_WORKS.replace(b"list price", b"price before", 1)
    second = prices.import_prices(cast.mei, price_list_id=dealer, content=for_dealers)
    assert (first.changed, second.changed) == (293, 293)
    assert {row.why for row in first.refused} == {"“” is no amount. Write it with digits, such as 1234.50."}
    with acting(cast.mei):
        ends = {row.product_id: row.amount for row in prices_in(cast.mei, price_list_id=listed)}
        bought = {row.product_id: row.amount for row in prices_in(cast.mei, price_list_id=dealer)}
    assert sum(ends.values()) > 0
    assert all(abs(bought[each] - ends[each] * Decimal("0.6")) <= Decimal("0.0001") for each in ends)


def test_the_pages_keep_prices(cast: Cast, product: Make) -> None:
    pen = product(code="PEN", name="A pen")
    client = Client()
    client.force_login(cast.users["mei"])
    typed = {"name": "Euro", "currency": "EUR", "buyer": "customers", "valid_from": "2020-01-01"}
    made = client.post("/desk/prices/new/", typed)
    assert made.status_code == 302
    page = made["Location"]
    assert client.post(f"{page}set/", {"price-product": str(pen), "price-amount": "10.5"}).status_code == 302
    assert "A pen" in client.get(page).content.decode()
    assert "€10.50" in client.get(f"/desk/products/{pen}/").content.decode()
    exported = client.get(f"{page}?export=csv").content.decode("utf-8-sig")
    assert exported.splitlines() == ["Product,Article number,Counted in,Price", "A pen,PEN,piece,10.500000"]
    again = client.post("/desk/prices/new/", typed)
    assert again.status_code == 422
    assert "End that list first" in again.content.decode()
    file = SimpleUploadedFile("p.csv", b"code,price\nPEN,12.00\nX,1.00\n")
    assert "There is no product" in client.post(f"{page}import/", {"file": file}).content.decode()
    partner = Client()
    partner.force_login(cast.users["rita"])
    assert "€12.00" in partner.get(f"/p/products/{pen}/").content.decode()
