"""What bad input gets: a clear error or a quarantined row, and nothing lost, ever."""

import dataclasses
import gzip
import io
from typing import Any

import pytest
import xlsxwriter

from pipelines.contracts.model import Contract
from pipelines.errors import SourceError
from pipelines.steps import load
from pipelines.steps.rebuild import rebuild
from tests.spine.city import BY_NAME, column
from tests.spine.lake import Lake, broken
from tests.spine.truth import assert_dwd_is_right


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_row(0, 0, ("id", "n", "mark"))
    return out.getvalue()


HEAD = b"id,n,mark\n"
GOOD = b"ok,1,x\n"


ROWS = {
    "a byte that is no UTF-8": (HEAD + GOOD + b"a,1,\xff\xfe!\n", 2, {"row.encoding": 1}),
    "bytes that are no GB18030": (
        "id,n,mark\nok,1,中文中文中文中文中文中文\n".encode("gb18030") + b"a,1,\xff\n", 2, {"row.encoding": 1},
    ),
    "a row with a field too many": (HEAD + GOOD + b"a,1,x,y\n", 2, {"row.structure": 1}),
    "a row with a field too few": (HEAD + GOOD + b"a,1\n", 2, {"row.structure": 1}),
    "ragged rows of every kind": (HEAD + GOOD + b"a\nb,1\nc,1,x,y\n,,,,z\nd\n", 6, {"row.structure": 5}),
    "delimiters at the end of a line hold nothing": (HEAD + GOOD + b"a,1,x,\nb,1,x,,\n", 3, {}),
    "a line of two megabytes": (HEAD + GOOD + b"a,1," + b"x" * 2_000_000 + b"\n" + b"b,1,x\n", 3, {"row.structure": 1}),
    "a quoted field of two megabytes": (HEAD + GOOD + b'a,1,"' + b"x" * 2_000_000 + b'"\nb,1,x\n', 3, {"row.structure": 1}),
    "a quoted field of many lines": (HEAD + GOOD + b'a,1,"' + b"x\n" * 3000 + b'"\nb,1,x\n', 3003, {"row.structure": 3001}),
    "a NUL inside a value": (HEAD + GOOD + b"a,1,x\0y\n", 2, {"row.control": 1}),
    "a NUL instead of a number": (HEAD + GOOD + b"a,\0,x\n", 2, {"row.control": 1, "n.type": 1}),
    "a quote that is never closed": (HEAD + GOOD + b'a,1,"x\nb,1,y\nc,1,z\n', 4, {"row.structure": 1}),
    "text after a closing quote": (HEAD + GOOD + b'a,1,"x"y\nb,1,y\n', 3, {"row.structure": 1}),
    "quotes inside a value that is not quoted": (HEAD + GOOD + b'a,1,5" pipe\nb,1,y\n', 3, None),
    "mixed newlines": (HEAD + b"a,1,x\r\nb,1,y\nc,1,z\rd,1,w\n", 4, {}),
    "newlines of an old Mac": (b"id,n,mark\ra,1,x\rb,22,y\r", 2, {"n.range": 1}),
    "no newline at the end": (HEAD + b"a,1,x\nb,1,y", 2, {}),
    "blank lines all over": (b"id,n,mark\n\n\na,1,x\n\nb,1,y\n\n\n", 2, {}),
    "a row of delimiters alone": (HEAD + GOOD + b",,\n", 2, {"id.required": 1}),
    "blanks for values": (HEAD + GOOD + "\u3000, ,\t\n".encode(), 2, {"id.required": 1}),
    "numbers beyond their range": (
        HEAD + GOOD + b"a,99999999999999999999,x\nb,1e400,x\nc,10,x\nd,-1,x\n", 5, {"n.type": 2, "n.range": 2},
    ),
    "numbers that only a programmer reads": (
        HEAD + GOOD + b"a,0x1F,x\nb,1_0,x\nc,1.5,x\nd,nan,x\ne,inf,x\n", 6, {"n.type": 5},
    ),
    "a byte order mark of UTF-16": ("id,n,mark\nok,1,中\n".encode("utf-16"), 1, {}),
    "two gzip members end to end": (gzip.compress(HEAD + GOOD) + gzip.compress(b"a,1,x\n"), 2, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row_is_quarantined_and_no_row_is_lost(shared: Lake, name: str) -> None:
    content, delivered, rules = ROWS[name]
    described = shared.orders(max_invalid_pct=100)
    outcome = shared.deliver(described, "a.csv", content)
    assert outcome.verdict == "published", outcome.message
    assert outcome.delivered == delivered == outcome.valid + outcome.quarantined
    if rules is not None:  # None: either reading of it is right
        assert broken(outcome) == rules
    if HEAD + GOOD in content:
        assert ("ok", 1, "x") in shared.dwd(described)
    assert_dwd_is_right(shared, described)


def test_a_file_over_which_the_fast_reader_stumbles_is_read_exactly(
    shared: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = load.open_reading

    def stumbling(con: Any, contract: Any, landed: Any) -> Any:
        reading = opened(con, contract, landed)
        failing = f"(SELECT * REPLACE (error('broken') AS n) FROM {reading.relation})"
        return dataclasses.replace(reading, relation=failing) if not reading.exact else reading

    monkeypatch.setattr(load, "open_reading", stumbling)
    described = shared.orders(max_invalid_pct=100)
    outcome = shared.deliver(described, "a.csv", HEAD + GOOD + b"a,22,y\n")
    assert (outcome.verdict, outcome.delivered, outcome.quarantined) == ("published", 2, 1)
    assert_dwd_is_right(shared, described)
    assert [one.delivered for one in rebuild(shared.where, described)] == [2]
    assert_dwd_is_right(shared, described)


INSTANTS = {
    "2026-01-31T08:30:00Z": "2026-01-31 16:30:00", "2026-01-31T23:30:00.5+08:00": "2026-01-31 23:30:00.5",
    "2026-01-31 20:30:00-0400": "2026-02-01 08:30:00", "2026-01-31 08:30:00": "2026-01-31 08:30:00",
    "2026-01-31T24:00:00Z": None, "2026-02-30T08:00:00Z": None, "2026-01-31T08:30:00+25:00": None, "2026-01-31T08:30:00+": None,
}  # fmt: skip


def test_a_time_that_names_its_zone_is_that_instant(shared: Lake) -> None:
    described = shared.contract(
        [column("id", key=True), column("at_time", "timestamp"), column("day", "date")], max_invalid_pct=100
    )
    rows = "".join(f"{number},{text},{text}\n" for number, text in enumerate(INSTANTS))
    shared.deliver(described, "a.csv", f"id,at_time,day\n{rows}".encode())
    found = shared.rows(
        f"SELECT CAST(timezone('Asia/Shanghai', at_time) AS VARCHAR), CAST(day AS VARCHAR) FROM ods.{described.table} ORDER BY CAST(id AS INT)"
    )
    assert found == [(told, told and told[:10]) for told in INSTANTS.values()]


@pytest.mark.parametrize("blank", [" ", "  ", "\t", "\u00a0", "\u3000", " \u3000"])
def test_blanks_around_a_value_are_none_of_it(shared: Lake, blank: str) -> None:
    described = shared.orders(max_invalid_pct=100)
    rows = f"{blank}ok,1,x\nb{blank},{blank}2{blank},x{blank}\n"
    shared.deliver(described, "a.csv", HEAD + rows.encode())
    assert sorted(shared.dwd(described)) == [("b", 2, "x"), ("ok", 1, "x")]


def test_a_quote_that_is_never_closed_loses_none_of_a_million_rows(shared: Lake) -> None:
    described = shared.orders(columns=[column("id"), column("n", "integer"), column("mark")])
    lines = [b"k%d,%d,x" % (row, row % 10) for row in range(1_000_000)]
    lines[500_000] = b'k500000,1,"x'
    shared.rows("SET threads = 4")
    outcome = shared.deliver(described, "million.csv", HEAD + b"\n".join(lines) + b"\n")
    assert (outcome.delivered, outcome.valid, outcome.quarantined) == (1_000_000, 999_999, 1)
    assert broken(outcome) == {"row.structure": 1}
    assert shared.rows(f"SELECT count(*), count(DISTINCT id) FROM dwd.{described.table}") == [(999_999, 999_999)]
    shared.rows("SET threads = 1")


UNREADABLE = {
    "an empty file": (b"", "[empty]"),
    "a gzip that is cut off": (gzip.compress(HEAD + GOOD * 1000)[:-12], "[gzip]"),
    "a gzip with broken data": (gzip.compress(HEAD)[:12] + b"\xff" * 40, "[gzip]"),
    "an empty gzip": (gzip.compress(b""), "[empty]"),
    "a workbook instead of a text": (_workbook(), "[format]"),
    "a damaged archive": (b"PK\x03\x04" + b"\x14\0" * 40, "[archive]"),
    "a web page instead of a text": (b"<!DOCTYPE html><html><body>Please log in</body></html>", "[format]"),
    "random bytes": (bytes(range(256)) * 40, "["),
    "a byte order mark and nothing else": (b"\xef\xbb\xbf", "["),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_a_clear_error(shared: Lake, name: str) -> None:
    content, rule = UNREADABLE[name]
    described = shared.orders()
    try:
        outcome = shared.deliver(described, "bad.csv", content)
        message = outcome.message
        assert outcome.verdict == "refused"
    except SourceError as error:
        message = str(error)
    assert "bad.csv" in message
    assert rule in message
    assert "Traceback" not in message
    assert_dwd_is_right(shared, described)


def test_a_missing_file_is_a_clear_error(shared: Lake) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        shared.ingest(shared.orders(), shared.folder / "nowhere.csv")
    with pytest.raises(SourceError, match="folder"):
        shared.ingest(shared.orders(), shared.city)


REFUSED = {
    "header only": (HEAD, "no records after the header"),
    "header and blank lines": (HEAD + b"\n\n", "no records after the header"),
    "no header": (b"a,1,x\nb,2,y\n", "headerRow"),
    "a header on another line": (b"orders of May\nid,n,mark\na,1,x\n", "headerRow: 2"),
    "a column name twice": (b"id,n,n\na,1,2\n", "'n' is there more than once"),
    "two headings for one column": ("id,n,列n\na,1,2\n".encode(), "both mean column 'n'"),
    "a required column that is missing": (b"order_id,n,mark\na,1,x\n", "'order_id'"),
    "a quote in the headings never closed": (b'id,"n,mark\na,1,x\n', "never closed"),
    "blank lines alone": (b"\n\n\n", "["),
    "a header that is blank": (b"\na,1,x\n", "blank"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_not_what_the_contract_says_is_refused_with_a_hint(shared: Lake, name: str) -> None:
    content, told = REFUSED[name]
    described = shared.orders()
    outcome = shared.deliver(described, "bad.csv", content, accept="please", by="Wang")
    assert outcome.verdict == "refused"
    assert told in outcome.message, outcome.message
    assert "Traceback" not in outcome.message
    assert_dwd_is_right(shared, described)
    assert [verdict for _, verdict in shared.verdicts(described)] == ["refused"]


def test_a_missing_required_column_is_named_with_its_closest_candidate(shared: Lake) -> None:
    columns = [
        column("id", key=True),
        column("subdistrict_code", title="街道代码", required=True),
        column("n", "integer"),
    ]
    described = shared.contract(columns)
    outcome = shared.deliver(described, "a.csv", "id,街道编码,n\na,350203,1\n")
    assert outcome.verdict == "refused"
    assert "subdistrict_code" in outcome.message
    assert "街道编码" in outcome.message
    assert "aliases" in outcome.message


def test_an_unknown_column_is_not_loaded_and_reported_with_its_fill_and_closest_alias(shared: Lake) -> None:
    columns = [column("id", key=True), column("call_count", "integer", title="来电总量", aliases=["来电数"])]
    described = shared.contract(columns)
    outcome = shared.deliver(described, "a.csv", "id,来电数,来电数量\na,1,secret-7\nb,2,\n")
    assert outcome.verdict == "published"
    (told,) = [reason.text for reason in outcome.reasons if reason.rule == "batch.columns"]
    assert all(part in told for part in ("来电数量", "1 of 2", "call_count")), told
    everything = shared.rows(f"SELECT * FROM ods.{described.table}")
    assert "secret-7" not in str(everything)
    strict = shared.contract(columns, extraColumns="refuse")
    assert shared.deliver(strict, "a.csv", "id,来电数,来电数量\na,1,x\n").verdict == "refused"


def test_dates_that_do_not_exist_are_no_dates(shared: Lake) -> None:
    columns = [column("id", key=True), column("on_date", "date"), column("seen_at", "timestamp")]
    described = shared.contract(columns, max_invalid_pct=100)
    rows = {
        "a": ("2026-02-28", "2026-02-28 23:59:59", set()),
        "b": ("2026-02-31", "2026-02-28 00:00:00", {"on_date.type"}),
        "c": ("2026-02-28", "2026-02-28 24:00:00", {"seen_at.type"}),
        "d": ("2026-02-29", "2026-02-28 12:60:00", {"on_date.type", "seen_at.type"}),
        "e": ("infinity", "epoch", {"on_date.type", "seen_at.type"}),
        "f": ("2024-02-29", "2026-02-28T24:00", {"seen_at.type"}),
        "g": ("today", "2026-13-01 00:00:00", {"on_date.type", "seen_at.type"}),
    }
    text = "id,on_date,seen_at\n" + "".join(f"{key},{day},{moment}\n" for key, (day, moment, _) in rows.items())
    outcome = shared.deliver(described, "a.csv", text)
    assert outcome.delivered == len(rows)
    found = shared.rows(
        f"SELECT id, list_transform(_violations, lambda v: v.rule) FROM ods.{described.table} WHERE _violations IS NOT NULL"
    )
    assert {key: set(rules) for key, rules in found} == {key: rules for key, (*_, rules) in rows.items() if rules}
    assert_dwd_is_right(shared, described)


def dated(lake: Lake, **period: str) -> Contract:
    columns = [column("id", key=True), column("day", "date", required=True)]
    return lake.contract(columns, mode="replace_period", period=period, max_invalid_pct=30)


def test_a_period_that_contradicts_its_rows_refuses_the_batch(shared: Lake) -> None:
    described = dated(shared, column="day", **BY_NAME)
    outcome = shared.deliver(described, "o_202602.csv", "id,day\na,2026-01-31\nb,2026-01-30\nc,2026-02-01\n")
    assert outcome.verdict == "refused"
    assert broken(outcome)["day.period"] == 2
    assert "period" in outcome.message


def test_a_few_rows_of_another_period_are_quarantined(shared: Lake) -> None:
    for described in (
        dated(shared, column="day", **BY_NAME),
        dated(shared, **{"from": "column", "unit": "month", "column": "day"}),
    ):
        outcome = shared.deliver(
            described, "o_202602.csv", "id,day\na,2026-01-31\nb,2026-02-01\nc,2026-02-02\nd,2026-02-03\n"
        )
        assert (outcome.verdict, outcome.period, outcome.quarantined) == ("published", "2026-02", 1)
        assert broken(outcome) == {"day.period": 1}
        assert_dwd_is_right(shared, described)


def test_a_period_that_no_row_tells_refuses_the_batch(shared: Lake) -> None:
    described = dated(shared, **{"from": "column", "unit": "month", "column": "day"})
    outcome = shared.deliver(described, "a.csv", "id,day\na,?\n", accept="please", by="Wang")
    assert outcome.verdict == "refused"


def test_control_totals_that_differ_tell_both_numbers(shared: Lake) -> None:
    described = shared.orders(control={"totalRow": {"column": "id", "markers": ["合计"], "sums": ["n"]}})
    outcome = shared.deliver(described, "a.csv", "id,n,mark\na,2,x\nb,3,x\n合计,7,\n")
    assert outcome.verdict == "refused"
    assert "7" in outcome.message
    assert "5" in outcome.message
    assert outcome.delivered == 2
