-- 热线与网格办理过程_月：一行一单位一自然月，工单按受理时间、网格事件按上报时间归月。
-- 派单用时取分钟，办结用时取工作日（受理日的次日算第一天，按工作日历）；中位数与九分位都取实有的值，不内插。只有走完该环节的才计入。
-- 退单率、重办率的分母是已结案事件；退单、重办达到规则热线重办次数的记为须提级督办。
-- 不是：对单位好坏的评价，没有走完的、难办的不在用时里，另看未结数。
WITH stages AS (
    SELECT
        coalesce(o.unit_name, '未填承办单位') AS unit_name,
        CAST(o.accepted_at AS DATE) AS accepted_date,
        CAST(o.closed_at AS DATE) AS closed_date,
        (epoch_us(o.dispatched_at) - epoch_us(o.accepted_at)) // 60000000 AS dispatch_min
    FROM dwd.hotline_orders AS o
),
spans AS (
    -- 日期成对的没有多少：工作日一对只数一次
    SELECT p.accepted_date, p.closed_date, working_days_between(p.accepted_date, p.closed_date) AS closing_wd
    FROM (SELECT DISTINCT s.accepted_date, s.closed_date FROM stages AS s WHERE s.closed_date IS NOT NULL) AS p
),
hotline AS (
    SELECT
        s.unit_name,
        strftime(s.accepted_date, '%Y-%m') AS month,
        count(*) AS orders,
        count(s.dispatch_min) AS dispatched,
        count(s.closed_date) AS closed,
        quantile_disc(s.dispatch_min, 0.5) AS dispatch_median,
        quantile_disc(s.dispatch_min, 0.9) AS dispatch_p90,
        quantile_disc(d.closing_wd, 0.5) AS closing_median,
        quantile_disc(d.closing_wd, 0.9) AS closing_p90
    FROM stages AS s
    LEFT JOIN spans AS d ON d.accepted_date = s.accepted_date AND d.closed_date = s.closed_date
    GROUP BY ALL
),
events AS (
    SELECT e.*, CAST(e.reported_at AS DATE) AS reported_date FROM dwd.grid_events AS e
),
rules AS (
    SELECT
        d.reported_date,
        max(p.value) FILTER (WHERE p.item = 'redone_times') AS redone_times,
        max(p.value) FILTER (WHERE p.item = 'transferred_times') AS returned_times
    FROM (SELECT DISTINCT e.reported_date FROM events AS e) AS d
    INNER JOIN pack.policies AS p
        ON p.policy = 'hotline_rework' AND p.valid_from <= d.reported_date AND (p.valid_to IS NULL OR d.reported_date < p.valid_to)
    GROUP BY d.reported_date
),
grid AS (
    SELECT
        e.unit_name,
        strftime(e.reported_date, '%Y-%m') AS month,
        count(*) AS events,
        count(*) FILTER (WHERE e.result = '不予立案' AND e.closed_at IS NULL) AS rejected,
        count(e.closed_at) AS closed,
        count(*) FILTER (WHERE e.closed_at IS NOT NULL AND e.returned_count > 0) AS returned,
        count(*) FILTER (WHERE e.closed_at IS NOT NULL AND e.redone_count > 0) AS redone,
        count(*) FILTER (WHERE e.redone_count >= r.redone_times OR e.returned_count >= r.returned_times) AS to_supervise,
        quantile_disc((epoch_us(e.filed_at) - epoch_us(e.reported_at)) // 60000000, 0.5) AS filing_median,
        quantile_disc((epoch_us(e.handled_at) - epoch_us(e.dispatched_at)) // 60000000, 0.5) AS handling_median,
        quantile_disc((epoch_us(e.checked_at) - epoch_us(e.handled_at)) // 60000000, 0.5) AS checking_median,
        quantile_disc(working_days_between(e.reported_date, CAST(e.closed_at AS DATE)), 0.5) AS closing_median,
        quantile_disc(working_days_between(e.reported_date, CAST(e.closed_at AS DATE)), 0.9) AS closing_p90
    FROM events AS e
    LEFT JOIN rules AS r ON r.reported_date = e.reported_date
    GROUP BY ALL
)
SELECT
    coalesce(h.unit_name, g.unit_name) AS unit_name,
    coalesce(h.month, g.month) AS month,
    coalesce(h.orders, 0) AS orders,
    coalesce(h.dispatched, 0) AS dispatched_orders,
    coalesce(h.closed, 0) AS closed_orders,
    h.dispatch_median AS dispatch_median_min,
    h.dispatch_p90 AS dispatch_p90_min,
    h.closing_median AS closing_median_wd,
    h.closing_p90 AS closing_p90_wd,
    coalesce(g.events, 0) AS grid_events,
    coalesce(g.rejected, 0) AS rejected_events,
    coalesce(g.closed, 0) AS closed_events,
    coalesce(g.events - g.rejected - g.closed, 0) AS open_events,
    coalesce(g.returned, 0) AS returned_events,
    coalesce(g.redone, 0) AS redone_events,
    CAST(100.0 * g.returned / nullif(g.closed, 0) AS DECIMAL(5, 2)) AS returned_pct,
    CAST(100.0 * g.redone / nullif(g.closed, 0) AS DECIMAL(5, 2)) AS redone_pct,
    coalesce(g.to_supervise, 0) AS to_supervise_events,
    g.filing_median AS filing_median_min,
    g.handling_median AS handling_median_min,
    g.checking_median AS checking_median_min,
    g.closing_median AS event_closing_median_wd,
    g.closing_p90 AS event_closing_p90_wd
FROM hotline AS h
FULL JOIN grid AS g ON g.unit_name = h.unit_name AND g.month = h.month
