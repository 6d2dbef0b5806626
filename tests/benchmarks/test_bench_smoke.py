import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import marts, marts_lake, mirror
from benchmarks.report import write_marts, write_mirror
from pipelines.contracts.models import city_models
from pipelines.settings import settings
from tests.spine.models import counted_once

ROOT = Path(__file__).resolve().parents[2]


def bench(rows: int, out: Path) -> str:
    command = [sys.executable, "-m", "benchmarks", "--rows", str(rows), "--times", "1", "--no-peers", "--out", str(out)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_a_small_run_reports_every_line_and_keeps_the_section_of_another_size(tmp_path: Path) -> None:
    report = tmp_path / "docs" / "benchmarks.md"
    report.parent.mkdir()
    report.write_text(
        "# Benchmarks\n\nold words\n\n## 7 rows\n\nolder numbers\n\n`ours / floor: 9.00`\n", encoding="utf-8"
    )

    told = bench(20_000, report)

    last = told.splitlines()[-1]
    text = report.read_text(encoding="utf-8")
    assert re.fullmatch(r"ours / floor: \d+\.\d\d", last)
    assert text.endswith(f"`{last}`\n")
    assert text.index("## 7 rows\n\nolder numbers") < text.index("## 20,000 rows")
    assert "old words" not in text
    for line in (
        "the floor",
        "ours, end to end",
        "Great Expectations",
        "in GB18030",
        "`caller_phone` as HMAC",
        "Idle:",
        "## Formats",
        "XLSX, python-calamine",
    ):
        assert line in text
    assert "published: 20,000 delivered, 19,900 valid, 100 quarantined" in text


def test_the_mirror_has_a_section_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "benchmarks.md"
    report.write_text("# Benchmarks\n\n## Formats\n\nfast\n\n## 7 rows\n\nolder numbers\n", encoding="utf-8")
    monkeypatch.setattr(mirror, "WAYS", [way for way in mirror.WAYS if way.function in ("first", "csv")])
    found = mirror.compare(1_000, 1, tmp_path, lambda text: None)
    write_mirror(mirror.section(found, 1_000, ["here"], [0.0, 0.0]), report)
    text = report.read_text(encoding="utf-8")
    assert text.index("## Formats") < text.index("## The mirror for BI") < text.index("## 7 rows")
    assert all(f"| {way.title} |" in text for way in mirror.WAYS)


def test_the_marts_are_made_whole_by_hand_and_after_one_more_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: replace(kind, batches=min(kind.batches, 2)) for name, kind in marts_lake.KINDS.items()}
    made = city_models(settings())
    two = replace(made, made=[one for one in made.made if one.name in marts.PARTLY])
    monkeypatch.setattr(marts, "city_models", lambda here: two)
    monkeypatch.setattr("pipelines.steps.transform.run.city_models", lambda here: two)
    for module in (marts, marts_lake):
        monkeypatch.setattr(module, "KINDS", few)
    monkeypatch.setattr("pipelines.steps.transform.run.audit_model", counted_once)
    monkeypatch.setattr(marts, "apart", lambda function, *given: getattr(marts, function.rpartition(".")[2])(*given))
    monkeypatch.setenv("RONGTONG_HOME", "")
    monkeypatch.setenv("RONGTONG_CITY", "")

    found = marts.compare(600, tmp_path, lambda text: None)

    assert set(found[marts.HAND].parts) == set(found[marts.FULL].parts)
    for title in (marts.MORE, marts.DAY):
        assert {f"{name} incremental" for name in marts.PARTLY} <= set(found[title].notes)
    report = tmp_path / "benchmarks.md"
    report.write_text("# Benchmarks\n\n## Formats\n\nfast\n\n## 7 rows\n\nolder numbers\n", encoding="utf-8")
    write_marts(marts.section(found, 600, ["here"], [0.0, 0.0]), report)
    text = report.read_text(encoding="utf-8")
    assert text.index("## Formats") < text.index("## Marts") < text.index("## 7 rows")
    assert all(f"| {title} |" in text for title in (marts.FULL, marts.HAND, marts.MORE, marts.DAY))
