"""Any programme of inserts, corrections, deletions and replays, in any batches, ends where one full run ends."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts, Row, Table
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.incremental import State, earnings
from buoy_engine.spec.model import Plan
from tests.engine.parity.random_plans import random_case


def backend() -> DuckDb:
    return DuckDb(threads=1)


@pytest.mark.parametrize("seed", range(6))
def test_a_random_programme_of_feeds_equals_one_run(seed: int) -> None:
    run_programme(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6, 2000))
def test_thousands_of_random_programmes_equal_one_run(seed: int) -> None:
    run_programme(seed)


def run_programme(seed: int) -> None:
    random = Random(seed)
    raw, facts = random_case(seed)
    plan = Plan.model_validate(raw)
    everything = facts_of(plan, facts)
    rows = list(everything["lines"].rows)
    first = random.randint(0, len(rows))
    state = State(plan, with_lines(everything, rows[:first]), backend)
    statements = by_period(state.statements())
    current: dict[str, Row] = {row[0]: row for row in rows[:first]}
    pending = rows[first:]
    random.shuffle(pending)
    while pending or random.random() < 0.5:
        batch = [pending.pop() for _ in range(min(len(pending), random.randint(1, 9)))]
        batch += [corrected(random, row) for row in sample(random, current, 2)]
        batch += sample(random, current, 2)
        gone = [row[0] for row in sample(random, current, 1) if row[0] not in {b[0] for b in batch}]
        posted = state.feed(batch, gone)
        statements |= by_period(state.statements())
        before = state.earned.copy()
        assert state.feed(batch, gone) == []
        assert state.earned == before
        current.update({row[0]: row for row in batch})
        for key in gone:
            del current[key]
        assert all(d.delta for d in posted)
    whole = calculate(plan, with_lines(everything, list(current.values())), backend(), summary=False)
    assert state.earned == earnings(whole)
    assert figures(statements) == figures(by_period(whole.statement()))


def by_period(statements: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row["_payee"], row["period"]): row for row in statements}


def figures(statements: Mapping[Any, Mapping[str, Any]]) -> dict[Any, dict[str, Any]]:
    """The statements with an amount in them."""
    amounts = {
        key: {n: v for n, v in row.items() if isinstance(v, Decimal) and n != "seq"} for key, row in statements.items()
    }
    return {key: row for key, row in amounts.items() if any(row.values())}


def with_lines(facts: Facts, rows: list[Row]) -> Facts:
    tables = deepcopy(facts.tables)
    tables["lines"] = Table("lines", facts["lines"].types, rows)
    return Facts(tables)


def sample(random: Random, rows: Mapping[str, Row], most: int) -> list[Row]:
    return random.sample(list(rows.values()), min(len(rows), random.randint(0, most)))


def corrected(random: Random, row: Row) -> Row:
    at = 3
    return (*row[:at], row[at] + random.randint(1, 500), *row[at + 1 :])
