-- 一件事：一行一件网格事件，连上说同一件事的热线工单与设备告警，看是否一次闭环。
-- 连法：编号（事件上写着工单、设备），否则街道与主题（同街道、同主题，相距不多于规则高效处置一件事的小时数；告警另须在规则的米数以内）；
-- 有几个的取时间最近的，并说候选有几个。凭街道与主题连的只是可能，候选越多越可能连错；一张工单可以连上几件事件。
-- 一次闭环：已办结，立案、派遣、处置、核查、结案齐全且依次，没有退单，没有重办。未结的不判。
-- 全程小时从最早的信号（告警、受理、上报）算到结案。不是：处置质量，也不含没有进网格的工单。
WITH rules AS (
    SELECT
        d.day,
        max(p.value) FILTER (WHERE p.item = 'match_hours') AS match_hours,
        max(p.value) FILTER (WHERE p.item = 'match_distance') AS match_distance,
        max(p.basis_kind || '：' || p.basis_ref) AS basis
    FROM (SELECT DISTINCT CAST(e.reported_at AS DATE) AS day FROM dwd.grid_events AS e) AS d
    INNER JOIN pack.policies AS p
        ON p.policy = 'one_loop' AND p.valid_from <= d.day AND (p.valid_to IS NULL OR d.day < p.valid_to)
    GROUP BY d.day
),
events AS (
    SELECT e.*, r.match_hours, r.match_distance, r.basis
    FROM dwd.grid_events AS e
    LEFT JOIN rules AS r ON r.day = CAST(e.reported_at AS DATE)
),
alarms AS (
    SELECT h.device_id, h.heartbeat_at, h.alarm_kind, d.subdistrict_code, d.lon, d.lat, p.text AS topic
    FROM dwd.device_heartbeats AS h
    INNER JOIN dwd.iot_devices AS d ON d.device_id = h.device_id
    LEFT JOIN pack.policies AS p
        ON p.policy = 'one_loop_alarm_topics' AND p.item = h.alarm_kind
        AND p.valid_from <= CAST(h.heartbeat_at AS DATE) AND (p.valid_to IS NULL OR CAST(h.heartbeat_at AS DATE) < p.valid_to)
    WHERE h.alarm_kind IS NOT NULL
),
order_pairs AS (
    SELECT e.event_id, o.order_id, o.accepted_at, o.closed_at, '编号' AS matched_by,
        abs(date_diff('second', o.accepted_at, e.reported_at)) AS apart_s
    FROM events AS e
    INNER JOIN dwd.hotline_orders AS o ON o.order_id = e.hotline_order_id
    UNION ALL
    SELECT e.event_id, o.order_id, o.accepted_at, o.closed_at, '街道与主题' AS matched_by,
        abs(date_diff('second', o.accepted_at, e.reported_at)) AS apart_s
    FROM events AS e
    INNER JOIN dwd.hotline_orders AS o
        ON o.subdistrict_code = e.subdistrict_code AND o.topic = e.topic
        AND abs(date_diff('second', o.accepted_at, e.reported_at)) <= e.match_hours * 3600
    WHERE e.hotline_order_id IS NULL
),
orders AS (
    SELECT * EXCLUDE (place)
    FROM (
        SELECT p.*, count(*) OVER (PARTITION BY p.event_id) AS candidates,
            row_number() OVER (PARTITION BY p.event_id ORDER BY p.apart_s, p.order_id) AS place
        FROM order_pairs AS p
    )
    WHERE place = 1
),
alarm_pairs AS (
    SELECT e.event_id, a.device_id, a.heartbeat_at, a.alarm_kind, '编号' AS matched_by,
        abs(date_diff('second', a.heartbeat_at, e.reported_at)) AS apart_s
    FROM events AS e
    INNER JOIN alarms AS a
        ON a.device_id = e.device_id AND abs(date_diff('second', a.heartbeat_at, e.reported_at)) <= e.match_hours * 3600
    UNION ALL
    SELECT e.event_id, a.device_id, a.heartbeat_at, a.alarm_kind, '街道与主题' AS matched_by,
        abs(date_diff('second', a.heartbeat_at, e.reported_at)) AS apart_s
    FROM events AS e
    INNER JOIN alarms AS a
        ON a.subdistrict_code = e.subdistrict_code AND a.topic = e.topic
        AND abs(date_diff('second', a.heartbeat_at, e.reported_at)) <= e.match_hours * 3600
        -- 几百米以内地面当作平的：纬度一度约 111 195 米
        AND pow((a.lat - e.lat) * 111195, 2) + pow((a.lon - e.lon) * 111195 * cos(radians(e.lat)), 2) <= pow(e.match_distance, 2)
    WHERE e.device_id IS NULL
),
nearest AS (
    SELECT * EXCLUDE (place)
    FROM (
        SELECT p.*, count(*) OVER (PARTITION BY p.event_id) AS candidates,
            row_number() OVER (PARTITION BY p.event_id ORDER BY p.apart_s, p.device_id, p.heartbeat_at) AS place
        FROM alarm_pairs AS p
    )
    WHERE place = 1
)
SELECT
    e.event_id,
    e.source,
    e.category,
    e.topic,
    e.subdistrict_code,
    s.subdistrict_name,
    e.unit_name,
    o.order_id,
    o.matched_by AS order_matched_by,
    coalesce(o.candidates, 0) AS order_candidates,
    o.accepted_at AS order_accepted_at,
    o.closed_at AS order_closed_at,
    a.device_id,
    a.alarm_kind,
    a.matched_by AS alarm_matched_by,
    coalesce(a.candidates, 0) AS alarm_candidates,
    a.heartbeat_at AS alarm_at,
    e.reported_at,
    e.filed_at,
    e.dispatched_at,
    e.handled_at,
    e.checked_at,
    e.closed_at,
    e.returned_count,
    e.redone_count,
    e.result,
    o.order_id IS NOT NULL OR a.device_id IS NOT NULL AS is_linked,
    CASE WHEN e.closed_at IS NOT NULL THEN coalesce(
        e.result = '已办结' AND e.returned_count = 0 AND e.redone_count = 0
        AND e.reported_at <= e.filed_at AND e.filed_at <= e.dispatched_at AND e.dispatched_at <= e.handled_at
        AND e.handled_at <= e.checked_at AND e.checked_at <= e.closed_at,
        false
    ) END AS is_closed_in_one_loop,
    least(e.reported_at, o.accepted_at, a.heartbeat_at) AS first_signal_at,
    CAST(
        date_diff('second', least(e.reported_at, o.accepted_at, a.heartbeat_at), e.closed_at) / 3600 AS DECIMAL(12, 2)
    ) AS hours_to_close,
    CASE WHEN o.matched_by = '街道与主题' OR a.matched_by IS NOT NULL THEN e.basis END AS basis
FROM events AS e
LEFT JOIN orders AS o ON o.event_id = e.event_id
LEFT JOIN nearest AS a ON a.event_id = e.event_id
LEFT JOIN dim.subdistricts AS s ON s.subdistrict_code = e.subdistrict_code
