"""An address asks a list for a part of it; what the list does not know has no effect."""

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from buoy.core.scope import acting
from buoy.domains.partners.models import Partner
from buoy.ui.lists import Column, Filter, Shown, Table, all_rows, show
from tests.cast import SETUP

pytestmark = pytest.mark.django_db

TABLE = Table(
    name="partners",
    label="Partners",
    search_label="Search partners",
    columns=(
        Column(name="name", label="Name", value=lambda row: row.name, kind="link", order=("name",)),
        Column(name="country", label="Country", value=lambda row: row.country, order=("country",)),
        Column(name="language", label="Language", value=lambda row: row.language, is_shown=False),
    ),
    sort="name",
    url=lambda row: f"/desk/partners/{row.pk}",
    search=("name",),
    filters=(
        Filter(
            name="country",
            label="Country",
            choices=lambda: [("", "All"), ("PL", "Poland"), ("NL", "Netherlands")],
            narrow=lambda rows, value: rows.filter(country=value),
        ),
    ),
)


@pytest.fixture(autouse=True)
def partners() -> None:
    with acting(SETUP):
        Partner.objects.bulk_create(
            Partner(name=f"Partner {number:03}", country=("PL", "NL")[number % 2]) for number in range(120)
        )


def asked(query: str) -> Shown:
    with acting(SETUP):
        return show(TABLE, Partner.objects.all(), QueryDict(query))


def first(shown: Shown) -> list[Any]:
    return [cell.value for cell in shown.rows[0].cells]


@pytest.mark.parametrize(
    ("query", "count", "first_row"),
    [
        ("", 120, ["Partner 000", "PL"]),
        ("sort=-name", 120, ["Partner 119", "NL"]),
        ("sort=country", 120, None),
        ("country=NL", 60, ["Partner 001", "NL"]),
        ("q=partner 11", 10, ["Partner 110", "PL"]),
        ("page=3", 120, ["Partner 100", "PL"]),
        ("columns=language", 120, ["Partner 000", "en"]),
        ("columns=country,name,language", 120, ["Partner 000", "PL", "en"]),
    ],
)
def test_an_address_sorts_narrows_pages_and_chooses_columns(query: str, count: int, first_row: Any) -> None:
    shown = asked(query)
    assert shown.page.paginator.count == count
    assert first_row is None or first(shown) == first_row


@pytest.mark.parametrize(
    "query", ["sort=password", "sort=--name", "country=XX", "page=many", "page=-1", "columns=id", "x=y"]
)
def test_what_the_list_does_not_know_has_no_effect(query: str) -> None:
    assert len(asked(query).rows) in (20, 50)


def test_a_page_costs_two_queries() -> None:
    with (
        acting(SETUP),
        CaptureQueriesContext(
            connection,
        ) as made,
    ):
        show(TABLE, Partner.objects.all(), QueryDict("q=partner&sort=-country&page=2"))
    assert len(made) == 2


def test_no_row_stands_on_two_pages_when_many_sort_alike() -> None:
    keys = [row.key for page in (1, 2, 3) for row in asked(f"sort=country&page={page}").rows]
    assert len(keys) == len(set(keys)) == 120


def test_a_view_keeps_what_was_asked_and_not_the_page() -> None:
    assert asked("q=a&country=NL&sort=-name&page=2").query == "q=a&country=NL&sort=-name"
    assert asked("").query == ""


def test_an_export_has_every_row_that_was_asked_for() -> None:
    with acting(SETUP):
        head, rows = all_rows(TABLE, Partner.objects.all(), QueryDict("country=NL&page=2"))
        assert (head, len(list(rows))) == (["Name", "Country"], 60)
