"""A file is taken for what it is, kept from strangers, and given back unchanged."""

import io
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from buoy.core.errors import NotFound
from buoy.core.scope import acting
from buoy.core.storage import Folder
from buoy.domains.workspace import actions, policy, queries
from tests.buoy.workspace.conftest import NOW
from tests.cast import Cast

PDF = b"%PDF-1.7 and so on"


@pytest.fixture
def add(cast: Cast, tmp_path: Path) -> Any:
    def go(actor: Any, name: str = "offer.pdf", content: bytes = PDF, **more: Any) -> Any:
        return actions.add_file(
            actor,
            storage=Folder(tmp_path),
            subject_type="partner",
            subject_id=cast.alpha.id,
            name=name,
            size=len(content),
            content=io.BytesIO(content),
            now=NOW,
            **more,
        )

    return go


def test_a_file_is_given_back_as_it_was(cast: Cast, add: Any, tmp_path: Path) -> None:
    file_id = add(cast.rita)
    with acting(cast.mei):
        row, key = queries.file_to_read(cast.mei, file_id=file_id)
    assert (row.name, row.content_type, row.size, row.author) == ("offer.pdf", "application/pdf", len(PDF), "Rita")
    assert b"".join(Folder(tmp_path).read(key)) == PDF


def test_a_rival_does_not_find_it(cast: Cast, add: Any) -> None:
    file_id = add(cast.rita)
    with acting(cast.otto), pytest.raises(NotFound):
        queries.file_to_read(cast.otto, file_id=file_id)


def test_a_rival_cannot_add_one(cast: Cast, add: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        add(cast.otto)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_internal_file_is_not_the_partners(cast: Cast, add: Any) -> None:
    file_id = add(cast.mei, is_internal=True)
    with acting(cast.ramon), pytest.raises(NotFound):
        queries.file_to_read(cast.ramon, file_id=file_id)


def test_a_removed_file_is_gone_for_all(cast: Cast, add: Any) -> None:
    file_id = add(cast.rita)
    actions.remove_file(cast.rita, file_id=file_id, now=NOW)
    with acting(cast.mei), pytest.raises(NotFound):
        queries.file_to_read(cast.mei, file_id=file_id)


def test_a_file_whose_bytes_are_gone_is_told_in_words_and_in_the_log(
    cast: Cast, add: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # The action kept the bytes in another folder than the one that the application reads.
    file_id = add(cast.rita)
    client = Client()
    client.force_login(cast.users["rita"])
    answer = client.get(f"/files/{file_id}/")
    assert answer.status_code == 404
    assert "The content of offer.pdf is missing" in answer.content.decode()
    assert f"file {file_id} is missing in the storage" in caplog.text


def office_file() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("empty.pdf", b"", policy.Refusal.EMPTY),
        ("page.html", b"<html>", policy.Refusal.UNKNOWN_KIND),
        ("picture.svg", b"<svg onload=alert(1)>", policy.Refusal.UNKNOWN_KIND),
        ("program.exe", b"MZ", policy.Refusal.UNKNOWN_KIND),
        ("program.pdf", b"MZ", policy.Refusal.NOT_WHAT_IT_SAYS),
        ("page.png", b"<html>", policy.Refusal.NOT_WHAT_IT_SAYS),
        ("table.csv", b"a;b\x00", policy.Refusal.NOT_WHAT_IT_SAYS),
        ("no-ending", b"text", policy.Refusal.UNKNOWN_KIND),
        ("offer.PDF", PDF, None),
        ("letter.docx", office_file(), None),
        ("list.csv", "ä;ö".encode(), None),
    ],
)
def test_a_file_is_what_its_name_says_or_it_is_refused(
    name: str, content: bytes, refusal: policy.Refusal | None
) -> None:
    assert policy.refuse_file(name=name, size=len(content), head=content[:512]) == refusal


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    refuse = partial(policy.refuse_file, name="a.pdf", head=PDF)
    assert refuse(size=policy.LARGEST_FILE) is None
    assert refuse(size=policy.LARGEST_FILE + 1) is policy.Refusal.TOO_LARGE


def test_the_refusal_says_what_to_do(cast: Cast, add: Any) -> None:
    with pytest.raises(actions.FileRefused) as caught:
        add(cast.rita, name="page.html", content=b"<html>")
    assert str(caught.value).startswith("page.html was not taken. Files of this kind are not taken. Send a PDF")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\offers\\june.pdf", "june.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("عرض.pdf", "عرض.pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_do_harm(typed: str, kept: str) -> None:
    assert policy.clean_name(typed) == kept
