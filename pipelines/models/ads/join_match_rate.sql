-- 横向打通匹配率：一行一对不同部门的数据集与所用的列。匹配率 = 左表中能在右表找到的行数 ÷ 左表中该列有值的行数 × 100，分母为零时为空。
-- 只讲键对不对得上，不讲对上的两行内容是否一致；没有值的行（例如不是来自热线的事件）不在分母里，另列一数。
WITH measured AS (
    SELECT
        'hotline_orders.subdistrict_code-subdistricts' AS pair, 'hotline_orders' AS left_table, 'subdistrict_code' AS left_column,
        'subdistricts' AS right_table, 'subdistrict_code' AS right_column,
        count(*) AS all_rows, count(k.subdistrict_code) AS left_rows,
        (SELECT count(*) FROM dwd.hotline_orders AS l WHERE l.subdistrict_code IN (SELECT r.subdistrict_code FROM dwd.subdistricts AS r)) AS matched_rows
    FROM dwd.hotline_orders AS k
    UNION ALL SELECT
        'enterprises.subdistrict_code-subdistricts', 'enterprises', 'subdistrict_code', 'subdistricts', 'subdistrict_code',
        count(*), count(k.subdistrict_code),
        (SELECT count(*) FROM dwd.enterprises AS l WHERE l.subdistrict_code IN (SELECT r.subdistrict_code FROM dwd.subdistricts AS r))
    FROM dwd.enterprises AS k
    UNION ALL SELECT
        'card_trips.entry_station_id-public_facilities', 'card_trips', 'entry_station_id', 'public_facilities', 'facility_id',
        count(*), count(k.entry_station_id),
        (SELECT count(*) FROM dwd.card_trips AS l WHERE l.entry_station_id IN (SELECT r.facility_id FROM dwd.public_facilities AS r))
    FROM dwd.card_trips AS k
    UNION ALL SELECT
        'hotline_orders.unit_name-organisations', 'hotline_orders', 'unit_name', 'organisations', 'org_name',
        count(*), count(k.unit_name),
        (SELECT count(*) FROM dwd.hotline_orders AS l WHERE l.unit_name IN (SELECT r.org_name FROM dwd.organisations AS r))
    FROM dwd.hotline_orders AS k
    UNION ALL SELECT
        'it_systems.owner_credit_code-organisations', 'it_systems', 'owner_credit_code', 'organisations', 'credit_code',
        count(*), count(k.owner_credit_code),
        (SELECT count(*) FROM dwd.it_systems AS l WHERE l.owner_credit_code IN (SELECT r.credit_code FROM dwd.organisations AS r))
    FROM dwd.it_systems AS k
    UNION ALL SELECT
        'it_systems.operator_credit_code-enterprises', 'it_systems', 'operator_credit_code', 'enterprises', 'credit_code',
        count(*), count(k.operator_credit_code),
        (SELECT count(*) FROM dwd.it_systems AS l WHERE l.operator_credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    FROM dwd.it_systems AS k
    UNION ALL SELECT
        'computing_centres.org_code-organisations', 'computing_centres', 'org_code', 'organisations', 'org_code',
        count(*), count(k.org_code),
        (SELECT count(*) FROM dwd.computing_centres AS l WHERE l.org_code IN (SELECT r.org_code FROM dwd.organisations AS r))
    FROM dwd.computing_centres AS k
    UNION ALL SELECT
        'iot_devices.facility_id-public_facilities', 'iot_devices', 'facility_id', 'public_facilities', 'facility_id',
        count(*), count(k.facility_id),
        (SELECT count(*) FROM dwd.iot_devices AS l WHERE l.facility_id IN (SELECT r.facility_id FROM dwd.public_facilities AS r))
    FROM dwd.iot_devices AS k
    UNION ALL SELECT
        'iot_devices.station_code-water_levels', 'iot_devices', 'station_code', 'water_levels', 'station_code',
        count(*), count(k.station_code),
        (SELECT count(*) FROM dwd.iot_devices AS l WHERE l.station_code IN (SELECT r.station_code FROM dwd.water_levels AS r))
    FROM dwd.iot_devices AS k
    UNION ALL SELECT
        'iot_devices.system_id-it_systems', 'iot_devices', 'system_id', 'it_systems', 'system_id',
        count(*), count(k.system_id),
        (SELECT count(*) FROM dwd.iot_devices AS l WHERE l.system_id IN (SELECT r.system_id FROM dwd.it_systems AS r))
    FROM dwd.iot_devices AS k
    UNION ALL SELECT
        'grid_events.hotline_order_id-hotline_orders', 'grid_events', 'hotline_order_id', 'hotline_orders', 'order_id',
        count(*), count(k.hotline_order_id),
        (SELECT count(*) FROM dwd.grid_events AS l WHERE l.hotline_order_id IN (SELECT r.order_id FROM dwd.hotline_orders AS r))
    FROM dwd.grid_events AS k
    UNION ALL SELECT
        'grid_events.device_id-iot_devices', 'grid_events', 'device_id', 'iot_devices', 'device_id',
        count(*), count(k.device_id),
        (SELECT count(*) FROM dwd.grid_events AS l WHERE l.device_id IN (SELECT r.device_id FROM dwd.iot_devices AS r))
    FROM dwd.grid_events AS k
    UNION ALL SELECT
        'grid_events.unit_name-organisations', 'grid_events', 'unit_name', 'organisations', 'org_name',
        count(*), count(k.unit_name),
        (SELECT count(*) FROM dwd.grid_events AS l WHERE l.unit_name IN (SELECT r.org_name FROM dwd.organisations AS r))
    FROM dwd.grid_events AS k
    UNION ALL SELECT
        'service_items.unit_credit_code-organisations', 'service_items', 'unit_credit_code', 'organisations', 'credit_code',
        count(*), count(k.unit_credit_code),
        (SELECT count(*) FROM dwd.service_items AS l WHERE l.unit_credit_code IN (SELECT r.credit_code FROM dwd.organisations AS r))
    FROM dwd.service_items AS k
    UNION ALL SELECT
        'service_items.system_id-it_systems', 'service_items', 'system_id', 'it_systems', 'system_id',
        count(*), count(k.system_id),
        (SELECT count(*) FROM dwd.service_items AS l WHERE l.system_id IN (SELECT r.system_id FROM dwd.it_systems AS r))
    FROM dwd.service_items AS k
    UNION ALL SELECT
        'admin_permits.credit_code-enterprises', 'admin_permits', 'credit_code', 'enterprises', 'credit_code',
        count(*), count(k.credit_code),
        (SELECT count(*) FROM dwd.admin_permits AS l WHERE l.credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    FROM dwd.admin_permits AS k
    UNION ALL SELECT
        'admin_penalties.credit_code-enterprises', 'admin_penalties', 'credit_code', 'enterprises', 'credit_code',
        count(*), count(k.credit_code),
        (SELECT count(*) FROM dwd.admin_penalties AS l WHERE l.credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    FROM dwd.admin_penalties AS k
    UNION ALL SELECT
        'building_permits.holder_credit_code-enterprises', 'building_permits', 'holder_credit_code', 'enterprises', 'credit_code',
        count(*), count(k.holder_credit_code),
        (SELECT count(*) FROM dwd.building_permits AS l WHERE l.holder_credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    FROM dwd.building_permits AS k
    UNION ALL SELECT
        'jobs_and_housing.subdistrict_code-population_by_subdistrict', 'jobs_and_housing', 'subdistrict_code', 'population_by_subdistrict', 'subdistrict_code',
        count(*), count(k.subdistrict_code),
        (SELECT count(*) FROM dwd.jobs_and_housing AS l WHERE l.subdistrict_code IN (SELECT r.subdistrict_code FROM dwd.population_by_subdistrict AS r))
    FROM dwd.jobs_and_housing AS k
)
SELECT
    m.pair,
    l.dataset AS left_dataset,
    l.title AS left_title,
    m.left_column,
    l.provider AS left_provider,
    r.dataset AS right_dataset,
    r.title AS right_title,
    m.right_column,
    r.provider AS right_provider,
    m.all_rows - m.left_rows AS rows_without_key,
    m.left_rows,
    m.matched_rows,
    m.left_rows - m.matched_rows AS unmatched_rows,
    CAST(round(100 * m.matched_rows / nullif(m.left_rows, 0), 2) AS DECIMAL(5, 2)) AS match_pct
FROM measured AS m
JOIN pack.datasets AS l ON l.layer = 'dwd' AND l.table_name = m.left_table
JOIN pack.datasets AS r ON r.layer = 'dwd' AND r.table_name = m.right_table
WHERE l.provider IS DISTINCT FROM r.provider
