"""The facts of a case and of a plan's example are checked like the facts of a run; what they leave out is no mistake."""

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.examples import failed_examples
from buoy_engine.spec.source import Source, load
from tests.engine.worked_cases import run_text

PLAN = """
plan:
  currency: USD
  valid: {from: 2025-01-01, to: 2025-12-31}
  components:
    - {id: commission, credit: splits, rate: 10%}
facts:
  lines: [{id: L1, partner: A, date: 2025-01-05, amount: "1000.00"}]
"""


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ('splits: [{sale: L1, partner: A, share: "0.5"}, {sale: L1, partner: B, share: "0.4"}]', "split-sum"),
        ('splits: [{sale: L1, partner: A, share: "1.5"}, {sale: L1, partner: B, share: "-0.5"}]', "share-range"),
        ("partners: [{partner: A, tier: gold}, {partner: A, tier: silver}]", "duplicate-key"),
        (
            "partners: [{partner: A, tier: gold}, {partner: A, tier: silver, valid_from: 2025-03-01}]",
            "overlapping-dates",
        ),
        ("assignments: [{partner: A, valid_from: 2025-03-01, valid_to: 2025-02-01}]", "dates-reversed"),
        ("targets: [{partner: A, target: q, period: 2025, amount: 1}, {partner: A, target: q, period: 2025, amount: 2}]",
         "duplicate-key"),
        ("rates: [{currency: EURO, rate: 1, date: 2025-01-01}]", "unknown-currency"),
    ],
)  # fmt: skip
def test_facts_that_contradict_each_other_are_refused(table: str, code: str) -> None:
    plan = PLAN if "splits" in table else PLAN.replace("credit: splits, ", "")
    (miss,) = run_text(f"{plan}  {table}\nexpect: {{earned: {{A: 100}}}}")
    assert code in miss
    assert run_text(f"{plan}  {table}\nexpect: {{refused: [{code}]}}") == []


def test_splits_of_a_third_each_are_a_whole() -> None:
    thirds = ", ".join(f"{{sale: L1, partner: {name}, share: 1/3}}" for name in "ABC")
    assert run_text(f"{PLAN}  splits: [{thirds}]\nexpect: {{earned: {{A: '33.33', total: '99.99'}}}}") == []


def test_what_is_no_mistake_is_among_the_problems() -> None:
    facts = "  splits: [{sale: L1, partner: A, share: 1}]\n  targets: [{partner: A, target: q, amount: 0}]"
    assert run_text(f"{PLAN}{facts}\nexpect: {{problems: [target-not-positive], earned: {{A: 100}}}}") == []


def test_partners_that_no_table_names_are_no_mistake() -> None:
    facts = "  partners: [{partner: B, tier: gold}]\n  splits: [{sale: L1, partner: A, share: 1}]"
    assert run_text(f"{PLAN}{facts}\nexpect: {{problems: [], earned: {{A: 100}}}}") == []
    assert run_text(f"{PLAN}{facts}\nexpect: {{refused: [unknown-partner]}}") == []


RETURN = (
    PLAN.replace("credit: splits, ", "")
    .replace("  components:", "  settings: {returns: original}\n  components:")
    .replace("  lines: [", '  lines: [{id: R1, partner: A, date: 2025-01-06, amount: "-9.00", returns: ghost}, ')
)


def test_a_return_of_nothing_has_a_reason_and_is_refused_where_that_is_expected() -> None:
    expect = "{uncredited: {R1: no_original}, problems: [return-without-sale], earned: {A: 100}}"
    assert run_text(f"{RETURN}\nexpect: {expect}") == []
    assert run_text(f"{RETURN}\nexpect: {{refused: [return-without-sale]}}") == []


def test_rows_of_moments_are_checked_by_their_day() -> None:
    facts = PLAN.replace("credit: splits, ", "").replace("2025-01-05", '"2025-01-05T23:30:00Z"')
    assert run_text(f"{facts}\nexpect: {{earned: {{A: 100}}}}") == []
    assert run_text(f"{facts.replace('2025-01-05T', '0205-01-05T')}\nexpect: {{refused: [date-implausible]}}") == []


@pytest.mark.parametrize(("expect", "misses"), [("{refused: [split-sum]}", 0), ("{earned: {A: 50}}", 1)])
def test_an_example_of_a_plan_is_checked_too(expect: str, misses: int) -> None:
    text = f"""
currency: USD
components:
  - {{id: commission, credit: splits, rate: 10%}}
examples:
  - facts:
      lines: [{{id: L1, partner: A, date: 2025-01-05, amount: "1000.00"}}]
      splits: [{{sale: L1, partner: A, share: 50%}}]
    expect: {expect}
"""
    source = load(text)
    assert isinstance(source, Source)
    assert len(failed_examples(source, lambda: DuckDb(threads=1))) == misses
