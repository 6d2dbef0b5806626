import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import mirror
from benchmarks.report import write_mirror

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
