"""Products come from files: rows that are right are taken, the others are told by line, and the same file again is nothing."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buoy.core.audit import events
from buoy.core.errors import NotAllowed
from buoy.core.scope import acting
from buoy.domains.catalog.actions import products
from buoy.domains.catalog.actions.importing import FileNotRead, Report, import_file
from buoy.domains.catalog.policy.sheets import MOST_ROWS, NotASheet, Sheet, read_sheet
from buoy.domains.catalog.queries.families import family_tree
from buoy.domains.catalog.queries.products import gtins_of, product_page, products_by_code, visible_products
from tests.buoy.api.conftest import caller
from tests.buoy.catalog.conftest import NOW, Make
from tests.cast import Cast
from tests.house.repository import ROOT

ADVENTURE_WORKS = Path(ROOT / "tests/data/adventureworks/products.csv").read_bytes()


def take(cast: Cast, text: str | bytes, *, writes: bool = True) -> Report:
    content = text.encode() if isinstance(text, str) else text
    report = import_file(cast.mei, content=content, writes=writes, now=NOW)
    assert report.rows == report.added + report.changed + report.same + len(report.refused)
    return report


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.same, len(report.refused)


def why(report: Report) -> list[tuple[int, str]]:
    return [(row.line, row.why) for row in report.refused]


def known(cast: Cast, code: str) -> Any:
    with acting(cast.mei):
        return products_by_code(cast.mei, codes=[code])[code.upper()]


def test_the_products_of_adventureworks_come_in_once_and_again_without_effect(cast: Cast) -> None:
    assert counts(take(cast, ADVENTURE_WORKS, writes=False)) == (504, 0, 0, 0)
    with acting(cast.mei):
        assert not visible_products(cast.mei).exists()
    first = take(cast, ADVENTURE_WORKS)
    assert (counts(first), first.ignored, len(first.families)) == ((504, 0, 0, 0), ["list price", "dealer price"], 41)
    again = take(cast, ADVENTURE_WORKS)
    assert (counts(again), again.families) == ((0, 0, 504, 0), [])
    with acting(cast.mei):
        tree = family_tree(cast.mei)
        bikes = next(row for row in tree.rows.values() if row.path == ("Bikes",))
        assert bikes.products == visible_products(cast.mei, family_id=bikes.id, is_active=True).count() > 0
        assert visible_products(cast.mei).count() == 504
        page = product_page(cast.mei, product_id=products_by_code(cast.mei, codes=["wb-h098"])["WB-H098"].id)
    assert page.product.name == "Water Bottle - 30 oz."
    assert page.path == ("Accessories", "Bottles and Cages")


def test_a_check_writes_nothing_and_says_the_same(cast: Cast) -> None:
    text = "code,name,family\nA-1,One,New > Deep\nA 1 \tx,,\n"
    checked = take(cast, text, writes=False)
    with acting(cast.ada):
        before = events(cast.ada).count()
        assert family_tree(cast.ada).rows == {}
    written = take(cast, text)
    assert (counts(checked), checked.families, why(checked)) == (counts(written), written.families, why(written))
    assert (checked.is_written, written.is_written) == (False, True)
    with acting(cast.ada):
        actions = [event.action for event in events(cast.ada)[: events(cast.ada).count() - before]]
    assert sorted(actions) == ["family.added", "family.added", "product.added", "products.imported"]


def test_what_a_file_does_not_say_stays_and_what_it_empties_is_empty(cast: Cast, product: Make, family: Make) -> None:
    product(code="A-1", name="Old", family_id=family(name="Pens"), description="Long", is_active=False)
    assert counts(take(cast, "code,name\na-1,New\n")) == (0, 1, 0, 0)
    changed = known(cast, "A-1")
    assert (changed.name, changed.description, changed.is_active, changed.family.name) == ("New", "Long", False, "Pens")
    take(cast, "code,name,family,description,in sale\nA-1,New,,,yes\n")
    emptied = known(cast, "A-1")
    assert (emptied.description, emptied.is_active, emptied.family) == ("", True, None)


def test_each_wrong_row_is_refused_by_its_line_and_reason(cast: Cast, product: Make) -> None:
    products.add_gtin(cast.mei, product_id=product(code="PEN"), gtin="96385074", unit="C62", contains=Decimal(1))
    report = take(
        cast,
        "code;name;kind;unit;gtin;in sale\n"
        "A-1;Right;service;hour;;\n"
        ";No code;;;;\n"
        "A-2;;;;;\n"
        "A-3;Kind;thing;;;\n"
        "A-4;Unit;;furlong;;\n"
        "A-5;State;;;;perhaps\n"
        "A-6;Digit;;;4006381333932;\n"
        "A-7;Taken;;;96385074;\n"
        "a-1;Twice;;;;\n"
        "A-8;Gtin;;;4006381333931;\n"
        "A-9;Same gtin;;;4006381333931;\n",
    )
    assert counts(report) == (2, 0, 0, 9)
    lines = [line for line, _ in why(report)]
    assert lines == [3, 4, 5, 6, 7, 8, 9, 10, 12]
    said = " ".join(reason for _, reason in why(report))
    for word in ("furlong", "thing", "perhaps", "should be 1", "belongs to PEN", "line 2", "belongs to A-8"):
        assert word in said
    right = known(cast, "A-1")
    assert (right.kind, right.unit) == ("service", "HUR")


def test_a_number_under_a_barcode_is_added_and_never_taken(cast: Cast) -> None:
    take(cast, "code,name,ean\nPEN,Pen,4006381333931\n")
    assert counts(take(cast, "code,name,ean\nPEN,Pen,04006381333931\n")) == (0, 0, 1, 0)
    assert counts(take(cast, "code,name,ean\nPEN,Pen,14006381333938\n")) == (0, 1, 0, 0)
    assert counts(take(cast, "code,name,ean\nPEN,Pen,\n")) == (0, 0, 1, 0)
    with acting(cast.mei):
        assert len(gtins_of(cast.mei, product_id=known_id(cast, "PEN"))) == 2


def known_id(cast: Cast, code: str) -> Any:
    return products_by_code(cast.mei, codes=[code])[code].id


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"code,price\nA,1\n", "name"),
        (b"PK\x03\x04\x00\x00", "no text"),
        (b"\xff\xfeA", "no text"),
        (b'code,name\nA,"' + b"x" * 200_000, "cannot be read"),
        (b"code,name\n" + b"A,B\n" * (MOST_ROWS + 1), "20,000 rows"),
        (b"code,name" + b",x" * 300 + b"\nA,B\n", "200 columns"),
    ],
)
def test_a_file_that_is_no_table_of_products_is_refused_as_a_whole(cast: Cast, content: bytes, word: str) -> None:
    with pytest.raises(FileNotRead, match=word):
        take(cast, content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_usual_encodings_and_separators_are_read(encoding: str, separator: str) -> None:
    lines = [["Article Number", "Product_Name"], ["Ä-1", 'Tür, "rot"\nzwei']]
    text = "\r\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    sheet = read_sheet(text.encode(encoding))
    assert sheet.rows == ((3, {"Article Number": "Ä-1", "Product_Name": 'Tür, "rot"\nzwei'}),)
    assert sheet.encoding == encoding


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_a_sheet_or_refused(content: bytes) -> None:
    try:
        assert isinstance(read_sheet(content), Sheet)
    except NotASheet as refused:
        assert refused.reason in {"empty", "binary", "too_long", "too_wide", "broken"}  # noqa: PT017


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_a_damaged_file_is_taken_row_by_row_or_refused(cast: Cast, data: st.DataObject) -> None:
    content = bytearray(ADVENTURE_WORKS[:6000])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "double"])):
            case "flip":
                content[place] = data.draw(st.integers(0, 255))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 40))]
            case _:
                content[place:place] = content[place : place + 40]
    try:
        report = import_file(cast.mei, content=bytes(content), writes=False, now=NOW)
    except FileNotRead:
        return
    assert report.rows == report.added + report.changed + report.same + len(report.refused)


def test_only_those_who_manage_the_catalog_import(cast: Cast) -> None:
    for who in (cast.finn, cast.ramon, cast.wout):
        with pytest.raises(NotAllowed):
            import_file(who, content=ADVENTURE_WORKS, writes=False, now=NOW)


def test_the_page_checks_then_takes_a_file(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.users["mei"])

    def send(mode: str) -> str:
        file = SimpleUploadedFile("products.csv", b"code,name\nA-1,<b>One\n,Two\n", content_type="text/csv")
        answer = client.post("/desk/products/import/", {"file": file, "mode": mode})
        assert answer.status_code == 200
        return answer.content.decode()

    assert "This is what would happen" in send("check")
    with acting(cast.mei):
        assert not visible_products(cast.mei).exists()
    assert "no article number" in send("import")
    assert known(cast, "A-1").name == "<b>One"
    nothing = client.post("/desk/products/import/", {"file": io.BytesIO(b""), "mode": "import"})
    assert nothing.status_code == 422


def test_a_program_imports_by_the_same_rules(cast: Cast) -> None:
    call = caller(cast.mei)
    body = b'{"rows": [{"code": "A-1", "name": "One", "family": "Pens"}, {"code": "", "name": "Two"}]}'
    report = call("POST", "/products/import", body).json()
    assert (report["added"], report["families"], report["is_written"]) == (1, ["Pens"], True)
    assert [(row["line"], "article number" in row["why"]) for row in report["refused"]] == [(2, True)]
    assert call("POST", "/products/import", body).json()["same"] == 1
