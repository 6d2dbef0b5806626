"""planted.yaml: what is to be found in the sample city once everything is published, from what its makers know."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from _generator import living
from _generator.city_model import (
    HOUSING_QUARTERS,
    PERMIT_QUARTERS,
    POPULATION_QUARTERS,
    PUBLIC_PENALTIES,
    PUBLIC_PERMITS,
    RATING_MONTHS,
)
from _generator.enterprises import FIRST_IN_PARK, PARK, PARK_FOUNDED, listed_in_q2, record_of
from _generator.grid_events import FOUND_WITHIN_HOURS, MADE, RETURNING_UNIT, events
from _generator.grid_files import APRIL_WARTS, GridMonth, wrong_rows
from _generator.intake import intake
from _generator.orders import Month
from _generator.permits import UNREGISTERED
from _generator.places import PLACES
from _generator.planted_operation import sensors_and_systems
from _generator.services import BADLY_RATED, item_id, ratings
from _generator.shared_world import FLOODS, RISE_CM, WARNING_M
from _generator.stations import STATIONS

_HEAD = """\
# What was planted in the sample city, counted over dwd once every delivery of deliveries.yaml is published. Written by generate.py;
# data_samples/README.md tells it in words, and the tests of the marts compare with it.
"""


def _grid() -> dict[str, Any]:
    wrong = wrong_rows(GridMonth(4, APRIL_WARTS))
    whole = [event for row, event in enumerate(events()) if row not in wrong]
    by_kind = Counter(event.kind for event in whole)
    closed = [event for event in whole if event.closed_by(MADE[6])]
    linked = [event for event in closed if event.kind == "linked"]
    once = [event for event in linked if not event.returned and not event.redone]
    of_unit = [event for event in closed if event.unit == RETURNING_UNIT]
    returned = [event for event in of_unit if event.returned]
    others = [event for event in closed if event.unit != RETURNING_UNIT]
    return {
        "events": len(whole),
        "naming_a_hotline_order": by_kind["linked"],
        "matching_an_order_unnamed": {
            "events": by_kind["found"],
            "reported_before_the_order_within_hours": FOUND_WITHIN_HOURS,
        },
        "named_orders_closed": len(linked),
        "named_orders_closed_in_one_loop": len(once),
        "matching_a_sensor_alarm": by_kind["sensor"],
        "open": sum(bool(event.stages) for event in whole) - len(closed),
        "sent_back_most": {
            "unit_name": RETURNING_UNIT,
            "closed": len(of_unit),
            "closed_after_returns": len(returned),
            "others_closed": len(others),
            "others_closed_after_returns": sum(bool(event.returned) for event in others),
        },
        "complaints_while_over_the_line": {
            STATIONS[flood.station][1]: sum(
                event.kind == "complaint" and event.place.code == STATIONS[flood.station][1] for event in whole
            )
            for flood in FLOODS
        },
    }


def _floods() -> list[dict[str, Any]]:
    return [
        {
            "station_code": flood.station,
            "subdistrict_code": STATIONS[flood.station][1],
            "warning_m": WARNING_M[flood.station],
            "first_hour_over": f"{flood.over[0]:%Y-%m-%d %H:%M}",
            "hours_over": len(flood.over),
            "most_added_cm": max(RISE_CM),
        }
        for flood in FLOODS
    ]


def _economy() -> dict[str, Any]:
    register = [record_of(number) for number in listed_in_q2()]
    cells = Counter((record[3], record[4]) for record in register)
    in_park = zip(PARK_FOUNDED, (record_of(FIRST_IN_PARK + n)[3] for n in range(len(PARK_FOUNDED))), strict=True)
    by_year = Counter(year for year, industry in in_park if industry == "I")
    return {
        "enterprises": len(register),
        "cells_of_industry_and_subdistrict": {"all": len(cells), "of_one_or_two": sum(n <= 2 for n in cells.values())},
        "park": {
            "subdistrict_code": PARK,
            "enterprises": len(PARK_FOUNDED),
            "of_section_I": sum(by_year.values()),
            "of_section_I_by_founding_year": dict(sorted(by_year.items())),
        },
        "permit_holder_not_in_the_register": {"credit_code": UNREGISTERED[1], "permits": 1},
        "building_permits": sum(q.rows - sum(bool(w.rule) for w in q.warts) for q in PERMIT_QUARTERS),
    }


def _services() -> dict[str, Any]:
    valid = [
        rating
        for month in RATING_MONTHS
        for row, rating in enumerate(ratings(month))
        if not any(wart.row == row and wart.rule for wart in month.warts)
    ]
    bad = [rating for rating in valid if int(rating["score"]) <= 2]
    worst = [rating for rating in valid if rating["item"]["id"] == item_id(BADLY_RATED)]
    return {
        "ratings": len(valid),
        "bad": len(bad),
        "bad_not_rectified": sum(rating["rectifiedAt"] is None for rating in bad),
        "promise_not_kept": sum(not rating["promiseKept"] for rating in valid),
        "worst_item": {
            "item_id": item_id(BADLY_RATED),
            "ratings": len(worst),
            "bad": sum(int(rating["score"]) <= 2 for rating in worst),
        },
    }


def _life() -> dict[str, Any]:
    quarter = POPULATION_QUARTERS[-1].name
    wrong = {PLACES[wart.row].code for wart in POPULATION_QUARTERS[-1].warts + HOUSING_QUARTERS[-1].warts if wart.rule}
    pairs = [
        (living.residents(place, quarter), living.residents_again(place, quarter))
        for place in PLACES
        if place.code not in wrong
    ]
    return {
        "jobs_without_homes": {
            "subdistrict_code": living.IMBALANCED,
            "jobs_per_employed_resident": living.JOBS_PER_WORKER,
        },
        "collected_twice": {
            "item": "resident_population",
            "datasets": ["life.population_by_subdistrict", "life.jobs_and_housing"],
            "stat_quarter": quarter,
            "subdistricts_in_both": len(pairs),
            "that_differ": sum(one != other for one, other in pairs),
            "that_differ_by_more_than_1_pct": sum(abs(one - other) * 100 > one for one, other in pairs),
        },
    }


def _intake() -> dict[str, Any]:
    """Months of intake; of May's orders, which were refused, none is seen."""
    made = {}
    for month, seen in ((Month(2026, 4, 2000), True), (Month(2026, 5, 430), False)):
        received, _, accepted, refused = (sum(record[column] for record in intake(month)) for column in range(2, 6))
        made[f"{month.year}-{month.month:02d}"] = {
            "received": received, "accepted": accepted, "not_accepted": refused, "orders_not_seen": 0 if seen else accepted,
        }  # fmt: skip
    return made


def _publicity() -> dict[str, Any]:
    permits, penalties = sum(m.late for m in PUBLIC_PERMITS), PUBLIC_PENALTIES.late
    return {"permits_published_late": permits, "penalties_published_late": penalties, "working_days_allowed": 7}


def write_planted(path: Path) -> None:
    """Write planted.yaml."""
    body = {
        "grid_events": _grid(), "floods": _floods(), "economy": _economy(), "services": _services(), "life": _life(),
        "publicity": _publicity(), "hotline_intake": _intake(), **sensors_and_systems(),
    }  # fmt: skip
    path.write_text(
        _HEAD + yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8", newline=""
    )
