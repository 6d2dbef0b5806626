"""The lake as a whole: looked at as it was, kept small, pinned, and left alone by a check."""

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.lake import connect
from pipelines.lake.extensions import load_extensions
from pipelines.settings import Settings
from pipelines.steps.check import check
from pipelines.steps.maintain import maintain
from pipelines.steps.pin import pin
from pipelines.steps.quarantine import rows as quarantined
from pipelines.steps.replay import replay
from pipelines.steps.retract import retract
from tests.spine.city import BY_NAME, column, contract, orders, write_code_list
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right

HEAD = "id,n,mark\n"


def read(where: Settings, query: str, at: str | int | None = None) -> list[tuple[Any, ...]]:
    """Return what an analyst's query gives, at a snapshot where asked."""
    con = connect(at, where=where)
    try:
        return con.execute(query).fetchall()
    finally:
        con.close()


def files_of(folder: Path) -> dict[str, int]:
    """Return the files under a folder with their sizes; not those of an open SQLite file, nor empty folders."""
    found = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    return {name: size for name, size in found.items() if not name.endswith(("-wal", "-shm")) and "tmp/" not in name}


def test_an_analyst_sees_the_whole_lake_as_it_was(lake: Lake) -> None:
    first = orders(lake.city, dataset="test.first")
    second = orders(lake.city, dataset="test.second", mode="upsert")
    lake.deliver(first, "a.csv", HEAD + "a,1,x\n")
    then = lake.deliver(second, "b.csv", HEAD + "b,1,x\n")
    between = lake.rows("SELECT now()")[0][0]
    lake.deliver(first, "c.csv", HEAD + "c,1,x\n")
    latest = lake.deliver(second, "d.csv", HEAD + "b,2,x\n")
    query = "SELECT id, n FROM dwd.first UNION ALL SELECT id, n FROM dwd.second ORDER BY ALL"
    assert read(lake.where, query) == [("a", 1), ("b", 2), ("c", 1)]
    for at in (then.snapshot, str(then.snapshot), between.isoformat()):
        assert read(lake.where, query, at) == [("a", 1), ("b", 1)]
        assert read(lake.where, "SELECT count(*) FROM quality.batches", at) == [(2,)]
    pin(lake.where, int(then.snapshot or 0), "report-2026", by="Li")
    assert read(lake.where, query, "report-2026") == [("a", 1), ("b", 1)]
    for wrong in ("no-such-pin", 9999):
        with pytest.raises(UsageError):
            read(lake.where, query, wrong)
    assert read(lake.where, query, latest.snapshot) == read(lake.where, query)


def test_an_analyst_can_change_nothing(lake: Lake) -> None:
    described = orders(lake.city)
    lake.deliver(described, "a.csv", HEAD + "a,1,x\n")
    con = connect(where=lake.where)
    for statement in ("DELETE FROM ods.orders", "CREATE TABLE dwd.mine (a INTEGER)", "DELETE FROM quality.batches"):
        with pytest.raises(duckdb.Error):
            con.execute(statement)
    con.close()
    assert_dwd_is_right(lake, described)


def test_pins_survive_maintenance_and_other_snapshots_expire(lake: Lake) -> None:
    described = orders(lake.city, mode="replace")
    kept = [lake.deliver(described, f"{n}.csv", HEAD + f"a,{n},x\n").snapshot for n in range(4)]
    pin(lake.where, int(kept[1] or 0), "published figure", by="Li")
    with pytest.raises(UsageError, match="no snapshot"):
        pin(lake.where, 9999, "nowhere")
    with pytest.raises(UsageError, match="12"):
        pin(lake.where, int(kept[1] or 0), "12")
    lake.close()
    report = maintain(lake.where, keep_days=0)
    assert int(str(report["expired"])) > 0
    query = f"SELECT n FROM dwd.{described.table}"
    assert read(lake.where, query, "published figure") == [(1,)]
    assert read(lake.where, query) == [(3,)]
    with pytest.raises(UsageError):
        read(lake.where, query, kept[2])
    assert maintain(lake.where, keep_days=0)["expired"] in (0, 1, 2), "the second run finds little to do"
    assert_dwd_is_right(lake, described)
    assert lake.deliver(described, "5.csv", HEAD + "a,5,x\n").verdict == "published"
    assert read(lake.where, query, "published figure") == [(1,)]
    assert_dwd_is_right(lake, described)


