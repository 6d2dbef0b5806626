"""A published number is its rows: found in file and record, and computed from them again, for every way rows are combined."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.contracts import models
from pipelines.errors import UsageError
from pipelines.lake.transaction import write_transaction
from pipelines.steps import publish
from pipelines.steps.explain.explaining import explain
from pipelines.steps.ingest import writer
from pipelines.steps.maintain import maintain
from pipelines.steps.retract import retract
from pipelines.steps.transform import run
from tests.spine.city import column, write_city
from tests.spine.jobs import measured_once
from tests.spine.lake import Lake, lake_settings
from tests.spine.models import counted_once, write_model

COLUMNS = (
    column("mark", key=True, title="类"),
    column("n", "integer", title="数"),
    column("avg_n", "number", physical="DECIMAL(9,3)"),
)
UNFOLD = "mark IS NOT DISTINCT FROM $mark"


def _sql(table: str) -> str:
    return f"SELECT mark, sum(n)::BIGINT AS n, round(sum(n) / count(n), 3) AS avg_n FROM dwd.{table} GROUP BY mark"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A lake with an append and an upsert dataset, a table made of each, and one made of a made table."""
    folder = tmp_path_factory.mktemp("explain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "audit", measured_once)
        patch.setattr(run, "audit_model", counted_once)
        patch.setattr(models, "PACKAGED", folder / "no models")  # reading forty SELECTs takes seconds
        lake = Lake(lake_settings(folder, write_city(folder / "city"), ""), folder / "files")
        added, kept = lake.orders(dataset="test.added"), lake.orders(dataset="test.kept", mode="upsert")
        for contract in (added, kept):
            lake.deliver(contract, "first.csv", 'id,n,mark\na,1,x\n\nb,99,x\nc,3,"x\n2"\nd,4,x\n')
            lake.deliver(
                contract,
                "second.csv",
                "id,n,mark\ne,5,y\ne2,5,y\n" if contract is added else "id,n,mark\na,7,x\ne,5,y\n",
            )
        for table in ("added", "kept"):
            write_model(
                lake.city,
                f"test.dws.of_{table}",
                _sql(table),
                COLUMNS,
                unfold={"source": f"dwd.{table}", "rows": UNFOLD},
            )
        above = "SELECT a.mark, a.n, round(a.avg_n * 2, 3) AS avg_n FROM dws.of_kept AS a"
        write_model(lake.city, "test.ads.above", above, COLUMNS, unfold={"source": "dwd.kept", "rows": UNFOLD})
        write_model(lake.city, "test.ads.loose", above, COLUMNS)
        run.transform(lake.where, ["test"])
        yield lake
        lake.close()


def _rows(told: Any) -> list[tuple[Any, ...]]:
    return [(row["file"], row["record"], row["line"], row["values"]["id"]) for row in told.rows]


def test_a_row_is_unfolded_to_the_records_and_lines_of_its_files(lake: Lake) -> None:
    told = explain(lake.where, "dws.of_added", "mark = 'x'")
    assert told.published == told.recomputed == {"mark": "x", "n": 5, "avg_n": told.published["avg_n"]}
    assert str(told.published["avg_n"]) == "2.500"
    assert _rows(told) == [("first.csv", 1, 2, "a"), ("first.csv", 4, 7, "d")]  # b is out of range, c breaks its line
    assert {row["batch"] for row in told.rows} == {"added-0001"}
    assert told.notes == ()


def test_rows_that_are_the_same_have_places_of_their_own(lake: Lake) -> None:
    assert _rows(explain(lake.where, "dws.of_added", "mark = 'y'")) == [
        ("second.csv", 1, 2, "e"),
        ("second.csv", 2, 3, "e2"),
    ]


def test_of_an_upserted_key_the_row_that_stands_is_told(lake: Lake) -> None:
    told = explain(lake.where, "dws.of_kept", "类 = 'x'")
    assert told.published == told.recomputed
    assert _rows(told) == [("first.csv", 4, 7, "d"), ("second.csv", 1, 2, "a")]


def test_a_value_that_breaks_its_line_is_found_at_the_line_it_begins_on(lake: Lake) -> None:
    assert _rows(explain(lake.where, "dws.of_added", "n = 3")) == [("first.csv", 3, 5, "c")]


def test_models_between_are_written_out(lake: Lake) -> None:
    told = explain(lake.where, "above", "mark = 'x'")
    assert told.published == told.recomputed
    assert told.published["avg_n"] == 11
    assert len(told.rows) == 2
    assert {(row["table"], row["source"]) for row in told.lineage} == {
        ("ads.above", "dws.of_kept"),
        ("dws.of_kept", "dwd.kept"),
    }


def test_the_number_is_that_of_the_time_it_was_made(lake: Lake) -> None:
    batch = lake.deliver(lake.orders(dataset="test.added"), "third.csv", "id,n,mark\nf,9,x\n").batch
    told = explain(lake.where, "dws.of_added", "mark = 'x'")
    assert told.published == told.recomputed
    assert told.published["n"] == 5
    retract(lake.where, lake.orders(dataset="test.added"), batch, reason="for a test")


def test_a_number_that_its_rows_do_not_give_is_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    unfold = {"source": "dwd.added", "rows": "mark = $mark AND n < 4"}
    write_model(lake.city, "test.dws.of_added", _sql("added"), COLUMNS, unfold=unfold)
    told = explain(lake.where, "dws.of_added", "mark = 'x'")
    assert not told.agrees
    assert told.recomputed == {**told.published, "n": 1, "avg_n": 1}
    assert "was changed since" in " ".join(told.notes)
    write_model(lake.city, "test.dws.of_added", _sql("added"), COLUMNS, unfold={"source": "dwd.added", "rows": UNFOLD})


def test_a_table_without_unfold_is_told_with_its_lineage_and_why_not_more(lake: Lake) -> None:
    told = explain(lake.where, "ads.loose", "mark = 'x'")
    assert told.recomputed is None
    assert told.rows == ()
    assert "unfold" in told.notes[0]
    assert [row["table"] for row in told.inputs] == ["dwd.kept", "dws.of_kept"]


@pytest.mark.parametrize(
    ("table", "where", "said"),
    [
        ("dws.of_added", "mark = 'q'", r"\[explain\] no rows.*--where \"mark = "),
        ("dws.of_added", "true", r"\[explain\] 3 rows.*narrow"),
        ("dws.of_added", "marc = 'x'", r"\[where\].*marc"),
        ("dws.of_added", "mark = (", r"\[where\]"),
        ("dwd.added", "true", r"\[explain\].*delivered"),
        ("ads.nothing", "true", r"\[table\]"),
        ("nothing", "true", r"\[dataset\]"),
    ],
)
def test_what_cannot_be_explained_is_said_with_a_way_on(lake: Lake, table: str, where: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        explain(lake.where, table, where)


def test_bytes_that_are_gone_leave_file_and_batch(lake: Lake) -> None:
    folder = lake.where.landing / "added"
    hidden = folder.rename(folder.with_name("hidden"))
    told = explain(lake.where, "dws.of_added", "mark = 'y'")
    hidden.rename(folder)
    assert [(row["file"], row["record"]) for row in told.rows] == [("second.csv", None)] * 2
    assert told.agrees
    assert told.notes


def test_the_command_prints_it_as_json_and_as_text(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_HOME", str(lake.where.home))
    monkeypatch.setenv("RONGTONG_CITY", str(lake.city))
    asked = ["explain", "ads.above", "--where", "mark = 'x'"]
    told = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert told["recomputed"] == told["published"]
    assert all(row["file"] and row["record"] for row in told["rows"])
    text = CliRunner().invoke(app, [*asked, "--limit", "1"])
    assert text.exit_code == 0
    assert "first.csv" in text.stdout
    assert "second.csv" not in text.stdout


def test_show_tells_of_models_and_lineage_both_ways(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_HOME", str(lake.where.home))
    monkeypatch.setenv("RONGTONG_CITY", str(lake.city))

    def shown(*asked: str) -> Any:
        return json.loads(CliRunner().invoke(app, ["show", *asked, "--json"]).stdout)

    states = {row["table"]: row["last verdict"] for row in shown() if row["mode"] == "model"}
    assert states["ads.above"] in ("made", "stale")
    page = shown("ads.above")
    assert (page["reads"], page["unfolds to"]) == (["dws.of_kept"], "dwd.kept")
    ways = {(row["way"], row["table"]) for row in shown("dws.of_kept", "--lineage")}
    assert ways == {("←", "dwd.kept"), ("→", "ads.above"), ("→", "ads.loose")}
    assert shown("kept")["read by"] == ["dws.of_kept"]


def test_an_unfold_that_cannot_be_is_found_by_lint(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_HOME", str(lake.where.home))
    monkeypatch.setenv("RONGTONG_CITY", str(lake.city))
    for unfold, said in (
        ({"source": "dwd.kept", "rows": UNFOLD}, "not made of dwd.kept"),
        ({"source": "dwd.added", "rows": "mark = $marc"}, "$marc"),
        ({"source": "dwd.added", "rows": "mark = = 3"}, "does not parse"),
    ):
        folder: Path = write_model(lake.city, "test.dws.bad", _sql("added"), COLUMNS, unfold=unfold)
        told = CliRunner().invoke(app, ["lint", "dws.bad"])
        assert told.exit_code == 1
        assert "[model-unfold]" in told.stdout
        assert said in told.stdout
        for file in folder.glob("bad.*"):
            file.unlink()


def test_maintenance_keeps_the_snapshot_of_a_number_that_stands(lake: Lake) -> None:
    lake.deliver(lake.orders(dataset="test.added"), "late.csv", "id,n,mark\nz,6,x\n")
    assert int(str(maintain(lake.where, keep_days=0)["expired"])) > 0
    told = explain(lake.where, "dws.of_added", "mark = 'x'")
    assert (told.published["n"], told.agrees) == (5, True)


def test_when_the_snapshot_has_gone_the_lake_is_read_as_it_is(lake: Lake) -> None:
    kept = explain(lake.where, "dws.of_added", "mark = 'x'").snapshot
    con = writer(lake.where)
    with write_transaction(con, lake.where, dataset=None, who="test"):
        con.execute(f"CALL ducklake_expire_snapshots('city', versions => [{kept}])")
    con.close()
    told = explain(lake.where, "dws.of_added", "mark = 'x'")
    assert told.snapshot is None
    assert "expired" in " ".join(told.notes)
    assert (told.published["n"], told.agrees) == (5, False)
    assert explain(lake.where, "dws.of_kept", "mark = 'x'").agrees
