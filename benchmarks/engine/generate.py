"""Write the benchmark's synthetic channel-sales facts as Parquet: `generate.py --lines N --out DIR`.

Problem: a benchmark of an incentive engine is only honest when the facts are as uneven as real ones. A flat generator
(every partner the same size) makes group-bys look cheap, hides every hot partner and never reaches a cap.

Chosen: everything is a function of a row number through MD5, computed by DuckDB,
       so the same N gives the same values on
any machine, thread count and DuckDB version. No float, no Python per row.

* Partner sizes follow Zipf's law with exponent 1 (weight 1/rank, a year's weight moved by -20 % .. +29 %). A table of
  2^20 slots per year holds each partner as often as its weight says; a line's hash picks a slot. Of all lines the
  largest partner owns about 10 %, the top 1 % (100 partners) 53 %, the top 10 % 76 %; `print_shape` measures it.
  Rank and partner number are unrelated.
* Lines come in date order, as an append-only feed would deliver them; weekdays sell five times as much as weekends, the
  last ten days of a quarter twice as much, and 2025 sells 8 % more than 2024.
* Every 50th line returns, in full, one earlier line of about 20 days before; no line is returned twice.
* A customer pays in one currency: 90 % EUR (the plan's), 6 % USD, 4 % GBP. Rates carry 6 decimals, one for every day.
* Three storeys: 20 distributors, 400 wholesalers below them, the other 9,580 resellers below a wholesaler (90 %),
  directly below a distributor (5 %) or below nobody (5 %). One partner in a hundred changes its parent on some day.

Not modelled: dirty data, late lines, corrections, partial returns.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

PARTNERS, PRODUCTS, CUSTOMERS, SLOTS = 10_000, 2_000, 200_000, 2**20
DISTRIBUTORS, WHOLESALERS = 20, 400
OPEN_FROM, OPEN_TO = "DATE '2020-01-01'", "DATE '2100-01-01'"

MACROS = """
CREATE MACRO h(salt, n) AS md5_number_lower(salt || n);          -- UBIGINT, stable by definition of MD5
CREATE MACRO pick(hash, shift, size) AS CAST((hash >> shift) % size AS BIGINT);
CREATE MACRO cents(n) AS CAST(CAST(n AS DECIMAL(16,0)) * CAST('0.01' AS DECIMAL(2,2)) AS DECIMAL(18,2));
CREATE MACRO partner_code(n) AS 'P' || lpad(CAST(n AS VARCHAR), 5, '0');
CREATE MACRO product_code(n) AS 'SKU' || lpad(CAST(n AS VARCHAR), 5, '0');
CREATE MACRO customer_code(n) AS 'C' || lpad(CAST(n AS VARCHAR), 6, '0');
"""

# One row per partner and year: its weight, and its share of the slots as [slot_from, slot_to).
WEIGHTS = f"""
CREATE TABLE weights AS
WITH ranked AS (
  SELECT (r * 7919 + 13) % {PARTNERS} AS partner_no, r AS rank, y AS year,
         1000000000 // r * (80 + pick(h('growth', r * 10000 + y), 0, 50)) AS weight
  FROM range(1, {PARTNERS} + 1) t(r), range(2024, 2026) u(y)),
summed AS (
  SELECT *, CAST(sum(weight) OVER (PARTITION BY year ORDER BY rank) AS HUGEINT) AS upto,
         CAST(sum(weight) OVER (PARTITION BY year) AS HUGEINT) AS total FROM ranked)
