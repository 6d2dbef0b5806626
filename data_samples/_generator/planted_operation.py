"""What planted.yaml tells of sensors, water stations, information systems and computing centres. Moments are Beijing's clock."""

from collections import Counter
from datetime import date
from typing import Any

from _generator import computing, devices, heartbeats, systems
from _generator.shared_world import FLOODS, SYSTEMS, WARNING_M, alarms
from _generator.stations import STATIONS
from _generator.water import level_cm


def _sensors() -> dict[str, Any]:
    until = {name: f"{day:%Y-%m-%d}" for name, day in devices.OUT_OF_CALIBRATION.items()}
    return {
        "silent_devices": {
            "all_of_1_and_2_june": sorted(d for d, at in heartbeats.SILENT_FROM.items() if at.day == 1),
            "from_a_moment_on": {d: f"{at:%Y-%m-%d %H:%M}" for d, at in heartbeats.SILENT_FROM.items() if at.day > 1},
        },
        "devices_out_of_calibration": {"as_of": f"{date(2026, 6, 1)}", "calibrated_until": until},
        "devices_with_low_battery": list(heartbeats.LOW_BATTERY),
        "device_alarms": dict(Counter(alarm.kind for alarm in alarms())),
    }


def _stations_over_warning_line() -> list[dict[str, Any]]:
    return [
        {
            "station_code": flood.station,
            "subdistrict_code": STATIONS[flood.station][1],
            "warning_level_m": WARNING_M[flood.station],
            "hours": {f"{at:%Y-%m-%d %H:%M}": level_cm(flood.station, at) / 100 for at in flood.over},
        }
        for flood in FLOODS
    ]


def _systems() -> dict[str, Any]:
    known = {system.system_id: system for system in SYSTEMS}
    return {
        "idle_systems": {name: f"2026-{month:02d}-01" for name, month in systems.IDLE_FROM.items()},
        "costly_and_little_used_systems": {
            name: {
                "om_cost_10k_cny": cost,
                "planned_users": systems.planned_users(known[name]),
                "used_by_pct_about": share,
            }
            for name, (cost, share) in systems.COSTLY.items()
        },
        "systems_of_poor_service": list(systems.POOR_SERVICE),
    }


def _queueing_peaks() -> list[dict[str, Any]]:
    return [
        {
            "centre_id": computing.POOLS[peak.pool].centre,
            "node_kind": computing.POOLS[peak.pool].kind,
            "started_at": f"{peak.day:%Y-%m-%d} {hour:02d}:00",
            "queued_jobs": jobs,
            "mean_wait_min_at_least": minutes,
        }
        for peak in computing.PEAKS
        for hour, jobs, minutes in peak.hours
    ]


def sensors_and_systems() -> dict[str, Any]:
    """What is planted among sensors, water stations, information systems and computing centres."""
    return {
        **_sensors(),
        "stations_over_warning_line": _stations_over_warning_line(),
        **_systems(),
        "queueing_peaks": _queueing_peaks(),
    }
