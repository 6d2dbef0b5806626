"""Settling the machine takes memory that is free, no place on the disk, and an end."""

from pathlib import Path

import pytest

from benchmarks import settled


def test_it_ends_where_reading_takes_no_memory_and_leaves_nothing_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine of 40 MB with a gigabyte free for ever: the 80 MB of holes are read again and again, a gigabyte in all.
    monkeypatch.setattr(settled, "_meminfo", {"MemTotal": 40 << 20, "MemFree": 1 << 30}.__getitem__)
    delivery = tmp_path / "delivery.csv"
    delivery.write_text("a\n1\n", encoding="utf-8")
    settled.settle(tmp_path, delivery)
    settled.settle(tmp_path, delivery)
    holes = (tmp_path / "holes").stat()
    assert (holes.st_size, holes.st_blocks) == (80 << 20, 0)
