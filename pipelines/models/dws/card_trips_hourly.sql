-- 轨道站小时客流：一行一站一个进站日一小时的进出站人次。进站按进站时间，出站按出站时间所在的小时。
-- 日按进站时间归属：零点前进站、零点后出站的，出站记在进站日之下、次日的小时里；一次出行的两头因此总在同一日，可以按日重算。
SELECT
    p.station_id,
    p.trip_date,
    p.hour_at,
    CAST(sum(p.entry) AS BIGINT) AS entries,
    CAST(sum(p.exit) AS BIGINT) AS exits,
    CAST(sum(p.fare_yuan) AS DECIMAL(18, 2)) AS exit_fares_yuan
FROM (
    SELECT
        t.entry_station_id AS station_id,
        CAST(t.boarded_at AS DATE) AS trip_date,
        date_trunc('hour', t.boarded_at) AS hour_at,
        1 AS entry,
        0 AS exit,
        CAST(0 AS DECIMAL(6, 2)) AS fare_yuan
    FROM dwd.card_trips AS t
    UNION ALL
    SELECT
        t.exit_station_id AS station_id,
        CAST(t.boarded_at AS DATE) AS trip_date,
        date_trunc('hour', t.alighted_at) AS hour_at,
        0 AS entry,
        1 AS exit,
        t.fare_yuan
    FROM dwd.card_trips AS t
) AS p
GROUP BY p.station_id, p.trip_date, p.hour_at
