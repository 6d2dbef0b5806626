-- 职住平衡：一行一街道一季度。职住比 = 就业岗位 / 居住地就业人口；类别按城市包 jobs_housing_bands 的下限（含），是示例划分，不是结论。
-- 常住人口以公安的为准，住建另报的并列（一数一源的比对）。企业数只计已公布的格之和，为现行名录，不分季度。
WITH quarters AS (
    SELECT
        j.stat_quarter,
        j.subdistrict_code,
        j.job_count,
        j.employed_residents,
        j.housing_units,
        j.housing_area_m2,
        j.resident_population,
        last_day(make_date(CAST(left(j.stat_quarter, 4) AS INTEGER), CAST(right(j.stat_quarter, 1) AS INTEGER) * 3, 1)) AS last_day,
        CAST(j.job_count / nullif(j.employed_residents, 0) AS DECIMAL(12, 3)) AS jobs_per_employed_resident
    FROM dwd.jobs_and_housing AS j
),

bands AS (
    SELECT
        q.stat_quarter,
        q.subdistrict_code,
        (max({'floor': p.value, 'band': p.item, 'basis': p.basis_kind || ': ' || p.basis_ref})
            FILTER (WHERE q.jobs_per_employed_resident >= p.value)) AS reached
    FROM quarters AS q
    JOIN pack.policies AS p
        ON p.policy = 'jobs_housing_bands' AND q.last_day >= p.valid_from AND (p.valid_to IS NULL OR q.last_day < p.valid_to)
    GROUP BY q.stat_quarter, q.subdistrict_code
),

enterprises AS (
    SELECT i.place_code, CAST(sum(i.enterprises) AS BIGINT) AS published
    FROM ads.industry_by_place AS i
    WHERE i.place_level = '街道'
    GROUP BY i.place_code
),

stations AS (
    SELECT f.subdistrict_code, count(*) AS stations
    FROM dwd.public_facilities AS f
    WHERE f.facility_kind = '轨道站'
    GROUP BY f.subdistrict_code
)

SELECT
    q.subdistrict_code,
    q.stat_quarter,
    s.subdistrict_name,
    s.district_code,
    s.district_name,
    s.subdistrict_kind,
    q.job_count,
    q.employed_residents,
    q.jobs_per_employed_resident,
    b.reached.band AS band,
    CASE WHEN b.reached.band IS NOT NULL THEN '按示例划分，供讨论，不是结论' END AS band_is_model,
    q.housing_units,
    CAST(q.housing_units / nullif(q.employed_residents, 0) AS DECIMAL(12, 3)) AS homes_per_employed_resident,
    q.housing_area_m2,
    p.resident_population,
    q.resident_population AS resident_population_told_again,
    q.resident_population - p.resident_population AS population_difference,
    coalesce(e.published, 0) AS enterprises_published,
    coalesce(t.stations, 0) AS rail_stations,
    coalesce(b.reached.basis, '不能划分') AS basis
FROM quarters AS q
LEFT JOIN bands AS b ON b.stat_quarter = q.stat_quarter AND b.subdistrict_code = q.subdistrict_code
LEFT JOIN dwd.population_by_subdistrict AS p ON p.stat_quarter = q.stat_quarter AND p.subdistrict_code = q.subdistrict_code
LEFT JOIN dim.subdistricts AS s ON s.subdistrict_code = q.subdistrict_code
LEFT JOIN enterprises AS e ON e.place_code = q.subdistrict_code
LEFT JOIN stations AS t ON t.subdistrict_code = q.subdistrict_code
