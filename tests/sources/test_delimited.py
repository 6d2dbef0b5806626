"""Delimited text: what DuckDB's reader gives, what it rejects, and that no line goes missing unnoticed."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.sources.formats import delimited
from pipelines.sources.landing import land
from pipelines.sources.reading import open_reading
from tests.sources.conftest import Read, contract_of, rows_of

ReadBytes = Callable[..., Read]
UNBALANCED = "a quote is not closed, or text follows a closing quote"


@pytest.fixture(params=[False, True], ids=["native", "exact"])
def either(request: pytest.FixtureRequest, read: ReadBytes) -> ReadBytes:
    """Reads the same bytes through either reader."""
    return lambda data, *args, **kwargs: read(data, *args, exactly=request.param, **kwargs)


def test_a_plain_file_is_read_by_duckdb_with_quoting_off(read: ReadBytes) -> None:
    got = read(b"a,b,c\n1,,3\n4,5,6")
    assert not got.reading.exact
    assert "quote = ''" in got.reading.relation
    assert got.reading.types == {"a": "VARCHAR", "b": "VARCHAR", "c": "VARCHAR"}
    assert (got.rows, got.rejects, got.missing) == ([("1", None, "3"), ("4", "5", "6")], [], 0)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_newlines_and_encodings_do_not_matter(either: ReadBytes, newline: bytes, encoding: str) -> None:
    text = f'a,b,c{newline.decode()}1,𠮷䶮思明区,"x, ""y"""{newline.decode()}{newline.decode()}4,受理时间,'
    got = either(text.encode(encoding), encoding="" if encoding != "gb18030" else "gb18030")
    assert got.rows == [("1", "𠮷䶮思明区", 'x, "y"'), ("4", "受理时间", None)]
    assert (got.rejects, got.missing) == ([], 0)


def test_line_breaks_inside_quotes_are_kept(either: ReadBytes) -> None:
    got = either(b'a,b,c\n1,"x\ny",3\n\n2,"\n\n\n","q\n\nr"\n4,5,6\n')
    assert got.rows == [("1", "x\ny", "3"), ("2", "\n\n\n", "q\n\nr"), ("4", "5", "6")]
    assert (got.rejects, got.missing) == ([], 0)


def test_crlf_inside_quotes_is_kept(either: ReadBytes) -> None:
    got = either(b'a,b,c\r\n1,"x\r\n\r\ny",3\r\n4,5,6\r\n')
    assert (got.rows, got.rejects, got.missing) == ([("1", "x\r\n\r\ny", "3"), ("4", "5", "6")], [], 0)


def test_lines_of_another_width_are_rejected_with_their_numbers(either: ReadBytes) -> None:
    got = either(b"a,b,c\n1,2,3\n1,2\n\n1,2,3,4\n1,2,3,4,5,6\n   \n4,5,6\n")
    assert got.rows == [("1", "2", "3"), ("4", "5", "6")]
    assert got.rejects == [
        (3, "2 fields where 3 are expected"),
        (5, "4 fields where 3 are expected"),
        (6, "6 fields where 3 are expected"),
        (7, "1 field where 3 are expected"),
    ]
    assert got.missing == 0


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rejected_records_of_many_lines_are_placed_and_accounted_for(either: ReadBytes, newline: str) -> None:
    text = 'a,b,c\n1,"x\ny",3\n1,"x\n\ny"\n\n1,"q\nr",3,4\n4,5,6\n7,8'
    got = either(text.replace("\n", newline).encode())
    assert [row[0] for row in got.rows] == ["1", "4"]
    assert [line for line, _ in got.rejects] == [4, 8, 11]
    assert got.missing == 0


def test_rejects_point_at_their_bytes(read: ReadBytes) -> None:
    data = b'a,b,c\r\n1,2,3\r\n\r\n1,2\r\n"x\r\ny",2\r\n'
    got = read(data)
    records = [data[r.offset : r.offset + r.length] for r in got.reading.rejects()]
    assert records == [b"1,2", b'"x\r\ny",2']


