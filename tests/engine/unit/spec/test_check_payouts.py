"""Selling more must not pay less, and a leap at an edge is said."""

import pytest

from buoy_engine.kernel.problems import Severity
from tests.engine.unit.spec.plans import checked, document, found, grave, tiers


def test_more_units_that_pay_less_are_a_warning_with_both_figures() -> None:
    text = document(
        "  - id: c\n    measure: sum(quantity)\n    tiers:\n      mode: retroactive\n      bands:\n"
        "        - {up_to: 100, rate: 2, amount: 10}\n        - {rate: 1}\n"
    )  # RT-003: 100 units pay 210, 101 pay 101
    (problem,) = found(text, "payout-falls")
    assert problem.severity is Severity.WARNING
    assert problem.found == "at 100 the payout goes from 210 to 100 (component c)"
    assert (problem.line, problem.column) == (9, 11)


@pytest.mark.parametrize(
    ("bands", "falls"),
    [
        ("{from: 0, rate: 2%}, {from: 100, rate: 1%}", True),
        ("{from: 0, rate: 1%}, {from: 100, rate: 2%}", False),
        ("{from: 0, rate: 2%, amount: 5}, {from: 100, rate: 1%, amount: 6}", False),
        ("{from: 0, amount: 500}, {from: 100, amount: 400}", True),
        ("{from: 0, rate: target(x)}, {from: 100, rate: 1%}", False),  # not known before the facts
    ],
)
def test_a_retroactive_scale_is_compared_at_its_edges(bands: str, falls: bool) -> None:
    assert bool(found(tiers("retroactive", bands), "payout-falls")) == falls


def test_attainment_that_lowers_the_rate_is_seen_though_the_base_is_not_known() -> None:
    scale = "    tiers: {mode: retroactive, bands: [{from: 0, rate: 5%}, {from: 100%, rate: 4%}]}\n"
    attained = "  - id: c\n    measure: sum(amount) / target(revenue)\n    base: amount\n" + scale
    assert [p.found for p in found(document(attained), "payout-falls")] == [
        "at 1 the rate goes from 5% to 4% (component c)"
    ]
    of_target = tiers("retroactive", "{from: 0, rate: 5%}, {from: 100%, rate: 4%}", "of: target(revenue), ")
    assert [p.found for p in found(of_target, "payout-falls")] == ["at 100% the rate goes from 5% to 4% (component c)"]


def test_a_measure_that_is_an_age_may_lower_the_rate() -> None:
    age = "  - id: c\n    per: row\n    measure: days_between(start_date, date)\n    base: amount\n"
    scale = "    tiers: {mode: retroactive, bands: [{from: 0, rate: 100%}, {from: 90, rate: 50%}]}\n"
    assert found(document(age + scale), "payout-falls") == []


def test_a_marginal_band_that_takes_away_is_a_note() -> None:
    (problem,) = found(tiers("marginal", "{from: 0, rate: 5%}, {from: 100, rate: -1%}"), "payout-falls")
    assert problem.severity is Severity.NOTE


def test_a_curve_that_falls_is_a_warning() -> None:
    curve = "  - {id: c, curve: {points: [[0, 0], [100%, 500], [150%, 400]], pays: amount}}\n"
    (problem,) = found(document(curve), "payout-falls")
    assert problem.found == "towards 1.5 the payout goes from 500 to 400 (component c)"
    assert found(document(curve.replace("pays: amount", "pays: rate")), "payout-falls") == []


def test_the_greatest_leap_of_a_scale_is_said_once() -> None:
    text = tiers("retroactive", "{from: 0, rate: 1%}, {from: 5000, rate: 2%}, {from: 9000, rate: 6%}")
    (problem,) = found(text, "cliff")
    assert problem.severity is Severity.WARNING
    assert problem.found == "at 9,000 the payout goes from 180 to 540, 200% more for the last unit (component c)"


def test_a_leap_of_half_is_no_cliff_and_a_marginal_scale_has_none() -> None:
    assert grave(tiers("retroactive", "{from: 0, rate: 2%}, {from: 5000, rate: 3%}")) == []
    assert grave(tiers("marginal", "{from: 0, rate: 1%}, {from: 5000, rate: 9%}")) == []


def test_a_hurdle_below_which_nothing_is_earned_is_a_note() -> None:
    (problem,) = found(tiers("retroactive", "{from: 0, rate: 0%}, {from: 5000, rate: 2%}"), "cliff")
    assert problem.severity is Severity.NOTE
    assert "from 0 to 100: nothing is earned below" in problem.found


def test_a_reward_without_end_is_a_note_and_disturbs_nobody() -> None:
    (problem,) = checked(document("  - {id: c, rate: 5%}\n"))
    assert (problem.code, problem.severity) == ("uncapped", Severity.NOTE)


@pytest.mark.parametrize(
    "capped",
    [
        "  - {id: c, rate: 5%, limits: [{max: 100, per: period}]}\n",
        "  - {id: c, rate: 5%, pays: false}\n",
        "  - {id: c, amount: 500}\n",
        "  - {id: c, tiers: {mode: marginal, bands: [{from: 0, rate: 5%}, {from: 100, rate: 0%}]}}\n",
        "  - {id: c, tiers: {mode: filled, bands: [{from: 0, to: 10, amount: 5}]}}\n",
        "  - {id: c, rate: 5%, take: {of: quantity, up_to: 100}}\n",
    ],
)
def test_a_reward_with_an_end_is_not_uncapped(capped: str) -> None:
    assert found(document(capped), "uncapped") == []


def test_a_cap_of_the_statement_caps_all() -> None:
    assert checked(document("  - {id: c, rate: 5%}\n", "statement: {cap: 1000}\n")) == []
