"""Variants of a case: a plan with some changes, the same facts or others."""

from typing import Any

import pytest

from buoy_engine.run.cases import merge
from tests.engine.worked_cases import run_text

FIRST: dict[str, Any] = {"id": "a", "rate": 1, "round": {"digits": 2}}
SECOND: dict[str, Any] = {"id": "b", "rate": 2}


@pytest.mark.parametrize(
    "base, change, merged",
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1}}, {"a": 5}, {"a": 5}),
        ({"a": 5}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ([FIRST, SECOND], [{"id": "b", "rate": 3}], [FIRST, {"id": "b", "rate": 3}]),
        ([FIRST], [{"id": "a", "round": None, "rate": 4}], [{"id": "a", "rate": 4}]),
        ([FIRST], [SECOND], [FIRST, SECOND]),
        ([SECOND, FIRST], [{"id": "a", "rate": 9}, {"id": "c"}], [SECOND, {**FIRST, "rate": 9}, {"id": "c"}]),
        ([{"from": 0}], [{"from": 1}], [{"from": 1}]),
    ],
)
def test_changes_are_merged(base: Any, change: Any, merged: Any) -> None:
    assert merge(base, change) == merged


CASE = """
plan:
  currency: USD
  period: month
  components:
    - {id: commission, rate: 10%, limits: [{max: 15, per: period}]}
    - {id: bonus, amount: 5}
facts:
  lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "200.00"}]
  partners: [{partner: P1, tier: gold}]
"""


def test_each_variant_is_calculated_and_compared_for_itself() -> None:
    variants = """
variants:
  higher: {components: [{id: commission, rate: 20%}]}
  no_limit: {components: [{id: commission, limits: null}]}
  one_more: {components: [{id: extra, rate: 1%}]}
  in_yen: {currency: JPY}
  other_sales: {facts: {lines: [{id: L2, partner: P1, date: 2025-01-10, amount: "10.00"}]}}
  silver:
    facts: {partners: [{partner: P1, tier: silver}]}
    components: [{id: bonus, amount: "if(partner.tier == 'gold', 9, 1)"}]
expect:
  base: {earned: {P1: {commission: {2025-01: "15.00"}, bonus: {2025-01: "5.00"}}}}
  higher: {earned: {P1: {commission: "15.00"}}}
  no_limit: {earned: {P1: {commission: "20.00"}}}
  one_more: {earned: {P1: {commission: "15.00", extra: "2.00"}}}
  in_yen: {earned: {P1: {commission: "15"}}}
  other_sales: {earned: {P1: {commission: "1.00"}}, rows: {lines: 1, partners: 1}}
  silver: {earned: {P1: {commission: "15.00", bonus: {2025-01: "1.00"}}}}
"""
    assert run_text(CASE + variants) == []


def test_a_miss_names_its_variant() -> None:
    variants = """
variants: {higher: {components: [{id: commission, rate: 20%, limits: null}]}}
expect: {base: {earned: {total: {commission: 15}}}, higher: {earned: {total: {commission: 41}}}}
"""
    assert run_text(CASE + variants) == ["higher: earned.total.commission: expected 41, found 40.00"]


def test_a_variant_may_be_refused_and_another_not() -> None:
    variants = """
variants:
  broken: {components: [{id: commission, rate: unheard_of}]}
  sound: {components: [{id: commission, rate: 5%}]}
expect: {broken: {refused: true}, sound: {earned: {P1: {commission: 10}}}}
"""
    assert run_text(CASE + variants) == []


def test_steps_and_variants_go_together() -> None:
    variants = """
variants: {higher: {components: [{id: commission, rate: 20%, limits: null}]}}
steps:
  - expect: {base: {earned: {P1: {commission: 15}}}, higher: {earned: {P1: {commission: 40}}}}
  - facts: {lines: [{id: L1, amount: "100.00"}]}
    expect: {base: {earned: {P1: {commission: 10}}}, higher: {earned: {P1: {commission: 21}}}}
"""
    assert run_text(CASE + variants) == ["higher: step 2: earned.P1.commission: expected 21, found 20.00"]
