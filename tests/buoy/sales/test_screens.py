"""The pages of sales say what is there, ask what is open, and show to each what is theirs."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from buoy.core.scope import acting
from buoy.domains.sales import jobs
from buoy.domains.sales.models import ImportBatch
from buoy.domains.sales.policy import State
from tests.buoy.accounts.browsing import give_second_factor
from tests.buoy.sales.conftest import read
from tests.cast import Cast

Bring = Callable[..., Any]
HEAD = "Invoice no,Line no,Partner,SKU,Qty,Unit price,Date,Customer"


def rows(*lines: str) -> bytes:
    return "\n".join([HEAD, *lines]).encode()


@pytest.fixture
def browser(cast: Cast) -> Callable[[str], Client]:
    """A browser of somebody who has signed in: `browser("mei")`."""

    def open_for(name: str) -> Client:
        client = Client()
        give_second_factor(cast.users[name])
        client.force_login(cast.users[name])
        return client

    return open_for


def send(client: Client, name: str, content: bytes, **said: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/sales/imports/new/", {"file": file, "source_name": "feed", "currency": "EUR", **said})


def the_import(cast: Cast) -> Any:
    with acting(cast.mei):
        return ImportBatch.objects.latest("created_at")


def test_a_file_is_sent_understood_checked_and_imported(cast: Cast, browser: Callable[[str], Client]) -> None:
    mei = browser("mei")
    answer = send(mei, "june.csv", rows("A1,1,Alpha,P1,2,10.50,05/04/2026,Ann", "A1,2,Alpha,P2,x,1,13/04/2026,Ann"))
    batch = the_import(cast)
    assert answer["Location"] == f"/sales/imports/{batch.id}/"
    page = mei.get(answer["Location"]).content.decode()
    assert "Invoice no" in page
    assert 'name="column_sale_date"' in page
    said = {f"column_{name}": column for name, column in batch.mapping.items()}
    mei.post(answer["Location"], {**said, "encoding": "utf-8", "separator": ",", "currency": "EUR"})
    jobs.work_on(batch_id=str(batch.id))
    page = mei.get(answer["Location"]).content.decode()
    assert "Quantity is “x”, which is not a number as this file writes them." in page
    assert read(cast.mei, batch.id).state is State.READY
    mei.post(f"{answer['Location']}start/")
    jobs.work_on(batch_id=str(batch.id))
    assert read(cast.mei, batch.id).new == 1
    refused = mei.get(f"{answer['Location']}refused.csv").content.decode("utf-8-sig").splitlines()
    assert refused[0].startswith("Row,What is wrong,Invoice no")
    assert refused[1].startswith("3,")
    assert "€21.00" in mei.get("/sales/").content.decode()


def test_an_ambiguous_day_is_asked_and_the_answer_is_remembered(cast: Cast, browser: Callable[[str], Client]) -> None:
    mei = browser("mei")
    content = rows("A1,1,Alpha,P1,2,10.50,05/04/2026,Ann", "A1,2,Alpha,P2,1,1,06/04/2026,Ann")
    address = send(mei, "june.csv", content)["Location"]
    assert "Which number is the day?" in mei.get(address).content.decode()
    batch = the_import(cast)
    said = {f"column_{name}": column for name, column in batch.mapping.items()}
    said |= {"encoding": "utf-8", "separator": ",", "currency": "EUR"}
    assert mei.post(address, said).status_code == 422
    assert mei.post(address, {**said, "date_order": "month-first"}).status_code == 302
    jobs.work_on(batch_id=str(batch.id))
    mei.post(f"{address}start/")
    jobs.work_on(batch_id=str(batch.id))
    again = send(mei, "july.csv", rows("B1,1,Alpha,P1,2,10.50,05/04/2026,Ann"))["Location"]
    assert the_import(cast).state == State.READING.value
    assert "Which number is the day?" not in mei.get(again).content.decode()
    lines = mei.get("/sales/?from=2026-05&to=2026-06").content.decode()
    assert "A1" in lines


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(cast: Cast, browser: Callable[[str], Client]) -> None:
    answer = send(browser("mei"), "a.pdf", b"%PDF-1.7 ...")
    assert answer.status_code == 422
    assert "It is a PDF." in answer.content.decode()
    with acting(cast.mei):
        assert not ImportBatch.objects.exists()


def test_everybody_sees_the_lines_and_totals_that_are_theirs(
    cast: Cast, bring: Bring, browser: Callable[[str], Client]
) -> None:
    bring(
        cast.mei,
        "a.csv",
        rows(
            "A1,1,Alpha,P1,1,10,2026-04-05,Annabel",
            "B1,1,Beta,P1,1,200,2026-04-05,Bobby",
            "D1,1,Delta,P1,1,3000,2026-04-05,Cyprian",
            "V1,1,,P1,1,40000,2026-04-05,Dietrich",
        ),
    )
    seen = {name: browser(name).get("/sales/").content.decode() for name in ("mei", "rita", "otto", "dana")}
    assert "€43,210.00" in seen["mei"]
    assert "€10.00" in seen["rita"]
    assert "€200.00" in seen["otto"]
    # A distributor sees its own lines and those of its resellers.
    assert "€3,010.00" in seen["dana"]
    assert not any(name in seen["otto"] for name in ("Annabel", "Cyprian", "Dietrich", "Alpha"))


def test_the_export_holds_what_the_filters_leave(cast: Cast, bring: Bring, browser: Callable[[str], Client]) -> None:
    content = rows("A1,1,Alpha,P1,1,10,2026-04-05,=1+1", "A2,1,Alpha,P1,-1,10,2026-05-05,Ann")
    bring(cast.mei, "a.csv", content)
    text = browser("mei").get("/sales/?export=csv&kind=sale").content.decode("utf-8-sig")
    lines = list(io.StringIO(text))
    assert len(lines) == 2
    assert ",'=1+1," in lines[1]


def test_search_everywhere_finds_a_document_of_ones_own(
    cast: Cast, bring: Bring, browser: Callable[[str], Client]
) -> None:
    bring(cast.mei, "a.csv", rows("INV-77,1,Alpha,P1,1,10,2026-04-05,Ann"))
    assert "INV-77" in browser("rita").get("/find/?q=INV-77").content.decode()
    assert "/sales/lines/" not in browser("otto").get("/find/?q=INV-77").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_lines(
    cast: Cast, bring: Bring, browser: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    bring(cast.mei, "a.csv", rows(*(f"A{n},1,Alpha,P{n},1,{n},2026-0{n % 9 + 1}-05,C{n}" for n in range(1, 80))))
    client = browser("mei")
    client.get("/sales/")
    with django_assert_max_num_queries(30):
        page = client.get("/sales/").content.decode()
    assert page.count("table-link") > 50
