"""What a run does to the lake and what it tells: the real steps under the real Airflow, without its scheduler."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.spine.privacy import texts


@pytest.fixture(scope="module")
def ran(airflow_process: Callable[[str], tuple[Path, dict[str, Any]]]) -> tuple[Path, dict[str, Any]]:
    return airflow_process("run_dags.py")


@pytest.fixture(scope="module")
def runs(ran: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    return ran[1]


def verdicts(run: dict[str, Any]) -> list[tuple[str, str]]:
    return [(outcome["file"], outcome["verdict"]) for outcome in run["outcomes"]]


def test_everything_that_waits_is_published_in_period_order(runs: dict[str, Any]) -> None:
    assert verdicts(runs["waiting"]) == [
        ("hotline_202602.csv", "published"),
        ("hotline_202603.csv", "refused"),
        ("hotline_202603_更正.csv", "published"),
    ]


def test_a_refused_delivery_fails_the_run_and_stops_no_other(runs: dict[str, Any]) -> None:
    assert runs["waiting"]["state"] == "failed"
    assert runs["waiting"]["tasks"] == {"publish": "success", "refused[0]": "failed"}


def test_the_failed_task_tells_why_and_where_to_read_on(runs: dict[str, Any]) -> None:
    told = runs["waiting"]["told"]
    assert "refused: hotline_202603.csv (hotline_orders-0002, period 2026-03)" in told
    assert "subdistrict_code.reference" in told
    assert "/rongtong/docs/hotline_orders/hotline_orders-0002.html" in told
    assert "Traceback" not in told


def test_each_published_batch_is_an_asset_event(runs: dict[str, Any]) -> None:
    events = runs["waiting"]["events"]
    assert [(event["period"], event["batch"]) for event in events] == [
        ("2026-02", "hotline_orders-0001"),
        ("2026-03", "hotline_orders-0003"),
    ]
    first = events[0]
    assert first["delivered"] == first["valid"] + first["quarantined"]
    assert first["snapshot"] < events[1]["snapshot"]


def test_where_nothing_is_published_there_is_no_event(runs: dict[str, Any]) -> None:
    for name in ("nothing", "again"):
        assert runs[name]["state"] == "success"
        assert runs[name]["events"] == []
    assert runs["nothing"]["outcomes"] == []
    assert "nothing waits" in runs["nothing"]["told"]


def test_a_file_named_in_the_form_is_published_once(runs: dict[str, Any]) -> None:
    assert verdicts(runs["file"]) == [("hotline_202601.csv", "published")]
    assert verdicts(runs["again"]) == [("hotline_202601.csv", "already_published")]


def test_a_concession_publishes_what_is_good(runs: dict[str, Any]) -> None:
    assert verdicts(runs["conceded"]) == [("hotline_202603.csv", "conceded")]
    assert runs["conceded"]["events"][0]["quarantined"] > 0


def test_no_callers_number_is_in_airflow_or_the_lake(ran: tuple[Path, dict[str, Any]], bi_url: str) -> None:
    lake, runs = ran
    assert verdicts(runs["strayed"]) == [("hotline_202606.csv", "refused")]
    assert verdicts(runs["strayed, taken all the same"]) == [("hotline_202606.csv", "conceded")]
    delivered = [*lake.glob("landing/hotline_orders/**/*.csv"), *lake.with_name("strayed").glob("*.csv")]
    numbers = {number for file in delivered for number in _numbers(file.read_bytes().decode("gb18030", "ignore"))}
    callers = {row[-1] for file in delivered for row in _rows(file) if row[-1]}
    assert len(callers) > 1000
    assert callers <= numbers
    kept = [
        path
        for path in lake.rglob("*")
        if path.is_file() and path.relative_to(lake).parts[0] not in ("landing", "inbox")
    ]
    assert {lake / "airflow/airflow.db"} < set(kept)
    found = {(path.relative_to(lake).as_posix(), n) for path in kept for text in _said(path) for n in _numbers(text)}
    assert [(place, number) for place, number in sorted(found) if number in callers] == []
    assert callers.isdisjoint(_numbers(json.dumps(runs)))
    with psycopg.connect(bi_url) as pg:
        tables = pg.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname IN ('dim', 'dws', 'ads')"
        )
        mirrored = [str(pg.execute(f"SELECT * FROM {table}".encode()).fetchall()) for (table,) in tables.fetchall()]
    assert mirrored
    assert callers.isdisjoint(n for text in mirrored for n in _numbers(text))


def _numbers(text: str) -> set[str]:
    """Every eleven digits that begin as a mobile phone's do, also inside longer ones."""
    return set(re.findall(r"(?=(1\d{10}))", text))


def _rows(file: Path) -> list[list[str]]:
    rows = [line.split(",") for line in file.read_bytes().decode("gb18030", "replace").splitlines()[1:]]
    return [row for row in rows if re.fullmatch(r"1\d{10}", row[-1])]


