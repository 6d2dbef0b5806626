"""What was planted for governance, service and systems, asked of the marts of a lake that holds all the sample deliveries.

Each of CHECKS takes a connection and what data_samples/planted.yaml holds; whoever has such a lake calls them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.lake.connection import Connection

Planted = Mapping[str, Any]


def every_event_is_in_the_mart_and_linked_as_it_was_planted(con: Connection, planted: Planted) -> None:
    """Named orders and alarms by their number; the unnamed by place and topic, nearly always to the very order they came before.

    With several orders of the topic within the window the nearest may be another: `order_candidates` says how many there were.
    """
    told = planted["grid_events"]
    within = told["matching_an_order_unnamed"]["reported_before_the_order_within_hours"]
    counts = _row(
        con,
        f"""SELECT count(*), count(*) FILTER (order_matched_by = '编号'), count(*) FILTER (alarm_matched_by = '编号'),
        count(*) FILTER (order_matched_by = '编号' AND closed_at IS NOT NULL),
        count(*) FILTER (order_matched_by = '编号' AND is_closed_in_one_loop),
        count(*) FILTER (source = '网格员巡查' AND order_matched_by = '街道与主题'),
        count(*) FILTER (source = '网格员巡查' AND order_matched_by = '街道与主题'
            AND order_accepted_at BETWEEN reported_at AND reported_at + INTERVAL {within} HOUR)
        FROM city.ads.one_loop_events""",
    )
    assert counts[:5] == (
        told["events"],
        told["naming_a_hotline_order"],
        told["matching_a_sensor_alarm"],
        told["named_orders_closed"],
        told["named_orders_closed_in_one_loop"],
    )
    unnamed = told["matching_an_order_unnamed"]["events"]
    assert counts[5] >= unnamed
    assert counts[6] >= 0.9 * unnamed


def the_unit_that_sends_back_most_stands_out(con: Connection, planted: Planted) -> None:
    """Returns by unit are those that were planted, and no unit with as many events has a higher share."""
    told = planted["grid_events"]["sent_back_most"]
    counts = _row(
        con,
        f"""SELECT sum(closed_events) FILTER (unit_name = '{told["unit_name"]}'), sum(returned_events) FILTER (unit_name = '{told["unit_name"]}'),
        sum(closed_events) FILTER (unit_name <> '{told["unit_name"]}'), sum(returned_events) FILTER (unit_name <> '{told["unit_name"]}'),
        sum(open_events) FROM city.ads.hotline_process""",
    )
    assert counts == (
        told["closed"],
        told["closed_after_returns"],
        told["others_closed"],
        told["others_closed_after_returns"],
        planted["grid_events"]["open"],
    )
    worst = _row(
        con,
        """SELECT unit_name FROM city.ads.hotline_process GROUP BY unit_name HAVING sum(closed_events) >= 10
        ORDER BY sum(returned_events) / sum(closed_events) DESC LIMIT 1""",
    )
    assert worst == (told["unit_name"],)


def ratings_and_their_mending_add_up(con: Connection, planted: Planted) -> None:
    """Ratings, bad ones, those not mended, promises not kept; the worst unit is that of the worst item."""
    told = planted["services"]
    assert _row(
        con,
        """SELECT sum(ratings), sum(bad_ratings), sum(bad_ratings - rectified_ratings),
        sum(promise_told_ratings - promise_kept_ratings) FROM city.ads.service_satisfaction""",
    ) == (told["ratings"], told["bad"], told["bad_not_rectified"], told["promise_not_kept"])
    worst = "SELECT unit_name FROM city.ads.service_satisfaction GROUP BY 1 ORDER BY sum(bad_ratings) DESC LIMIT 1"
    unit = "SELECT unit_name FROM city.dwd.service_items WHERE item_id = '{}'".format(told["worst_item"]["item_id"])
    assert _row(con, worst) == _row(con, unit)


def systems_are_judged_by_what_they_give(con: Connection, planted: Planted) -> None:
    """A system nobody used all the time has no score, a costly one that few use no suggestion to keep it, poor service the lowest scores."""
    scores = {
        system: (score, band, floor, unused, months, reason)
        for system, score, band, floor, unused, months, reason in con.execute(
            """SELECT system_id, score, band, below_floor, unused_months, months, not_assessable_reason
            FROM city.ads.system_evaluation"""
        ).fetchall()
    }
    for system, since in planted["idle_systems"].items():
        score, _, _, unused, months, reason = scores[system]
        assert unused >= 3, f"{system} since {since}"
        assert (score is None and reason) or unused < months
    for system in planted["costly_and_little_used_systems"]:
        assert scores[system][1:3] == ("适度压减", "使用程度")
    lowest = sorted((found[0], system) for system, found in scores.items() if found[0] is not None)[:2]
    assert {system for _, system in lowest} == set(planted["systems_of_poor_service"])
    assert _row(con, "SELECT count(*) FROM city.ads.system_evaluation WHERE score IS NOT NULL AND basis IS NULL") == (
        0,
    )


def the_hotline_adds_up_whichever_way_it_is_counted(con: Connection, planted: Planted) -> None:
    """By subdistrict, by unit, by topic and by day: the same orders."""
    del planted
    sums = [
        _row(con, f"SELECT sum(orders) FROM city.{table}")[0]
        for table in (
            "ads.hotline_rates_monthly",
            "ads.hotline_rates_by_unit",
            "ads.hotline_problem_clusters",
            "ads.hotline_process",
            "dws.hotline_daily",
        )
    ]
    assert sums == [_row(con, "SELECT count(*) FROM city.dwd.hotline_orders")[0]] * len(sums)


def what_came_in_is_told_with_the_orders_that_were_not_seen(con: Connection, planted: Planted) -> None:
    """The orders of the month whose delivery was refused are counted by the intake, and missed."""
    rows = con.execute(
        "SELECT month, received, accepted, not_accepted, orders_not_seen, accepted_pct FROM city.ads.hotline_acceptance ORDER BY month"
    ).fetchall()
    told = planted["hotline_intake"]
    assert [row[0] for row in rows] == sorted(told)
    for month, received, accepted, not_accepted, not_seen, rate in rows:
        assert {
            "received": received,
            "accepted": accepted,
            "not_accepted": not_accepted,
            "orders_not_seen": not_seen,
        } == told[month]
        assert float(rate) == round(100 * accepted / (accepted + not_accepted), 2)


CHECKS: tuple[Callable[[Connection, Planted], None], ...] = (
    every_event_is_in_the_mart_and_linked_as_it_was_planted,
    the_unit_that_sends_back_most_stands_out,
    ratings_and_their_mending_add_up,
    systems_are_judged_by_what_they_give,
    the_hotline_adds_up_whichever_way_it_is_counted,
    what_came_in_is_told_with_the_orders_that_were_not_seen,
)


def _row(con: Connection, query: str) -> tuple[Any, ...]:
    row = con.execute(query).fetchone()
    assert row is not None
    return tuple(row)
