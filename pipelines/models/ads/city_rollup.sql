-- 纵向贯通汇总：一行一指标一账期一区划。街道（或区）的数沿 dim.divisions 的上级代码逐级相加到市、省。
-- 省级只含本市报送的部分，不是全省；整份替换、不分账期的数据集以最新一份为准，账期写“最新”。只汇总可加的数，比率不在此列。
WITH RECURSIVE leaves (measure, period, division_code, unit, value) AS (
    SELECT 'hotline_orders', strftime(CAST(o.accepted_at AS DATE), '%Y-%m'), o.subdistrict_code, '件', CAST(count(*) AS DECIMAL(18, 2))
    FROM dwd.hotline_orders AS o GROUP BY ALL
    UNION ALL
    SELECT 'enterprises', '最新', e.subdistrict_code, '家', CAST(count(*) AS DECIMAL(18, 2))
    FROM dwd.enterprises AS e GROUP BY ALL
    UNION ALL
    SELECT 'enterprise_employees', '最新', e.subdistrict_code, '人', CAST(coalesce(sum(e.employee_count), 0) AS DECIMAL(18, 2))
    FROM dwd.enterprises AS e GROUP BY ALL
    UNION ALL
    SELECT 'grid_events', strftime(CAST(g.reported_at AS DATE), '%Y-%m'), g.subdistrict_code, '件', CAST(count(*) AS DECIMAL(18, 2))
    FROM dwd.grid_events AS g GROUP BY ALL
    UNION ALL
    SELECT 'population', p.stat_quarter, p.subdistrict_code, '人', CAST(sum(p.resident_population) AS DECIMAL(18, 2))
    FROM dwd.population_by_subdistrict AS p WHERE p.resident_population IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'jobs', j.stat_quarter, j.subdistrict_code, '个', CAST(sum(j.job_count) AS DECIMAL(18, 2))
    FROM dwd.jobs_and_housing AS j WHERE j.job_count IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'electricity', strftime(u.stat_month, '%Y-%m'), u.district_code, 'kWh', CAST(sum(u.consumption_kwh) AS DECIMAL(18, 2))
    FROM dwd.electricity_by_industry AS u GROUP BY ALL
), climbing (measure, period, division_code, unit, value) AS (
    SELECT l.measure, l.period, l.division_code, l.unit, l.value FROM leaves AS l
    UNION ALL
    SELECT c.measure, c.period, d.parent_code, c.unit, c.value
    FROM climbing AS c
    JOIN dim.divisions AS d ON d.division_code = c.division_code AND d.is_current
    WHERE d.parent_code IS NOT NULL
)
SELECT
    c.measure,
    c.period,
    c.division_code,
    CASE division_level(c.division_code)
        WHEN 'province' THEN '省' WHEN 'city' THEN '市' WHEN 'county' THEN '区' WHEN 'township' THEN '街道' ELSE '不明'
    END AS level,
    d.division_name,
    d.parent_code,
    CAST(sum(c.value) AS DECIMAL(18, 2)) AS value,
    c.unit
FROM climbing AS c
LEFT JOIN dim.divisions AS d ON d.division_code = c.division_code AND d.is_current
GROUP BY c.measure, c.period, c.division_code, d.division_name, d.parent_code, c.unit
