-- How many trips of a day came within the minutes that were allowed on that day.
SELECT
    CAST(t.due_at AS DATE) AS day,
    d.district_code,
    d.district_name,
    count(*) AS trips,
    count_if(date_diff('minute', t.due_at, t.arrived_at) > p.value) AS late_trips,
    max(p.value) AS late_after_min,
    max(p.basis_kind) AS basis_kind
FROM dwd.ferry_trips AS t
JOIN dim.subdistricts AS d ON d.subdistrict_code = t.subdistrict_code
JOIN dim.policies AS p
    ON p.policy = 'ferry_punctuality' AND p.item = 'late_after'
    AND p.valid_from <= CAST(t.due_at AS DATE) AND (p.valid_to IS NULL OR CAST(t.due_at AS DATE) < p.valid_to)
GROUP BY ALL
