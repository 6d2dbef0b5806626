"""What was planted in environment, economy and life, asked of the marts of a lake that holds all the sample deliveries.

Each of CHECKS takes a connection and what data_samples/planted.yaml holds; whoever has such a lake calls them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.lake.connection import Connection

Planted = Mapping[str, Any]
BEIJING = ZoneInfo("Asia/Shanghai")


def silent_sensors_are_those_that_were_silenced(con: Connection, planted: Planted) -> None:
    """On the second day, those silent from the first and those that fell silent at its noon, and no other."""
    told = planted["silent_devices"]
    first, second = (
        _listed(con, "device_id", f"ads.facility_health WHERE is_silent AND observed_date = '{day}'")
        for day in ("2026-06-01", "2026-06-02")
    )
    assert first == told["all_of_1_and_2_june"]
    assert second == sorted([*told["all_of_1_and_2_june"], *told["from_a_moment_on"]])


def sensors_to_be_seen_to_are_those_planted(con: Connection, planted: Planted) -> None:
    """Out of calibration, and low of battery."""
    day = planted["devices_out_of_calibration"]["as_of"]
    ended = f"ads.facility_health WHERE calibration = '已过期' AND observed_date = '{day}'"
    assert _listed(con, "device_id", ended) == sorted(planted["devices_out_of_calibration"]["calibrated_until"])
    assert _listed(con, "device_id", "ads.facility_health WHERE is_battery_low") == planted["devices_with_low_battery"]


def every_flood_is_found_with_its_complaints(con: Connection, planted: Planted) -> None:
    """Stations, hours over the line, highest level, and what citizens told meanwhile."""
    complaints = planted["grid_events"]["complaints_while_over_the_line"]
    found = con.execute(
        "SELECT station_code, subdistrict_code, warning_level_m, started_at, hours_over, highest_level_m, related_events_by_citizens"
        " FROM city.ads.water_resilience ORDER BY station_code"
    ).fetchall()
    assert [(*row[:3], row[3].astimezone(BEIJING), *row[4:]) for row in found] == [
        (
            flood["station_code"],
            flood["subdistrict_code"],
            flood["warning_level_m"],
            min(_moment(at) for at in flood["hours"]),
            len(flood["hours"]),
            max(flood["hours"].values()),
            complaints[flood["subdistrict_code"]],
        )
        for flood in planted["stations_over_warning_line"]
    ]


def small_cells_are_hidden_and_the_park_is_not(con: Connection, planted: Planted) -> None:
    """No number below three stands anywhere; the park's firms of section I do."""
    told = planted["economy"]["park"]
    assert _one(con, "SELECT count(*) FROM city.ads.industry_by_place WHERE enterprises < 3") == 0
    shown = f"SELECT enterprises FROM city.ads.industry_by_place WHERE place_code = '{told['subdistrict_code']}'"
    assert _one(con, f"{shown} AND industry_code = 'I'") == told["of_section_I"]


def digital_economy_grows_in_the_park(con: Connection, planted: Planted) -> None:
    """As many firms at the end of each year as were founded until then, where they are enough to be published."""
    told = planted["economy"]["park"]
    so_far, wanted = 0, []
    for year, founded in sorted(told["of_section_I_by_founding_year"].items()):
        so_far += founded
        wanted.append((f"{year}-Q{2 if year == 2026 else 4}", so_far))
    found = con.execute(
        "SELECT stat_quarter, digital_enterprises FROM city.ads.digital_economy"
        f" WHERE place_code = '{told['subdistrict_code']}' AND (stat_quarter LIKE '%Q4' OR stat_quarter = '2026-Q2') ORDER BY ALL"
    ).fetchall()
    assert found == wanted[-len(found) :]
    assert len(found) >= 3


def jobs_without_homes_stand_out(con: Connection, planted: Planted) -> None:
    """The one place with more jobs than people who work and live there."""
    told = planted["life"]["jobs_without_homes"]
    found = con.execute(
        "SELECT DISTINCT subdistrict_code, CAST(jobs_per_employed_resident AS DOUBLE) FROM city.ads.jobs_housing_balance WHERE band = '就业为主'"
    ).fetchall()
    assert [(place, round(ratio, 1)) for place, ratio in found] == [
        (told["subdistrict_code"], told["jobs_per_employed_resident"])
    ]


def people_counted_twice_differ_as_planted(con: Connection, planted: Planted) -> None:
    """The same item of two offices."""
    told = planted["life"]["collected_twice"]
    found = con.execute(
        "SELECT count(population_difference), count(*) FILTER (population_difference <> 0),"
        " count(*) FILTER (abs(population_difference) > 0.01 * resident_population)"
        f" FROM city.ads.jobs_housing_balance WHERE stat_quarter = '{told['stat_quarter']}'"
    ).fetchone()
    assert found == (told["subdistricts_in_both"], told["that_differ"], told["that_differ_by_more_than_1_pct"])


def _listed(con: Connection, column: str, source: str) -> list[Any]:
    return [row[0] for row in con.execute(f"SELECT DISTINCT {column} FROM city.{source} ORDER BY 1").fetchall()]


def _one(con: Connection, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row else None


def _moment(text: str) -> datetime:
    return datetime.strptime(str(text), "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)


CHECKS: tuple[Callable[[Connection, Planted], None], ...] = (
    silent_sensors_are_those_that_were_silenced,
    sensors_to_be_seen_to_are_those_planted,
    every_flood_is_found_with_its_complaints,
    small_cells_are_hidden_and_the_park_is_not,
    digital_economy_grows_in_the_park,
    jobs_without_homes_stand_out,
    people_counted_twice_differ_as_planted,
)
