"""The deliveries of grid events, services and their ratings, permits, decisions made public, population, and jobs with homes."""

from collections.abc import Iterator
from functools import partial

from _generator import permits, services
from _generator.credit_codes import with_wrong_check
from _generator.delivery import Delivery
from _generator.grid_files import APRIL_WARTS, GridMonth, write_grid_month
from _generator.living import Quarter, write_jobs_and_housing, write_population
from _generator.permits import PermitQuarter, write_permits
from _generator.publicity import Publicity, other_date_forms, write_admin_penalties, write_admin_permits
from _generator.services import RatingMonth, write_items, write_ratings
from _generator.warts import Wart, put

GRID, ITEMS, RATINGS = "governance.grid_events", "service.service_items", "service.service_ratings"
PERMITS, ADMIN_PERMITS, PENALTIES = (
    "planning.building_permits",
    "governance.admin_permits",
    "governance.admin_penalties",
)
POPULATION, JOBS = "life.population_by_subdistrict", "life.jobs_and_housing"
MODES = {
    GRID: "upsert", ITEMS: "replace", RATINGS: "replace_period", PERMITS: "replace_period", ADMIN_PERMITS: "replace_period",
    PENALTIES: "replace_period", POPULATION: "replace_period", JOBS: "replace_period",
}  # fmt: skip
_OLD_STREET = "350204001"

ITEM_WARTS = (
    Wart(services.WRONG_ITEMS[0], put(2, "行政奖励"), "item_kind.enum"),
    Wart(services.WRONG_ITEMS[1], permits.changed(4, with_wrong_check), "row.credit_code_checks"),
    Wart(services.WRONG_ITEMS[2], put(6, 45), "row.promised_within_statutory"),
    *(Wart(row, permits.full_width(0)) for row in (5, 24, 77)),
)
RATING_MONTHS = (
    RatingMonth(4, 420, (
        Wart(31, services.with_value("score", 6), "rating.range"),
        Wart(120, services.with_value("item", {"id": "ZW009999"}), "item_id.reference"),
        Wart(222, services.with_value("acceptedAt", "2026-05-09T09:00:00+08:00"), "row.handled_after_accepted"),
        Wart(301, services.with_value("promiseKept", "大概"), "is_promise_kept.type"),
    )),
    RatingMonth(5, 380, (Wart(77, services.cut_off, "row.structure"), Wart(200, services.with_value("rater", {"phone": "1690012"}), "rater_phone.pattern"))),
)  # fmt: skip
PERMIT_QUARTERS = (
    PermitQuarter(1, 60, (
        Wart(10, put(1, "建设项目选址"), "permit_kind.enum"),
        Wart(25, put(6, "Z"), "industry_code.code_list"),
        Wart(55, put(9, "2025.01.01"), "row.valid_after_issued"),
        *(Wart(row, permits.area_as_text) for row in range(3, 60, 8)),
        *(Wart(row, permits.full_width(4)) for row in range(4, 60, 13)),
        *(Wart(row, permits.dotted_dates) for row in range(6, 60, 7)),
    )),
    PermitQuarter(2, 50, (
        Wart(15, put(5, _OLD_STREET), "subdistrict_code.reference"),
        Wart(40, permits.changed(4, with_wrong_check), "row.credit_code_checks"),
        *(Wart(row, permits.area_as_text) for row in range(1, 50, 9)),
    )),
)  # fmt: skip
PUBLIC_PERMITS = (
    Publicity(4, 160, 20, (
        Wart(8, permits.changed(3, with_wrong_check), "row.credit_code_checks"),
        Wart(33, put(3, "/"), "row.person_without_credit_code"),
        Wart(51, put(8, "2020-01-01"), "row.valid_in_order"),
        *(Wart(row, other_date_forms(6, 11)) for row in range(3, 160, 11) if row not in (8, 51)),
    )),
    Publicity(5, 120, 30),
)  # fmt: skip
PUBLIC_PENALTIES = Publicity(4, 80, 16, (
    Wart(12, put(6, "记过"), "penalty_kind.enum"),
    Wart(33, permits.changed(3, with_wrong_check), "row.credit_code_checks"),
))  # fmt: skip
POPULATION_QUARTERS = (
    Quarter("2025-Q4"),
    Quarter("2026-Q1", (("0—14岁", "0-14岁"), ("15—59岁", "15-59岁")), (
        Wart(7, permits.changed(3, lambda young: young + 1000), "row.ages_add_up"),
        Wart(30, put(1, _OLD_STREET), "subdistrict_code.reference"),
    )),
)  # fmt: skip
HOUSING_QUARTERS = (
    Quarter("2025-Q4", (("住房面积（平方米）", "住房面积"),), (Wart(12, put(6, "*")), Wart(45, put(6, "*")))),
    Quarter("2026-Q1", warts=(Wart(20, permits.changed(3, lambda workers: workers * 4), "row.working_not_above_people"),)),
)  # fmt: skip


