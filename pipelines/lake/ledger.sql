-- The ledger: append-only, so that two publishers of different datasets never conflict. Corrections are new rows.
-- A batch's ledger rows stay in the catalogue until maintenance writes them out: no file of forty rows per batch.
-- Set before the views exist: DuckLake 1.0 crashes on the option when the schema holds a view.
CALL city.set_option('data_inlining_row_limit', 1000, schema => 'quality');

-- A delivery: bytes that arrived for a dataset and period. Its identity is (dataset, period, sha256).
CREATE TABLE IF NOT EXISTS city.quality.deliveries (
    dataset VARCHAR, delivery BIGINT, period VARCHAR, sha256 VARCHAR, file_name VARCHAR, origin VARCHAR,
    size_bytes BIGINT, encoding VARCHAR, physical_lines BIGINT, declared VARCHAR, received_at TIMESTAMPTZ);

-- A batch: a delivery read under one plan, with its verdict. `delivery` orders what supersedes what.
CREATE TABLE IF NOT EXISTS city.quality.batches (
    batch_id VARCHAR, dataset VARCHAR, seq BIGINT, delivery BIGINT, period VARCHAR, sha256 VARCHAR, "mode" VARCHAR,
    plan_digest VARCHAR, contract_version VARCHAR, verdict VARCHAR, delivered BIGINT, valid BIGINT, quarantined BIGINT,
    accepted_by VARCHAR, accepted_reason VARCHAR, message VARCHAR, run VARCHAR, started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ, seconds DOUBLE, size_bytes BIGINT, peak_memory_mb DOUBLE);

-- One line per rule and batch: A of B elements meet the rule (GB/T 36344), what GX counted, what it means.
CREATE TABLE IF NOT EXISTS city.quality.check_results (
    batch_id VARCHAR, dataset VARCHAR, period VARCHAR, rule VARCHAR, kind VARCHAR, "columns" VARCHAR, dimension VARCHAR,
    severity VARCHAR, threshold_pct DOUBLE, a BIGINT, b BIGINT, unexpected BIGINT, observed VARCHAR, verdict VARCHAR,
    gx_unexpected BIGINT, agreed BOOLEAN, checked_at TIMESTAMPTZ);

CREATE TABLE IF NOT EXISTS city.quality.contract_versions (
    dataset VARCHAR, version VARCHAR, digest VARCHAR, contract VARCHAR, recorded_at TIMESTAMPTZ);

CREATE TABLE IF NOT EXISTS city.quality.retractions (
    batch_id VARCHAR, dataset VARCHAR, seq BIGINT, delivery BIGINT, reason VARCHAR, retracted_by VARCHAR, retracted_at TIMESTAMPTZ);

-- A waiver closes quarantined rows that nobody will correct; rule NULL means all of the batch.
CREATE TABLE IF NOT EXISTS city.quality.waivers (
    batch_id VARCHAR, dataset VARCHAR, rule VARCHAR, reason VARCHAR, waived_by VARCHAR, waived_at TIMESTAMPTZ);

CREATE TABLE IF NOT EXISTS city.quality.pins (
    name VARCHAR, snapshot_id BIGINT, pinned_by VARCHAR, pinned_at TIMESTAMPTZ);

-- What people must know: refused, partly quarantined and overdue deliveries and our own faults, by dataset and period.
-- An incident is open until an event closes it; `told` is what was said, never a value of the data.
CREATE TABLE IF NOT EXISTS city.quality.incidents (
    incident VARCHAR, dataset VARCHAR, period VARCHAR, kind VARCHAR, event VARCHAR, batch_id VARCHAR, due_at TIMESTAMPTZ,
    told VARCHAR, run VARCHAR, told_at TIMESTAMPTZ);

