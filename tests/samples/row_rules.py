"""The contracts' row checks, said again in Python: what a row breaks by comparing its columns, and what it only warns of."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

CITY = Path(__file__).parents[2]
BAD = object()
HOTLINE = "governance.hotline_orders"
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

Row = dict[str, Any]
# By dataset: rule, the column that must not be less, the other.
_ORDERED = {
    HOTLINE: [("dispatched_after_accepted", "dispatched_at", "accepted_at")],
    "environment.air_quality_hourly": [
        ("reported_after_observed", "reported_at", "observed_at"),
        ("pm25_within_pm10", "pm10_ug_m3", "pm25_ug_m3"),
    ],
    "environment.water_levels": [("reported_after_observed", "reported_at", "observed_at")],
    "mobility.card_trips": [("alighted_after_boarded", "alighted_at", "boarded_at")],
    "governance.grid_events": [
        ("filed_after_reported", "filed_at", "reported_at"),
        ("closed_after_handled", "closed_at", "handled_at"),
    ],
    "service.service_items": [("promised_within_statutory", "statutory_working_days", "promised_working_days")],
    "service.service_ratings": [
        ("handled_after_accepted", "handled_at", "accepted_at"),
        ("rectified_after_handled", "rectified_at", "handled_at"),
    ],
    "planning.building_permits": [("valid_after_issued", "valid_to", "issued_date")],
    "governance.admin_permits": [
        ("valid_in_order", "valid_to", "valid_from"),
        ("published_after_decided", "publish_date", "decision_date"),
    ],
    "governance.admin_penalties": [("published_after_decided", "publish_date", "decision_date")],
    "life.population_by_subdistrict": [("household_not_above_people", "resident_population", "household_count")],
    "environment.iot_devices": [("calibrated_after_installed", "calibrated_until", "installed_date")],
    "operation.computing_centres": [("used_within_capacity", "capacity_cards", "used_card_hours")],
    "operation.it_system_use": [("resolved_within_tickets", "tickets", "tickets_resolved")],
    "life.jobs_and_housing": [("working_not_above_people", "resident_population", "employed_residents")],
}
_CREDIT_CODES = {
    "base.organisations": "credit_code",
    "economy.enterprises": "credit_code",
    "service.service_items": "unit_credit_code",
    "planning.building_permits": "holder_credit_code",
    "governance.admin_permits": "credit_code",
    "governance.admin_penalties": "credit_code",
}


def _there(row: Row, *names: str) -> bool:
    return all(row[name] is not None and row[name] is not BAD for name in names)


def _less(row: Row, name: str, than: str) -> bool:
    return _there(row, name, than) and row[name] < row[than]


def _wrong_credit_code(code: Any) -> bool:
    """Whether a code of the right form has a wrong check character."""
    if not isinstance(code, str) or not re.fullmatch(f"[{_SIGNS}]{{18}}", code):
        return False
    total = sum(_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return (total + _SIGNS.index(code[17])) % 31 != 0


def _hotline(row: Row) -> Iterator[str]:
    start = "dispatched_at" if row["dispatched_at"] is not None else "accepted_at"
    if not _less(row, "dispatched_at", "accepted_at") and _less(row, "closed_at", start):
        yield "closed_after_dispatched"


def _within_the_city(lon: Any, lat: Any) -> bool:
    return bool(117.8 <= lon <= 118.5 and 24.3 <= lat <= 25.0)


def _facilities(row: Row) -> Iterator[str]:
    if row["geometry"] and not _within_the_city(*row["geometry"]["coordinates"]):
        yield "within_the_city"


def _grid(row: Row) -> Iterator[str]:
    if _there(row, "lon", "lat") and not _within_the_city(row["lon"], row["lat"]):
        yield "within_the_city"
    if row["result"] == "已办结" and row["closed_at"] is None:
        yield "closed_says_when"


def _building(row: Row) -> Iterator[str]:
    if (row["permit_kind"] == "建设用地规划许可") != row["permit_no"].startswith("地"):
        yield "kind_fits_number"


def _counterpart(row: Row) -> Iterator[str]:
    if (row["counterpart_kind"] == "自然人") != (row["credit_code"] is None):
        yield "person_without_credit_code"
    if row.get("penalty_kind") == "罚款" and row["penalty_amount_10k_cny"] is None:
        yield "fine_says_how_much"


def _ages(row: Row) -> Iterator[str]:
    ages = ("aged_0_14_population", "aged_15_59_population", "aged_60_plus_population")
    if _there(row, *ages) and sum(row[name] for name in ages) != row["resident_population"]:
        yield "ages_add_up"


def _office(row: Row) -> Iterator[str]:
    if row["credit_code"][8:17] != row["org_code"]:
        yield "code_within_credit_code"
    if row["org_level"] != "市" and row["parent_org_code"] is None:
        yield "parent_of_district_and_street"


def _day(row: Row) -> Iterator[str]:
    if row["is_working_day"] is not (row["day_kind"] in ("工作日", "调休上班")):
        yield "kind_is_working"
    if (row["day_kind"] in ("节假日", "调休上班")) is (row["notice_no"] is None):
        yield "holiday_has_notice"


def _beat(row: Row) -> Iterator[str]:
    if (row["alarm_kind"] is None) is not (row["alarm_value"] is None):
        yield "alarm_is_whole"


def _device(row: Row) -> Iterator[str]:
    if None not in (row["facility_id"], row["station_code"]):
        yield "one_place"


def _traffic(row: Row) -> Iterator[str]:
    if _there(row, "vehicles", "mean_speed_kmh") and row["vehicles"] <= 0:
        yield "speed_with_vehicles"


_FURTHER: dict[str, Callable[[Row], Iterator[str]]] = {
    HOTLINE: _hotline,
    "service.public_facilities": _facilities,
    "governance.grid_events": _grid,
    "planning.building_permits": _building,
    "governance.admin_permits": _counterpart,
    "governance.admin_penalties": _counterpart,
    "life.population_by_subdistrict": _ages,
    "base.organisations": _office,
    "base.working_calendar": _day,
    "environment.device_heartbeats": _beat,
    "environment.iot_devices": _device,
    "mobility.traffic_flow": _traffic,
}


def broken_by_row(dataset: str, row: Row) -> list[str]:
    """The row checks that a row breaks."""
    found = [rule for rule, later, earlier in _ORDERED.get(dataset, ()) if _less(row, later, earlier)]
    found += _FURTHER[dataset](row) if dataset in _FURTHER else ()
    if _wrong_credit_code(row.get(_CREDIT_CODES.get(dataset, ""))):
        found.append("credit_code_checks")
    return [f"row.{rule}" for rule in found]


@cache
def _calendar() -> dict[date, bool]:
    with (CITY / "pipelines/standards/calendar.csv").open(encoding="utf-8") as file:
        return {date.fromisoformat(row["date"]): row["day"] == "workday" for row in csv.DictReader(file)}


def _working_days(first: date, last: date) -> int:
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    return sum(_calendar().get(day, day.weekday() < 5) for day in days)


def warned_by_row(dataset: str, row: Row) -> list[str]:
    """The row checks that only warn of a row."""
    if dataset not in ("governance.admin_permits", "governance.admin_penalties"):
        return []
    late = _working_days(row["decision_date"], row["publish_date"]) > 7
    return ["row.published_within_seven_working_days"] if late else []
