"""Models that cannot be made are refused with a readable reason, the published tables stay as they were, and the ledger says so."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import models
from pipelines.contracts.model import Contract
from pipelines.errors import ContractError, UsageError
from pipelines.steps.model_listing import model_rows
from pipelines.steps.transform import run
from pipelines.steps.transform.outcome import Audited, DomainOutcome, TransformRefused
from tests.spine.channel import posted_in_this_process
from tests.spine.city import column, write_city
from tests.spine.jobs import die
from tests.spine.lake import Lake, lake_settings
from tests.spine.models import counted_once, transform_watched, write_model
from tests.spine.zygote import Killed, Zygote

DAILY = "SELECT mark, count(*) AS n, CAST(sum(n) AS BIGINT) AS total FROM dwd.orders GROUP BY mark"
DAILY_COLUMNS = (column("mark", key=True), column("n", "integer"), column("total", "integer"))
SHARE = "SELECT d.mark, round(100.0 * d.total / nullif(d.n, 0), 2) AS share_pct FROM dws.by_mark AS d"
SHARE_COLUMNS = (column("mark", key=True), column("share_pct", "number", physical="DECIMAL(9,2)"))


@dataclass
class Made:
    """A lake with deliveries and two models, one reading the other."""

    lake: Lake
    orders: Contract

    def write(
        self, table: str = "test.dws.by_mark", sql: str = DAILY, columns: Any = DAILY_COLUMNS, **model: Any
    ) -> Path:
        return write_model(self.lake.city, table, sql, columns, **model)

    def transform(self, *domains: str, **how: Any) -> list[DomainOutcome]:
        return run.transform(self.lake.where, domains, **how)

    def tables(self) -> list[list[tuple[Any, ...]]]:
        """Return the rows of both tables."""
        return [self.lake.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in ("dws.by_mark", "ads.share")]

    def snapshots(self) -> int:
        """Return the newest snapshot."""
        return int(self.lake.rows("SELECT max(snapshot_id) FROM city.snapshots()")[0][0])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "audit_model", counted_once)
        patch.setattr(models, "PACKAGED", folder / "no models")  # reading forty SELECTs takes seconds
        from pipelines.steps import publish
        from tests.spine.jobs import measured_once

        patch.setattr(publish, "audit", measured_once)
        lake = Lake(lake_settings(folder, write_city(folder / "city"), ""), folder / "files")
        made = Made(lake, lake.orders(dataset="test.orders"))
        lake.deliver(made.orders, "1.csv", "id,n,mark\na,1,x\nb,2,x\nc,3,y\n")
        _both(made)
        made.transform()
        yield made
        lake.close()


def _both(made: Made) -> None:
    shutil.rmtree(made.lake.city / "models", ignore_errors=True)
    made.write()
    made.write("test.ads.share", SHARE, SHARE_COLUMNS)


@pytest.fixture(autouse=True)
def _as_it_was(made: Made) -> None:
    """Every test begins with two sound models that are made."""
    _both(made)


def test_models_are_made_each_after_what_it_reads(made: Made) -> None:
    assert made.tables() == [[("x", 2, 3), ("y", 1, 3)], [("x", 150), ("y", 300)]]


@pytest.mark.parametrize(
    ("sql", "columns", "rule", "said"),
    [
        ("SELECT mark, count(* AS n FROM dwd.orders", DAILY_COLUMNS, "model-sql", "does not parse"),
        ("DELETE FROM dwd.orders", DAILY_COLUMNS, "model-sql", "not a SELECT"),
        (DAILY.replace("dwd.orders", "dwd.ordres"), DAILY_COLUMNS, "model-reads", "dwd.orders"),
        (DAILY.replace("dwd.orders", "ods.orders"), DAILY_COLUMNS, "model-reads", "ods.orders"),
        (DAILY.replace(", CAST(sum(n) AS BIGINT) AS total", ""), DAILY_COLUMNS, "model-columns", "total"),
        (DAILY.replace(" AS n,", " AS n, 1 AS more,"), DAILY_COLUMNS, "model-columns", "more"),
        ("SELECT * FROM dwd.orders", DAILY_COLUMNS, "model-columns", "star"),
        (DAILY.replace("CAST(sum(n) AS BIGINT)", "max(mark)"), DAILY_COLUMNS, "model-type", "total"),
        (DAILY.replace("sum(n)", "sum(nn)"), DAILY_COLUMNS, "model-sql", "nn"),
        (DAILY.replace("dwd.orders", "ads.share"), DAILY_COLUMNS, "model-cycle", "ads.share"),
    ],
    ids=["parse", "no select", "missing table", "ods", "lacks", "more", "star", "type", "unknown column", "circle"],
)  # fmt: skip
def test_a_model_that_cannot_be_made_is_told_and_nothing_changes(
    made: Made, sql: str, columns: Any, rule: str, said: str
) -> None:
    before, snapshot = made.tables(), made.snapshots()
    made.write(sql=sql, columns=columns)
    with pytest.raises(ContractError) as told:
        made.transform()
    assert f"[{rule}]" in str(told.value)
    assert str(told.value).startswith("models/")
    assert ".sql:" in str(told.value)
    assert said in str(told.value)
    assert "Traceback" not in str(told.value)
    assert (made.tables(), made.snapshots()) == (before, snapshot)


@pytest.mark.parametrize(
    ("total", "rule", "said"),
    [
        ("max(CAST(id AS INTEGER))", "model-run", "TRY_CAST"),
        ("CAST(epoch(add_working_days(DATE '2019-01-04', count(*))) AS BIGINT)", "calendar", "2019-01-04"),
    ],
    ids=["a text that is no number", "a year without a calendar"],
)
def test_a_model_that_fails_while_it_computes_is_told_and_nothing_changes(
    made: Made, total: str, rule: str, said: str
) -> None:
    before, snapshot = made.tables(), made.snapshots()
    made.write(sql=DAILY.replace("CAST(sum(n) AS BIGINT)", total))
    with pytest.raises(ContractError) as told:
        made.transform()
    assert str(told.value).startswith(f"models/dws/by_mark.sql: [{rule}]")
    assert said in str(told.value)
    assert "'a'" not in str(told.value), "values stay in the lake"
    assert (made.tables(), made.snapshots()) == (before, snapshot)


def test_a_check_that_duckdb_does_not_understand_is_told_before_anything_is_made(made: Made) -> None:
    check = {"name": "sound", "type": "custom", "engine": "rongtong", "implementation": {"rows": "nn > 0"}}
    made.write(checks=[check])
    with pytest.raises(ContractError, match=r"by_mark.odcs.yaml.*\[row-check\].*nn"):
        made.transform("test")


def test_domains_that_read_each_other_in_a_circle_are_told(made: Made) -> None:
    made.write("other.dws.marks", "SELECT mark FROM ads.share", (column("mark", key=True),))
    made.write("test.ads.again", "SELECT mark FROM dws.marks", (column("mark", key=True),))
    with pytest.raises(ContractError, match=r"\[domain-cycle\].*other"):
        made.transform()


def test_an_unknown_domain_names_those_there_are(made: Made) -> None:
    with pytest.raises(UsageError, match=r"\[domain\].*tset.*'test'"):
        made.transform("tset")


def test_one_row_twice_among_many_is_a_changed_grain(made: Made) -> None:
    twice = "SELECT d.mark, d.n, d.total FROM (SELECT 'm' || i AS mark, 1 AS n, 1 AS total FROM range(1000) AS t(i)) AS d UNION ALL "
    made.write(sql=f"{twice}SELECT max('m7'), count(*), count(*) FROM dwd.orders")
    with pytest.raises(TransformRefused, match="2 of 1001 rows"):
        made.transform()


def test_a_changed_grain_refuses_the_whole_domain(made: Made) -> None:
    before = made.tables()
    made.write(sql=DAILY.replace("GROUP BY mark", "GROUP BY mark, id"))
    with pytest.raises(TransformRefused) as told:
        made.transform()
    assert "mark" in str(told.value)
    assert "unique" in str(told.value)
    assert made.tables() == before
    verdict, message = made.lake.rows(
        "SELECT verdict, message FROM quality.transforms WHERE model = 'dws.by_mark' ORDER BY seq DESC, finished_at DESC LIMIT 1"
    )[0]
    assert verdict == "refused"
    assert "unique" in message
    _both(made)
    assert {one.made for outcome in made.transform("test") for one in outcome.models} == {"unchanged"}


def test_two_counts_that_differ_are_told_to_the_citys_channels(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def differs(*arguments: Any) -> Audited:
        alarm = "total.required: Great Expectations counts 2, SQL flags 0 (total.required)"
        return replace(counted_once(*arguments), alarms=(alarm,) if arguments[3].name == "dws.by_mark" else ())

    monkeypatch.setattr(run, "audit_model", differs)
    made.lake.close()
    with posted_in_this_process(monkeypatch) as channel:
        (outcome,) = run.transform(replace(made.lake.where, notify=channel.url()), full=True)
        (told,) = channel.told()
    assert outcome.verdict == "published"
    assert ("two measures differ" in told["title"], "test.by_mark" in told["title"]) == (True, True)
    assert "total.required" in told["message"]
    assert outcome.transform in told["message"]
    kinds = made.lake.rows("SELECT dataset, kind FROM quality.incidents WHERE batch_id = ?", [outcome.transform])
    assert kinds == [("test.by_mark", "measures")]


def test_unchanged_inputs_make_no_snapshot(made: Made) -> None:
    made.transform()
    snapshot = made.snapshots()
    assert {outcome.verdict for outcome in made.transform()} == {"unchanged"}
    assert made.snapshots() == snapshot


def test_a_changed_input_is_made_again_with_what_reads_it(made: Made) -> None:
    batch = made.lake.deliver(made.orders, "2.csv", "id,n,mark\nd,4,z\n").batch
    [outcome] = made.transform("test")
    assert {one.model: one.made for one in outcome.models} == {"dws.by_mark": "full", "ads.share": "full"}
    assert ("z", 1, 4) in made.tables()[0]
    from pipelines.steps.retract import retract

    retract(made.lake.where, made.orders, batch, reason="for a test")
    made.transform("test")
    assert made.tables()[0] == [("x", 2, 3), ("y", 1, 3)]


def test_a_table_of_another_contract_version_is_made_anew(made: Made) -> None:
    wider = (*DAILY_COLUMNS, column("least", "integer"))
    made.write(sql=DAILY.replace(" FROM", ", min(n) AS least FROM"), columns=wider, version="1.1.0")
    [outcome] = made.transform("test")
    assert outcome.models[0].made == "full"
    assert made.lake.rows("SELECT mark, least FROM dws.by_mark ORDER BY ALL") == [("x", 1), ("y", 3)]
    _both(made)
    made.transform("test")
    assert made.tables()[0] == [("x", 2, 3), ("y", 1, 3)]


@pytest.mark.parametrize(
    "watch",
    [{"text": 'INSERT INTO city."ads"'}, {"text": "set_commit_message"}, {"text": "COMMIT"}],
    ids=str,
)
def test_a_killed_transform_leaves_the_old_tables(made: Made, zygote: Zygote, watch: dict[str, Any]) -> None:
    before = made.tables()
    made.write(sql=DAILY.replace("sum(n)", "sum(n + 1)"))
    made.lake.close()
    with pytest.raises(Killed):
        zygote.run(transform_watched, made.lake.where, die, watch)
    assert made.tables() == before
    made.transform("test")
    assert made.tables()[0] == [("x", 2, 5), ("y", 1, 4)]
    _both(made)
    made.transform("test")
    assert made.tables() == before


def test_a_model_of_the_ledger_is_made_and_not_stale_after_a_transform(made: Made) -> None:
    columns = (column("verdict", key=True), column("batches", "integer"))
    told = "SELECT b.verdict, count(*) AS batches FROM quality.batches AS b GROUP BY b.verdict"
    write_model(made.lake.city, "told.ads.verdicts", told, columns)
    made.transform()
    states = {row["model"]: row["state"] for row in model_rows(made.lake.where)}
    assert states == {"ads.verdicts": "made", "dws.by_mark": "made", "ads.share": "made"}
