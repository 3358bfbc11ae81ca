"""Which files are tables, and what is said about the others."""

from tests.engine.unit.facts.folder import Folder

LINES = "id,partner_id,date,amount\nL1,P1,2025-01-31,10.50\n"


def test_an_empty_folder_is_said_to_be_empty(folder: Folder) -> None:
    assert folder.problems()["facts-missing"].is_blocking


def test_a_path_that_leads_nowhere_is_said(folder: Folder) -> None:
    folder.facts = folder.root / "elsewhere"
    assert folder.problems()["facts-missing"].found == "nothing there"


def test_one_table_in_two_files_is_refused(folder: Folder) -> None:
    folder.csv("lines", LINES)
    (folder.facts / "lines").mkdir()
    folder.csv("lines/part", LINES)
    assert folder.problems()["table-twice"].is_blocking


def test_another_kind_of_file_is_noted(folder: Folder) -> None:
    folder.csv("lines", LINES)
    (folder.facts / "lines.xlsx").write_bytes(b"")
    (folder.facts / ".DS_Store").write_bytes(b"")
    problem = folder.problems()["file-ignored"]
    assert (problem.where, problem.severity) == ("lines.xlsx", "note")


def test_the_name_of_a_table_that_runs_make_is_refused(folder: Folder) -> None:
    folder.csv("periods", LINES)
    assert folder.problems()["table-reserved"].is_blocking


def test_a_table_of_your_own_needs_an_id_and_a_date(folder: Folder) -> None:
    folder.csv("registrations", "id,date,serial\nR1,2025-01-31,A1\n")
    assert folder.rows("registrations", "id", "serial", "partner_id") == [("R1", "A1", None)]
    folder.csv("registrations", "serial\nA1\n")
    assert [p.code for p in folder.take_in().problems] == ["missing-column", "missing-column"]


def test_a_missing_column_is_named_with_those_there_are(folder: Folder) -> None:
    folder.csv("lines", "id,partner_id,when,amount\nL1,P1,2025-01-31,1\n")
    problem = folder.problems()["missing-column"]
    assert problem.found == "no column date; there are id, partner_id, when, amount"
    assert problem.is_blocking


def test_two_columns_of_one_name_are_refused(folder: Folder) -> None:
    folder.csv("lines", "id,partner_id,date,amount,Amount\nL1,P1,2025-01-31,1,2\n")
    assert folder.problems()["column-name"].is_blocking


def test_a_column_without_a_name_is_left_out(folder: Folder) -> None:
    folder.csv("lines", "id,partner_id,date,amount,\nL1,P1,2025-01-31,1,\n")
    assert folder.problems()["column-name"].severity == "warning"
