-- 韧性_涨水与诉求：一行一水文站一次超警。一次 = 水位高于警戒的连续读数，直到第一个不高于警戒的读数（缺测不算退水）。
-- 诉求、事件、告警取同一街道、时间窗之内的：超警前 window_hours_before 小时，到最后一个超警小时结束后 window_hours_after 小时。
-- 同街道、同时间，不等于因果；与涨水有关的主题另计（policy resilience.topics）。
WITH rules AS (
    SELECT
        p.valid_from,
        p.valid_to,
        CAST(max(p.value) FILTER (WHERE p.item = 'window_hours_before') AS INTEGER) AS hours_before,
        CAST(max(p.value) FILTER (WHERE p.item = 'window_hours_after') AS INTEGER) AS hours_after,
        string_split(max(p.text) FILTER (WHERE p.item = 'topics'), '、') AS topics,
        string_split(max(p.text) FILTER (WHERE p.item = 'alarm_kinds'), '、') AS alarm_kinds,
        max(p.basis_kind || ': ' || p.basis_ref) FILTER (WHERE p.item = 'window_hours_after') AS basis
    FROM pack.policies AS p
    WHERE p.policy = 'resilience'
    GROUP BY p.valid_from, p.valid_to
),

readings AS (
    SELECT
        w.station_code,
        w.station_name,
        w.subdistrict_code,
        w.observed_at,
        w.level_m,
        w.warning_level_m,
        w.level_m > w.warning_level_m AS is_over,
        -- 退水读数的个数：两次退水之间的超警读数是同一次
        count(*) FILTER (WHERE w.level_m <= w.warning_level_m) OVER (PARTITION BY w.station_code ORDER BY w.observed_at) AS episode
    FROM dwd.water_levels AS w
    WHERE w.level_m IS NOT NULL AND w.warning_level_m IS NOT NULL
),

over_readings AS (
    SELECT
        r.station_code,
        r.station_name,
        r.subdistrict_code,
        r.episode,
        r.observed_at,
        r.level_m,
        r.warning_level_m,
        max(r.level_m) OVER (PARTITION BY r.station_code, r.episode) AS highest_level_m
    FROM readings AS r
    WHERE r.is_over
),

episodes AS (
    SELECT
        r.station_code,
        r.episode,
        max(r.station_name) AS station_name,
        max(r.subdistrict_code) AS subdistrict_code,
        max(r.warning_level_m) AS warning_level_m,
        min(r.observed_at) AS started_at,
        max(r.observed_at) AS last_over_at,
        count(*) AS hours_over,
        max(r.level_m) AS highest_level_m,
        min(r.observed_at) FILTER (WHERE r.level_m = r.highest_level_m) AS highest_at,
        max(CAST(r.level_m AS DECIMAL(9, 3)) - CAST(r.warning_level_m AS DECIMAL(9, 3))) AS most_over_m
    FROM over_readings AS r
    GROUP BY r.station_code, r.episode
),

-- 退水读数自身开始下一段：第 n 段之后的退水是第 n+1 个
receded AS (
    SELECT r.station_code, r.episode - 1 AS episode, min(r.observed_at) AS receded_at
    FROM readings AS r
    WHERE NOT r.is_over
    GROUP BY r.station_code, r.episode
),

windows AS (
    SELECT
        e.station_code,
        e.station_name,
        e.subdistrict_code,
        e.warning_level_m,
        e.started_at,
        e.last_over_at,
        d.receded_at,
        e.hours_over,
        e.highest_level_m,
        e.highest_at,
        e.most_over_m,
        e.started_at - to_hours(r.hours_before) AS window_from,
        e.last_over_at + to_hours(1 + r.hours_after) AS window_to,
        r.topics,
        r.alarm_kinds,
        r.basis
    FROM episodes AS e
    LEFT JOIN receded AS d ON d.station_code = e.station_code AND d.episode = e.episode
    LEFT JOIN rules AS r
        ON CAST(e.started_at AS DATE) >= r.valid_from AND (r.valid_to IS NULL OR CAST(e.started_at AS DATE) < r.valid_to)
),

