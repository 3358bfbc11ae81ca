"""A GTIN is right or refused with its reason, names one product in one pack, and is found in any of its lengths."""

import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from buoy.core.errors import NotAllowed
from buoy.core.scope import acting
from buoy.domains.catalog.actions import products
from buoy.domains.catalog.policy.gtin import LENGTHS, NotAGtin, check_digit, read_gtin, shown_gtin
from buoy.domains.catalog.queries.products import gtins_of, product_of_gtin
from tests.buoy.catalog.conftest import Make
from tests.cast import SETUP, Cast

# A bottle of water, a pen, a book, a watch of a merchant's feed, the example of GS1, a case of pens.
RIGHT = ["96385074", "4006381333931", "9783161484100", "698615070527", "614141000036", "14006381333938"]


@pytest.mark.parametrize("gtin", RIGHT)
def test_a_right_number_is_read_and_shown_as_it_was_written(gtin: str) -> None:
    assert shown_gtin(read_gtin(gtin)) == gtin


def test_spaces_and_dashes_do_not_matter() -> None:
    assert read_gtin(" 4 006381-333931 ") == read_gtin("4006381333931") == "04006381333931"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("4006381333932", "check"),
        ("4006381339331", "check"),
        ("400638133393", "check"),
        ("40063813339", "length"),
        ("", "letters"),
        ("40O6381333931", "letters"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "letters"),
        ("-4006381333931.0", "letters"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotAGtin) as refused:
        read_gtin(text)
    assert refused.value.reason == reason


@given(st.sampled_from(LENGTHS), st.data())
def test_any_changed_digit_is_found(length: int, data: st.DataObject) -> None:
    body = data.draw(st.text("0123456789", min_size=length - 1, max_size=length - 1))
    right = body + check_digit(body)
    place = data.draw(st.integers(0, length - 1))
    other = data.draw(st.sampled_from(sorted(set("0123456789") - {right[place]})))
    assert read_gtin(right) == right.zfill(14)
    with pytest.raises(NotAGtin):
        read_gtin(right[:place] + other + right[place + 1 :])


def test_the_refusal_says_which_digit_was_expected(cast: Cast, product: Make) -> None:
    with pytest.raises(products.BadGtin, match="should be 1"):
        products.add_gtin(
            cast.mei, product_id=product(code="B-1"), gtin="4006381333932", unit="C62", contains=Decimal(1)
        )


def test_a_number_names_a_product_and_how_much_of_it(cast: Cast, product: Make) -> None:
    pen = product(code="PEN")
    products.add_gtin(cast.mei, product_id=pen, gtin="4006381333931", unit="C62", contains=Decimal(1))
    products.add_gtin(cast.mei, product_id=pen, gtin="14006381333938", unit="XCS", contains=Decimal(12))
    with acting(cast.rita):
        assert [(row.digits, row.unit, row.contains) for row in gtins_of(cast.rita, product_id=pen)] == [
            ("4006381333931", "C62", Decimal(1)),
            ("14006381333938", "XCS", Decimal(12)),
        ]
        for written in ("4006381333931", "04006381333931"):
            found = product_of_gtin(cast.rita, gtin=written)
            assert found is not None
            assert (found[0].code, found[1].contains) == ("PEN", Decimal(1))
        assert product_of_gtin(cast.rita, gtin="9783161484100") is None
        assert product_of_gtin(cast.rita, gtin="pen") is None


def test_a_number_belongs_to_one_product(cast: Cast, product: Make) -> None:
    add = {"gtin": "4006381333931", "unit": "C62", "contains": Decimal(1)}
    products.add_gtin(cast.mei, product_id=product(code="PEN", name="A pen"), **add)  # type: ignore[arg-type]
    with pytest.raises(products.GtinTaken, match="A pen"):
        products.add_gtin(cast.mei, product_id=product(code="INK"), **add)  # type: ignore[arg-type]


def test_a_piece_is_not_divided(cast: Cast, product: Make) -> None:
    for contains in (Decimal("0.5"), Decimal(0)):
        with pytest.raises(products.BadQuantity):
            products.add_gtin(
                cast.mei, product_id=product(code=f"B{contains}"), gtin="96385074", unit="XCS", contains=contains
            )


def test_whoever_does_not_manage_the_catalog_adds_no_number(cast: Cast, product: Make) -> None:
    pen = product(code="PEN")
    for who in (cast.finn, cast.ramon, cast.wout):
        with pytest.raises(NotAllowed):
            products.add_gtin(who, product_id=pen, gtin="96385074", unit="C62", contains=Decimal(1))


@pytest.mark.parametrize("digits", ["04006381333932", "4006381333931", "abcdefghijklmn", "00000000000001"])
def test_the_database_takes_no_wrong_number_by_any_way(product: Make, digits: str) -> None:
    pen = product(code="PEN")
    with acting(SETUP), connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="catalog_gtin_check_digit"), transaction.atomic():
            cursor.execute(
                "insert into catalog_gtin (digits, unit, contains, product_id) values (%s, 'C62', 1, %s)", [digits, pen]
            )
        cursor.execute("select count(*) from catalog_gtin")
        assert cursor.fetchone() == (0,)


@given(st.lists(st.integers(0, 9), min_size=13, max_size=13))
def test_no_other_last_digit_fits(body: list[int]) -> None:
    text = "".join(map(str, body))
    fitting = []
    for last in "0123456789":
        try:
            read_gtin(text + last)
        except NotAGtin as refused:
            assert re.fullmatch("[0-9]", refused.expected)  # noqa: PT017
        else:
            fitting.append(last)
    assert len(fitting) == 1