-- One line per event and channel: whether the notice went out. `digest` tells the same news from another.
CREATE TABLE IF NOT EXISTS city.quality.notices (
    incident VARCHAR, dataset VARCHAR, event VARCHAR, channel VARCHAR, is_second BOOLEAN, subject VARCHAR, digest VARCHAR,
    state VARCHAR, detail VARCHAR, seconds DOUBLE, told_at TIMESTAMPTZ);

-- The words of what a channel did not take, for the watchdog to send again; never a value of the data.
CREATE TABLE IF NOT EXISTS city.quality.messages (
    incident VARCHAR, dataset VARCHAR, event VARCHAR, subject VARCHAR, body VARCHAR, tone VARCHAR, digest VARCHAR, told_at TIMESTAMPTZ);

-- A model made anew, or refused: of what (`inputs`, JSON: relation to the state it was read in), how, and at what cost.
CREATE TABLE IF NOT EXISTS city.quality.transforms (
    transform_id VARCHAR, seq BIGINT, domain VARCHAR, model VARCHAR, digest VARCHAR, inputs VARCHAR, made VARCHAR, partitions BIGINT,
    "rows" BIGINT, written BIGINT, verdict VARCHAR, message VARCHAR, run VARCHAR, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ,
    seconds DOUBLE, cpu_seconds DOUBLE, peak_memory_mb DOUBLE);

-- Which columns a model's column is made of, as its SELECT says under this digest.
CREATE TABLE IF NOT EXISTS city.quality.lineage (
    model VARCHAR, digest VARCHAR, column_name VARCHAR, source VARCHAR, source_column VARCHAR, recorded_at TIMESTAMPTZ);

-- Which relations a query named (none: the lake was only opened, or the query could not be told), never its text.
CREATE TABLE IF NOT EXISTS city.quality.usage (
    query VARCHAR, used_at TIMESTAMPTZ, used_by VARCHAR, via VARCHAR, relation VARCHAR);

-- Which batches stand: published, not taken back, the newest plan of their delivery, combined by the dataset's mode.
CREATE VIEW IF NOT EXISTS city.quality.batch_state AS
WITH taken_back AS (
    SELECT dataset, delivery, max(seq) AS seq FROM quality.retractions GROUP BY ALL
), current_mode AS (
    SELECT dataset, arg_max("mode", seq) AS "mode" FROM quality.batches WHERE verdict <> 'refused' GROUP BY ALL
), judged AS (
    SELECT b.*, m."mode" AS rule_of_mode,
        b.verdict <> 'refused' AND b.seq <= coalesce(t.seq, -1) AS is_retracted,
        b.verdict <> 'refused' AND b.seq > coalesce(t.seq, -1) AS is_live
    FROM quality.batches b
    LEFT JOIN taken_back t USING (dataset, delivery)
    LEFT JOIN current_mode m USING (dataset)
), ranked AS (
    SELECT *,
        row_number() OVER (PARTITION BY dataset, delivery, is_live ORDER BY seq DESC) AS plan_rank,
        max(CASE WHEN is_live THEN delivery END) OVER (PARTITION BY dataset) AS last_delivery,
        max(CASE WHEN is_live THEN delivery END) OVER (PARTITION BY dataset, period) AS last_of_period
    FROM judged
)
SELECT * EXCLUDE (rule_of_mode, is_live, plan_rank, last_delivery, last_of_period),
    is_live AND plan_rank = 1 AND CASE rule_of_mode
        WHEN 'replace' THEN delivery = last_delivery
        WHEN 'replace_period' THEN delivery = last_of_period
        ELSE true END AS stands
FROM ranked;

CREATE VIEW IF NOT EXISTS city.quality.standing AS
SELECT dataset, batch_id, seq, delivery, period FROM quality.batch_state WHERE stands;

-- The newest published making of each model.
CREATE VIEW IF NOT EXISTS city.quality.models AS
SELECT * FROM quality.transforms WHERE verdict = 'published'
QUALIFY row_number() OVER (PARTITION BY model ORDER BY seq DESC) = 1;
