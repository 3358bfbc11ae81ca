#!/usr/bin/env python3
"""Make the fact tables of the AdventureWorks example from the data warehouse it was published as.

    python examples/adventureworks/prepare.py FOLDER [--out examples/adventureworks/facts]

FOLDER holds Microsoft's AdventureWorksDW as one Parquet file per table. The result is one file per fact table, in
the columns and types of docs/facts.md. The same source gives the same bytes.

Amounts and quantities are decimals in the source and are taken over digit by digit. Exchange rates are binary
floating-point numbers there, which Buoy refuses: here they are rounded to ten decimals, once, before anything
is calculated with them. What the source does not have (a hierarchy of distributors, tiers, certifications, targets
of resellers) is made up by the rules stated in ATTRIBUTION.md, without chance.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent

LINES = """
SELECT SalesOrderNumber || '-' || SalesOrderLineNumber AS id,
       SalesOrderNumber AS order_id,
       CAST(ResellerKey AS VARCHAR) AS partner_id,
       CAST(OrderDate AS DATE) AS date,
       CAST(SalesAmount AS DECIMAL(18, 4)) AS amount,
       CurrencyAlternateKey AS currency,
       CAST(OrderQuantity AS DECIMAL(9, 0)) AS quantity,
       CAST(TotalProductCost AS DECIMAL(18, 4)) AS cost,
       ProductAlternateKey AS product_id,
       'E' || EmployeeKey AS employee_id
FROM sales JOIN currency USING (CurrencyKey) JOIN product USING (ProductKey)
ORDER BY OrderDate, SalesOrderNumber, SalesOrderLineNumber
"""

PARTNERS = """
SELECT CAST(ResellerKey AS VARCHAR) AS partner_id,
       ResellerName AS name,
       BusinessType AS type,
       CASE WHEN YearOpened < 1980 THEN 'gold' WHEN YearOpened < 1990 THEN 'silver' ELSE 'bronze' END AS tier,
       SalesTerritoryRegion AS region,
       SalesTerritoryGroup AS territory,
       CountryRegionCode AS country,
       StateProvinceName AS state,
       City AS city,
       CASE CountryRegionCode WHEN 'CA' THEN 'CAD' WHEN 'AU' THEN 'AUD' WHEN 'GB' THEN 'GBP'
            WHEN 'FR' THEN 'EUR' WHEN 'DE' THEN 'EUR' ELSE 'USD' END AS currency,
       'active' AS status,
       CAST(YearOpened AS DECIMAL(4, 0)) AS year_opened
FROM reseller JOIN geography USING (GeographyKey) JOIN territory USING (SalesTerritoryKey)
UNION ALL
SELECT DISTINCT 'D-' || SalesTerritoryRegion, 'Distributor ' || SalesTerritoryRegion, 'Distributor', NULL,
       SalesTerritoryRegion, SalesTerritoryGroup, NULL, NULL, NULL, 'USD', 'active', NULL
FROM territory WHERE SalesTerritoryRegion <> 'NA'
UNION ALL
SELECT DISTINCT 'M-' || SalesTerritoryGroup, 'Master distributor ' || SalesTerritoryGroup, 'Master Distributor', NULL,
       NULL, SalesTerritoryGroup, NULL, NULL, NULL, 'USD', 'active', NULL
FROM territory WHERE SalesTerritoryRegion <> 'NA'
UNION ALL
SELECT DISTINCT 'E' || EmployeeKey, 'Employee ' || EmployeeKey, 'Employee', NULL,
       NULL, NULL, NULL, NULL, NULL, 'USD', 'active', NULL
FROM sales
ORDER BY partner_id
"""

PRODUCTS = """
SELECT ProductAlternateKey AS product_id,
       EnglishProductName AS name,
       EnglishProductCategoryName AS category,
       EnglishProductSubcategoryName AS subcategory,
       ModelName AS model,
       CASE trim(ProductLine) WHEN 'R' THEN 'Road' WHEN 'M' THEN 'Mountain' WHEN 'T' THEN 'Touring' WHEN 'S' THEN 'Standard'
            END AS line,
       Color AS color,
       CAST(ListPrice AS DECIMAL(18, 4)) AS list_price,
       CAST(DealerPrice AS DECIMAL(18, 4)) AS dealer_price
FROM (FROM product QUALIFY row_number() OVER (PARTITION BY ProductAlternateKey ORDER BY ProductKey DESC) = 1)
JOIN subcategory USING (ProductSubcategoryKey) JOIN category USING (ProductCategoryKey)
ORDER BY product_id
"""

RATES = """
SELECT CurrencyAlternateKey AS currency,
       CAST(Date AS DATE) AS date,
       CAST(round(AverageRate, 10) AS DECIMAL(18, 10)) AS rate
