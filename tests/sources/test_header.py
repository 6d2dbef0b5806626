"""Headings are found, understood, and refused when they cannot be what the contract describes."""

from collections.abc import Callable

import pytest

from pipelines.errors import SourceError
from tests.sources.conftest import Read

ReadBytes = Callable[..., Read]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
def test_an_undeclared_delimiter_is_found(read: ReadBytes, delimiter: str) -> None:
    got = read("a,b,c\n1,x y,3\n".replace(",", delimiter).encode())
    assert got.reading.headings == ("a", "b", "c")
    assert got.rows == [("1", "x y", "3")]


def test_the_delimiter_that_gives_known_headings_wins(read: ReadBytes) -> None:
    assert read(b"a;b;c\n1,1;2,2;3,3\n").rows == [("1,1", "2,2", "3,3")]
    assert read(b"order, a;order, b;order, c;a\n1;2;3;4\n").reading.headings[-1] == "a"


def test_a_quoted_delimiter_does_not_mislead(read: ReadBytes) -> None:
    assert read(b'a;"b,x,y,z";c\n1;"2,2,2,2";3\n').rows == [("1", "2,2,2,2", "3")]


def test_a_single_column_needs_no_delimiter(read: ReadBytes) -> None:
    assert read(b"a\n1\n2\n", "a").rows == [("1",), ("2",)]


def test_a_declared_delimiter_is_used(read: ReadBytes) -> None:
    assert read(b"a~b~c\n1~2~3\n", delimiter="~").rows == [("1", "2", "3")]


def test_titles_above_the_headings_are_passed_over(read: ReadBytes) -> None:
    got = read("路灯故障明细表（2026-06）,,\n\n编号,b,c\n1,2,3\n".encode(), "编号 b c", header_row=3)
    assert got.reading.headings == ("编号", "b", "c")
    assert (got.reading.first_line, got.rows, got.missing) == (4, [("1", "2", "3")], 0)


@pytest.mark.parametrize("title", [b'"title, never closed\n', b'"a title"\n', b'say "this"\n'])
def test_quotes_in_a_title_lose_no_row(read: ReadBytes, title: bytes) -> None:
    data = title + b'a,b,c\n1,2,3\n4,"5",6\n'
    first = read(data, header_row=2)
    got = first if not first.missing else read(data, header_row=2, exactly=True)
    assert (got.rows, got.missing) == ([("1", "2", "3"), ("4", "5", "6")], 0)


def test_headings_with_line_breaks_inside_quotes(read: ReadBytes) -> None:
    got = read('"a\n（必填）","b",c\n1,2,3\n'.encode(), "b c")
    assert got.reading.headings == ("a\n（必填）", "b", "c")
    assert (got.reading.first_line, got.rows, got.missing) == (3, [("1", "2", "3")], 0)


def test_headings_are_trimmed_of_blanks_and_invisible_marks(read: ReadBytes) -> None:
    assert read("\ufeff a ,\u3000b\u200b,c\t\n1,2,3\n".encode()).reading.headings == ("a", "b", "c")


def test_headings_are_known_whatever_their_width_and_case(read: ReadBytes) -> None:
    assert read("ＰＭ２．５,X\n1,2\n".encode(), "pm2.5").reading.headings == ("ＰＭ２．５", "X")


def test_columns_without_a_heading_get_a_name_of_their_own(read: ReadBytes) -> None:
    got = read(b"a,b,c,,\n1,2,3,,\n4,5,6,7,\n")
    assert got.reading.headings == ("a", "b", "c", "_unnamed_4", "_unnamed_5")
    assert got.rows == [("1", "2", "3", None, None), ("4", "5", "6", "7", None)]


def test_a_file_without_headings_takes_them_from_the_contract(read: ReadBytes) -> None:
    got = read(b"\xef\xbb\xbf1,2,3\n4,5,6\n", header_row=0)
    assert (got.reading.headings, got.reading.first_line) == (("a", "b", "c"), 1)
    assert (got.rows, got.missing) == ([("1", "2", "3"), ("4", "5", "6")], 0)
    assert read(b"\xef\xbb\xbf1,2,3\n4,5,6\n", header_row=0, exactly=True).rows == got.rows


def test_headings_alone_are_no_error_of_reading(read: ReadBytes) -> None:
    for data in (b"a,b,c", b"a,b,c\n", b"a,b,c\r\n\r\n"):
        got = read(data)
        assert (got.rows, got.rejects, got.missing) == ([], [], 0)


def test_headings_that_look_like_data_are_refused_with_what_was_found(read: ReadBytes) -> None:
    with pytest.raises(
        SourceError, match=r"trips\.csv:1: \[header\] none of the 3 headings .*: '1', '2', '3'.*headerRow: 0"
    ):
        read(b"1,2,3\n4,5,6\n")


def test_no_value_of_a_personal_dataset_is_shown(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="none of the 2 headings") as told:
        read("张三,13800000007\n张三,13800000007\n".encode(), personal=True)
    assert "13800000007" not in str(told.value)
    with pytest.raises(SourceError, match="none of the 2 headings") as told:
        read(b"13800000007,13800000007\n", personal=True)
    assert "13800000007" not in str(told.value)


def test_headings_on_another_line_are_pointed_at(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="they seem to be on line 3: `headerRow: 3`"):
        read(b"a report,,\n\na,b,c\n1,2,3\n")


def test_a_blank_line_is_no_heading(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="line is blank"):
        read(b"\n\na,b,c\n1,2,3\n")


def test_headings_beyond_the_end_are_refused(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="belong on line 9, but the file has 2 lines"):
        read(b"a,b,c\n1,2,3\n", header_row=9)


def test_headings_that_are_there_twice_are_all_named(read: ReadBytes) -> None:
    with pytest.raises(SourceError) as told:
        read("a,b,A,备注,c,备注\n1,2,3,4,5,6\n".encode())
    assert [line for line in str(told.value).splitlines() if "'a'" in line or "'A'" in line or "'备注'" in line]
    assert str(told.value).count("more than once") == 3


def test_a_heading_we_use_ourselves_is_refused(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="'_line' is reserved"):
        read(b"a,b,_LINE\n1,2,3\n")


def test_a_quote_that_opens_in_the_headings_and_never_closes_is_refused(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="a quote in the headings is never closed"):
        read(b'a,"b,c\n1,2,3\n', delimiter=",")


def test_a_first_line_without_end_is_refused(read: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sources.header._WINDOW", 100)
    with pytest.raises(SourceError, match="hold no line break"):
        read(b"x" * 1000)
    assert read(b"a,b,c\n" + b"1,2,3\n" * 100).missing == 0
