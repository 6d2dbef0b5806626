-- 热线问题聚集：一行一街道一诉求主题一月（有工单的）；本街道该主题占本街道工单的份额，与同月全市其他街道的份额比。
-- 聚集 = 本街道份额的下限高于其他街道份额的上限（威尔逊区间，z 见规则热线问题聚集），且工单不少于最低件数。
-- 一个月有几百格，逐格比较总会有碰巧高的：z 因此取得比 95% 严。不是：问题严重程度，也不是人均多少；份额高也可能因别的主题少。
WITH cells AS (
    SELECT o.subdistrict_code, coalesce(o.topic, '未填诉求主题') AS topic, m.month, count(*) AS orders
    FROM dwd.hotline_orders AS o
    INNER JOIN dws.hotline_months AS m ON o.accepted_at >= m.window_from AND o.accepted_at < m.window_to
    GROUP BY ALL
),
sums AS (
    SELECT
        c.*,
        sum(c.orders) OVER (PARTITION BY c.month, c.subdistrict_code) AS here_orders,
        sum(c.orders) OVER (PARTITION BY c.month, c.topic) - c.orders AS elsewhere_topic_orders,
        sum(c.orders) OVER (PARTITION BY c.month) - sum(c.orders) OVER (PARTITION BY c.month, c.subdistrict_code) AS elsewhere_orders
    FROM cells AS c
),
rules AS (
    SELECT
        m.month,
        m.window_from,
        m.window_to,
        max(p.value) FILTER (WHERE p.item = 'z') AS z,
        max(p.value) FILTER (WHERE p.item = 'min_orders') AS min_orders,
        max(p.basis_kind || '：' || p.basis_ref) AS basis
    FROM dws.hotline_months AS m
    LEFT JOIN pack.policies AS p
        ON p.policy = 'hotline_clusters' AND p.valid_from <= m.month_day AND (p.valid_to IS NULL OR m.month_day < p.valid_to)
    GROUP BY ALL
),
bounds AS (
    SELECT
        s.*,
        r.* EXCLUDE (month),
        wilson_low(s.orders, s.here_orders, z := r.z) AS low,
        wilson_high(s.orders, s.here_orders, z := r.z) AS high,
        wilson_high(s.elsewhere_topic_orders, s.elsewhere_orders, z := r.z) AS elsewhere_high
    FROM sums AS s
    INNER JOIN rules AS r ON r.month = s.month
)
SELECT
    b.subdistrict_code,
    d.subdistrict_name,
    b.topic,
    b.month,
    b.window_from,
    b.window_to,
    b.orders,
    CAST(b.here_orders AS BIGINT) AS subdistrict_orders,
    CAST(b.elsewhere_topic_orders AS BIGINT) AS elsewhere_topic_orders,
    CAST(b.elsewhere_orders AS BIGINT) AS elsewhere_orders,
    CAST(100.0 * b.orders / b.here_orders AS DECIMAL(5, 2)) AS share_pct,
    CAST(100 * b.low AS DECIMAL(5, 2)) AS share_low_pct,
    CAST(100 * b.high AS DECIMAL(5, 2)) AS share_high_pct,
    CAST(100.0 * b.elsewhere_topic_orders / nullif(b.elsewhere_orders, 0) AS DECIMAL(5, 2)) AS elsewhere_share_pct,
    CAST(100 * b.elsewhere_high AS DECIMAL(5, 2)) AS elsewhere_share_high_pct,
    CAST(b.here_orders * b.elsewhere_topic_orders / nullif(b.elsewhere_orders, 0) AS DECIMAL(14, 1)) AS expected_orders,
    CAST(
        b.orders * b.elsewhere_orders / nullif(CAST(b.here_orders AS DOUBLE) * b.elsewhere_topic_orders, 0) AS DECIMAL(14, 2)
    ) AS times_expected,
    CASE WHEN b.elsewhere_high IS NOT NULL THEN b.low > b.elsewhere_high AND b.orders >= b.min_orders END AS is_cluster,
    b.basis
FROM bounds AS b
LEFT JOIN dim.subdistricts AS d ON d.subdistrict_code = b.subdistrict_code
