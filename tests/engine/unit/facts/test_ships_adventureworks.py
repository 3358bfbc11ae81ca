"""The example's facts are what the source says, and are accepted as they are."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.intake import Intake, take_in

EXAMPLE = Path(__file__).parents[4] / "examples" / "adventureworks"


@pytest.fixture
def backend() -> DuckDb:
    return DuckDb(threads=1)


@pytest.fixture
def intake(backend: DuckDb, tmp_path: Path) -> Intake:
    return take_in(EXAMPLE / "facts", tmp_path, backend)


def test_nothing_is_wrong_with_them(intake: Intake) -> None:
    assert [str(problem) for problem in intake.problems] == []


def test_the_lines_are_those_of_the_source(intake: Intake, backend: DuckDb) -> None:
    rows = list(backend.read("lines", ["id", "order_id", "amount", "partner_id", "currency"]))
    assert len(rows) == 60_855
    assert len({row["order_id"] for row in rows}) == 3_796
    assert sum(row["amount"] for row in rows) == Decimal("80450596.9823")
    assert len({row["partner_id"] for row in rows}) == 701 - 66
    assert {row["currency"] for row in rows} == {"AUD", "CAD", "EUR", "GBP", "USD"}
    assert "SO43659-1" in {row["id"] for row in rows}


def test_the_resellers_are_those_of_the_source(intake: Intake, backend: DuckDb) -> None:
    rows = list(backend.read("partners", ["partner_id", "type", "name"]))
    resellers = [row for row in rows if row["partner_id"].isdigit()]
    assert len(resellers) == 701
    assert {row["type"] for row in resellers} == {"Value Added Reseller", "Warehouse", "Specialty Bike Shop"}
    assert len({row["name"] for row in resellers}) == 701 - 2


def test_products_have_the_line_of_the_source(intake: Intake, backend: DuckDb) -> None:
    lines = Counter(row["line"] for row in backend.read("products", ["line"]))
    assert lines == {"Mountain": 91, "Road": 100, "Touring": 52, "Standard": 35, None: 17}


def test_the_quotas_are_those_of_the_source(intake: Intake, backend: DuckDb) -> None:
    rows = [row for row in backend.read("targets", ["partner_id", "target", "period"]) if row["target"] == "quota"]
    assert len({(row["partner_id"], row["period"]) for row in rows}) == len(rows) == 163


def test_they_are_small_and_say_where_they_come_from() -> None:
    assert (EXAMPLE / "facts" / "lines.parquet").stat().st_size < 1_500_000
    said = (EXAMPLE / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "Microsoft" in said
    assert "MIT License" in said
