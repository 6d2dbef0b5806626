"""The mirror for BI: what arrives in PostgreSQL, who may read it, and what stays when it fails; asked through psycopg."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import psycopg
import pytest
from psycopg import errors
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.errors import EngineFault, EnvironmentFault, LockHeld, UsageError
from pipelines.steps.mirror import mirror as module
from pipelines.steps.mirror.mirror import mirror, mirror_if_set
from pipelines.steps.mirror.passwords import FILE
from pipelines.steps.mirror.readers import reader_uri, role_of
from tests.mirror.conftest import DOMAINS, Bi

RATES = "SELECT code, month, satisfied_pct FROM ads.rates ORDER BY code"


def test_every_type_arrives_with_its_value_and_nothing_of_ods_does(bi: Bi) -> None:
    bi.mirror()
    first, second, third = bi.ask("SELECT * FROM ads.kinds ORDER BY yes, share")
    assert first == (
        True, 200, -7, 8, 9, Decimal(10**22), 0.1, Decimal("-12345678.90"), '逗号, "引号"\n换行', date(2026, 2, 28), time(8, 30),
        datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 8), '["甲",null]', '{"a":1,"b":"乙"}', "POINT (118.1 24.5)",
        "00000000-0000-0000-0000-000000000001",
    )  # fmt: skip
    assert second[6] != second[6], "not a number"
    assert second[8] == ""
    assert set(third) == {None}
    assert bi.ask("SELECT count(*), sum(orders) FROM dws.orders_daily") == [(3000, 2999 * 1500)]
    assert bi.ask("SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ('ods', 'dwd')") == []


def test_a_nul_character_is_left_out_and_an_odd_text_arrives_as_it_is(bi: Bi) -> None:
    bi.change(
        r"""CREATE TABLE city.ads.odd AS SELECT 'a' || chr(0) || 'b' AS word UNION ALL VALUES ('\.'), ('\N'), (''), (NULL), ('𠮷')"""
    )
    bi.mirror()
    assert {row[0] for row in bi.ask("SELECT word FROM ads.odd")} == {"ab", r"\.", r"\N", "", None, "𠮷"}


def test_tables_and_columns_carry_the_lake_s_chinese_comments(bi: Bi) -> None:
    asked = "SELECT obj_description('ads.rates'::regclass), col_description('ads.rates'::regclass, 3)"
    bi.mirror()
    assert bi.ask(asked) == [("热线三率（月）", "满意率（%）")]
    bi.change("COMMENT ON TABLE city.ads.rates IS '三率'")
    assert bi.states()["ads.rates"] == "unchanged"
    assert bi.ask(asked) == [("三率", "满意率（%）")]


def test_a_domain_s_reader_reads_its_tables_and_dim_and_can_do_nothing_else(bi: Bi) -> None:
    with psycopg.connect(bi.where.bi) as pg:
        pg.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")  # as servers before PostgreSQL 15 begin
    uri = bi.mirror().readers["governance"]
    assert bi.ask(RATES, uri) == [("350203", "2026-01", Decimal("91.25")), ("350206", "2026-01", None)]
    assert len(bi.ask("SELECT * FROM dim.divisions", uri)) == 2
    for forbidden in (
        "SELECT 1 FROM ods.orders", "SELECT 1 FROM ads.kinds", "SELECT 1 FROM rongtong.mirrored", "DELETE FROM ads.rates",
        "INSERT INTO dim.divisions VALUES ('1', '2')", "CREATE TABLE public.mine (a int)", "CREATE TABLE ads.mine (a int)",
        "CREATE TEMP TABLE mine (a int)", "CREATE SCHEMA mine", "CREATE ROLE mine", "SELECT rolpassword FROM pg_authid",
        "SET ROLE rongtong_life_reader", "COPY ads.rates TO PROGRAM 'cat'",
    ):  # fmt: skip
        with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedTable)):
            bi.ask(forbidden, uri)


def test_a_table_that_changes_its_domain_changes_its_reader(bi: Bi) -> None:
    readers = bi.mirror().readers
    bi.domains["ads.rates"] = "life"
    bi.mirror()
    assert len(bi.ask(RATES, readers["life"])) == 2
    with pytest.raises(errors.InsufficientPrivilege):
        bi.ask(RATES, readers["governance"])


def test_a_domain_without_tables_keeps_its_reader_with_dim_alone(bi: Bi) -> None:
    uri = bi.mirror().readers["life"]
    del bi.domains["ads.kinds"]
    assert "life" not in bi.mirror().readers
    assert len(bi.ask("SELECT * FROM dim.divisions", uri)) == 2
    with pytest.raises(errors.InsufficientPrivilege):
        bi.ask("SELECT * FROM ads.kinds", uri)


def test_passwords_are_random_kept_for_their_owner_alone_stable_and_the_server_s(bi: Bi) -> None:
    readers = bi.mirror().readers
    assert bi.mirror().readers == readers
    kept = bi.where.home / FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    passwords = json.loads(kept.read_text(encoding="utf-8"))
    assert len(set(passwords.values())) == 3
    assert passwords["life"] in readers["life"]
    ((verifier,),) = bi.ask(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{role_of('life')}'")
    assert _is_password(passwords["life"], str(verifier))


def _is_password(password: str, verifier: str) -> bool:
    """Whether a SCRAM verifier is this password's (RFC 5803): the test's server itself lets everybody in."""
    _, iterated, keys = verifier.split("$")
    rounds, salt = iterated.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client = hmac.digest(salted, b"Client Key", "sha256")
    return base64.b64encode(hashlib.sha256(client).digest()).decode() == keys.split(":")[0]


def test_a_file_of_passwords_that_others_may_read_is_not_used(bi: Bi) -> None:
    bi.mirror()
    (bi.where.home / FILE).chmod(0o644)
    with pytest.raises(EnvironmentFault, match=r"\[readers-file\].*chmod 600"):
        bi.mirror()


def test_only_what_changed_is_copied_again_and_a_rebuilt_table_of_equal_rows_is_not(bi: Bi) -> None:
    assert set(bi.states().values()) == {"copied"}
    bi.change("""CREATE TEMP TABLE kept AS FROM city.dws.orders_daily;
