"""Expressions written back, figures in full, and components in sentences."""

from decimal import Decimal

import pytest

from buoy_engine.run.wording import amount, money, percent, plain_number, rule_of, text_of
from buoy_engine.spec.expressions import parse
from buoy_engine.spec.read import read_plan


@pytest.mark.parametrize(
    "text",
    [
        "sum(amount where product.family == 'Bikes') over year_to_date / target(revenue) >= 90%",
        "a - (b - c)",
        "(a + b) * c",
        "-(a + b) * -c",
        "a and (b or c) and not (d or e)",
        "not a in (1, 2) and b not in list_name",
        "x is not null or y is null",
        "if(a > 0, b, coalesce(c, null, true))",
        "count() over last 3",
        "sum(x) over year - sum(x) over year_ago",
        '"it\'s" == t or t == \'say "x"\'',
        "date >= 2025-03-01 and days_between(date, 2025-04-01) < 0.5",
        "a / (b / c) / d",
        "count(where a > 1)",
    ],
)
def test_an_expression_written_back_means_the_same(text: str) -> None:
    node = parse(text)
    assert parse(text_of(node)) == node


def test_figures_are_exact_and_whole() -> None:
    assert amount(Decimal("1234567.5")) == "1,234,567.50"
    assert amount(Decimal("0.000000000001")) == "0.000000000001"
    assert amount(Decimal("1E+3")) == "1,000.00"
    assert plain_number(Decimal("10.500")) == "10.5"
    assert percent(Decimal("0.075")) == "7.5 %"
    assert percent(Decimal(25)) == "25"


def test_money_has_the_decimals_of_its_currency() -> None:
    assert [str(money(Decimal("5.00000"), code)) for code in ("USD", "JPY", "KWD")] == ["5.00", "5", "5.000"]
    assert str(money(Decimal("5.12340"), "USD")) == "5.1234"


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ("rate: 5%", "Pays 5 % of amount on lines."),
        ("{rate: low, base: quantity}", "Pays 3 % (low) of quantity on lines."),
        (
            "{amount: 50, when: {few: count() >= 3}, limits: [{max: 90, per: year}]}",
            "Pays 50 on lines. Only when count() >= 3. At most 90 per year.",
        ),
        (
            "{blocks: {size: 100, pays: 2, started: true}, measure: quantity, per: [deal_id]}",
            "Pays 2 for every started block of 100 of quantity on lines, per deal_id.",
        ),
        (
            "{tiers: {mode: retroactive, bands: [{up_to: 90%, rate: 0}, {rate: 2%, amount: 5}]},"
            " measure: sum(amount) / target(t), base: amount, every: quarter}",
            "Pays all of amount at the rate of the band that sum(amount) / target(t) reaches (0 % up to 90 %; 2 % plus 5)"
            " on lines, every quarter.",
        ),
        (
            "{credit: upline, rate: {by: level, 1: 2%, otherwise: 1%}, payout: [{share: 70%}, {share: 30%, after: 2}]}",
            "Pays 2 % for 1, 1 % otherwise (by level) of amount on lines, credited to the partners above the owner, up to"
            " level 3. Paid 70 % at once and 30 % after 2 months.",
        ),
    ],
)
def test_a_component_is_told_in_sentences(component: str, expected: str) -> None:
    inner = component.removeprefix("{").removesuffix("}") if component.startswith("{") else component
    text = f"{{plan: t, currency: USD, parameters: {{low: 3%}}, components: [{{id: c, {inner}}}]}}"
    plan, problems, _ = read_plan(text)
    assert plan is not None, problems
    assert rule_of(plan, plan.components[0]) == expected
