"""Two components that pay on the same rows are usually one that was copied."""

import pytest

from tests.engine.unit.spec.plans import document, found


def pair(one: str, other: str, more: str = "") -> list[str]:
    text = document(f"  - {{id: one, {one}}}\n  - {{id: other, {other}}}\n", more)
    return [problem.found for problem in found(text, "double-pay")]


def test_a_copy_is_named_with_its_original() -> None:
    bikes = 'where: product.family == "Bikes", rate: '
    assert pair(bikes + "5%", bikes + "3%") == [
        "other pays on the same rows and the same base as one (component other)"
    ]


def test_the_words_of_a_condition_count_and_not_its_reason() -> None:
    assert pair("where: {a: amount > 1}, rate: 5%", "where: {b: amount > 1}, base: sum(amount), rate: 5%") != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("where: amount > 1, rate: 5%", "where: amount <= 1, rate: 5%"),
        ("rate: 5%", "base: quantity, rate: 5%"),
        ("rate: 5%", "amount: 5"),
        ("rate: 5%", "rate: 5%, when: certified(gold)"),
        ("rate: 5%", "rate: 5%, credit: upline"),
        ("rate: 5%", "rate: 5%, dates: {from: 2025-01-01}"),
        ("rate: 5%", "rate: 5%, from: claims"),
        ("rate: 5%", "rate: 5%, accumulate: year"),
        (
            "tiers: {mode: marginal, bands: [{from: 0, rate: 1%}]}",
            "tiers: {mode: retroactive, bands: [{from: 0, rate: 1%}]}",
        ),
        ("rate: 5%", "rate: 5%, pays: false"),
        ("rate: 5%", "rate: earned(one) / sum(amount)"),
    ],
)
def test_what_differs_in_rows_base_or_conditions_adds_up(one: str, other: str) -> None:
    assert pair(one, other) == []


def test_a_best_of_pays_only_one() -> None:
    assert pair("rate: 5%", "rate: 3%", "combine: [{best_of: [one, other]}]\n") == []
