-- One row a code and the time it meant one division: a code that passed to another division has several versions.
SELECT
    code AS division_code,
    row_number() OVER (PARTITION BY code ORDER BY valid_from NULLS FIRST) AS version,
    name AS division_name,
    level AS division_level,
    parent_code,
    valid_from,
    valid_to,
    valid_to IS NULL AS is_current,
    successor_code
FROM pack.divisions
