-- 设施健康_分街道：一行一街道一类设备一日。到报率 = 实报段数 / 应报段数；台数少的，看台数，不看率。
SELECT
    f.subdistrict_code,
    f.device_kind,
    f.observed_date,
    max(f.subdistrict_name) AS subdistrict_name,
    count(*) AS devices,
    CAST(sum(f.expected_heartbeats) AS BIGINT) AS expected_heartbeats,
    CAST(sum(f.received_heartbeats) AS BIGINT) AS received_heartbeats,
    CAST(100 * sum(f.received_heartbeats) / sum(f.expected_heartbeats) AS DECIMAL(5, 2)) AS received_pct,
    count(*) FILTER (WHERE f.is_silent) AS silent_devices,
    count(*) FILTER (WHERE f.had_gap) AS devices_with_gap,
    count(*) FILTER (WHERE f.is_battery_low) AS low_battery_devices,
    count(*) FILTER (WHERE f.calibration = '已过期') AS calibration_overdue_devices,
    count(*) FILTER (WHERE f.calibration = '即将到期') AS calibration_due_devices,
    max(f.longest_gap_min) AS longest_gap_min,
    max(f.basis) AS basis
FROM ads.facility_health AS f
GROUP BY f.subdistrict_code, f.device_kind, f.observed_date
