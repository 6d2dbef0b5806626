-- 数据现状：一行一张模型表与它的一份输入（隔着别的模型表读到的也算）。只讲报到哪一期、哪些没过、哪些逾期，不评数据本身的好坏。
-- 没有报送数据作输入的表（取自城市配置或运行台账的）只占一行，输入写“城市配置”或“运行台账”。
WITH RECURSIVE behind (mart, relation) AS (
    SELECT r.model, r.relation FROM pack.reads AS r
    UNION
    SELECT b.mart, r.relation FROM behind AS b JOIN pack.reads AS r ON r.model = b.relation
), sources AS (
    SELECT b.mart, d.dataset AS input, d.title AS input_title, d.provider
    FROM behind AS b JOIN pack.datasets AS d ON d.layer = 'dwd' AND b.relation = 'dwd.' || d.table_name
), others AS (
    SELECT DISTINCT
        b.mart, split_part(b.relation, '.', 1) AS input,
        if(b.relation LIKE 'quality.%', '运行台账', '城市配置') AS input_title, CAST(NULL AS VARCHAR) AS provider
    FROM behind AS b
    WHERE split_part(b.relation, '.', 1) IN ('quality', 'pack') AND b.mart NOT IN (SELECT s.mart FROM sources AS s)
), pairs AS (
    SELECT s.mart, s.input, s.input_title, s.provider, true AS is_delivered FROM sources AS s
    UNION ALL SELECT o.mart, o.input, o.input_title, o.provider, false FROM others AS o
), batches AS (
    SELECT
        b.dataset, nullif(nullif(b.period, '-'), '') AS period, b.batch_id, b.seq, b.verdict, b.stands, b.valid, b.quarantined,
        b.finished_at, b.accepted_by,
        bool_or(b.stands) OVER (PARTITION BY b.dataset, b.period) AS is_covered,
        max(CASE WHEN b.verdict <> 'refused' THEN b.seq END) OVER (PARTITION BY b.dataset, b.period) AS last_sound,
        max(b.seq) OVER (PARTITION BY b.dataset, b.period) AS last_of_period,
        CASE
            WHEN b.period LIKE '%T__' THEN strftime(CAST(left(b.period, 10) AS DATE), '%Y年%-m月%-d日') || CAST(CAST(right(b.period, 2) AS INTEGER) AS VARCHAR) || '时'
            WHEN b.period LIKE '____-Q_' THEN left(b.period, 4) || '年第' || right(b.period, 1) || '季度'
            WHEN b.period LIKE '____-__-__' THEN strftime(CAST(b.period AS DATE), '%Y年%-m月%-d日')
            WHEN b.period LIKE '____-__' THEN strftime(CAST(b.period || '-01' AS DATE), '%Y年%-m月')
            WHEN b.period LIKE '____' THEN b.period || '年'
            ELSE '账期不明'
        END AS period_text
    FROM quality.batch_state AS b
), states AS (
    SELECT
        b.dataset,
        max(b.period) FILTER (WHERE b.stands) AS last_period,
        arg_max(b.period_text, b.period) FILTER (WHERE b.stands) AS last_text,
        max(b.finished_at) FILTER (WHERE b.stands) AS published_at,
        count(DISTINCT b.period) FILTER (WHERE b.stands) AS periods,
        count(*) FILTER (WHERE b.stands) AS batches,
        coalesce(sum(b.valid) FILTER (WHERE b.stands), 0) AS rows_valid,
        coalesce(sum(b.quarantined) FILTER (WHERE b.stands), 0) AS rows_quarantined
    FROM batches AS b
    GROUP BY b.dataset
), refused AS (
    -- 一期最近一次报送没有通过，其后也没有通过的
    SELECT
        b.dataset, count(*) AS refused_periods, min(b.period_text || if(b.is_covered, '的更正', '')) FILTER (WHERE b.is_first) AS first_text
    FROM (
        SELECT r.*, row_number() OVER (PARTITION BY r.dataset ORDER BY r.period NULLS LAST) = 1 AS is_first
        FROM batches AS r
        WHERE r.verdict = 'refused' AND r.seq = r.last_of_period AND r.seq > coalesce(r.last_sound, 0)
    ) AS b
    GROUP BY b.dataset
), conceded AS (
    SELECT b.dataset, count(*) AS conceded_periods, min(b.period_text) FILTER (WHERE b.is_first) AS first_text
    FROM (
        SELECT c.*, row_number() OVER (PARTITION BY c.dataset ORDER BY c.period NULLS LAST, c.seq) = 1 AS is_first
        FROM batches AS c
        WHERE c.stands AND c.verdict = 'conceded'
    ) AS b
    GROUP BY b.dataset
), overdue AS (
    SELECT i.dataset, count(*) AS late_periods, min(i.period) AS first_late_period
    FROM (
        SELECT q.incident, q.dataset, q.period, arg_max(q.event, (q.told_at, q.event = 'closed')) AS last_event
        FROM quality.incidents AS q
        WHERE q.kind = 'overdue'
        GROUP BY q.incident, q.dataset, q.period
    ) AS i
    WHERE i.last_event <> 'closed'
    GROUP BY i.dataset
), told AS (
    SELECT
        p.mart, p.input, p.input_title, p.provider, p.is_delivered, s.last_period, s.published_at,
        coalesce(s.periods, 0) AS periods, coalesce(s.batches, 0) AS batches,
        coalesce(s.rows_valid, 0) AS rows_valid, coalesce(s.rows_quarantined, 0) AS rows_quarantined,
        coalesce(o.late_periods, 0) AS late_periods, o.first_late_period,
        coalesce(r.refused_periods, 0) AS refused_periods, coalesce(c.conceded_periods, 0) AS conceded_periods,
        CASE
            WHEN NOT p.is_delivered THEN '取自' || p.input_title || '，不随报送更新'
            WHEN s.last_text IS NULL AND coalesce(s.batches, 0) = 0 THEN '尚无已发布的数据'
            WHEN s.last_text IS NULL OR s.last_text = '账期不明' THEN '数据不分账期'
            ELSE '数据截至' || s.last_text
        END
        || CASE
            WHEN r.refused_periods = 1 THEN '；' || r.first_text || '未通过检查'
            WHEN r.refused_periods > 1 THEN '；' || r.first_text || '等' || CAST(r.refused_periods AS VARCHAR) || '期未通过检查'
            ELSE ''
        END
        || CASE
            WHEN c.conceded_periods = 1 THEN '；' || c.first_text || '为让步发布'
            WHEN c.conceded_periods > 1 THEN '；' || c.first_text || '等' || CAST(c.conceded_periods AS VARCHAR) || '期为让步发布'
            ELSE ''
        END
        || CASE
            WHEN o.late_periods > 0 THEN '；自' || o.first_late_period || '起' || CAST(o.late_periods AS VARCHAR) || '期逾期未报'
            ELSE ''
        END AS input_caption
    FROM pairs AS p
    LEFT JOIN states AS s ON s.dataset = p.input
    LEFT JOIN refused AS r ON r.dataset = p.input
    LEFT JOIN conceded AS c ON c.dataset = p.input
    LEFT JOIN overdue AS o ON o.dataset = p.input
), captions AS (
    SELECT
        t.mart,
        if(count(*) = 1, min(t.input_caption), string_agg(t.input_title || '：' || t.input_caption, '。' ORDER BY t.input)) AS caption
    FROM told AS t
    GROUP BY t.mart
)
SELECT
    t.mart,
    t.input,
    d.title AS mart_title,
    d.domain AS mart_domain,
    t.input_title,
    t.provider,
    t.last_period,
    t.published_at,
    t.periods AS published_periods,
    t.batches AS standing_batches,
    CAST(t.rows_valid AS BIGINT) AS valid_rows,
    CAST(t.rows_quarantined AS BIGINT) AS quarantined_rows,
    t.late_periods,
    t.first_late_period,
    t.refused_periods,
    t.conceded_periods,
    t.input_caption,
    c.caption
FROM told AS t
JOIN captions AS c ON c.mart = t.mart
JOIN pack.datasets AS d ON t.mart = d.layer || '.' || d.table_name
