"""A mistake in a case file is a miss that says where it is; nothing of it is passed over or raised."""

import pytest

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec.source import load
from tests.engine.worked_cases import run_text

PLAN = """
plan:
  currency: USD
  period: month
  components:
    - {id: commission, rate: 10%}
facts:
  lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}]
"""


def only_miss(text: str) -> str:
    (miss,) = run_text(text)
    return miss


def test_a_case_without_a_mistake_misses_nothing() -> None:
    assert run_text(PLAN + 'expect: {earned: {P1: "10.00"}}') == []


def test_a_wrong_amount_says_where_and_both_values() -> None:
    miss = only_miss(PLAN + 'expect: {earned: {P1: {commission: {2025-01: "12.00"}}}}')
    assert miss == "earned.P1.commission.2025-01: expected 12.00, found 10.00"


def test_every_wrong_amount_is_a_miss() -> None:
    assert len(run_text(PLAN + "expect: {earned: {P1: 1, P2: 2, total: 3}, lines: {L1: 4}}")) == 4


@pytest.mark.parametrize("text", ["", "[]", "just words", "case: X\nfacts: {}", "null"])
def test_a_file_that_is_no_case(text: str) -> None:
    assert only_miss(text).startswith("file: expected a mapping with plan, facts and expect")


def test_an_unknown_key_of_the_case() -> None:
    miss = only_miss(PLAN + "expected: {earned: {P1: 10}}")
    assert miss.startswith("file: expected keys among case, expect, facts")
    assert miss.endswith("found expected")


def test_an_unknown_expectation() -> None:
    miss = only_miss(PLAN + "expect: {earnings: {P1: 10}}")
    assert miss.startswith("expect: expected one of earned, lines, cells")
    assert miss.endswith("found earnings")


def test_an_unknown_component() -> None:
    miss = only_miss(PLAN + "expect: {earned: {P1: {comission: 10}}}")
    assert miss == "earned.P1.comission: expected 10, found no component 'comission'; there are adjustment, commission"


@pytest.mark.parametrize(
    "expect, says",
    [
        ("cells: {P1: {comission: {rate: 0.1}}}", "no component 'comission'"),
        ("cells: {P1: {commission: {size: 1}}}", "no 'size'; there are measure, base, rate"),
        ("cells: {P9: {commission: {rate: 0.1}}}", "no such cell"),
        ("measures: {P1: {sales: 1}}", "no measure 'sales'"),
        ("statement: {P1: {2031-01: {payable: 1}}}", "no such statement"),
        ("statement: {P1: {2025-01: {payed: 1}}}", "no 'payed'"),
        ("uncredited: {L9: no_partner}", "no such row"),
        ("taken: {commission: {L1: 1}}", "'commission' has no take"),
        ("periods: {2025-13: {days: 3}}", "None"),
        ("rows: {lines: 2}", "found 1"),
        ("problems: [missing-rate]", "expected missing-rate"),
        ("refused: true", "the plan was accepted"),
        ("refused: [band-gap]", "the plan was accepted"),
    ],
)
def test_an_expectation_of_something_that_is_not_there(expect: str, says: str) -> None:
    assert says in only_miss(f"{PLAN}expect: {{{expect}}}")


def test_problems_that_nobody_expects_are_told() -> None:
    text = PLAN.replace('"100.00"', '"100.00", currency: EUR')
    miss = only_miss(text + "  rates: [{currency: GBP, date: 2025-01-01, rate: 2}]\nexpect: {problems: []}")
    assert miss.startswith("problems: expected none")
    assert "missing-rate" in miss


def test_a_plan_that_is_refused_says_why_and_where() -> None:
    miss = only_miss(PLAN.replace("rate: 10%", "rat: 10%") + "expect: {earned: {P1: 10}}")
    assert miss.startswith("plan: expected a plan that is accepted, found case.yaml:6:")
    assert "rat" in miss


def test_a_plan_that_is_refused_for_another_reason() -> None:
    miss = only_miss(PLAN.replace("rate: 10%", "rate: nothing_known") + "expect: {refused: [band-gap]}")
    assert miss.startswith("refused: expected band-gap, found ")


def test_facts_that_are_no_amounts_are_refused() -> None:
    text = PLAN.replace('"100.00"', '"a hundred"')
    assert "a hundred" in only_miss(text + "expect: {earned: {P1: 10}}")
    assert run_text(text + "expect: {refused: true}") == []
    assert run_text(text + "expect: {refused: [fact-value]}") == []


@pytest.mark.parametrize(
    "text, line",
    [
        ("case: X\nplan: {currency: USD\nfacts: {}\n", 3),
        ("case: X\n\tplan: 1\n", 2),
        ('case: "X\n', 2),
        ("case: X\ncase: Y\n", 2),
        ("facts: {lines: [{date: 2025-02-30}]}", 1),
    ],
    ids=["bracket", "tab", "quote", "twice", "date"],
)
def test_broken_yaml_says_the_line(text: str, line: int) -> None:
    problem = load(text, "broken.yaml")
    assert isinstance(problem, Problem)
    assert problem.code == "yaml-broken"
    assert problem.line == line
    assert str(problem).startswith(f"broken.yaml:{line}:")


def test_a_text_cut_at_a_comma_in_the_middle_of_quotes_is_to_be_quoted() -> None:
    read = load('plan: {where: contains(name, "x"), rate: 5%}', "case.yaml")
    assert isinstance(read, Problem)
    assert (read.code, read.line) == ("yaml-broken", 1)
    assert read.fix.startswith("quote a text that holds a comma")
