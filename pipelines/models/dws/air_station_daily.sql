-- 站点日空气质量：一行一站点一日一评价项目。日为城市所在时区的自然日，小时以开始时刻计。
-- 日均 = 有效小时值之和 / 有效小时数；有效小时不足者空（GB 3095-2026 表4，见城市包 air_completeness）。
-- 臭氧日最大8小时 = 当日内17个8小时窗口（起于0至16时）中有效者均值的最大值；窗口与个数的口径未见原文，为示例（air_mda8）。
-- 不是城市日值：站点如何合成城市（HJ 663）未经确认，停在站点一级。
WITH hourly AS (
    SELECT
        a.station_code,
        a.station_name,
        CAST(a.observed_at AS DATE) AS observed_date,
        CAST(extract('hour' FROM a.observed_at) AS INTEGER) AS start_hour,
        -- 定点数相加与次序无关，重算到末位都一样
        CAST(a.so2_ug_m3 AS DECIMAL(12, 3)) AS so2,
        CAST(a.no2_ug_m3 AS DECIMAL(12, 3)) AS no2,
        CAST(a.co_mg_m3 AS DECIMAL(12, 3)) AS co,
        CAST(a.o3_ug_m3 AS DECIMAL(12, 3)) AS o3,
        CAST(a.pm10_ug_m3 AS DECIMAL(12, 3)) AS pm10,
        CAST(a.pm25_ug_m3 AS DECIMAL(12, 3)) AS pm25
    FROM dwd.air_quality_hourly AS a
),

rules AS (
    SELECT
        p.valid_from,
        p.valid_to,
        max(p.value) FILTER (WHERE p.item = 'hours_per_day') AS hours_per_day,
        max(p.value) FILTER (WHERE p.item = 'hours_per_8h') AS hours_per_8h,
        max(p.basis_kind || ': ' || p.basis_ref) FILTER (WHERE p.item = 'hours_per_day') AS basis
    FROM pack.policies AS p
    WHERE p.policy = 'air_completeness'
    GROUP BY p.valid_from, p.valid_to
),

window_rules AS (
    SELECT p.valid_from, p.valid_to, p.value AS windows_per_day, p.basis_kind || ': ' || p.basis_ref AS basis
    FROM pack.policies AS p
    WHERE p.policy = 'air_mda8' AND p.item = 'windows_per_day'
),

-- 一个小时值属于起于它及其前7个小时的各窗口
window_values AS (
    SELECT
        h.station_code,
        h.observed_date,
        unnest(range(greatest(h.start_hour - 7, 0), least(h.start_hour, 16) + 1)) AS first_hour,
        h.o3
    FROM hourly AS h
    WHERE h.o3 IS NOT NULL
),

eight_hours AS (
    SELECT w.station_code, w.observed_date, w.first_hour, count(*) AS hours, sum(w.o3) AS total
    FROM window_values AS w
    GROUP BY w.station_code, w.observed_date, w.first_hour
),

mda8 AS (
    SELECT e.station_code, e.observed_date, count(*) AS windows, max(e.total / e.hours) AS highest
    FROM eight_hours AS e
    JOIN rules AS r ON e.observed_date >= r.valid_from AND (r.valid_to IS NULL OR e.observed_date < r.valid_to)
    WHERE e.hours >= r.hours_per_8h
    GROUP BY e.station_code, e.observed_date
),

daily AS (
    SELECT
        h.station_code,
        max(h.station_name) AS station_name,
        h.observed_date,
        count(h.so2) AS so2_hours, sum(h.so2) AS so2_total,
        count(h.no2) AS no2_hours, sum(h.no2) AS no2_total,
        count(h.co) AS co_hours, sum(h.co) AS co_total,
        count(h.pm10) AS pm10_hours, sum(h.pm10) AS pm10_total,
        count(h.pm25) AS pm25_hours, sum(h.pm25) AS pm25_total,
        count(h.o3) AS o3_hours, max(h.o3) AS o3_highest
    FROM hourly AS h
    GROUP BY h.station_code, h.observed_date
),

