"""Products come into the catalog, are changed, and are seen by those who may."""

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from buoy.core.audit import events
from buoy.core.errors import NotAllowed, NotFound
from buoy.core.scope import acting
from buoy.domains.catalog.actions import products
from buoy.domains.catalog.queries.families import family_tree
from buoy.domains.catalog.queries.products import (
    product_page,
    product_row,
    product_subject,
    products_by_code,
    visible_products,
)
from buoy.domains.catalog.web.products import product_table
from buoy.ui.lists import show
from tests.buoy.catalog.conftest import Make
from tests.cast import Cast


def codes(actor: Any, **asked: Any) -> list[str]:
    with acting(actor):
        return [product.code for product in visible_products(actor, **asked)]


def test_partners_see_what_is_in_sale_and_staff_see_all(cast: Cast, product: Make) -> None:
    product(code="NEW", name="A")
    old = product(code="OLD", name="B", is_active=False)
    assert codes(cast.mei) == ["NEW", "OLD"]
    assert codes(cast.mei, is_active=False) == ["OLD"]
    assert codes(cast.rita) == codes(cast.otto) == ["NEW"]
    with acting(cast.rita), pytest.raises(NotFound):
        product_row(cast.rita, product_id=old)


def test_the_database_hides_what_is_out_of_sale_from_partners_too(cast: Cast, product: Make) -> None:
    product(code="OLD", is_active=False)
    with acting(cast.rita), connection.cursor() as cursor:
        cursor.execute("select count(*) from catalog_product")
        assert cursor.fetchone() == (0,)


def test_whoever_has_no_right_sees_no_catalog(cast: Cast) -> None:
    with acting(cast.wout), pytest.raises(NotAllowed):
        visible_products(cast.wout)


def test_a_code_is_the_same_in_any_case(cast: Cast, product: Make) -> None:
    product(code="bk-r93", name="Road bike")
    with pytest.raises(products.ProductExists, match="Road bike"):
        product(code="BK-R93")
    with acting(cast.mei):
        assert list(products_by_code(cast.mei, codes=["Bk-R93", "none"])) == ["BK-R93"]


def test_a_code_is_cleaned_of_what_cannot_be_seen(cast: Cast, product: Make) -> None:
    made = product(code="  ＢＫ　1 ")
    with acting(cast.mei):
        assert product_row(cast.mei, product_id=made).code == "BK 1"


@pytest.mark.parametrize("code", ["", "  ", "BŁ-1", "a\nb\x00", "x" * 61])
def test_what_is_no_code_is_refused(product: Make, code: str) -> None:
    with pytest.raises(products.BadCode, match="plain letters"):
        product(code=code)


def test_a_change_is_recorded_with_before_and_after(cast: Cast, product: Make) -> None:
    made = product(code="B-1", name="Buoy")
    products.change_product(cast.mei, product_id=made, name="Bell buoy", is_active=False)
    with acting(cast.ada):
        latest = events(cast.ada).first()
    assert latest is not None
    assert (latest.action, latest.details["before"], latest.details["after"]) == (
        "product.changed",
        {"name": "Buoy", "is_active": True},
        {"name": "Bell buoy", "is_active": False},
    )


def test_a_change_to_the_code_of_another_is_refused(cast: Cast, product: Make) -> None:
    product(code="B-1")
    other = product(code="B-2")
    with pytest.raises(products.ProductExists):
        products.change_product(cast.mei, product_id=other, code="b-1")
    products.change_product(cast.mei, product_id=other, code="b-2")


def test_only_those_who_manage_the_catalog_write(cast: Cast, product: Make) -> None:
    made = product(code="B-1")
    for who in (cast.finn, cast.maya, cast.tess, cast.ramon, cast.wout):
        with pytest.raises(NotAllowed):
            products.change_product(who, product_id=made, name="Mine")


def test_a_product_may_be_talked_about_by_the_vendor_only(cast: Cast, product: Make) -> None:
    made = product(code="B-1", name="Buoy")
    with acting(cast.mei):
        assert product_subject(cast.mei, made).title == "Buoy"
    with acting(cast.rita), pytest.raises(NotFound):
        product_subject(cast.rita, made)


def test_a_family_means_everything_in_it(cast: Cast, product: Make, family: Make) -> None:
    bikes = family(name="Bikes")
    road = family(name="Road", parent_id=bikes)
    product(code="R", name="R", family_id=road)
    product(code="B", name="B", family_id=bikes)
    product(code="X", name="X")
    assert codes(cast.mei, family_id=bikes) == ["B", "R"]
    assert codes(cast.mei, family_id=road) == ["R"]


@pytest.mark.parametrize("words", ["road", "BK-R", "k-r93r"])
def test_a_part_of_the_name_or_code_finds_a_product(cast: Cast, product: Make, words: str) -> None:
    product(code="BK-R93R-62", name="Road-150 Red")
    product(code="HL-U509", name="Helmet")
    assert codes(cast.rita, search=words) == ["BK-R93R-62"]


def test_a_page_of_the_list_costs_three_queries_however_many_products_there_are(cast: Cast, product: Make) -> None:
    def cost() -> int:
        with acting(cast.mei), CaptureQueriesContext(connection) as made:
            table = product_table(family_tree(cast.mei), address="catalog:desk-product", with_state=True)
            show(table, visible_products(cast.mei), QueryDict("q=b&sort=-family"))
        return len(made)

    product(code="B-0")
    few = cost()
    for number in range(1, 60):
        product(code=f"B-{number}")
    assert cost() == few == 3


def test_a_product_with_all_its_cards_costs_six_queries(cast: Cast, product: Make) -> None:
    made = product(code="B-1")
    with acting(cast.rita), CaptureQueriesContext(connection) as queries:
        product_page(cast.rita, product_id=made)
    assert len(queries) <= 7


def test_the_page_of_a_product_tells_its_description_as_it_was_written(cast: Cast, product: Make) -> None:
    made = product(code="B-1", name="<b>Buoy</b>", description="One\n<script>")
    client = Client()
    client.force_login(cast.users["mei"])
    page = client.get(f"/desk/products/{made}/").content.decode()
    assert "&lt;b&gt;Buoy&lt;/b&gt;" in page
    assert "<script>" not in page.split("<main")[1]
