"""A state that is fed: what it posts, whose statements it corrects, and what it refuses."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import TABLES, Facts, Row, Table
from buoy_engine.run.difference import Delta
from buoy_engine.run.incremental import RowsInFile, State
from buoy_engine.spec.model import Plan

PLAN = Plan.model_validate(
    {"buoy": 1, "plan": "p", "currency": "EUR", "period": "quarter", "components": [{"id": "c", "rate": "1%"}]}
)


def row(line: str, partner: str, day: date, amount: str) -> Row:
    values = {"id": line, "partner_id": partner, "date": day, "amount": Decimal(amount), "currency": "EUR"}
    return tuple(values.get(column) for column in TABLES["lines"])


def state(*rows: Row) -> State:
    return State(PLAN, Facts({"lines": Table("lines", TABLES["lines"], list(rows))}), lambda: DuckDb(threads=1))


FIRST = row("a", "P", date(2025, 1, 5), "100.00")


def test_a_feed_posts_differences_and_corrects_statements_from_their_period_on() -> None:
    fed = state(FIRST, row("z", "P", date(2025, 12, 1), "1.00"))
    assert fed.feed([row("b", "P", date(2025, 5, 1), "5.00")]) == [
        Delta("P", "c", "2025-Q2", Decimal(0), Decimal("0.05"))
    ]
    earned = {(s["_payee"], s["period"]): s["earned"] for s in fed.statements()}
    assert earned["P", "2025-Q2"] == Decimal("0.05")
    assert ("P", "2025-Q1") not in earned


CONTEST = Plan.model_validate(
    {
        "currency": "EUR",
        "period": "year",
        "components": [{"id": "prize", "amount": 100, "when": {"beaten": "rank(sum(amount)) == 1"}}],
    }
)


def test_a_feed_that_overtakes_somebody_takes_the_prize_away() -> None:
    facts = Facts({"lines": Table("lines", TABLES["lines"], [FIRST])})
    fed = State(CONTEST, facts, lambda: DuckDb(threads=1))
    assert fed.feed([row("b", "Q", date(2025, 5, 1), "200.00")]) == [
        Delta("P", "prize", "2025", Decimal(100), Decimal(0)),
        Delta("Q", "prize", "2025", Decimal(0), Decimal(100)),
    ]


def test_a_partner_that_nobody_knew_gets_all_statements() -> None:
    fed = state(FIRST, row("z", "P", date(2025, 12, 1), "1.00"))
    fed.feed([row("b", "Q", date(2025, 5, 1), "5.00")])
    assert {(s["_payee"], s["period"]) for s in fed.statements()} == {("Q", f"2025-Q{n}") for n in (1, 2, 3, 4)}


def test_amounts_of_a_feed_may_be_larger_than_any_before() -> None:
    fed = state(FIRST)
    fed.feed([row("b", "P", date(2025, 1, 6), "5.00")])
    (found,) = fed.feed([row("x", "P", date(2025, 1, 7), "123456789012345678901.25")])
    assert found.new == Decimal("1234567890123456790.06")


def test_rows_in_a_file_are_not_forgotten_in_silence(tmp_path: Path) -> None:
    names = [column for column, value in zip(TABLES["lines"], FIRST, strict=True) if value is not None]
    pq.write_table(
        pa.table({name: [value] for name, value in zip(TABLES["lines"], FIRST, strict=True) if name in names}),
        tmp_path / "lines.parquet",
    )
    types = {name: kind for name, kind in TABLES["lines"].items() if name in names}
    facts = Facts({"lines": Table("lines", types, path=str(tmp_path / "lines.parquet"))})
    fed = State(PLAN, facts, lambda: DuckDb(threads=1))
    shortened = tuple(value for value in row("b", "P", date(2025, 1, 6), "5.00") if value is not None)
    assert [d.delta for d in fed.feed([shortened])] == [Decimal("0.05")]
    with pytest.raises(RowsInFile, match="write the feed to the file"):
        fed.rebuild(facts)
