import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import SourceError
from pipelines.sources import json_stream
from pipelines.sources.json_stream import elements

Reads = Callable[..., Any]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def document(read: Reads) -> Reads:
    return lambda data, **ingest: read(data, **({"name": "设施.json", "format": "json"} | ingest))


def test_an_array_of_objects_is_rows_with_their_lines(document: Reads, con: Any) -> None:
    found = document('[\n {"a": 1, "b": {"c": "集美"}},\n {"a": 2,\n  "b": null},\n 5,\n {"a": 3}\n]\n'.encode())
    assert found.reading.headings == ("a", "b.c", "b")
    assert found.rows == [("1", "集美", '{"c":"集美"}'), ("2", None, None), ("3", None, None)]
    assert found.rejects == [(5, "this is JSON, but no object")]
    assert con.execute(f"SELECT _line FROM {found.reading.relation}").fetchall() == [(2,), (3,), (5,), (6,)]
    assert found.missing == 0


def test_a_document_of_many_pieces_is_given_record_by_record_as_often_as_asked(document: Reads, con: Any) -> None:
    records = [{"a": n, "b": "集美" * (n % 90), "c": {"d": [n, None]}} for n in range(40_000)]
    text = json.dumps(records, ensure_ascii=False, separators=(",\n", ":"))
    found = document(text.encode(), columns="a b")
    expected = [(str(r["a"]), r["b"] or None, f"[{r['a']},null]") for r in records]
    assert (found.rows == expected, found.missing) == (True, 0)
    lines = con.execute(f"SELECT _line FROM {found.reading.relation}").fetchall()
    assert lines == [(4 * n + 1,) for n in range(40_000)]


def test_a_path_leads_to_the_records(document: Reads) -> None:
    data = b'{"code": 0, "result": {"total": 2, "records": [{"a": 1}, {"a": 2}], "more": [1]}, "x": [{"a": 9}]}'
    assert document(data, path="result.records").rows == [("1",), ("2",)]


def test_no_record_at_all_is_a_delivery_without_rows(document: Reads) -> None:
    found = document(b"[]", columns="a b")
    assert (found.rows, found.missing) == ([], 0)


def test_other_encodings_and_a_byte_order_mark_are_read(document: Reads) -> None:
    text = json.dumps([{"a": "集美区杏林街道办事处的公共设施名称"}] * 3, ensure_ascii=False)
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        assert len(document(text.encode(encoding)).rows) == 3


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'[{"a":1},\n{"a":2', "setup.json:2: [json] the document is cut off. Hint: send the file again"),
        (b'[{"a":1},\n{"a":"x', "the document is cut off"),
        (b'[{"a":1}', "the document is cut off"),
        (b'[{"a":1},]' + b" " * 50, "this is no JSON"),
        (b'[{"a":1} {"a":2}]', "',' expected"),
        (b'[{"a":1}] x', "something follows the document"),
        (b'{"a":1}\n{"a":2}\n', "there is no array of records there. Hint: records inside an object: `path`"),
        (b'[{"a":1,"A":2}]', "[header] keys differ in case alone or are reserved: A, a"),
        (b"a,b\n1,2\n", "[json] there is no array"),
        (b"[" * 100_000, "the JSON is nested too deeply"),
        (b"<html></html>" + b" " * 20, "[format] the file is a web page"),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(read: Reads, data: bytes, told: str) -> None:
    with pytest.raises(SourceError) as error:
        read(data, name="setup.json", format="json")
    assert told in str(error.value)


def test_a_path_that_leads_nowhere_names_the_key(read: Reads) -> None:
    for path, told in (
        ("result.rows", "there is no 'rows' in it"),
        ("code.x", "no object that could hold 'x'"),
        ("code", "no array"),
    ):
        with pytest.raises(SourceError, match=told):
            read(b'{"code": 0, "result": {"records": []}}', name="a.json", format="json", path=path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(VALUES, max_size=8), indent=st.sampled_from([None, 1]), chunk=st.integers(1, 9), plain=st.booleans()
)
def test_any_array_is_given_value_by_value_wherever_its_pieces_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: list[Any], indent: int | None, chunk: int, plain: bool
) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    path = tmp_path / "a.json"
    text = json.dumps({"x": [1, {"records": 2}], "records": values, "y": "]"}, indent=indent, ensure_ascii=plain)
    path.write_text(text, encoding="utf-8", errors="replace")
    found = list(elements(path, 0, ["records"]))
    data = path.read_bytes()
    texts = [data[element.start : element.start + element.size] for element in found]
    assert [json.loads(text) for text in texts] == json.loads(data)["records"]
    assert all(json.loads(text) == element.value for text, element in zip(texts, found, strict=True))
    assert [element.line for element in found] == [data.count(b"\n", 0, element.start) + 1 for element in found]
