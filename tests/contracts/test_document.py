"""YAML read strictly: every value has its line, and nothing is guessed."""

import pytest

from pipelines.contracts.document import parse_document


def test_every_value_has_its_line() -> None:
    document, problems = parse_document("a: 1\nb:\n  - x: 甲\n    y: [1,\n      2]\n", "f.yaml")
    assert problems == []
    assert document is not None
    assert document.data == {"a": 1, "b": [{"x": "甲", "y": [1, 2]}]}
    assert [document.line(place) for place in [("a",), ("b", 0, "x"), ("b", 0, "y", 1), ("b", 0, "none")]] == [
        1,
        3,
        5,
        3,
    ]


def test_plain_values_are_json_values_and_dates_stay_text() -> None:
    text = "a: 1\nb: -1.5\nc: true\nd: ~\ne: 2026-01-01\nf: 2026-01-01 08:00:00\ng: '01'\nh: 5.0e-1\ni: =\n"
    document, problems = parse_document(text, "f.yaml")
    assert problems == []
    assert document is not None
    values = [1, -1.5, True, None, "2026-01-01", "2026-01-01 08:00:00", "01", 0.5, "="]
    assert list(document.data.values()) == values


@pytest.mark.parametrize(
    "value", ["0123", "12:30", "1_000", "0x1f", "+5", "yes", "off", ".inf", ".nan", "1.0e+999", "9" * 40]
)
def test_value_that_readers_disagree_on_is_told(value: str) -> None:
    _, problems = parse_document(f"a: {value}", "f.yaml")
    assert [problem.rule for problem in problems] == ["yaml-ambiguous"]
    assert f'"{value}"' in problems[0].hint


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("", "no mapping", 1),
        ("- a\n", "no mapping", 1),
        ("a: 1\n---\nb: 2\n", "but found another document", 2),
        ("a: 1\n b: 2\n", "mapping values are not allowed", 2),
        ("a: *b\n", "undefined alias", 1),
        ("? [1]\n: 2\n", "a key must be plain text", 1),
        ("a: 1\nb: \"\\0\"\n", "NUL", 2),
        ("a: \x00\n", "control characters", None),
        ("a: &a [*a]\n", "an alias within itself", 1),
        ("- " * 300_000, "nested more than", 1),
        ("[ " * 300_000, "nested more than", 1),
        ("a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 200)), "more than 60 levels", 62),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_told(text: str, says: str, line: int | None) -> None:
    _, problems = parse_document(text, "f.yaml")
    assert says in problems[0].message
    assert problems[0].line == line


def test_aliases_that_multiply_stop_early() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    _, problems = parse_document("\n".join(lines), "f.yaml")
    assert [problem.rule for problem in problems] == ["yaml"]


def test_property_given_twice_is_told(city) -> None:
    city.edit(
        "mobility.trips",
        "- property: rongtong\n            value: {codeList",
        "- {property: rongtong, value: {unit: m}}\n          - property: rongtong\n            value: {codeList",
    )
    assert "property 'rongtong' is given 2 times" in str(city.problems("mobility.trips")[0])


def test_long_shallow_file_is_read() -> None:
    document, problems = parse_document("a:\n" + "  - {b: [1]}\n" * 3000, "f.yaml")
    assert problems == []
    assert document is not None
    assert len(document.data["a"]) == 3000


def test_file_in_another_encoding_is_told(city) -> None:
    city.path("mobility.trips").write_bytes(city.text("mobility.trips").encode("gb18030"))
    (found,) = city.problems("mobility.trips")
    assert (found.rule, found.line) == ("yaml", 4)
    assert "is not UTF-8" in found.message


def test_byte_order_mark_is_no_part_of_the_first_key(city) -> None:
    city.path("mobility.trips").write_bytes(b"\xef\xbb\xbf" + city.text("mobility.trips").encode())
    assert city.problems("mobility.trips") == []