def test_maintenance_keeps_young_snapshots_and_backs_up_the_catalogue(lake: Lake) -> None:
    described = orders(lake.city)
    first = lake.deliver(described, "a.csv", HEAD + "a,1,x\n")
    for n in range(3):
        lake.deliver(described, f"{n}.csv", HEAD + "".join(f"{n}-{row},1,x\n" for row in range(40)))
    lake.close()
    report = maintain(lake.where)
    assert report["expired"] == 0
    assert Path(str(report["backup"])).stat().st_size > 0
    assert read(lake.where, f"SELECT id FROM dwd.{described.table}", first.snapshot) == [("a",)]
    assert len(lake.dwd(described)) == 121
    assert_dwd_is_right(lake, described)


def test_maintenance_removes_the_standards_that_earlier_releases_left_and_nobody_opens(lake: Lake) -> None:
    lake.deliver(orders(lake.city), "a.csv", HEAD + "a,1,x\n")
    lake.close()
    home, (own,) = lake.where.home, lake.where.home.glob("standards-*.duckdb")
    idle, opened, broken_off = (
        home / name for name in ("standards-0.duckdb", "standards-1.duckdb", ".standards-1-dead")
    )
    made = time.time() - 31 * 86400
    for path in (own, idle, opened, broken_off):
        if path != own:
            shutil.copyfile(own, path)
        os.utime(path, (time.time() - 86400 if path == opened else made, made))
    assert maintain(lake.where, keep_days=32)["standards"] == 0
    assert maintain(lake.where)["standards"] == 2
    assert [path.is_file() for path in (own, idle, opened, broken_off)] == [True, False, True, False]
    assert read(lake.where, "SELECT is_uscc('91350100M000100Y43')") == [(True,)]


def test_quarantine_and_retraction_still_work_after_maintenance_moved_the_rows(lake: Lake) -> None:
    described = orders(lake.city, mode="replace_period", period=BY_NAME)
    lake.deliver(described, "o_202601.csv", HEAD + "a,1,x\nb,99,x\nc,2,x\n")
    later = lake.deliver(described, "o_202601_b.csv", HEAD + "a,1,y\nb,98,y\nc,97,y\nd,1,y\n")
    lake.close()
    maintain(lake.where, keep_days=0)
    found = quarantined(lake.where, described, con=lake.con)
    assert [(row["batch"][-4:], row["line"], row["raw"]) for row in found] == [
        ("0001", 3, "99"), ("0002", 3, "98"), ("0002", 4, "97"),
    ]  # fmt: skip
    retract(lake.where, described, later.batch, reason="wrong")
    assert lake.dwd(described, "id, mark") == [("a", "x"), ("c", "x")]
    assert_dwd_is_right(lake, described)


def test_a_check_needs_no_lake_and_leaves_none(lake: Lake) -> None:
    described = orders(lake.city)
    path = lake.file("a.csv", HEAD + "a,1,x\nb,22,y\n")
    outcome = check(lake.where, described, path)
    assert (outcome.verdict, outcome.delivered, outcome.valid, outcome.quarantined) == ("published", 2, 1, 1)
    assert outcome.snapshot is None
    assert not files_of(lake.where.home), "a check left something"
    if lake.where.catalogue:
        con = duckdb.connect()
        load_extensions(con, "postgres_scanner")
        con.execute(f"ATTACH '{lake.where.catalogue}' AS pg (TYPE postgres, READ_ONLY)")
        left = "FROM duckdb_tables() WHERE database_name = 'pg' AND schema_name NOT IN ('pg_catalog', 'information_schema')"
        assert con.execute(f"SELECT table_name {left}").fetchall() == []
        con.close()


def test_a_check_gives_the_verdict_that_publishing_would_and_keeps_nothing(lake: Lake) -> None:
    write_code_list(lake.city, "marks", "x,甲,,")
    columns = [column("id", key=True), column("n", "integer"), column("mark", codeList="marks")]
    described = contract(lake.city, columns, max_invalid_pct=60)
    lake.deliver(described, "a.csv", HEAD + "a,1,x\n")
    ledger = "SELECT (SELECT count(*) FROM quality.batches), (SELECT count(*) FROM quality.deliveries), (SELECT count(*) FROM quality.check_results)"
    for name, content in (
        ("good.csv", "b,1,x\nc,?,x\na,2,x\nd,4,x\n"),
        ("bad.csv", "b,?,y\nc,?,x\n"),
        ("worse.csv", ""),
    ):
        path = lake.file(name, HEAD + content)
        before = (
            files_of(lake.where.home),
            lake.rows(ledger),
            lake.rows("SELECT max(snapshot_id) FROM city.snapshots()"),
        )
        tried = check(lake.where, described, path)
        assert (
            files_of(lake.where.home),
            lake.rows(ledger),
            lake.rows("SELECT max(snapshot_id) FROM city.snapshots()"),
        ) == before
        done = lake.ingest(described, path)
        for field in ("verdict", "delivered", "valid", "quarantined", "reasons", "message", "period", "examples"):
            assert getattr(tried, field) == getattr(done, field), field
    assert_dwd_is_right(lake, described)


