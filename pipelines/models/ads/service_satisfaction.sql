-- 政务服务好差评_月：一行一实施主体一月，按办结时间归自然月；事项连到实施主体。
-- 满意率 = 三星及以上 / 评价数，差评率 = 二星及以下 / 评价数；按承诺办结率有两种：评价时填的，和按受理、办结日与承诺工作日算出来的。
-- 按期整改率 = 规则好差评整改时限以内整改的 / 差评数；没有整改的留在分母里，刚到的差评因此会先拉低、以后随报送回升。
-- 不是：全部办件的满意率，只有评价了的。
WITH rated AS (
    SELECT
        coalesce(i.unit_name, '事项不在清单') AS unit_name,
        CAST(r.handled_at AS DATE) AS handled_date,
        r.rating,
        r.is_promise_kept,
        r.rectified_at,
        working_days_between(CAST(r.accepted_at AS DATE), CAST(r.handled_at AS DATE)) <= i.promised_working_days AS is_within_promise,
        working_days_between(CAST(r.handled_at AS DATE), CAST(r.rectified_at AS DATE)) AS rectified_wd
    FROM dwd.service_ratings AS r
    LEFT JOIN dwd.service_items AS i ON i.item_id = r.item_id
),
rules AS (
    SELECT d.handled_date, max(p.value) AS rectify_wd, max(p.basis_kind || '：' || p.basis_ref) AS basis
    FROM (SELECT DISTINCT r.handled_date FROM rated AS r) AS d
    INNER JOIN pack.policies AS p
        ON p.policy = 'service_ratings' AND p.item = 'rectify_working_days'
        AND p.valid_from <= d.handled_date AND (p.valid_to IS NULL OR d.handled_date < p.valid_to)
    GROUP BY d.handled_date
),
counted AS (
    SELECT
        r.unit_name,
        strftime(r.handled_date, '%Y-%m') AS month,
        count(*) AS ratings,
        count(*) FILTER (WHERE r.rating = 5) AS very_satisfied,
        count(*) FILTER (WHERE r.rating >= 3) AS satisfied,
        count(*) FILTER (WHERE r.rating <= 2) AS bad,
        count(*) FILTER (WHERE r.rating <= 2 AND r.rectified_at IS NOT NULL) AS rectified,
        count(*) FILTER (WHERE r.rating <= 2 AND r.rectified_wd <= p.rectify_wd) AS rectified_in_time,
        count(*) FILTER (WHERE r.rating <= 2 AND p.rectify_wd IS NOT NULL) AS bad_with_limit,
        count(r.is_promise_kept) AS promise_told,
        count(*) FILTER (WHERE r.is_promise_kept) AS promise_kept,
        count(r.is_within_promise) AS promise_computed,
        count(*) FILTER (WHERE r.is_within_promise) AS within_promise,
        count(*) FILTER (WHERE r.is_promise_kept AND NOT r.is_within_promise) AS promise_contradicted,
        max(p.basis) AS basis
    FROM rated AS r
    LEFT JOIN rules AS p ON p.handled_date = r.handled_date
    GROUP BY ALL
)
SELECT
    c.unit_name,
    c.month,
    c.ratings,
    c.very_satisfied AS very_satisfied_ratings,
    c.satisfied AS satisfied_ratings,
    c.bad AS bad_ratings,
    CAST(100.0 * c.satisfied / c.ratings AS DECIMAL(5, 2)) AS satisfied_pct,
    CAST(100 * wilson_low(c.satisfied, c.ratings) AS DECIMAL(5, 2)) AS satisfied_low_pct,
    CAST(100 * wilson_high(c.satisfied, c.ratings) AS DECIMAL(5, 2)) AS satisfied_high_pct,
    CAST(100.0 * c.bad / c.ratings AS DECIMAL(5, 2)) AS bad_pct,
    c.rectified AS rectified_ratings,
    c.rectified_in_time AS rectified_in_time_ratings,
    CAST(100.0 * c.rectified / nullif(c.bad, 0) AS DECIMAL(5, 2)) AS rectified_pct,
    CAST(100.0 * c.rectified_in_time / nullif(c.bad_with_limit, 0) AS DECIMAL(5, 2)) AS rectified_in_time_pct,
    c.promise_told AS promise_told_ratings,
    c.promise_kept AS promise_kept_ratings,
    CAST(100.0 * c.promise_kept / nullif(c.promise_told, 0) AS DECIMAL(5, 2)) AS promise_kept_pct,
    c.promise_computed AS promise_computed_ratings,
    c.within_promise AS within_promise_ratings,
    CAST(100.0 * c.within_promise / nullif(c.promise_computed, 0) AS DECIMAL(5, 2)) AS within_promise_pct,
    c.promise_contradicted AS promise_contradicted_ratings,
    c.basis
FROM counted AS c
