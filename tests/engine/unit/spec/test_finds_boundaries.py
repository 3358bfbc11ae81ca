"""Boundary cases of a plan: one unit below, at and above every edge that is known."""

from decimal import Decimal

import pytest

from buoy_engine.spec.edges import boundary_values
from tests.engine.unit.spec.plans import document, golden_plans, plan, tiers


def values(text: str) -> list[str]:
    return [f"{value:f}" for _, value in boundary_values(plan(text))]


@pytest.mark.parametrize(
    ("bands", "more", "expected"),
    [
        ("{from: 0, rate: 1}, {from: 100, rate: 2}", "", "99.99 100 100.01"),
        ("{up_to: 100, rate: 1}, {up_to: 250.5, rate: 2}, {rate: 3}", "", "99.99 100 100.01 250.49 250.5 250.51"),
        ("{below: 50, rate: 1}, {from: 50, rate: 1}", "", "49.99 50 50.01"),
        ("{from: 0, rate: 1}, {from: 100%, rate: 2}", "of: 2000, ", "1999.99 2000 2000.01"),
        ("{from: 0, rate: 1}, {from: 100%, rate: 2}", "of: target(revenue), ", ""),
        ("{from: 0, rate: 1}, {from: target(revenue), rate: 2}", "", ""),
        ("{from: 0, rate: 1}", "", ""),
    ],
)
def test_every_known_edge_is_tried_from_both_sides(bands: str, more: str, expected: str) -> None:
    assert values(tiers("marginal", bands, more)) == expected.split()


def test_the_unit_is_that_of_the_currency_or_one_of_what_is_counted() -> None:
    scale = "    tiers: {mode: retroactive, bands: [{from: 0, amount: 1}, {from: 10, amount: 2}]}\n"
    yen = document("  - id: c\n" + scale).replace("USD", "JPY")
    assert values(yen) == ["9", "10", "11"]
    assert values(document("  - id: c\n    measure: sum(quantity)\n" + scale)) == ["9", "10", "11"]
    assert values(document("  - id: c\n    measure: distinct(customer_id)\n" + scale)) == ["9", "10", "11"]


def test_versions_and_alternatives_have_edges_too() -> None:
    versions = "versions: [{from: 2025-07-01, bands: [{from: 0, rate: 1}, {from: 7, rate: 1}]}], "
    text = tiers("marginal", "{from: 0, rate: 1}, {from: 5, rate: 1}", versions)
    assert values(text) == "4.99 5 5.01 6.99 7 7.01".split()
    otherwise = (
        "    when: count() > 1\n    otherwise: {tiers: {mode: filled, bands: [{from: 0}, {from: 9, amount: 1}]}}\n"
    )
    assert values(document("  - id: c\n    amount: 1\n" + otherwise)) == "8.99 9 9.01".split()


def test_each_value_names_its_component() -> None:
    one = "  - {id: a, tiers: {mode: marginal, bands: [{from: 0, rate: 1}, {from: 5, rate: 1}]}}\n"
    found = boundary_values(plan(document(one + one.replace("id: a", "id: b"))))
    assert {name for name, _ in found} == {"a", "b"}
    assert found[0] == ("a", Decimal("4.99"))


def test_every_worked_case_can_be_asked() -> None:
    for name, read, _, _ in golden_plans():
        assert all(isinstance(value, Decimal) for _, value in boundary_values(read)), name