orders AS (
    SELECT
        w.station_code,
        w.started_at,
        count(*) AS orders,
        count(*) FILTER (WHERE list_contains(w.topics, o.topic)) AS related,
        min(o.accepted_at) FILTER (WHERE list_contains(w.topics, o.topic) AND o.accepted_at >= w.started_at) AS first_at
    FROM windows AS w
    JOIN dwd.hotline_orders AS o
        ON o.subdistrict_code = w.subdistrict_code AND o.accepted_at >= w.window_from AND o.accepted_at < w.window_to
    GROUP BY w.station_code, w.started_at
),

events AS (
    SELECT
        w.station_code,
        w.started_at,
        count(*) AS events,
        count(*) FILTER (WHERE list_contains(w.topics, g.topic)) AS related,
        count(*) FILTER (WHERE list_contains(w.topics, g.topic) AND g.source = '市民上报') AS by_citizens,
        count(*) FILTER (WHERE list_contains(w.topics, g.topic) AND g.source = '物联感知') AS by_sensors,
        count(g.closed_at) FILTER (WHERE list_contains(w.topics, g.topic)) AS closed,
        min(g.reported_at) FILTER (WHERE list_contains(w.topics, g.topic) AND g.reported_at >= w.started_at) AS first_at
    FROM windows AS w
    JOIN dwd.grid_events AS g
        ON g.subdistrict_code = w.subdistrict_code AND g.reported_at >= w.window_from AND g.reported_at < w.window_to
    GROUP BY w.station_code, w.started_at
),

alarms AS (
    SELECT w.station_code, w.started_at, count(*) AS alarms, min(h.heartbeat_at) FILTER (WHERE h.heartbeat_at >= w.started_at) AS first_at
    FROM windows AS w
    JOIN dwd.iot_devices AS i ON i.subdistrict_code = w.subdistrict_code
    JOIN dwd.device_heartbeats AS h
        ON h.device_id = i.device_id AND list_contains(w.alarm_kinds, h.alarm_kind)
        AND h.heartbeat_at >= w.window_from AND h.heartbeat_at < w.window_to
    GROUP BY w.station_code, w.started_at
)

SELECT
    w.station_code,
    w.started_at,
    w.station_name,
    w.subdistrict_code,
    s.subdistrict_name,
    w.warning_level_m,
    w.last_over_at,
    w.receded_at,
    w.hours_over,
    date_diff('hour', w.started_at, w.last_over_at) + 1 - w.hours_over AS hours_without_reading,
    w.highest_level_m,
    w.highest_at,
    w.most_over_m,
    w.window_from,
    w.window_to,
    coalesce(o.orders, 0) AS hotline_orders,
    coalesce(o.related, 0) AS related_hotline_orders,
    coalesce(g.events, 0) AS grid_events,
    coalesce(g.related, 0) AS related_grid_events,
    coalesce(g.by_citizens, 0) AS related_events_by_citizens,
    coalesce(g.by_sensors, 0) AS related_events_by_sensors,
    coalesce(g.closed, 0) AS related_events_closed,
    coalesce(a.alarms, 0) AS device_alarms,
    a.first_at AS first_alarm_at,
    least(o.first_at, g.first_at) AS first_report_at,
    date_diff('second', w.started_at, least(o.first_at, g.first_at)) // 60 AS first_report_after_min,
    coalesce(w.basis, '当日没有规定') AS basis
FROM windows AS w
LEFT JOIN orders AS o ON o.station_code = w.station_code AND o.started_at = w.started_at
LEFT JOIN events AS g ON g.station_code = w.station_code AND g.started_at = w.started_at
LEFT JOIN alarms AS a ON a.station_code = w.station_code AND a.started_at = w.started_at
LEFT JOIN dim.subdistricts AS s ON s.subdistrict_code = w.subdistrict_code
