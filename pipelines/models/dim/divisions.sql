-- 一行一个代码的一个有效期：代码先后指不同区划的，各占一行，按先后编号。
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
