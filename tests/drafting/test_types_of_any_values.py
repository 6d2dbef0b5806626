"""Whatever the values: what was written as a type is read as that type or as text, and no value is lost or changed."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipelines.contracts.model import Column
from pipelines.derive.casting import cleaned, typed
from pipelines.lake.connection import Connection
from pipelines.steps.draft.asking import ask_rows
from pipelines.steps.draft.markers import IN_NUMBERS
from tests.drafting.conftest import Given

ZONE = "Asia/Shanghai"
HEADING = "读数"
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def inferred(con: Connection, texts: list[str], heading: str = HEADING) -> tuple[Column, list[Any]]:
    """The column inferred for these texts, and the texts as that column reads them."""
    con.execute(f'CREATE OR REPLACE TEMP TABLE given ("{heading}" VARCHAR)')
    con.executemany("INSERT INTO given VALUES (?)", [[text] for text in texts])
    reading = Given("temp.given", (heading,), {heading: "VARCHAR"}, 1, exact=False)
    column = ask_rows(con, reading, None, {}, ZONE).facts.columns[heading].column
    value = typed(column, cleaned(column, f'"{heading}"'), ZONE)
    shown = f"CAST(({value}) AS VARCHAR)" if column.type in ("date", "timestamp") else value
    return column, [row[0] for row in con.execute(f"SELECT {shown} FROM given ORDER BY rowid").fetchall()]


@quick
@given(st.lists(st.integers(-(10**17), 10**17), min_size=1, max_size=40))
def test_integers_come_back_as_they_were(con: Connection, numbers: list[int]) -> None:
    column, values = inferred(con, [str(number) for number in numbers])
    assert column.type in ("integer", "string")
    assert [int(value) for value in values] == numbers
    assert column.type == "integer" or any(abs(number) >= 10**15 for number in numbers)


@quick
@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
        min_size=1,
        max_size=40,
    ),
    st.booleans(),
)
def test_numbers_come_back_as_they_were(con: Connection, numbers: list[Decimal], grouped: bool) -> None:
    texts = [f"{number:,}" if grouped else f"{number}" for number in numbers]
    column, values = inferred(con, texts)
    assert column.type in ("number", "string")
    read = [Decimal(value.replace(",", "")) if isinstance(value, str) else Decimal(repr(value)) for value in values]
    assert read == numbers


@quick
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_floating_numbers_come_back_to_the_last_bit(con: Connection, numbers: list[float]) -> None:
    column, values = inferred(con, [repr(number) for number in numbers])
    assert column.type in ("number", "integer", "string")
    assert [float(value) for value in values] == numbers


@quick
@given(
    st.lists(st.dates(date(1000, 1, 1)), min_size=1, max_size=40),
    st.sampled_from(
        [
            "{0:%Y}-{0.month:02}-{0.day:02}",
            "{0:%Y}/{0.month}/{0.day}",
            "{0:%Y}年{0.month}月{0.day}日",
            "{0:%Y}{0.month:02}{0.day:02}",
        ]
    ),
)
def test_dates_come_back_as_they_were(con: Connection, days: list[date], form: str) -> None:
    texts = [form.format(day) for day in days]
    column, values = inferred(con, texts, "日期")
    assert column.type in ("date", "string", "integer")
    if column.type == "date":
        assert values == [day.isoformat() for day in days]


@quick
@given(
    st.lists(st.datetimes(datetime(1992, 1, 1), datetime(2037, 12, 31)), min_size=1, max_size=40),
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S.%f",
            "%Y/%m/%d %H:%M:%S",
            "%Y年%m月%d日 %H:%M:%S",
            "%m/%d/%Y %H:%M:%S",
            "%d/%m/%Y %H:%M:%S",
        ]
    ),
)
def test_times_come_back_as_they_were_unless_a_person_is_asked(
    con: Connection, moments: list[datetime], form: str
) -> None:
    texts = [moment.strftime(form) for moment in moments]
    con.execute(f"SET TimeZone = '{ZONE}'")
    column, values = inferred(con, texts, "时间")
    assert column.type in ("timestamp", "string")
    if column.type == "timestamp" and "%m/%d" not in form and "%d/%m" not in form:
        precise = [moment if "%f" in form else moment.replace(microsecond=0) for moment in moments]
        read = [datetime.fromisoformat(value.replace("+08", "+08:00")) for value in values]
        assert read == [moment.replace(tzinfo=timezone(timedelta(hours=8))) for moment in precise]


@quick
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1),
        min_size=1,
        max_size=40,
    )
)
def test_text_is_never_changed(con: Connection, texts: list[str]) -> None:
    assume(not set(texts) & set(IN_NUMBERS))
    column, values = inferred(con, texts)
    assert None not in values
    if column.type == "string":
        assert values == texts


@quick
@given(
    st.lists(
        st.from_regex(r"[-+]?[0-9]{0,4}[-/.:,e年]?[0-9]{1,4}([-/.:,月 ][0-9]{1,3}日?)?", fullmatch=True),
        min_size=1,
        max_size=10,
    )
)
def test_texts_that_look_like_something_are_read_as_it_or_left_alone(con: Connection, texts: list[str]) -> None:
    column, values = inferred(con, texts)
    assert None not in values
    if column.type == "integer":
        assert [str(value) for value in values] == [
            text.replace(",", "").replace("-0", "0") if text == "-0" else text.replace(",", "") for text in texts
        ]
    if column.type == "number":
        assert [Decimal(repr(value)) for value in values] == [Decimal(text.replace(",", "")) for text in texts]


@quick
@given(
    st.lists(
        st.sampled_from(["是", "否", "Y", "N", "有", "无", "true", "false", "1", "0", "", "未知"]),
        min_size=1,
        max_size=40,
    )
)
def test_answers_are_told_apart_or_left_alone(con: Connection, texts: list[str]) -> None:
    column, values = inferred(con, texts, "是否解决")
    delivered = [(text, value) for text, value in zip(texts, values, strict=True) if text and text not in column.nulls]
    assert all(value is not None for _, value in delivered)
    if column.type == "boolean":
        assert all(value == (text in column.true_values) for text, value in delivered)
