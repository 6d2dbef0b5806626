-- 数据运营：一行一张表（明细、公共、主题、应用）。谁用过、被几个模型复用、最近何时用、是否闲置、同一项数据是否别的部门也在采。
-- 使用 = `rongtong sql` 与命令行里点了名的查询；程序里 connect 打开的连接只知打开、不知查了什么，BI 镜像里的查询也不在内，所以次数只会少、不会多。
-- 闲置 = 上线满政策规定的天数，而这些天里它自己和由它做成的任何表都没有人查过；没满的不判，为空。
-- 两头采 = 另一部门的数据集有同一主键，又有同名同题的数值列。只提示可能重复采集，是否一数一源要由人认定。
WITH RECURSIVE made_of (relation, mart) AS (
    SELECT r.relation, r.model FROM pack.reads AS r
    UNION
    SELECT m.relation, r.model FROM made_of AS m JOIN pack.reads AS r ON r.relation = m.mart
), tables AS (
    SELECT d.layer || '.' || d.table_name AS relation, d.dataset, d.layer, d.title, d.domain, d.provider
    FROM pack.datasets AS d
), asked AS (
    SELECT
        u.relation, count(DISTINCT u.query) AS queries, count(DISTINCT nullif(u.used_by, '')) AS users, max(u.used_at) AS last_used_at
    FROM quality.usage AS u
    WHERE u.relation IS NOT NULL
    GROUP BY u.relation
), reused AS (
    SELECT m.relation, count(DISTINCT m.mart) AS models, max(a.last_used_at) AS last_used_through_at, sum(a.queries) AS queries_through
    FROM made_of AS m
    LEFT JOIN asked AS a ON a.relation = m.mart
    GROUP BY m.relation
), direct AS (
    SELECT r.relation, count(*) AS direct_models, string_agg(r.model, '、' ORDER BY r.model) AS read_by
    FROM pack.reads AS r
    GROUP BY r.relation
), online AS (
    SELECT b.dataset, min(b.finished_at) AS online_at FROM quality.batches AS b WHERE b.verdict <> 'refused' GROUP BY b.dataset
    UNION ALL
    SELECT d.dataset, min(t.finished_at)
    FROM quality.transforms AS t JOIN pack.datasets AS d ON t.model = d.layer || '.' || d.table_name
    WHERE t.verdict = 'published'
    GROUP BY d.dataset
), keys AS (
    SELECT c.dataset, string_agg(c.column_name, ',' ORDER BY c.column_name) AS key_columns
    FROM pack.columns AS c WHERE c.is_key GROUP BY c.dataset
), items AS (
    SELECT c.dataset, d.provider, d.title AS dataset_title, k.key_columns, c.column_name, c.title
    FROM pack.columns AS c
    JOIN pack.datasets AS d ON d.dataset = c.dataset AND d.layer = 'dwd'
    JOIN keys AS k ON k.dataset = c.dataset
    WHERE NOT c.is_key AND c.reference IS NULL AND c.type IN ('integer', 'number')
), twice AS (
    SELECT
        i.dataset, count(DISTINCT i.column_name) AS items_collected_twice,
        string_agg(DISTINCT i.title || '：' || o.provider || '（' || o.dataset_title || '）', '；' ORDER BY i.title || '：' || o.provider || '（' || o.dataset_title || '）') AS also_collected_by
    FROM items AS i
    JOIN items AS o
        ON o.key_columns = i.key_columns AND o.column_name = i.column_name AND o.title = i.title
        AND o.dataset <> i.dataset AND o.provider <> i.provider
    GROUP BY i.dataset
), judged AS (
    SELECT
        t.*, o.online_at, CAST(p.value AS BIGINT) AS idle_days, p.basis_kind || '：' || p.basis_ref AS basis,
        date_diff('day', CAST(o.online_at AS DATE), n.day) AS days_online,
        coalesce(a.queries, 0) AS queries, coalesce(a.users, 0) AS users, a.last_used_at,
        coalesce(u.models, 0) AS models, coalesce(u.queries_through, 0) AS queries_through, u.last_used_through_at,
        date_diff('day', CAST(greatest(a.last_used_at, u.last_used_through_at) AS DATE), n.day) AS days_unused
    FROM tables AS t
    CROSS JOIN pack.today AS n
    LEFT JOIN online AS o ON o.dataset = t.dataset
    LEFT JOIN asked AS a ON a.relation = t.relation
    LEFT JOIN reused AS u ON u.relation = t.relation
    LEFT JOIN pack.policies AS p
        ON p.policy = 'idle_days' AND p.item = 'idle_days' AND p.valid_from <= n.day AND (p.valid_to IS NULL OR n.day < p.valid_to)
)
SELECT
    j.relation AS used_table,
    j.dataset,
    j.layer,
    j.title,
    j.domain,
    j.provider,
    j.online_at,
    j.days_online,
    j.queries,
    j.users,
    j.last_used_at,
    coalesce(d.direct_models, 0) AS direct_models,
    d.read_by,
    j.models,
    CAST(j.queries_through AS BIGINT) AS queries_through,
    j.last_used_through_at,
    j.queries + j.queries_through > 0 AS is_used,
    CASE WHEN j.days_online >= j.idle_days THEN coalesce(j.days_unused, j.days_online) >= j.idle_days END AS is_idle,
    j.idle_days,
    coalesce(w.items_collected_twice, 0) AS items_collected_twice,
    w.also_collected_by,
    j.basis
FROM judged AS j
LEFT JOIN direct AS d ON d.relation = j.relation
LEFT JOIN twice AS w ON w.dataset = j.dataset AND j.layer = 'dwd'
