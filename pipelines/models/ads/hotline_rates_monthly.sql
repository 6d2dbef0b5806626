-- 热线三率_月：一行一街道一月，按受理时间归月；起止由热线三率的规则定（自然月，或上月某日某时起）。
-- 分母一律是有效回访，不是工单：响应率 = 已联系 / 有效回访，解决率 = 已解决 / 有效回访，
-- 满意率 = (满意 + k × 基本满意) / 有效回访，有效回访率 = 有效回访 / 应回访；综合得分是三率加权。
-- k 与权重取当月第一天有效的规则。没有有效回访的，各率为空，不是零也不是百分之百。
-- 不是：未回访工单的结果，也不是全市考核口径；有效回访率低的街道不宜相互比较，看上下限。
WITH span AS (
    SELECT CAST(min(o.accepted_at) AS DATE) AS first_day, CAST(max(o.accepted_at) AS DATE) AS last_day
    FROM dwd.hotline_orders AS o
),
months AS (
    SELECT CAST(unnest(generate_series(
        date_trunc('month', s.first_day) - INTERVAL 1 MONTH, date_trunc('month', s.last_day) + INTERVAL 2 MONTH, INTERVAL 1 MONTH
    )) AS DATE) AS month_day
    FROM span AS s
),
rules AS (
    SELECT
        m.month_day,
        CAST(coalesce(max(p.value) FILTER (WHERE p.item = 'month_begins_on_day'), 1) AS INTEGER) AS begins_on_day,
        CAST(coalesce(max(p.value) FILTER (WHERE p.item = 'day_begins_at_hour'), 0) AS INTEGER) AS begins_at_hour,
        CAST(max(p.value) FILTER (WHERE p.item = 'mostly_satisfied_factor') AS DECIMAL(6, 4)) AS factor,
        CAST(max(p.value) FILTER (WHERE p.item = 'contacted_weight') AS DECIMAL(6, 4)) AS contacted_weight,
        CAST(max(p.value) FILTER (WHERE p.item = 'resolved_weight') AS DECIMAL(6, 4)) AS resolved_weight,
        CAST(max(p.value) FILTER (WHERE p.item = 'satisfied_weight') AS DECIMAL(6, 4)) AS satisfied_weight,
        max(p.basis_kind || '：' || p.basis_ref) FILTER (WHERE p.item = 'satisfied_weight') AS basis
    FROM months AS m
    LEFT JOIN pack.policies AS p
        ON p.policy = 'hotline_rates' AND p.valid_from <= m.month_day AND (p.valid_to IS NULL OR m.month_day < p.valid_to)
    GROUP BY m.month_day
),
begun AS (
    SELECT
        r.*,
        -- 一日从前一天的某时起（十二时：前一天中午到当天中午）；一月从上月的某日起
        CAST(
            CAST(CASE WHEN r.begins_on_day = 1 THEN r.month_day ELSE r.month_day - INTERVAL 1 MONTH + to_days(r.begins_on_day - 1) END AS TIMESTAMP)
            - to_hours((24 - r.begins_at_hour) % 24) AS TIMESTAMPTZ
        ) AS window_from
    FROM rules AS r
),
windows AS (
    -- 到下一个月起为止：规则变了，一张工单也只属于一个月
    SELECT b.*, lead(b.window_from) OVER (ORDER BY b.month_day) AS window_to FROM begun AS b
),
counted AS (
    SELECT
        o.subdistrict_code,
        w.month_day,
        count(*) AS orders,
        count(o.is_valid_callback) AS callbacks_due,
        count(*) FILTER (WHERE o.is_valid_callback) AS n,
        count(*) FILTER (WHERE o.is_valid_callback AND o.is_contacted) AS contacted,
        count(*) FILTER (WHERE o.is_valid_callback AND o.is_resolved) AS resolved,
        count(*) FILTER (WHERE o.is_valid_callback AND o.satisfaction = '满意') AS satisfied,
        count(*) FILTER (WHERE o.is_valid_callback AND o.satisfaction = '基本满意') AS mostly_satisfied
    FROM dwd.hotline_orders AS o
    INNER JOIN windows AS w ON o.accepted_at >= w.window_from AND o.accepted_at < w.window_to
    GROUP BY o.subdistrict_code, w.month_day
),
weighed AS (
    SELECT c.*, w.* EXCLUDE (month_day), c.satisfied + w.factor * c.mostly_satisfied AS pleased
    FROM counted AS c
    INNER JOIN windows AS w ON w.month_day = c.month_day
)
SELECT
    x.subdistrict_code,
    s.subdistrict_name,
    s.district_name,
    strftime(x.month_day, '%Y-%m') AS month,
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
    CAST(
        100.0 * (x.contacted_weight * x.contacted + x.resolved_weight * x.resolved + x.satisfied_weight * x.pleased) / nullif(x.n, 0)
        AS DECIMAL(5, 2)
    ) AS score,
    x.basis
FROM weighed AS x
LEFT JOIN dim.subdistricts AS s ON s.subdistrict_code = x.subdistrict_code
