from collections.abc import Callable
from typing import Any

import pytest

from pipelines.errors import SourceError

Reads = Callable[..., Any]


@pytest.fixture
def lines(read: Reads) -> Reads:
    return lambda data, **ingest: read(data, **({"name": "水位.jsonl", "format": "jsonl"} | ingest))


def test_every_key_is_a_heading_and_nested_ones_have_dots(lines: Reads) -> None:
    found = lines(b'{"a":1.50,"b":{"c":"x","d":null}}\n{"a":"","b":{"c":[1,{"e":2}]},"f":true}\n')
    assert found.reading.headings == ("a", "b.c", "b.d", "f")
    assert found.rows == [("1.5", "x", None, None), (None, '[1,{"e":2}]', None, "true")]
    assert found.missing == 0


def test_a_broken_line_is_rejected_alone_with_its_number(lines: Reads) -> None:
    found = lines(b'{"a":1}\n\n{"a":\n[1]\n"x"\n{"a":2}\r\n{"a":3')
    assert found.rows == [("1",), ("2",)]
    assert found.rejects == [
        (3, "this is no JSON"),
        (4, "this is JSON, but no object"),
        (5, "this is JSON, but no object"),
        (7, "this is no JSON"),
    ]
    assert found.missing == 0


def test_a_byte_order_mark_spoils_no_line(lines: Reads) -> None:
    assert lines(b'\xef\xbb\xbf{"a":1}\n{"a":2}\n').rows == [("1",), ("2",)]


def test_gb18030_and_utf_16_are_read(lines: Reads) -> None:
    text = '{"a":"集美区杏林街道办事处的水位站，名称如此"}\n' * 3
    for encoding in ("gb18030", "utf-16"):
        assert lines(text.encode(encoding)).rows == [("集美区杏林街道办事处的水位站，名称如此",)] * 3


def test_nan_is_a_text_for_the_rules_to_judge_and_long_whole_numbers_keep_all_digits(lines: Reads) -> None:
    found = lines(b'{"a":NaN,"b":350203199001011234}\n{"a":1e400,"b":123456789012345678901234}\n')
    assert found.rows == [("NaN", "350203199001011234"), ("1e400", "123456789012345678901234")]


def test_a_nul_in_a_text_rejects_its_line(lines: Reads) -> None:
    found = lines(b'{"a":"x\\u0000y"}\n{"a":"z"}\n')
    assert (found.rows, found.rejects) == ([("z",)], [(1, "a text of it holds a NUL")])


def test_a_key_that_comes_late_is_found_when_the_contract_knows_it(lines: Reads) -> None:
    early = b'{"a":"%s"}\n' % (b"x" * 1000)
    found = lines(early * 5000 + b'{"a":"y","b":{"c":5}}\n' + early * 5000, columns="a b.c")
    assert found.reading.headings == ("a", "b.c")
    assert ("y", "5") in found.rows
    assert found.missing == 0


def test_a_line_too_long_is_rejected(lines: Reads) -> None:
    found = lines(b'{"a":"%s"}\n{"a":"y"}\n' % (b"x" * 1_000_000))
    assert (found.rows, found.rejects) == ([("y",)], [(1, "the line is longer than 1000000 bytes")])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a,b,c\n1,2,3\n", "[json] no line of it is a JSON object"),
        (b'[{"a":1},\n{"a":2}]\n', "[json] no line of it is a JSON object"),
        (b'{"a":1,"A":2}\n', "[header] keys differ in case alone or are reserved: A, a"),
        (b'{"_line":1}\n', "[header] keys differ in case alone or are reserved: _line"),
        (b"PK\x03\x04" + b"\0" * 50, "[archive]"),
        (b"\n\n", "[empty]"),
    ],
)
def test_what_is_no_json_lines_is_refused_with_a_reason(read: Reads, data: bytes, told: str) -> None:
    with pytest.raises(SourceError) as error:
        read(data, name="水位.jsonl", format="jsonl")
    assert told in str(error.value)
