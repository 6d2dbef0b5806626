"""SQL flags rows, Great Expectations measures the same batch: the counts agree, and a wrong rule does not pass unseen.

The one module that imports Great Expectations; it also looks at the pages that come of it.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.derive import reading, suite
from pipelines.derive.rules import row_rules
from pipelines.steps import load
from pipelines.steps.outcome import TWO_MEASURES
from tests.spine.city import BY_NAME, column, write_code_list
from tests.spine.lake import Lake
from tests.spine.privacy import PLANTED, people, planted_in
from tests.spine.truth import assert_dwd_is_right, fetched

pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def second_measure() -> None:
    """Here both measure."""


def test_counts_agree_on_a_batch_with_every_kind_of_violation(shared: Lake) -> None:
    write_code_list(shared.city, "marks", "x,甲,,", "old,旧,,2020-01-01")
    places = shared.contract([column("place_id", key=True)], dataset="test.places", mode="replace")
    shared.deliver(places, "p.csv", "place_id\np1\n")
    columns = [
        column("id", key=True, options={"pattern": r"^[a-z]\d?$"}),
        column("n", "integer", required=True, options={"minimum": 0, "maximum": 9}),
        column("amount", "number", options={"exclusiveMinimum": 0, "multipleOf": 0.5}),
        column("serial_no", unique=True),
        column("mark", codeList="marks"),
        column("word", options={"minLength": 2, "maxLength": 3}),
        column("kind", enum=["p", "q"]),
        column("place", to="places.place_id"),
        column("is_open", "boolean"),
        column("day", "date", required=True, options={"minimum": "2026-01-01"}),
        column("seen_at", "timestamp"),
        column("phone", level="3", personal=True, mask="hmac", options={"pattern": r"^1\d{10}$"}),
        column("note", level="3", personal=True, mask="scrub", options={"maxLength": 30}),
        column("hidden", level="3", personal=True, mask="drop", required=True),
        column("lax", "integer", tolerance={"type": {"severity": "warning", "maxPct": 100}}),
    ]
    checks = [
        {"name": "day_before_seen", "type": "custom", "engine": "rongtong", "implementation": {"rows": "seen_at IS NULL OR day <= seen_at"}},
        {"name": "fails_itself", "type": "custom", "engine": "rongtong", "severity": "warning",
         "implementation": {"rows": "CAST(word AS INTEGER) > 0", "maxPct": 100}},
        {"metric": "duplicateValues", "arguments": {"properties": ["kind", "place"]}, "mustBeLessThan": 100, "severity": "warning"},
        {"metric": "rowCount", "mustBeBetween": [1, 1000]},
    ]  # fmt: skip
    described = shared.contract(
        columns, checks=checks, max_invalid_pct=100, mode="replace_period", period={**BY_NAME, "column": "day"},
        freshness="seen_at",
    )  # fmt: skip
    good = "1,5,1.5,s{n},x,ab,p,p1,是,2026-01-05,2026-01-06 10:00:00,13800001111,你好,h,7"
    lines = [f"a{n}," + good.partition(",")[2].replace("{n}", str(n)) for n in range(8)]
    fields = dict.fromkeys(range(15))
    bad = {
        0: ["", "A!", "a0"], 1: ["", "x", "10", "-1"], 2: ["0", "0.7", "x"], 3: ["s1", "s1"], 4: ["old", "?"], 5: ["a", "abcd"],
        6: ["r", ""], 7: ["p9", ""], 8: ["maybe"], 9: ["", "2025-12-31", "2026-02-01", "2026-02-31"], 10: ["2026-01-05 24:00:00", "2026-01-01 00:00:00"],
        11: ["110", ""], 12: ["长" * 40], 13: [""], 14: ["z"],
    }  # fmt: skip
    assert fields.keys() == bad.keys()
    for place, values in bad.items():
        for number, value in enumerate(values):
            row = lines[0].split(",")
            row[0], row[3] = f"{'bcdefghijklmnop'[place]}{number}", f"t{place}-{number}"
            row[place] = value
            lines.append(",".join(row))
    lines += ["too,few", lines[0].split(",", 1)[0] + "\ufffd," + lines[0].split(",", 1)[1]]
    head = ",".join(entry["name"] for entry in columns)
    outcome = shared.deliver(described, "o_202601.csv", "\n".join([head, *lines, ""]))
    assert outcome.verdict == "published", outcome.message
    assert [note for note in outcome.notes if "two-measures" in note] == []
    found = fetched(shared, "SELECT * FROM quality.check_results WHERE batch_id = ?", [outcome.batch])
    compared = {row["rule"]: row for row in found if row["agreed"] is not None}
    assert {rule for rule, row in compared.items() if not row["agreed"]} == set()
    measured_twice = {rule for rule, row in compared.items() if row["unexpected"]}
    kinds = {rule.rpartition(".")[2] for rule in measured_twice}
    wanted = {
        "pattern", "required", "type", "range", "multiple_of", "unique", "code_list", "length", "enum", "reference", "period",
        "day_before_seen", "fails_itself",
    }  # fmt: skip
    assert wanted <= kinds, wanted - kinds
    assert_dwd_is_right(shared, described)


def test_counts_agree_where_a_masked_value_would_fit(shared: Lake) -> None:
    columns = [
        column("id", key=True),
        column("phone", level="3", personal=True, mask="hmac"),
        column("word", options={"maxLength": 8}),
        column(
            "name", options={"pattern": r"^[^0-9]+$"}, tolerance={"pattern": {"severity": "warning", "maxPct": 100}}
        ),
        column("note"),
    ]
    short = {
        "name": "note_is_short",
        "type": "custom",
        "engine": "rongtong",
        "implementation": {"rows": "length(note) < 9"},
    }
    described = shared.contract(columns, checks=[short], max_invalid_pct=100)
    phone = "13912340001"
    rows = [
        f"a,{phone},回{phone},甲,x",
        f"b,{phone},y,{phone},x",
        f"c,{phone},y,乙,{phone}",
        f"d,{phone},y,丙,x",
        f"e,{phone},很长很长很长很长很长,7,x",
    ]
    outcome = shared.deliver(described, "a.csv", "\n".join(["id,phone,word,name,note", *rows, ""]))
    assert [note for note in outcome.notes if "two-measures" in note] == []
    found = shared.rows(
        "SELECT rule, gx_unexpected FROM quality.check_results WHERE batch_id = ? AND unexpected > 0 AND agreed ORDER BY rule",
        [outcome.batch],
    )
    assert found == [("name.pattern", 2), ("row.note_is_short", 1), ("word.length", 2)]
    assert shared.rows(f"SELECT word, name, note FROM ods.{described.table} WHERE id IN ('a', 'b', 'c') ORDER BY id") == [
        ("回〔电话〕", "甲", "x"), ("y", "〔电话〕", "x"), ("y", "乙", "〔电话〕"),
    ]  # fmt: skip


def test_counts_agree_in_every_mode_and_on_an_empty_batch(shared: Lake) -> None:
    for mode in ("append", "upsert", "replace"):
        described = shared.orders(
            mode=mode, max_invalid_pct=100, checks=[{"metric": "rowCount", "mustBeBetween": [0, 9]}]
        )
        for name, content in (("a.csv", "a,1,x\na,22,x\nb,?,x\n"), ("b.csv", ""), ("c.csv", "a,1,x\nc,,\n,1\n")):
            outcome = shared.deliver(described, name, f"id,n,mark\n{content}")
            assert outcome.verdict == "published", outcome.message
            assert [note for note in outcome.notes if "two-measures" in note] == []


@pytest.fixture
def _alarms(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.ERROR):
        yield


@pytest.mark.usefixtures("_alarms")
@pytest.mark.parametrize("measure", ["sql", "gx"])
def test_a_wrongly_generated_rule_is_caught_and_noted(
    shared: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, measure: str
) -> None:
    described = shared.orders(max_invalid_pct=100)
    if measure == "sql":
        rules = row_rules
        monkeypatch.setattr(
            load, "row_rules",
            lambda *given: tuple(replace(r, breach=r.breach.replace("> 9", "> 99")) for r in rules(*given)),
        )  # fmt: skip
    else:
        bounds = suite._bounds
        monkeypatch.setattr(suite, "_bounds", lambda column: bounds(column) | {"max_value": 99})
    outcome = shared.deliver(described, "a.csv", "id,n,mark\na,1,x\nb,22,x\nc,23,x\n")
    (alarm,) = [note for note in outcome.notes if "two-measures" in note]
    assert alarm.startswith(f"{TWO_MEASURES}n.range: "), "people are told of it by this mark"
    assert "2" in alarm
    assert "0" in alarm
    assert described.id in caplog.text
    (found,) = fetched(
        shared, "SELECT unexpected, gx_unexpected, agreed FROM quality.check_results WHERE batch_id = ? AND rule = 'n.range'",
        [outcome.batch],
    )  # fmt: skip
    assert found == {
        "unexpected": 0 if measure == "sql" else 2, "gx_unexpected": 2 if measure == "sql" else 0, "agreed": False,
    }  # fmt: skip
    assert outcome.verdict == "published", "SQL's verdict stands"


def test_a_flag_that_reading_forgets_is_caught(shared: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    described = shared.orders(max_invalid_pct=100)
    entry = reading._entry_of
    monkeypatch.setattr(
        reading, "_entry_of",
        lambda contract, mapping, rule: "NULL" if rule.id == "id.required" else entry(contract, mapping, rule),
    )  # fmt: skip
    outcome = shared.deliver(described, "a.csv", "id,n,mark\na,1,x\n,22,x\n")
    assert any("id.required" in note for note in outcome.notes if "two-measures" in note)


def test_the_measure_leaves_the_transaction_open_and_whole(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=10)
    shared.deliver(described, "a.csv", "id,n,mark\na,1,x\n")
    assert shared.deliver(described, "b.csv", "id,n,mark\nb,?,x\n").verdict == "refused"
    assert shared.dwd(described) == [("a", 1, "x")]
    assert_dwd_is_right(shared, described)


def test_a_batch_has_a_page_that_refers_to_nothing_outside(shared: Lake) -> None:
    described = shared.orders()
    outcome = shared.deliver(described, "a.csv", "id,n,mark\na,1,x\nb,22,y\n")
    page = Path(outcome.report)
    assert page.is_relative_to(shared.where.data_docs)
    text = page.read_text(encoding="utf-8")
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert outcome.batch in text
    assert outcome.batch in (shared.where.data_docs / "index.html").read_text(encoding="utf-8")


def test_pages_hold_no_value_of_a_personal_dataset(shared: Lake) -> None:
    described = people(shared)
    for verdict, content in PLANTED.items():
        outcome = shared.deliver(described, f"{verdict}.csv", content)
        assert outcome.verdict == verdict
        assert Path(outcome.report).is_file()
    shared.con.execute("CHECKPOINT")
    assert planted_in(shared.where.home) == []
