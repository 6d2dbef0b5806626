-- 设施落点：一行一处公共设施。坐标由 GCJ-02 反算为 WGS 84（通行公式，无标准公布），视同 CGCS2000（通行做法，未经确认），再落到街道的范围。
-- 恰在两街道公共边界上的，取代码最小的；不在任何街道之内的，落点空，另给最近的街道。
-- 到边界的距离：以该点纬度把经纬度换成米的平面近似，城市范围内误差小于千分之几。
WITH rules AS (
    SELECT p.value AS uncertain_within_m, p.basis_kind || ': ' || p.basis_ref AS basis
    FROM pack.policies AS p
    JOIN pack.today AS t ON t.day >= p.valid_from AND (p.valid_to IS NULL OR t.day < p.valid_to)
    WHERE p.policy = 'point_location' AND p.item = 'uncertain_within'
),

converted AS (
    SELECT
        f.facility_id,
        f.facility_name,
        f.facility_kind,
        f.subdistrict_code,
        gcj02_to_wgs84(ST_X(f.geometry), ST_Y(f.geometry)) AS place
    FROM dwd.public_facilities AS f
),

points AS (
    SELECT
        c.facility_id,
        c.facility_name,
        c.facility_kind,
        c.subdistrict_code,
        c.place.lon AS lon,
        c.place.lat AS lat,
        ST_Point(c.place.lon, c.place.lat) AS point
    FROM converted AS c
),

hits AS (
    SELECT p.facility_id, min(s.subdistrict_code) AS located_code, count(*) AS hits
    FROM points AS p
    JOIN dwd.subdistricts AS s ON ST_Intersects(s.geometry, p.point)
    GROUP BY p.facility_id
),

-- 该点所在的街道，或（不在任何街道内的）全部街道，各自边界的距离
distances AS (
    SELECT
        p.facility_id,
        s.subdistrict_code,
        ST_Distance(
            ST_Affine(ST_Boundary(s.geometry), 111195 * cos(radians(p.lat)), 0, 0, 111195, 0, 0),
            ST_Point(111195 * cos(radians(p.lat)) * p.lon, 111195 * p.lat)
        ) AS metres
    FROM points AS p
    LEFT JOIN hits AS h ON h.facility_id = p.facility_id
    JOIN dwd.subdistricts AS s ON s.subdistrict_code = coalesce(h.located_code, s.subdistrict_code)
),

nearest AS (
    SELECT d.facility_id, min(d.subdistrict_code) AS nearest_code, min(d.metres) AS metres
    FROM distances AS d
    JOIN (SELECT x.facility_id, min(x.metres) AS metres FROM distances AS x GROUP BY x.facility_id) AS m
        ON m.facility_id = d.facility_id AND m.metres = d.metres
    GROUP BY d.facility_id
)

SELECT
    p.facility_id,
    p.facility_name,
    p.facility_kind,
    p.subdistrict_code AS told_subdistrict_code,
    CAST(p.lon AS DECIMAL(10, 7)) AS lon,
    CAST(p.lat AS DECIMAL(10, 7)) AS lat,
    h.located_code AS located_subdistrict_code,
    n.nearest_code AS nearest_subdistrict_code,
    CAST(n.metres AS DECIMAL(12, 1)) AS border_distance_m,
    h.located_code IS NOT DISTINCT FROM p.subdistrict_code AS agrees,
    coalesce(h.hits, 0) <> 1 OR n.metres < r.uncertain_within_m AS is_uncertain,
    'example: GCJ-02 反算为通行公式，WGS 84 视同 CGCS2000' || coalesce('；' || r.basis, '') AS basis
FROM points AS p
LEFT JOIN hits AS h ON h.facility_id = p.facility_id
LEFT JOIN nearest AS n ON n.facility_id = p.facility_id
LEFT JOIN rules AS r ON true