def test_rejects_do_not_pile_up_over_scans(con: duckdb.DuckDBPyConnection, read: ReadBytes) -> None:
    got = read(b"a,b,c\n1\n4,5,6\n1,2,3,4,5\n")
    for _ in range(3):
        con.execute(f"SELECT count(*) FROM {got.reading.relation} x JOIN {got.reading.relation} y USING (a)").fetchall()
    assert [reject.line for reject in got.reading.rejects()] == [2, 4]
    got.reading.close()
    assert got.reading.rejects() == []


def test_rejects_are_unknown_before_a_scan(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "trips.csv"
    path.write_bytes(b"a,b,c\n1\n")
    landed = land(contract_of(), path, tmp_path / "landing")
    assert open_reading(con, contract_of(), landed).rejects() == []


def test_more_rejects_than_are_kept_show_as_missing(read: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_MOST_REJECTS", 5)
    data = b"a,b,c\n" + b"1,2\n" * 20 + b"4,5,6\n"
    assert read(data).missing == 15
    assert read(data, exactly=True).missing == 0


def test_a_line_too_long_is_rejected_alone(either: ReadBytes) -> None:
    got = either(b"a,b,c\n1,2,3\n1," + b"x" * 1_000_001 + b",3\n4,5,6\n")
    assert got.rows == [("1", "2", "3"), ("4", "5", "6")]
    assert (got.rejects, got.missing) == ([(3, "the line is longer than 1000000 bytes")], 0)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_an_endless_line_costs_itself_and_no_memory(read: ReadBytes, newline: bytes) -> None:
    data = newline.join([b"a,b,c", b"1,2,3", "字".encode() * 8_000_000, b"4,5,6", b""])
    got = read(data, exactly=True)
    assert got.rows == [("1", "2", "3"), ("4", "5", "6")]
    assert (got.rejects, got.missing) == ([(3, "the line is longer than 1000000 bytes")], 0)


@pytest.mark.parametrize("start", [b"", b"x", b"xx"])
def test_a_long_rejected_line_does_not_break_the_reading(read: ReadBytes, start: bytes) -> None:
    """DuckDB keeps 10,000 bytes of a rejected line, and fails when that splits a character."""
    got = read(b"a,b,c\n1,2,3\n" + start + "字".encode() * 5000 + b"\n4,5,6\n")
    assert got.rows == [("1", "2", "3"), ("4", "5", "6")]
    assert (got.rejects, got.missing) == ([(3, "1 field where 3 are expected")], 0)


def test_long_lines_without_a_fault_are_left_to_duckdb(read: ReadBytes) -> None:
    got = read(b"a,b,c\n1," + "字".encode() * 5000 + b",3\n")
    assert (got.reading.exact, got.missing) == (False, 0)


def test_a_long_rejected_record_of_many_lines_is_measured(read: ReadBytes) -> None:
    data = b'a,b,c\n1,2,3\n1,"' + b"x" * 20_000 + b'\n\n",3,4\n4,5,6\n1,"' + b"x" * 20_000 + b'\n"'
    got = read(data)
    assert (got.missing, [line for line, _ in got.rejects]) == (0, [3, 7])
    assert [reject.length for reject in got.reading.rejects()] == [20_010, 20_005]


def test_text_after_a_closing_quote_rejects_the_line(either: ReadBytes) -> None:
    got = either(b'a,b,c\n1,"x"y,3\n4,5" pipe,6\n')
    assert (got.rows, got.rejects, got.missing) == ([("4", '5" pipe', "6")], [(2, UNBALANCED)], 0)


@pytest.mark.parametrize("start", ["", "x", "xx"])
@pytest.mark.parametrize("rows", [3, 200_000])
def test_one_unclosed_quote_loses_no_row(read: ReadBytes, rows: int, start: str) -> None:
    lines = [f"{number},名称 {number},x" for number in range(rows)]
    lines[rows // 2] = f'{rows // 2},"{start}名称,x'
    got = read(("a,b,c\n" + "\n".join(lines) + "\n").encode())
    assert got.reading.exact
    assert got.missing == 0
    assert got.rejects == [(rows // 2 + 2, UNBALANCED)]
    assert [row[0] for row in got.rows] == [str(number) for number in range(rows) if number != rows // 2]


def test_an_unclosed_quote_on_the_last_line_costs_that_line(read: ReadBytes) -> None:
    data = b'a,b,c\n1,2,3\n4,"5,6'
    got = read(data)
    assert (got.rows, got.rejects, got.missing) == ([("1", "2", "3")], [(3, UNBALANCED)], 0)


def test_rows_that_duckdb_drops_are_missed(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "trips.csv"
    path.write_bytes(b"a,b,c\n" + b"".join(b'%d,"x,3\n' % n if n == 9000 else b"%d,y,3\n" % n for n in range(100_000)))
    landed = land(contract_of(), path, tmp_path / "landing")
    head = delimited.read_head(contract_of(), landed)
    native = rows_of(con, landed, delimited._native(con, landed, head, '"'))
    assert native.missing == 100_000 - len(native.rows) - 1 > 0


def test_empty_fields_beyond_the_headings_are_passed_over(either: ReadBytes) -> None:
    data = b'a,b,c\n1,2,3,\n1,2,3,,,\n,,,\n1,,,\n"1","2","3","",\n1,2,"3",,\n1,2,3,,5\n1,2,3, \n'
    got = either(data)
    assert got.rows == [*[("1", "2", "3")] * 2, (None, None, None), ("1", None, None), *[("1", "2", "3")] * 2]
    assert ([line for line, _ in got.rejects], got.missing) == ([8, 9], 0)


def test_blanks_around_quotes_do_not_count(either: ReadBytes) -> None:
    data = b'a,b,c\n1, "x, y" ,3\n"1" , "a\n""b", "c"\n 4 , 5" pipe , 6\n1, "x" y,3\n'
    got = either(data)
    assert got.rows == [("1", "x, y", "3"), ("1", 'a\n"b', "c"), (" 4 ", ' 5" pipe ', " 6")]
    assert (got.rejects, got.missing) == ([(6, UNBALANCED)], 0)


def test_a_record_with_unbalanced_quotes_is_never_taken_as_read_by_duckdb(read: ReadBytes) -> None:
    data = b'a,b,c\n1,"x"y,"3"z\n4,5,6\n'  # an even number on each line
    assert read(data).missing == 1
    got = read(data, exactly=True)
    assert (got.rows, got.rejects, got.missing) == ([("4", "5", "6")], [(2, UNBALANCED)], 0)


def test_two_unclosed_quotes_do_not_swallow_the_records_between_them(read: ReadBytes) -> None:
    got = read(b'a,b,c\n1,"x\n' + b"2,y,3\n" * 5000 + b'z",3\n4,5,6\n')
    assert len(got.rows) == 5001
    assert [line for line, _ in got.rejects] == [2, 5003]
    assert got.missing == 0


def test_quotes_everywhere_none_closed(read: ReadBytes) -> None:
    got = read(b"a,b,c\n" + b'1,2,"3\n' * 2001, exactly=True)
    assert (len(got.rejects), got.rows, got.missing) == (2001, [], 0)


@pytest.mark.parametrize(
    "data",
    [b"a,b,c\n1,x\0y,3\n", b"a,b,c\r1,2,3\r", b"a,b,c\r\n1,2,3\n", b"a,b,c\n1,x\ry,3\n4,5,6\n"],
    ids=["NUL", "CR only", "mixed", "lone CR"],
)
def test_what_duckdb_reads_wrongly_goes_to_the_exact_reader_at_once(read: ReadBytes, data: bytes) -> None:
    got = read(data)
    assert got.reading.exact
    assert got.reading.exactly() is got.reading
    assert got.missing == 0


def test_nuls_stay_inside_their_value(read: ReadBytes) -> None:
    assert read(b"a,b,c\n1,x\0y,3\n").rows == [("1", "x\0y", "3")]


def test_mixed_newlines_lose_nothing(read: ReadBytes) -> None:
    got = read(b'a,b,c\r\n1,2,3\n4,"x\r\ny",6\r7,8,9\r\n\n\r10,11')
    assert got.rows == [("1", "2", "3"), ("4", "x\r\ny", "6"), ("7", "8", "9")]
    assert (got.rejects, got.missing) == ([(8, "2 fields where 3 are expected")], 0)


def test_blank_lines_of_a_single_column_are_no_rows(read: ReadBytes) -> None:
    got = read(b"a\n1\n\n2\n", "a")
    assert (got.rows, got.missing) == ([("1",), ("2",)], 0)


def test_quoting_can_be_off_or_another_character(either: ReadBytes) -> None:
    assert either(b'a,b,c\n1,"2,3"\n', quote="").rows == [("1", '"2', '3"')]
    assert either(b"a,b,c\n1,'x, ''y','z'\n", quote="'").rows == [("1", "x, 'y", "z")]


def test_undecodable_bytes_reach_the_row_as_replacements(either: ReadBytes) -> None:
    got = either("a,b,c\n1,受理时间\n".encode() + b"2,\xff,3\n")
    assert got.rows == [("2", "\ufffd", "3")]
    assert got.landed.undecodable.places[0][0] == 3


@pytest.mark.parametrize("name", ["x[1].csv", "*.csv", "a?b.csv", "it's.csv", "{a,b}.csv"])
def test_a_file_name_is_no_glob(either: ReadBytes, name: str) -> None:
    assert either(b"a,b,c\n1,2,3\n", name=name).rows == [("1", "2", "3")]


def test_a_folder_that_looks_like_a_partition_adds_no_column(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "trips.csv"
    path.write_bytes(b"a,b,c\n1,2,3\n")
    landed = land(contract_of(), path, tmp_path / "year=2026")
    assert rows_of(con, landed, open_reading(con, contract_of(), landed)).rows == [("1", "2", "3")]


def test_headings_of_any_spelling_become_columns(either: ReadBytes) -> None:
    got = either('a,it\'s,"say ""b""",at,序号\n1,2,3,4,5\n'.encode(), "a")
    assert got.reading.headings == ("a", "it's", 'say "b"', "at", "序号")
    assert (got.rows, got.missing) == ([("1", "2", "3", "4", "5")], 0)


def test_a_reading_can_be_scanned_often(con: duckdb.DuckDBPyConnection, read: ReadBytes) -> None:
    for exactly in (False, True):
        relation = read(b'a,b,c\n1,"2",3\n4,5,6\n', exactly=exactly).reading.relation
        assert con.execute(f"SELECT count(*) FROM {relation} x JOIN {relation} y USING (a)").fetchone() == (2,)
        assert con.execute(f"SELECT count(*) FROM {relation}").fetchone() == (2,)


def test_an_exact_reading_survives_a_rollback_when_opened_before(
    con: duckdb.DuckDBPyConnection, read: ReadBytes
) -> None:
    reading = read(b"a,b,c\n1,2,3\n", exactly=True).reading
    con.execute("BEGIN")
    con.execute(f"CREATE TABLE t AS SELECT * FROM {reading.relation}")
    con.execute("ROLLBACK")
    assert con.execute(f"SELECT a, _line, _structure FROM {reading.relation}").fetchall() == [("1", 2, None)]
    reading.close()
    with pytest.raises(duckdb.CatalogException):
        con.execute(f"SELECT * FROM {reading.relation}")


def test_an_unknown_format_is_refused(read: ReadBytes) -> None:
    from pipelines.errors import SourceError

    with pytest.raises(SourceError, match=r"'dbf' is no format \(of csv, geojson, json, jsonl, parquet, xls, xlsx\)"):
        read(b"a,b,c\n", format="dbf")
