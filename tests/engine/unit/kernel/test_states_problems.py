"""A problem reads in one line, compares by content and has a code that is listed."""

import copy
import pickle
import re

import pytest

from buoy_engine.kernel.problems import CODES, Problem, Severity, UnknownProblemCode


def problem(**changes: object) -> Problem:
    said: dict[str, object] = {
        "code": "calendar-gap",
        "severity": Severity.BLOCKING,
        "where": "plan.yaml",
        "found": "no month covers\n 2025-04-01",
        "expected": "every day in one month",
        "fix": "add a row",
    }
    return Problem(**(said | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "column", "place"),
    [(12, 7, "plan.yaml:12:7"), (12, None, "plan.yaml:12"), (None, 7, "plan.yaml"), (None, None, "plan.yaml")],
)
def test_a_problem_reads_in_one_line(line: int | None, column: int | None, place: str) -> None:
    said = str(problem(line=line, column=column))
    assert said == (
        f"{place} calendar-gap: found no month covers 2025-04-01; expected every day in one month; do add a row"
    )


def test_what_is_not_said_leaves_no_trace() -> None:
    assert str(problem(expected="")) == "plan.yaml calendar-gap: found no month covers 2025-04-01; do add a row"


def test_an_unlisted_code_cannot_be_constructed() -> None:
    with pytest.raises(UnknownProblemCode, match="no-such-code"):
        problem(code="no-such-code")


def test_problems_compare_by_content_and_survive_copying() -> None:
    one = problem(rows=("S-1", "S-2"), params={"days": 4})
    assert {one, problem(rows=("S-1", "S-2"), params={"days": 4})} == {one}
    assert one != problem(rows=("S-1", "S-2"), params={"days": 5})
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one


def test_later_changes_of_the_given_params_do_not_reach_it() -> None:
    params = {"days": 4}
    one = problem(params=params)
    params["days"] = 5
    assert one.params == {"days": 4}


def test_it_knows_its_title_its_row_and_whether_it_blocks() -> None:
    one = problem(rows=("S-1", "S-2"))
    assert (one.title, one.row, one.is_blocking) == (CODES["calendar-gap"], "S-1", True)
    assert (problem().row, problem(severity=Severity.NOTE).is_blocking) == (None, False)


def test_codes_are_kebab_case_and_have_a_title() -> None:
    assert [code for code in CODES if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []
    assert [code for code, title in CODES.items() if not title or title.endswith(".")] == []
