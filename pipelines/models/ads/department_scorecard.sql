-- 部门报送评分：一行一报送单位一月，月按账期的最后一天归属。
-- 按时率 = 首次报送不晚于期限的账期 ÷ 有期限可判的账期；完整率 = 已有通过检查的批次的账期 ÷ 应报账期（报送过的，或值守任务提醒过逾期的）；
-- 合格率 = 各账期首次报送的有效行 ÷ 报送行（首次被拒的有效行算零）；按期更正率 = 在期限内另报并通过的 ÷ 期限已到或已更正的问题账期。
-- 得分 = Σ(各项分值 × 该项比率)，不可判的项不计，分值也从可评分中扣除；分值由政策 department_scorecard 定，更正期限由 sharing_sla 定。
-- 不评没有账期的数据集，不评数据的用处，也不是任何单位的考核结论。
WITH told AS (
    SELECT
        b.dataset, b.period, b.seq, b.verdict, b.is_retracted, b.delivered, b.valid, b.quarantined, d.received_at,
        min(b.seq) OVER (PARTITION BY b.dataset, b.period) AS first_seq
    FROM quality.batch_state AS b
    LEFT JOIN quality.deliveries AS d ON d.dataset = b.dataset AND d.delivery = b.delivery
    WHERE regexp_full_match(b.period, '\d{4}(-Q[1-4]|-\d{2}(-\d{2}(T\d{2})?)?)?')
), flawed AS (
    -- 每个账期第一份有问题的批次：被拒，或有隔离的行
    SELECT t.dataset, t.period, min(t.seq) AS seq, arg_min(CAST(t.received_at AS DATE), t.seq) AS flawed_date
    FROM told AS t
    WHERE t.verdict = 'refused' OR t.quarantined > 0
    GROUP BY ALL
), mended AS (
    SELECT f.dataset, f.period, f.flawed_date, min(CAST(t.received_at AS DATE)) AS mended_date
    FROM flawed AS f
    LEFT JOIN told AS t
        ON t.dataset = f.dataset AND t.period = f.period AND t.seq > f.seq AND t.verdict <> 'refused' AND NOT t.is_retracted
    GROUP BY ALL
), overdue AS (
    SELECT i.dataset, i.period
    FROM quality.incidents AS i
    WHERE i.kind = 'overdue' AND regexp_full_match(i.period, '\d{4}(-Q[1-4]|-\d{2}(-\d{2}(T\d{2})?)?)?')
    GROUP BY ALL
), periods AS (
    SELECT
        t.dataset, t.period, min(t.received_at) AS first_received_at,
        bool_or(t.verdict <> 'refused' AND NOT t.is_retracted) AS is_complete,
        sum(t.delivered) FILTER (WHERE t.seq = t.first_seq) AS first_delivered,
        sum(if(t.verdict = 'refused', 0, t.valid)) FILTER (WHERE t.seq = t.first_seq) AS first_valid
    FROM told AS t
    GROUP BY ALL
    UNION ALL
    SELECT o.dataset, o.period, NULL, false, NULL, NULL
    FROM overdue AS o
    WHERE (o.dataset, o.period) NOT IN (SELECT (t.dataset, t.period) FROM told AS t)
), ended AS (
    SELECT
        p.*, d.provider,
        CASE
            WHEN p.period LIKE '%T__' THEN CAST(left(p.period, 10) AS TIMESTAMP) + to_hours(CAST(right(p.period, 2) AS BIGINT) + 1)
            WHEN p.period LIKE '____-Q_' THEN CAST(left(p.period, 4) || '-01-01' AS TIMESTAMP) + to_months(CAST(right(p.period, 1) AS INTEGER) * 3)
            WHEN p.period LIKE '____-__-__' THEN CAST(p.period AS TIMESTAMP) + to_days(1)
            WHEN p.period LIKE '____-__' THEN CAST(p.period || '-01' AS TIMESTAMP) + to_months(1)
            ELSE CAST(p.period || '-01-01' AS TIMESTAMP) + to_years(1)
        END AS ends_at,
        coalesce(d.latency_value, CASE d.frequency_unit WHEN 'h' THEN 2 WHEN 'week' THEN 2 WHEN 'month' THEN 10 WHEN 'quarter' THEN 15 ELSE 1 END) AS latency,
        coalesce(d.latency_unit, CASE d.frequency_unit WHEN 'min' THEN 'h' WHEN 'h' THEN 'h' WHEN 'year' THEN 'month' ELSE 'd' END) AS latency_unit
    FROM periods AS p
    JOIN pack.datasets AS d ON d.dataset = p.dataset
    WHERE d.provider IS NOT NULL
), plain AS (
    SELECT
        e.*, CAST(e.ends_at - INTERVAL 1 MICROSECOND AS DATE) AS last_day,
        CASE e.latency_unit
            WHEN 'd' THEN to_days(e.latency) WHEN 'week' THEN to_days(e.latency * 7) WHEN 'month' THEN to_months(e.latency)
            WHEN 'quarter' THEN to_months(e.latency * 3) WHEN 'year' THEN to_years(e.latency)
            WHEN 'h' THEN to_hours(e.latency) WHEN 'min' THEN to_minutes(e.latency)
        END AS allowed
    FROM ended AS e
), due AS (
    -- 以日计的期限落在休息日的，顺延到下一个工作日；日历没有的年份不可判
    SELECT
        p.*,
        CASE
            WHEN p.latency_unit IN ('h', 'min') THEN CAST(p.ends_at + p.allowed AS TIMESTAMPTZ)
            WHEN p.latency_unit = 'wd' THEN CAST(TRY(add_working_days(p.last_day, p.latency)) + 1 AS TIMESTAMPTZ)
            ELSE CAST((
                SELECT min(c.day) FROM pack.calendar AS c
                WHERE c.is_working_day AND c.day >= CAST(CAST(p.last_day + 1 AS TIMESTAMP) + p.allowed AS DATE) - 1
            ) + 1 AS TIMESTAMPTZ)
        END AS due_at
    FROM plain AS p
), judged AS (
    SELECT
        d.provider, strftime(d.last_day, '%Y-%m') AS month, date_trunc('month', d.last_day) AS month_date,
        d.is_complete, d.first_delivered, d.first_valid,
        if(d.due_at IS NULL, NULL, coalesce(d.first_received_at < d.due_at, false)) AS is_on_time,
        m.flawed_date IS NOT NULL AS is_flawed,
        m.flawed_date, m.mended_date
    FROM due AS d
    LEFT JOIN mended AS m ON m.dataset = d.dataset AND m.period = d.period
), limited AS (
    SELECT j.*, TRY(add_working_days(j.flawed_date, CAST(s.value AS INTEGER))) AS mend_by, t.day AS today
    FROM judged AS j
    CROSS JOIN pack.today AS t
    LEFT JOIN pack.policies AS s
        ON s.policy = 'sharing_sla' AND s.item = 'correction'
        AND s.valid_from <= j.month_date AND (s.valid_to IS NULL OR j.month_date < s.valid_to)
), counted AS (
    SELECT
        l.provider, l.month, l.month_date, count(*) AS periods,
        count(*) FILTER (WHERE l.is_complete) AS complete_periods,
        count(l.is_on_time) AS timed_periods,
        count(*) FILTER (WHERE l.is_on_time) AS on_time_periods,
        CAST(coalesce(sum(l.first_delivered), 0) AS BIGINT) AS first_rows,
        CAST(coalesce(sum(l.first_valid), 0) AS BIGINT) AS first_valid_rows,
        count(*) FILTER (WHERE l.is_flawed) AS flawed_periods,
        count(*) FILTER (WHERE l.is_flawed AND l.mend_by IS NOT NULL AND (l.mended_date IS NOT NULL OR l.mend_by < l.today)) AS correctable_periods,
        count(*) FILTER (WHERE l.is_flawed AND l.mended_date <= l.mend_by) AS corrected_periods
    FROM limited AS l
    GROUP BY l.provider, l.month, l.month_date
), weights AS (
    SELECT
        c.provider, c.month,
        max(w.value) FILTER (WHERE w.item = 'on_time_points') AS on_time_points,
        max(w.value) FILTER (WHERE w.item = 'complete_points') AS complete_points,
        max(w.value) FILTER (WHERE w.item = 'qualified_points') AS qualified_points,
        max(w.value) FILTER (WHERE w.item = 'corrected_points') AS corrected_points,
        string_agg(DISTINCT w.basis_kind || '：' || w.basis_ref, '；' ORDER BY w.basis_kind || '：' || w.basis_ref) AS basis
    FROM counted AS c
    JOIN pack.policies AS w
        ON w.policy = 'department_scorecard' AND w.valid_from <= c.month_date AND (w.valid_to IS NULL OR c.month_date < w.valid_to)
    GROUP BY c.provider, c.month
), scored AS (
    SELECT
        c.*, w.basis,
        w.on_time_points * c.on_time_periods / nullif(c.timed_periods, 0) AS on_time_score,
        w.complete_points * c.complete_periods / nullif(c.periods, 0) AS complete_score,
        w.qualified_points * c.first_valid_rows / nullif(c.first_rows, 0) AS qualified_score,
        w.corrected_points * c.corrected_periods / nullif(c.correctable_periods, 0) AS corrected_score,
        if(c.timed_periods > 0, w.on_time_points, 0) + if(c.periods > 0, w.complete_points, 0)
        + if(c.first_rows > 0, w.qualified_points, 0) + if(c.correctable_periods > 0, w.corrected_points, 0) AS points_possible
    FROM counted AS c
    LEFT JOIN weights AS w ON w.provider = c.provider AND w.month = c.month
)
SELECT
    s.provider,
    s.month,
    s.periods,
    s.timed_periods,
    s.on_time_periods,
    CAST(round(100 * s.on_time_periods / nullif(s.timed_periods, 0), 2) AS DECIMAL(5, 2)) AS on_time_pct,
    s.complete_periods,
    CAST(round(100 * s.complete_periods / nullif(s.periods, 0), 2) AS DECIMAL(5, 2)) AS complete_pct,
    s.first_rows,
    s.first_valid_rows,
    CAST(round(100 * s.first_valid_rows / nullif(s.first_rows, 0), 2) AS DECIMAL(5, 2)) AS qualified_pct,
    s.flawed_periods,
    s.correctable_periods,
    s.corrected_periods,
    CAST(round(100 * s.corrected_periods / nullif(s.correctable_periods, 0), 2) AS DECIMAL(5, 2)) AS corrected_pct,
    CAST(round(
        coalesce(s.on_time_score, 0) + coalesce(s.complete_score, 0) + coalesce(s.qualified_score, 0) + coalesce(s.corrected_score, 0), 2
    ) AS DECIMAL(6, 2)) AS points,
    CAST(round(s.points_possible, 2) AS DECIMAL(6, 2)) AS points_possible,
    CAST(round(100 * (
        coalesce(s.on_time_score, 0) + coalesce(s.complete_score, 0) + coalesce(s.qualified_score, 0) + coalesce(s.corrected_score, 0)
    ) / nullif(s.points_possible, 0), 2) AS DECIMAL(5, 2)) AS score,
    s.basis
FROM scored AS s
