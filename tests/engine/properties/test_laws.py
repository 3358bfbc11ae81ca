"""The eight laws that worked cases are instances of (cases/README.md), on generated plans and facts.

Each law is a function; one test runs it on a few examples, a long one on hundreds. Both draw the same examples every
time. Where a law needs a plan for which it can hold at all, `without` says what is left out and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.incremental import State, earnings
from buoy_engine.run.outcome import Outcome
from buoy_engine.spec.model import Plan
from tests.engine.parity.random_plans import random_case


def few(examples: int) -> settings:
    """An engine run takes a fifth of a second, so a few examples are what every run of the tests can pay."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],  # a smaller seed is no smaller plan
        suppress_health_check=list(HealthCheck),
    )


many = few(300)

Case = tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]
cases = st.builds(lambda seed: random_case(seed, lines=24), st.integers(0, 10**6))
randoms = st.builds(Random, st.integers(0, 10**6))

STATEMENT_AMOUNTS = (
    "earned",
    "adjusted",
    "held",
    "released",
    "topped_up",
    "recovered",
    "draw_debt",
    "brought_forward",
    "payable",
    "carried_forward",
)


def run(
    plan: Mapping[str, Any],
    facts: Mapping[str, Any],
    postings: Iterable[tuple[Any, ...]] = (),
    closed: str | None = None,
) -> Result:
    read = Plan.model_validate(plan)
    return calculate(read, facts_of(read, facts), DuckDb(threads=1), postings=postings, closed_through=closed)


def without(case: Case, *keys: str, per_row: bool = False) -> Case:
    """The case without these keys of components; `per_row`: and without anything decided or rounded row by row."""
    plan, facts = deepcopy(case)
    for component in plan["components"]:
        for key in keys:
            component.pop(key, None)
        if per_row:
            component.pop("round", None)
            component.pop("per", None)
            limits = [limit for limit in component.pop("limits", ()) if limit["per"] != "row"]
            component.update({"limits": limits} if limits else {})
    return plan, facts


def sums(rows: Iterable[Mapping[str, Any]], keys: tuple[str, ...], amount: str) -> dict[tuple[Any, ...], Decimal]:
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        found[tuple(row[key] for key in keys)] += row[amount]
    return {key: value for key, value in found.items() if value}


def shares(draw: Callable[[Any], Any], most: int = 5) -> list[str]:
    """Shares of two or more partners, in hundredths of a percent, that are the whole."""
    cuts = sorted(draw(st.lists(st.integers(1, 9999), min_size=1, max_size=most - 1, unique=True)))
    return [f"{b - a}/10000" for a, b in zip([0, *cuts], [*cuts, 10000], strict=True)]


def money(cents: int, digits: int = 2) -> str:
    return f"{Decimal(cents).scaleb(-digits):f}"


# --- 1. A marginal payout is continuous and does not fall -------------------------------------------------------


@st.composite
def scales(draw: Callable[[Any], Any]) -> tuple[dict[str, Any], list[int], Decimal]:
    """Tiers, measures in cents around their edges, and the highest rate."""
    edges = sorted(draw(st.lists(st.integers(1, 500_000), min_size=1, max_size=4, unique=True)))
    rates = draw(st.lists(st.integers(0, 2000), min_size=len(edges) + 1, max_size=len(edges) + 1))
    texts = [f"{rate} / 10000" for rate in rates]
    if draw(st.booleans()):
        bands = [{"from": money(edge), "rate": rate} for edge, rate in zip([0, *edges], texts, strict=True)]
    else:
        closed = [{"up_to": money(edge), "rate": rate} for edge, rate in zip(edges, texts, strict=False)]
        bands = [*closed, {"rate": texts[-1]}]
    beside = {edge + step for edge in edges for step in (-1, 0, 1)}
    measures = sorted({0, *beside, *draw(st.lists(st.integers(1, 700_000), max_size=8))})
    return {"mode": "marginal", "bands": bands}, measures, Decimal(max(rates)) / 10000


