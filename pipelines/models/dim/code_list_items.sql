-- One row an entry of a code list and the time it was valid.
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
