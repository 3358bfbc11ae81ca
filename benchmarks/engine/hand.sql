-- HAND: the bench plan (README.md) as a person who knows DuckDB would write it. Everything above `measures` works on some
-- 100,000 rows; `measures` is the only statement that reads lines.

-- Who stands above whom: one row per (descendant, ancestor, depth) and range.
CREATE TABLE uplines AS
SELECT partner_id, parent_id AS ancestor_id, 1 AS depth, valid_from, valid_to FROM hierarchy
UNION ALL
SELECT h.partner_id, g.parent_id, 2, greatest(h.valid_from, g.valid_from), least(h.valid_to, g.valid_to)
FROM hierarchy h JOIN hierarchy g ON g.partner_id = h.parent_id AND h.valid_from < g.valid_to AND g.valid_from < h.valid_to;

-- One row per partner. `is_dated`: its upline changes on a day that is not the start of a quarter; its lines keep their date.
CREATE TABLE sellers AS
SELECT partner_id, coalesce(is_dated, FALSE) AS is_dated
FROM (SELECT DISTINCT partner_id FROM partners) LEFT JOIN (
  SELECT partner_id, bool_or(day <> date_trunc('quarter', day) AND day > DATE '2024-01-01' AND day < DATE '2026-01-01') AS is_dated
  FROM (SELECT partner_id, valid_from AS day FROM uplines UNION ALL SELECT partner_id, valid_to FROM uplines) GROUP BY partner_id
) USING (partner_id);

CREATE TABLE skus AS SELECT product_id, family IN ('F05', 'F07') AS is_spiff, family = 'F03' AS is_f03 FROM products;

CREATE TABLE calendar AS
SELECT DISTINCT date AS day, CAST(date_trunc('quarter', date) AS DATE) AS period_start,
       date >= DATE '2025-02-15' AND date < DATE '2025-05-15' AS in_spiff FROM rates;

CREATE TABLE measures AS
SELECT partner_id, period_start, CASE WHEN is_dated THEN sale_date ELSE period_start END AS on_date,
       sum(CAST(amount AS DECIMAL(20,2)) * rate) AS amount,
       sum(CAST(amount AS DECIMAL(20,2)) * rate) FILTER (is_f03) AS f03_amount,
       sum(quantity) FILTER (is_spiff AND in_spiff) AS spiff_units
FROM lines l JOIN calendar ON day = sale_date JOIN skus USING (product_id) JOIN sellers USING (partner_id)
     JOIN rates r ON r.currency = l.currency AND r.date = l.sale_date
GROUP BY ALL;

CREATE TABLE quarters AS
SELECT partner_id, period_start, CAST(period_start + INTERVAL 3 MONTH AS DATE) - 1 AS last_day,
       CAST(sum(amount) AS DECIMAL(26,12)) AS amount, CAST(sum(f03_amount) AS DECIMAL(26,12)) AS f03_amount,
       CAST(coalesce(sum(spiff_units), 0) AS BIGINT) AS spiff_units
FROM measures GROUP BY ALL;

-- The part of x in [band_from, band_to), times the rate.
CREATE MACRO band(x, band_from, band_to, rate) AS
  CAST(greatest(least(x, band_to) - band_from, 0) AS DECIMAL(26,12)) * CAST(rate AS DECIMAL(5,4));

CREATE TABLE yearly AS
SELECT partner_id, period_start, to_date * (CASE WHEN to_date >= 2000000 THEN CAST('0.0150' AS DECIMAL(5,4))
         WHEN to_date >= 500000 THEN CAST('0.0100' AS DECIMAL(5,4)) WHEN to_date >= 100000 THEN CAST('0.0050' AS DECIMAL(5,4))
         ELSE CAST('0.0000' AS DECIMAL(5,4)) END) AS entitled
FROM (SELECT partner_id, period_start, CAST(sum(amount) OVER (PARTITION BY partner_id, year(period_start) ORDER BY period_start)
        AS DECIMAL(26,12)) AS to_date FROM quarters);

CREATE TABLE payouts AS
WITH exact AS (
  SELECT partner_id, period_start, 'c1' AS component,
         least(CAST(least(amount, 10000) AS DECIMAL(26,12)) * CAST('0.0100' AS DECIMAL(5,4))
             + band(amount, 10000, 50000, '0.0150') + band(amount, 50000, 250000, '0.0200')
             + band(amount, 250000, 1000000, '0.0250') + band(amount, 1000000, 100000000000, '0.0300'), 50000) AS earned
  FROM quarters
  UNION ALL
  SELECT partner_id, period_start, 'c2', entitled - coalesce(lag(entitled) OVER (PARTITION BY partner_id, year(period_start)
         ORDER BY period_start), 0) FROM yearly
  UNION ALL
  SELECT partner_id, period_start, 'c3', spiff_units * CAST('2.50' AS DECIMAL(5,2)) FROM quarters
  UNION ALL
  SELECT ancestor_id, period_start, 'c4', sum(CAST(amount AS DECIMAL(26,12)) * CAST(CASE depth WHEN 1 THEN '0.0200' ELSE '0.0100' END
         AS DECIMAL(5,4)))
  FROM measures m JOIN uplines u ON u.partner_id = m.partner_id AND u.valid_from <= on_date AND on_date < u.valid_to
  GROUP BY ALL
  UNION ALL
  SELECT partner_id, q.period_start, 'c5', CAST(q.amount - p.amount AS DECIMAL(26,12)) * CAST('0.0300' AS DECIMAL(5,4))
  FROM quarters q JOIN quarters p USING (partner_id)
  WHERE p.period_start = q.period_start - INTERVAL 1 YEAR AND p.amount > 0 AND q.amount * 100 >= p.amount * 105
  UNION ALL
  SELECT partner_id, period_start, 'c6', band(q.amount, t.amount, t.amount * CAST('1.20' AS DECIMAL(3,2)), '0.0100')
         + band(q.amount, t.amount * CAST('1.20' AS DECIMAL(3,2)), 100000000000, '0.0200')
  FROM quarters q JOIN targets t USING (partner_id)
  WHERE t.target = 'revenue' AND t.valid_from = period_start AND t.amount > 0 AND q.amount > t.amount
  UNION ALL
  SELECT partner_id, period_start, 'c7', f03_amount * CAST(CASE tier WHEN 'gold' THEN '0.0060' WHEN 'silver' THEN '0.0050'
         ELSE '0.0040' END AS DECIMAL(5,4))
  FROM quarters q JOIN partners p USING (partner_id)
  WHERE p.valid_from <= last_day AND last_day < p.valid_to
    AND EXISTS (FROM certifications c WHERE c.partner_id = q.partner_id AND c.certification = 'CERT-F03'
                AND c.valid_from <= last_day AND last_day < c.valid_to))
SELECT partner_id, period_start, component, CAST(round(earned, 2) AS DECIMAL(18,2)) AS amount FROM exact WHERE round(earned, 2) <> 0;

CREATE TABLE result AS
SELECT partner_id, period_start, sum(amount) AS total FROM payouts GROUP BY ALL;
