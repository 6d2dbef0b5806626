import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.errors import SourceError
from pipelines.sources.json_scan import can_be_scanned, scan_sql
from pipelines.sources.landed import Counts
from pipelines.sources.landing import land
from pipelines.sources.reading import open_reading

from .conftest import contract_of

Reads = Callable[..., Any]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["c", "d", "C", "集/美~"]), inner, max_size=3)
    ),
    max_leaves=4,
)
RECORDS = st.dictionaries(st.sampled_from(["a", "b", "b.c", "c", "x'\"y"]), VALUES, max_size=4)
NO_RECORDS = [
    "[1]",
    "5",
    '"x"',
    "null",
    "NaN",
    "   ",
    '{"a":',
    '{"a":1} {"a":2}',
    '{"a":1},',
    "{'a':1}",
    '[{"a":1}]',
    '{"a":"\t"}',
]


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
        (b'{"a":{"x":1},"A":{"y":2}}\n', "[header] keys differ in case alone or are reserved: A, a"),
        (b'{"a":{"x":{"y":1},"X":2}}\n', "[header] keys differ in case alone or are reserved: a.X, a.x"),
        (b'{"_line":1}\n', "[header] keys differ in case alone or are reserved: _line"),
        (b"PK\x03\x04" + b"\0" * 50, "[archive]"),
        (b"\n\n", "[empty]"),
    ],
)
def test_what_is_no_json_lines_is_refused_with_a_reason(read: Reads, data: bytes, told: str) -> None:
    with pytest.raises(SourceError) as error:
        read(data, name="水位.jsonl", format="jsonl")
    assert told in str(error.value)


def test_a_plain_file_is_left_to_the_scan_and_what_is_none_is_not(lines: Reads) -> None:
    plain = b'{"a":1,"b":{"c":"x"}}\r\n\n{"a":2}\n'
    assert not lines(plain).reading.exact
    for data in (
        plain + b"[1]\n",
        plain + b"{}\n",
        b'{"a":{"b":null}}\n',
        b"\xef\xbb\xbf" + plain,
        plain.replace(b"x", b"\\u0000"),
        b'{"a":1}\r{"a":2}',
    ):
        assert lines(data).reading.exact


def test_a_late_broken_line_is_missing_from_the_scan_and_rejected_by_the_exact_reader(lines: Reads) -> None:
    early = b'{"a":"%s"}\n' % (b"x" * 1000)
    data = early * 2000 + b'{"a":1\n' + early * 3000
    scanned = lines(data)
    assert (scanned.reading.exact, len(scanned.rows), scanned.missing) == (False, 5000, 1)
    exactly = lines(data, exactly=True)
    assert (len(exactly.rows), exactly.rejects, exactly.missing) == (5000, [(2001, "this is no JSON")], 0)


def test_a_value_where_other_records_have_an_object_rejects_its_line_unless_it_is_empty(lines: Reads) -> None:
    early = b'{"a":{"b":"%s"}}\n' % (b"x" * 1000)
    late = b'{"a":5}\n{"a":""}\n{"a":[]}\n{"a":null}\n{"a":["y"]}\n'
    assert lines(early * 2000 + late + early * 3000, columns="a.b").missing
    found = lines(early * 2000 + late + early * 3000, columns="a.b", exactly=True)
    told = "a value stands in it where other records have an object"
    assert (found.rejects, found.missing, len(found.rows)) == ([(2001, told), (2005, told)], 0, 5003)


def test_a_line_end_within_a_text_does_not_hide_its_keys(lines: Reads) -> None:
    assert lines('{"a":"x\u2028y","b":1}\n'.encode()).rows == [("x\u2028y", "1")]


@pytest.mark.parametrize("counted", [{"cr": 1}, {"nuls": 1}, {"longest": 1_000_001}, {"escaped_nuls": True}])
def test_what_duckdb_would_see_otherwise_is_not_scanned(lines: Reads, counted: dict[str, Any]) -> None:
    landed = lines(b'{"a":1}\n').landed
    assert can_be_scanned(landed)
    assert not can_be_scanned(replace(landed, counts=replace(landed.counts, **counted)))
    assert Counts().escaped_nuls, "what landed before it was looked for is read exactly"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(RECORDS.map(json.dumps) | st.sampled_from(NO_RECORDS), min_size=1, max_size=6))
@example(texts=['{"b":{"c":1}}', '{"b":5}', '{"b":{"c":{"d":1.50}}}', '{"b":[1, 2.0]}', '{"b.c":2}'])
@example(
    texts=['{"a":1,"a":2}', '{"a":123456789012345678901234}', '{"a":1e400}', '{"a":-0.0}', '{"a":"\\ud83d\\ude00"}']
)
def test_a_scan_that_misses_no_line_gives_what_the_exact_reader_gives(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, texts: list[str]
) -> None:
    path = tmp_path / "水位.jsonl"
    path.write_text("\n".join(['{"a":"x"}', *texts]), encoding="utf-8")
    contract = contract_of("a b c", format="jsonl")
    landed = land(contract, path, tmp_path / "landing")
    try:
        reading = open_reading(con, contract, landed).exactly()
    except SourceError:
        return  # keys that differ in case alone
    lines = con.execute(f"SELECT * EXCLUDE (_line) FROM {reading.relation}").fetchall()
    scanned = con.execute(f"SELECT *, NULL FROM {scan_sql(landed.readable, reading.pointers)}").fetchall()
    reading.close()
    assert len(scanned) <= sum(row[-1] is None for row in lines)
    assert len(scanned) < len(lines) or scanned == lines
