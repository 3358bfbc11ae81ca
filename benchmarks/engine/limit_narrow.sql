-- NARROW LIMIT: the harder comparison. Only four of the six columns, no product, no currency: one row per partner and quarter.
CREATE TABLE result AS
SELECT partner_id, date_trunc('quarter', sale_date) AS period_start, sum(amount), sum(quantity), count(*)
FROM lines
GROUP BY ALL;
