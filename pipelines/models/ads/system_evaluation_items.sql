-- 系统评价分项：一行一系统一年度一分项，得分 = 100 × 分子 / 分母，不超过 100；分母为零的不评，得分为空。模型的一步，不是决定。
-- 问题解决度 = 已解决工单 / 报修工单；用户满意度有两行：好差评（该系统承载的事项，三星及以上 / 评价数）不少于最低次数的用好差评，否则用系统自采，
-- 不用的一行权重为零；使用程度 = 活跃用户 / 设计用户（各月合计）；可用程度 = 未停机分钟 / 总分钟。
-- 权重取该系统当年最后一个有数月份有效的规则（系统评价）。没有：市民诉求与系统的对应（工单上没有系统）。
WITH used AS (
    SELECT
        u.system_id,
        CAST(year(u.stat_month) AS BIGINT) AS evaluation_year,
        max(u.stat_month) AS last_month,
        sum(u.tickets) AS tickets,
        sum(u.tickets_resolved) AS tickets_resolved,
        sum(u.active_users) AS active_users,
        count(*) AS months,
        sum(day(last_day(u.stat_month)) * 1440) AS total_min,
        sum(u.outage_min) AS outage_min,
        sum(u.active_users) FILTER (WHERE u.user_satisfaction_pct IS NOT NULL) AS asked_users,
        CAST(sum(u.active_users * CAST(u.user_satisfaction_pct AS DECIMAL(7, 4))) AS DECIMAL(24, 4)) * 0.01 AS satisfied_users
    FROM dwd.it_system_use AS u
    GROUP BY ALL
),
rated AS (
    SELECT
        i.system_id,
        CAST(year(CAST(r.handled_at AS DATE)) AS BIGINT) AS evaluation_year,
        count(*) AS ratings,
        count(*) FILTER (WHERE r.rating >= 3) AS satisfied
    FROM dwd.service_ratings AS r
    INNER JOIN dwd.service_items AS i ON i.item_id = r.item_id
    WHERE i.system_id IS NOT NULL
    GROUP BY ALL
),
ruled AS (
    SELECT
        u.system_id,
        u.evaluation_year,
        CAST(max(p.value) FILTER (WHERE p.item = 'resolved_weight') AS DECIMAL(6, 4)) AS resolved_weight,
        CAST(max(p.value) FILTER (WHERE p.item = 'satisfied_weight') AS DECIMAL(6, 4)) AS satisfied_weight,
        CAST(max(p.value) FILTER (WHERE p.item = 'use_weight') AS DECIMAL(6, 4)) AS use_weight,
        CAST(max(p.value) FILTER (WHERE p.item = 'availability_weight') AS DECIMAL(6, 4)) AS availability_weight,
        max(p.value) FILTER (WHERE p.item = 'min_ratings') AS min_ratings,
        max(p.basis_kind || '：' || p.basis_ref) FILTER (WHERE p.item = 'resolved_weight') AS basis
    FROM used AS u
    LEFT JOIN pack.policies AS p
        ON p.policy = 'system_evaluation' AND p.valid_from <= u.last_month AND (p.valid_to IS NULL OR u.last_month < p.valid_to)
    GROUP BY ALL
),
joined AS (
    SELECT
        u.*,
        s.planned_users * u.months AS planned_users,
        coalesce(r.ratings, 0) AS ratings,
        coalesce(r.satisfied, 0) AS rated_satisfied,
        g.* EXCLUDE (system_id, evaluation_year),
        coalesce(r.ratings, 0) > 0 AND coalesce(r.ratings, 0) >= g.min_ratings AS is_rated
    FROM used AS u
    INNER JOIN dwd.it_systems AS s ON s.system_id = u.system_id
    INNER JOIN ruled AS g ON g.system_id = u.system_id AND g.evaluation_year = u.evaluation_year
    LEFT JOIN rated AS r ON r.system_id = u.system_id AND r.evaluation_year = u.evaluation_year
),
items AS (
    SELECT j.system_id, j.evaluation_year, 1 AS item_order, '问题解决度' AS item, CAST(j.tickets_resolved AS DECIMAL(18, 4)) AS numerator, CAST(j.tickets AS DECIMAL(18, 4)) AS denominator,
        j.resolved_weight AS weight, '系统月度使用：已解决工单数 / 报修工单数' AS source, j.basis
    FROM joined AS j
    UNION ALL
    SELECT j.system_id, j.evaluation_year, 2, '用户满意度（好差评）', CAST(j.rated_satisfied AS DECIMAL(18, 4)), CAST(j.ratings AS DECIMAL(18, 4)),
        CASE WHEN j.is_rated THEN j.satisfied_weight WHEN j.satisfied_weight IS NOT NULL THEN 0 END,
        '政务服务好差评：承载事项的三星及以上 / 评价数', j.basis
    FROM joined AS j
    UNION ALL
    SELECT j.system_id, j.evaluation_year, 3, '用户满意度（系统自采）', CAST(j.satisfied_users AS DECIMAL(18, 4)), CAST(coalesce(j.asked_users, 0) AS DECIMAL(18, 4)),
        CASE WHEN j.is_rated THEN 0 ELSE j.satisfied_weight END, '系统月度使用：用户满意度按活跃用户加权', j.basis
    FROM joined AS j
    UNION ALL
    SELECT j.system_id, j.evaluation_year, 4, '使用程度', CAST(j.active_users AS DECIMAL(18, 4)), CAST(j.planned_users AS DECIMAL(18, 4)),
        j.use_weight, '系统月度使用：活跃用户数；政务信息系统：设计用户数 × 月数', j.basis
    FROM joined AS j
    UNION ALL
    SELECT j.system_id, j.evaluation_year, 5, '可用程度', CAST(j.total_min - j.outage_min AS DECIMAL(18, 4)), CAST(j.total_min AS DECIMAL(18, 4)),
        j.availability_weight, '系统月度使用：总分钟减停机时长', j.basis
    FROM joined AS j
)
SELECT
    i.system_id,
    i.evaluation_year,
    i.item,
    i.item_order,
    i.numerator,
    i.denominator,
    -- least() 不理会空值：分母为零的要先挑出来
    CASE WHEN i.denominator > 0 THEN CAST(least(100.0 * i.numerator / i.denominator, 100.0) AS DECIMAL(5, 2)) END AS score,
    CAST(i.weight AS DECIMAL(6, 4)) AS weight,
    i.source,
    i.basis,
    '模型建议，不是决定' AS is_model
FROM items AS i
