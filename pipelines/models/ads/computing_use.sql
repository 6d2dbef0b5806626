-- 算力使用：一行一中心一类节点一日。使用率 = 已用卡时 ÷（总卡数 × 有报送的小时数）× 100；每卡时费用 = 费用 ÷ 已用卡时；分母为零时为空。
-- 各使用单位的行先按小时相加。排队作业数是小时末的存量，各单位相加，取最高的一小时；平均等待按有等待值的行简单平均，没有按作业数加权（报送里没有开始运行的作业数）。
WITH hours AS (
    SELECT
        c.centre_id, c.node_kind, CAST(c.started_at AS DATE) AS use_date, c.started_at,
        max(c.capacity_cards) AS capacity_cards,
        sum(CAST(c.used_card_hours AS DECIMAL(18, 4))) AS used_card_hours,
        sum(c.queued_jobs) AS queued_jobs,
        max(c.mean_wait_min) AS longest_wait_min,
        sum(CAST(c.mean_wait_min AS DECIMAL(18, 4))) AS wait_sum, count(c.mean_wait_min) AS waits,
        sum(CAST(c.power_kwh AS DECIMAL(18, 4))) AS power_kwh,
        sum(CAST(c.cost_cny AS DECIMAL(18, 2))) AS cost_cny
    FROM dwd.computing_centres AS c
    GROUP BY c.centre_id, c.node_kind, c.started_at
), organisations AS (
    SELECT c.centre_id, c.node_kind, CAST(c.started_at AS DATE) AS use_date, count(DISTINCT c.org_code) AS organisations
    FROM dwd.computing_centres AS c
    WHERE c.used_card_hours > 0
    GROUP BY ALL
)
SELECT
    h.centre_id,
    h.node_kind,
    h.use_date,
    count(*) AS reported_hours,
    max(h.capacity_cards) AS capacity_cards,
    CAST(coalesce(any_value(o.organisations), 0) AS BIGINT) AS organisations,
    CAST(sum(h.used_card_hours) AS DECIMAL(18, 2)) AS used_card_hours,
    CAST(sum(h.capacity_cards) AS BIGINT) AS available_card_hours,
    CAST(round(CAST(100 * sum(h.used_card_hours) AS DOUBLE) / nullif(sum(h.capacity_cards), 0), 2) AS DECIMAL(6, 2)) AS use_pct,
    CAST(count(*) FILTER (WHERE h.queued_jobs > 0) AS BIGINT) AS queueing_hours,
    CAST(max(h.queued_jobs) AS BIGINT) AS peak_queued_jobs,
    strftime(arg_max(h.started_at, (h.queued_jobs, -epoch(h.started_at))) FILTER (WHERE h.queued_jobs > 0), '%H:%M') AS peak_hour,
    CAST(round(CAST(sum(h.wait_sum) AS DOUBLE) / nullif(sum(h.waits), 0), 1) AS DECIMAL(8, 1)) AS mean_wait_min,
    CAST(max(h.longest_wait_min) AS DECIMAL(8, 1)) AS longest_wait_min,
    CAST(sum(h.power_kwh) AS DECIMAL(18, 1)) AS power_kwh,
    CAST(sum(h.cost_cny) AS DECIMAL(18, 2)) AS cost_cny,
    CAST(round(CAST(sum(h.cost_cny) AS DOUBLE) / nullif(CAST(sum(h.used_card_hours) AS DOUBLE), 0), 2) AS DECIMAL(12, 2)) AS cost_per_card_hour_cny
FROM hours AS h
LEFT JOIN organisations AS o ON o.centre_id = h.centre_id AND o.node_kind = h.node_kind AND o.use_date = h.use_date
GROUP BY h.centre_id, h.node_kind, h.use_date
