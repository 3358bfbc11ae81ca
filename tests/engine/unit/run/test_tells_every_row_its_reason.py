"""What a row failed at only once rewards were known stands in the reconciliation and in the explanation, too."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.explain import Explainer
from buoy_engine.run.failures import Failure
from buoy_engine.run.lines import explain_line, proven
from buoy_engine.run.reading import Relations
from buoy_engine.run.report import Reconciled, reconcile
from buoy_engine.run.stored import StoredRun, write_relations
from buoy_engine.spec.model import Plan
from tests.engine.worked_cases import read_case

RECIPE = Path(__file__).parents[2] / "recipes" / "reasons-of-rows.yaml"


@pytest.fixture(scope="module")
def calculated() -> Iterator[tuple[Result, Facts]]:
    data = read_case(RECIPE).data
    plan = Plan.model_validate(data["plan"])
    backend, facts = DuckDb(threads=1), facts_of(plan, data["facts"])
    yield calculate(plan, facts, backend), facts
    backend.close()


def reconciled(result: Result, component: str) -> Reconciled:
    return next(entry for entry in reconcile(result) if entry.component == component)


@pytest.mark.parametrize(
    ("component", "credited", "uncredited"),
    [
        ("gated", 2, {"outside_plan": 1, "too_small": 2}),
        ("fallback", 4, {"outside_plan": 1}),
        ("whole", 4, {"outside_plan": 1}),
        ("b", 2, {"not_b": 1, "outbid": 1, "outside_plan": 1}),
        ("y", 1, {"outbid": 3, "outside_plan": 1}),
    ],
)
def test_the_reconciliation_counts_it(
    calculated: tuple[Result, Facts], component: str, credited: int, uncredited: dict[str, int]
) -> None:
    entry = reconciled(calculated[0], component)
    assert (entry.rows, entry.credited, entry.uncredited) == (5, credited, uncredited)
    assert entry.adds_up


def test_a_gate_asked_row_by_row_is_counted_once(calculated: tuple[Result, Facts]) -> None:
    assert reconciled(calculated[0], "gated").withheld == {}


def failure(calculated: tuple[Result, Facts], line: str, component: str) -> Failure:
    result, facts = calculated
    explainer = Explainer(Relations(result))
    told = explain_line(explainer, facts, line, component)
    (entry,) = proven(told, explainer, facts, lambda: DuckDb(threads=1)).entries
    assert entry.failure is not None
    return entry.failure


def test_the_explanation_of_a_refused_row_says_what_would_have_paid(calculated: tuple[Result, Facts]) -> None:
    found = failure(calculated, "L2", "gated")
    assert (found.reason, found.condition, found.values) == ("too_small", "amount >= 50", {"amount": 40})
    assert found.change is not None


@pytest.mark.parametrize(
    ("line", "component", "says"),
    [
        ("L1", "b", "another component is worth more here"),
        ("L0", "whole", "the plan counts other dates"),
        ("L3", "waits", "the target or baseline it is measured by is missing or not above zero"),
    ],
)
def test_the_explanation_names_the_reason(
    calculated: tuple[Result, Facts], line: str, component: str, says: str
) -> None:
    assert failure(calculated, line, component).says == says


def test_the_explanation_says_what_a_budget_left_of_a_row() -> None:
    data = read_case(RECIPE.with_name("budget-runs-out.yaml")).data
    plan, backend = Plan.model_validate(data["plan"]), DuckDb(threads=1)
    facts = facts_of(plan, data["facts"])
    explainer = Explainer(Relations(calculate(plan, facts, backend)))
    cut, reached = (explain_line(explainer, facts, line).entries[0] for line in ("L2", "L3"))
    backend.close()
    assert (cut.earned, cut.note) == (Decimal(400), "limit_cut: earlier lines have used up a part of what may be taken")
    assert reached.failure is not None
    assert reached.failure.reason == "limit_reached"


SOURCED = RECIPE.with_name("return-left-out-by-a-source.yaml")


@pytest.fixture(scope="module")
def sourced() -> Iterator[tuple[Result, Facts]]:
    data = read_case(SOURCED).data
    plan = Plan.model_validate(data["plan"])
    backend, facts = DuckDb(threads=1), facts_of(plan, data["facts"])
    yield calculate(plan, facts, backend), facts
    backend.close()


def test_the_reconciliation_counts_what_a_source_leaves_out(sourced: tuple[Result, Facts]) -> None:
    entry = reconciled(sourced[0], "promo")
    assert (entry.rows, entry.credited, entry.uncredited) == (5, 1, {"no_box": 3, "over": 1})
    assert entry.adds_up


def test_a_stored_run_counts_what_a_source_leaves_out(sourced: tuple[Result, Facts], tmp_path: Path) -> None:
    result, _ = sourced
    write_relations(result, {}, tmp_path)
    plan = result.program.plan
    counts = StoredRun(tmp_path, plan).counts(plan.components[0], "A")
    assert counts == {"2025-06": {None: 1, "no_box": 1}, "2025-07": {"over": 1}, "2025-08": {"no_box": 2}}
    assert counts == Relations(result).counts(plan.components[0], "A")


@pytest.mark.parametrize(
    ("line", "source", "condition", "values"),
    [
        ("L2", "boxes", 'unit == "box"', {"unit": "each"}),
        ("R1", "promotion", "date <= 2025-06-30", {"date": date(2025, 7, 2)}),
    ],
)
def test_the_explanation_names_the_source_that_leaves_a_row_out(
    sourced: tuple[Result, Facts], line: str, source: str, condition: str, values: dict[str, Any]
) -> None:
    found = failure(sourced, line, "promo")
    assert (found.says, found.condition) == (f"a condition of the source {source} does not hold", condition)
    assert found.values == values
    assert found.change is not None
