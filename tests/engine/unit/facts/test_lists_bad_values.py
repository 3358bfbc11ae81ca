"""A value that cannot be read is listed with its row and never guessed."""

import pytest

from tests.engine.unit.facts.folder import Folder

HEAD = "id,partner_id,date,amount\n"


def test_bad_numbers_are_listed_by_row_and_id(folder: Folder) -> None:
    folder.csv("lines", HEAD + 'L1,P1,2025-01-31,"1,234.50"\nL2,P1,2025-01-31,5\nL3,P1,2025-01-31,n/a\n')
    problem = folder.problems()["fact-value"]
    assert problem.is_blocking
    assert problem.found == "2 unreadable values in amount: line 2 '1,234.50', line 4 'n/a'"
    assert problem.rows == ("L1", "L3")
    assert "1234.50, not 1,234.50" in problem.fix


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("1.234,50", "1234.50, not"),
        ("1234,50", "1234.50, not"),
        ("1 234.50", "1234.50, not"),
        ("1'234.50", "1234.50, not"),
        ("5%", "0.05, not 5%"),
        ("1.5e5", "150000, not"),
        ("$5", "correct"),
        ("NaN", "correct"),
        ("0x1F", "correct"),
        ("--1", "correct"),
    ],
)
def test_a_number_is_refused_that_could_be_read_in_two_ways(folder: Folder, written: str, advice: str) -> None:
    folder.csv("lines", HEAD.replace(",", ";") + f"L1;P1;2025-01-31;{written}\n")
    assert advice in folder.problems()["fact-value"].fix


@pytest.mark.parametrize("written", ["31.01.2025", "01/02/2025", "2025-02-30", "2025-1-5", "2025-01-31 00:00", "45688"])
def test_a_date_is_iso_or_refused(folder: Folder, written: str) -> None:
    folder.csv("lines", HEAD + f"L1,P1,{written},1\n")
    problem = folder.problems()["fact-value"]
    assert problem.found == f"1 unreadable values in date: line 2 {written!r}"


def test_only_the_first_twenty_are_listed_and_all_are_counted(folder: Folder) -> None:
    folder.csv("lines", HEAD + "".join(f"L{i},P1,2025-01-31,bad\n" for i in range(50_000)))
    problem = folder.problems()["fact-value"]
    assert problem.found.startswith("50,000 unreadable values in amount: line 2 'bad', line 3 'bad'")
    assert problem.found.endswith("and 49,980 more")
    assert len(problem.rows) == 20


def test_every_column_is_reported_at_once(folder: Folder) -> None:
    folder.csv("lines", HEAD + "L1,P1,soon,much\n")
    folder.csv("targets", "partner_id,target,amount\nP1,revenue,lots\n")
    found = [problem.found for problem in folder.take_in().problems]
    assert [text.split(":")[0] for text in found] == [
        "1 unreadable values in date",
        "1 unreadable values in amount",
        "1 unreadable values in amount",
    ]


def test_digits_of_binary_floating_point_are_refused(folder: Folder) -> None:
    folder.csv("lines", HEAD + "L1,P1,2025-01-31,0.30000000000000004\nL2,P1,2025-01-31,1234.5\n")
    problem = folder.problems()["fact-value"]
    assert problem.found == "amount has up to 4 digits before and 17 after the point"


def test_rows_of_another_length_are_listed(folder: Folder) -> None:
    folder.csv("lines", HEAD + "L1,P1,2025-01-31,1,234.50\nL2,P1,2025-01-31,1\nL3,P1\n")
    problem = folder.problems()["file-shape"]
    assert problem.found == "2 rows of another length: lines.csv line 2 has 5, lines.csv line 4 has 2"
    assert problem.expected == "4 columns, as in the first line"
