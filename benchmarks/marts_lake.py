"""The lake that the marts are measured on: deliveries written straight into `ods` with the ledger's rows of published batches.

What the ledger keeps beside the batch itself (checks, landing, notices) is not there; no model of a mart reads it row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model import Contract
from pipelines.contracts.serial import to_json
from pipelines.derive.tables import column_list, dwd_table, ods_table
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings
from pipelines.steps.tables import fit_tables

# Places are drawn by a hash of the row's number: the same lake every time, and no order that a real delivery lacks.
_STREET = "(SELECT list(subdistrict_code ORDER BY subdistrict_code) FROM city.dwd.subdistricts)[1 + draw(n, {streets})]"
_AT = "(TIMESTAMP '2025-01-01' + to_seconds({start} + n * {span} // {rows}))"
_HOTLINE = f"""
    'GD' || lpad(({{start}} + n)::VARCHAR, 12, '0') AS order_id, {_AT} AT TIME ZONE 'Asia/Shanghai' AS accepted_at,
    accepted_at + to_minutes(draw(n + 1, 90)) AS dispatched_at,
    CASE WHEN draw(n + 2, 20) > 0 THEN accepted_at + to_minutes(60 + draw(n + 2, 20000)) END AS closed_at, {_STREET} AS subdistrict_code,
    ['咨询', '求助', '投诉', '举报', '建议'][1 + draw(n + 3, 5)] AS category, '主题' || draw(n + 4, 30) AS topic,
    '单位' || draw(n + 5, 60) AS unit_name, ['一般', '紧急'][1 + (draw(n + 6, 10) = 0)::INT] AS urgency,
    draw(n + 7, 3) > 0 AS is_valid_callback, is_valid_callback AND draw(n + 8, 10) > 0 AS is_contacted,
    is_valid_callback AND draw(n + 9, 5) > 0 AS is_resolved,
    CASE WHEN is_valid_callback THEN ['满意', '基本满意', '不满意'][1 + draw(n + 10, 3)] END AS satisfaction,
    draw(n + 2, 140) / 10 AS handling_days, '反映的内容' || hash(n + 11) AS content, NULL AS caller_name, NULL AS caller_phone"""
_TRIPS = f"""
    lpad(({{start}} + n)::VARCHAR, 17, '0') AS trip_id, md5((draw(n, 300000))::VARCHAR) AS card_no,
    ['普通卡', '学生卡', '爱心卡'][1 + draw(n + 1, 3)] AS card_kind, 'ST' || draw(n + 2, 70) AS entry_station_id,
    'ST' || draw(n + 3, 70) AS exit_station_id, {_AT} AT TIME ZONE 'Asia/Shanghai' AS boarded_at,
    boarded_at + to_minutes(5 + draw(n + 4, 60)) AS alighted_at, 2 + (draw(n + 5, 12)) / 2 AS fare_yuan"""
_BEATS = """
    'IOT' || lpad((n % {things})::VARCHAR, 5, '0') AS device_id,
    (TIMESTAMP '2025-01-01' + to_seconds({start} + (n // {things}) * 600)) AT TIME ZONE 'Asia/Shanghai' AS heartbeat_at,
    (draw(n, 100))::DOUBLE AS battery_pct, -60 - (draw(n + 1, 40))::BIGINT AS signal_dbm,
    CASE WHEN draw(n + 2, 500) = 0 THEN '积水' END AS alarm_kind, CASE WHEN alarm_kind IS NOT NULL THEN 1.0 END AS alarm_value"""
_AIR = """
    'XM' || lpad((n % {things})::VARCHAR, 3, '0') AS station_code, station_code AS station_name,
    (TIMESTAMP '2025-01-01' + to_hours({start} + n // {things})) AT TIME ZONE 'Asia/Shanghai' AS observed_at,
    observed_at + INTERVAL 1 HOUR AS reported_at,
    (draw(n, 30))::DOUBLE AS so2_ug_m3, (draw(n + 1, 80))::DOUBLE AS no2_ug_m3, (draw(n + 2, 20)) / 10 AS co_mg_m3,
    (draw(n + 3, 200))::DOUBLE AS o3_ug_m3, (draw(n + 4, 150))::DOUBLE AS pm10_ug_m3, (draw(n + 5, 90))::DOUBLE AS pm25_ug_m3"""
_WATER = f"""
    'XMW' || lpad((n % {{things}})::VARCHAR, 3, '0') AS station_code, station_code AS station_name, {_STREET} AS subdistrict_code,
    (TIMESTAMP '2025-01-01' + to_hours({{start}} + n // {{things}})) AT TIME ZONE 'Asia/Shanghai' AS observed_at,
    observed_at + INTERVAL 6 MINUTE AS reported_at,
    (draw(n // 2000, 320)) / 100 AS level_m, 3.0 AS warning_level_m, false AS is_withdrawn"""
_DEVICES = f"""
    'IOT' || lpad(n::VARCHAR, 5, '0') AS device_id, ['水位计', '烟感', '井盖'][1 + n % 3] AS device_kind, '示例' || n % 5 AS maker,
    DATE '2024-06-01' AS installed_date, DATE '2027-06-01' AS calibrated_until, 10 AS cadence_min, {_STREET} AS subdistrict_code,
    118.0 + (draw(n, 1000)) / 5000 AS lon, 24.4 + (draw(n + 1, 1000)) / 5000 AS lat, NULL AS facility_id, NULL AS station_code, NULL AS system_id"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A dataset: the SELECT's columns, its batches, the days of each, and how many stations report at once."""

    columns: str
    batches: int
    days: int
    things: int = 1


# Inside the years that the city pack's policies and the working calendar cover.
MONTHS, DAYS = 24, 60
KINDS = {
    "iot_devices": Kind(_DEVICES, 1, 1),
    "hotline_orders": Kind(_HOTLINE, MONTHS, 29),
    "card_trips": Kind(_TRIPS, DAYS, 1),
    "device_heartbeats": Kind(_BEATS, DAYS, 1),
    "air_quality_hourly": Kind(_AIR, MONTHS, 29, 30),
    "water_levels": Kind(_WATER, MONTHS, 29, 10),
}


def sizes(rows: int) -> dict[str, int]:
    """Return the rows of each dataset, half as many readings as orders or trips."""
    air, water = rows // 20, rows // 60
    beats = rows // 2 - air - water
    return {
        "iot_devices": max(1, beats // DAYS // 144), "hotline_orders": rows, "card_trips": rows, "device_heartbeats": beats,
        "air_quality_hourly": air, "water_levels": water,
    }  # fmt: skip


def deliver(
    con: Connection, here: Settings, name: str, numbers: Sequence[int], rows: dict[str, int], *, one_day: bool = False
) -> None:
    """Write the batches of these numbers of a dataset, each with its even share of the rows, as a published delivery each.

    `one_day`: with the rows of its first day alone, as the first file of a new month has them.
    """
    contract, kind = find_contract(here, name), KINDS[name]
    days = 1 if one_day else kind.days
    con.execute("CREATE OR REPLACE TEMP MACRO draw(n, choices) AS CAST(hash(n) % choices AS BIGINT)")
    with write_transaction(con, here, dataset=None, who="benchmark"):
        fit_tables(con, contract)
        for number in numbers:
            count = rows[name] // kind.batches * days // kind.days
            _write(con, contract, kind, number, count, days, rows["iot_devices"])
        if contract.ingest.mode == "upsert":
            con.execute(
                f"INSERT INTO {dwd_table(contract)} SELECT {column_list(contract)} FROM {ods_table(contract)} WHERE _batch IN (SELECT unnest(?))",
                [[_batch(contract, number) for number in numbers]],
            )


def _write(con: Connection, contract: Contract, kind: Kind, number: int, count: int, days: int, devices: int) -> None:
    things = devices if contract.table == "device_heartbeats" else kind.things
    hours = contract.table in ("air_quality_hourly", "water_levels")
    start = number * kind.days * (24 if hours else 86400)
    row = con.execute("SELECT count(*) FROM city.dwd.subdistricts").fetchone()
    columns = kind.columns.format(
        start=start, span=days * 86400, rows=max(count, 1), things=things, streets=row[0] if row else 1
    )
    con.execute(
        f"INSERT INTO {ods_table(contract)} BY NAME SELECT {columns}, ? AS _batch, n AS _record, n + 2 AS _line FROM range(?) AS t(n)",
        [_batch(contract, number), count],
    )
    _tell(con, contract, number, count)


def _batch(contract: Contract, number: int) -> str:
    return f"{contract.table}-b{number:04d}"


def _tell(con: Connection, contract: Contract, number: int, count: int) -> None:
    now, period = datetime.now(UTC), f"{number:04d}"
    ledger.add(con, "batches", [{
        "batch_id": _batch(contract, number), "dataset": contract.id, "seq": number + 1, "delivery": number + 1, "period": period,
        "sha256": period, "mode": contract.ingest.mode, "contract_version": contract.version, "verdict": "published", "delivered": count,
        "valid": count, "quarantined": 0, "started_at": now, "finished_at": now,
    }])  # fmt: skip
    if ledger.latest_contract(con, contract.id) is None:
        ledger.add(con, "contract_versions", [{
            "dataset": contract.id, "version": contract.version, "digest": contract.digest, "contract": to_json(contract), "recorded_at": now,
        }])  # fmt: skip
