"""Codes and names in files are matched by rules, with the reason; what no rule matches waits, and is matched by hand."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from buoy.core.errors import NotAllowed
from buoy.core.scope import acting
from buoy.domains.catalog.actions.products import add_product
from buoy.domains.sales import jobs
from buoy.domains.sales.actions.matching import match_by_hand, match_product_by_hand
from buoy.domains.sales.models import EndCustomer, Line, MonthTotal
from buoy.domains.sales.queries.matches import partners_waiting, products_waiting
from tests.buoy.sales.conftest import NOW
from tests.cast import JOB, SETUP, Cast

Bring = Callable[..., Any]
HEAD = "Invoice no,Line no,Partner code,Partner name,SKU,Qty,Unit price,Date,Customer\n"


def rows(*lines: str) -> bytes:
    return (HEAD + "\n".join(lines)).encode()


def partners_of_lines() -> dict[str, tuple[Any, str]]:
    with acting(JOB):
        found = Line.objects.values_list("document_no", "partner_id", "partner_why")
        return {document: (partner, why) for document, partner, why in found}


def test_a_partner_is_found_by_id_and_by_name_and_the_line_says_how(cast: Cast, bring: Bring) -> None:
    bring(
        cast.mei,
        "a.csv",
        rows(
            f"1,1,{cast.alpha.id},,P1,1,10,2026-01-05,Ann",
            "2,1,77,  BÉTA ,P1,1,10,2026-01-05,Ann",
            "3,1,Delta,,P1,1,10,2026-01-05,Ann",
            "4,1,78,Gamma,P1,1,10,2026-01-05,Ann",
        ),
    )
    assert partners_of_lines() == {
        "1": (cast.alpha.id, "id"),
        "2": (cast.beta.id, "name"),
        "3": (cast.delta.id, "name"),
        "4": (None, "none"),
    }


def test_what_nobody_knows_waits_with_guesses_and_is_moved_when_somebody_says_whom_it_means(
    cast: Cast, bring: Bring
) -> None:
    bring(cast.mei, "a.csv", rows("1,1,A7,Alpha Networks Ltd,P1,2,10,2026-01-05,Ann", "2,1,,,P1,1,1,2026-01-05,Bob"))
    with acting(cast.mei):
        (waiting,) = partners_waiting(cast.mei)
    assert (waiting.code, waiting.name) == ("A7", "Alpha Networks Ltd")
    assert waiting.guesses[0] == (cast.alpha.id, "Alpha")
    with pytest.raises(NotAllowed):
        match_by_hand(cast.finn, match_id=waiting.id, target_id=cast.alpha.id, now=NOW)
    match_by_hand(cast.mei, match_id=waiting.id, target_id=cast.alpha.id, now=NOW)
    for _twice in range(2):
        jobs.move_lines(match_id=str(waiting.id))
    assert partners_of_lines() == {"1": (cast.alpha.id, "by_hand"), "2": (None, "none")}
    with acting(JOB):
        totals = dict(MonthTotal.objects.filter(lines__gt=0).values_list("partner_id", "amount"))
        line = Line.objects.select_related("customer").get(document_no="1")
        assert line.customer
        assert (line.customer.partner_id, line.customer.key, line.novelty) == (cast.alpha.id, "ann", "new_customer")
    assert totals == {cast.alpha.id: Decimal(20), None: Decimal(1)}
    with acting(cast.rita):
        assert Line.objects.aggregate(sum=Sum("amount"))["sum"] == 20
    again = bring(cast.mei, "b.csv", rows("3,1,A7,Alpha Networks Ltd,P1,1,5,2026-01-06,Ann"))
    assert again.new == 1
    assert partners_of_lines()["3"] == (cast.alpha.id, "by_hand")


def test_a_partners_file_means_the_partner_and_those_below_it_and_nobody_else(cast: Cast, bring: Bring) -> None:
    said = rows("1,1,,Alpha,P1,1,10,2026-01-05,Ann", "2,1,,Beta,P1,1,10,2026-01-05,Ann", "3,1,,,P1,1,10,2026-01-05,Ann")
    done = bring(cast.dana, "a.csv", said)
    assert done.new == 3
    assert partners_of_lines() == {
        "1": (cast.alpha.id, "name"),
        "2": (cast.delta.id, "reporter"),
        "3": (cast.delta.id, "reporter"),
    }
    with acting(cast.otto):
        assert not Line.objects.exists()


def test_a_product_is_found_by_its_code_in_any_case_and_others_wait(cast: Cast, bring: Bring) -> None:
    product_id = add_product(SETUP, code="B-1", name="Buoy", family_id=None, kind="goods", unit="C62", now=NOW)
    bring(cast.mei, "a.csv", rows("1,1,,,b-1,1,10,2026-01-05,Ann", "2,1,,,B1,1,10,2026-01-05,Ann"))
    with acting(cast.mei):
        (waiting,) = products_waiting(cast.mei)
    assert waiting.code == "B1"
    match_product_by_hand(cast.mei, match_id=waiting.id, target_id=product_id, now=NOW)
    jobs.name_products(match_id=str(waiting.id))
    with acting(JOB):
        assert set(Line.objects.values_list("product_id", flat=True)) == {product_id}


def test_customers_of_two_partners_are_two_even_with_one_name(cast: Cast, bring: Bring) -> None:
    bring(cast.mei, "a.csv", rows("1,1,,Alpha,P1,1,10,2026-01-05,Ann", "2,1,,Beta,P1,1,10,2026-01-06,ANN"))
    with acting(JOB):
        owners = set(EndCustomer.objects.values_list("partner_id", "key"))
        kinds = set(Line.objects.values_list("novelty", flat=True))
    assert owners == {(cast.alpha.id, "ann"), (cast.beta.id, "ann")}
    assert kinds == {"new_customer"}
