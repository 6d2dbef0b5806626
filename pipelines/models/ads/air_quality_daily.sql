-- 空气质量_日：一行一站点一日。指数 = 日报各项分指数的最大值，按监测当日的标准。
-- 缺项时大于100才给指数，否则 NA（HJ 633-2026 5.3）；单项的浓度与分指数照列。不是城市日值。
WITH daily AS (
    SELECT
        s.station_code,
        s.observed_date,
        max(s.station_name) AS station_name,
        max(s.standard) AS standard,
        max(s.concentration) FILTER (WHERE s.item = 'so2_24h') AS so2,
        max(s.concentration) FILTER (WHERE s.item = 'no2_24h') AS no2,
        max(s.concentration) FILTER (WHERE s.item = 'co_24h') AS co,
        max(s.concentration) FILTER (WHERE s.item = 'pm10_24h') AS pm10,
        max(s.concentration) FILTER (WHERE s.item = 'pm25_24h') AS pm25,
        max(s.concentration) FILTER (WHERE s.item = 'o3_8h') AS o3_8h,
        max(s.concentration) FILTER (WHERE s.item = 'o3_1h') AS o3_1h,
        max(s.iaqi) FILTER (WHERE s.item = 'so2_24h') AS so2_iaqi,
        max(s.iaqi) FILTER (WHERE s.item = 'no2_24h') AS no2_iaqi,
        max(s.iaqi) FILTER (WHERE s.item = 'co_24h') AS co_iaqi,
        max(s.iaqi) FILTER (WHERE s.item = 'pm10_24h') AS pm10_iaqi,
        max(s.iaqi) FILTER (WHERE s.item = 'pm25_24h') AS pm25_iaqi,
        max(s.iaqi) FILTER (WHERE s.item = 'o3_8h') AS o3_8h_iaqi,
        max(s.iaqi) FILTER (WHERE s.item = 'o3_1h') AS o3_1h_iaqi,
        max(s.iaqi) AS highest_iaqi,
        count(s.concentration) AS items_measured,
        string_agg(s.item_name, '、' ORDER BY s.item) FILTER (WHERE s.iaqi > 100) AS above_hundred,
        string_agg(s.item_name, '、' ORDER BY s.item)
            FILTER (WHERE s.concentration IS NULL AND (s.item <> 'o3_1h' OR s.standard = 'HJ 633-2012')) AS missing_items,
        max(s.basis) FILTER (WHERE s.item = 'o3_8h') AS basis
    FROM dws.air_station_daily AS s
    GROUP BY s.station_code, s.observed_date
),

indexed AS (
    SELECT
        d.station_code,
        d.observed_date,
        aqi(
            d.observed_date, so2_24h := d.so2, no2_24h := d.no2, co_24h := d.co, pm10_24h := d.pm10,
            pm25_24h := d.pm25, o3_8h := d.o3_8h, o3_1h := d.o3_1h
        ) AS aqi,
        primary_pollutants(
            d.observed_date, so2_24h := d.so2, no2_24h := d.no2, co_24h := d.co, pm10_24h := d.pm10,
            pm25_24h := d.pm25, o3_8h := d.o3_8h, o3_1h := d.o3_1h
        ) AS leading
    FROM daily AS d
),

leaders AS (
    SELECT i.station_code, i.observed_date, string_agg(s.item_name, '、' ORDER BY s.item) AS primary_pollutants
    FROM indexed AS i
    JOIN dws.air_station_daily AS s
        ON s.station_code = i.station_code AND s.observed_date = i.observed_date AND list_contains(i.leading, s.item)
    GROUP BY i.station_code, i.observed_date
)

SELECT
    d.station_code,
    d.observed_date,
    d.station_name,
    d.standard,
    i.aqi,
    coalesce(CAST(i.aqi AS VARCHAR), 'NA') AS aqi_told,
    CAST(aqi_level(i.aqi) AS INTEGER) AS aqi_level,
    aqi_category(i.aqi) AS aqi_category,
    aqi_colour(i.aqi) AS aqi_colour,
    l.primary_pollutants,
    CASE WHEN d.standard = 'HJ 633-2012' THEN d.above_hundred END AS exceeding_pollutants,
    d.missing_items,
    CASE WHEN i.aqi IS NOT NULL THEN '已评价' WHEN d.items_measured = 0 THEN '无有效数据' ELSE '缺项不评价' END AS assessment,
    d.highest_iaqi,
    d.so2 AS so2_24h_ug_m3,
    d.no2 AS no2_24h_ug_m3,
    d.co AS co_24h_mg_m3,
    d.pm10 AS pm10_24h_ug_m3,
    d.pm25 AS pm25_24h_ug_m3,
    d.o3_8h AS o3_8h_ug_m3,
    d.o3_1h AS o3_1h_ug_m3,
    d.so2_iaqi AS so2_24h_iaqi,
    d.no2_iaqi AS no2_24h_iaqi,
    d.co_iaqi AS co_24h_iaqi,
    d.pm10_iaqi AS pm10_24h_iaqi,
    d.pm25_iaqi AS pm25_24h_iaqi,
    d.o3_8h_iaqi,
    d.o3_1h_iaqi,
    CASE
        WHEN d.standard = 'HJ 633-2026' THEN 'standard: HJ 633-2026'
        ELSE 'standard: HJ 633-2012；缺项与修约 example: 沿用 HJ 633-2026'
    END || '；有效性 ' || d.basis AS basis
FROM daily AS d
JOIN indexed AS i ON i.station_code = d.station_code AND i.observed_date = d.observed_date
LEFT JOIN leaders AS l ON l.station_code = d.station_code AND l.observed_date = d.observed_date
