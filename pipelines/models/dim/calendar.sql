-- 一行一天，只有已公布的年份：以后的日子不在表中，也不参与工作日推算。
SELECT
    day,
    CAST(isodow(day) AS BIGINT) AS weekday,
    is_working_day,
    name AS day_name,
    isodow(day) < 6 AND NOT is_working_day AS is_holiday_on_weekday,
    isodow(day) > 5 AND is_working_day AS is_worked_weekend,
    basis_kind,
    basis_ref
FROM pack.calendar
