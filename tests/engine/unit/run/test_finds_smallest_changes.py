"""The smallest change that would have paid: found by hand-made conditions, and true when the plan is run again."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Facts
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.changes import changed
from buoy_engine.run.conditions import Judge, Nearest, Unknowable
from buoy_engine.run.explain import Cell, Explainer
from buoy_engine.run.lines import explain_line, flips
from buoy_engine.run.reading import Relations
from buoy_engine.spec.expressions import parse
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import read_plan

BARE = Plan.model_validate(
    {
        "currency": "USD",
        "parameters": {"least": 100},
        "lists": {"hot": ["A1", {"value": "B2", "from": date(2025, 3, 1)}]},
        "components": [{"id": "c", "rate": "1%"}],
    }
)
ROW: dict[str, Any] = {
    "amount": Decimal("80.00"),
    "cost": Decimal("30.00"),
    "quantity": Decimal(7),
    "date": date(2025, 2, 10),
    "region": "US",
    "product_id": "Z9",
    "product.family": "Helmets",
    "note": None,
    "paid": False,
}
SCALES = {"amount": 2, "cost": 2, "quantity": 0}


def moves(condition: str, **row: Any) -> dict[str, Any] | None:
    found = Nearest(Judge(BARE, {**ROW, **row}), SCALES).change([parse(condition)])
    return None if found is None else {move.word: move.needed for move in found}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("amount >= 100", {"amount": Decimal(100)}),
        ("amount > 100", {"amount": Decimal("100.01")}),
        ("amount <= 50", {"amount": Decimal(50)}),
        ("amount < 50", {"amount": Decimal("49.99")}),
        ("amount == 12.5", {"amount": Decimal("12.5")}),
        ("amount >= least", {"amount": Decimal(100)}),
        ("100 <= amount", {"amount": Decimal(100)}),
        ("amount - cost >= 60", {"amount": Decimal(90)}),
        ("amount / quantity >= 12", {"amount": Decimal(84)}),
        ("quantity > 7", {"quantity": Decimal(8)}),
        ("quantity * 3 >= 22", {"quantity": Decimal(8)}),
        ("date >= 2025-03-01", {"date": date(2025, 3, 1)}),
        ("date > 2025-03-01", {"date": date(2025, 3, 2)}),
        ("date < 2025-01-15", {"date": date(2025, 1, 14)}),
        ("date >= 2025-03-01 and date <= 2025-03-31", {"date": date(2025, 3, 1)}),
        ('region == "EU"', {"region": "EU"}),
        ('region in ("EU", "UK")', {"region": "EU"}),
        ("quantity in (1, 6, 20)", {"quantity": Decimal(6)}),
        ("product_id in hot", {"product_id": "A1"}),
        ('product.family == "Bikes"', {"product.family": "Bikes"}),
        ('amount >= 100 and region == "EU"', {"amount": Decimal(100), "region": "EU"}),
        ('amount >= 100 or region == "US"', {}),
        ('(amount >= 100 and cost >= 40) or region == "EU"', {"region": "EU"}),
        ("not amount < 100", {"amount": Decimal(100)}),
        ("not (amount < 100 or cost > 20)", {"amount": Decimal(100), "cost": Decimal(20)}),
        ("paid", {"paid": True}),
        ("amount >= 0", {}),
    ],
)
def test_a_condition_is_met_by_the_nearest_value(condition: str, expected: dict[str, Any]) -> None:
    assert moves(condition) == expected


@pytest.mark.parametrize(
    "condition",
    ['region != "US"', 'not region in ("US")', "sum(amount) >= 100", "level == 2", "amount > 1 and amount < 1"],
)
def test_what_has_no_single_answer_is_not_guessed(condition: str) -> None:
    assert moves(condition, level=Decimal(1)) is None


def test_a_list_has_the_members_of_the_rows_date() -> None:
    judge = Judge(BARE, {**ROW, "product_id": "B2"})
    assert not judge.holds(parse("product_id in hot"))
    assert Judge(BARE, {**judge.row, "date": date(2025, 3, 1)}).holds(parse("product_id in hot"))


def test_null_satisfies_nothing() -> None:
    for condition in ('note == "x"', 'note != "x"', 'not note == "x"'):
        assert not Judge(BARE, ROW).holds(parse(condition))
    assert Judge(BARE, ROW).holds(parse("note is null"))


def test_an_aggregate_is_not_a_question_about_a_row() -> None:
    with pytest.raises(Unknowable):
        Judge(BARE, ROW).holds(parse("count() >= 3"))


@settings(max_examples=300)
@given(
    factor=st.integers(-9, 9).filter(bool),
    constant=st.decimals(-10_000, 10_000, places=2),
    found=st.decimals(-10_000, 10_000, places=2),
    op=st.sampled_from(["<", "<=", ">", ">=", "=="]),
)
def test_a_suggestion_always_holds_and_nothing_nearer_does(
    factor: int, constant: Decimal, found: Decimal, op: str
) -> None:
    condition = parse(f"amount * ({factor}) {op} ({constant})")
    made = moves(f"amount * ({factor}) {op} ({constant})", amount=found)
    if made is None:
        assert op == "=="  # no amount of whole cents is equal
        return
    if not made:
        assert Judge(BARE, {**ROW, "amount": found}).holds(condition)
        return
    needed = made["amount"]
    nearer = needed + (Decimal("0.01") if needed < found else Decimal("-0.01"))
    assert Judge(BARE, {**ROW, "amount": needed}).holds(condition)
    assert not Judge(BARE, {**ROW, "amount": nearer}).holds(condition)


# ---------------------------------------------------------------- run again

PLAN = """
plan: test
currency: USD
period: month
valid: {from: 2025-01-01, to: 2025-12-31}
components:
  - id: big
    dates: {from: 2025-03-01, to: 2025-05-31}
    who: payee.tier in ("gold", "silver")
    where:
      too_small: amount >= 500
      no_bike: product.family == "Bikes"
      low_margin: amount - cost >= 100
    rate: 5%
