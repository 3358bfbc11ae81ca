"""Every worked case explained: the steps lead to the amount, lines to their part, and suggestions flip the outcome."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.compile.scope import Misuse
from buoy_engine.facts.tables import FactError, Facts
from buoy_engine.kernel.periods import CalendarIncomplete, CalendarRuleInvalid
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of, merge
from buoy_engine.run.explain import Explainer
from buoy_engine.run.lines import explain_line, proven
from buoy_engine.run.reading import Relations
from buoy_engine.run.report import reconcile
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source, load

GOLDEN = sorted((Path(__file__).resolve().parents[2] / "golden").glob("*.yaml"))
NEWER = ("factor-of-each-row", "filled-to-the-top")
RECIPES = [Path(__file__).resolve().parents[2] / "recipes" / f"{name}.yaml" for name in NEWER]
HARDLY = Decimal("0.000001")
LINES = 6


def engine() -> DuckDb:
    return DuckDb(threads=1)


def results_of(file: Path) -> Iterator[tuple[Result, Facts]]:
    """The results of a case and its variants, with the facts of all its steps at once."""
    source = load(file.read_text(encoding="utf-8"), file.name)
    assert isinstance(source, Source), source
    data = source.data
    for change in [{}, *(data.get("variants") or {}).values()]:
        backend = engine()
        try:
            made = _result(source, data, dict(change or {}), backend)
            if made is not None:
                yield made
        finally:
            backend.close()


def _result(source: Source, data: Any, change: dict[str, Any], backend: DuckDb) -> tuple[Result, Facts] | None:
    tables = {**(data.get("facts") or {}), **(change.pop("facts", None) or {})}
    for step in data.get("steps") or ():
        for table, rows in (step.get("facts") or {}).items():
            tables[table] = [*tables.get(table, ()), *rows]
    plan, _ = plan_of(merge(data["plan"], change), source, ("plan",))
    if plan is None or plan.statement.currency == "row":
        return None
    try:
        facts = facts_of(plan, tables)
        return calculate(plan, facts, backend), facts
    except (Misuse, FactError, CalendarIncomplete, CalendarRuleInvalid):
        return None  # a case that expects to be refused


def check(file: Path) -> None:
    for result, facts in results_of(file):
        explainer = Explainer(Relations(result))
        for payee in [row["partner_id"] for row in result.read("payees")]:
            for part in explainer.explain(payee):
                for cell in part.cells:
                    assert abs(cell.steps[-1].value - cell.value) <= HARDLY
                assert sum((share.cents for share in part.shares), Decimal(0)) == part.amount
        assert all(entry.adds_up for entry in reconcile(result))
        check_lines(explainer, facts)


def check_lines(explainer: Explainer[Relations], facts: Facts) -> None:
    result = explainer.relations.result
    relations = {made.rows for made in result.program.made.values()}
    lines = sorted({row["_id"] for relation in relations for row in result.backend.read(relation, ("_id",))})
    for line in lines[:LINES]:
        told = explain_line(explainer, facts, line)
        for entry in told.entries:
            assert entry.steps or entry.failure or entry.note
            if entry.failure is None and entry.steps:
                assert abs(entry.steps[-1].value - entry.earned) <= Decimal(1)
        kept = proven(told, explainer, facts, engine)
        lost = [
            entry.failure
            for entry, proof in zip(told.entries, kept.entries, strict=True)
            if entry.failure and proof.failure and entry.failure.change and not proof.failure.change
        ]
        # Where `take` has nothing left, a line may meet every condition and still get nothing.
        assert not lost or any(component.take for component in explainer.plan.components)


@pytest.mark.parametrize("file", [*GOLDEN[::8], *RECIPES], ids=lambda file: file.stem)
def test_a_worked_case_is_explained(file: Path) -> None:
    check(file)


@pytest.mark.long
@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_every_worked_case_is_explained(file: Path) -> None:
    check(file)
