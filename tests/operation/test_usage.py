"""The notes of who asked what: relations, never a query's text; no query waits or fails for them; the ledger takes each once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.lake import connect
from pipelines.lake.connection import Connection
from pipelines.lake.create import open_for_writing
from pipelines.lake.query import QueryError, run_query
from pipelines.lake.transaction import write_transaction
from pipelines.lake.usage import note_use, usage_folder
from pipelines.settings import Settings, settings
from pipelines.steps import usage
from pipelines.steps.usage import take_usage

CITY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return replace(settings(), city=CITY, home=tmp_path_factory.mktemp("home"), catalogue="")


@pytest.fixture(scope="module")
def con(home: Settings) -> Iterator[Connection]:
    opened = open_for_writing(home)
    with write_transaction(opened, home, dataset=None, who="test"):
        opened.execute("CREATE TABLE city.dwd.people (name VARCHAR)")
        opened.execute('CREATE SCHEMA city."明细"')
        opened.execute('CREATE VIEW city."明细"."人" AS SELECT name AS "姓名" FROM dwd.people')
        opened.execute('COMMENT ON VIEW city."明细"."人" IS \'dwd.people 人\'')
    yield opened
    opened.close()


def notes(home: Settings) -> list[dict[str, object]]:
    files = sorted(usage_folder(home).glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_query_is_noted_by_its_relations_alone_and_taken_once(home: Settings, con: Connection) -> None:
    run_query(home, "SELECT count(*) FROM dwd.people WHERE name = '张三'", form="csv")
    run_query(home, 'WITH one AS (SELECT 姓名 FROM 明细."人") SELECT * FROM one, city.dwd.people', form="csv")
    connect(where=home).close()
    files = list(usage_folder(home).iterdir())
    assert "张三" not in files[0].read_text(encoding="utf-8")
    assert (files[0].stat().st_mode & 0o777, usage_folder(home).stat().st_mode & 0o777) == (0o600, 0o700)
    assert [(line["via"], line["relations"]) for line in notes(home)] == [
        ("sql", ["dwd.people"]),
        ("sql", ["dwd.people", "明细.人"]),
        ("connect", []),
    ]
    kept = {file.name: file.read_bytes() for file in files}
    assert (take_usage(con, home), take_usage(con, home)) == (3, 0)
    for name, data in kept.items():  # as if a process had been killed before it removed them
        (usage_folder(home) / f"{name}.left.taken").write_bytes(data + b'{"id": "cut o')
    assert take_usage(con, home) == 0
    told = con.execute("SELECT via, relation, count(*) FROM city.quality.usage GROUP BY ALL ORDER BY ALL").fetchall()
    assert told == [("connect", None, 1), ("sql", "dwd.people", 2)]


def test_transforms_that_begin_at_once_take_each_note_once_and_none_fails(
    home: Settings, con: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_use(home, "sql", ["dwd.people"])
    (usage_folder(home) / "removed.taken").symlink_to("by another process, after it was listed here")
    counted: list[int] = []

    @contextmanager
    def waiting_for_another(*args: Any, **named: Any) -> Iterator[None]:
        if not counted:
            counted.append(-1)
            counted.append(take_usage(con, home))
        with write_transaction(*args, **named):
            yield

    monkeypatch.setattr(usage, "write_transaction", waiting_for_another)
    assert (take_usage(con, home), counted) == (0, [-1, 1])
    assert list(usage_folder(home).iterdir()) == []


def test_a_query_that_fails_or_a_folder_nobody_can_write_leaves_no_note_and_no_other_error(
    home: Settings, con: Connection, tmp_path: Path
) -> None:
    with pytest.raises(QueryError):
        run_query(home, "SELECT * FROM dwd.nothing")
    assert notes(home) == []
    (tmp_path / "usage").write_text("a file where the folder should be")
    note_use(replace(home, home=tmp_path), "sql", ["dwd.people"])
    note_use(replace(home, home=tmp_path / "not there"), "sql", ["dwd.people"])