SELECT partner_no, rank, year, weight, total AS year_weight,
       CAST((upto - weight) * {SLOTS} // total AS BIGINT) AS slot_from,
              CAST(upto * {SLOTS} // total AS BIGINT) AS slot_to
FROM summed;
CREATE TABLE slots AS SELECT year, unnest(range(slot_from, slot_to)) AS slot, partner_no FROM weights;
"""

# One row per day: the line numbers [line_from, line_to) that it sells.
DAYS = """
CREATE TABLE days AS
WITH d AS (SELECT CAST(unnest(generate_series(DATE '2024-01-01', DATE '2025-12-31', INTERVAL 1 DAY)) AS DATE) AS day),
weighted AS (
  SELECT day, year(day) AS year,
         (CASE WHEN isodow(day) < 6 THEN 5 ELSE 1 END) * (CASE WHEN year(day) = 2025 THEN 108 ELSE 100 END)
         * (CASE WHEN date_diff('day', day, CAST(date_trunc('quarter', day) AS DATE) + INTERVAL 3 MONTH) <= 10
            THEN 2 ELSE 1 END) AS weight FROM d),
summed AS (SELECT *, sum(weight) OVER (ORDER BY day) AS upto, sum(weight) OVER () AS total FROM weighted)
SELECT day, year, CAST((upto - weight) * $lines // total AS BIGINT) AS line_from,
       CAST(upto * $lines // total AS BIGINT) AS line_to
FROM summed;
"""

PRODUCT_TABLE = f"""
CREATE TABLE products AS
SELECT n AS product_no, product_code(n) AS product_id,
       'F' || lpad(CAST(1 + pick(h('family', n), 0, 12) AS VARCHAR), 2, '0') AS family,
       cents(500 + pick(h('price', n), 0, 400) * pick(h('price', n), 20, 200)) AS list_price
FROM range({PRODUCTS}) t(n);
"""

# `source`: the line whose partner, product, customer, quantity and price this line has: itself, or the one it returns.
LINES = f"""
WITH numbered AS (SELECT unnest(range(line_from, line_to)) AS line_no, day FROM days),
sourced AS (
  SELECT line_no, day, line_no % 50 = 49 AND line_no // 50 >= $lag AS is_return,
         CASE WHEN line_no % 50 = 49 AND line_no // 50 >= $lag
              THEN (line_no // 50 - $lag) * 50 + pick(h('return', line_no), 0, 49) ELSE line_no END AS source
                     FROM numbered),
hashed AS (SELECT *, h('line', source) AS a, h('more', source) AS b,
                  CASE WHEN source < (SELECT min(line_from) FROM days WHERE year = 2025) THEN 2024
                         ELSE 2025 END AS source_year
           FROM sourced),
drawn AS (
  SELECT line_no, day, is_return, source, source_year, pick(a, 0, {SLOTS}) AS slot,
         least(pick(a, 20, {PRODUCTS}), pick(a, 42, {PRODUCTS})) AS product_no,
         pick(b, 0, {CUSTOMERS}) AS customer_no, CASE pick(b, 20, 8) WHEN 7 THEN 10 + pick(b, 23, 40)
                ELSE 1 + pick(b, 23, 6) END
           AS units, pick(b, 32, 31) AS discount, pick(b, 40, 10) = 0 AS has_deal, pick(b, 44, 5000) AS deal_no,
         pick(b, 44, 259200) AS delay FROM hashed)
SELECT line_no + 1 AS sale_id, day AS sale_date, day + to_seconds(delay) AS posted_at,
       partner_code(partner_no) AS partner_id,
       product_code(product_no) AS product_id, customer_code(customer_no) AS customer_id,
       CASE WHEN is_return THEN -units ELSE units END AS quantity,
       cents(CAST(list_price * 100 AS BIGINT) * (100 - discount) // 100 * CASE WHEN is_return THEN -units
              ELSE units END)
         AS amount,
       CASE WHEN customer_no % 50 < 45 THEN 'EUR' WHEN customer_no % 50 < 48 THEN 'USD' ELSE 'GBP' END AS currency,
       CASE WHEN has_deal THEN 'D' || lpad(CAST(deal_no AS VARCHAR), 5, '0') END AS deal_id,
       CASE WHEN is_return THEN source + 1 END AS returns
FROM drawn JOIN slots ON slots.year = source_year AND slots.slot = drawn.slot JOIN products USING (product_no)
ORDER BY sale_id
"""

CUSTOMER_TABLE = f"""
SELECT customer_code(n) AS customer_id, 'T' || lpad(CAST(1 + pick(h('territory', n), 0, 40) AS VARCHAR), 2,
       '0') AS territory
FROM range({CUSTOMERS}) t(n)
"""

RATE_TABLE = """
SELECT currency, day AS date, CAST(CAST(CASE currency WHEN 'EUR' THEN 1000000
         WHEN 'USD' THEN 920000 + abs(date_diff('day', DATE '2024-11-01', day)) * 80 + pick(h('USD', day), 0, 3001)
         ELSE 1150000 + abs(date_diff('day', DATE '2025-03-01', day)) * 60 + pick(h('GBP', day), 0, 3001) END
         AS DECIMAL(12,0)) * CAST('0.000001' AS DECIMAL(6,6)) AS DECIMAL(18,10)) AS rate
FROM (VALUES ('EUR'), ('USD'), ('GBP')) c(currency), days ORDER BY currency, date
"""

# Every tenth partner changes its tier on 1 January 2025; every row of the table is a range [valid_from, valid_to).
PARTNER_TABLE = f"""
WITH p AS (SELECT n, h('tier', n) AS t,
                  CASE WHEN n < {DISTRIBUTORS} THEN 'distributor'
                         WHEN n < {DISTRIBUTORS + WHOLESALERS} THEN 'wholesaler'
                       ELSE 'reseller' END AS type FROM range({PARTNERS}) t(n)),
ranges AS (
  SELECT n, type, t, pick(t, 0, 20) AS draw, {OPEN_FROM} AS valid_from,
         CASE WHEN pick(t, 8, 10) = 0 THEN DATE '2025-01-01' ELSE {OPEN_TO} END AS valid_to FROM p
  UNION ALL
  SELECT n, type, t, pick(t, 16, 20), DATE '2025-01-01', {OPEN_TO} FROM p WHERE pick(t, 8, 10) = 0)
SELECT partner_code(n) AS partner_id, type, CASE WHEN draw < 2 THEN 'gold' WHEN draw < 8 THEN 'silver'
       ELSE 'bronze' END AS tier,
       'R' || CAST(1 + pick(t, 32, 8) AS VARCHAR) AS region, valid_from, valid_to
FROM ranges ORDER BY ALL
"""

# `moves_on` is null for the 99 % that never change their parent; the others do on some day of the 731.
HIERARCHY_TABLE = f"""
WITH p AS (SELECT n, h('parent', n) AS t,
                  CASE WHEN pick(h('move', n), 0, 100) = 0 THEN DATE '2024-01-01' + CAST(1 + pick(h('move', n), 8,
                         730) AS INTEGER)
                  END AS moves_on FROM range({DISTRIBUTORS}, {PARTNERS}) t(n)),
parents AS (
  SELECT n, moves_on, s, CASE WHEN n < {DISTRIBUTORS + WHOLESALERS} OR pick(t, 40, 20) = 0 THEN pick(t, s * 16,
         {DISTRIBUTORS})
           WHEN pick(t, 40, 20) = 1 THEN NULL
           ELSE {DISTRIBUTORS} + pick(t, s * 16, {WHOLESALERS}) END AS parent_no FROM p, (VALUES (0), (1)) v(s)
  WHERE s = 0 OR moves_on IS NOT NULL)
SELECT partner_code(n) AS partner_id, partner_code(parent_no) AS parent_id,
       CASE WHEN s = 0 THEN {OPEN_FROM} ELSE moves_on END AS valid_from,
       CASE WHEN s = 0 THEN coalesce(moves_on, {OPEN_TO}) ELSE {OPEN_TO} END AS valid_to
FROM parents WHERE parent_no IS NOT NULL ORDER BY ALL
"""

# A quarter's target: the partner's expected share of what was sold in that quarter, times 0.70 .. 1.30, in hundreds.
TARGET_TABLE = """
WITH q AS (SELECT CAST(date_trunc('quarter', sale_date) AS DATE) AS start, CAST(sum(amount) AS DECIMAL(18,0)) AS sold
           FROM read_parquet($file) GROUP BY ALL)
SELECT partner_code(partner_no) AS partner_id, 'revenue' AS target, start AS valid_from,
       CAST(start + INTERVAL 3 MONTH AS DATE) AS valid_to,
       CAST(100 * greatest(1, CAST(sold AS HUGEINT) * weight * (70 + pick(h('target',
              partner_no * 10000 + quarter(start) * 7
         + year(start)), 0, 61)) // year_weight // 10000) AS DECIMAL(18,2)) AS amount
FROM q JOIN weights ON weights.year = year(start) ORDER BY ALL
"""

# Half of the partners get a certificate for 500 days; a quarter of these renew it 30 days before it lapses: an overlap.
CERTIFICATION_TABLE = f"""
WITH p AS (SELECT n, DATE '2023-06-01' + CAST(pick(h('certificate', n), 0, 800) AS INTEGER) AS since,
       pick(h('certificate', n), 16, 8) AS draw
           FROM range({PARTNERS}) t(n))
SELECT partner_code(n) AS partner_id, 'CERT-F03' AS certification, since + k * 470 AS valid_from,
       since + k * 470 + 500 AS valid_to
FROM p, (VALUES (0), (1)) v(k) WHERE draw < (CASE k WHEN 0 THEN 4 ELSE 1 END) ORDER BY ALL
"""


def generate(lines: int, out: Path, *, row_group_size: int = 122_880, threads: int = 2) -> None:
    """Write one Parquet file per table into `out`: lines and products, customers, partners, hierarchy, targets,
    certifications, rates. The same `lines` gives the same values."""
    out.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect(config={"threads": threads})
    # Lines stay on the probe side of their joins: the planner believes that `days` is the smaller table.
    db.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    db.execute(MACROS + WEIGHTS)
    db.execute(DAYS.replace("$lines", str(lines)))
    db.execute(PRODUCT_TABLE)

    def write(name: str, query: str) -> None:
        layout = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {row_group_size}"
        db.execute(f"COPY ({query}) TO '{out / name}.parquet' ({layout})")

    lag = max(1, lines // 50 * 20 // 731)
    write("lines", LINES.replace("$lag", str(lag)))
    write("products", "SELECT product_id, family, list_price FROM products ORDER BY product_id")
    write("customers", CUSTOMER_TABLE)
    write("partners", PARTNER_TABLE)
    write("hierarchy", HIERARCHY_TABLE)
    write("targets", TARGET_TABLE.replace("$file", f"'{out / 'lines.parquet'}'"))
    write("certifications", CERTIFICATION_TABLE)
    write("rates", RATE_TABLE)


def print_shape(out: Path) -> None:
    """Print how many lines there are and how uneven they are."""
    counts = f"SELECT count(*) AS n FROM '{out}/lines.parquet' GROUP BY partner_id ORDER BY n DESC"
    sizes = [n for (n,) in duckdb.sql(counts).fetchall()]
    print(f"{sum(sizes):,} lines of {len(sizes):,} partners; the smallest has {sizes[-1]}")
    for top in (1, 10, 100, 1000, 5000):
        print(f"the largest {top:>5,} own {sum(sizes[:top]) * 100 // sum(sizes):>2} % of the lines")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--row-group-size", type=int, default=122_880)
    options = parser.parse_args()
    generate(options.lines, options.out, row_group_size=options.row_group_size)
    print_shape(options.out)


if __name__ == "__main__":
    main()
