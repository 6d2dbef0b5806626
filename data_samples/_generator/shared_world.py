"""What several datasets of the sample city share, so that they join: offices, systems, devices, and what happened on 1 and 2 June.

Everything here is invented. Who plants what with it is told in data_samples/README.md and counted in planted.yaml.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from _generator.borders import Point
from _generator.credit_codes import organ_code
from _generator.facilities import facility_id, place_of
from _generator.places import DISTRICTS, PLACES
from _generator.stations import STATIONS
from _generator.subdistricts import point_in
from _generator.talk import TOPICS

CITY_DIVISION = "350200"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An office. `kind`: 11 organ of the state, 12 public institution, 91 company; `short_name` is what contracts call a provider."""

    number: int
    name: str
    short_name: str
    level: str
    parent: str
    division: str
    kind: str = "11"

    @property
    def credit_code(self) -> str:
        """Unified social credit code."""
        return organ_code(self.kind, self.number)

    @property
    def org_code(self) -> str:
        """The nine signs of the organisation's own code, which are part of the credit code."""
        return self.credit_code[8:17]


_CITY_OFFICES = (
    ("市人民政府办公厅", "政府办公厅", "11"), ("市数据资源管理局", "数据局", "11"), ("市城市运行管理中心", "城运中心", "12"),
    ("12345热线中心", "12345热线中心", "12"), ("市行政审批管理局", "审批局", "11"), ("市自然资源和规划局", "自然资源和规划局", "11"),
    ("市公安局", "公安局", "11"), ("市人力资源和社会保障局", "人社局", "11"), ("市统计局", "统计局", "11"),
    ("市住房和建设局", "住建局", "11"), ("市市场监督管理局", "市场监管局", "11"), ("市水利局", "水利局", "11"),
    ("市生态环境局", "生态环境局", "11"), ("市环境监测站", "环境监测站", "12"), ("市市政园林局", "市政园林局", "11"),
    ("市交通运输局", "交通局", "11"), ("市教育局", "教育局", "11"), ("市卫生健康委员会", "卫健委", "11"),
    ("市应急管理局", "应急局", "11"), ("市发展和改革委员会", "发展改革委", "11"), ("市工业和信息化局", "工信局", "11"),
    ("市文化和旅游局", "文旅局", "11"), ("市民政局", "民政局", "11"), ("市基础数据组", "基础数据组", "12"),
    ("市公交集团", "公交集团", "91"), ("市轨道集团", "轨道集团", "91"), ("市供电公司", "供电公司", "91"),
)  # fmt: skip
CITY_GOVERNMENT = "市人民政府办公厅"


@cache
def organisations() -> tuple[Organisation, ...]:
    """Every office: the city's, each district's, each street's; among them every unit that hotline orders name."""
    made = [("市", name, short, CITY_GOVERNMENT, CITY_DIVISION, kind) for name, short, kind in _CITY_OFFICES]
    units = dict.fromkeys(topic.unit for topic in TOPICS if "{district}" in topic.unit)
    for code, district in DISTRICTS.items():
        made.append(("区", f"{district}人民政府", f"{district}政府", CITY_GOVERNMENT, code, "11"))
        for unit in units:
            name, kind = unit.format(district=district), "91" if unit.endswith("集团") else "11"
            made.append(("区", name, name, f"{district}人民政府", code, kind))
    for place in PLACES:
        parent = f"{DISTRICTS[place.district]}人民政府"
        made.append(("街道", f"{place.name}办事处", place.name, parent, place.code, "11"))
    return tuple(
        Organisation(number, name, short, level, "" if name == parent else parent, division, kind)
        for number, (level, name, short, parent, division, kind) in enumerate(made)
    )


@cache
def organisation(name: str) -> Organisation:
    """The office of that name; KeyError when there is none."""
    return {office.name: office for office in organisations()}[name]


@dataclass(frozen=True, slots=True)
class System:
    """A government information system: who owns it (an office's name), and the number of the enterprise that operates it."""

    system_id: str
    name: str
    owner: str
    domain: str
    operator: int


OPERATORS = (
    64,
    74,
    95,
    141,
    157,
    213,
)  # numbers of enterprises of section I that stand in both quarters without a wart
_SYSTEMS = (
    ("12345热线工单系统", "12345热线中心", "governance"), ("网格化城市管理平台", "市城市运行管理中心", "governance"),
    ("一网通办平台", "市行政审批管理局", "service"), ("不动产登记系统", "市自然资源和规划局", "planning"),
    ("工程建设项目审批系统", "市自然资源和规划局", "planning"), ("物联感知平台", "市数据资源管理局", "environment"),
    ("空气质量监测系统", "市生态环境局", "environment"), ("水情监测系统", "市水利局", "environment"),
    ("公交调度系统", "市公交集团", "mobility"), ("轨道票务清分系统", "市轨道集团", "mobility"),
    ("车流感知系统", "市交通运输局", "mobility"), ("市场主体登记系统", "市市场监督管理局", "economy"),
    ("信用信息公示系统", "市发展和改革委员会", "governance"), ("人口信息库", "市公安局", "life"),
    ("社会保险业务系统", "市人力资源和社会保障局", "life"), ("住房租赁与交易系统", "市住房和建设局", "life"),
    ("入学报名系统", "市教育局", "service"), ("卫生便民服务系统", "市卫生健康委员会", "service"),
    ("应急指挥系统", "市应急管理局", "governance"), ("公共设施养护系统", "市市政园林局", "service"),
    ("算力调度系统", "市数据资源管理局", "operation"), ("公文流转系统（旧）", "市人民政府办公厅", "operation"),
    ("招商项目管理系统", "市工业和信息化局", "economy"), ("文旅资源展示系统", "市文化和旅游局", "service"),
)  # fmt: skip
SYSTEMS = tuple(
    System(f"SYS{number:02d}", *told, OPERATORS[number % len(OPERATORS)]) for number, told in enumerate(_SYSTEMS, 1)
)

