-- 热线考核月：一行一月，从有工单的第一个月到最后一个月；起止与权重取该月第一天有效的规则（热线三率）。
-- 一日从前一天的某时起（十二时：前一天中午到当天中午）；一月从上月的某日起（一日：自然月）。没有规则的月份按自然月，权重为空。
WITH span AS (
    SELECT min(o.accepted_at) AS first_at, max(o.accepted_at) AS last_at FROM dwd.hotline_orders AS o
),
months AS (
    SELECT CAST(unnest(generate_series(
        date_trunc('month', CAST(s.first_at AS DATE)) - INTERVAL 1 MONTH,
        date_trunc('month', CAST(s.last_at AS DATE)) + INTERVAL 2 MONTH,
        INTERVAL 1 MONTH
    )) AS DATE) AS month_day
    FROM span AS s
),
rules AS (
    SELECT
        m.month_day,
        CAST(coalesce(max(p.value) FILTER (WHERE p.item = 'month_begins_on_day'), 1) AS INTEGER) AS begins_on_day,
        CAST(coalesce(max(p.value) FILTER (WHERE p.item = 'day_begins_at_hour'), 0) AS INTEGER) AS begins_at_hour,
        CAST(max(p.value) FILTER (WHERE p.item = 'mostly_satisfied_factor') AS DECIMAL(6, 4)) AS mostly_satisfied_factor,
        CAST(max(p.value) FILTER (WHERE p.item = 'contacted_weight') AS DECIMAL(6, 4)) AS contacted_weight,
        CAST(max(p.value) FILTER (WHERE p.item = 'resolved_weight') AS DECIMAL(6, 4)) AS resolved_weight,
        CAST(max(p.value) FILTER (WHERE p.item = 'satisfied_weight') AS DECIMAL(6, 4)) AS satisfied_weight,
        max(p.basis_kind || '：' || p.basis_ref) FILTER (WHERE p.item = 'satisfied_weight') AS basis
    FROM months AS m
    LEFT JOIN pack.policies AS p
        ON p.policy = 'hotline_rates' AND p.valid_from <= m.month_day AND (p.valid_to IS NULL OR m.month_day < p.valid_to)
    GROUP BY m.month_day
),
days AS (
    SELECT
        r.*,
        CASE
            WHEN r.begins_on_day = 1 THEN CAST(r.month_day AS TIMESTAMP)
            ELSE CAST(r.month_day AS TIMESTAMP) - INTERVAL 1 MONTH + to_days(r.begins_on_day - 1)
        END AS first_day
    FROM rules AS r
),
begun AS (
    SELECT d.*, CAST(d.first_day - to_hours((24 - d.begins_at_hour) % 24) AS TIMESTAMPTZ) AS window_from FROM days AS d
),
windows AS (
    -- 到下一个月起为止：规则变了，一张工单也只属于一个月
    SELECT b.*, lead(b.window_from) OVER (ORDER BY b.month_day) AS window_to FROM begun AS b
)
SELECT
    strftime(w.month_day, '%Y-%m') AS month,
    w.month_day,
    w.window_from,
    w.window_to,
    w.mostly_satisfied_factor,
    w.contacted_weight,
    w.resolved_weight,
    w.satisfied_weight,
    w.basis
FROM windows AS w
INNER JOIN span AS s ON w.window_to > s.first_at AND w.window_from <= s.last_at
