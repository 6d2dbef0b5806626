-- 设施健康：一行一台设备一个有心跳数据的日子。日为城市所在时区的自然日；没有任何设备报来的日子不算，无从知道是谁沉默。
-- 应报 = 一日按上报间隔分成的段数；实报 = 至少报过一次的段数。最长空档跨日相接，到当日24时为止；当日以前数据不连续的，从连续的第一日0时起算。
-- 沉默 = 当日24时距最后一次心跳超过 silence_factor × 上报间隔。台账只有现行的一份，早先的日子也按现行台账。
WITH rules AS (
    SELECT
        p.valid_from,
        p.valid_to,
        max(p.value) FILTER (WHERE p.item = 'silence_factor') AS silence_factor,
        CAST(max(p.value) FILTER (WHERE p.item = 'calibration_notice') AS INTEGER) AS notice_days,
        max(p.value) FILTER (WHERE p.item = 'low_battery') AS low_battery,
        max(p.basis_kind || ': ' || p.basis_ref) FILTER (WHERE p.item = 'silence_factor') AS basis
    FROM pack.policies AS p
    WHERE p.policy = 'facility_health'
    GROUP BY p.valid_from, p.valid_to
),

observed AS (
    SELECT DISTINCT CAST(h.heartbeat_at AS DATE) AS day
    FROM dwd.device_heartbeats AS h
),

-- 连续的日子减去其序号是同一天
days AS (
    SELECT
        o.day,
        min(o.day) OVER (PARTITION BY o.day - CAST(o.place AS INTEGER)) AS run_from
    FROM (SELECT x.day, row_number() OVER (ORDER BY x.day) AS place FROM observed AS x) AS o
),

devices AS (
    SELECT
        i.device_id,
        i.device_kind,
        i.maker,
        i.subdistrict_code,
        i.facility_id,
        i.system_id,
        i.cadence_min,
        i.calibrated_until,
        d.day,
        CAST(d.day AS TIMESTAMP WITH TIME ZONE) AS day_starts_at,
        CAST(d.day + 1 AS TIMESTAMP WITH TIME ZONE) AS day_ends_at,
        CAST(greatest(d.run_from, i.installed_date) AS TIMESTAMP WITH TIME ZONE) AS watched_from
    FROM dwd.iot_devices AS i
    JOIN days AS d ON d.day >= i.installed_date
),

beats AS (
    SELECT
        h.device_id,
        h.heartbeat_at,
        CAST(h.heartbeat_at AS DATE) AS day,
        h.battery_pct,
        h.alarm_kind,
        lag(h.heartbeat_at) OVER (PARTITION BY h.device_id ORDER BY h.heartbeat_at) AS previous_at
    FROM dwd.device_heartbeats AS h
),

heard AS (
    SELECT
        d.device_id,
        d.day,
        count(b.heartbeat_at) AS heartbeats,
        count(DISTINCT date_diff('minute', d.day_starts_at, b.heartbeat_at) // d.cadence_min) AS received,
        max(b.heartbeat_at) AS last_of_day_at,
        count(b.alarm_kind) AS alarms,
        max(date_diff('second', greatest(b.previous_at, d.watched_from), b.heartbeat_at)) AS longest_closed_s,
        arg_max(b.battery_pct, b.heartbeat_at) AS battery_pct
    FROM devices AS d
    LEFT JOIN beats AS b ON b.device_id = d.device_id AND b.day = d.day
    GROUP BY d.device_id, d.day
),

-- 到当日24时为止最后一次心跳，可能在以前的日子
last_heard AS (
    SELECT h.device_id, h.day, max(h.last_of_day_at) OVER (PARTITION BY h.device_id ORDER BY h.day) AS last_heard_at
    FROM heard AS h
),

measured AS (
    SELECT
        d.device_id,
        d.day,
        d.device_kind,
        d.maker,
        d.subdistrict_code,
        d.facility_id,
        d.system_id,
        d.cadence_min,
        (1440 + d.cadence_min - 1) // d.cadence_min AS expected,
        h.received,
        h.heartbeats,
        h.alarms,
        l.last_heard_at,
        greatest(h.longest_closed_s, date_diff('second', greatest(l.last_heard_at, d.watched_from), d.day_ends_at)) AS longest_gap_s,
        date_diff('second', greatest(l.last_heard_at, d.watched_from), d.day_ends_at) AS open_gap_s,
        h.battery_pct,
        d.calibrated_until
    FROM devices AS d
    JOIN heard AS h ON h.device_id = d.device_id AND h.day = d.day
    JOIN last_heard AS l ON l.device_id = d.device_id AND l.day = d.day
)

SELECT
    m.device_id,
    m.day AS observed_date,
    m.device_kind,
    m.maker,
    m.subdistrict_code,
    s.subdistrict_name,
    m.facility_id,
    m.system_id,
    m.cadence_min,
    m.expected AS expected_heartbeats,
    m.received AS received_heartbeats,
    CAST(100 * m.received / m.expected AS DECIMAL(5, 2)) AS received_pct,
    m.heartbeats,
    m.alarms,
    m.last_heard_at,
    m.longest_gap_s // 60 AS longest_gap_min,
    m.longest_gap_s > r.silence_factor * m.cadence_min * 60 AS had_gap,
    m.open_gap_s > r.silence_factor * m.cadence_min * 60 AS is_silent,
    m.battery_pct,
    m.battery_pct < r.low_battery AS is_battery_low,
    m.calibrated_until,
    CASE
        WHEN m.calibrated_until IS NULL THEN '不需检定'
        WHEN m.calibrated_until < m.day THEN '已过期'
        WHEN m.calibrated_until < m.day + r.notice_days THEN '即将到期'
        ELSE '有效'
    END AS calibration,
    coalesce(r.basis, '当日没有规定') AS basis
FROM measured AS m
LEFT JOIN rules AS r ON m.day >= r.valid_from AND (r.valid_to IS NULL OR m.day < r.valid_to)
LEFT JOIN dim.subdistricts AS s ON s.subdistrict_code = m.subdistrict_code
