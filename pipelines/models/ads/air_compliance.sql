-- 空气质量_优良天数：一行一站点一月。优良 = 指数不超过100，按监测当日的标准；比例 = 优良天数 / 已评价天数。
-- 没有指数的日子单列，不当优良也不当污染；两个版本的重述并列，跨2026-03-01比较用重述的。不是城市值。
WITH rules AS (
    SELECT
        p.valid_from,
        p.valid_to,
        max(p.value) FILTER (WHERE p.item = 'days_per_month') AS days_per_month,
        max(p.value) FILTER (WHERE p.item = 'days_per_february') AS days_per_february,
        max(p.basis_kind || ': ' || p.basis_ref) FILTER (WHERE p.item = 'days_per_month') AS basis
    FROM pack.policies AS p
    WHERE p.policy = 'air_completeness'
    GROUP BY p.valid_from, p.valid_to
),

monthly AS (
    SELECT
        a.station_code,
        date_trunc('month', a.observed_date) AS first_day,
        max(a.station_name) AS station_name,
        string_agg(DISTINCT a.standard, '、' ORDER BY a.standard) AS standard,
        count(*) AS days_observed,
        count(a.aqi) AS days_assessed,
        count(*) FILTER (WHERE a.aqi <= 100) AS good_days,
        count(r.aqi_2012) AS assessed_days_2012,
        count(*) FILTER (WHERE r.is_good_2012) AS good_days_2012,
        count(r.aqi_2026) AS assessed_days_2026,
        count(*) FILTER (WHERE r.is_good_2026) AS good_days_2026
    FROM ads.air_quality_daily AS a
    JOIN ads.air_restated AS r ON r.station_code = a.station_code AND r.observed_date = a.observed_date
    GROUP BY a.station_code, date_trunc('month', a.observed_date)
),

-- 要求天数按该月第一天施行的规定
needed AS (
    SELECT
        m.station_code,
        m.first_day,
        CAST(CASE WHEN month(m.first_day) = 2 THEN r.days_per_february ELSE r.days_per_month END AS INTEGER) AS days_needed,
        r.basis
    FROM monthly AS m
    LEFT JOIN rules AS r ON m.first_day >= r.valid_from AND (r.valid_to IS NULL OR m.first_day < r.valid_to)
)

SELECT
    m.station_code,
    strftime(m.first_day, '%Y-%m') AS month,
    m.station_name,
    m.standard,
    CAST(day(last_day(m.first_day)) AS INTEGER) AS days_in_month,
    m.days_observed,
    m.days_assessed,
    m.days_observed - m.days_assessed AS days_not_assessable,
    day(last_day(m.first_day)) - m.days_observed AS days_without_data,
    m.good_days,
    CASE WHEN m.days_assessed > 0 THEN CAST(100 * m.good_days / m.days_assessed AS DECIMAL(5, 2)) END AS good_days_pct,
    n.days_needed,
    m.days_assessed >= n.days_needed AS is_month_valid,
    m.assessed_days_2012,
    m.good_days_2012,
    m.assessed_days_2026,
    m.good_days_2026,
    coalesce(n.basis, '当月没有规定') AS basis
FROM monthly AS m
JOIN needed AS n ON n.station_code = m.station_code AND n.first_day = m.first_day
