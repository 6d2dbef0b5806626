"""The generator writes the same bytes every time, in any chunking, at any size."""

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

SAMPLES = Path(__file__).parents[2] / "data_samples"
LISTS = ["deliveries.yaml", "planted.yaml"]


def generate(*arguments: str) -> list[dict[str, Any]]:
    run = [sys.executable, str(SAMPLES / "generate.py"), *arguments]
    printed = subprocess.run(run, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture(scope="module")
def generator() -> Iterator[None]:
    sys.path.insert(0, str(SAMPLES))
    yield
    sys.path.remove(str(SAMPLES))


def content(path: Path) -> object:
    """The bytes; of XLSX those of its parts, of gzip those inside, since how zlib packs them is its own affair."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as package:
        return {info.filename: (info.date_time, package.read(info)) for info in package.infolist()}


def test_regenerating_gives_the_committed_bytes(tmp_path: Path) -> None:
    made = generate("--out", str(tmp_path))
    names = [str(Path(told["file"]).relative_to(tmp_path)) for told in made] + LISTS
    assert [name for name in names if content(tmp_path / name) != content(SAMPLES / name)] == []
    committed = {str(p.relative_to(SAMPLES)) for p in SAMPLES.glob("[a-z]*/*/*")}
    assert committed == set(names) - set(LISTS)


def test_committed_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.glob("[a-z]*/*/*")) < 5_000_000


def test_a_row_does_not_depend_on_the_chunk_it_is_made_in(generator: None) -> None:
    from _generator.orders import Month, good_rows  # the generator is a script, importable beside its samples only

    month = Month(2026, 2, 5000)
    whole = good_rows(month, 1000, 2000).lines.to_pylist()
    assert whole == [line for at in range(1000, 2000, 250) for line in good_rows(month, at, at + 250).lines.to_pylist()]


def test_chunks_do_not_show_in_the_file(generator: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from _generator import hotline
    from _generator.edits import bad_rows, mixed_dates

    file = hotline.HotlineFile(hotline.Month(2026, 2, 3000), (*bad_rows(0.02), *mixed_dates()))
    one = hotline.write_hotline(tmp_path / "one.csv", file)
    monkeypatch.setattr(hotline, "CHUNK", 700)
    assert hotline.write_hotline(tmp_path / "many.csv", file) == one
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.005, 0.1])
def test_stated_share_of_bad_rows_is_kept(share: float, tmp_path: Path) -> None:
    plain = ("--encoding", "utf-8", "--no-personal", "--out", str(tmp_path))
    (told,) = generate("--rows", "20000", "--bad-share", str(share), *plain)
    assert told["quarantined"] == pytest.approx(20000 * share, rel=0.02)
    text = (tmp_path / "hotline_202601.csv").read_text(encoding="utf-8")
    assert text.count("\n") == 20000 + 2
    assert not {"来电人", "来电号码", "主要内容"} & set(text.splitlines()[0].split(","))


@pytest.mark.parametrize("wrong", ["--period=2026-13", "--rows=0", "--bad-share=0.9", "--scale=-1"])
def test_nonsense_on_the_command_line_is_refused_with_a_reason(wrong: str) -> None:
    run = subprocess.run([sys.executable, str(SAMPLES / "generate.py"), wrong], capture_output=True, text=True)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert "expected" in run.stderr or "at least" in run.stderr


def test_credit_codes_check_and_wrong_ones_do_not(generator: None) -> None:
    from _generator.credit_codes import check_character, credit_code, with_wrong_check

    known = "91350100M000100Y4"  # the example of GB 32100-2015
    assert check_character(known) == "3"
    codes = [credit_code(number) for number in range(430)]
    assert len(set(codes)) == 430
    assert all(check_character(code[:17]) == code[17] and code[2:8] == "350299" for code in codes)
    assert all(check_character(with_wrong_check(code)[:17]) != with_wrong_check(code)[17] for code in codes)


def test_trips_do_not_show_their_chunks(generator: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from _generator import trips

    day = trips.TripDay(datetime(2026, 6, 2), 3000, utc=True, bad=True)
    one = trips.write_trips(tmp_path / "one.parquet", day)
    monkeypatch.setattr(trips, "CHUNK", 700)
    assert trips.write_trips(tmp_path / "many.parquet", day) == one
    assert pq.read_table(tmp_path / "many.parquet").equals(pq.read_table(tmp_path / "one.parquet"))
