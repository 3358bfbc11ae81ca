"""A text file in another encoding is refused with the place and what stands there."""

import pytest

from tests.engine.unit.facts.folder import Folder

TEXT = "partner_id,name\nP1,Smith\nP2,Café Rad\n"


def test_windows_1252_is_named_with_line_byte_and_text(folder: Folder) -> None:
    folder.csv("partners", TEXT, "cp1252")
    problem = folder.problems()["file-encoding"]
    assert problem.is_blocking
    assert problem.place == "partners.csv:3"
    assert problem.found == "byte 0xE9, which is not UTF-8; as Windows-1252 it reads 'P2,Café Rad'"


def test_the_line_is_right_far_into_a_large_file(folder: Folder) -> None:
    folder.csv("partners", "partner_id,name\n" + "P1,plain ascii\n" * 200_000 + "P2,Café\n", "cp1252")
    problem = folder.problems()["file-encoding"]
    assert (problem.line, "P2,Café" in problem.found) == (200_002, True)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32"])
def test_other_encodings_are_refused(folder: Folder, encoding: str) -> None:
    folder.csv("partners", TEXT, encoding)
    assert folder.problems()["file-encoding"].is_blocking


def test_damaged_utf_16_is_refused(folder: Folder) -> None:
    path = folder.csv("partners", TEXT, "utf-16")
    path.write_bytes(path.read_bytes()[:-1])
    assert folder.problems()["file-encoding"].is_blocking
