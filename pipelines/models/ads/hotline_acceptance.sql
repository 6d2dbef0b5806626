-- 热线受理率_月：一行一月（来件日期所在的自然月），从热线来件汇总。受理率 = 受理 / (受理 + 不予受理)，重复来件并入原工单，不进分母。
-- 算法与目标值均为示例：厦门考核受理率，口径未见。湖中工单按受理时间归月；未见的工单 = 受理数 − 湖中工单数，多是还没有报来、被退回或被隔离的。
WITH counted AS (
    SELECT
        strftime(i.intake_date, '%Y-%m') AS month,
        CAST(min(date_trunc('month', i.intake_date)) AS DATE) AS month_day,
        sum(i.received_count) AS received,
        sum(i.repeated_count) AS repeated,
        sum(i.accepted_count) AS accepted,
        sum(i.not_accepted_count) AS not_accepted
    FROM dwd.hotline_intake AS i
    GROUP BY ALL
),
orders AS (
    SELECT strftime(o.accepted_at, '%Y-%m') AS month, count(*) AS orders FROM dwd.hotline_orders AS o GROUP BY ALL
),
targets AS (
    SELECT c.month, max(p.value) AS target, max(p.basis_kind || '：' || p.basis_ref) AS basis
    FROM counted AS c
    INNER JOIN pack.policies AS p
        ON p.policy = 'hotline_xiamen' AND p.item = 'accepted_target'
        AND p.valid_from <= c.month_day AND (p.valid_to IS NULL OR c.month_day < p.valid_to)
    GROUP BY c.month
)
SELECT
    c.month,
    CAST(c.received AS BIGINT) AS received,
    CAST(c.repeated AS BIGINT) AS repeated,
    CAST(c.accepted AS BIGINT) AS accepted,
    CAST(c.not_accepted AS BIGINT) AS not_accepted,
    CAST(100.0 * c.accepted / nullif(c.accepted + c.not_accepted, 0) AS DECIMAL(5, 2)) AS accepted_pct,
    CAST(100 * wilson_low(c.accepted, c.accepted + c.not_accepted) AS DECIMAL(5, 2)) AS accepted_low_pct,
    CAST(100 * wilson_high(c.accepted, c.accepted + c.not_accepted) AS DECIMAL(5, 2)) AS accepted_high_pct,
    CAST(t.target AS DECIMAL(5, 2)) AS accepted_target_pct,
    t.basis AS target_basis,
    coalesce(o.orders, 0) AS orders_in_lake,
    CAST(c.accepted - coalesce(o.orders, 0) AS BIGINT) AS orders_not_seen
FROM counted AS c
LEFT JOIN orders AS o ON o.month = c.month
LEFT JOIN targets AS t ON t.month = c.month