def test_a_check_of_a_file_that_is_published_judges_it_again(lake: Lake) -> None:
    described = orders(lake.city)
    path = lake.file("a.csv", HEAD + "a,1,x\n")
    lake.ingest(described, path)
    outcome = check(lake.where, described, path)
    assert (outcome.verdict, outcome.delivered) == ("published", 1)
    assert lake.verdicts(described) == [("orders-0001", "published")]


def test_the_ledger_tells_what_each_rule_measured(lake: Lake) -> None:
    described = orders(lake.city, max_invalid_pct=90)
    outcome = lake.deliver(described, "a.csv", HEAD + "a,1,x\nb,22,\n,x,y\n")
    found = lake.rows(
        "SELECT rule, a, b, unexpected, dimension, verdict FROM quality.check_results WHERE batch_id = ?",
        [outcome.batch],
    )
    by_rule = {row[0]: row[1:] for row in found}
    assert by_rule["id.required"] == (2, 3, 1, "0201", "pass")
    assert by_rule["n.type"] == (2, 3, 1, "0302", "pass")
    assert by_rule["n.range"] == (1, 2, 1, "0302", "pass")
    assert by_rule["batch.quarantined"][2] == 2


def test_a_rule_with_nothing_to_look_at_is_not_assessable_and_no_pass(lake: Lake) -> None:
    columns = [column("id", key=True), column("n", "integer"), column("place", to="places.place_id")]
    described = contract(lake.city, columns)
    outcome = lake.deliver(described, "a.csv", "id,n,place\na,,p1\nb,,p2\n")
    assert outcome.verdict == "published"
    found = lake.rows("SELECT rule, verdict FROM quality.check_results WHERE batch_id = ?", [outcome.batch])
    assert ("n.type", "not_assessable") in found
    assert ("place.reference", "not_assessable") in found


def test_a_reference_is_held_against_what_is_published(lake: Lake) -> None:
    places = contract(lake.city, [column("place_id", key=True)], dataset="test.places", mode="replace")
    columns = [column("id", key=True), column("place", to="places.place_id")]
    described = contract(lake.city, columns)
    lake.deliver(places, "p.csv", "place_id\np1\np2\n")
    first = lake.deliver(described, "a.csv", "id,place\na,p1\nb,p9\nc,\n")
    assert [(r.rule, r.rows) for r in first.reasons if r.rule == "place.reference"] == [("place.reference", 1)]
    assert lake.dwd(described) == [("a", "p1"), ("c", None)]
    lake.deliver(places, "p.csv", "place_id\np1\np2\np9\n")
    assert lake.dwd(described) == [("a", "p1"), ("c", None)], "another dataset's delivery touched this one"
    assert [o.valid for o in replay(lake.where, described, first.batch)] == [3]
    assert lake.dwd(described) == [("a", "p1"), ("b", "p9"), ("c", None)]
    assert_dwd_is_right(lake, described)


def test_control_totals_are_compared_and_left_out(lake: Lake) -> None:
    control = {
        "totalRow": {"column": "id", "markers": ["合计"], "sums": ["n"], "count": "mark"},
        "manifest": "{name}.manifest.json",
    }
    described = orders(lake.city, control=control)
    lake.folder.mkdir(exist_ok=True)
    manifest = lake.folder / "a.csv.manifest.json"
    manifest.write_text(json.dumps({"rows": 2, "sums": {"n": 5}}))
    good = lake.deliver(described, "a.csv", HEAD + "a,2,x\nb,3,x\n合计,5,2\n")
    assert (good.verdict, good.delivered) == ("published", 2)
    manifest.write_text(json.dumps({"rows": 3}))
    wrong = lake.deliver(described, "a.csv", HEAD + "c,2,x\nd,3,x\n合计,6,2\n")
    assert wrong.verdict == "refused"
    assert all(number in wrong.message for number in ("6", "5", "3", "2")), wrong.message
    assert lake.dwd(described, "id") == [("a",), ("b",)]
    assert_dwd_is_right(lake, described)
