-- 热线日汇总：一行一街道一日一诉求类型。日按受理时间、城市所在时区；率在其上层算，这里只有可加的数。
SELECT
    o.subdistrict_code,
    CAST(o.accepted_at AS DATE) AS accepted_date,
    o.category,
    count(*) AS orders,
    count(o.closed_at) AS closed_orders,
    count(*) FILTER (WHERE o.is_valid_callback) AS valid_callbacks,
    count(*) FILTER (WHERE o.is_valid_callback AND o.is_contacted) AS contacted_callbacks,
    count(*) FILTER (WHERE o.is_valid_callback AND o.is_resolved) AS resolved_callbacks,
    count(*) FILTER (WHERE o.is_valid_callback AND o.satisfaction = '满意') AS satisfied_callbacks,
    count(*) FILTER (WHERE o.is_valid_callback AND o.satisfaction = '基本满意') AS mostly_satisfied_callbacks,
    CAST(sum(o.handling_days) AS DECIMAL(18, 1)) AS handling_days_sum
FROM dwd.hotline_orders AS o
GROUP BY ALL
