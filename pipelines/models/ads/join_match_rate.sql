-- 横向打通匹配率：一行一对不同部门的数据集与所用的列。匹配率 = 左表中能在右表找到的行数 ÷ 左表中该列有值的行数 × 100，分母为零时为空。
-- 只讲键对不对得上，不讲对上的两行内容是否一致；没有值的行（例如不是来自热线的事件）不在分母里，另列一数。
WITH measured AS (
    SELECT
        'hotline_orders.subdistrict_code-subdistricts' AS pair, 'hotline_orders' AS left_table, 'subdistrict_code' AS left_column,
        'subdistricts' AS right_table, 'subdistrict_code' AS right_column,
        (SELECT count(*) FROM dwd.hotline_orders AS l) AS all_rows,
        (SELECT count(l.subdistrict_code) FROM dwd.hotline_orders AS l) AS left_rows,
        (SELECT count(*) FROM dwd.hotline_orders AS l WHERE l.subdistrict_code IN (SELECT r.subdistrict_code FROM dwd.subdistricts AS r)) AS matched_rows
    UNION ALL SELECT
        'enterprises.subdistrict_code-subdistricts', 'enterprises', 'subdistrict_code', 'subdistricts', 'subdistrict_code',
        (SELECT count(*) FROM dwd.enterprises AS l),
        (SELECT count(l.subdistrict_code) FROM dwd.enterprises AS l),
        (SELECT count(*) FROM dwd.enterprises AS l WHERE l.subdistrict_code IN (SELECT r.subdistrict_code FROM dwd.subdistricts AS r))
    UNION ALL SELECT
        'card_trips.entry_station_id-public_facilities', 'card_trips', 'entry_station_id', 'public_facilities', 'facility_id',
        (SELECT count(*) FROM dwd.card_trips AS l),
        (SELECT count(l.entry_station_id) FROM dwd.card_trips AS l),
        (SELECT count(*) FROM dwd.card_trips AS l WHERE l.entry_station_id IN (SELECT r.facility_id FROM dwd.public_facilities AS r))
    UNION ALL SELECT
        'hotline_orders.unit_name-organisations', 'hotline_orders', 'unit_name', 'organisations', 'org_name',
        (SELECT count(*) FROM dwd.hotline_orders AS l),
        (SELECT count(l.unit_name) FROM dwd.hotline_orders AS l),
        (SELECT count(*) FROM dwd.hotline_orders AS l WHERE l.unit_name IN (SELECT r.org_name FROM dwd.organisations AS r))
    UNION ALL SELECT
        'it_systems.owner_credit_code-organisations', 'it_systems', 'owner_credit_code', 'organisations', 'credit_code',
        (SELECT count(*) FROM dwd.it_systems AS l),
        (SELECT count(l.owner_credit_code) FROM dwd.it_systems AS l),
        (SELECT count(*) FROM dwd.it_systems AS l WHERE l.owner_credit_code IN (SELECT r.credit_code FROM dwd.organisations AS r))
    UNION ALL SELECT
        'it_systems.operator_credit_code-enterprises', 'it_systems', 'operator_credit_code', 'enterprises', 'credit_code',
        (SELECT count(*) FROM dwd.it_systems AS l),
        (SELECT count(l.operator_credit_code) FROM dwd.it_systems AS l),
        (SELECT count(*) FROM dwd.it_systems AS l WHERE l.operator_credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    UNION ALL SELECT
        'computing_centres.org_code-organisations', 'computing_centres', 'org_code', 'organisations', 'org_code',
        (SELECT count(*) FROM dwd.computing_centres AS l),
        (SELECT count(l.org_code) FROM dwd.computing_centres AS l),
        (SELECT count(*) FROM dwd.computing_centres AS l WHERE l.org_code IN (SELECT r.org_code FROM dwd.organisations AS r))
    UNION ALL SELECT
        'iot_devices.facility_id-public_facilities', 'iot_devices', 'facility_id', 'public_facilities', 'facility_id',
        (SELECT count(*) FROM dwd.iot_devices AS l),
        (SELECT count(l.facility_id) FROM dwd.iot_devices AS l),
        (SELECT count(*) FROM dwd.iot_devices AS l WHERE l.facility_id IN (SELECT r.facility_id FROM dwd.public_facilities AS r))
    UNION ALL SELECT
        'iot_devices.station_code-water_levels', 'iot_devices', 'station_code', 'water_levels', 'station_code',
        (SELECT count(*) FROM dwd.iot_devices AS l),
        (SELECT count(l.station_code) FROM dwd.iot_devices AS l),
        (SELECT count(*) FROM dwd.iot_devices AS l WHERE l.station_code IN (SELECT r.station_code FROM dwd.water_levels AS r))
    UNION ALL SELECT
        'iot_devices.system_id-it_systems', 'iot_devices', 'system_id', 'it_systems', 'system_id',
        (SELECT count(*) FROM dwd.iot_devices AS l),
        (SELECT count(l.system_id) FROM dwd.iot_devices AS l),
        (SELECT count(*) FROM dwd.iot_devices AS l WHERE l.system_id IN (SELECT r.system_id FROM dwd.it_systems AS r))
    UNION ALL SELECT
        'grid_events.hotline_order_id-hotline_orders', 'grid_events', 'hotline_order_id', 'hotline_orders', 'order_id',
        (SELECT count(*) FROM dwd.grid_events AS l),
        (SELECT count(l.hotline_order_id) FROM dwd.grid_events AS l),
        (SELECT count(*) FROM dwd.grid_events AS l WHERE l.hotline_order_id IN (SELECT r.order_id FROM dwd.hotline_orders AS r))
    UNION ALL SELECT
        'grid_events.device_id-iot_devices', 'grid_events', 'device_id', 'iot_devices', 'device_id',
        (SELECT count(*) FROM dwd.grid_events AS l),
        (SELECT count(l.device_id) FROM dwd.grid_events AS l),
        (SELECT count(*) FROM dwd.grid_events AS l WHERE l.device_id IN (SELECT r.device_id FROM dwd.iot_devices AS r))
    UNION ALL SELECT
        'grid_events.unit_name-organisations', 'grid_events', 'unit_name', 'organisations', 'org_name',
        (SELECT count(*) FROM dwd.grid_events AS l),
        (SELECT count(l.unit_name) FROM dwd.grid_events AS l),
        (SELECT count(*) FROM dwd.grid_events AS l WHERE l.unit_name IN (SELECT r.org_name FROM dwd.organisations AS r))
    UNION ALL SELECT
        'service_items.unit_credit_code-organisations', 'service_items', 'unit_credit_code', 'organisations', 'credit_code',
        (SELECT count(*) FROM dwd.service_items AS l),
        (SELECT count(l.unit_credit_code) FROM dwd.service_items AS l),
        (SELECT count(*) FROM dwd.service_items AS l WHERE l.unit_credit_code IN (SELECT r.credit_code FROM dwd.organisations AS r))
    UNION ALL SELECT
        'service_items.system_id-it_systems', 'service_items', 'system_id', 'it_systems', 'system_id',
        (SELECT count(*) FROM dwd.service_items AS l),
        (SELECT count(l.system_id) FROM dwd.service_items AS l),
        (SELECT count(*) FROM dwd.service_items AS l WHERE l.system_id IN (SELECT r.system_id FROM dwd.it_systems AS r))
    UNION ALL SELECT
        'admin_permits.credit_code-enterprises', 'admin_permits', 'credit_code', 'enterprises', 'credit_code',
        (SELECT count(*) FROM dwd.admin_permits AS l),
        (SELECT count(l.credit_code) FROM dwd.admin_permits AS l),
        (SELECT count(*) FROM dwd.admin_permits AS l WHERE l.credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    UNION ALL SELECT
        'admin_penalties.credit_code-enterprises', 'admin_penalties', 'credit_code', 'enterprises', 'credit_code',
        (SELECT count(*) FROM dwd.admin_penalties AS l),
        (SELECT count(l.credit_code) FROM dwd.admin_penalties AS l),
        (SELECT count(*) FROM dwd.admin_penalties AS l WHERE l.credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    UNION ALL SELECT
        'building_permits.holder_credit_code-enterprises', 'building_permits', 'holder_credit_code', 'enterprises', 'credit_code',
        (SELECT count(*) FROM dwd.building_permits AS l),
        (SELECT count(l.holder_credit_code) FROM dwd.building_permits AS l),
        (SELECT count(*) FROM dwd.building_permits AS l WHERE l.holder_credit_code IN (SELECT r.credit_code FROM dwd.enterprises AS r))
    UNION ALL SELECT
        'jobs_and_housing.subdistrict_code-population_by_subdistrict', 'jobs_and_housing', 'subdistrict_code', 'population_by_subdistrict', 'subdistrict_code',
        (SELECT count(*) FROM dwd.jobs_and_housing AS l),
        (SELECT count(l.subdistrict_code) FROM dwd.jobs_and_housing AS l),
        (SELECT count(*) FROM dwd.jobs_and_housing AS l WHERE l.subdistrict_code IN (SELECT r.subdistrict_code FROM dwd.population_by_subdistrict AS r))
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
