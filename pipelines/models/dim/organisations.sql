-- 一行一个机构，带上级机构的名称；上级不在名册中时其名称为空。
SELECT
    o.org_code,
    o.credit_code,
    o.org_name,
    o.short_name,
    o.org_level,
    o.parent_org_code,
    above.org_name AS parent_org_name,
    o.division_code
FROM dwd.organisations AS o
LEFT JOIN dwd.organisations AS above ON above.org_code = o.parent_org_code
