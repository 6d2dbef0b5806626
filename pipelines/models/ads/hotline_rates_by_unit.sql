-- 承办单位热线指标_月：一行一承办单位一月；月的起止与权重见热线考核月。三率的算法与热线三率_月相同，按受理时间归月。
-- 按时办结率 = 按时办结 / (按时办结 + 逾期)，按到期日归月，不是按受理：期限 = 受理日后若干工作日（规则热线办理时限，按诉求类型，取受理日有效的）。
-- 当月报送的数据里还没有办结、期限又在月末以后的，办没办结没有报来，记“到期情况未知”，不进分子分母，另给最低值（未知的都当逾期）。
-- 受理率见热线受理率_月。不是：厦门市考核结果；目标值是示例。当月没有受理工单的单位没有行。
WITH counted AS (
    SELECT
        coalesce(o.unit_name, '未填承办单位') AS unit_name,
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
    GROUP BY ALL
),
by_day AS (
    SELECT
        coalesce(o.unit_name, '未填承办单位') AS unit_name,
        o.category,
        CAST(o.accepted_at AS DATE) AS accepted_date,
        CAST(o.closed_at AS DATE) AS closed_date,
        count(*) AS orders,
        min(o.accepted_at) AS first_at
    FROM dwd.hotline_orders AS o
    GROUP BY ALL
),
deadlines AS (
    SELECT d.category, d.accepted_date, add_working_days(d.accepted_date, CAST(p.value AS BIGINT)) AS due_date
    FROM (SELECT DISTINCT b.category, b.accepted_date FROM by_day AS b) AS d
    INNER JOIN pack.policies AS p
        ON p.policy = 'hotline_sla' AND p.item = d.category
        AND p.valid_from <= d.accepted_date AND (p.valid_to IS NULL OR d.accepted_date < p.valid_to)
),
due AS (
    SELECT
        b.unit_name,
        m.month,
        sum(b.orders) AS due_orders,
        coalesce(sum(b.orders) FILTER (WHERE b.closed_date <= d.due_date), 0) AS on_time,
        coalesce(sum(b.orders) FILTER (
            WHERE b.closed_date > d.due_date OR (b.closed_date IS NULL AND d.due_date <= last_day(b.accepted_date))
        ), 0) AS late,
        min(b.first_at) AS first_at
    FROM by_day AS b
    INNER JOIN deadlines AS d ON d.category = b.category AND d.accepted_date = b.accepted_date
    INNER JOIN dws.hotline_months AS m
        ON CAST(d.due_date AS TIMESTAMPTZ) >= m.window_from AND CAST(d.due_date AS TIMESTAMPTZ) < m.window_to
    GROUP BY ALL
),
targets AS (
    SELECT
        m.month,
        max(p.value) FILTER (WHERE p.item = 'on_time_target') AS on_time_target,
        max(p.value) FILTER (WHERE p.item = 'satisfied_target') AS satisfied_target,
        max(p.basis_kind || '：' || p.basis_ref) AS basis
    FROM dws.hotline_months AS m
    INNER JOIN pack.policies AS p
        ON p.policy = 'hotline_xiamen' AND p.valid_from <= m.month_day AND (p.valid_to IS NULL OR m.month_day < p.valid_to)
    GROUP BY m.month
),
weighed AS (
    SELECT
        c.*,
        m.window_from,
        m.window_to,
        m.basis,
        c.satisfied + m.mostly_satisfied_factor * c.mostly_satisfied AS pleased,
        m.contacted_weight * c.contacted + m.resolved_weight * c.resolved
        + m.satisfied_weight * (c.satisfied + m.mostly_satisfied_factor * c.mostly_satisfied) AS points,
        coalesce(d.due_orders, 0) AS due_orders,
        coalesce(d.on_time, 0) AS on_time,
        coalesce(d.late, 0) AS late,
        least(m.window_from, d.first_at) AS listed_from
    FROM counted AS c
    INNER JOIN dws.hotline_months AS m ON m.month = c.month
    LEFT JOIN due AS d ON d.unit_name = c.unit_name AND d.month = c.month
)
SELECT
    x.unit_name,
    x.month,
    x.window_from,
    x.window_to,
    x.listed_from,
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
    CASE WHEN x.points IS NOT NULL THEN x.basis END AS basis,
    CAST(x.due_orders AS BIGINT) AS due_orders,
    CAST(x.on_time AS BIGINT) AS on_time_orders,
    CAST(x.late AS BIGINT) AS late_orders,
    CAST(x.due_orders - x.on_time - x.late AS BIGINT) AS due_unknown_orders,
    CAST(100.0 * x.on_time / nullif(x.on_time + x.late, 0) AS DECIMAL(5, 2)) AS on_time_pct,
    CAST(100.0 * x.on_time / nullif(x.due_orders, 0) AS DECIMAL(5, 2)) AS on_time_at_least_pct,
    CAST(t.on_time_target AS DECIMAL(5, 2)) AS on_time_target_pct,
    CAST(100.0 * (x.satisfied + x.mostly_satisfied) / nullif(x.n, 0) AS DECIMAL(5, 2)) AS pleased_pct,
    CAST(t.satisfied_target AS DECIMAL(5, 2)) AS pleased_target_pct,
    t.basis AS target_basis
FROM weighed AS x
LEFT JOIN targets AS t ON t.month = x.month