"""
FACTS = {
    "lines": [
        {"id": "L1", "partner": "P1", "date": date(2025, 2, 10), "amount": "400.00", "cost": "390.00", "product": "B"},
        {"id": "L2", "partner": "P1", "date": date(2025, 6, 10), "amount": "900.00", "cost": "10.00", "product": "H"},
        {"id": "L3", "partner": "P2", "date": date(2025, 4, 10), "amount": "900.00", "cost": "10.00", "product": "B"},
        {"id": "L4", "partner": "P1", "date": date(2025, 4, 1), "amount": "600.00", "cost": "600.00", "product": "B",
         "currency": "EUR"},
    ],
    "partners": [{"partner": "P1", "tier": "gold"}, {"partner": "P2", "tier": "bronze"}],
    "products": [{"product": "B", "family": "Bikes"}, {"product": "H", "family": "Helmets"}],
    "rates": [{"currency": "EUR", "date": date(2025, 1, 1), "rate": "1.137"}],
}  # fmt: skip


@pytest.fixture
def explained() -> Iterator[tuple[Explainer, Facts]]:
    plan, _, _ = read_plan(PLAN)
    assert plan is not None
    facts, backend = facts_of(plan, FACTS), DuckDb(threads=1)
    yield Explainer(Relations(calculate(plan, facts, backend))), facts
    backend.close()


@pytest.mark.parametrize(
    ("line", "reason", "columns"),
    [
        ("L1", "outside_dates", {"date", "amount"}),
        ("L2", "outside_dates", {"date", "family"}),
        ("L3", "not_eligible", {"tier"}),
        ("L4", "low_margin", {"amount"}),
    ],
)
def test_a_suggested_change_flips_the_outcome(
    explained: tuple[Explainer, Facts], line: str, reason: str, columns: set[str]
) -> None:
    explainer, facts = explained
    (entry,) = explain_line(explainer, facts, line).entries
    assert entry.failure is not None
    assert entry.failure.change is not None
    assert entry.failure.reason == reason
    assert {change.column for change in entry.failure.change} == columns
    assert flips(explainer, facts, line, entry, entry.failure.change, lambda: DuckDb(threads=1))


def test_part_of_a_suggested_change_is_not_enough(explained: tuple[Explainer, Facts]) -> None:
    explainer, facts = explained
    (entry,) = explain_line(explainer, facts, "L1").entries
    assert entry.failure is not None
    for change in entry.failure.change or ():
        assert not flips(explainer, facts, "L1", entry, (change,), lambda: DuckDb(threads=1))


def band_reached(more: Decimal | None) -> Cell:
    plan, _, _ = read_plan(
        "{plan: t, currency: USD, period: month, components: [{id: c, measure: sum(amount) / target(t), base: amount,"
        " tiers: {mode: retroactive, edges: exceed, bands: [{from: 0, rate: 1%}, {from: 90%, rate: 2%}]}}]}"
    )
    assert plan is not None
    lines = [{"id": "L1", "partner": "P", "date": date(2025, 1, 5), "amount": Decimal("123.45")}]
    if more is not None:
        lines.append({"id": "L2", "partner": "P", "date": date(2025, 1, 6), "amount": more})
    targets = [{"partner": "P", "target": "t", "period": "2025-01", "amount": "333.33"}]
    backend = DuckDb(threads=1)
    result = calculate(plan, facts_of(plan, {"lines": lines, "targets": targets}), backend)
    (found,) = Explainer(Relations(result)).explain("P")
    backend.close()
    return found.cells[0]


def test_what_is_missing_to_the_next_band_reaches_it_and_a_cent_less_does_not() -> None:
    following = band_reached(None).next_band
    assert following is not None
    assert (following.band, following.of) == (2, "sum(amount)")
    assert band_reached(following.missing).tier == 2
    assert band_reached(following.missing - Decimal("0.01")).tier == 1


def test_a_change_leaves_the_facts_as_they_were(explained: tuple[Explainer, Facts]) -> None:
    explainer, facts = explained
    (entry,) = explain_line(explainer, facts, "L1").entries
    assert entry.failure is not None
    before = list(facts["lines"].rows)
    changed(facts, entry.failure.change or ())
    assert list(facts["lines"].rows) == before
