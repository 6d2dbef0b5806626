"""What was planted for operation and the whole city, asked of the marts of a lake that holds all the sample deliveries.

Each of CHECKS takes a connection and what data_samples/planted.yaml holds; whoever has such a lake calls them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.lake.connection import Connection

Planted = Mapping[str, Any]


def the_fullest_hours_of_the_computing_centres_are_found(con: Connection, planted: Planted) -> None:
    """Of each centre and day the highest queue that was planted, at its hour, with at least the wait that was planted."""
    highest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for peak in planted["queueing_peaks"]:
        place = (str(peak["centre_id"]), str(peak["node_kind"]), str(peak["started_at"])[:10])
        if place not in highest or peak["queued_jobs"] > highest[place]["queued_jobs"]:
            highest[place] = peak
    for (centre, kind, day), peak in highest.items():
        found = con.execute(
            "SELECT peak_queued_jobs, peak_hour, longest_wait_min >= ? FROM city.ads.computing_use "
            "WHERE centre_id = ? AND node_kind = ? AND use_date = CAST(? AS DATE)",
            [peak["mean_wait_min_at_least"], centre, kind, day],
        ).fetchone()
        assert found == (peak["queued_jobs"], str(peak["started_at"])[11:16], True), (centre, kind, day)


def the_item_that_two_departments_collect_is_found_and_no_other(con: Connection, planted: Planted) -> None:
    """Both datasets say so, each with the other's provider."""
    found = con.execute(
        "SELECT dataset FROM city.ads.data_operation WHERE items_collected_twice > 0 ORDER BY ALL"
    ).fetchall()
    assert [row[0] for row in found] == sorted(planted["life"]["collected_twice"]["datasets"])


def every_pair_of_departments_meets(con: Connection, planted: Planted) -> None:
    """Every pair has rows to match, and nearly all meet: the sample's keys are shared."""
    pairs = con.execute("SELECT pair, left_rows, match_pct FROM city.ads.join_match_rate").fetchall()
    assert len(pairs) >= 19
    assert [pair for pair, rows, pct in pairs if not rows or pct < 95] == []
    events = planted["grid_events"]
    named = {pair: rows for pair, rows, _ in pairs}
    assert named["grid_events.hotline_order_id-hotline_orders"] == events["naming_a_hotline_order"]
    assert named["grid_events.device_id-iot_devices"] == events["matching_a_sensor_alarm"]


def sums_agree_and_every_table_says_how_current_it_is(con: Connection, planted: Planted) -> None:
    """No difference between the parts and the whole; no caption missing; May's hotline is told as refused."""
    assert con.execute("SELECT count(*), sum(abs(difference)) FROM city.ads.rollup_check").fetchone()[1] == 0  # type: ignore[index]
    assert con.execute("SELECT count(*) FROM city.ads.data_status WHERE caption IS NULL").fetchone() == (0,)
    told = con.execute("SELECT caption FROM city.ads.data_status WHERE mart = 'dws.hotline_daily'").fetchone()
    assert told is not None
    assert told[0].startswith("数据截至2026年")
    assert "2026年5月未通过检查" in told[0]


CHECKS: tuple[Callable[[Connection, Planted], None], ...] = (
    the_fullest_hours_of_the_computing_centres_are_found,
    the_item_that_two_departments_collect_is_found_and_no_other,
    every_pair_of_departments_meets,
    sums_agree_and_every_table_says_how_current_it_is,
)
