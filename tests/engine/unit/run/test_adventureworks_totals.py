"""The example programme against SQL written by hand: every partner, component and quarter, to the cent.

The SQL reads the fact files and shares nothing with the engine: it is what an analyst would write from the comments of
examples/adventureworks/programme.yaml.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.intake import take_in
from buoy_engine.run.report import reconcile
from buoy_engine.spec.read import read_plan

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "adventureworks"

EXACT = "CREATE MACRO d(x) AS CAST(x AS DECIMAL(30, 8))"
"""DuckDB brings two decimals that are compared to a common type, which may have fewer decimals: here all have eight."""

SALES = """
CREATE TEMP TABLE sales AS
SELECT l.id, l.partner_id, l.employee_id, l.product_id, l.date, CAST(l.quantity AS DECIMAL(9, 0)) AS quantity,
       year(l.date) AS y, year(l.date) || '-Q' || quarter(l.date) AS q,
       d(CASE WHEN l.currency = 'USD' THEN l.amount
              ELSE CAST(round(CAST(l.amount AS DECIMAL(20, 4)) * r.rate, 2) AS DECIMAL(20, 4)) END) AS usd
FROM lines l ASOF LEFT JOIN rates r ON l.currency = r.currency AND l.date >= r.date
WHERE l.date BETWEEN DATE '2011-01-01' AND DATE '2013-12-31'
"""

QUARTERS = """
CREATE TEMP TABLE quarters AS
SELECT y, y || '-Q' || n AS q, CAST(make_date(y, 3 * n, 1) + INTERVAL 1 MONTH - INTERVAL 1 DAY AS DATE) AS last_day
FROM range(2011, 2014) a(y), range(1, 5) b(n)
"""

BY_HAND = {
    "reseller_bonus": """
        WITH s AS (SELECT partner_id, q, d(sum(usd)) AS m FROM sales GROUP BY ALL)
        SELECT partner_id, q, round(least(d(3000), d(least(m, d(25000)) * 0.01
            + greatest(least(m, d(75000)) - d(25000), d(0)) * 0.02 + greatest(m - d(75000), d(0)) * 0.03)), 2) AS amount
        FROM s
    """,
    "year_rebate": """
        WITH s AS (SELECT partner_id, y, q, d(sum(usd)) AS m FROM sales GROUP BY ALL),
        sellers AS (SELECT DISTINCT partner_id FROM sales),
        so_far AS (
            SELECT partner_id, quarters.y, q,
                   d(sum(coalesce(m, d(0))) OVER (PARTITION BY partner_id, quarters.y ORDER BY q)) AS m
            FROM sellers CROSS JOIN quarters LEFT JOIN s USING (partner_id, q)
        ),
        entitled AS (
            SELECT partner_id, y, q,
                   round(least(d(2500), d(m * CASE WHEN m >= d(2 * t.amount) THEN 0.010
                                                   WHEN m >= d(t.amount) THEN 0.005 ELSE 0.000 END)), 2) AS e
            FROM so_far JOIN targets t USING (partner_id)
            WHERE t.target = 'revenue' AND t.period = CAST(y AS VARCHAR)
        )
        SELECT partner_id, q, e - coalesce(lag(e) OVER (PARTITION BY partner_id, y ORDER BY q), 0) AS amount
        FROM entitled
    """,
    "override": """
        WITH up AS (
            SELECT partner_id, parent_id, coalesce(valid_from, DATE '0001-01-01') AS a,
                   coalesce(valid_to, DATE '9999-12-31') AS b
            FROM hierarchy
        ),
        one AS (SELECT s.*, up.parent_id AS p FROM sales s JOIN up USING (partner_id) WHERE date >= a AND date < b),
        two AS (SELECT s.* EXCLUDE (p), up.parent_id AS p FROM one s JOIN up ON up.partner_id = s.p
                WHERE date >= a AND date < b),
        three AS (SELECT s.* EXCLUDE (p), up.parent_id AS p FROM two s JOIN up ON up.partner_id = s.p
                  WHERE date >= a AND date < b),
        paid AS (SELECT p, y, q, d(usd * 0.0050) AS e FROM one UNION ALL SELECT p, y, q, d(usd * 0.0025) FROM two
                 UNION ALL SELECT p, y, q, d(usd * 0.0010) FROM three),
        summed AS (SELECT p, y, q, d(sum(e)) AS e FROM paid GROUP BY ALL),
        capped AS (SELECT p, y, q, least(d(40000), d(sum(e) OVER (PARTITION BY p, y ORDER BY q))) AS e FROM summed)
        SELECT p, q, round(e - coalesce(lag(e) OVER (PARTITION BY p, y ORDER BY q), d(0)), 2) FROM capped
    """,
    "touring_spiff": """
        SELECT partner_id, q, CAST(15 * sum(quantity) AS DECIMAL(18, 2))
        FROM sales JOIN products USING (product_id)
        WHERE subcategory = 'Touring Bikes' AND date BETWEEN DATE '2013-04-01' AND DATE '2013-09-30'
        GROUP BY ALL
    """,
    "service_bonus": """
        WITH s AS (
            SELECT partner_id, q, d(sum(usd)) AS m
            FROM sales JOIN products USING (product_id) WHERE category = 'Components' GROUP BY ALL
        )
        SELECT partner_id, q, round(least(d(500), d(d(m * 0.02)
            * CASE tier WHEN 'gold' THEN 1.25 WHEN 'silver' THEN 1.10 ELSE 1.00 END)), 2)
        FROM s JOIN quarters USING (q) JOIN partners USING (partner_id)
        WHERE EXISTS (FROM certifications c WHERE c.partner_id = s.partner_id AND c.certification = 'bike_service'
                      AND c.valid_from <= last_day AND last_day < c.valid_to)
    """,
    "sales_commission": """
        WITH s AS (SELECT employee_id, q, d(sum(usd)) AS m FROM sales GROUP BY ALL)
        SELECT employee_id, q,
               round(m * CASE WHEN m >= d(1.2 * t.amount) THEN 0.005 WHEN m >= d(t.amount) THEN 0.004
                              WHEN m >= d(0.9 * t.amount) THEN 0.003 ELSE 0.002 END, 2)
        FROM s LEFT JOIN targets t ON t.partner_id = employee_id AND t.target = 'quota' AND t.period = q
    """,
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    plan, problems, _ = read_plan((EXAMPLE / "programme.yaml").read_text(encoding="utf-8"))
    assert plan is not None, problems
    checking, backend = DuckDb(), DuckDb()
    facts = take_in(EXAMPLE / "facts", tmp_path_factory.mktemp("scratch"), checking, plan).facts
    yield calculate(plan, facts, backend)
    checking.close()
    backend.close()


@pytest.fixture(scope="module")
def by_hand() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    for file in (EXAMPLE / "facts").glob("*.parquet"):
        connection.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM read_parquet('{file}')")
    connection.execute(EXACT)
    connection.execute(SALES)
    connection.execute(QUARTERS)
    yield connection
    connection.close()


@pytest.mark.parametrize("component", BY_HAND)
def test_a_component_earns_what_the_sql_says(
    component: str, result: Result, by_hand: duckdb.DuckDBPyConnection
) -> None:
    wanted = {(p, q): amount for p, q, amount in by_hand.execute(BY_HAND[component]).fetchall() if amount}
    found = {
        (row["_payee"], row["_period"]): row["amount"]
        for row in result.earned()
        if row["component"] == component and row["amount"]
    }
    assert len(wanted) > 50
    assert found == wanted


def test_the_lines_shown_add_up_to_what_was_earned(result: Result) -> None:
    shown: dict[tuple[str, str, str], Decimal] = {}
    for row in result.trace():
        key = (row["component"], row["_payee"], row["_period"])
        shown[key] = shown.get(key, Decimal(0)) + row["cents"]
    earned = {(r["component"], r["_payee"], r["_period"]): r["amount"] for r in result.earned()}
    assert {k: v for k, v in shown.items() if v} == {k: v for k, v in earned.items() if v}


def test_every_line_is_accounted_for(result: Result) -> None:
    for entry in reconcile(result):
        assert entry.rows == 60_855
        assert entry.adds_up, entry