def _grid(scale: int) -> Iterator[Delivery]:
    told = (
        (
            "grid_events_202604.csv",
            GridMonth(4, APRIL_WARTS, scale),
            "竖线分隔、无表示空、两种时间写法；五行有问题，月末有未结的",
        ),
        ("grid_events_202606.csv", GridMonth(6, (), scale), "六月头两天；四月未结的事件已结，又报了一遍"),
    )
    for name, month, shows in told:
        yield Delivery(GRID, name, f"2026-{month.month:02d}", 4, shows, partial(write_grid_month, month=month))


def _services() -> Iterator[Delivery]:
    yield Delivery(
        ITEMS,
        "政务服务事项_2026Q2.xlsx",
        "2026-Q2",
        3,
        "实施主体合并单元格；三行有问题，代码有全角的",
        partial(write_items, warts=ITEM_WARTS),
    )
    shows = ("嵌套的JSON，时刻两种写法，数字带引号，评语里有号码；四行有问题", "两行有问题，其中一行被截断")
    for month, told in zip(RATING_MONTHS, shows, strict=True):
        name = f"service_ratings_2026{month.month:02d}.jsonl"
        yield Delivery(RATINGS, name, f"2026-{month.month:02d}", 4, told, partial(write_ratings, month=month))


def _decisions() -> Iterator[Delivery]:
    shows = ("单位行、合计行，面积带千分位，日期三种写法；三行有问题", "两行有问题；一家建设单位不在市场主体名录里")
    for quarter, told in zip(PERMIT_QUARTERS, shows, strict=True):
        name = f"规划许可_2026Q{quarter.quarter}.xlsx"
        yield Delivery(PERMITS, name, f"2026-Q{quarter.quarter}", 2, told, partial(write_permits, quarter=quarter))
    shows = ("自然人的姓名与证件号码；八个决定公示得晚，只告警；三行有问题", "四个决定公示得晚")
    for month, told in zip(PUBLIC_PERMITS, shows, strict=True):
        name, write = f"行政许可_2026{month.month:02d}.csv", partial(write_admin_permits, month=month)
        yield Delivery(ADMIN_PERMITS, name, f"2026-{month.month:02d}", 2, told, write)
    write = partial(write_admin_penalties, month=PUBLIC_PENALTIES)
    yield Delivery(PENALTIES, "行政处罚_202604.xlsx", "2026-04", 2, "五个决定公示得晚；两行有问题", write)


def _living() -> Iterator[Delivery]:
    shows = ("千分位、合计；人少的单位不分年龄段", "两个表头换了连接号；两行有问题：年龄段之和不符、街道已撤销")
    for quarter, told in zip(POPULATION_QUARTERS, shows, strict=True):
        name = f"常住人口_{quarter.name.replace('-', '')}.csv"
        yield Delivery(POPULATION, name, quarter.name, 2, told, partial(write_population, quarter=quarter))
    shows = ("Excel的Unicode文本：UTF-16、制表符；两处常住人口没有填", "一行有问题：就业人口多于常住人口")
    for quarter, told in zip(HOUSING_QUARTERS, shows, strict=True):
        name = f"职住_{quarter.name.replace('-', '')}.txt"
        yield Delivery(JOBS, name, quarter.name, 2, told, partial(write_jobs_and_housing, quarter=quarter))


def deliveries(scale: int) -> list[Delivery]:
    """Every delivery of the eight datasets; `scale` is that of the hotline, whose orders grid events name."""
    return [*_services(), *_decisions(), *_living(), *_grid(scale)]
