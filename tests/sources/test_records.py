"""The exact reader owes an account of every physical line, whatever the bytes are."""

import csv
import io
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.sources import quoting, records
from pipelines.sources.counting import Counter
from pipelines.sources.landing import land
from pipelines.sources.reading import open_reading
from pipelines.sources.records import Records
from tests.sources.conftest import Read, contract_of, rows_of

HEADINGS = ("a", "b", "c")
ANY_TEXT = st.lists(
    st.sampled_from(['"', '""', ",", ";", "\n", "\r", "\r\n", "x", " ", "字", "\0", "1,2,3\n", '"x",'])
).map("".join)
FIELD = st.text(st.sampled_from('ab,;"\n 字\t|'), max_size=6)


@contextmanager
def text_file(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trips.csv"
        path.write_bytes(data)
        yield path


def read_all(data: bytes, delimiter: str = ",", quote: str = '"') -> tuple[list[dict[str, object]], int]:
    """All rows of bytes without headings, and how many lines rejected records took beyond their first."""
    with text_file(data) as path:
        source = Records(path, 0, 1, HEADINGS, delimiter, quote)
        rows = [row for batch in source.batches() for row in batch.to_pylist()]
        return rows, source.further_lines


def lines_covered(row: dict[str, object]) -> int:
    values = [str(row[heading]).replace("\r\n", "\n").replace("\r", "\n") for heading in HEADINGS if row[heading]]
    return 1 + sum(len([part for part in value.split("\n")[1:-1] if part]) + ("\n" in value) for value in values)


def check_account(data: bytes, delimiter: str = ",", quote: str = '"') -> None:
    counter = Counter()
    counter.feed(data)
    counts = counter.close()
    rows, further = read_all(data, delimiter, quote)
    assert sum(map(lines_covered, rows)) + further == counts.lines - counts.blank
    numbers = [row["_line"] for row in rows]
    assert numbers == sorted(set(numbers))
    lines = data.splitlines()
    for row in rows:
        assert lines[int(str(row["_line"])) - 1]
        assert row["_structure"] is None or all(row[heading] is None for heading in HEADINGS)


@given(text=ANY_TEXT, delimiter=st.sampled_from([",", ";"]), quote=st.sampled_from(['"', ""]))
@example(text='1,"x\n\n\ny",3\n"', delimiter=",", quote='"')
@example(text='"1","2","3"\n"1"",""2","3"\n'.replace("3", ","), delimiter=",", quote='"')
@example(text='",","x","y"\n', delimiter=",", quote='"')
@settings(deadline=None)
def test_every_physical_line_is_accounted_for(text: str, delimiter: str, quote: str) -> None:
    check_account(text.encode(), delimiter, quote)


@given(text=ANY_TEXT, block=st.integers(1, 30))
@settings(deadline=None)
def test_blocks_of_any_size_give_the_same_records(text: str, block: int) -> None:
    whole = read_all(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_BLOCK", block)
        assert read_all(text.encode()) == whole


@given(text=ANY_TEXT, block=st.integers(1, 30), lines=st.integers(1, 3), size=st.integers(4, 12))
@example(text='"""""""字', block=1, lines=1, size=4)
@settings(deadline=None)
def test_tight_bounds_lose_nothing(text: str, block: int, lines: int, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_BLOCK", block)
        patch.setattr(quoting, "MAX_LINES", lines)
        for module in (records, quoting):
            patch.setattr(module, "MAX_LINE", size)
        check_account(text.encode())


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2}) as con:
        yield con


def through_both(con: duckdb.DuckDBPyConnection, data: bytes, **ingest: object) -> tuple[Read, Read]:
    with text_file(data) as path:
        contract = contract_of(**ingest)
        landed = land(contract, path, path.parent / "landing")
        reading = open_reading(con, contract, landed)
        both = rows_of(con, landed, reading), rows_of(con, landed, reading.exactly())
        reading.close()
        both[1].reading.close()
        return both


@given(
    rows=st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    style=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
@settings(deadline=None, max_examples=200)
def test_well_formed_files_read_the_same_in_all_readers(
    shared: duckdb.DuckDBPyConnection, rows: list[tuple[str, ...]], delimiter: str, newline: str, style: int
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=style)  # type: ignore[arg-type]
    writer.writerows([HEADINGS, *rows])
    native, exact = through_both(shared, out.getvalue().encode(), delimiter=delimiter)
    expected = [tuple(value or None for value in row) for row in rows]
    assert exact.rows == expected
    assert (exact.rejects, exact.missing) == ([], 0)
    if not native.missing:
        assert native.rows == expected
        assert native.rejects == []


@given(lines=st.lists(st.text(st.sampled_from('x1,"字'), max_size=12), max_size=12))
@settings(deadline=None, max_examples=200)
def test_a_native_reading_that_adds_up_lost_nothing(shared: duckdb.DuckDBPyConnection, lines: list[str]) -> None:
    native, exact = through_both(shared, "\n".join(["a,b,c", *lines]).encode(), delimiter=",")
    assert exact.missing == 0
    if not native.missing and not native.reading.exact:
        assert (native.rows, [line for line, _ in native.rejects]) == (exact.rows, [line for line, _ in exact.rejects])


def test_a_quoted_field_may_take_a_thousand_lines() -> None:
    value = "x\n" * 998 + "x"
    rows, further = read_all(f'1,"{value}",3\n'.encode())
    assert (rows[0]["b"], further) == (value, 0)
    rows, _ = read_all(f'1,"{value}\nx\nx",3\n'.encode())
    assert rows[0]["_structure"]
    check_account(f'1,"{value}\nx\nx",3\n4,5,6\n'.encode())


def test_a_quoted_field_across_blocks_is_whole() -> None:
    value = "\n".join(f"line {number}" for number in range(900)).replace("line", "x" * 900)
    rows, _ = read_all(("1,2,3\n" * 700_000 + f'1,"{value}",3\n4,5,6\n').encode())
    assert len(rows) == 700_002
    assert rows[-2]["b"] == value
    assert rows[-1]["_line"] == 700_901


def test_seeded_damage_in_a_large_file_loses_nothing() -> None:
    chance = random.Random(7)
    lines = [f'{n},"name, {n}",{n % 9}' if chance.random() < 0.3 else f"{n},name {n},x" for n in range(60_000)]
    for place in chance.sample(range(60_000), 200):
        lines[place] = chance.choice(
            ['1,"open,2', "1,2", '1,"a"b,3', '"', "1,2,3,4", '1,"a\nb\n\nc",3', "", '"1\n2",3']
        )
    check_account("\n".join(lines).encode())


@pytest.mark.parametrize("start", ["", "x", "xx"])
def test_an_endless_line_of_quotes_and_characters_is_cut_between_characters(start: str) -> None:
    rows, _ = read_all(f'1,2,3\n{start}"{"字" * 3_000_000}"\n4,5,6\n'.encode())
    assert [(row["_line"], row["_structure"]) for row in rows] == [
        (1, None),
        (2, "the line is longer than 1000000 bytes"),
        (3, None),
    ]


def test_a_field_may_hold_any_control_character() -> None:
    controls = "".join(map(chr, range(1, 32))).replace("\n", "").replace("\r", "")
    rows, _ = read_all(f'1,"{controls}",3\n'.encode())
    assert rows[0]["b"] == controls
