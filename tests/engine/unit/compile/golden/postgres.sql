-- money: one row per line
SELECT
  CAST((
    "l"."amount" + "l"."rate"
  ) AS DECIMAL(38, 4)) AS "sum",
  CAST((
    "l"."amount" - CAST('0.0125' AS DECIMAL(7, 4))
  ) AS DECIMAL(38, 4)) AS "difference",
  CAST(CAST((
    CAST("l"."amount" AS DECIMAL(38, 2)) * CAST("l"."rate" AS DECIMAL(38, 4))
  ) AS DECIMAL(38, 6)) AS DECIMAL(38, 6)) AS "product",
  CAST(CASE
    WHEN (
      "l"."rate" <> 0
    )
    THEN CAST((
      CAST((
        DIV(
          (
            (
              ABS(
                (
                  CAST((
                    CAST("l"."amount" AS DECIMAL(38, 2)) * CAST('100' AS DECIMAL(38, 0))
                  ) AS DECIMAL(38, 0)) * CAST(CAST('100000000000000' AS DECIMAL(38, 0)) AS DECIMAL(38, 0))
                )
              ) * 2
            ) + ABS(
              CAST((
                CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
              ) AS DECIMAL(38, 0))
            )
          ),
          (
            ABS(
              CAST((
                CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
              ) AS DECIMAL(38, 0))
            ) * 2
          )
        ) * CASE
          WHEN (
            (
              "l"."amount" < 0
            ) <> (
              "l"."rate" < 0
            )
          )
          THEN -1
          ELSE 1
        END
      ) AS DECIMAL(38, 0)) * CAST('0.000000000001' AS DECIMAL(38, 12))
    ) AS DECIMAL(38, 12))
  END AS DECIMAL(38, 12)) AS "quotient",
  CAST(CAST(ROUND(
    CAST(CAST((
      CAST("l"."amount" AS DECIMAL(38, 2)) * CAST("l"."rate" AS DECIMAL(38, 4))
    ) AS DECIMAL(38, 6)) AS DECIMAL(38, 6)),
    2
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "cents",
  CAST(CAST(ROUND(CAST("l"."amount" AS DECIMAL(38, 2)), -3) AS DECIMAL(38, 0)) AS DECIMAL(38, 0)) AS "thousands",
  CAST(-(
    "l"."amount"
  ) AS DECIMAL(38, 2)) AS "opposite",
  CAST(ABS("l"."amount") AS DECIMAL(38, 2)) AS "size",
  CAST(CASE
    WHEN CASE
      WHEN "l"."amount" IS NULL
      THEN NULL
      ELSE LEAST("l"."amount", CAST('1000.50' AS DECIMAL(38, 2)))
    END IS NULL
    THEN NULL
    ELSE GREATEST(
      CASE
        WHEN "l"."amount" IS NULL
        THEN NULL
        ELSE LEAST("l"."amount", CAST('1000.50' AS DECIMAL(38, 2)))
      END,
      CAST('0' AS DECIMAL(38, 2))
    )
  END AS DECIMAL(38, 2)) AS "between",
  CAST(COALESCE(CAST("l"."amount" AS DECIMAL(38, 4)), "l"."rate") AS DECIMAL(38, 4)) AS "first",
  CAST(CAST(NULL AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "null"
FROM "lines" AS "l"

-- rounded: one row per line
SELECT
  CAST(CAST(ROUND(CAST("l"."rate" AS DECIMAL(38, 4)), 2) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "half_up",
  CAST(CAST((
    (
      CAST(FLOOR((
        CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
      )) AS DECIMAL(38, 0)) + CASE
        WHEN (
          (
            (
              CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
            ) - CAST(FLOOR((
              CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
            )) AS DECIMAL(38, 0))
          ) > CAST('0.5' AS DECIMAL(2, 1))
        )
        THEN 1
        WHEN (
          (
            (
              CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
            ) - CAST(FLOOR((
              CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
            )) AS DECIMAL(38, 0))
          ) = CAST('0.5' AS DECIMAL(2, 1))
        )
        THEN (
          CAST(FLOOR((
            CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
          )) AS DECIMAL(38, 0)) - (
            CAST(FLOOR(
              (
                CAST(FLOOR((
                  CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
                )) AS DECIMAL(38, 0)) * CAST('0.5' AS DECIMAL(2, 1))
              )
            ) AS DECIMAL(38, 0)) * 2
          )
        )
        ELSE 0
      END
    ) * CAST('0.01' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "half_even",
  CAST(CAST((
    CASE
      WHEN (
        (
          CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
        ) < 0
      )
      THEN CAST(FLOOR(
        (
          (
            CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
          ) + CAST('0.5' AS DECIMAL(2, 1))
        )
      ) AS DECIMAL(38, 0))
      ELSE -(
        CAST(FLOOR(
          (
            CAST('0.5' AS DECIMAL(2, 1)) - (
              CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
            )
          )
        ) AS DECIMAL(38, 0))
      )
    END * CAST('0.01' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "half_down",
  CAST(CAST((
    CAST(FLOOR(
      (
        (
          CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
        ) + CAST('0.5' AS DECIMAL(2, 1))
      )
    ) AS DECIMAL(38, 0)) * CAST('0.01' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "half_ceiling",
  CAST(CAST((
    CASE
      WHEN (
        (
          CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
        ) < 0
      )
      THEN CAST(FLOOR((
        CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
      )) AS DECIMAL(38, 0))
      ELSE -(
        CAST(FLOOR(
          -(
            (
              CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
            )
          )
        ) AS DECIMAL(38, 0))
      )
    END * CAST('0.01' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "up",
  CAST(CAST((
    CASE
      WHEN (
        (
          CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
        ) < 0
      )
      THEN -(
        CAST(FLOOR(
          -(
            (
              CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
            )
          )
        ) AS DECIMAL(38, 0))
      )
      ELSE CAST(FLOOR((
        CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
      )) AS DECIMAL(38, 0))
    END * CAST('0.01' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "down",
  CAST(CAST((
    -(
      CAST(FLOOR(
        -(
          (
            CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
          )
        )
      ) AS DECIMAL(38, 0))
    ) * CAST('0.01' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "ceiling",
  CAST(CAST((
    CAST(FLOOR((
      CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('100' AS DECIMAL(38, 0))
    )) AS DECIMAL(38, 0)) * CAST('0.01' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS DECIMAL(38, 2)) AS "floor"
FROM "lines" AS "l"

-- divided: one row per line
SELECT
  CAST(CASE
    WHEN (
      "l"."rate" <> 0
    )
    THEN CAST((
      CAST((
        (
          DIV(
            ABS(
              (
                CAST((
                  CAST("l"."amount" AS DECIMAL(38, 2)) * CAST('100' AS DECIMAL(38, 0))
                ) AS DECIMAL(38, 0)) * CAST(CAST('10000' AS DECIMAL(38, 0)) AS DECIMAL(38, 0))
              )
            ),
            ABS(
              CAST((
                CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
              ) AS DECIMAL(38, 0))
            )
          ) + CASE
            WHEN (
              (
                (
                  (
                    ABS(
                      (
                        CAST((
                          CAST("l"."amount" AS DECIMAL(38, 2)) * CAST('100' AS DECIMAL(38, 0))
                        ) AS DECIMAL(38, 0)) * CAST(CAST('10000' AS DECIMAL(38, 0)) AS DECIMAL(38, 0))
                      )
                    ) % ABS(
                      CAST((
                        CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
                      ) AS DECIMAL(38, 0))
                    )
                  ) * 2
                ) > ABS(
                  CAST((
                    CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
                  ) AS DECIMAL(38, 0))
                )
              )
              OR (
                (
                  (
                    (
                      ABS(
                        (
                          CAST((
                            CAST("l"."amount" AS DECIMAL(38, 2)) * CAST('100' AS DECIMAL(38, 0))
                          ) AS DECIMAL(38, 0)) * CAST(CAST('10000' AS DECIMAL(38, 0)) AS DECIMAL(38, 0))
                        )
                      ) % ABS(
                        CAST((
                          CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
                        ) AS DECIMAL(38, 0))
                      )
                    ) * 2
                  ) = ABS(
                    CAST((
                      CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
                    ) AS DECIMAL(38, 0))
                  )
                )
                AND (
                  (
                    DIV(
                      ABS(
                        (
                          CAST((
                            CAST("l"."amount" AS DECIMAL(38, 2)) * CAST('100' AS DECIMAL(38, 0))
                          ) AS DECIMAL(38, 0)) * CAST(CAST('10000' AS DECIMAL(38, 0)) AS DECIMAL(38, 0))
                        )
                      ),
                      ABS(
                        CAST((
                          CAST("l"."rate" AS DECIMAL(38, 4)) * CAST('10000' AS DECIMAL(38, 0))
                        ) AS DECIMAL(38, 0))
                      )
                    ) % CAST(2 AS DECIMAL(38, 0))
                  ) = 1
                )
              )
            )
            THEN 1
            ELSE 0
          END
        ) * CASE
          WHEN (
            (
              "l"."amount" < 0
            ) <> (
              "l"."rate" < 0
            )
          )
          THEN -1
          ELSE 1
        END
      ) AS DECIMAL(38, 0)) * CAST('0.01' AS DECIMAL(38, 2))
    ) AS DECIMAL(38, 2))
  END AS DECIMAL(38, 2)) AS "half_even"
FROM "lines" AS "l"

-- conditions: one row per line
SELECT
  CAST(CASE
    WHEN (
      "l"."amount" >= CAST('1000' AS DECIMAL(4, 0))
    )
    THEN CAST('2' AS DECIMAL(38, 0))
    ELSE CAST('1' AS DECIMAL(38, 0))
  END AS DECIMAL(38, 0)) AS "band",
  "l"."text" IN ('a', 'it''s') AS "among",
  "l"."text" IS NOT DISTINCT FROM "l"."partner_id" AS "same",
  COALESCE((
    "l"."amount" > CAST('0' AS DECIMAL(1, 0))
  ), FALSE) AS "held",
  (
    "l"."text" IS NULL
  ) AS "empty"
FROM "lines" AS "l"
WHERE
  (
    NOT (
      (
        "l"."text" = 'x'
      )
    )
    AND (
      (
        "l"."amount" <= "l"."rate"
      ) OR TRUE
    )
  )

-- texts: one row per line
SELECT
  UPPER("l"."text") AS "upper",
  LOWER("l"."text") AS "lower",
  TRIM("l"."text") AS "trim",
  REPLACE("l"."text", '-', '') AS "replace",
  CONCAT(COALESCE("l"."text", ''), COALESCE('/', ''), COALESCE("l"."partner_id", '')) AS "concat",
  STARTS_WITH("l"."text", 'A') AS "starts",
  (
    POSITION('%' IN "l"."text") > 0
  ) AS "contains",
  CAST("l"."amount" AS TEXT) AS "written"
FROM "lines" AS "l"

-- dates: one row per line
SELECT
  CAST("l"."date" + (
    INTERVAL '1 DAY' * CAST("l"."quantity" AS INT)
  ) AS DATE) AS "later",
  CAST("l"."date" + (
    INTERVAL '1 MONTH' * CAST(CAST('-1' AS DECIMAL(1, 0)) AS INT)
  ) AS DATE) AS "months_later",
  CAST(CAST("l"."posted_at" + (
    INTERVAL '1 MINUTE' * CAST(CAST('-300' AS DECIMAL(3, 0)) AS INT)
  ) AS TIMESTAMP) AS DATE) AS "local",
  CAST(CAST(CAST(EXTRACT(epoch FROM CAST("l"."date" AS TIMESTAMP) - CAST(CAST('2025-01-31' AS DATE) AS TIMESTAMP)) / 86400 AS BIGINT) AS DECIMAL(38, 0)) AS DECIMAL(38, 0)) AS "days",
  CAST(CAST((
    (
      (
        EXTRACT(YEAR FROM "l"."date") - EXTRACT(YEAR FROM CAST('2025-01-31' AS DATE))
      ) * 12
    ) + (
      EXTRACT(MONTH FROM "l"."date") - EXTRACT(MONTH FROM CAST('2025-01-31' AS DATE))
    )
  ) AS DECIMAL(38, 0)) AS DECIMAL(38, 0)) AS "months",
  CAST(CAST(EXTRACT(YEAR FROM "l"."date") AS DECIMAL(38, 0)) AS DECIMAL(38, 0)) AS "year",
  CAST(CAST(EXTRACT(MONTH FROM "l"."date") AS DECIMAL(38, 0)) AS DECIMAL(38, 0)) AS "month",
  CAST(CAST(EXTRACT(DAY FROM "l"."date") AS DECIMAL(38, 0)) AS DECIMAL(38, 0)) AS "day",
  CAST('2025-01-31 12:00:00' AS TIMESTAMP) AS "noon"
FROM "lines" AS "l"

-- summed: one row per partner
SELECT
  "l"."partner_id" AS "partner_id",
  CAST(COALESCE(
    CAST(SUM(
      CAST((
        CAST("l"."amount" AS DECIMAL(38, 2)) * CAST("s"."share" AS DECIMAL(38, 6))
      ) AS DECIMAL(38, 8))
    ) AS DECIMAL(38, 8)),
    CAST('0' AS DECIMAL(38, 8))
  ) AS DECIMAL(38, 8)) AS "total",
  CAST(COALESCE(
    CAST(SUM(
      CASE WHEN (
        "l"."amount" > CAST('1000' AS DECIMAL(4, 0))
      ) THEN "l"."amount" END
    ) AS DECIMAL(38, 2)),
    CAST('0' AS DECIMAL(38, 2))
  ) AS DECIMAL(38, 2)) AS "large",
  CAST(COUNT(*) AS DECIMAL(38, 0)) AS "rows",
  CAST(COUNT(CASE WHEN (
    "l"."amount" < CAST('0' AS DECIMAL(1, 0))
  ) THEN 1 END) AS DECIMAL(38, 0)) AS "returns",
  CAST(COUNT(DISTINCT "l"."customer_id") AS DECIMAL(38, 0)) AS "customers",
  MIN("l"."date") AS "first",
  MAX("l"."date") AS "last"
FROM "lines" AS "l"
LEFT JOIN "splits" AS "s"
  ON (
    "s"."sale_id" = "l"."id"
  )
INNER JOIN "periods" AS "p"
  ON (
    "p"."start" <= "l"."date"
  )
GROUP BY
  "l"."partner_id"

-- running: one row per line
SELECT
  CAST(SUM("l"."amount") OVER (
    PARTITION BY "l"."partner_id"
    ORDER BY "l"."date" ASC, "l"."id" ASC
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS DECIMAL(38, 2)) AS "so_far",
  CAST(SUM("l"."amount") OVER (
    PARTITION BY "l"."partner_id"
    ORDER BY "l"."date" ASC
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS DECIMAL(38, 2)) AS "before",
  CAST(SUM("l"."amount") OVER (PARTITION BY "l"."partner_id" ORDER BY "l"."date" ASC) AS DECIMAL(38, 2)) AS "of_the_day",
  CAST(SUM("l"."amount") OVER (PARTITION BY "l"."partner_id") AS DECIMAL(38, 2)) AS "whole",
  CAST(ROW_NUMBER() OVER (PARTITION BY "l"."partner_id" ORDER BY "l"."amount" DESC NULLS LAST, "l"."id" ASC) AS DECIMAL(38, 0)) AS "place",
  CAST(LAG("l"."amount") OVER (PARTITION BY "l"."partner_id" ORDER BY "l"."date" ASC) AS DECIMAL(38, 2)) AS "previous"
FROM "lines" AS "l"

-- together: one row per amount
SELECT DISTINCT
  "l"."id" AS "id",
  CAST("l"."amount" AS DECIMAL(38, 4)) AS "amount"
FROM "lines" AS "l"
UNION ALL
SELECT
  "c"."id" AS "id",
  "c"."value" AS "amount"
FROM "claims" AS "c"

-- taken: one row per claim
WITH RECURSIVE "walk" AS (
  SELECT
    "r"."id",
    "r"."no",
    "r"."cost",
    "r"."most",
    (
      "r"."cost" <= "r"."most"
    ) AS "kept",
    CAST((
      CAST('0' AS DECIMAL(38, 2)) + CASE
        WHEN (
          "r"."cost" <= "r"."most"
        )
        THEN "r"."cost"
        ELSE CAST('0' AS DECIMAL(38, 2))
      END
    ) AS DECIMAL(38, 2)) AS "used"
  FROM "claims_in_order" AS "r"
  WHERE
    (
      "r"."no" = 1
    )
  UNION ALL
  SELECT
    "r"."id",
    "r"."no",
    "r"."cost",
    "r"."most",
    (
      (
        "w"."used" + "r"."cost"
      ) <= "r"."most"
    ) AS "kept",
    CAST((
      "w"."used" + CASE
        WHEN (
          (
            "w"."used" + "r"."cost"
          ) <= "r"."most"
        )
        THEN "r"."cost"
        ELSE CAST('0' AS DECIMAL(38, 2))
      END
    ) AS DECIMAL(38, 2)) AS "used"
  FROM "walk" AS "w"
  INNER JOIN "claims_in_order" AS "r"
    ON (
      "r"."no" = (
        "w"."no" + 1
      )
    )
    AND "r"."id" IS NOT DISTINCT FROM "w"."id"
)
SELECT
  "id",
  "no",
  "cost",
  "most",
  "kept"
FROM "walk" AS "walk"
