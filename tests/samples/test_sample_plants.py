"""planted.yaml tells the truth: what it lists is in the deliveries, and nothing else of its kind."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import yaml

from pipelines.standards.working_days import national
from tests.samples.recount import SAMPLES, broken_rows, typed_rows

PLANTED: dict[str, Any] = yaml.safe_load((SAMPLES / "planted.yaml").read_text(encoding="utf-8"))
DAYS = ("20260601", "20260602")


def sound(dataset: str, *names: str) -> list[dict[str, Any]]:
    """The valid rows of a dataset's files."""
    found = []
    for name in names:
        rows, _ = typed_rows(dataset, SAMPLES / dataset.replace(".", "/") / name)
        found += [row for row, rules in zip(rows, broken_rows(dataset, rows), strict=True) if not rules]
    return found


@pytest.fixture(scope="module")
def devices() -> dict[str, dict[str, Any]]:
    return {row["device_id"]: row for row in sound("environment.iot_devices", "iot_devices_2026Q2.csv")}


@pytest.fixture(scope="module")
def beats() -> list[dict[str, Any]]:
    return sound("environment.device_heartbeats", *(f"device_heartbeats_{day}.json" for day in DAYS))


@pytest.fixture(scope="module")
def use() -> list[dict[str, Any]]:
    return sound("operation.it_system_use", *(f"it_system_use_2026Q{quarter}.csv" for quarter in (1, 2)))


def test_silent_devices_are_those_that_send_nothing(devices: Any, beats: Any) -> None:
    last: dict[str, datetime] = {}
    for beat in beats:
        last[beat["device_id"]] = max(beat["heartbeat_at"], last.get(beat["device_id"], beat["heartbeat_at"]))
    assert sorted(set(devices) - set(last)) == PLANTED["silent_devices"]["all_of_1_and_2_june"]
    end = datetime(2026, 6, 3)
    quiet = {d for d, at in last.items() if end - at > timedelta(minutes=2 * devices[d]["cadence_min"])}
    assert quiet == set(PLANTED["silent_devices"]["from_a_moment_on"])


def test_devices_out_of_calibration_are_those_listed(devices: Any) -> None:
    ended = {d: f"{row['calibrated_until']:%Y-%m-%d}" for d, row in devices.items() if row["calibrated_until"]}
    assert {d: day for d, day in ended.items() if day < "2026-06-01"} == PLANTED["devices_out_of_calibration"][
        "calibrated_until"
    ]


def test_alarms_and_low_batteries_are_those_listed(beats: Any) -> None:
    assert Counter(beat["alarm_kind"] for beat in beats if beat["alarm_kind"]) == PLANTED["device_alarms"]
    low = {beat["device_id"] for beat in beats if beat["battery_pct"] is not None and beat["battery_pct"] < 20}
    assert sorted(low) == PLANTED["devices_with_low_battery"]


def test_stations_are_over_their_line_in_the_hours_listed_and_their_gauges_alarm(devices: Any, beats: Any) -> None:
    readings = sound("environment.water_levels", *(f"water_levels_{day}.jsonl" for day in DAYS))
    over = {
        (row["station_code"], f"{row['observed_at']:%Y-%m-%d %H:%M}"): row["level_m"]
        for row in readings
        if row["level_m"] is not None and row["level_m"] > row["warning_level_m"]
    }
    listed = {(s["station_code"], at): m for s in PLANTED["stations_over_warning_line"] for at, m in s["hours"].items()}
    assert over == listed
    alarms = {
        (devices[beat["device_id"]]["station_code"], f"{beat['heartbeat_at']:%Y-%m-%d %H}:00"): beat["alarm_value"]
        for beat in beats
        if beat["alarm_kind"] == "水位超警戒"
    }
    assert alarms == listed


def test_idle_systems_are_those_without_use(use: Any) -> None:
    last = {
        row["system_id"]: row["stat_month"] for row in sorted(use, key=lambda row: row["stat_month"]) if row["requests"]
    }
    assert {row["system_id"] for row in use if last.get(row["system_id"], date.min) < date(2026, 3, 1)} == set(
        PLANTED["idle_systems"]
    )
    first_idle = {
        s: min(r["stat_month"] for r in use if r["system_id"] == s and not r["requests"])
        for s in PLANTED["idle_systems"]
    }
    assert {s: f"{day:%Y-%m-%d}" for s, day in first_idle.items()} == PLANTED["idle_systems"]


def test_costly_systems_cost_most_and_are_used_least(use: Any) -> None:
    systems = {row["system_id"]: row for row in sound("operation.it_systems", "政务信息系统台账_2026.xlsx")}
    may = {row["system_id"]: row["active_users"] for row in use if row["stat_month"] == date(2026, 5, 1)}
    listed = PLANTED["costly_and_little_used_systems"]
    assert set(sorted(systems, key=lambda s: -systems[s]["om_cost_10k_cny"])[: len(listed)]) == set(listed)
    little = {s for s in may if 0 < may[s] < 0.1 * systems[s]["planned_users"]}
    assert little == set(listed)
    for name, told in listed.items():
        assert systems[name]["om_cost_10k_cny"] == told["om_cost_10k_cny"]
        assert systems[name]["planned_users"] == told["planned_users"]


def test_systems_of_poor_service_leave_half_of_their_tickets_open(use: Any) -> None:
    tickets: Counter[str] = Counter()
    solved: Counter[str] = Counter()
    for row in use:
        tickets[row["system_id"]] += row["tickets"]
        solved[row["system_id"]] += row["tickets_resolved"]
    assert sorted(s for s in tickets if solved[s] < 0.6 * tickets[s]) == PLANTED["systems_of_poor_service"]


def test_queues_are_long_in_the_hours_listed_alone() -> None:
    waiting: Counter[tuple[str, str, str]] = Counter()
    for row in sound("operation.computing_centres", *(f"computing_centres_{day}.csv" for day in DAYS)):
        waiting[row["centre_id"], row["node_kind"], f"{row['started_at']:%Y-%m-%d %H:%M}"] += row["queued_jobs"]
    listed = {(p["centre_id"], p["node_kind"], p["started_at"]): p["queued_jobs"] for p in PLANTED["queueing_peaks"]}
    assert {hour: jobs for hour, jobs in waiting.items() if jobs > 10} == listed


def test_working_days_of_the_calendar_are_those_of_the_standard() -> None:
    rows = sound("base.working_calendar", "working_calendar_2025.csv", "working_calendar_2026.csv")
    assert len(rows) == 730
    assert all(row["is_working_day"] is national().is_working(row["calendar_date"]) for row in rows)


def test_keys_meet_across_the_departments(devices: Any) -> None:
    systems = {row["system_id"] for row in sound("operation.it_systems", "政务信息系统台账_2026.xlsx")}
    offices = sound("base.organisations", "organisations_2026.csv")
    events = sound("governance.grid_events", "grid_events_202604.csv", "grid_events_202606.csv")
    items = sound("service.service_items", "政务服务事项_2026Q2.xlsx")
    assert {row["system_id"] for row in devices.values()} <= systems
    assert {row["system_id"] for row in items if row["system_id"]} <= systems
    assert {row["device_id"] for row in events if row["device_id"]} <= set(devices)
    assert {row["unit_name"] for row in [*events, *items] if row["unit_name"]} <= {row["org_name"] for row in offices}
    assert {row["unit_credit_code"] for row in items} <= {row["credit_code"] for row in offices}
