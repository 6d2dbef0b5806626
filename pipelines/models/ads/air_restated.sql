-- 空气质量_重述：一行一站点一日，同一组浓度按2012年与2026年标准各算一次指数。跨2026-03-01比较须先统一到一个版本。
-- 不是当日公布的结果；臭氧1小时只在2012年一侧是日报项目。
WITH daily AS (
    SELECT
        a.station_code,
        a.observed_date,
        a.station_name,
        a.standard,
        a.basis,
        aqi(
            DATE '2026-02-28', so2_24h := a.so2_24h_ug_m3, no2_24h := a.no2_24h_ug_m3, co_24h := a.co_24h_mg_m3,
            pm10_24h := a.pm10_24h_ug_m3, pm25_24h := a.pm25_24h_ug_m3, o3_8h := a.o3_8h_ug_m3, o3_1h := a.o3_1h_ug_m3
        ) AS aqi_2012,
        aqi(
            DATE '2026-03-01', so2_24h := a.so2_24h_ug_m3, no2_24h := a.no2_24h_ug_m3, co_24h := a.co_24h_mg_m3,
            pm10_24h := a.pm10_24h_ug_m3, pm25_24h := a.pm25_24h_ug_m3, o3_8h := a.o3_8h_ug_m3, o3_1h := a.o3_1h_ug_m3
        ) AS aqi_2026
    FROM ads.air_quality_daily AS a
)

SELECT
    d.station_code,
    d.observed_date,
    d.station_name,
    d.standard,
    d.aqi_2012,
    d.aqi_2026,
    d.aqi_2026 - d.aqi_2012 AS difference,
    aqi_category(d.aqi_2012) AS category_2012,
    aqi_category(d.aqi_2026) AS category_2026,
    d.aqi_2012 <= 100 AS is_good_2012,
    d.aqi_2026 <= 100 AS is_good_2026,
    aqi_category(d.aqi_2012) <> aqi_category(d.aqi_2026) AS category_changes,
    '重述，比较用；当日：' || d.basis AS basis
FROM daily AS d
