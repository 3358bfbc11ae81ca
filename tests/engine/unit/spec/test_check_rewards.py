"""Numbers of a plan that contradict themselves."""

import pytest

from buoy_engine.kernel.problems import Severity
from tests.engine.unit.spec.plans import document, found, grave


def component(keys: str, more: str = "") -> list[str]:
    return grave(document(f"  - {{id: c, {keys}}}\n", more))


@pytest.mark.parametrize(
    ("limit", "codes"),
    [
        ("{min: 1, max: 12, per: row}", []),
        ("{min: 12, max: 12}", []),
        ("{min: 13, max: 12}", ["limit-order"]),
        ("{min: 13, max: target(x)}", []),
        ("{max: 5, excess: carry}", []),
        ("{min: 5, excess: carry}", ["limit-unusable"]),
        ("{max: 5, excess: carry, per: row}", ["limit-unusable"]),
        ("{min: 5, per: programme}", ["limit-unusable"]),
        ("{max: 5, per: programme}", []),
        ("{per: year}", ["limit-unusable"]),
    ],
)
def test_limits_can_do_what_they_say(limit: str, codes: list[str]) -> None:
    assert component(f"amount: 5, limits: [{limit}]") == codes


@pytest.mark.parametrize(
    ("parts", "codes"),
    [
        ("{share: 75%}, {share: 25%, after: 10 months, parts: 3}", []),
        ("{share: 0.75}, {share: 0.2}", ["payout-sum"]),
        ("{share: 100%}, {share: 50%}", ["payout-sum"]),
        ("{share: 150%}, {share: -50%}", ["share-range", "share-range"]),
        ("{share: advance}, {share: 1 - advance}", []),
        ("{share: score(x)}, {share: 50%}", []),
    ],
)
def test_parts_of_a_payout_are_the_whole(parts: str, codes: list[str]) -> None:
    assert component(f"amount: 5, payout: [{parts}]", "parameters: {advance: 40%}\n") == codes


def test_the_sum_of_the_parts_is_said() -> None:
    (problem,) = found(document("  - {id: c, amount: 5, payout: [{share: 75%}, {share: 20%}]}\n"), "payout-sum")
    assert problem.found == "parts of 75% + 20% = 95% (component c)"


@pytest.mark.parametrize(
    ("share", "codes"), [("50%", []), ("0", []), ("50", ["share-range"]), ("-1%", ["share-range"])]
)
def test_a_draw_recovers_a_share(share: str, codes: list[str]) -> None:
    assert component("amount: 5", f"statement: {{draw: {{amount: 100, recover: {share}}}}}\n") == codes


def test_a_share_written_without_percent_is_guessed() -> None:
    text = document("  - {id: c, amount: 5}\n", "statement: {draw: {amount: 100, recover: 50}}\n")
    assert [p.fix for p in found(text, "share-range")] == ["write 50%"]


@pytest.mark.parametrize(
    ("points", "codes"),
    [
        ("[0, 0], [100%, 5], [150%, 9]", []),
        ("[0, 0], [100%, 5], [90%, 9]", ["curve-order"]),
        ("[0, 0], [0, 5]", ["curve-order"]),
        ("[0, 0], [target(x), 5], [10, 9]", []),
    ],
)
def test_points_of_a_curve_go_from_left_to_right(points: str, codes: list[str]) -> None:
    assert component(f"curve: {{points: [{points}], pays: amount}}") == codes


@pytest.mark.parametrize(("size", "codes"), [("100", []), ("0", ["block-size"]), ("-5", ["block-size"])])
def test_a_block_has_a_size(size: str, codes: list[str]) -> None:
    assert component(f"blocks: {{size: {size}, pays: 2}}") == codes


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("0%", []),
        ("100%", []),
        ("101%", ["parameter-range"]),  # FL-002
        ("-1%", ["parameter-range"]),
        ("top * 2", ["parameter-range"]),
    ],
)
def test_a_parameter_keeps_its_bounds(value: str, codes: list[str]) -> None:
    more = f"parameters: {{top: 60%, quote: {{value: {value}, min: 0%, max: 100%}}}}\n"
    assert component("rate: quote", more) == codes


@pytest.mark.parametrize(
    ("keys", "refused"),
    [
        ("rate: 5 / 0", True),
        ("rate: 5 / (2 - 2)", True),
        ("rate: 5 / none", True),
        ("where: {a: amount / 0 > 1}, amount: 5", True),
        ("rate: {by: level, 1: 5 / 0, otherwise: 2%}", True),
        ("tiers: {mode: marginal, of: 0, bands: [{from: 0, rate: 1}]}", True),
        ("rate: sum(amount) / target(revenue)", False),
        ("rate: 0 / 5", False),
    ],
)
def test_a_division_by_a_written_zero_is_refused(keys: str, refused: bool) -> None:
    assert ("divides-by-zero" in component(keys, "parameters: {none: 0}\n")) == refused


@pytest.mark.parametrize(
    ("keys", "unused"),
    [
        ("measure: sum(quantity), base: amount, tiers: {mode: marginal, bands: [{from: 0, rate: 1}]}", True),
        ("measure: sum(quantity), base: amount, tiers: {mode: retroactive, bands: [{from: 0, rate: 1}]}", False),
        ("measure: sum(amount), base: amount, tiers: {mode: marginal, bands: [{from: 0, rate: 1}]}", False),
        ("base: amount, tiers: {mode: marginal, bands: [{from: 0, rate: 1}]}", False),
        (
            "measure: sum(quantity), base: amount, when: count() > 1, otherwise: {rate: 1%}, "
            "tiers: {mode: marginal, bands: [{from: 0, rate: 1}]}",
            False,
        ),
    ],
)
def test_a_base_beside_marginal_bands_is_a_warning(keys: str, unused: bool) -> None:
    problems = found(document(f"  - {{id: c, {keys}}}\n"), "base-unused")
    assert [problem.severity for problem in problems] == ([Severity.WARNING] if unused else [])


@pytest.mark.parametrize(
    ("keys", "paid"),
    [
        ("per: row, amount: 25", True),
        ("per: row, amount: 25, from: s", True),
        ("per: row, amount: 25, returns: original", False),
        ("per: row, amount: 25, settings: {returns: original}", False),
        ("per: row, amount: 25, where: not is_return", False),
        ("per: row, amount: 25, where: quantity > 0", False),
        ("per: row, amount: 'if(amount < 0, -25, 25)'", False),
        ("per: row, amount: 25, from: claims", False),
        ("amount: 25", False),
    ],
)
def test_a_fixed_amount_on_a_returned_row_is_a_warning(keys: str, paid: bool) -> None:
    codes = component(keys, "sources: {s: {from: lines}}\n")
    assert ("amount-on-returns" in codes) == paid
