-- 数字经济：一行一地（街道、区、市）一季度，最近十二个季度。数字产业按行业门类近似（代码表 digital_industries，示例），不是统计分类。
-- 企业 = 现行名录中到季末已成立的，已退出的不在其中，早先季度因此偏少。增长 = 与四个季度前相比。
-- 企业数随 产业_分行业分地：那里不公布的地方，这里也不公布；各季度不足下限的不公布。占比只给区与市（跨行业合计不到街道）。
WITH rules AS (
    SELECT CAST(p.value AS INTEGER) AS min_cell, p.basis_kind || ': ' || p.basis_ref AS basis
    FROM pack.policies AS p
    JOIN pack.today AS t ON t.day >= p.valid_from AND (p.valid_to IS NULL OR t.day < p.valid_to)
    WHERE p.policy = 'suppression' AND p.item = 'min_cell'
),

digital AS (
    SELECT i.code FROM dim.code_list_items AS i WHERE i.code_list = 'digital_industries' AND i.is_current
),

places AS (
    SELECT
        i.place_code,
        max(i.place_level) AS place_level,
        max(i.place_name) AS place_name,
        bool_and(i.is_published) FILTER (WHERE d.code IS NOT NULL) AS is_published
    FROM ads.industry_by_place AS i
    LEFT JOIN digital AS d ON d.code = i.industry_code
    GROUP BY i.place_code
),

members AS (
    SELECT s.subdistrict_code, p.place_code
    FROM dim.subdistricts AS s
    JOIN places AS p ON p.place_code = s.subdistrict_code OR p.place_code = s.district_code OR p.place_level = '市'
),

last_quarter AS (
    SELECT date_trunc('quarter', max(x.day)) AS first_day
    FROM (
        SELECT max(e.established_date) AS day FROM dwd.enterprises AS e
        UNION ALL SELECT max(b.issued_date) FROM dwd.building_permits AS b
        UNION ALL SELECT max(k.stat_month) FROM dwd.electricity_by_industry AS k
    ) AS x
),

-- 另取四个季度，供比较
quarters AS (
    SELECT
        CAST(l.first_day - to_months(3 * n.back) AS DATE) AS first_day,
        CAST(l.first_day - to_months(3 * n.back - 3) AS DATE) AS next_day,
        n.back
    FROM last_quarter AS l
    CROSS JOIN (SELECT unnest(range(16)) AS back) AS n
    WHERE l.first_day IS NOT NULL
),

stocks AS (
    SELECT
        m.place_code,
        q.first_day,
        count(*) AS enterprises,
        count(d.code) AS digital
    FROM dwd.enterprises AS e
    JOIN members AS m ON m.subdistrict_code = e.subdistrict_code
    JOIN quarters AS q ON e.established_date < q.next_day
    LEFT JOIN digital AS d ON d.code = e.industry_code
    GROUP BY m.place_code, q.first_day
),

permits AS (
    SELECT
        m.place_code,
        CAST(date_trunc('quarter', b.issued_date) AS DATE) AS first_day,
        count(*) AS permits,
        count(d.code) AS digital
    FROM dwd.building_permits AS b
    JOIN members AS m ON m.subdistrict_code = b.subdistrict_code
    LEFT JOIN digital AS d ON d.code = b.industry_code
    GROUP BY m.place_code, date_trunc('quarter', b.issued_date)
),

permit_quarters AS (
    SELECT DISTINCT p.first_day FROM permits AS p
),

electricity AS (
    SELECT
        p.place_code,
        CAST(date_trunc('quarter', k.stat_month) AS DATE) AS first_day,
        count(DISTINCT k.stat_month) AS months,
        sum(k.consumption_kwh) AS consumption_kwh,
        coalesce(sum(k.consumption_kwh) FILTER (WHERE d.code IS NOT NULL), 0) AS digital_kwh
    FROM dwd.electricity_by_industry AS k
    JOIN places AS p ON p.place_code = k.district_code OR p.place_level = '市'
    LEFT JOIN digital AS d ON d.code = k.industry_code
    GROUP BY p.place_code, date_trunc('quarter', k.stat_month)
),

measured AS (
    SELECT
        p.place_code,
        p.place_level,
        p.place_name,
        q.first_day,
        coalesce(s.enterprises, 0) AS enterprises,
        coalesce(s.digital, 0) AS digital,
        coalesce(b.digital, 0) AS digital_before,
        p.is_published AND coalesce(s.digital, 0) >= r.min_cell AS is_shown,
        r.min_cell,
        r.basis
    FROM places AS p
    CROSS JOIN quarters AS q
    CROSS JOIN rules AS r
    LEFT JOIN stocks AS s ON s.place_code = p.place_code AND s.first_day = q.first_day
    LEFT JOIN stocks AS b ON b.place_code = p.place_code AND b.first_day = CAST(q.first_day - to_months(12) AS DATE)
    WHERE q.back < 12
)

SELECT
    m.place_code,
    year(m.first_day) || '-Q' || quarter(m.first_day) AS stat_quarter,
    m.place_level,
    m.place_name,
    CASE WHEN m.is_shown THEN m.digital END AS digital_enterprises,
    CASE WHEN m.place_level <> '街道' THEN m.enterprises END AS enterprises,
    CASE
        WHEN m.is_shown AND m.place_level <> '街道' THEN CAST(100 * m.digital / nullif(m.enterprises, 0) AS DECIMAL(5, 2))
    END AS digital_enterprises_pct,
    CASE
        WHEN m.is_shown AND m.digital_before >= m.min_cell
            THEN CAST(100 * (m.digital - m.digital_before) / m.digital_before AS DECIMAL(12, 2))
    END AS digital_enterprises_growth_pct,
    CASE WHEN a.first_day IS NOT NULL THEN coalesce(b.permits, 0) END AS permits,
    CASE WHEN a.first_day IS NOT NULL THEN coalesce(b.digital, 0) END AS digital_permits,
    CAST(100 * b.digital / nullif(b.permits, 0) AS DECIMAL(5, 2)) AS digital_permits_pct,
    k.months AS electricity_months,
    CAST(k.consumption_kwh AS DECIMAL(20, 2)) AS electricity_kwh,
    CAST(k.digital_kwh AS DECIMAL(20, 2)) AS digital_electricity_kwh,
    CAST(100 * k.digital_kwh / nullif(k.consumption_kwh, 0) AS DECIMAL(5, 2)) AS digital_electricity_pct,
    'example: 数字产业按行业门类近似，见代码表 digital_industries；下限 ' || m.basis AS basis
FROM measured AS m
LEFT JOIN permit_quarters AS a ON a.first_day = m.first_day
LEFT JOIN permits AS b ON b.place_code = m.place_code AND b.first_day = m.first_day
LEFT JOIN electricity AS k ON k.place_code = m.place_code AND k.first_day = m.first_day
