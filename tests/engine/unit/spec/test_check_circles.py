"""What is calculated from itself is refused, with the way around."""

import pytest

from tests.engine.unit.spec.plans import document, found

ONE = "  - {id: one, amount: 5}\n"


@pytest.mark.parametrize(
    ("components", "more", "way"),
    [
        ("  - {id: a, base: amount - earned(a), rate: 5%}\n", "", "component a → component a"),
        (
            "  - {id: a, when: earned(b) > 0, amount: 5}\n  - {id: b, multiply: earned(a), amount: 5}\n",
            "",
            "component a → component b → component a",
        ),
        (
            "  - {id: a, when: earned(b) > 0, amount: 5}\n"
            "  - {id: b, from: x, credit: {follow: a}, base: -earned, rate: 1}\n",
            "",
            "component a → component b → component a",
        ),
        (
            "  - {id: a, when: m > 0, amount: 5}\n",
            "measures: {m: n * 2, n: earned(a)}\n",
            "component a → measure m → measure n → component a",
        ),
        (ONE, "measures: {m: n * 2, n: m / 2}\n", "measure m → measure n → measure m"),
        (ONE, "parameters: {p: q, q: p}\n", "parameter p → parameter q → parameter p"),
        (ONE, "sources: {s: {from: t}, t: {from: s}}\n", "source s → source t → source s"),
        (ONE, "sources: {lines: {from: lines}}\n", "source lines → source lines"),
    ],
)
def test_a_circle_is_said_once_with_its_way(components: str, more: str, way: str) -> None:
    (problem,) = found(document(components, more), "circular")
    assert problem.found.removesuffix(" (component a)") == way


def test_two_circles_are_two_problems() -> None:
    assert len(found(document(ONE, "measures: {a: b, b: a, c: d, d: c, e: a}\n"), "circular")) == 2


@pytest.mark.parametrize(
    "text",
    [
        document("  - {id: a, amount: 5}\n  - {id: b, base: amount - earned(a), rate: 5%}\n"),
        document(ONE, "measures: {sales: sum(sales) over year}\n"),  # the column of the rows, in the measure named so
        document("  - {id: a, amount: target(a)}\n", "measures: {m: target(m)}\n"),
    ],
)
def test_what_only_sounds_like_a_circle_is_none(text: str) -> None:
    assert found(text, "circular") == []