DELETE FROM city.dws.orders_daily;
INSERT INTO city.dws.orders_daily FROM kept ORDER BY orders DESC;
UPDATE city.ads.rates SET satisfied_pct = 88 WHERE code = '350206'""")
    assert {name for name, state in bi.states().items() if state == "copied"} == {"ads.rates"}
    assert bi.ask("SELECT satisfied_pct FROM ads.rates ORDER BY code") == [(Decimal("91.25"),), (Decimal("88.00"),)]


def test_what_somebody_did_in_the_mirror_is_undone(bi: Bi) -> None:
    bi.mirror()
    with psycopg.connect(bi.where.bi) as pg:
        pg.execute("DELETE FROM ads.rates")
        pg.execute("DROP TABLE dim.divisions")
    assert [name for name, state in bi.states().items() if state == "copied"] == ["ads.rates", "dim.divisions"]
    assert len(bi.ask("SELECT * FROM dim.divisions", bi.mirror().readers["life"])) == 2


def test_a_table_that_left_the_lake_leaves_and_one_with_other_columns_is_made_anew(bi: Bi) -> None:
    bi.mirror()
    bi.change("DROP TABLE city.ads.kinds;\nALTER TABLE city.ads.rates ADD COLUMN base BIGINT")
    states = bi.states()
    assert states["ads.kinds"] == "removed"
    assert states["ads.rates"] == "copied"
    assert bi.ask("SELECT to_regclass('ads.kinds')") == [(None,)]
    assert bi.ask("SELECT base FROM ads.rates", bi.mirror().readers["governance"]) == [(None,), (None,)]


def test_a_view_of_the_lake_is_a_table_of_the_mirror(bi: Bi) -> None:
    bi.change("CREATE VIEW city.ads.low AS SELECT code FROM city.ads.rates WHERE satisfied_pct < 95")
    assert bi.states()["ads.low"] == "copied"
    assert bi.ask("SELECT * FROM ads.low") == [("350203",)]


def test_a_reader_in_a_transaction_goes_on_seeing_what_it_saw(bi: Bi) -> None:
    bi.mirror()
    with psycopg.connect(bi.where.bi) as pg:
        pg.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        before = pg.execute("SELECT count(*) FROM dim.divisions").fetchone()
        bi.change("DELETE FROM city.ads.rates;\nINSERT INTO city.dim.divisions VALUES ('350205', '海沧区')")
        bi.mirror()
        assert pg.execute("SELECT count(*) FROM ads.rates").fetchone() == (2,)
        assert pg.execute("SELECT count(*) FROM dim.divisions").fetchone() == before == (2,)
    assert bi.ask("SELECT count(*) FROM dim.divisions") == [(3,)]


def test_a_mirror_that_fails_halfway_leaves_all_tables_as_they_were(bi: Bi, monkeypatch: pytest.MonkeyPatch) -> None:
    bi.mirror()
    bi.change("DELETE FROM city.ads.rates;\nDROP TABLE city.ads.kinds;\nDELETE FROM city.dws.orders_daily")
    sent = module.send_rows

    def fail_at_dws(con: object, pg: psycopg.Connection, table: object, rows: int) -> None:
        sent(con, pg, table, rows)  # type: ignore[arg-type]
        if getattr(table, "layer", "") == "dws":
            pg.execute("SELECT 1 / 0")

    monkeypatch.setattr(module, "send_rows", fail_at_dws)
    with pytest.raises(EnvironmentFault, match=r"\[mirror\].*as it was"):
        bi.mirror()
    assert len(bi.ask(RATES)) == 2
    assert len(bi.ask("SELECT * FROM ads.kinds")) == 3


def test_a_failing_view_of_the_lake_ends_the_mirror_and_changes_nothing(bi: Bi) -> None:
    bi.mirror()
    bi.change(
        "DELETE FROM city.ads.rates;\nCREATE VIEW city.ads.bad AS SELECT CAST(code || 'x' AS BIGINT) AS n FROM city.dim.divisions"
    )
    with pytest.raises(EngineFault, match=r"\[engine\] Conversion Error: Could not convert string …"):
        bi.mirror()
    assert len(bi.ask(RATES)) == 2


def test_two_mirrors_at_once_wait_for_each_other(bi: Bi) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: bi.mirror(), range(2)))
    assert sorted({table.state for one in done for table in one.tables}) == ["copied", "unchanged"]
    with psycopg.connect(bi.where.bi) as pg:
        pg.execute("SELECT pg_advisory_xact_lock(1381236738)")
        with pytest.raises(LockHeld, match="another mirror"):
            mirror(replace(bi.where, lock_seconds=0.2), bi.domains)


def test_what_was_built_on_a_table_that_must_change_is_named(bi: Bi) -> None:
    bi.mirror()
    with psycopg.connect(bi.where.bi) as pg:
        pg.execute("CREATE VIEW public.mine AS SELECT * FROM ads.rates")
    bi.change("DROP TABLE city.ads.rates")
    with pytest.raises(EnvironmentFault, match=r"\[mirror-dependent\].*Hint: drop"):
        bi.mirror()
    with psycopg.connect(bi.where.bi) as pg:
        pg.execute("DROP VIEW public.mine; CREATE TABLE ads.other (a int)")
    bi.change("CREATE TABLE city.ads.other (a INTEGER)")
    with pytest.raises(EnvironmentFault, match=r"\[mirror-foreign\]"):
        bi.mirror()


def test_a_transform_does_not_fail_for_its_mirror(bi: Bi, caplog: pytest.LogCaptureFixture) -> None:
    assert mirror_if_set(replace(bi.where, bi="")) is None
    gone = replace(bi.where, bi="postgresql://bi:s3cret@127.0.0.1:1/bi?connect_timeout=1")
    assert mirror_if_set(gone) is None
    assert "[mirror-lost]" in caplog.text
    assert "s3cret" not in caplog.text
    with pytest.raises(UsageError, match="RONGTONG_BI_URL"):
        mirror(replace(bi.where, bi=""))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://a:b@db.example/bi", "db.example/bi"),
        ("postgresql:///bi?host=/run/pg&port=5433", "/bi?port=5433&host=%2Frun%2Fpg"),
        ("host=db.example port=5433 dbname=bi sslmode=require", "db.example:5433/bi?sslmode=require"),
        ("postgresql://a@[::1]:5433/bi", "/bi?port=5433&host=%3A%3A1"),
    ],
)
def test_a_reader_s_address_is_the_owner_s_place(url: str, place: str) -> None:
    assert reader_uri(url, "life", "p") == f"postgresql://rongtong_life_reader:p@{place}"


def test_the_command_prints_passwords_as_json_alone(bi: Bi) -> None:
    """With the city's own models: of this lake's tables it has none, but every domain of a model has its reader."""
    told = json.loads(CliRunner().invoke(app, ["mirror", "--json"]).stdout)
    assert told["readers"]["governance"].startswith("postgresql://rongtong_governance_reader:")
    assert {table["table"] for table in told["tables"]} == set(DOMAINS)
    printed = CliRunner().invoke(app, ["mirror"]).stdout
    assert "rongtong_governance_reader:…@" in printed
    assert "ads.rates" in printed
    assert not [uri for uri in told["readers"].values() if uri.split(":")[2].split("@")[0] in printed]
