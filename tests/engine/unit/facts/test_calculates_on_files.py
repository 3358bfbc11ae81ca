"""A run over files earns what a run over the same rows in memory earns."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts, inline_table
from buoy_engine.run.calculate import calculate
from buoy_engine.spec.model import Plan
from tests.engine.unit.facts.folder import Folder

LINES: list[dict[str, Any]] = [
    {"id": "L1", "partner_id": "P1", "date": "2025-01-31", "amount": "1000.005", "currency": "USD"},
    {"id": "L2", "partner_id": "P1", "date": "2025-02-28", "amount": "2000", "currency": "EUR"},
    {"id": "L3", "partner_id": "P2", "date": "2025-12-31", "amount": "-10", "currency": "USD"},
]
TARGETS: list[dict[str, Any]] = [{"partner_id": "P1", "target": "revenue", "period": "2025-01", "amount": "500"}]
RATES: list[dict[str, Any]] = [{"currency": "EUR", "date": "2025-02-01", "rate": "1.1"}]
HIERARCHY: list[dict[str, Any]] = [{"partner_id": "P1", "parent_id": "D1"}]
COMPONENTS = [
    {"id": "commission", "rate": "5%"},
    {"id": "override", "credit": "upline", "rate": "1%"},
    {"id": "bonus", "when": "sum(amount) >= target(revenue)", "amount": 100},
]


def text_of(rows: list[dict[str, Any]]) -> str:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"


def earned(plan: Plan, facts: Facts) -> dict[tuple[str, str, str], Decimal]:
    rows = calculate(plan, facts, DuckDb(threads=1)).earned()
    return {(row["component"], row["_payee"], row["_period"]): row["amount"] for row in rows if row["amount"]}


def test_files_earn_what_rows_earn(folder: Folder, plan: Callable[..., Plan]) -> None:
    made = plan(components=COMPONENTS, valid={})
    tables = {"lines": LINES, "targets": TARGETS, "rates": RATES, "hierarchy": HIERARCHY}
    for name, rows in tables.items():
        folder.csv(name, text_of(rows))
    intake = folder.take_in(made)
    assert [str(problem) for problem in intake.problems] == []
    found = earned(made, intake.facts)
    assert found == earned(made, Facts({name: inline_table(name, rows) for name, rows in tables.items()}))
    assert found["commission", "P1", "2025-02"] == Decimal("110.00")
    assert found["override", "D1", "2025-02"] == Decimal("22.00")
    assert found["bonus", "P1", "2025-01"] == Decimal("100.00")


@pytest.mark.parametrize("times", [1, 3])
def test_a_file_delivered_again_changes_nothing(folder: Folder, plan: Callable[..., Plan], times: int) -> None:
    (folder.facts / "lines").mkdir()
    for part in range(times):
        folder.csv(f"lines/{part}", text_of([line for line in LINES if line["currency"] == "USD"]))
    made = plan()
    assert earned(made, folder.take_in(made).facts)["commission", "P1", "2025-01"] == Decimal("50.00")
