"""The deliveries of offices, calendar, traffic, sensors, computing centres and information systems."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from _generator import devices, heartbeats, organisations, systems
from _generator.computing import write_computing_day
from _generator.credit_codes import organ_code, with_wrong_check
from _generator.delivery import Delivery
from _generator.heartbeats import BeatDay, BeatWart, write_beat_day
from _generator.shared_world import CITY_GOVERNMENT, organisation
from _generator.shared_world import organisations as offices
from _generator.systems import UseQuarter, write_use
from _generator.traffic import Silence, TrafficDay, write_traffic_day
from _generator.warts import Record, Wart, put
from _generator.working_days import write_calendar

OFFICES, CALENDAR, TRAFFIC = "base.organisations", "base.working_calendar", "mobility.traffic_flow"
DEVICES, BEATS = "environment.iot_devices", "environment.device_heartbeats"
COMPUTING, SYSTEMS, USE = "operation.computing_centres", "operation.it_systems", "operation.it_system_use"
MODES = {
    OFFICES: "replace", CALENDAR: "replace_period", TRAFFIC: "replace_period", DEVICES: "replace", BEATS: "replace_period",
    COMPUTING: "replace_period", SYSTEMS: "replace", USE: "replace_period",
}  # fmt: skip
_DAYS = (datetime(2026, 6, 1), datetime(2026, 6, 2))


def _offices() -> Iterator[Delivery]:
    wrong, orphan = organ_code("11", 900), organ_code("11", 901)
    further = [
        [wrong[8:17], with_wrong_check(wrong), "市示例办公室", "示例办", "市", "—", "350200"],
        [orphan[8:17], orphan, "思明区示例中心", "示例中心", "区", "—", "350203"],
    ]
    last = len(offices())
    warts = [Wart(row, organisations.full_width) for row in (12, 44, 77)]
    warts += [Wart(row, organisations.padded) for row in (30, 61)]
    warts += [Wart(last, lambda record: record, "row.credit_code_checks")]
    warts += [Wart(last + 1, lambda record: record, "row.parent_of_district_and_street")]
    write = partial(organisations.write_organisations, warts=warts, further=further)
    shows = "市、区、街道的机构；名称与工单的承办单位一致；两行有问题：校验位不对、区的机构没有上级"
    yield Delivery(OFFICES, "organisations_2026.csv", "2026", 1, shows, write)


def _calendar() -> Iterator[Delivery]:
    told = ((2025, "%Y年%m月%d日", "平常的一年，日期写作2025年01月01日"), (2026, "%Y-%m-%d", "下一年，日期写法不同"))
    for year, form, shows in told:
        write = partial(write_calendar, year=year, form=form)
        yield Delivery(CALENDAR, f"working_calendar_{year}.csv", str(year), 1, shows, write)


def _minus(record: Record) -> Record:
    return put(5, "-")(put(4, -1 - record[4] % 7)(record))


def _traffic() -> Iterator[Delivery]:
    bad = [Wart(row, _minus, "vehicles.range") for row in (700, 701, 702, 2950, 5100)]
    bad += [Wart(row, put(6, "130.0"), "occupancy_pct.range") for row in (1333, 4444)]
    bad += [Wart(3003, put(7, "350204001"), "subdistrict_code.reference")]
    first = TrafficDay(_DAYS[0], (Silence(3, 24, 60), Silence(8, 168, 288)), tuple(bad))
    second = TrafficDay(_DAYS[1], (Silence(8, 0, 288),), tuple(bad[:2]), slashes=True)
    told = (
        (first, "八行有问题：车辆数为负、占有率超过百分之百、不存在的街道；一个路段断了三小时，另一个从下午起没有上报"),
        (second, "断了的路段全天没有上报；时刻写作2026/06/02；两行车辆数为负"),
    )
    for day, shows in told:
        name, period = f"traffic_flow_{day.day:%Y%m%d}.csv.gz", f"{day.day:%Y-%m-%d}"
        yield Delivery(TRAFFIC, name, period, 3, shows, partial(write_traffic_day, day=day))


def _devices() -> Iterator[Delivery]:
    warts = [Wart(row, devices.dotted_date) for row in range(5, 72, 9)]
    warts += [Wart(72, put(7, "11.8127"), "lon.range"), Wart(73, put(3, "不详"), "installed_date.type")]
    write = partial(devices.write_devices, warts=warts, spare=2)
    shows = "七十二台设备；五台过了检定有效期；两行有问题：经度错了一位、安装日期不详"
    yield Delivery(DEVICES, "iot_devices_2026Q2.csv", "2026-Q2", 2, shows, write)


def _beats() -> Iterator[Delivery]:
    first = BeatDay(
        _DAYS[0],
        (
            BeatWart(100, heartbeats.put("deviceId", value="IOT99999"), "device_id.reference"),
            BeatWart(222, heartbeats.put("status", "battery", value=130), "battery_pct.range"),
            BeatWart(333, heartbeats.twice, "key.unique", 2),
            *(BeatWart(row, heartbeats.battery_as_text) for row in range(7, 700, 60)),
        ),
    )
    second = BeatDay(
        _DAYS[1], (BeatWart(444, heartbeats.put("alarm", value={"kind": "烟雾"}), "row.alarm_is_whole"),), True
    )
    told = (
        (first, "四台设备全天沉默；几行有问题：不在台账的设备、电量130、同一次上报来了两遍；有的电量写在引号里"),
        (second, "又一台从中午起沉默；时刻改以UTC写；一行报警没有值"),
    )
    for day, shows in told:
        name, period = f"device_heartbeats_{day.day:%Y%m%d}.json", f"{day.day:%Y-%m-%d}"
        yield Delivery(BEATS, name, period, 3, shows, partial(write_beat_day, day=day))


def _computing() -> Iterator[Delivery]:
    bad = (
        Wart(30, put(6, "999.00"), "row.used_within_capacity"),
        Wart(77, put(2, "000000000"), "org_code.reference"),
    )
    told = ((_DAYS[0], bad, "两行有问题：卡时多于卡数、不存在的单位"), (_DAYS[1], (), "下午智算节点满载，排队两小时"))
    for day, warts, shows in told:
        write = partial(write_computing_day, day=day, warts=warts)
        name, period = f"computing_centres_{day:%Y%m%d}.csv", f"{day:%Y-%m-%d}"
        yield Delivery(COMPUTING, name, period, 2, shows, write)


def _systems() -> Iterator[Delivery]:
    office = organisation(CITY_GOVERNMENT).credit_code
    further = [
        ["SYS25", "演练系统甲", "城市运行", None, office, None, 2024, 12, 100, "试运行"],
        ["SYS26", "演练系统乙", "城市运行", CITY_GOVERNMENT, office, None, 2024, 12, 100, "筹建"],
    ]
    warts = [Wart(row, systems.cost_as_text) for row in (4, 15, 22)]
    warts += [Wart(24, lambda r: r, "owner_org_name.required"), Wart(25, lambda r: r, "system_status.enum")]
    write = partial(systems.write_systems, warts=warts, further=further)
    shows = "二十四个系统；两行有问题：没有建设单位、状态不在表内；有的费用是带千分位的文本"
    yield Delivery(SYSTEMS, "政务信息系统台账_2026.xlsx", "2026", 2, shows, write)


def _use() -> Iterator[Delivery]:
    first = UseQuarter(
        (1, 2, 3),
        warts=(
            Wart(20, put(6, "9999"), "row.resolved_within_tickets"),
            Wart(41, put(4, "约两小时"), "outage_min.type"),
            Wart(60, put(0, "SYS99"), "system_id.reference"),
        ),
    )
    second = UseQuarter((4, 5), form="2026年{}月")
    told = (
        (first, "2026-Q1", "三行有问题：解决的多于报修的、停机写成文字、台账里没有的系统；两个系统没有人用"),
        (second, "2026-Q2", "四月与五月，当季未完；月份换了写法；两个系统仍没有人用"),
    )
    for quarter, period, shows in told:
        name = f"it_system_use_{period.replace('-', '')}.csv"
        yield Delivery(USE, name, period, 3, shows, partial(write_use, quarter=quarter))


def deliveries() -> list[Delivery]:
    """Every delivery of the eight datasets."""
    return [*_offices(), *_calendar(), *_traffic(), *_devices(), *_beats(), *_computing(), *_systems(), *_use()]
