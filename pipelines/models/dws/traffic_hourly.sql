-- 路段小时车流：一行一路段一方向一小时。车辆数为报来的五分钟之和，缺的五分钟不补，请同看报来的个数（满12个为全）。
-- 平均车速 = Σ(车辆数 × 车速) / Σ车辆数，只计有车速的五分钟。
SELECT
    t.section_id,
    t.direction,
    date_trunc('hour', t.observed_at) AS hour_at,
    max(t.section_name) AS section_name,
    max(t.subdistrict_code) AS subdistrict_code,
    count(*) AS observations,
    CAST(sum(t.vehicles) AS BIGINT) AS vehicles,
    max(t.vehicles) AS peak_vehicles,
    CAST(
        sum(t.vehicles * CAST(t.mean_speed_kmh AS DECIMAL(9, 3))) / nullif(sum(t.vehicles) FILTER (WHERE t.mean_speed_kmh IS NOT NULL), 0)
        AS DECIMAL(7, 2)
    ) AS mean_speed_kmh,
    min(t.mean_speed_kmh) AS slowest_5_min_kmh,
    CAST(sum(CAST(t.occupancy_pct AS DECIMAL(9, 3))) / nullif(count(t.occupancy_pct), 0) AS DECIMAL(5, 2)) AS mean_occupancy_pct,
    count(t.overloaded_plate_no) AS overloaded_vehicles
FROM dwd.traffic_flow AS t
GROUP BY t.section_id, t.direction, date_trunc('hour', t.observed_at)
