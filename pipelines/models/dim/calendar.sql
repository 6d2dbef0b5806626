-- One row a day of the years that were announced; a day beyond them is in no row, and in no arithmetic of working days.
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
