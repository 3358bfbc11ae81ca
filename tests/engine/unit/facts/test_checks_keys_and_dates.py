"""Keys are unique, spans of one key do not overlap, dates are plausible and in order, required values are there."""

import pytest

from tests.engine.unit.facts.folder import Folder

HEAD = "id,partner_id,date,amount\n"
PARTNERS = "partner_id,tier,valid_from,valid_to\n"


def test_one_id_with_two_contents_is_refused_and_the_difference_shown(folder: Folder) -> None:
    folder.csv("lines", HEAD + "L1,P1,2025-01-31,10\nL1,P1,2025-01-31,12\nL2,P1,2025-01-31,5\n")
    problem = folder.problems()["duplicate-key"]
    assert problem.is_blocking
    assert problem.rows == ("L1",)
    assert problem.found == "1 keys (id) with several rows that differ: L1 (differs amount 10.00 or 12.00)"


@pytest.mark.parametrize("table", ["lines", "lines/part"])
def test_identical_rows_are_counted_and_taken_once(folder: Folder, table: str) -> None:
    folder.facts.joinpath("lines").mkdir() if "/" in table else None
    folder.csv(table, HEAD + "L1,P1,2025-01-31,10\nL2,P1,2025-01-31,5\nL1,P1,2025-01-31,10.00\n" * 2)
    problem = folder.problems()["identical-rows"]
    assert (problem.severity, problem.params["count"]) == ("note", 4)
    assert [row[0] for row in folder.rows("lines", "id")] == ["L1", "L2"]


def test_identical_rows_over_several_parts_are_taken_once(folder: Folder) -> None:
    (folder.facts / "lines").mkdir()
    for part in "abc":
        folder.csv(f"lines/{part}", HEAD + "L1,P1,2025-01-31,10\n")
    assert folder.problems()["identical-rows"].params["count"] == 2
    assert len(folder.rows("lines", "id")) == 1


def test_identical_rates_are_taken_once(folder: Folder) -> None:
    folder.csv("rates", "currency,date,rate\n" + "EUR,2025-01-01,1.1\n" * 2)
    intake = folder.take_in()
    assert [problem.code for problem in intake.problems] == ["identical-rows"]
    assert len(intake.facts["rates"].rows) == 1


def test_overlapping_spans_of_a_partner_are_refused(folder: Folder) -> None:
    folder.csv("partners", PARTNERS + "P1,gold,2025-01-01,2025-07-01\nP1,silver,2025-06-01,\nP2,gold,,\n")
    problem = folder.problems()["overlapping-dates"]
    assert problem.is_blocking
    assert "P1 (begins 2025-06-01, when another holds until 2025-06-30)" in problem.found


def test_spans_that_touch_do_not_overlap(folder: Folder) -> None:
    folder.csv("partners", PARTNERS + "P1,gold,,2025-07-01\nP1,silver,2025-07-01,\n")
    assert folder.problems() == {}


def test_an_inclusive_end_overlaps_a_row_that_begins_on_it(folder: Folder) -> None:
    folder.csv("assignments", "partner_id,valid_from,valid_through\nP1,2025-01-01,2025-06-30\nP1,2025-06-30,\n")
    assert folder.problems()["overlapping-dates"].rows == ("P1",)


def test_a_long_span_hides_none_of_the_later_ones(folder: Folder) -> None:
    rows = "P1,a,2025-01-01,2026-01-01\nP1,b,2025-02-01,2025-03-01\nP1,c,2025-05-01,2025-06-01\n"
    folder.csv("partners", PARTNERS + rows)
    assert folder.problems()["overlapping-dates"].params["count"] == 2


def test_an_undated_partner_twice_is_a_duplicate(folder: Folder) -> None:
    folder.csv("partners", "partner_id,tier\nP1,gold\nP1,silver\n")
    assert folder.problems()["duplicate-key"].found.endswith("P1 (differs tier gold or silver)")


def test_two_parents_on_the_same_days_are_allowed_and_one_parent_twice_is_not(folder: Folder) -> None:
    head = "partner_id,parent_id,valid_from,valid_to\n"
    folder.csv("hierarchy", head + "P1,D1,2025-01-01,\nP1,D2,2025-01-01,\n")
    assert folder.problems() == {}
    folder.csv("hierarchy", head + "P1,D1,2025-01-01,\nP1,D1,2025-03-01,\n")
    assert folder.problems()["overlapping-dates"].rows == ("P1 D1",)


def test_certifications_may_overlap(folder: Folder) -> None:
    rows = "P1,bikes,2025-01-01,2026-01-01\nP1,bikes,2025-06-01,2026-06-01\n"
    folder.csv("certifications", "partner_id,certification,valid_from,valid_to\n" + rows)
    assert folder.problems() == {}


def test_a_target_stands_once_per_period(folder: Folder) -> None:
    rows = "P1,revenue,2025-Q1,100\nP1,revenue,2025-Q2,100\nP1,revenue,2025-Q1,200\n"
    folder.csv("targets", "partner_id,target,period,amount\n" + rows)
    assert folder.problems()["duplicate-key"].rows == ("P1 revenue 2025-Q1",)


def test_dates_that_end_before_they_begin_are_refused(folder: Folder) -> None:
    folder.csv("partners", PARTNERS + "P1,gold,2025-07-01,2025-07-01\nP2,gold,2025-07-01,2025-07-02\n")
    assert folder.problems()["dates-reversed"].rows == ("P1",)


@pytest.mark.parametrize("day", ["0202-01-05", "2999-01-05"])
def test_a_date_far_from_our_time_is_refused(folder: Folder, day: str) -> None:
    folder.csv("lines", HEAD + f"L1,P1,{day},1\nL2,P1,2025-01-31,1\n")
    assert folder.problems()["date-implausible"].rows == ("L1",)


def test_an_empty_required_value_is_refused(folder: Folder) -> None:
    folder.csv("lines", HEAD + "L1,P1,2025-01-31,\n,P1,2025-01-31,5\n")
    found = folder.take_in().problems
    assert [(p.code, p.rows) for p in found] == [("missing-value", ("(no name)",)), ("missing-value", ("L1",))]


def test_a_target_that_is_not_above_zero_is_a_warning(folder: Folder) -> None:
    folder.csv("targets", "partner_id,target,period,amount\nP1,revenue,2025-Q1,0\nP2,revenue,2025-Q1,1\n")
    problem = folder.problems()["target-not-positive"]
    assert (problem.severity, problem.rows) == ("warning", ("P1 revenue 2025-Q1",))


def test_a_slipped_key_among_very_many_is_listed_in_order(folder: Folder) -> None:
    rows = "".join(f"L{i:03},P1,2025-01-31,{n}\n" for i in range(30) for n in (1, 2))
    folder.csv("lines", HEAD + rows)
    problem = folder.problems()["duplicate-key"]
    assert problem.rows == tuple(f"L{i:03}" for i in range(20))
    assert problem.found.startswith("30 keys") and problem.found.endswith("and 10 more")  # noqa: PT018