FROM rate JOIN currency USING (CurrencyKey)
WHERE CurrencyAlternateKey IN ('AUD', 'CAD', 'EUR', 'GBP')
ORDER BY currency, date
"""

# Dates of the source lie up to four days before the quarter they stand for: 2010-12-29 begins the first of 2011.
TARGETS = """
SELECT 'E' || EmployeeKey AS partner_id,
       'quota' AS target,
       year(Date + INTERVAL 4 DAY) || '-Q' || quarter(Date + INTERVAL 4 DAY) AS period,
       CAST(SalesAmountQuota AS DECIMAL(18, 2)) AS amount
FROM quota
UNION ALL
SELECT CAST(ResellerKey AS VARCHAR), 'revenue', CAST(period AS VARCHAR), CAST(AnnualSales * 3 / 100 AS DECIMAL(18, 2))
FROM reseller CROSS JOIN (VALUES (2011), (2012), (2013)) AS years(period)
ORDER BY partner_id, target, period
"""

HIERARCHY = """
WITH place AS (
    SELECT ResellerKey, BusinessType, City, StateProvinceName AS state, SalesTerritoryRegion AS region
    FROM reseller JOIN geography USING (GeographyKey) JOIN territory USING (SalesTerritoryKey)
),
warehouse AS (SELECT City, state, min(ResellerKey) AS key FROM place WHERE BusinessType = 'Warehouse' GROUP BY ALL),
parent AS (
    SELECT ResellerKey, region,
           CASE WHEN BusinessType = 'Specialty Bike Shop' AND key IS NOT NULL THEN CAST(key AS VARCHAR)
                ELSE 'D-' || region END AS parent_id
    FROM place LEFT JOIN warehouse USING (City, state)
)
SELECT CAST(ResellerKey AS VARCHAR) AS partner_id, parent_id, NULL::DATE AS valid_from,
       CASE WHEN parent_id = 'D-Southeast' AND ResellerKey % 4 = 0 THEN DATE '2013-01-01' END AS valid_to
FROM parent
UNION ALL
SELECT CAST(ResellerKey AS VARCHAR), 'D-Northeast', DATE '2013-01-01', NULL
FROM parent WHERE parent_id = 'D-Southeast' AND ResellerKey % 4 = 0
UNION ALL
SELECT DISTINCT 'D-' || SalesTerritoryRegion, 'M-' || SalesTerritoryGroup, NULL::DATE, NULL::DATE
FROM territory WHERE SalesTerritoryRegion <> 'NA'
ORDER BY partner_id, valid_from NULLS FIRST
"""

CERTIFICATIONS = """
SELECT CAST(ResellerKey AS VARCHAR) AS partner_id, 'bike_service' AS certification,
       DATE '2011-01-01' AS valid_from, DATE '2013-01-01' AS valid_to
FROM reseller WHERE ResellerKey % 3 = 0
UNION ALL
SELECT CAST(ResellerKey AS VARCHAR), 'bike_service', DATE '2013-01-01', DATE '2015-01-01'
FROM reseller WHERE ResellerKey % 6 = 0
UNION ALL
SELECT CAST(ResellerKey AS VARCHAR), 'bike_service', DATE '2012-07-01', DATE '2014-07-01'
FROM reseller WHERE ResellerKey % 5 = 1 AND ResellerKey % 3 <> 0
ORDER BY partner_id, valid_from
"""

SOURCE = {
    "sales": "FactResellerSales",
    "rate": "FactCurrencyRate",
    "quota": "FactSalesQuota",
    "currency": "DimCurrency",
    "product": "DimProduct",
    "subcategory": "DimProductSubcategory",
    "category": "DimProductCategory",
    "reseller": "DimReseller",
    "geography": "DimGeography",
    "territory": "DimSalesTerritory",
}

TABLES = {
    "lines": LINES,
    "partners": PARTNERS,
    "products": PRODUCTS,
    "rates": RATES,
    "targets": TARGETS,
    "hierarchy": HIERARCHY,
    "certifications": CERTIFICATIONS,
}


def prepare(source: Path, out: Path) -> dict[str, int]:
    """Write every fact table; table → number of rows. Raises `duckdb.IOException` when a file is missing."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    for name, table in SOURCE.items():
        path = str(source / f"{table}.parquet").replace("'", "''")
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
    out.mkdir(parents=True, exist_ok=True)
    return {name: write(connection, query, out / f"{name}.parquet") for name, query in TABLES.items()}


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """One Parquet file in the order of the query; the number of its rows."""
    target = str(path).replace("'", "''")
    made = f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19)"
    row = connection.execute(made).fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    """Read the arguments, write the files, say how many rows each has."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="folder with FactResellerSales.parquet and its fellows")
    parser.add_argument("--out", type=Path, default=HERE / "facts", help="folder to write to")
    given = parser.parse_args()
    for name, rows in prepare(given.source, given.out).items():
        sys.stdout.write(f"{rows:>8,} {name}\n")


if __name__ == "__main__":
    main()