measured AS (
    SELECT
        d.station_code,
        d.station_name,
        d.observed_date,
        r.hours_per_day,
        r.basis,
        x.windows_per_day,
        x.basis AS window_basis,
        unnest([
            {'item': 'so2_24h', 'name': '二氧化硫', 'unit': 'ug/m3', 'hours': d.so2_hours, 'windows': NULL, 'value': d.so2_total / d.so2_hours},
            {'item': 'no2_24h', 'name': '二氧化氮', 'unit': 'ug/m3', 'hours': d.no2_hours, 'windows': NULL, 'value': d.no2_total / d.no2_hours},
            {'item': 'co_24h', 'name': '一氧化碳', 'unit': 'mg/m3', 'hours': d.co_hours, 'windows': NULL, 'value': d.co_total / d.co_hours},
            {'item': 'pm10_24h', 'name': '可吸入颗粒物', 'unit': 'ug/m3', 'hours': d.pm10_hours, 'windows': NULL, 'value': d.pm10_total / d.pm10_hours},
            {'item': 'pm25_24h', 'name': '细颗粒物', 'unit': 'ug/m3', 'hours': d.pm25_hours, 'windows': NULL, 'value': d.pm25_total / d.pm25_hours},
            {'item': 'o3_8h', 'name': '臭氧日最大8小时', 'unit': 'ug/m3', 'hours': d.o3_hours, 'windows': coalesce(m.windows, 0), 'value': m.highest},
            {'item': 'o3_1h', 'name': '臭氧日最大1小时', 'unit': 'ug/m3', 'hours': d.o3_hours, 'windows': NULL, 'value': CAST(d.o3_highest AS DOUBLE)}
        ]) AS of_item
    FROM daily AS d
    LEFT JOIN mda8 AS m ON m.station_code = d.station_code AND m.observed_date = d.observed_date
    LEFT JOIN rules AS r ON d.observed_date >= r.valid_from AND (r.valid_to IS NULL OR d.observed_date < r.valid_to)
    LEFT JOIN window_rules AS x ON d.observed_date >= x.valid_from AND (x.valid_to IS NULL OR d.observed_date < x.valid_to)
),

valid AS (
    SELECT
        m.station_code,
        m.station_name,
        m.observed_date,
        m.of_item,
        CASE
            WHEN m.of_item.item = 'o3_8h' AND m.of_item.windows >= m.windows_per_day THEN CAST(m.of_item.value AS DECIMAL(12, 6))
            WHEN m.of_item.item <> 'o3_8h' AND m.of_item.hours >= m.hours_per_day THEN CAST(m.of_item.value AS DECIMAL(12, 6))
        END AS concentration,
        CASE WHEN m.of_item.item = 'o3_8h' THEN m.basis || '；' || m.window_basis ELSE m.basis END AS basis
    FROM measured AS m
)

SELECT
    v.station_code,
    v.observed_date,
    v.of_item.item AS item,
    v.station_name,
    v.of_item.name AS item_name,
    v.of_item.unit AS unit,
    v.of_item.hours AS valid_hours,
    v.of_item.windows AS valid_windows,
    v.concentration,
    aqi_standard(v.observed_date) AS standard,
    CASE
        WHEN v.of_item.item <> 'o3_1h' OR aqi_standard(v.observed_date) = 'HJ 633-2012'
            THEN iaqi(v.of_item.item, v.concentration, v.observed_date)
    END AS iaqi,
    iaqi(v.of_item.item, v.concentration, DATE '2026-02-28') AS iaqi_2012,
    CASE WHEN v.of_item.item <> 'o3_1h' THEN iaqi(v.of_item.item, v.concentration, DATE '2026-03-01') END AS iaqi_2026,
    coalesce(v.basis, '当日没有规定') AS basis
FROM valid AS v
