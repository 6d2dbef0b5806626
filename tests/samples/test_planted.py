"""planted.yaml tells the truth: what is planted is found again in the rows that stand, without the generator and the product."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import yaml

from tests.samples.recount import DELIVERIES, HOTLINE, SAMPLES, STREETS, Row, broken_rows, ingest, key_of, typed_rows

PLANTED: dict[str, Any] = yaml.safe_load((SAMPLES / "planted.yaml").read_text(encoding="utf-8"))


@cache
def standing(dataset: str) -> list[Row]:
    """The rows of a dataset's table when everything is published."""
    periods: dict[str, list[Row]] = {}
    for delivery in DELIVERIES:
        if delivery["dataset"] != dataset or delivery["verdict"] != "published" or "retract" in delivery:
            continue
        rows, _ = typed_rows(dataset, SAMPLES / delivery["file"])
        if ingest(dataset)["mode"] == "replace":
            periods.clear()
        broken = broken_rows(dataset, rows)
        periods[delivery["period"]] = [row for row, rules in zip(rows, broken, strict=True) if not rules]
    whole = [row for rows in periods.values() for row in rows]
    if ingest(dataset)["mode"] != "upsert":
        return whole
    whole.sort(key=lambda row: row[ingest(dataset)["orderBy"]])
    return list({key_of(dataset, row): row for row in whole}.values())


def events() -> list[Row]:
    return standing("governance.grid_events")


def test_events_of_the_grid_are_orders_of_the_hotline() -> None:
    planted = PLANTED["grid_events"]
    orders = {row["order_id"]: row for row in standing(HOTLINE)}
    linked = [row for row in events() if row["hotline_order_id"]]
    assert (len(events()), len(linked)) == (planted["events"], planted["naming_a_hotline_order"])
    for row in linked:
        order = orders[row["hotline_order_id"]]
        assert (row["subdistrict_code"], row["topic"]) == (order["subdistrict_code"], order["topic"])
        assert timedelta() < row["reported_at"] - order["accepted_at"] < timedelta(hours=3)
    closed = [row for row in linked if row["closed_at"]]
    once = [row for row in closed if row["returned_count"] == row["redone_count"] == 0]
    assert len(closed) == planted["named_orders_closed"]
    assert len(once) == planted["named_orders_closed_in_one_loop"]


def test_events_that_name_no_order_are_found_by_place_topic_and_time() -> None:
    told = PLANTED["grid_events"]["matching_an_order_unnamed"]
    hours = timedelta(hours=told["reported_before_the_order_within_hours"])
    called: dict[tuple[str, str], list[datetime]] = {}
    for order in standing(HOTLINE):
        called.setdefault((order["subdistrict_code"], order["topic"]), []).append(order["accepted_at"])
    found = 0
    for row in events():
        times = called.get((row["subdistrict_code"], row["topic"]), ())
        named = row["hotline_order_id"] or row["device_id"]
        found += not named and any(timedelta() <= at - row["reported_at"] <= hours for at in times)
    assert found == told["events"]


