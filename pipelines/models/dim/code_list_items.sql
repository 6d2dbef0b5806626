-- 一行一个代码表条目的一个有效期。
SELECT
    list AS code_list,
    list_title AS code_list_title,
    code,
    row_number() OVER (PARTITION BY list, code ORDER BY valid_from NULLS FIRST) AS version,
    name AS code_name,
    valid_from,
    valid_to,
    valid_to IS NULL AS is_current
FROM pack.code_lists
