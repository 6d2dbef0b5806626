-- 热线三率_月：一行一街道一月，按受理时间归月；月的起止与权重见热线考核月。
-- 分母一律是有效回访，不是工单：响应率 = 已联系 / 有效回访，解决率 = 已解决 / 有效回访，
-- 满意率 = (满意 + k × 基本满意) / 有效回访，有效回访率 = 有效回访 / 应回访；综合得分是三率加权。
-- 没有有效回访的，各率为空，不是零也不是百分之百。
-- 不是：未回访工单的结果，也不是全市考核口径；有效回访率低的街道不宜相互比较，看上下限。
WITH counted AS (
    SELECT
        o.subdistrict_code,
        m.month,
        count(*) AS orders,
        count(o.is_valid_callback) AS callbacks_due,
        count(*) FILTER (WHERE o.is_valid_callback) AS n,
        count(*) FILTER (WHERE o.is_valid_callback AND o.is_contacted) AS contacted,
        count(*) FILTER (WHERE o.is_valid_callback AND o.is_resolved) AS resolved,
        count(*) FILTER (WHERE o.is_valid_callback AND o.satisfaction = '满意') AS satisfied,
        count(*) FILTER (WHERE o.is_valid_callback AND o.satisfaction = '基本满意') AS mostly_satisfied
    FROM dwd.hotline_orders AS o
    INNER JOIN dws.hotline_months AS m ON o.accepted_at >= m.window_from AND o.accepted_at < m.window_to
    GROUP BY o.subdistrict_code, m.month
),
weighed AS (
    SELECT
        c.*,
        m.window_from,
        m.window_to,
        m.basis,
        c.satisfied + m.mostly_satisfied_factor * c.mostly_satisfied AS pleased,
        m.contacted_weight * c.contacted + m.resolved_weight * c.resolved
        + m.satisfied_weight * (c.satisfied + m.mostly_satisfied_factor * c.mostly_satisfied) AS points
    FROM counted AS c
    INNER JOIN dws.hotline_months AS m ON m.month = c.month
)
SELECT
    x.subdistrict_code,
    s.subdistrict_name,
    s.district_name,
    x.month,
    x.window_from,
    x.window_to,
    x.orders,
    x.callbacks_due,
    x.n AS valid_callbacks,
    x.contacted AS contacted_callbacks,
    x.resolved AS resolved_callbacks,
    x.satisfied AS satisfied_callbacks,
    x.mostly_satisfied AS mostly_satisfied_callbacks,
    CAST(100.0 * x.contacted / nullif(x.n, 0) AS DECIMAL(5, 2)) AS responded_pct,
    CAST(100.0 * x.resolved / nullif(x.n, 0) AS DECIMAL(5, 2)) AS resolved_pct,
    CAST(100 * wilson_low(x.resolved, x.n) AS DECIMAL(5, 2)) AS resolved_low_pct,
    CAST(100 * wilson_high(x.resolved, x.n) AS DECIMAL(5, 2)) AS resolved_high_pct,
    CAST(100.0 * x.pleased / nullif(x.n, 0) AS DECIMAL(5, 2)) AS satisfied_pct,
    CAST(100 * wilson_low(x.pleased, x.n) AS DECIMAL(5, 2)) AS satisfied_low_pct,
    CAST(100 * wilson_high(x.pleased, x.n) AS DECIMAL(5, 2)) AS satisfied_high_pct,
    CAST(100.0 * x.n / nullif(x.callbacks_due, 0) AS DECIMAL(5, 2)) AS callback_pct,
    CAST(100.0 * x.points / nullif(x.n, 0) AS DECIMAL(5, 2)) AS score,
    CASE WHEN x.points IS NOT NULL THEN x.basis END AS basis
FROM weighed AS x
LEFT JOIN dim.subdistricts AS s ON s.subdistrict_code = x.subdistrict_code
