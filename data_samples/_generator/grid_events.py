"""What happens in the grid: events of April and of 1 and 2 June 2026, some of which are also a hotline order or a sensor's alarm."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from _generator.draws import one, one_of
from _generator.orders import HEADINGS, Month, good_rows
from _generator.places import DISTRICTS, PLACES, Place
from _generator.shared_world import FLOODS, alarms, devices
from _generator.stations import STATIONS
from _generator.talk import TOPICS

RETURNING_UNIT = "湖里区城市管理局"
LINKED, FOUND, OTHERS, IN_JUNE = 120, 20, 380, 40
COMPLAINTS = (7, 5)  # of water in the streets, while each of the two rivers is over its line
FOUND_WITHIN_HOURS = 3
MADE = {
    4: datetime(2026, 5, 1),
    6: datetime(2026, 6, 3),
}  # when each month's file is drawn: what comes later is not in it

_CATEGORY = {
    "市容环卫": "市容环境", "环境污染": "市容环境", "违法建设": "市容环境", "噪音扰民": "街面秩序", "违章停车": "街面秩序",
    "道路养护": "公用设施", "供水供电": "公用设施", "井盖": "公用设施", "积水内涝": "突发事件", "河道水位": "突发事件",
    "火灾隐患": "突发事件",
}  # fmt: skip
_OF_ALARM = {"水位超警戒": "河道水位", "积水": "积水内涝", "井盖位移": "井盖", "烟雾": "火灾隐患", "满溢": "市容环卫"}
_UNIT_OF = {
    "河道水位": "{district}水务集团", "积水内涝": "{district}建设与交通局", "井盖": "{district}建设与交通局",
    "火灾隐患": "{place}办事处",
} | {topic.name: topic.unit for topic in TOPICS}  # fmt: skip
_TOPICS = [topic.name for topic in TOPICS if topic.name in _CATEGORY]
_AT = {name: place for place, name in enumerate(HEADINGS)}
_PLACE = {place.code: place for place in PLACES}


@dataclass(frozen=True, slots=True)
class Event:
    """An event from its report to its end. `stages`: filed, dispatched, handled, checked and closed; empty when not taken up.

    `kind`: linked (names its order), found (an order tells the same, unnamed), sensor, complaint (of a flood) or other.
    """

    kind: str
    source: str
    topic: str
    place: Place
    reported: datetime
    stages: tuple[datetime, ...] = ()
    returned: int = 0
    redone: int = 0
    order: str = ""
    device: str = ""

    @property
    def unit(self) -> str:
        """Name of the unit that handles it."""
        return _UNIT_OF[self.topic].format(district=DISTRICTS[self.place.district], place=self.place.name)

    @property
    def category(self) -> str:
        """What kind of event it is."""
        return _CATEGORY[self.topic]

    def closed_by(self, moment: datetime) -> bool:
        """Whether it is closed at a moment."""
        return bool(self.stages) and self.stages[-1] < moment


def _minutes(stream: str, row: int, low: float, high: float) -> timedelta:
    return timedelta(minutes=int(low + (high - low) * one(f"grid/{stream}", row)))


def _handled(event: Event, row: int) -> Event:
    """The event with its stages: an event in thirty is not taken up, some are sent back or have to be done again."""
    if event.kind == "other" and one("grid/taken up", row) < 0.03:
        return event
    often = 0.6 if event.unit == RETURNING_UNIT else 0.05
    returned = 1 + one_of("grid/returns", row, (6, 3, 1)) if one("grid/returned", row) < often else 0
    redone = 1 + one_of("grid/redoes", row, (8, 2)) if one("grid/redone", row) < 0.07 else 0
    filed = event.reported + _minutes("filed", row, 5, 120)
    dispatched = filed + _minutes("dispatched", row, 5, 90)
    handled = dispatched + timedelta(days=returned) + _minutes("handled", row, 60, 2600)
    checked = handled + timedelta(days=redone) + _minutes("checked", row, 30, 1400)
    stages = (filed, dispatched, handled, checked, checked + _minutes("closed", row, 5, 600))
    return Event(
        event.kind, event.source, event.topic, event.place, event.reported, stages, returned, redone, event.order, event.device
    )  # fmt: skip


def _orders(scale: int) -> list[list[str]]:
    """Two thousand orders of April over the whole month."""
    lines = good_rows(Month(2026, 4, 2000 * scale), 0, 2000 * scale).lines.to_pylist()
    return [line.split(",") for line in lines[::scale]]


def _of_orders(orders: list[list[str]]) -> Iterator[Event]:
    """Events that are an order as well: with its number, or told by someone on the spot before the citizen called."""
    fitting = [o for o in orders if o[_AT["topic"]] in _TOPICS and o[_AT["dispatched_at"]]]
    step = len(fitting) // (LINKED + FOUND)
    for row, order in enumerate(fitting[:: step or 1][: LINKED + FOUND]):
        accepted = datetime.fromisoformat(order[_AT["accepted_at"]])
        place, topic = _PLACE[order[_AT["subdistrict_code"]]], order[_AT["topic"]]
        if row % 7 == 3:
            at = accepted - _minutes("found", row, 20, 150)
            yield Event("found", "网格员巡查", topic, place, at.replace(second=0))
        else:
            at = accepted + _minutes("linked", row, 8, 170)
            yield Event("linked", "12345热线", topic, place, at.replace(second=0), order=order[_AT["order_id"]])


def _others(stream: str, count: int, first: datetime, days: int, told: set[tuple[str, str, int]]) -> Iterator[Event]:
    """Events of nobody else: no order tells of the same topic in the same place on that day or the days beside it."""
    places = [place for place in PLACES if place.is_street]
    row = 0
    while count:
        row += 1
        place, topic = (
            places[int(one(f"{stream}/place", row) * len(places))],
            _TOPICS[int(one(f"{stream}/topic", row) * 7)],
        )
        at = first + timedelta(days=int(days * one(f"{stream}/day", row)), hours=7) + _minutes(stream, row, 0, 960)
        if not any((place.code, topic, at.toordinal() + beside) in told for beside in (-1, 0, 1)):
            count -= 1
            yield Event(
                "other", ("网格员巡查", "市民上报")[one_of(f"{stream}/source", row, (75, 25))], topic, place, at
            )


def _of_alarms() -> Iterator[Event]:
    street = {device.device_id: device.subdistrict_code for device in devices()}
    for row, alarm in enumerate(alarm for alarm in alarms() if alarm.has_event):
        at = alarm.at + _minutes("alarm", row, 3, 40)
        place = _PLACE[street[alarm.device_id]]
        yield Event("sensor", "物联感知", _OF_ALARM[alarm.kind], place, at, device=alarm.device_id)


def _of_floods() -> Iterator[Event]:
    for number, (flood, count) in enumerate(zip(FLOODS, COMPLAINTS, strict=True)):
        place, hours = _PLACE[STATIONS[flood.station][1]], flood.over
        for row in range(count):
            at = hours[0] + _minutes(f"flood/{number}", row, 5, 60 * len(hours) - 5)
            yield Event("complaint", "市民上报", "积水内涝", place, at)


@cache
def events(scale: int = 1) -> tuple[Event, ...]:
    """Every event in the order in which it was reported, with all that became of it."""
    orders = _orders(scale)
    told = {
        (o[_AT["subdistrict_code"]], o[_AT["topic"]], datetime.fromisoformat(o[_AT["accepted_at"]]).toordinal())
        for o in orders
    }
    made = [*_of_orders(orders), *_others("grid/april", OTHERS, datetime(2026, 4, 1), 30, told)]
    made += [*_of_alarms(), *_of_floods(), *_others("grid/june", IN_JUNE, datetime(2026, 6, 1), 2, set())]
    in_order = sorted(made, key=lambda event: (event.reported, event.place.code, event.topic, event.order))
    return tuple(_handled(event, row) for row, event in enumerate(in_order))
