"""Names: one thing each, all there, all used, none that hides a word of the language."""

import pytest

from buoy_engine.kernel.problems import Severity
from tests.engine.unit.spec.plans import checked, document, found, grave

ONE = "  - {id: one, amount: 5}\n"


def test_an_id_twice_is_refused_at_the_second() -> None:
    (problem,) = found(document(ONE + "  - {id: two, amount: 5}\n" + ONE), "duplicate-id")
    assert (problem.line, problem.column) == (5, 10)
    assert "first for component number 1" in problem.found


@pytest.mark.parametrize(
    "second",
    [
        "  - {id: two, base: amount - earned(none), rate: 5%}\n",
        "  - {id: two, when: earned(none) > 0, amount: 5}\n",
        '  - {id: two, when: earned("none") over year > 0, amount: 5}\n',
        "  - {id: two, from: cancellations, credit: {follow: none}, base: -earned, rate: 1}\n",
        "combine: [{best_of: [one, none]}]\n",
        "combine: [{best_of: [one, one], otherwise: none}]\n",
    ],
)
def test_a_component_that_is_named_and_not_there_is_refused(second: str) -> None:
    (problem,) = found(document(ONE + second), "unknown-component")
    assert problem.found.startswith("the component 'none'")
    assert problem.line == 4


def test_a_list_that_is_not_there_is_refused() -> None:
    lists = "lists: {skus: [A1]}\n"
    where = "  - id: c\n    where: product_id in {}\n    amount: 5\n"
    assert grave(document(where.format("skus"), lists)) == []
    assert grave(document(where.format("skuz"), lists)) == ["unknown-list"]
    assert grave(document(where.format("('A', 'B')"), lists)) == []


@pytest.mark.parametrize("name", ["amount", "sum", "year", "date", "target", "where", "partner"])
@pytest.mark.parametrize("group", ["parameters", "measures"])
def test_a_name_that_the_language_uses_is_a_warning(group: str, name: str) -> None:
    (problem,) = found(document(ONE, f"{group}: {{{name}: 5}}\n"), "shadowed-name")
    assert problem.severity is Severity.WARNING


def test_a_measure_hidden_by_a_parameter_is_a_warning() -> None:
    more = "parameters: {goal: 5}\nmeasures: {goal: sum(amount)}\n"
    assert grave(document(ONE, more)) == ["shadowed-name"]


@pytest.mark.parametrize(
    "more", ["parameters: {spare: 5}\n", "lists: {spare: [A]}\n", "sources: {spare: {from: lines}}\n"]
)
def test_what_nothing_refers_to_is_a_note(more: str) -> None:
    (problem,) = checked(document(ONE, more))
    assert (problem.code, problem.severity, problem.line) == ("unused", Severity.NOTE, 2)


def test_measures_are_shown_and_so_never_unused() -> None:
    assert checked(document(ONE, "measures: {sales: sum(amount)}\n")) == []


def test_a_use_anywhere_is_a_use() -> None:
    more = "parameters: {a: b, b: 5}\nlists: {skus: [A]}\nsources: {s: {from: t}, t: {from: lines, where: x in skus}}\n"
    used = "  - {id: c, from: s, amount: 5, limits: [{max: a * 2}]}\n"
    assert checked(document(used, more)) == []


def test_the_name_of_a_target_is_no_word() -> None:
    (problem,) = found(document("  - {id: c, amount: target(goal)}\n", "parameters: {goal: 5}\n"), "unused")
    assert "'goal' under parameters" in problem.found
