-- 汇总核对：一行一指标一账期一个上级区划。各下级之和取自 ads.city_rollup（沿上级代码相加），整体直接由报送的行按区划代码前缀算，两条路应当一分不差。
-- 省级只含本市报送的部分。
WITH delivered (measure, period, code, value) AS (
    SELECT 'hotline_orders', strftime(CAST(o.accepted_at AS DATE), '%Y-%m'), o.subdistrict_code, CAST(count(*) AS DECIMAL(18, 2))
    FROM dwd.hotline_orders AS o GROUP BY ALL
    UNION ALL
    SELECT 'enterprises', '最新', e.subdistrict_code, CAST(count(*) AS DECIMAL(18, 2))
    FROM dwd.enterprises AS e GROUP BY ALL
    UNION ALL
    SELECT 'enterprise_employees', '最新', e.subdistrict_code, CAST(coalesce(sum(e.employee_count), 0) AS DECIMAL(18, 2))
    FROM dwd.enterprises AS e GROUP BY ALL
    UNION ALL
    SELECT 'grid_events', strftime(CAST(g.reported_at AS DATE), '%Y-%m'), g.subdistrict_code, CAST(count(*) AS DECIMAL(18, 2))
    FROM dwd.grid_events AS g GROUP BY ALL
    UNION ALL
    SELECT 'population', p.stat_quarter, p.subdistrict_code, CAST(sum(p.resident_population) AS DECIMAL(18, 2))
    FROM dwd.population_by_subdistrict AS p WHERE p.resident_population IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'jobs', j.stat_quarter, j.subdistrict_code, CAST(sum(j.job_count) AS DECIMAL(18, 2))
    FROM dwd.jobs_and_housing AS j WHERE j.job_count IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'electricity', strftime(u.stat_month, '%Y-%m'), u.district_code, CAST(sum(u.consumption_kwh) AS DECIMAL(18, 2))
    FROM dwd.electricity_by_industry AS u GROUP BY ALL
), wholes AS (
    SELECT d.measure, d.period, rpad(left(d.code, n.digits), 6, '0') AS division_code, sum(d.value) AS whole
    FROM delivered AS d
    JOIN (VALUES (6), (4), (2)) AS n (digits) ON n.digits < length(d.code) AND NOT (length(d.code) = 6 AND n.digits = 6)
    GROUP BY ALL
), parts AS (
    SELECT r.measure, r.period, r.parent_code AS division_code, sum(r.value) AS sum_of_parts, count(*) AS parts
    FROM ads.city_rollup AS r
    WHERE r.parent_code IS NOT NULL
    GROUP BY ALL
), compared AS (
    SELECT
        coalesce(w.measure, p.measure) AS measure, coalesce(w.period, p.period) AS period,
        coalesce(w.division_code, p.division_code) AS division_code,
        coalesce(p.parts, 0) AS parts, coalesce(p.sum_of_parts, 0) AS sum_of_parts, coalesce(w.whole, 0) AS whole
    FROM wholes AS w
    FULL JOIN parts AS p ON p.measure = w.measure AND p.period = w.period AND p.division_code = w.division_code
)
SELECT
    c.measure,
    c.period,
    c.division_code,
    CASE division_level(c.division_code)
        WHEN 'province' THEN '市到省' WHEN 'city' THEN '区到市' WHEN 'county' THEN '街道到区' ELSE '不明'
    END AS level,
    c.parts,
    CAST(c.sum_of_parts AS DECIMAL(18, 2)) AS sum_of_parts,
    CAST(c.whole AS DECIMAL(18, 2)) AS whole,
    CAST(c.sum_of_parts - c.whole AS DECIMAL(18, 2)) AS difference
FROM compared AS c
