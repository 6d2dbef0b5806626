-- One row an organisation, with the name of the one above it.
SELECT
    o.org_code,
    o.credit_code,
    o.name,
    o.short_name,
    o.level,
    o.parent,
    above.name AS parent_name,
    o.division_code
FROM dwd.organisations AS o
LEFT JOIN dwd.organisations AS above ON above.org_code = o.parent
