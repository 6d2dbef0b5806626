-- 城市画像：一行一指标一账期，三个根（高质量发展、高效能治理、高品质生活）之下分主题。值由分子、分母算出：比率 = 分子 ÷ 分母 × 100，分母为零时为空；没有分母的，值就是分子。
-- 目标取自政策 targets_2027，没有定目标的为空；差距 = 值 − 目标，只并列，不评级、不合成总分。各指标的口径与局限见其来源表。
WITH parts (root, topic, indicator, indicator_name, period, numerator, denominator, scale, unit, target_item, source, note) AS (
    SELECT '高质量发展', '市场主体', 'enterprises', '在册企业', r.period, CAST(r.value AS DECIMAL(20, 4)), NULL, 1, r.unit, NULL, 'ads.city_rollup', NULL
    FROM ads.city_rollup AS r WHERE r.measure = 'enterprises' AND r.level = '市'
    UNION ALL
    SELECT '高质量发展', '能源消费', 'electricity', '全行业用电量', r.period, CAST(r.value AS DECIMAL(20, 4)), NULL, 1, r.unit, NULL, 'ads.city_rollup', '不含居民生活用电'
    FROM ads.city_rollup AS r WHERE r.measure = 'electricity' AND r.level = '市'
    UNION ALL
    SELECT
        '高质量发展', '产城融合', 'jobs_per_employed_resident', '每百名居住就业人口的岗位数', j.stat_quarter,
        CAST(sum(j.job_count) AS DECIMAL(20, 4)), CAST(sum(j.employed_residents) AS DECIMAL(20, 4)), 100, '个', NULL, 'dwd.jobs_and_housing', '只计两项都报了的街道'
    FROM dwd.jobs_and_housing AS j
    WHERE j.job_count IS NOT NULL AND j.employed_residents IS NOT NULL
    GROUP BY j.stat_quarter
    UNION ALL
    SELECT
        '高质量发展', '算力', 'computing_use_pct', '算力使用率', strftime(u.use_date, '%Y-%m'),
        CAST(sum(u.used_card_hours) AS DECIMAL(20, 4)), CAST(sum(u.available_card_hours) AS DECIMAL(20, 4)), 100, '%', NULL, 'ads.computing_use', '只计智算节点，通用节点按处理器计卡，不能相加'
    FROM ads.computing_use AS u
    WHERE u.node_kind = '智算'
    GROUP BY ALL
    UNION ALL
    SELECT
        '高质量发展', '数字经济', 'digital_enterprises_pct', '数字产业企业占比', d.stat_quarter,
        CAST(d.digital_enterprises AS DECIMAL(20, 4)), CAST(d.enterprises AS DECIMAL(20, 4)), 100, '%', NULL, 'ads.digital_economy',
        '企业数之比，行业门类近似（示例）；不是增加值占地区生产总值，与那个目标不可比'
    FROM ads.digital_economy AS d WHERE d.place_level = '市' AND d.digital_enterprises IS NOT NULL
    UNION ALL
    SELECT
        '高质量发展', '数字经济', 'digital_electricity_pct', '数字产业用电占比', d.stat_quarter,
        CAST(d.digital_electricity_kwh AS DECIMAL(20, 4)), CAST(d.electricity_kwh AS DECIMAL(20, 4)), 100, '%', NULL, 'ads.digital_economy',
        '不含居民生活用电；当季未满三个月的按已有的月份'
    FROM ads.digital_economy AS d WHERE d.place_level = '市' AND d.electricity_kwh IS NOT NULL
    UNION ALL
    SELECT
        '高效能治理', '热线', 'resolved_pct', '热线解决率', h.month,
        CAST(sum(h.resolved_callbacks) AS DECIMAL(20, 4)), CAST(sum(h.valid_callbacks) AS DECIMAL(20, 4)), 100, '%', 'resolved', 'ads.hotline_rates_monthly', '分母是有效回访'
    FROM ads.hotline_rates_monthly AS h GROUP BY h.month
    UNION ALL
    SELECT
        '高效能治理', '热线', 'satisfied_pct', '热线满意率', h.month,
        CAST(sum(h.satisfied_callbacks + CAST(m.mostly_satisfied_factor AS DECIMAL(10, 4)) * h.mostly_satisfied_callbacks) AS DECIMAL(20, 4)),
        CAST(sum(h.valid_callbacks) AS DECIMAL(20, 4)), 100, '%', 'satisfied', 'ads.hotline_rates_monthly', '基本满意按政策折算'
    FROM ads.hotline_rates_monthly AS h JOIN dws.hotline_months AS m ON m.month = h.month GROUP BY h.month
    UNION ALL
    SELECT
        '高效能治理', '网格', 'grid_closed_pct', '网格事件结案率', strftime(CAST(g.reported_at AS DATE), '%Y-%m'),
        CAST(count(g.closed_at) AS DECIMAL(20, 4)), CAST(count(*) AS DECIMAL(20, 4)), 100, '%', NULL, 'dwd.grid_events', '按上报月份，不计不予立案；月末上报的可能尚未到期'
    FROM dwd.grid_events AS g
    WHERE g.result IS DISTINCT FROM '不予立案'
    GROUP BY ALL
    UNION ALL
    SELECT
        '高效能治理', '高效处置一件事', 'one_loop_pct', '事件一次闭环率', strftime(CAST(e.reported_at AS DATE), '%Y-%m'),
        CAST(count(*) FILTER (WHERE e.is_closed_in_one_loop) AS DECIMAL(20, 4)), CAST(count(e.is_closed_in_one_loop) AS DECIMAL(20, 4)), 100, '%', 'one_loop_events', 'ads.one_loop_events',
        '按上报月份，只计已结案的；未结的不判'
    FROM ads.one_loop_events AS e GROUP BY ALL
    UNION ALL
    SELECT
        '高效能治理', '数据融通', 'join_match_pct', '横向打通匹配率', '最新',
        CAST(sum(j.matched_rows) AS DECIMAL(20, 4)), CAST(sum(j.left_rows) AS DECIMAL(20, 4)), 100, '%', NULL, 'ads.join_match_rate', '按行数合计，行多的数据对权重大'
    FROM ads.join_match_rate AS j HAVING count(*) > 0
    UNION ALL
    SELECT
        '高效能治理', '数据融通', 'datasets_used_pct', '数据集使用率', '最新',
        CAST(count(*) FILTER (WHERE o.is_used) AS DECIMAL(20, 4)), CAST(count(*) AS DECIMAL(20, 4)), 100, '%', 'datasets_used', 'ads.data_operation',
        '报送的数据集中，自己或由它做成的表有人查过的；程序与 BI 里的查询不在内'
    FROM ads.data_operation AS o WHERE o.layer = 'dwd' AND o.online_at IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT '高品质生活', '人口', 'population', '常住人口', r.period, CAST(r.value AS DECIMAL(20, 4)), NULL, 1, r.unit, NULL, 'ads.city_rollup', '未报的街道不在内'
    FROM ads.city_rollup AS r WHERE r.measure = 'population' AND r.level = '市'
    UNION ALL
    SELECT
        '高品质生活', '生态环境', 'good_air_days_pct', '优良天数比例', a.month,
        CAST(sum(a.good_days) AS DECIMAL(20, 4)), CAST(sum(a.days_assessed) AS DECIMAL(20, 4)), 100, '%', 'good_air_days', 'ads.air_compliance', '各站点日合计，按观测当日的标准；不是城市日评价'
    FROM ads.air_compliance AS a GROUP BY a.month
    UNION ALL
    SELECT
        '高品质生活', '公共服务', 'service_not_bad_pct', '政务服务非差评率', strftime(CAST(s.handled_at AS DATE), '%Y-%m'),
        CAST(count(*) FILTER (WHERE s.rating >= 3) AS DECIMAL(20, 4)), CAST(count(s.rating) AS DECIMAL(20, 4)), 100, '%', NULL, 'dwd.service_ratings', '二与一为差评；只计主动评价的人'
    FROM dwd.service_ratings AS s GROUP BY ALL
    UNION ALL
    SELECT
        '高品质生活', '城市安全', 'devices_heard_pct', '感知设备心跳到达率', strftime(f.observed_date, '%Y-%m'),
        CAST(sum(f.received_heartbeats) AS DECIMAL(20, 4)), CAST(sum(f.expected_heartbeats) AS DECIMAL(20, 4)), 100, '%', NULL, 'ads.facility_health', '只计有报送的日子'
    FROM ads.facility_health AS f GROUP BY ALL
), targets AS (
    SELECT
        p.item, arg_max(p.value, p.valid_from) AS target_2027, arg_max(p.basis_kind || '：' || p.basis_ref, p.valid_from) AS target_basis
    FROM pack.policies AS p
    WHERE p.policy = 'targets_2027'
    GROUP BY p.item
), valued AS (
    SELECT
        p.*,
        CASE
            WHEN p.denominator IS NULL AND p.scale = 1 THEN CAST(p.numerator AS DECIMAL(20, 2))
            ELSE CAST(round(CAST(p.scale * p.numerator AS DOUBLE) / nullif(CAST(p.denominator AS DOUBLE), 0), 2) AS DECIMAL(20, 2))
        END AS value,
        p.period = max(p.period) OVER (PARTITION BY p.indicator) AS is_latest
    FROM parts AS p
)
SELECT
    v.indicator,
    v.period,
    v.root,
    v.topic,
    v.indicator_name,
    v.value,
    v.unit,
    v.numerator,
    v.denominator,
    v.is_latest,
    CAST(t.target_2027 AS DECIMAL(20, 2)) AS target_2027,
    v.value - CAST(t.target_2027 AS DECIMAL(20, 2)) AS gap,
    t.target_basis,
    v.source,
    v.note
FROM valued AS v
LEFT JOIN targets AS t ON t.item = v.target_item
WHERE v.period IS NOT NULL
