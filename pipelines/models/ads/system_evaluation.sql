-- 系统评价：一行一系统一年度。得分 = 各分项得分 × 权重之和（系统评价分项），档次与建议系数取当年最后一个有数月份有效的规则。
-- 有一项得分低于底线的（规则系统评价底线），总分再高，建议档次也不高于规则所定的一档：没有人用的系统修得再好，也不该照旧花钱。
-- 有权重的分项缺一不评：得分、档次、建议都为空，并说为什么。已停用的不评。
-- 是模型的建议，不是预算决定，也不是对单位的考核；没有计入的：战备、应急等平时少用而必须有的系统。
WITH summed AS (
    SELECT
        i.system_id,
        i.evaluation_year,
        max(i.score) FILTER (WHERE i.item_order = 1) AS resolved_score,
        max(i.score) FILTER (WHERE i.item_order IN (2, 3) AND i.weight > 0) AS satisfied_score,
        max(i.score) FILTER (WHERE i.item_order = 4) AS use_score,
        max(i.score) FILTER (WHERE i.item_order = 5) AS availability_score,
        CASE WHEN count(*) FILTER (WHERE i.weight IS NULL OR (i.weight > 0 AND i.score IS NULL)) = 0 THEN
            CAST(sum(i.weight * i.score) AS DECIMAL(5, 2))
        END AS points,
        max(i.basis) AS basis
    FROM ads.system_evaluation_items AS i
    GROUP BY ALL
),
months AS (
    SELECT
        u.system_id,
        CAST(year(u.stat_month) AS BIGINT) AS evaluation_year,
        min(u.stat_month) AS first_month,
        max(u.stat_month) AS last_month,
        count(*) AS months,
        count(*) FILTER (WHERE u.active_users = 0) AS unused_months
    FROM dwd.it_system_use AS u
    GROUP BY ALL
),
scored AS (
    SELECT
        x.*,
        m.* EXCLUDE (system_id, evaluation_year),
        s.* EXCLUDE (system_id),
        CASE WHEN s.system_status <> '停用' THEN x.points END AS score,
        CASE
            WHEN s.system_status = '停用' THEN '已停用'
            WHEN x.basis IS NULL THEN '当时没有规则'
            WHEN x.points IS NOT NULL THEN NULL
            WHEN m.unused_months = m.months THEN '整段时间没有人用'
            WHEN x.resolved_score IS NULL THEN '没有报修工单，问题解决度无从评起'
            WHEN x.satisfied_score IS NULL THEN '没有人评价，用户满意度无从评起'
            ELSE '有分项无从评起'
        END AS not_assessable_reason
    FROM summed AS x
    INNER JOIN months AS m ON m.system_id = x.system_id AND m.evaluation_year = x.evaluation_year
    INNER JOIN dwd.it_systems AS s ON s.system_id = x.system_id
),
floors AS (
    SELECT
        s.system_id,
        s.evaluation_year,
        nullif(concat_ws(
            '、',
            CASE WHEN s.resolved_score < max(p.value) FILTER (WHERE p.item = 'resolved_floor') THEN '问题解决度' END,
            CASE WHEN s.satisfied_score < max(p.value) FILTER (WHERE p.item = 'satisfied_floor') THEN '用户满意度' END,
            CASE WHEN s.use_score < max(p.value) FILTER (WHERE p.item = 'use_floor') THEN '使用程度' END,
            CASE WHEN s.availability_score < max(p.value) FILTER (WHERE p.item = 'availability_floor') THEN '可用程度' END
        ), '') AS below_floor,
        max(p.text) FILTER (WHERE p.item = 'highest_band') AS highest_band
    FROM scored AS s
    INNER JOIN pack.policies AS p
        ON p.policy = 'system_evaluation_floors' AND p.valid_from <= s.last_month AND (p.valid_to IS NULL OR s.last_month < p.valid_to)
    WHERE s.score IS NOT NULL
    GROUP BY s.system_id, s.evaluation_year, s.resolved_score, s.satisfied_score, s.use_score, s.availability_score
),
steps AS (
    SELECT p.item, p.value, p.valid_from, p.valid_to FROM pack.policies AS p WHERE p.policy = 'system_evaluation_bands'
),
banded AS (
    SELECT s.system_id, s.evaluation_year, arg_max(p.item, p.value) AS band
    FROM scored AS s
    LEFT JOIN floors AS f ON f.system_id = s.system_id AND f.evaluation_year = s.evaluation_year AND f.below_floor IS NOT NULL
    LEFT JOIN steps AS h
        ON h.item = f.highest_band AND h.valid_from <= s.last_month AND (h.valid_to IS NULL OR s.last_month < h.valid_to)
    INNER JOIN steps AS p
        ON p.value <= s.score AND (h.value IS NULL OR p.value <= h.value)
        AND p.valid_from <= s.last_month AND (p.valid_to IS NULL OR s.last_month < p.valid_to)
    GROUP BY ALL
)
SELECT
    s.system_id,
    s.evaluation_year,
    s.system_name,
    s.system_domain,
    s.system_status,
    s.owner_org_name,
    s.owner_credit_code,
    s.operator_credit_code,
    e.enterprise_name AS operator_name,
    CAST(s.om_cost_10k_cny AS DECIMAL(12, 2)) AS om_cost_10k_cny,
    s.first_month,
    s.last_month,
    s.months,
    s.unused_months,
    s.resolved_score,
    s.satisfied_score,
    s.use_score,
    s.availability_score,
    s.score,
    l.below_floor,
    b.band,
    CAST(f.value AS DECIMAL(5, 2)) AS suggested_factor,
    CAST(CAST(s.om_cost_10k_cny AS DECIMAL(12, 2)) * CAST(f.value AS DECIMAL(5, 2)) AS DECIMAL(12, 2)) AS suggested_budget_10k_cny,
    s.not_assessable_reason,
    s.basis,
    '模型建议，不是决定' AS is_model
FROM scored AS s
LEFT JOIN banded AS b ON b.system_id = s.system_id AND b.evaluation_year = s.evaluation_year
LEFT JOIN floors AS l ON l.system_id = s.system_id AND l.evaluation_year = s.evaluation_year
LEFT JOIN pack.policies AS f
    ON f.policy = 'system_evaluation_budget' AND f.item = b.band
    AND f.valid_from <= s.last_month AND (f.valid_to IS NULL OR s.last_month < f.valid_to)
LEFT JOIN dwd.enterprises AS e ON e.credit_code = s.operator_credit_code
