-- Tonnes of each transfer station, and how many of its loads came on a working day.
select
    transfer_station,
    round(sum(weight_t), 2) as tonnes,
    count(*) as loads,
    count(*) filter (where is_working_day(collected_date)) as loads_on_working_days
from {{ source('dwd', 'waste_collected') }}
group by transfer_station