def test_events_lie_inside_their_subdistrict() -> None:
    rings = {
        row["subdistrict_code"]: row["geometry"]["coordinates"][0]
        for row in typed_rows(STREETS, SAMPLES / "base/subdistricts/subdistricts_2026.geojson")[0]
    }
    for row in events():  # borders are convex and run counter-clockwise: inside is left of every side
        sides = pairwise(rings[row["subdistrict_code"]])
        x, y = row["lon"], row["lat"]
        assert all((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0 for (ax, ay), (bx, by) in sides), row["event_id"]


def test_units_that_send_back_and_events_that_are_open() -> None:
    planted = PLANTED["grid_events"]
    told = planted["sent_back_most"]
    closed = [row for row in events() if row["result"] == "已办结"]
    own = [row for row in closed if row["unit_name"] == told["unit_name"]]
    assert (len(own), len(closed) - len(own)) == (told["closed"], told["others_closed"])
    returned = Counter(row["unit_name"] == told["unit_name"] for row in closed if row["returned_count"])
    assert (returned[True], returned[False]) == (told["closed_after_returns"], told["others_closed_after_returns"])
    assert sum(row["result"] == "办理中" for row in events()) == planted["open"]
    assert sum(bool(row["device_id"]) for row in events()) == planted["matching_a_sensor_alarm"]


def test_citizens_complain_while_the_water_is_over_the_line() -> None:
    for flood in PLANTED["floods"]:
        first = datetime.fromisoformat(flood["first_hour_over"])
        complaints = [
            row
            for row in events()
            if (row["source"], row["topic"], row["subdistrict_code"])
            == ("市民上报", "积水内涝", flood["subdistrict_code"])
            and first <= row["reported_at"] < first + timedelta(hours=flood["hours_over"])
        ]
        expected = PLANTED["grid_events"]["complaints_while_over_the_line"][flood["subdistrict_code"]]
        assert len(complaints) == expected


def test_small_cells_the_park_and_the_holder_nobody_knows() -> None:
    planted, register = PLANTED["economy"], standing("economy.enterprises")
    cells = Counter((row["industry_code"], row["subdistrict_code"]) for row in register)
    told = planted["cells_of_industry_and_subdistrict"]
    assert (len(register), len(cells)) == (planted["enterprises"], told["all"])
    assert sum(count <= 2 for count in cells.values()) == told["of_one_or_two"]
    park = [row for row in register if row["subdistrict_code"] == planted["park"]["subdistrict_code"]]
    years = Counter(row["established_date"].year for row in park if row["industry_code"] == "I")
    assert len(park) == planted["park"]["enterprises"]
    assert dict(years) == planted["park"]["of_section_I_by_founding_year"]
    codes, permits = {row["credit_code"] for row in register}, standing("planning.building_permits")
    holder = planted["permit_holder_not_in_the_register"]
    unknown = [row["holder_credit_code"] for row in permits if row["holder_credit_code"] not in codes]
    assert (unknown, len(permits)) == ([holder["credit_code"]] * holder["permits"], planted["building_permits"])
    for dataset in ("governance.admin_permits", "governance.admin_penalties"):
        assert {row["credit_code"] for row in standing(dataset)} <= codes | {None}


def test_ratings_are_counted_and_the_worst_item_is_named() -> None:
    planted, ratings = PLANTED["services"], standing("service.service_ratings")
    bad = [row for row in ratings if row["rating"] <= 2]
    unmended = sum(row["rectified_at"] is None for row in bad)
    kept = sum(row["is_promise_kept"] is False for row in ratings)
    told = [planted[name] for name in ("ratings", "bad", "bad_not_rectified", "promise_not_kept")]
    assert [len(ratings), len(bad), unmended, kept] == told
    worst, times = Counter(row["item_id"] for row in bad).most_common(1)[0]
    assert (worst, times) == (planted["worst_item"]["item_id"], planted["worst_item"]["bad"])
    assert sum(row["item_id"] == worst for row in ratings) == planted["worst_item"]["ratings"]


def test_jobs_without_homes_and_people_counted_twice() -> None:
    told, twice = PLANTED["life"]["jobs_without_homes"], PLANTED["life"]["collected_twice"]
    housing = standing("life.jobs_and_housing")
    rates = {(row["subdistrict_code"], row["job_count"] / row["employed_residents"]) for row in housing}
    assert {code for code, rate in rates if not 0.8 < rate < 1.2} == {told["subdistrict_code"]}
    quarter = twice["stat_quarter"]
    people = [
        {row["subdistrict_code"]: row["resident_population"] for row in standing(d) if row["stat_quarter"] == quarter}
        for d in twice["datasets"]
    ]
    both = [(people[0][code], people[1][code]) for code in people[0].keys() & people[1].keys()]
    assert len(both) == twice["subdistricts_in_both"]
    assert sum(one != other for one, other in both) == twice["that_differ"]
    assert sum(abs(one - other) * 100 > one for one, other in both) == twice["that_differ_by_more_than_1_pct"]


def test_what_came_in_in_may_is_missed_and_in_april_there() -> None:
    told = PLANTED["hotline_intake"]
    orders = Counter(str(row["accepted_at"])[:7] for row in standing("governance.hotline_orders"))
    accepted = Counter[str]()
    for row in standing("governance.hotline_intake"):
        accepted[str(row["intake_date"])[:7]] += row["accepted_count"]
    assert {month: one["accepted"] for month, one in told.items()} == accepted
    assert {month: accepted[month] - orders[month] for month in told} == {
        month: one["orders_not_seen"] for month, one in told.items()
    }
    assert told["2026-05"]["orders_not_seen"] > 0


def test_decisions_published_late_are_as_many_as_told() -> None:
    counted = Counter[str]()
    for delivery in DELIVERIES:
        counted[delivery["dataset"]] += sum(delivery.get("warnings", {}).values())
    assert counted["governance.admin_permits"] == PLANTED["publicity"]["permits_published_late"]
    assert counted["governance.admin_penalties"] == PLANTED["publicity"]["penalties_published_late"]
