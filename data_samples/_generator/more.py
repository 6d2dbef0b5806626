"""The deliveries of enterprises, electricity, public facilities, card trips and water levels."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from _generator import enterprises, facilities, water
from _generator.delivery import Delivery
from _generator.electricity import PowerMonth, write_power_month
from _generator.enterprises import Register, write_register
from _generator.facilities import Facilities, write_facilities
from _generator.trips import TripDay, write_trips
from _generator.warts import Wart, put
from _generator.water import WaterDay, write_water_day

ENTERPRISES, POWER = "economy.enterprises", "economy.electricity_by_industry"
FACILITIES, TRIPS, WATER = "service.public_facilities", "mobility.card_trips", "environment.water_levels"
MODES = {
    ENTERPRISES: "replace", POWER: "replace_period", FACILITIES: "replace", TRIPS: "replace_period", WATER: "upsert",
}  # fmt: skip
_ROWS_OF_TRIPS = 2500


def _enterprises() -> Iterator[Delivery]:
    typed = [Wart(row, enterprises.full_width(row % 2 * 3)) for row in range(11, 400, 23)]
    dates = [Wart(row, enterprises.dotted_date) for row in range(5, 400, 17)]
    dates += [Wart(row, enterprises.serial_date) for row in range(9, 400, 31)]
    checked = [Wart(row, enterprises.wrong_check, "row.credit_code_checks") for row in (60, 180, 300)]
    bad = [
        Wart(20, enterprises.code_as_number, "credit_code.precision_lost", also="credit_code.pattern"),
        Wart(41, put(0, "9135029912345678"), "credit_code.pattern"),
        Wart(82, put(0, "91350299O0001234I5"), "credit_code.pattern"),
        Wart(123, put(3, "Z"), "industry_code.code_list"),
        Wart(164, put(4, "350204001"), "subdistrict_code.reference"),
        Wart(205, put(5, "不详"), "established_date.type"),
        Wart(246, put(8, "约50人"), "employee_count.type"),
        Wart(330, put(1, None), "enterprise_name.required"),
    ]
    first = Register("厦门市企业名录（2026年第一季度，虚构）", range(400), (*bad, *checked, *typed, *dates))
    yield Delivery(
        ENTERPRISES, "企业名录_2026Q1.xlsx", "2026-Q1", 2,
        "十一行有问题：代码被存成数字而丢了位、位数不足、校验位不符等；全角字符、三种日期写法读得出来", partial(write_register, register=first),
    )  # fmt: skip
    second = Register("厦门市企业名录（2026年第二季度，虚构）", enterprises.listed_in_q2(), tuple(typed[:5]))
    yield Delivery(
        ENTERPRISES, "企业名录_2026Q2.xlsx", "2026-Q2", 2,
        "下一季度：注销十一家，新登记六十家，其中三十家在火炬高新区；整份替换", partial(write_register, register=second),
    )  # fmt: skip


def _power() -> Iterator[Delivery]:
    march, april = PowerMonth(2026, 3), PowerMonth(2026, 4)
    wrong = PowerMonth(2026, 4, mistyped=(62,))
    told = (
        ("electricity_202603.xls", march, 2, "平常的一月：标题、单位行、表头带单位、末行合计", ""),
        ("electricity_202604.xls", wrong, 2, "合计与各行之和不符：一个数少录了一位，被退回，两个数都告知", "totalRow"),
        ("electricity_202604_更正.xls", april, 3, "四月更正：少录的一位已补上", ""),
    )
    for name, month, wave, shows, refused in told:
        period = f"{month.year}-{month.month:02d}"
        yield Delivery(POWER, name, period, wave, shows, partial(write_power_month, month=month), refused)


def _facilities() -> Iterator[Delivery]:
    bad = (
        Wart(100, put(6, None), "geometry.required"),
        Wart(150, facilities.swapped, "row.within_the_city"),
        Wart(200, put(2, "足球场"), "facility_kind.enum"),
    )
    first = Facilities("facilities_2026Q1", range(250))
    second = Facilities("facilities_2026Q2", [n for n in range(262) if n not in (77, 140)], bad)
    told = (
        (first, "二百五十处设施，坐标为GCJ-02"),
        (second, "三处有问题：没有坐标、经纬度颠倒、类别不在表内；整份替换"),
    )
    for made, shows in told:
        name, period = f"{made.name}.geojson", f"{made.name[-6:-2]}-{made.name[-2:]}"
        yield Delivery(FACILITIES, name, period, 2, shows, partial(write_facilities, facilities=made))


def _trips(scale: int) -> Iterator[Delivery]:
    days = (
        (TripDay(datetime(2026, 6, 1), _ROWS_OF_TRIPS * scale), "平常的一天，时间为北京时间，不带时区"),
        (
            TripDay(datetime(2026, 6, 2), _ROWS_OF_TRIPS * scale, utc=True, bad=True),
            "时间改为UTC的时刻；少数行下车早于上车、进站站点不存在、卡号位数不足",
        ),
    )
    for day, shows in days:
        write = partial(write_trips, day=day)
        yield Delivery(TRIPS, f"card_trips_{day.day:%Y%m%d}.parquet", f"{day.day:%Y-%m-%d}", 3, shows, write)


def _water() -> Iterator[Delivery]:
    silent = tuple(("XMW03", hour) for hour in range(5, 9))
    bad = (
        Wart(30, water.with_value("levelM", value=99.99), "level_m.range"),
        Wart(70, water.with_value("station", "code", value="XMW99"), "station_code.enum"),
        Wart(95, water.with_value("observedAt", value="2026-06-31T08:00:00+08:00"), "observed_at.type"),
        Wart(120, water.cut_off, "row.structure"),
        *(Wart(row, water.in_utc) for row in range(4, 130, 9)),
        *(Wart(row, water.level_as_text) for row in range(6, 130, 25)),
    )
    first = WaterDay(datetime(2026, 6, 1), again=(10, 11, 12), revised=(50, 51), silent=silent, warts=bad)
    second = WaterDay(datetime(2026, 6, 2), late=silent, withdrawn=(("XMW05", 3), ("XMW05", 4)))
    told = (
        (first, "乱序、重复、一个站断了四个小时；四行有问题，其中一行被截断；部分时刻以UTC写"),
        (second, "前一天断的四个小时补到，另一个站的两个读数撤销"),
    )
    for day, shows in told:
        name, period = f"water_levels_{day.day:%Y%m%d}.jsonl", f"{day.day:%Y-%m-%d}"
        yield Delivery(WATER, name, period, 2, shows, partial(write_water_day, day=day))


def deliveries(scale: int) -> list[Delivery]:
    """Every delivery of the five datasets; `scale` multiplies card trips."""
    return [*_enterprises(), *_power(), *_facilities(), *_trips(scale), *_water()]
