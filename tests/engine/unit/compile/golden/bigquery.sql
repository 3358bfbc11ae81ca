-- money: one row per line
SELECT
  CAST((
    `l`.`amount` + `l`.`rate`
  ) AS BIGNUMERIC) AS `sum`,
  CAST((
    `l`.`amount` - CAST('0.0125' AS NUMERIC)
  ) AS BIGNUMERIC) AS `difference`,
  CAST(CAST((
    CAST(`l`.`amount` AS BIGNUMERIC) * CAST(`l`.`rate` AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `product`,
  CAST(CASE
    WHEN (
      `l`.`rate` <> 0
    )
    THEN CAST((
      CAST((
        DIV(
          (
            (
              ABS(
                (
                  CAST((
                    CAST(`l`.`amount` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
                  ) AS BIGNUMERIC) * CAST(CAST('100000000000000' AS BIGNUMERIC) AS BIGNUMERIC)
                )
              ) * 2
            ) + ABS(
              CAST((
                CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
              ) AS BIGNUMERIC)
            )
          ),
          (
            ABS(
              CAST((
                CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
              ) AS BIGNUMERIC)
            ) * 2
          )
        ) * CASE
          WHEN (
            (
              `l`.`amount` < 0
            ) <> (
              `l`.`rate` < 0
            )
          )
          THEN -1
          ELSE 1
        END
      ) AS BIGNUMERIC) * CAST('0.000000000001' AS BIGNUMERIC)
    ) AS BIGNUMERIC)
  END AS BIGNUMERIC) AS `quotient`,
  CAST(CAST(ROUND(
    CAST(CAST((
      CAST(`l`.`amount` AS BIGNUMERIC) * CAST(`l`.`rate` AS BIGNUMERIC)
    ) AS BIGNUMERIC) AS BIGNUMERIC),
    2
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `cents`,
  CAST(CAST(ROUND(CAST(`l`.`amount` AS BIGNUMERIC), -3) AS BIGNUMERIC) AS BIGNUMERIC) AS `thousands`,
  CAST(-(
    `l`.`amount`
  ) AS BIGNUMERIC) AS `opposite`,
  CAST(ABS(`l`.`amount`) AS BIGNUMERIC) AS `size`,
  CAST(CASE
    WHEN CASE
      WHEN `l`.`amount` IS NULL
      THEN NULL
      ELSE LEAST(`l`.`amount`, CAST('1000.50' AS BIGNUMERIC))
    END IS NULL
    THEN NULL
    ELSE GREATEST(
      CASE
        WHEN `l`.`amount` IS NULL
        THEN NULL
        ELSE LEAST(`l`.`amount`, CAST('1000.50' AS BIGNUMERIC))
      END,
      CAST('0' AS BIGNUMERIC)
    )
  END AS BIGNUMERIC) AS `between`,
  CAST(COALESCE(CAST(`l`.`amount` AS BIGNUMERIC), `l`.`rate`) AS BIGNUMERIC) AS `first`,
  CAST(CAST(NULL AS BIGNUMERIC) AS BIGNUMERIC) AS `null`
FROM `lines` AS `l`

-- rounded: one row per line
SELECT
  CAST(CAST(ROUND(CAST(`l`.`rate` AS BIGNUMERIC), 2) AS BIGNUMERIC) AS BIGNUMERIC) AS `half_up`,
  CAST(CAST((
    (
      CAST(FLOOR((
        CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
      )) AS BIGNUMERIC) + CASE
        WHEN (
          (
            (
              CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
            ) - CAST(FLOOR((
              CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
            )) AS BIGNUMERIC)
          ) > CAST('0.5' AS NUMERIC)
        )
        THEN 1
        WHEN (
          (
            (
              CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
            ) - CAST(FLOOR((
              CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
            )) AS BIGNUMERIC)
          ) = CAST('0.5' AS NUMERIC)
        )
        THEN (
          CAST(FLOOR((
            CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
          )) AS BIGNUMERIC) - (
            CAST(FLOOR(
              (
                CAST(FLOOR((
                  CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
                )) AS BIGNUMERIC) * CAST('0.5' AS NUMERIC)
              )
            ) AS BIGNUMERIC) * 2
          )
        )
        ELSE 0
      END
    ) * CAST('0.01' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `half_even`,
  CAST(CAST((
    CASE
      WHEN (
        (
          CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
        ) < 0
      )
      THEN CAST(FLOOR(
        (
          (
            CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
          ) + CAST('0.5' AS NUMERIC)
        )
      ) AS BIGNUMERIC)
      ELSE -(
        CAST(FLOOR(
          (
            CAST('0.5' AS NUMERIC) - (
              CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
            )
          )
        ) AS BIGNUMERIC)
      )
    END * CAST('0.01' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `half_down`,
  CAST(CAST((
    CAST(FLOOR(
      (
        (
          CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
        ) + CAST('0.5' AS NUMERIC)
      )
    ) AS BIGNUMERIC) * CAST('0.01' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `half_ceiling`,
  CAST(CAST((
    CASE
      WHEN (
        (
          CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
        ) < 0
      )
      THEN CAST(FLOOR((
        CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
      )) AS BIGNUMERIC)
      ELSE -(
        CAST(FLOOR(-(
          (
            CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
          )
        )) AS BIGNUMERIC)
      )
    END * CAST('0.01' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `up`,
  CAST(CAST((
    CASE
      WHEN (
        (
          CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
        ) < 0
      )
      THEN -(
        CAST(FLOOR(-(
          (
            CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
          )
        )) AS BIGNUMERIC)
      )
      ELSE CAST(FLOOR((
        CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
      )) AS BIGNUMERIC)
    END * CAST('0.01' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `down`,
  CAST(CAST((
    -(
      CAST(FLOOR(-(
        (
          CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
        )
      )) AS BIGNUMERIC)
    ) * CAST('0.01' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `ceiling`,
  CAST(CAST((
    CAST(FLOOR((
      CAST(`l`.`rate` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
    )) AS BIGNUMERIC) * CAST('0.01' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `floor`
FROM `lines` AS `l`

-- divided: one row per line
SELECT
  CAST(CASE
    WHEN (
      `l`.`rate` <> 0
    )
    THEN CAST((
      CAST((
        (
          DIV(
            ABS(
              (
                CAST((
                  CAST(`l`.`amount` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
                ) AS BIGNUMERIC) * CAST(CAST('10000' AS BIGNUMERIC) AS BIGNUMERIC)
              )
            ),
            ABS(
              CAST((
                CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
              ) AS BIGNUMERIC)
            )
          ) + CASE
            WHEN (
              (
                (
                  (
                    MOD(
                      ABS(
                        (
                          CAST((
                            CAST(`l`.`amount` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
                          ) AS BIGNUMERIC) * CAST(CAST('10000' AS BIGNUMERIC) AS BIGNUMERIC)
                        )
                      ),
                      ABS(
                        CAST((
                          CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
                        ) AS BIGNUMERIC)
                      )
                    )
                  ) * 2
                ) > ABS(
                  CAST((
                    CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
                  ) AS BIGNUMERIC)
                )
              )
              OR (
                (
                  (
                    (
                      MOD(
                        ABS(
                          (
                            CAST((
                              CAST(`l`.`amount` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
                            ) AS BIGNUMERIC) * CAST(CAST('10000' AS BIGNUMERIC) AS BIGNUMERIC)
                          )
                        ),
                        ABS(
                          CAST((
                            CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
                          ) AS BIGNUMERIC)
                        )
                      )
                    ) * 2
                  ) = ABS(
                    CAST((
                      CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
                    ) AS BIGNUMERIC)
                  )
                )
                AND (
                  (
                    MOD(
                      DIV(
                        ABS(
                          (
                            CAST((
                              CAST(`l`.`amount` AS BIGNUMERIC) * CAST('100' AS BIGNUMERIC)
                            ) AS BIGNUMERIC) * CAST(CAST('10000' AS BIGNUMERIC) AS BIGNUMERIC)
                          )
                        ),
                        ABS(
                          CAST((
                            CAST(`l`.`rate` AS BIGNUMERIC) * CAST('10000' AS BIGNUMERIC)
                          ) AS BIGNUMERIC)
                        )
                      ),
                      CAST(2 AS BIGNUMERIC)
                    )
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
              `l`.`amount` < 0
            ) <> (
              `l`.`rate` < 0
            )
          )
          THEN -1
          ELSE 1
        END
      ) AS BIGNUMERIC) * CAST('0.01' AS BIGNUMERIC)
    ) AS BIGNUMERIC)
  END AS BIGNUMERIC) AS `half_even`
FROM `lines` AS `l`

-- conditions: one row per line
SELECT
  CAST(CASE
    WHEN (
      `l`.`amount` >= CAST('1000' AS NUMERIC)
    )
    THEN CAST('2' AS BIGNUMERIC)
    ELSE CAST('1' AS BIGNUMERIC)
  END AS BIGNUMERIC) AS `band`,
  `l`.`text` IN ('a', 'it\'s') AS `among`,
  `l`.`text` IS NOT DISTINCT FROM `l`.`partner_id` AS `same`,
  COALESCE((
    `l`.`amount` > CAST('0' AS NUMERIC)
  ), FALSE) AS `held`,
  (
    `l`.`text` IS NULL
  ) AS `empty`
FROM `lines` AS `l`
WHERE
  (
    NOT (
      (
        `l`.`text` = 'x'
      )
    )
    AND (
      (
        `l`.`amount` <= `l`.`rate`
      ) OR TRUE
    )
  )

-- texts: one row per line
SELECT
  UPPER(`l`.`text`) AS `upper`,
  LOWER(`l`.`text`) AS `lower`,
  TRIM(`l`.`text`) AS `trim`,
  REPLACE(`l`.`text`, '-', '') AS `replace`,
  CONCAT(COALESCE(`l`.`text`, ''), COALESCE('/', ''), COALESCE(`l`.`partner_id`, '')) AS `concat`,
  STARTS_WITH(`l`.`text`, 'A') AS `starts`,
  (
    INSTR(`l`.`text`, '%') > 0
  ) AS `contains`,
  CAST(`l`.`amount` AS STRING) AS `written`
FROM `lines` AS `l`

-- dates: one row per line
SELECT
  CAST(DATE_ADD(`l`.`date`, INTERVAL (
    CAST(`l`.`quantity` AS INT64)
  ) DAY) AS DATE) AS `later`,
  CAST(DATE_ADD(`l`.`date`, INTERVAL (
    CAST(CAST('-1' AS NUMERIC) AS INT64)
  ) MONTH) AS DATE) AS `months_later`,
  CAST(CAST(TIMESTAMP_ADD(`l`.`posted_at`, INTERVAL (
    CAST(CAST('-300' AS NUMERIC) AS INT64)
  ) MINUTE) AS DATETIME) AS DATE) AS `local`,
  CAST(CAST(DATE_DIFF(`l`.`date`, CAST('2025-01-31' AS DATE), DAY) AS BIGNUMERIC) AS BIGNUMERIC) AS `days`,
  CAST(CAST((
    (
      (
        EXTRACT(YEAR FROM `l`.`date`) - EXTRACT(YEAR FROM CAST('2025-01-31' AS DATE))
      ) * 12
    ) + (
      EXTRACT(MONTH FROM `l`.`date`) - EXTRACT(MONTH FROM CAST('2025-01-31' AS DATE))
    )
  ) AS BIGNUMERIC) AS BIGNUMERIC) AS `months`,
  CAST(CAST(EXTRACT(YEAR FROM `l`.`date`) AS BIGNUMERIC) AS BIGNUMERIC) AS `year`,
  CAST(CAST(EXTRACT(MONTH FROM `l`.`date`) AS BIGNUMERIC) AS BIGNUMERIC) AS `month`,
  CAST(CAST(EXTRACT(DAY FROM `l`.`date`) AS BIGNUMERIC) AS BIGNUMERIC) AS `day`,
  CAST('2025-01-31 12:00:00' AS DATETIME) AS `noon`
FROM `lines` AS `l`

-- summed: one row per partner
SELECT
  `l`.`partner_id` AS `partner_id`,
  CAST(COALESCE(
    CAST(SUM(
      CAST((
        CAST(`l`.`amount` AS BIGNUMERIC) * CAST(`s`.`share` AS BIGNUMERIC)
      ) AS BIGNUMERIC)
    ) AS BIGNUMERIC),
    CAST('0' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS `total`,
  CAST(COALESCE(
    CAST(SUM(CASE WHEN (
      `l`.`amount` > CAST('1000' AS NUMERIC)
    ) THEN `l`.`amount` END) AS BIGNUMERIC),
    CAST('0' AS BIGNUMERIC)
  ) AS BIGNUMERIC) AS `large`,
  CAST(COUNT(*) AS BIGNUMERIC) AS `rows`,
  CAST(COUNT(CASE WHEN (
    `l`.`amount` < CAST('0' AS NUMERIC)
  ) THEN 1 END) AS BIGNUMERIC) AS `returns`,
  CAST(COUNT(DISTINCT `l`.`customer_id`) AS BIGNUMERIC) AS `customers`,
  MIN(`l`.`date`) AS `first`,
  MAX(`l`.`date`) AS `last`
FROM `lines` AS `l`
LEFT JOIN `splits` AS `s`
  ON (
    `s`.`sale_id` = `l`.`id`
  )
INNER JOIN `periods` AS `p`
  ON (
    `p`.`start` <= `l`.`date`
  )
GROUP BY
  `l`.`partner_id`

-- running: one row per line
SELECT
  CAST(SUM(`l`.`amount`) OVER (
    PARTITION BY `l`.`partner_id`
    ORDER BY `l`.`date` ASC, `l`.`id` ASC
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS BIGNUMERIC) AS `so_far`,
  CAST(SUM(`l`.`amount`) OVER (
    PARTITION BY `l`.`partner_id`
    ORDER BY `l`.`date` ASC
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS BIGNUMERIC) AS `before`,
  CAST(SUM(`l`.`amount`) OVER (PARTITION BY `l`.`partner_id` ORDER BY `l`.`date` ASC) AS BIGNUMERIC) AS `of_the_day`,
  CAST(SUM(`l`.`amount`) OVER (PARTITION BY `l`.`partner_id`) AS BIGNUMERIC) AS `whole`,
  CAST(ROW_NUMBER() OVER (PARTITION BY `l`.`partner_id` ORDER BY `l`.`amount` DESC, `l`.`id` ASC NULLS LAST) AS BIGNUMERIC) AS `place`,
  CAST(LAG(`l`.`amount`) OVER (PARTITION BY `l`.`partner_id` ORDER BY `l`.`date` ASC NULLS LAST) AS BIGNUMERIC) AS `previous`
FROM `lines` AS `l`

-- together: one row per amount
SELECT DISTINCT
  `l`.`id` AS `id`,
  CAST(`l`.`amount` AS BIGNUMERIC) AS `amount`
FROM `lines` AS `l`
UNION ALL
SELECT
  `c`.`id` AS `id`,
  `c`.`value` AS `amount`
FROM `claims` AS `c`

-- taken: one row per claim
WITH RECURSIVE `walk` AS (
  SELECT
    `r`.`id`,
    `r`.`no`,
    `r`.`cost`,
    `r`.`most`,
    (
      `r`.`cost` <= `r`.`most`
    ) AS `kept`,
    CAST((
      CAST('0' AS BIGNUMERIC) + CASE
        WHEN (
          `r`.`cost` <= `r`.`most`
        )
        THEN `r`.`cost`
        ELSE CAST('0' AS BIGNUMERIC)
      END
    ) AS BIGNUMERIC) AS `used`
  FROM `claims_in_order` AS `r`
  WHERE
    (
      `r`.`no` = 1
    )
  UNION ALL
  SELECT
    `r`.`id`,
    `r`.`no`,
    `r`.`cost`,
    `r`.`most`,
    (
      (
        `w`.`used` + `r`.`cost`
      ) <= `r`.`most`
    ) AS `kept`,
    CAST((
      `w`.`used` + CASE
        WHEN (
          (
            `w`.`used` + `r`.`cost`
          ) <= `r`.`most`
        )
        THEN `r`.`cost`
        ELSE CAST('0' AS BIGNUMERIC)
      END
    ) AS BIGNUMERIC) AS `used`
  FROM `walk` AS `w`
  INNER JOIN `claims_in_order` AS `r`
    ON (
      `r`.`no` = (
        `w`.`no` + 1
      )
    )
    AND `r`.`id` IS NOT DISTINCT FROM `w`.`id`
)
SELECT
  `id`,
  `no`,
  `cost`,
  `most`,
  `kept`
FROM `walk` AS `walk`