def _said(path: Path) -> Iterator[str]:
    """What a file says; of a SQLite database every row too, since a long value lies in pieces."""
    yield from texts(path)
    if path.read_bytes()[:15] == b"SQLite format 3":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as con:
            yield from con.iterdump()


def test_a_replay_reads_landing_again(runs: dict[str, Any]) -> None:
    assert verdicts(runs["replay"]) == [("hotline_202602.csv", "published")]


def test_a_domains_models_are_made_and_each_changed_table_is_an_asset_event(runs: dict[str, Any]) -> None:
    assert runs["transform"]["state"] == "success"
    [daily] = [event for event in runs["transform"]["events"] if event["model"] == "dws.hotline_daily"]
    assert (daily["made"], daily["transform"]) == ("full", "governance-t0001")
    assert daily["rows"] > 1000


def test_tables_of_a_domain_made_first_since_it_never_was_are_asset_events_too(runs: dict[str, Any]) -> None:
    made_first = {event["model"]: event["transform"] for event in runs["transform"]["events"]}
    assert made_first["dim.subdistricts"] == "common-t0001"


def test_what_was_made_is_mirrored_and_no_address_of_a_reader_stays_in_airflow(
    runs: dict[str, Any], bi_url: str
) -> None:
    assert runs["transform"]["tasks"] == {"transform": "success", "mirror": "success"}
    with psycopg.connect(bi_url) as pg:
        assert pg.execute("SELECT count(*) > 1000 FROM dws.hotline_daily").fetchone() == (True,)
        assert pg.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'rongtong_governance_reader'").fetchone() == (
            1,
        )
    assert "rongtong_governance_reader" not in json.dumps(runs)


def test_what_did_not_change_is_not_made_again(runs: dict[str, Any]) -> None:
    assert runs["transform again"]["state"] == "success"
    assert "unchanged dws.hotline_daily" in runs["transform again"]["told"]
    assert "dws.hotline_daily" not in [event["model"] for event in runs["transform again"]["events"]]


def test_what_a_try_that_was_cut_off_had_committed_is_told_by_the_next(runs: dict[str, Any]) -> None:
    published, made = runs["cut off"]
    lost, then = published["lost"], published["then"]
    assert [event["period"] for event in then["events"]] == ["2026-04"]
    assert then["events"] == lost["events"]
    assert [outcome["file"] for outcome in then["returned"]] == ["hotline_202605.csv"]
    lost, then = made["lost"], made["then"]
    assert {"dws.hotline_daily", "ads.hotline_rates_monthly"} <= {event["model"] for event in then["events"]}
    assert then["events"] == lost["events"]
    assert all(event["snapshot"] for event in then["events"])
    assert "dws.hotline_daily" in [one["model"] for one in then["returned"]["models"] if one["made"] == "unchanged"]


def test_a_users_mistake_is_told_in_words(runs: dict[str, Any]) -> None:
    run = runs["no file"]
    assert run["state"] == "failed"
    assert "there is no file 'nowhere.csv'" in run["told"]
    assert "Traceback" not in run["told"]


def test_a_broken_contract_fails_with_its_problems(runs: dict[str, Any]) -> None:
    assert runs["broken"]["state"] == "failed"
    assert "float" in runs["broken"]["told"]


def test_people_know_of_what_was_refused_and_that_it_was_mended_and_of_what_is_late(runs: dict[str, Any]) -> None:
    march = [
        (kind, event)
        for dataset, period, kind, event, _ in runs["incidents"]
        if period == "2026-03" and "hotline" in dataset
    ]
    assert march[:2] == [("refused", "opened"), ("refused", "closed")]
    assert runs["incidents"][0][4].startswith("ingest__hotline_orders/")
    assert runs["due"]["state"] == "success"
    assert {dataset for dataset, _, kind, _, _ in runs["incidents"] if kind == "overdue"} >= {
        "environment.air_quality_hourly"
    }


def test_maintenance_runs(runs: dict[str, Any]) -> None:
    assert runs["maintain"]["state"] == "success"
    assert "backup" in runs["maintain"]["told"]


def test_the_watcher_triggers_what_has_something_new_and_what_is_broken_once(runs: dict[str, Any]) -> None:
    assert sorted(runs["watch"]["tasks"]) == ["look", "trigger[0]", "trigger[1]", "trigger[2]"]
    assert runs["watch"]["state"] == "success"
    assert runs["watch again"]["tasks"] == {"look": "success", "trigger": "skipped"}


def test_data_docs_show_pages_to_those_who_are_logged_in_and_nothing_else(runs: dict[str, Any]) -> None:
    assert runs["pages"] == {"stranger": 401, "page": 200, "missing": 404, "outside": 404}
