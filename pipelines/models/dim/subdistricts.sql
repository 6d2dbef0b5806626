-- 一行一个现行街道或镇，带所属区现在的名称；不含边界，边界在 dwd.subdistricts。
SELECT
    s.subdistrict_code,
    s.subdistrict_name,
    s.district_code,
    d.division_name AS district_name,
    township_kind(s.subdistrict_code) AS subdistrict_kind,
    s.area_km2
FROM dwd.subdistricts AS s
LEFT JOIN dim.divisions AS d ON d.division_code = s.district_code AND d.is_current