WATER_GAUGE, FLOOD_SENSOR = "水位计", "积水监测"
_DEVICE_KINDS = (
    ("空气微站", 8, "SYS07"), ("噪声监测", 8, "SYS06"), ("井盖传感器", 12, "SYS20"), ("烟感", 12, "SYS19"),
    ("垃圾满溢监测", 8, "SYS20"), ("电梯监测", 6, "SYS06"), (FLOOD_SENSOR, 10, "SYS06"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """A sensor. It sits at a water station, at a public facility, or (both empty) by itself; its point is inside its subdistrict."""

    device_id: str
    kind: str
    subdistrict_code: str
    system_id: str
    station_code: str = ""
    facility_id: str = ""

    @property
    def point(self) -> Point:
        """Longitude and latitude, CGCS2000."""
        return point_in(self.subdistrict_code, "device", int(self.device_id[3:]))


def _device_id(number: int) -> str:
    return f"IOT{number:05d}"


@cache
def devices() -> tuple[Device, ...]:
    """The 72 sensors: six water gauges, two flood sensors beside the rivers that rise, the others at facilities."""
    made = [
        Device(_device_id(number), WATER_GAUGE, street, "SYS08", station_code=station)
        for number, (station, (_, street, _)) in enumerate(STATIONS.items(), 1)
    ]
    made += [
        Device(_device_id(len(made) + 1 + n), FLOOD_SENSOR, STATIONS[flood.station][1], "SYS06")
        for n, flood in enumerate(FLOODS)
    ]
    for kind, count, system in _DEVICE_KINDS:
        for _ in range(count):
            number = len(made) + 1
            facility = 2 + number  # among those that stand in both quarters without a wart
            place = place_of(facility).code
            made.append(Device(_device_id(number), kind, place, system, facility_id=facility_id(facility)))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Flood:
    """A river rises: `RISE_CM[n]` is added to the level of a station in hour `n` from `start` (Beijing's clock) on."""

    station: str
    start: datetime

    @property
    def over(self) -> list[datetime]:
        """The hours whose level is above the warning line."""
        return [self.start + timedelta(hours=n) for n, rise in enumerate(RISE_CM) if rise > _OVER_CM]


RISE_CM = (30, 70, 110, 120, 90, 65, 20)
_OVER_CM = 60
FLOODS = (Flood("XMW02", datetime(2026, 6, 1, 14)), Flood("XMW04", datetime(2026, 6, 2, 2)))
# Ordinary levels stay up to 20 cm above a station's base, at the sea (base below 1 m) up to 80 cm.
WARNING_M = {code: (base + (120 if base < 100 else _OVER_CM)) / 100 for code, (_, _, base) in STATIONS.items()}


def flood_rise_cm(station: str, at: datetime) -> int:
    """What a flood adds to a station's level in the hour `at` (Beijing's clock, without a zone)."""
    for flood in FLOODS:
        hour = (at - flood.start) // timedelta(hours=1)
        if flood.station == station and 0 <= hour < len(RISE_CM):
            return RISE_CM[hour]
    return 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """A sensor's alarm, Beijing's clock. `value` is None for a water gauge: the level of its station in that hour.

    `has_event`: the grid took it up as an event within the hour.
    """

    device_id: str
    at: datetime
    kind: str
    value: float | None
    has_event: bool


_OTHER_ALARMS = (
    ("IOT00026", "2026-06-01T06:20", "井盖位移", 1, True), ("IOT00031", "2026-06-02T11:42", "井盖位移", 1, True),
    ("IOT00039", "2026-06-01T19:05", "烟雾", 1, True), ("IOT00044", "2026-06-02T21:33", "烟雾", 1, True),
    ("IOT00050", "2026-06-01T08:10", "满溢", 96, True), ("IOT00052", "2026-06-02T09:25", "满溢", 98, False),
    ("IOT00017", "2026-06-01T23:15", "噪声超限", 71, False), ("IOT00060", "2026-06-02T17:50", "电梯困人", 1, False),
)  # fmt: skip


def alarms() -> Iterator[Alarm]:
    """Every alarm of 1 and 2 June: of the gauges in each hour above the line, of the flood sensors beside them, and a few others."""
    gauge_of = {device.station_code: device.device_id for device in devices() if device.station_code}
    for number, flood in enumerate(FLOODS):
        for n, hour in enumerate(flood.over):
            yield Alarm(gauge_of[flood.station], hour + timedelta(minutes=2), "水位超警戒", None, has_event=n == 0)
        for n, minutes in enumerate((45, 105)):
            sensor = _device_id(len(STATIONS) + 1 + number)
            yield Alarm(sensor, flood.over[0] + timedelta(minutes=minutes), "积水", 0.18 + 0.1 * n, has_event=n == 0)
    for device_id, at, kind, value, has_event in _OTHER_ALARMS:
        yield Alarm(device_id, datetime.fromisoformat(at), kind, value, has_event)
