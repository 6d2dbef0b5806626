-- 运维企业评价：一行一企业一年度；得分 = 所运维系统的得分按年运维费加权平均，只算可评的系统。
-- 没有可评系统、或可评系统年运维费合计为零的，得分为空。是模型的建议，不是决定；系统的好坏不全在运维。
SELECT
    s.operator_credit_code,
    s.evaluation_year,
    max(s.operator_name) AS operator_name,
    count(*) AS systems,
    count(s.score) AS assessed_systems,
    CAST(sum(s.om_cost_10k_cny) AS DECIMAL(12, 2)) AS om_cost_10k_cny,
    CAST(coalesce(sum(s.om_cost_10k_cny) FILTER (WHERE s.score IS NOT NULL), 0) AS DECIMAL(12, 2)) AS assessed_cost_10k_cny,
    CAST(
        sum(s.score * s.om_cost_10k_cny) / nullif(sum(s.om_cost_10k_cny) FILTER (WHERE s.score IS NOT NULL), 0) AS DECIMAL(5, 2)
    ) AS score,
    min(s.score) AS lowest_score,
    arg_min(s.system_id, (s.score, s.system_id)) FILTER (WHERE s.score IS NOT NULL) AS lowest_system_id,
    CAST(sum(s.suggested_budget_10k_cny) AS DECIMAL(12, 2)) AS suggested_budget_10k_cny,
    max(s.basis) AS basis,
    '模型建议，不是决定' AS is_model
FROM ads.system_evaluation AS s
WHERE s.operator_credit_code IS NOT NULL
GROUP BY s.operator_credit_code, s.evaluation_year
