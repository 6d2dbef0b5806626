-- 产业_分行业分地：一行一行业门类一地（街道、区、市）的在册企业数，小格不公布。
-- 少于 min_cell 家的格（含0家，免得由“有没有”看出来）不公布。上级合计若能倒推出小格，再隐去最小的一个同级格（互补隐去）：
--   一个合计之下，隐去的格只有一个，或其和恰为上限 (min_cell − 1) × 格数，就能倒推；隐去0家的不算泄露。
--   没有同级格可隐时，合计自身不公布，并在上一级同样处理；区被隐去而其街道全公布的，再隐去它最小的一个街道。
-- 只沿 街道 → 区 → 市 合计；不给跨行业的合计：行业与地两个方向的合计一起给，就可能倒推。
WITH rules AS (
    SELECT CAST(p.value AS INTEGER) AS min_cell, p.basis_kind || ': ' || p.basis_ref AS basis
    FROM pack.policies AS p
    JOIN pack.today AS t ON t.day >= p.valid_from AND (p.valid_to IS NULL OR t.day < p.valid_to)
    WHERE p.policy = 'suppression' AND p.item = 'min_cell'
),

cells AS (
    SELECT
        i.code AS industry_code,
        i.code_name AS industry_name,
        s.district_code,
        s.district_name,
        s.subdistrict_code,
        s.subdistrict_name,
        count(e.credit_code) AS n,
        max(r.min_cell) AS min_cell,
        max(r.basis) AS basis
    FROM dim.code_list_items AS i
    CROSS JOIN dim.subdistricts AS s
    CROSS JOIN rules AS r
    LEFT JOIN dwd.enterprises AS e ON e.industry_code = i.code AND e.subdistrict_code = s.subdistrict_code
    WHERE i.code_list = 'industries' AND i.is_current
    GROUP BY i.code, i.code_name, s.district_code, s.district_name, s.subdistrict_code, s.subdistrict_name
),

district_sums AS (
    SELECT
        c.industry_code,
        c.district_code,
        CAST(sum(c.n) AS BIGINT) AS n,
        max(c.min_cell) AS min_cell,
        count(*) FILTER (WHERE c.n < c.min_cell) AS small_cells,
        coalesce(sum(c.n) FILTER (WHERE c.n < c.min_cell), 0) AS small_sum,
        (min({'n': c.n, 'code': c.subdistrict_code}) FILTER (WHERE c.n >= c.min_cell)).code AS smallest_shown
    FROM cells AS c
    GROUP BY c.industry_code, c.district_code
),

districts AS (
    SELECT
        d.industry_code,
        d.district_code,
        d.n,
        d.min_cell,
        d.small_cells,
        d.smallest_shown,
        d.n >= d.min_cell AND d.small_sum > 0 AND (d.small_cells = 1 OR d.small_sum = (d.min_cell - 1) * d.small_cells) AS tells
    FROM district_sums AS d
),

-- 自身小于下限的区，或下面没有格可隐的区：不公布；upper 是旁人所知的上限
hidden_districts AS (
    SELECT
        d.industry_code,
        d.district_code,
        d.n,
        d.min_cell,
        d.n < d.min_cell OR (d.tells AND d.smallest_shown IS NULL) AS is_hidden,
        CASE WHEN d.n < d.min_cell THEN d.min_cell - 1 ELSE (d.min_cell - 1) * d.small_cells END AS upper
    FROM districts AS d
),

city_sums AS (
    SELECT
        h.industry_code,
        CAST(sum(h.n) AS BIGINT) AS n,
        max(h.min_cell) AS min_cell,
        count(*) FILTER (WHERE h.is_hidden) AS hidden,
        coalesce(sum(h.n) FILTER (WHERE h.is_hidden), 0) AS hidden_sum,
        coalesce(sum(h.upper) FILTER (WHERE h.is_hidden), 0) AS hidden_upper,
        (min({'n': h.n, 'code': h.district_code}) FILTER (WHERE NOT h.is_hidden)).code AS smallest_shown
    FROM hidden_districts AS h
    GROUP BY h.industry_code
),

cities AS (
    SELECT
        c.industry_code,
        c.n,
        c.min_cell,
        c.smallest_shown,
        c.n >= c.min_cell AND c.hidden_sum > 0 AND (c.hidden = 1 OR c.hidden_sum = c.hidden_upper) AS tells
    FROM city_sums AS c
),

shown_districts AS (
    SELECT
        d.industry_code,
        d.district_code,
        d.n,
        NOT h.is_hidden AND NOT (y.tells AND coalesce(y.smallest_shown = d.district_code, false)) AS is_shown,
        -- 要隐去的街道：为保护本区的小格，或本区自身被隐去而街道全都公布
        CASE
            WHEN d.tells THEN d.smallest_shown
            WHEN y.tells AND y.smallest_shown = d.district_code AND d.small_cells = 0 THEN d.smallest_shown
        END AS also_hidden
    FROM districts AS d
    JOIN hidden_districts AS h ON h.industry_code = d.industry_code AND h.district_code = d.district_code
    JOIN cities AS y ON y.industry_code = d.industry_code
),

listed AS (
    SELECT
        c.industry_code,
        c.subdistrict_code AS place_code,
        '街道' AS place_level,
        c.subdistrict_name AS place_name,
        c.n,
        c.n >= c.min_cell AND coalesce(d.also_hidden <> c.subdistrict_code, true) AS is_shown
    FROM cells AS c
    JOIN shown_districts AS d ON d.industry_code = c.industry_code AND d.district_code = c.district_code
    UNION ALL
    SELECT d.industry_code, d.district_code, '区', p.district_name, d.n, d.is_shown
    FROM shown_districts AS d
    JOIN (SELECT DISTINCT s.district_code, s.district_name FROM dim.subdistricts AS s) AS p ON p.district_code = d.district_code
    UNION ALL
    SELECT y.industry_code, coalesce(v.code, '全市'), '市', coalesce(v.name, '全市'), y.n, y.n >= y.min_cell AND NOT (y.tells AND y.smallest_shown IS NULL)
    FROM cities AS y
    CROSS JOIN (
        SELECT min(x.division_code) AS code, min(x.division_name) AS name FROM dim.divisions AS x WHERE x.division_level = 'city' AND x.is_current
    ) AS v
)

SELECT
    l.industry_code,
    l.place_code,
    l.place_level,
    l.place_name,
    i.code_name AS industry_name,
    CASE WHEN l.is_shown THEN l.n END AS enterprises,
    l.is_shown AS is_published,
    CASE WHEN l.is_shown THEN CAST(l.n AS VARCHAR) ELSE '不公布（不足' || r.min_cell || '家，或为保护不足的）' END AS enterprises_told,
    r.basis
FROM listed AS l
CROSS JOIN rules AS r
JOIN dim.code_list_items AS i ON i.code_list = 'industries' AND i.is_current AND i.code = l.industry_code
