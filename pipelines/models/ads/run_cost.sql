-- 运行成本：一行一次运行（一批报送的入库，或一个模型的生成），取自运行台账。用了多少秒、处理器多少秒、多少字节、内存峰值。
-- 排队 = 同一次编排里收到文件（入库）到开始处理的秒数；生成模型不排文件的队，为空。台账不记的为空，不是零。
SELECT
    'ingest' AS kind,
    b.batch_id AS work,
    b.dataset AS subject,
    split_part(b.dataset, '.', 1) AS domain,
    b.run,
    b.verdict,
    b.started_at,
    b.finished_at,
    CAST(round(b.seconds, 3) AS DECIMAL(12, 3)) AS seconds,
    CAST(NULL AS DECIMAL(12, 3)) AS cpu_seconds,
    CAST(round(greatest(0, epoch(b.started_at) - epoch(d.received_at)), 3) AS DECIMAL(14, 3)) AS queued_seconds,
    b.delivered AS rows_in,
    b.size_bytes,
    CAST(round(b.peak_memory_mb, 1) AS DECIMAL(12, 1)) AS peak_memory_mb,
    CAST(round(b.delivered / nullif(b.seconds, 0), 0) AS BIGINT) AS rows_per_second
FROM quality.batches AS b
LEFT JOIN quality.deliveries AS d ON d.dataset = b.dataset AND d.delivery = b.delivery
UNION ALL
SELECT
    'transform', t.transform_id || ' ' || t.model, t.model, t.domain, t.run, t.verdict, t.started_at, t.finished_at,
    CAST(round(t.seconds, 3) AS DECIMAL(12, 3)), CAST(round(t.cpu_seconds, 3) AS DECIMAL(12, 3)), NULL, t.written, NULL,
    CAST(round(t.peak_memory_mb, 1) AS DECIMAL(12, 1)), CAST(round(t.written / nullif(t.seconds, 0), 0) AS BIGINT)
FROM quality.transforms AS t
