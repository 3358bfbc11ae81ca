"""Plans from YAML: what is wrong is said with its place, what is right is exact, and a change changes one line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec.expressions import Choice, Number, parse
from buoy_engine.spec.read import read_plan
from buoy_engine.spec.source import ExactNumber, Source, load
from tests.engine.unit.spec.plans import GOLDEN, document, plan

PLAN = """\
# Agreed with finance on 3 March.
buoy: 1
plan: reseller-2025      # never change this
currency: USD

parameters:
  base_rate: 0.050       # five percent
  hurdle: 1_000_000.10
components:
  # the main thing
  - id: commission
    title: "Commission: bikes"
    tiers:
      mode: marginal
      bands:
        - {from: 0, rate: base_rate}
        - {from: 100000, rate: 8%}   # accelerator
  - {id: bonus, amount: 500, when: sum(amount) > hurdle}
"""


def source_of(text: str) -> Source:
    source = load(text, "plan.yaml")
    assert isinstance(source, Source), source
    return source


def problems_of(text: str) -> list[Problem]:
    read, problems, _ = read_plan(text)
    assert read is None
    return problems


def test_a_plan_is_written_as_it_was_read() -> None:
    assert source_of(PLAN).text() == PLAN


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_worked_case_is_written_as_it_was_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert source_of(text).text() == text


def test_a_changed_value_changes_its_line_and_no_other() -> None:
    source = source_of(PLAN)
    source.tree["parameters"]["base_rate"] = ExactNumber("0.055")
    source.tree["components"][0]["tiers"]["bands"][1]["rate"] = "9%"
    before, after = PLAN.splitlines(), source.text().splitlines()
    assert len(before) == len(after)
    changed = [line for line, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b]
    assert changed == [7, 17]
    assert after[6].startswith("  base_rate: 0.055 ")
    assert after[16] == "        - {from: 100000, rate: 9%}   # accelerator"


def test_a_decimal_may_be_written_into_the_document() -> None:
    source = source_of(PLAN)
    source.tree["parameters"]["base_rate"] = Decimal("0.000000001")
    assert "base_rate: 0.000000001 " in source.text()
    assert plan(source.text()).parameters["base_rate"].value == Number(Decimal("1E-9"))


def test_lists_without_indentation_and_long_lines_stay_as_they_are() -> None:
    long = ", ".join(f"SKU-{number:05}" for number in range(60))
    text = f"currency: USD\nlists:\n  skus: [{long}]\ncomponents:\n- id: c\n  amount: 5\n"
    assert source_of(text).text() == text


def test_numbers_are_exact() -> None:
    read = plan(PLAN)
    assert read.parameters["base_rate"].value == Number(Decimal("0.050"))
    assert read.parameters["hurdle"].value == Number(Decimal("1000000.10"))


def test_a_table_of_values_keeps_its_rows() -> None:
    (component,) = plan(document("  - {id: c, rate: {by: partner.tier, gold: 6%, 1: 5%, otherwise: 0}}\n")).components
    assert isinstance(component.rate, Choice)
    assert [value for _, value in component.rate.keys] == [Number(Decimal("0.06")), Number(Decimal("0.05"))]


def test_dates_and_bounds_may_be_short_or_long() -> None:
    lists = "lists: {skus: [A, {value: B, to: 2025-03-31}]}\n"
    more = "valid: {from: 2025-01-01}\nparameters: {a: 5, b: {value: 5, max: 9}}\n"
    read = plan(document("  - {id: c, amount: 5}\n", lists + more))
    assert read.valid.from_ == date(2025, 1, 1)
    assert [(entry.value, entry.to) for entry in read.lists["skus"]] == [("A", None), ("B", date(2025, 3, 31))]
    assert read.parameters["a"].value == read.parameters["b"].value == Number(Decimal(5))


@pytest.mark.parametrize(
    ("component", "code", "place", "found"),
    [
        ("{id: c, amount: 5, limts: 3}", "unknown-key", "plan.yaml:3:24", "the key 'limts'"),
        ("{id: c, where: amount > 1}", "rate-function", "plan.yaml:3:5", "no rate function"),
        ("{id: c, rate: 5%, amount: 5}", "rate-function", "plan.yaml:3:5", "rate and amount"),
        ("{id: c, rate: amount >}", "expression-error", "plan.yaml:3:19", "the expression ends where a value was"),
        ("{id: c, rate: {gold: 5%}}", "value-shape", "plan.yaml:3:13", "needs the key 'by'"),
        ("{id: c, rate: [5%]}", "value-shape", "plan.yaml:3:13", "list"),
        ("{id: c, rate: 5%, per: row, returns: both}", "unknown-choice", "plan.yaml:3:42", "'both'"),
        ("{id: c, rate: 5%, credit: nobody}", "credit-shape", "plan.yaml:3:31", "nobody"),
        (
            "{id: c, rate: 5%, dates: {from: 2025-02-01, to: 2025-01-31}}",
            "dates-reversed",
            "plan.yaml:3:23",
            "2025-01-31",
        ),
        ("{id: c, rate: 5%, payout: [{share: 1, after: soon}]}", "duration", "plan.yaml:3:50", "soon"),
        ("{amount: 5}", "missing-key", "plan.yaml:3:5", "no 'id'"),
        ("{id: c, tiers: {mode: marginal, bands: []}}", "plan-shape", "plan.yaml:3:37", "0 entries"),
        ("{id: c d, amount: 5}", "plan-shape", "plan.yaml:3:10", "'c d'"),
    ],
)
def test_one_mistake_is_one_problem_with_its_place(component: str, code: str, place: str, found: str) -> None:
    (problem,) = problems_of(document(f"  - {component}\n"))
    assert (problem.code, problem.place) == (code, place)
    assert found in problem.found
    assert not problem.found.startswith("found")


@pytest.mark.parametrize("key", ["base: max(0, amount - 5), rate: 5%", "amount: 5, when: [sum(amount) > min(3, 4)]"])
def test_an_expression_that_yaml_cut_at_a_comma_is_to_be_quoted(key: str) -> None:
    cut, *_ = (p for p in problems_of(document(f"  - {{id: c, {key}}}\n")) if p.code == "expression-error")
    assert "found the end where ',' was expected" in cut.found
    assert cut.fix.startswith("write it in quotes")


def test_an_expression_in_quotes_keeps_its_commas() -> None:
    (component,) = plan(document('  - {id: c, base: "max(0, amount - 5)", rate: 5%}\n')).components
    assert component.base == parse("max(0, amount - 5)")


@pytest.mark.parametrize("mode", ["", "mode: tiered, ", "mode: cumulative, "])
def test_a_scale_that_does_not_say_its_reading_is_asked(mode: str) -> None:
    (problem,) = problems_of(document(f"  - {{id: c, tiers: {{{mode}bands: [{{from: 0, rate: 5%}}]}}}}\n"))
    assert problem.code == "tier-reading"
    assert problem.line == 3
    assert all(word in problem.expected for word in ("question", "marginal", "retroactive", "filled"))


def test_several_mistakes_are_said_together() -> None:
    text = "currency: USD\nperiod: fortnight\ncomponents:\n  - {id: c, rate: 5%, colour: red}\n  - {id: d}\n"
    assert {(p.code, p.line) for p in problems_of(text)} == {
        ("unknown-choice", 2),
        ("unknown-key", 4),
        ("rate-function", 5),
    }


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: [\n", "yaml-broken", "plan.yaml:2:1"),
        ("a: 1\na: 2\n", "yaml-broken", "plan.yaml:2:1"),
        ("a: *b\n", "yaml-broken", "plan.yaml:1:4"),
        ("\ta: 1\n", "yaml-broken", "plan.yaml:1:1"),
        ("valid: {from: 2025-02-30}\n", "yaml-broken", "plan.yaml:1:15"),
        ("a: \x00\n", "yaml-broken", "plan.yaml"),
        ("", "plan-shape", "plan.yaml:1:1"),
        ("- a\n", "plan-shape", "plan.yaml:1:1"),
    ],
)
def test_what_is_no_plan_at_all_is_said_and_not_raised(text: str, code: str, place: str) -> None:
    (problem,) = problems_of(text)
    assert (problem.code, problem.place) == (code, place)