def law_marginal(drawn: tuple[dict[str, Any], list[int], Decimal]) -> None:
    tiers, measures, steepest = drawn
    plan = {
        "currency": "USD",
        "period": "month",
        "valid": {"from": "2025-01-01", "to": "2025-01-31"},
        "components": [{"id": "commission", "tiers": tiers, "round": {"stage": "none"}}],
    }
    lines = [
        {"id": f"{name}{cents}-{i}", "partner": f"{name}{cents}", "date": date(2025, 1, 5 + i), "amount": money(part)}
        for cents in measures
        for name, parts in (("whole", [cents]), ("parts", [cents // 3, cents - cents // 3]))
        for i, part in enumerate(parts)
    ]
    earned = sums(run(plan, {"lines": lines}).earned(), ("_payee",), "amount")
    paid = [earned.get((f"whole{cents}",), Decimal(0)) for cents in measures]
    assert paid == [earned.get((f"parts{cents}",), Decimal(0)) for cents in measures]
    for low, high, less, more in zip(measures, measures[1:], paid, paid[1:], strict=False):
        assert Decimal(0) <= more - less <= steepest * (high - low) / 100


@few(8)
@given(scales())
def test_a_marginal_payout_is_continuous_and_never_falls(drawn: Any) -> None:
    law_marginal(drawn)


@pytest.mark.long
@many
@given(scales())
def test_many_marginal_payouts_are_continuous_and_never_fall(drawn: Any) -> None:
    law_marginal(drawn)


# --- 2. Parts add up to the whole -------------------------------------------------------------------------------


def law_lines_add_up(case: Case) -> None:
    plan, facts = case
    result = run(plan, facts)
    keys = ("_payee", "component", "_period")
    assert sums(result.trace(), keys, "cents") == sums(result.earned(), keys, "amount")
    entries = sums(result.entries(), ("_payee", "posted_in"), "amount")
    assert sums(result.statement(), ("_payee", "period"), "earned") == entries


@st.composite
def shared_sales(draw: Callable[[Any], Any]) -> Case:
    """A commission that is shared by splits, its cents shown on rows, and paid in parts; and the same one unshared."""
    currency = draw(st.sampled_from(["USD", "JPY", "KWD"]))
    rate = f"{draw(st.integers(1, 3000))} / 10000"
    payout = [
        {"share": f"{draw(st.integers(1, 99))}%"},
        {"share": "0%", "after": "2 months", "parts": draw(st.integers(1, 5))},
    ]
    payout[1]["share"] = f"{100 - int(payout[0]['share'].rstrip('%'))}%"
    components = [
        {"id": "shared", "credit": {"splits": "reward"}, "rate": rate, "payout": payout},
        {"id": "whole", "rate": rate, "pays": False, "lines": "largest_remainder"},
    ]
    amounts = draw(st.lists(st.integers(-20_000, 100_000), min_size=1, max_size=8))
    lines = [
        {
            "id": f"L{i}",
            "partner": f"P{i % 2}",
            "date": date(2025, 1, 1) + timedelta(days=9 * i),
            "amount": money(cents),
        }
        for i, cents in enumerate(amounts)
    ]
    splits = [
        {"sale": line["id"], "partner": f"S{i}", "share": share}
        for line in lines[::2]
        for i, share in enumerate(shares(draw))
    ]
    valid = {"from": "2025-01-01", "to": "2025-12-31"}
    plan = {"currency": currency, "period": "month", "valid": valid, "components": components}
    return plan, {"lines": lines, "splits": splits}


def law_shares_add_up(case: Case) -> None:
    plan, facts = case
    result = run(plan, facts)
    by_component = sums(result.earned(), ("component", "_period"), "amount")
    whole = {period: amount for (component, period), amount in by_component.items() if component == "whole"}
    assert {period: amount for (component, period), amount in by_component.items() if component == "shared"} == whole
    keys = ("_payee", "component", "_period")
    earned = sums(result.earned(), keys, "amount")
    assert sums(result.trace(), keys, "cents") == earned
    paid = [{**entry, "_period": entry["period"]} for entry in result.entries()]
    assert sums(paid, keys, "amount") == {key: amount for key, amount in earned.items() if key[1] == "shared"}


@few(5)
@given(cases)
def test_the_cents_of_rows_add_up_to_what_is_earned(case: Case) -> None:
    law_lines_add_up(case)


@few(4)
@given(shared_sales())
def test_shares_and_instalments_add_up_to_the_whole(case: Case) -> None:
    law_shares_add_up(case)


@pytest.mark.long
@many
@given(cases)
def test_the_cents_of_rows_add_up_in_many_plans(case: Case) -> None:
    law_lines_add_up(case)


@pytest.mark.long
@many
@given(shared_sales())
def test_many_shares_and_instalments_add_up_to_the_whole(case: Case) -> None:
    law_shares_add_up(case)


# --- 3. Neither the order of a day's rows nor the size of a batch changes a total --------------------------------


def reordered(facts: Mapping[str, Any], random: Random) -> dict[str, list[dict[str, Any]]]:
    """The same rows, those of a day in another order: their ids, which decide it, are exchanged."""
    days: dict[date, list[str]] = defaultdict(list)
    for line in facts["lines"]:
        days[line["date"]].append(line["id"])
    new: dict[str, str] = {}
    for ids in days.values():
        new |= zip(ids, random.sample(ids, len(ids)), strict=True)
    made: dict[str, list[dict[str, Any]]] = deepcopy(dict(facts))
    for line in made["lines"]:
        line["id"] = new[line["id"]]
        if "returns" in line:
            line["returns"] = new[line["returns"]]
    for split in made["splits"]:
        split["sale"] = new[split["sale"]]
    random.shuffle(made["lines"])
    return made


def law_order_and_batches(case: Case, random: Random) -> None:
    plan, facts = without(case, per_row=True)
    once = earnings(run(plan, facts))
    assert earnings(run(plan, reordered(facts, random))) == once
    read = Plan.model_validate(plan)
    everything = facts_of(read, facts)
    rows = list(everything["lines"].rows)
    random.shuffle(rows)
    cut = random.randint(0, len(rows))
    everything.tables["lines"] = Table("lines", everything["lines"].types, rows[:cut])
    state = State(read, everything, lambda: DuckDb(threads=1))
    size = random.randint(1 + (len(rows) - cut) // 2, len(rows) + 1)
    for at in range(cut, len(rows), size):
        state.feed(rows[at : at + size])
    assert state.earned == once


@few(3)
@given(cases, randoms)
def test_order_and_batches_change_no_total(case: Case, random: Random) -> None:
    law_order_and_batches(case, random)


@pytest.mark.long
@many
@given(cases, randoms)
def test_order_and_batches_change_no_total_of_many_plans(case: Case, random: Random) -> None:
    law_order_and_batches(case, random)


# --- 4. Importing twice changes nothing -------------------------------------------------------------------------


def law_imported_twice(case: Case, random: Random) -> None:
    plan, facts = case
    twice = facts | {"lines": random.sample(facts["lines"] * 2, 2 * len(facts["lines"]))}
    once, again = run(plan, facts), run(plan, twice)
    assert earnings(again) == earnings(once)
    assert cents_of(again) == cents_of(once)
    assert statements_of(again) == statements_of(once)
    read = Plan.model_validate(plan)
    state = State(read, facts_of(read, facts), lambda: DuckDb(threads=1))
    assert state.feed(list(facts_of(read, twice)["lines"].rows)) == []


def cents_of(result: Result) -> dict[tuple[Any, ...], Decimal]:
    return sums(result.trace(), ("_id", "_payee", "component"), "cents")


def statements_of(result: Result) -> list[tuple[Any, ...]]:
    return sorted((r["_payee"], r["seq"], *(r[name] for name in STATEMENT_AMOUNTS)) for r in result.statement())


@few(3)
@given(cases, randoms)
def test_importing_twice_changes_nothing(case: Case, random: Random) -> None:
    law_imported_twice(case, random)


@pytest.mark.long
@many
@given(cases, randoms)
def test_importing_twice_changes_nothing_in_many_plans(case: Case, random: Random) -> None:
    law_imported_twice(case, random)


# --- 5. A closed period never changes, only differences are posted ----------------------------------------------


def closed_and_late(plan: Mapping[str, Any], facts: Mapping[str, Any], random: Random) -> tuple[Outcome, Outcome, str]:
    """A run that closes a period on some of the rows, the next run on all of them, and the closed period."""
    known = [line for line in facts["lines"] if random.random() < 0.7]
    known = [line for line in known if line.get("returns") is None or line["returns"] in {k["id"] for k in known}]
    first = Outcome(run(plan, {**facts, "lines": known or facts["lines"][:1]}), {}, [])
    periods = sorted({(row["seq"], row["period"]) for row in first.result.statement()})
    closed = random.choice(periods)[1]
    return first, Outcome(run(plan, facts, first.postings_through(closed), closed), {}, []), closed


def law_closed(case: Case, random: Random) -> None:
    plan, facts = case
    first, second, closed = closed_and_late(plan, facts, random)
    order = {row["period"]: row["seq"] for row in first.result.statement()}
    last = order[closed]
    before = {row[:2]: row for row in statements_of(first.result) if row[1] <= last and any(row[2:])}
    after = {row[:2]: row for row in statements_of(second.result) if row[1] <= last and any(row[2:])}
    assert after == before
    assert {p for p in second.postings_through(closed) if p[-1]} == {p for p in first.postings_through(closed) if p[-1]}
    keys = ("_payee", "component", "period")
    entitled = [{**row, "period": row["_period"]} for row in second.result.earned()]
    assert sums(second.result.entries(), keys, "amount") == sums(entitled, keys, "amount")


@few(4)
@given(cases, randoms)
def test_a_closed_period_never_changes(case: Case, random: Random) -> None:
    law_closed(case, random)


@pytest.mark.long
@many
@given(cases, randoms)
def test_closed_periods_of_many_plans_never_change(case: Case, random: Random) -> None:
    law_closed(case, random)


# --- 6. A full return brings every balance back exactly ---------------------------------------------------------


def back(line: Mapping[str, Any], day: date) -> dict[str, Any]:
    """The whole row returned on a day."""
    negated = {"amount": f"{-Decimal(line['amount']):f}", "quantity": -line["quantity"]}
    return {**line, **negated, "id": f"X{line['id']}", "date": day, "returns": line["id"]}


def returned(facts: Mapping[str, Any], random: Random, later: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts without returns and without some of the sales; and with those sales and their returns."""
    lines = [line for line in facts["lines"] if "returns" not in line]
    gone = random.sample(lines, random.randint(1, len(lines)))
    kept = [line for line in lines if line not in gone]
    backs = [back(line, min(line["date"] + timedelta(days=later), date(2025, 12, 31))) for line in gone]
    splits = [{**split, "sale": f"{mark}{split['sale']}"} for split in facts["splits"] for mark in ("", "X")]
    made = {**facts, "splits": splits}
    return {**made, "lines": kept}, {**made, "lines": lines + backs}


def law_unwound(case: Case, random: Random) -> None:
    """A return in its sale's period leaves no trace in what anybody earned."""
    plan, facts = without(case, per_row=True)
    before, after = returned(facts, random, 0)
    before["lines"] = before["lines"] or [{**facts["lines"][0], "amount": "0.00", "quantity": 0}]
    assert earnings(run(plan, after)) == earnings(run(plan, before))


def law_taken_back(case: Case, random: Random) -> None:
    """A return of any later day takes back, from everybody who earned on the sale, the very cents."""
    plan, facts = without(case, "limits")
    _, after = returned(facts, random, random.choice([0, 1, 40, 200]))
    plan["settings"] = {**plan["settings"], "returns": "original"}
    result = run(plan, after)
    shown = sums(result.trace(), ("component", "_payee", "_id"), "cents")
    backs = {line["id"]: line["returns"] for line in after["lines"] if "returns" in line}
    sold = {(*key, row): cents for (*key, row), cents in shown.items() if row in backs.values()}
    assert {(*key, backs[row]): -cents for (*key, row), cents in shown.items() if row in backs} == sold


@few(4)
@given(cases, randoms)
def test_a_return_in_the_same_period_leaves_nothing_behind(case: Case, random: Random) -> None:
    law_unwound(case, random)


@few(5)
@given(cases, randoms)
def test_a_later_return_takes_back_the_very_cents(case: Case, random: Random) -> None:
    law_taken_back(case, random)


@pytest.mark.long
@many
@given(cases, randoms)
def test_many_returns_in_the_same_period_leave_nothing_behind(case: Case, random: Random) -> None:
    law_unwound(case, random)


@pytest.mark.long
@many
@given(cases, randoms)
def test_many_later_returns_take_back_the_very_cents(case: Case, random: Random) -> None:
    law_taken_back(case, random)


# --- 7. Entitlement to date less paid to date is the next payment and what is carried ---------------------------

statement_rules = st.fixed_dictionaries(
    {},
    optional={
        "minimum": st.sampled_from([0, 20, 75]),
        "negative": st.sampled_from(["carry"]),
        "draw": st.fixed_dictionaries(
            {"amount": st.sampled_from([10, 60]), "recover": st.sampled_from(["50%", "100%"])}
        ),
    },
)


def law_nothing_is_lost(case: Case, rules: Mapping[str, Any], random: Random) -> None:
    plan, facts = deepcopy(case)
    plan["statement"] = dict(rules)
    plan["components"][0]["payout"] = [{"share": "60%"}, {"share": "40%", "after": "3 months", "parts": 2}]
    _, second, _ = closed_and_late(plan, facts, random)
    pages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in second.result.statement():
        pages[row["_payee"]].append(row)
    assert pages
    for own in pages.values():
        entitled = paid = Decimal(0)
        for page in sorted(own, key=lambda row: row["seq"]):
            entitled += page["earned"] + page["adjusted"] - page["held"] + page["released"]
            assert entitled - paid == page["payable"] + page["carried_forward"] - page["draw_debt"], page
            paid += page["payable"]
            assert page["payable"] >= 0
    earned = sums(second.result.earned(), ("_payee",), "amount")
    whole = {payee: sum(p["earned"] + p["adjusted"] for p in own) for payee, own in pages.items()}
    assert {payee: amount for payee, amount in whole.items() if amount} == {p: a for (p,), a in earned.items()}
    assert all(sum(p["held"] - p["released"] for p in own) == 0 for own in pages.values())


@few(4)
@given(cases, statement_rules, randoms)
def test_what_is_earned_is_paid_or_carried(case: Case, rules: Any, random: Random) -> None:
    law_nothing_is_lost(case, rules, random)


@pytest.mark.long
@many
@given(cases, statement_rules, randoms)
def test_what_is_earned_in_many_plans_is_paid_or_carried(case: Case, rules: Any, random: Random) -> None:
    law_nothing_is_lost(case, rules, random)


# --- 8. Every amount has exactly its currency's minor units -----------------------------------------------------

PAID_IN = {"P1": "JPY", "P2": "KWD", "P3": "EUR", "P4": None}


def law_minor_units(case: Case) -> None:
    plan, facts = deepcopy(case)
    plan["statement"] = {"currency": "partner", "minimum": 5}
    plan["components"][0]["payout"] = [{"share": "33.3%"}, {"share": "66.7%", "after": "1 month", "parts": 3}]
    codes = {code for code in PAID_IN.values() if code} - {plan["currency"]}
    facts["partners"] = [{**row, "currency": PAID_IN[row["partner"]] or plan["currency"]} for row in facts["partners"]]
    facts["rates"] = [{"currency": code, "date": date(2024, 1, 1), "rate": "0.0083712"} for code in sorted(codes)]
    result = run(plan, facts)
    digits = minor_digits(plan["currency"])
    for row in result.earned():
        assert has_digits(row["amount"], digits), row
    for row in result.entries():
        assert has_digits(row["amount"], digits), row
    for row in result.trace():
        assert has_digits(row["cents"], digits), row
    for row in result.statement():
        assert all(has_digits(row[name], digits) for name in STATEMENT_AMOUNTS), row
        assert row["currency"] == (PAID_IN.get(row["_payee"]) or plan["currency"])
        assert has_digits(row["paid_amount"], minor_digits(row["currency"])), row


def has_digits(amount: Decimal, digits: int) -> bool:
    return amount == amount.quantize(Decimal(1).scaleb(-digits))


@few(4)
@given(cases)
def test_every_amount_has_the_minor_units_of_its_currency(case: Case) -> None:
    law_minor_units(case)


@pytest.mark.long
@many
@given(cases)
def test_every_amount_of_many_plans_has_the_minor_units_of_its_currency(case: Case) -> None:
    law_minor_units(case)
