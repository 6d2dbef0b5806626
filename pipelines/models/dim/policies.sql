-- 一行一项规则的一个取值的一个有效期：valid_from <= 当日 AND (valid_to IS NULL OR 当日 < valid_to)。
SELECT
    policy,
    item,
    value,
    text AS value_text,
    unit AS value_unit,
    valid_from,
    valid_to,
    basis_kind,
    basis_ref
FROM pack.policies
