"""A product that a partner sells under its own brand maps back to the vendor's product, for a time."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from buoy.core.errors import NotAllowed, NotFound
from buoy.core.ids import new_id
from buoy.core.scope import acting
from buoy.domains.catalog.actions import labels, products
from buoy.domains.catalog.queries.labels import labels_of, products_under_labels, visible_labels
from tests.buoy.catalog.conftest import Make
from tests.cast import SETUP, Cast

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


@pytest.fixture
def label(cast: Cast) -> Make:
    def make(product_id: Any, **more: Any) -> Any:
        usual = {"partner_id": cast.alpha.id, "brand": "Alfa", "name": "Alfa pen", "code": "AP-1", "valid_from": SPRING}
        return labels.add_label(cast.mei, product_id=product_id, **{**usual, **more})

    return make


def behind(cast: Cast, code: str, on: date, partner: Any = None) -> Any:
    with acting(cast.mei):
        partner_id = (partner or cast.alpha).id
        return products_under_labels(cast.mei, partner_id=partner_id, codes=[code], on=on).get(code.upper())


def test_a_partners_number_means_the_vendors_product_while_it_holds(cast: Cast, product: Make, label: Make) -> None:
    pen = product(code="PEN")
    label(pen, valid_until=AUTUMN)
    assert behind(cast, "ap-1", SUMMER) == pen
    assert behind(cast, "AP-1", SPRING) == pen
    assert behind(cast, "AP-1", AUTUMN) is None
    assert behind(cast, "AP-1", date(2026, 2, 28)) is None
    assert behind(cast, "AP-1", SUMMER, cast.beta) is None


def test_a_number_means_one_product_at_a_time(cast: Cast, product: Make, label: Make) -> None:
    pen, ink = product(code="PEN", name="A pen"), product(code="INK")
    first = label(pen)
    with pytest.raises(labels.LabelOverlaps, match="A pen"):
        label(ink, code="ap-1", valid_from=SUMMER)
    label(ink, partner_id=cast.beta.id)
    labels.end_label(cast.mei, label_id=first, on=SUMMER)
    label(ink, valid_from=SUMMER)
    assert (behind(cast, "AP-1", SPRING), behind(cast, "AP-1", SUMMER)) == (pen, ink)


def test_the_database_keeps_numbers_apart_by_itself(cast: Cast, product: Make, label: Make) -> None:
    pen = product(code="PEN")
    label(pen)
    insert = (
        "insert into catalog_privatelabel (id, partner_id, product_id, brand, name, code, valid)"
        " values (%s, %s, %s, 'b', 'n', 'ap-1', '[2026-08-01,)')"
    )
    with acting(SETUP), pytest.raises(IntegrityError, match="one_product_a_day"), transaction.atomic():
        connection.cursor().execute(insert, [new_id(), cast.alpha.id, pen])


def test_a_partner_sees_its_own_labels_and_those_below_it(cast: Cast, product: Make, label: Make) -> None:
    pen = product(code="PEN")
    label(pen)
    label(pen, partner_id=cast.beta.id, brand="Beta")
    seen = {}
    for name, actor in (("rita", cast.rita), ("otto", cast.otto), ("dana", cast.dana), ("mei", cast.mei)):
        with acting(actor), connection.cursor() as cursor:
            cursor.execute("select count(*) from catalog_privatelabel")
            seen[name] = ([row.brand for row in labels_of(actor, product_id=pen)], cursor.fetchone())
    assert seen == {
        "rita": (["Alfa"], (1,)),
        "otto": (["Beta"], (1,)),
        "dana": (["Alfa"], (1,)),
        "mei": (["Alfa", "Beta"], (2,)),
    }


def test_a_label_that_never_held_goes_away(cast: Cast, product: Make, label: Make) -> None:
    made = label(product(code="PEN"), valid_from=AUTUMN)
    labels.end_label(cast.mei, label_id=made, on=SUMMER)
    with acting(cast.mei):
        assert not visible_labels(cast.mei).exists()
    with pytest.raises(NotFound):
        labels.end_label(cast.mei, label_id=made, on=SUMMER)


def test_what_makes_no_sense_is_refused(cast: Cast, product: Make, label: Make) -> None:
    pen = product(code="PEN")
    with pytest.raises(labels.LabelReversed):
        label(pen, valid_until=SPRING)
    with pytest.raises(products.BadCode):
        label(pen, code="  ")
    with pytest.raises(NotFound):
        label(new_id())
    with pytest.raises(NotFound):
        label(pen, partner_id=new_id())
    with pytest.raises(NotAllowed):
        labels.add_label(
            cast.ramon, partner_id=cast.alpha.id, product_id=pen, brand="b", name="n", code="c", valid_from=SPRING
        )


def test_the_pages_show_labels_to_whom_they_belong(cast: Cast, product: Make, label: Make) -> None:
    pen = product(code="PEN")
    label(pen)
    said = {}
    for who, face in (("mei", "desk"), ("rita", "p"), ("otto", "p")):
        client = Client()
        client.force_login(cast.users[who])
        pages = [f"/{face}/products/labels/", f"/{face}/products/{pen}/"]
        said[who] = ["Alfa pen" in client.get(page).content.decode() for page in pages]
    assert said == {"mei": [True, True], "rita": [True, True], "otto": [False, False]}
