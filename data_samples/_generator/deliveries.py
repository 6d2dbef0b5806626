"""The sample city's deliveries in the order in which they arrive, each with what must become of it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from _generator import city_model, edits, more, operation
from _generator.air import AirDay, Record, write_air_corrections, write_air_day
from _generator.delivery import Delivery
from _generator.edits import Edit
from _generator.hotline import HotlineFile, write_hotline
from _generator.intake import IntakeMonth, write_intake
from _generator.orders import Month
from _generator.subdistricts import write_subdistricts

HOTLINE, AIR, STREETS = "governance.hotline_orders", "environment.air_quality_hourly", "base.subdistricts"
INTAKE = "governance.hotline_intake"
MODES = {
    HOTLINE: "replace_period",
    AIR: "upsert",
    STREETS: "replace",
    INTAKE: "replace_period",
    **more.MODES,
    **city_model.MODES,
    **operation.MODES,
}


def _hotline(name: str, period: str, wave: int, shows: str, file: HotlineFile, **further: Any) -> Delivery:
    return Delivery(HOTLINE, name, period, wave, shows, partial(write_hotline, file=file), **further)


def _january(scale: int) -> Month:
    return Month(2026, 1, 2000 * scale)


def _tricky_rows() -> tuple[Edit, ...]:
    """Rows that are right and easily read wrongly."""
    return (
        Edit(290, 13, edits.broken_lines("\r\n")),
        Edit(500, 21, edits.rare_characters),
        Edit(97, 5, edits.padded_code),
    )


def _hotline_first(scale: int) -> Iterator[Delivery]:
    """Every month as it comes first."""
    tricky = _tricky_rows()
    yield _hotline(
        "hotline_202601.csv", "2026-01", 2, "平常的一月：有换行的内容、生僻字、代码后的空格",
        HotlineFile(_january(scale), (Edit(400, 9, edits.withdrawn), *tricky)),
    )  # fmt: skip
    several = (*edits.bad_rows(0.008), Edit(290, 13, edits.broken_lines("\n")), *edits.mixed_dates())
    yield _hotline(
        "hotline_202602.csv", "2026-02", 2, "几行有问题的数据（每行一种），三成日期为其他写法，内容里的换行与行尾不同，末尾有空行",
        HotlineFile(Month(2026, 2, 2100 * scale), several, blank_last_line=True),
    )  # fmt: skip
    old = tuple(Edit(25, n, edits.old_street_code, "subdistrict_code.reference") for n in (7, 15, 23))
    yield _hotline(
        "hotline_202603.csv", "2026-03", 2, "故意被退回：一成二的街道代码出自2003年撤销的区",
        HotlineFile(Month(2026, 3, 2000 * scale), old), refused="maxInvalidPct",
    )  # fmt: skip
    moved = {"order_id": "12345工单编号", "category": "一级分类"}
    yield _hotline(
        "hotline_202604.csv", "2026-04", 2, "两列换了名字：工单编号叫12345工单编号，诉求类型叫一级分类",
        HotlineFile(Month(2026, 4, 2000 * scale), renamed=moved),
    )  # fmt: skip
    yield _hotline(
        "hotline_202605.csv", "2026-05", 2, "合计与行数、时长之和不符：传输中丢了行，被退回，两个数都告知",
        HotlineFile(Month(2026, 5, 430 * scale), (Edit(14, 6, edits.withdrawn),), total_counts_withdrawn=True),
        refused="totalRow",
    )  # fmt: skip


def _hotline_later(scale: int) -> Iterator[Delivery]:
    """Corrections, a mistake, and a month that nobody has delivered yet."""
    yield _hotline(
        "hotline_202601_更正.csv", "2026-01", 3, "一月更正：撤回几行、补上几行、改了几十行的回访结果",
        HotlineFile(_january(scale), (Edit(333, 30, edits.withdrawn), Edit(40, 17, edits.called_again), *_tricky_rows())),
    )  # fmt: skip
    yield _hotline(
        "hotline_202603_更正.csv", "2026-03", 3, "三月更正：街道代码已改对",
        HotlineFile(Month(2026, 3, 2000 * scale), edits.mixed_dates()),
    )  # fmt: skip
    yield _hotline(
        "hotline_202604_错发.csv", "2026-04", 3, "发错的文件：演练数据顶替了四月，随后撤回，四月复原",
        HotlineFile(Month(2026, 4, 250 * scale, stream="rehearsal"), (Edit(1, 0, edits.rehearsal),)),
        retracted="错发：演练数据",
    )  # fmt: skip
    yield _hotline(
        "extra.csv", "2026-06", 4, "又一个月，文件名里没有账期，由受理时间得出",
        HotlineFile(Month(2026, 6, 800 * scale)), in_demo=False,
    )  # fmt: skip


def _intake(scale: int) -> Iterator[Delivery]:
    bad = ((["2026-04-31", "电话"], "intake_date.type"), (["2026-04-30", "传真"], "channel.enum"))
    april = IntakeMonth(Month(2026, 4, 2000 * scale), further=bad)
    may = IntakeMonth(Month(2026, 5, 430 * scale), form="%Y年%m月%d日")
    told = (
        (april, "每日各渠道的来件与受理，末行合计；两行有问题：没有的日子、不在表内的渠道"),
        (may, "五月受理的四百三十件，工单被退回，湖中一件也没有；日期为另一种写法"),
    )
    for file, shows in told:
        period = f"2026-{file.month.month:02d}"
        name = f"hotline_intake_{period.replace('-', '')}.csv"
        yield Delivery(INTAKE, name, period, 2, shows, partial(write_intake, file=file))


def _put(column: int, text: str) -> Callable[[Record], Record]:
    return lambda record: [*record[:column], text, *record[column + 1 :]]


_BAD_READINGS = (
    (18, "so2_ug_m3.range", _put(4, "-3")),
    (65, "pm10_ug_m3.range", _put(8, "9999")),
    (102, "row.pm25_within_pm10", lambda record: [*record[:8], "30", "45"]),
    (150, "station_code.enum", _put(0, "XMA09")),
)
_AIR_DAYS = (
    ("平常的一天，缺测写作—", AirDay(datetime(2026, 2, 26))),
    ("平常的一天", AirDay(datetime(2026, 2, 27))),
    ("一个监测点停了七个小时", AirDay(datetime(2026, 2, 28))),
    (
        "四行有问题：负值、9999、细颗粒物高于可吸入颗粒物、未知的监测点",
        AirDay(datetime(2026, 3, 1), warts=_BAD_READINGS),
    ),
    ("两行在同一文件里又报了一遍，以后报的为准", AirDay(datetime(2026, 3, 2), sent_again=(40, 41))),
    ("日期写作2026/03/03", AirDay(datetime(2026, 3, 3), slashes=True)),
    ("平常的一天", AirDay(datetime(2026, 3, 4))),
)


def _air_deliveries() -> Iterator[Delivery]:
    for shows, air in _AIR_DAYS:
        name, period = f"air_quality_{air.day:%Y%m%d}.csv", f"{air.day:%Y-%m-%d}"
        yield Delivery(AIR, name, period, 2, shows, partial(write_air_day, day=air))
    shows = "迟到的更正：补上停机的七个小时，改了另一个点的十二个读数"
    yield Delivery(AIR, "air_quality_20260228_补报.csv", "2026-02-28", 3, shows, write_air_corrections)


def _street_deliveries() -> Iterator[Delivery]:
    told = {2025: (1, "五十四个街道与镇，边界为虚构"), 2026: (2, "四处边界移动，两个属性换了名字；整份替换")}
    for year, (wave, shows) in told.items():
        write = partial(write_subdistricts, year=year)
        yield Delivery(STREETS, f"subdistricts_{year}.geojson", str(year), wave, shows, write)


def all_deliveries(scale: int = 1) -> list[Delivery]:
    """Every delivery of the sample city in order of arrival; `scale` multiplies the rows of the hotline and of card trips."""
    made = [*_street_deliveries(), *_hotline_first(scale), *_hotline_later(scale), *_intake(scale), *_air_deliveries()]
    made += [*more.deliveries(scale), *city_model.deliveries(scale), *operation.deliveries()]
    return sorted(made, key=lambda delivery: delivery.wave)
