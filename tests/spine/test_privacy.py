"""Planted phones, ids and names are nowhere in the lake outside landing, and in nothing that is printed."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import RongtongError
from pipelines.lake import connect
from pipelines.lake.extensions import load_extensions
from pipelines.steps.quarantine import rows as quarantined
from pipelines.steps.replay import replay
from tests.spine import jobs
from tests.spine.lake import Lake
from tests.spine.privacy import PHONES, PLANTED, SECRETS, people, planted_in, secrets_in
from tests.spine.zygote import Zygote


def environment(lake: Lake) -> dict[str, str]:
    """Return the environment that names a lake."""
    return {
        "RONGTONG_HOME": str(lake.where.home),
        "RONGTONG_CITY": str(lake.where.city),
        "RONGTONG_CATALOGUE": lake.where.catalogue,
        "RONGTONG_INBOX": str(lake.where.inbox),
    }


def test_planted_values_are_nowhere_outside_landing(lake: Lake) -> None:
    described = people(lake)
    for verdict, content in PLANTED.items():
        assert lake.deliver(described, f"{verdict}.csv", content).verdict == verdict
    outcome = lake.deliver(described, "refused.csv", PLANTED["refused"], accept="needed", by="Wang")
    assert outcome.verdict == "conceded"
    replay(lake.where, described, outcome.batch)
    told = [lake.con.execute(f"FROM {table}").fetchall() for table in all_tables(lake)]
    assert secrets_in(str(told)) == []
    assert secrets_in(str(outcome)) == []
    assert secrets_in(str(quarantined(lake.where, described, con=lake.con))) == []
    lake.close()
    assert planted_in(lake.where.home) == []
    if lake.where.catalogue:
        assert secrets_in(str(catalogue_tables(lake.where.catalogue))) == []
    assert any(PHONES[0].encode() in path.read_bytes() for path in lake.where.landing.rglob("*.csv")), (
        "nothing was planted"
    )


def all_tables(lake: Lake) -> list[str]:
    """Return every table and view an analyst can ask."""
    query = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'city'"
    return [f'city."{schema}"."{name}"' for schema, name in lake.rows(query)]


def catalogue_tables(uri: str) -> list[Any]:
    """Return every row of every table of a PostgreSQL catalogue."""
    con = duckdb.connect()
    load_extensions(con, "postgres_scanner")
    con.execute(f"ATTACH '{uri}' AS pg (TYPE postgres, READ_ONLY)")
    ours = "database_name = 'pg' AND schema_name NOT IN ('pg_catalog', 'information_schema')"
    names = con.execute(f"SELECT schema_name, table_name FROM duckdb_tables() WHERE {ours}").fetchall()
    assert names, "the catalogue holds nothing"
    rows = [con.execute(f'FROM pg."{schema}"."{name}"').fetchall() for schema, name in names]
    con.close()
    return rows


def test_a_person_keeps_one_pseudonym_that_is_not_the_plain_hash(lake: Lake) -> None:
    described = people(lake)
    lake.deliver(described, "a.csv", PLANTED["published"])
    first = lake.dwd(described, "phone")
    lake.deliver(described, "b.csv", PLANTED["published"].replace("k1", "k5").replace("k2", "k6").replace(",1,", ",3,"))
    phones = [phone for (phone,) in lake.dwd(described, "phone")]
    assert len(phones) == 2, "a phone is unique in this contract, and the second delivery repeats both"
    assert [(phone,) for phone in phones] == first
    assert all(phone.startswith("k1:") for phone in phones)
    assert not {hashlib.sha256(phone.encode()).hexdigest()[:32] for phone in PHONES} & {phone[3:] for phone in phones}


def test_a_renamed_personal_column_is_not_loaded(lake: Lake) -> None:
    described = people(lake, max_invalid_pct=100)
    outcome = lake.deliver(described, "a.csv", PLANTED["published"].replace("编号,姓名,电话,", "编号,姓名,联系方式,"))
    assert outcome.verdict == "published"
    assert "联系方式" in str(outcome.reasons)
    assert secrets_in(str(outcome)) == []
    assert lake.dwd(described, "phone") == [(None,), (None,)]


def test_readers_know_neither_the_key_nor_the_macros(lake: Lake) -> None:
    described = people(lake)
    lake.deliver(described, "a.csv", PLANTED["published"])
    con = connect(where=lake.where)
    assert con.execute("SELECT getvariable('rongtong_ipad')").fetchone() == (None,)
    with pytest.raises(duckdb.Error):
        con.execute("SELECT rongtong_hmac('13912340001')")
    con.close()
    key = lake.where.home / "hmac.json"
    assert key.stat().st_mode & 0o077 == 0


def test_the_command_line_prints_no_planted_value(lake: Lake, zygote: Zygote) -> None:
    described = people(lake)
    lake.deliver(described, "published.csv", PLANTED["published"])
    refused = lake.file("refused.csv", PLANTED["refused"])
    lake.ingest(described, refused, accept="needed", by="Wang")
    lake.close()
    broken = lake.file("broken.csv", PLANTED["refused"].replace("编号", PHONES[0]).encode() + b"\xff\0")
    exported = lake.folder / "quarantine.csv"
    asked: list[tuple[set[int], tuple[str, ...]]] = [
        ({1}, ("check", described.id, str(refused))),
        ({1}, ("check", described.id, str(refused), "--json")),
        ({1}, ("check", described.id, str(broken))),
        ({0}, ("batches", described.id, "--json")),
        ({0}, ("quarantine", "list", described.id)),
        ({0}, ("quarantine", "list", described.id, "--json")),
        ({0}, ("quarantine", "export", described.id, "--out", str(exported))),
        ({0}, ("show", described.id)),
        ({0}, ("show",)),
        ({0}, ("sql", f"FROM ods.{described.table}")),
        ({0, 1}, ("replay", described.id)),
    ]
    for codes, arguments in asked:
        code, printed = zygote.run(jobs.command, environment(lake), *arguments)
        assert code in codes, printed
        assert printed.strip()
        assert secrets_in(printed) == [], arguments
        assert "Traceback" not in printed
    assert secrets_in(exported.read_text(encoding="utf-8-sig")) == []


def test_errors_tell_no_planted_value(lake: Lake) -> None:
    described = people(lake)
    told = []
    for number, content in enumerate(
        (PLANTED["refused"].replace(",", ";"), "\n".join(SECRETS), PLANTED["refused"] * 2)
    ):
        try:
            told.append(str(lake.deliver(described, f"{number}.csv", content)))
        except RongtongError as error:
            told.append(str(error))
    assert secrets_in(str(told)) == []
    assert Path(lake.where.home).is_dir()
