-- One row a value of a policy and the time it is in force: valid_from <= day AND (valid_to IS NULL OR day < valid_to).
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
