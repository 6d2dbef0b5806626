"""An inbox tells what waits, cheaply, and forgets nothing it was told to remember."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.sources.inbox import remember, waiting


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "mobility" / "trips").mkdir(parents=True)
    return folder


def put(path: Path, age: float = 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a,b\n1,2\n")
    stamp = time.time() - age
    os.utime(path, (stamp, stamp))
    return path


def names(inbox: Path, source: str = "", seen: Path | None = None) -> list[str]:
    return [path.name for path in waiting(inbox, "trips", "mobility", source, seen or inbox / "seen")]


def test_files_wait_sorted_by_name(inbox: Path) -> None:
    for name in ("b_202602.csv", "a_202603.csv", "路灯.csv"):
        put(inbox / "mobility" / "trips" / name)
    assert names(inbox) == ["a_202603.csv", "b_202602.csv", "路灯.csv"]


def test_an_inbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert names(tmp_path / "nowhere") == []
    assert names(tmp_path / "nowhere", "x/*.csv") == []


@pytest.mark.parametrize("name", [".hidden.csv", "x.csv.part", "x.tmp", "x.csv.manifest.json"])
def test_what_is_no_finished_delivery_does_not_wait(inbox: Path, name: str) -> None:
    put(inbox / "mobility" / "trips" / name)
    assert names(inbox) == []


def test_a_file_still_being_written_waits_until_it_settles(inbox: Path) -> None:
    put(inbox / "mobility" / "trips" / "x.csv", age=1)
    assert names(inbox) == []
    assert waiting(inbox, "trips", "mobility", "", inbox / "seen", settle=0.5)


def test_a_stamp_of_the_future_is_settled(inbox: Path) -> None:
    put(inbox / "mobility" / "trips" / "x.csv", age=-3600)
    assert names(inbox) == ["x.csv"]


def test_folders_do_not_wait(inbox: Path) -> None:
    (inbox / "mobility" / "trips" / "archive").mkdir()
    (inbox / "mobility" / "trips" / "gone.csv").symlink_to("nowhere")
    assert names(inbox) == []


def test_a_source_is_a_file_a_folder_or_a_glob(inbox: Path, tmp_path: Path) -> None:
    put(inbox / "shared" / "trips_1.csv")
    put(inbox / "shared" / "trips_2.csv")
    put(inbox / "shared" / "other.csv")
    put(inbox / "shared" / "deep" / "er" / "trips_3.csv")
    outside = put(tmp_path / "nas" / "trips_9.csv")
    assert names(inbox, "shared/trips_*.csv") == ["trips_1.csv", "trips_2.csv"]
    assert names(inbox, "shared/**/trips_*.csv") == ["trips_1.csv", "trips_2.csv", "trips_3.csv"]
    assert names(inbox, "shared/other.csv") == ["other.csv"]
    assert names(inbox, "shared") == ["other.csv", "trips_1.csv", "trips_2.csv"]
    assert names(inbox, str(outside)) == ["trips_9.csv"]
    assert names(inbox, str(tmp_path / "nas" / "*.csv")) == ["trips_9.csv"]
    assert names(inbox, str(tmp_path / "nas")) == ["trips_9.csv"]


def test_a_name_that_looks_like_a_glob_is_itself(inbox: Path) -> None:
    put(inbox / "shared" / "x[1].csv")
    assert names(inbox, "shared/x[1].csv") == ["x[1].csv"]


def test_a_remembered_file_waits_no_more_until_it_changes(inbox: Path, tmp_path: Path) -> None:
    seen = tmp_path / "state" / "trips.jsonl"
    first, second = put(inbox / "mobility" / "trips" / "1\u2028.csv"), put(inbox / "mobility" / "trips" / "2.csv")
    remember(seen, first)
    assert names(inbox, seen=seen) == ["2.csv"]
    remember(seen, second)
    assert names(inbox, seen=seen) == []
    put(second, age=30)
    assert names(inbox, seen=seen) == ["2.csv"]


def test_a_torn_line_costs_only_itself(inbox: Path, tmp_path: Path) -> None:
    seen = tmp_path / "trips.jsonl"
    seen.write_text('{"path": "/x", "si')
    remember(seen, put(inbox / "mobility" / "trips" / "1.csv"))
    with seen.open("a") as file:
        file.write('\n[1]\n{"path": "')
    remember(seen, put(inbox / "mobility" / "trips" / "2.csv"))
    assert names(inbox, seen=seen) == []


def test_looking_imports_nothing_heavy() -> None:
    code = "import sys, pipelines.sources.inbox; print([m for m in ('duckdb', 'pyarrow', 'yaml') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
