"""Recompute the bench plan line by line with Python's Decimal and compare: `check.py --data DIR [--payouts FILE]`.

Shares no code with hand.sql: a second reading of README.md. Without --payouts it checks hand.sql; with it, a Parquet
file of (partner_id, period_start, component, amount) that somebody else wrote, rows of zero being optional. Takes about
6 s per million lines.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, setcontext
from pathlib import Path

import duckdb
from measure import HERE, connect

D, ZERO = Decimal, Decimal(0)
BANDS = [
    (None, D(10_000), D("0.01")),
    (D(10_000), D(50_000), D("0.015")),
    (D(50_000), D(250_000), D("0.02")),
    (D(250_000), D(1_000_000), D("0.025")),
    (D(1_000_000), None, D("0.03")),
]
RETRO = [(D(2_000_000), D("0.015")), (D(500_000), D("0.01")), (D(100_000), D("0.005"))]
SPIFF_FROM, SPIFF_TO = date(2025, 2, 15), date(2025, 5, 15)
Key = tuple[str, date]


def quarter_of(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def next_quarter(start: date) -> date:
    return date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)


def ranges(rows: list[tuple]) -> dict[str, list[tuple]]:
    """Rows (key, value …, valid_from, valid_to) by their key."""
    found: dict[str, list[tuple]] = defaultdict(list)
    for key, *rest in rows:
        found[key].append(tuple(rest))
    return found


def at(rows: list[tuple], day: date) -> tuple | None:
    """The row in force on that day."""
    return next((row for row in rows if row[-2] <= day < row[-1]), None)


def marginal(x: Decimal) -> Decimal:
    earned = ZERO
    for lower, upper, rate in BANDS:
        if lower is None or x > lower:
            earned += ((x if upper is None else min(x, upper)) - (lower or 0)) * rate
    return earned


def oracle(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, date, str], Decimal]:
    def rows(query: str) -> list[tuple]:
        return db.execute(query).fetchall()

    family = dict(rows("SELECT product_id, family FROM products"))
    rate = {(c, d): r for c, d, r in rows("FROM rates")}
    parents = ranges(rows("SELECT partner_id, parent_id, valid_from, valid_to FROM hierarchy"))
    tiers = ranges(rows("SELECT partner_id, tier, valid_from, valid_to FROM partners"))
    certificates = "SELECT partner_id, valid_from, valid_to FROM certifications WHERE certification = 'CERT-F03'"
    certified = ranges(rows(certificates))
    targets = ranges(rows("SELECT partner_id, amount, valid_from, valid_to FROM targets WHERE target = 'revenue'"))
    amount: dict[Key, Decimal] = defaultdict(Decimal)
    f03: dict[Key, Decimal] = defaultdict(Decimal)
    exact: dict[tuple[str, date, str], Decimal] = defaultdict(Decimal)
    cursor = db.execute("SELECT sale_date, partner_id, product_id, quantity, amount, currency FROM lines")
    while batch := cursor.fetchmany(50_000):
        for day, seller, product, quantity, paid, currency in batch:
            period, value = quarter_of(day), paid * rate[currency, day]
            amount[seller, period] += value
            if family[product] == "F03":
                f03[seller, period] += value
            if family[product] in ("F05", "F07") and SPIFF_FROM <= day < SPIFF_TO:
                exact[seller, period, "c3"] += quantity * D("2.50")
            if parent := at(parents[seller], day):
                exact[parent[0], period, "c4"] += value * D("0.02")
                if grandparent := at(parents[parent[0]], day):
                    exact[grandparent[0], period, "c4"] += value * D("0.01")
    entitled: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    to_date: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for (partner, period), x in sorted(amount.items(), key=lambda item: item[0][1]):
        exact[partner, period, "c1"] = min(marginal(x), D(50_000))
        year = partner, period.year
        to_date[year] += x
        now = to_date[year] * next((r for edge, r in RETRO if to_date[year] >= edge), ZERO)
        exact[partner, period, "c2"], entitled[year] = now - entitled[year], now
        before = amount.get((partner, date(period.year - 1, period.month, 1)), ZERO)
        if before > 0 and x >= before * D("1.05"):
            exact[partner, period, "c5"] = (x - before) * D("0.03")
        target = at(targets[partner], period)
        if target and target[0] > 0:
            mark = target[0] * D("1.2")
            below, above = max(min(x, mark) - target[0], ZERO), max(x - mark, ZERO)
            exact[partner, period, "c6"] = below * D("0.01") + above * D("0.02")
        last = date.fromordinal(next_quarter(period).toordinal() - 1)
        if at(certified[partner], last):
            factor = {"gold": D("1.2"), "silver": D("1.0"), "bronze": D("0.8")}[at(tiers[partner], last)[0]]
            exact[partner, period, "c7"] = f03[partner, period] * D("0.005") * factor
    cents = {key: x.quantize(D("0.01"), ROUND_HALF_UP) for key, x in exact.items()}
    return {key: x for key, x in cents.items() if x}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--payouts", type=Path)
    options = parser.parse_args()
    setcontext(Context(prec=40))
    db = connect(options.data, 2)
    if options.payouts:
        db.execute(f"CREATE TABLE payouts AS FROM read_parquet('{options.payouts}')")
    else:
        db.execute((HERE / "hand.sql").read_text())
    found = {
        (p, s, c): a
        for p, s, c, a in db.execute(
            "SELECT partner_id, CAST(period_start AS DATE), component, amount FROM payouts WHERE amount <> 0"
        ).fetchall()
    }
    expected = oracle(db)
    wrong = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
    for component in sorted({key[2] for key in expected}):
        mine = [x for key, x in expected.items() if key[2] == component]
        print(f"{component}  {len(mine):>7,} rows  {sum(mine):>18,.2f}")
    print(f"{len(expected):,} expected, {len(found):,} found, {len(wrong):,} differ")
    for key in sorted(wrong)[:10]:
        print("  ", *key, "expected", expected.get(key), "found", found.get(key))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
