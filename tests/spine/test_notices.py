"""People are told what they must know, once, without a value of the data, and never at the delivery's cost."""

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.contracts.model import Channel as Named
from pipelines.contracts.model import Contract
from pipelines.errors import LockHeld, UsageError
from pipelines.lake.create import open_for_writing
from pipelines.lake.lock import file_lock
from pipelines.settings import Settings
from pipelines.steps.doctor import examine
from pipelines.steps.notices import post, sending
from pipelines.steps.notices.keeping import spool, still_open
from pipelines.steps.notices.recipients import recipients
from pipelines.steps.notify import failures, tell_fault, tell_outcomes, tell_trial
from pipelines.steps.outcome import TWO_MEASURES
from tests.spine.channel import Channel
from tests.spine.city import BY_NAME, column, write_city
from tests.spine.lake import Lake, lake_settings

GOOD, BAD = "id,n,mark\na,1,x\nb,2,y\n", "id,n,mark\na,1,x\nb,77,y\nc,88,z\nd,99,z\n"


@pytest.fixture
def channel() -> Iterator[Channel]:
    with Channel().up() as channel:
        yield channel


@pytest.fixture(autouse=True)
def _posted_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Post from this process, with apprise imported once; the tests marked so start the process that production starts."""
    if "real_process" not in request.fixturenames:
        monkeypatch.setattr(sending, "posted", posted_here)


@pytest.fixture
def real_process() -> None:
    """Asked for by the tests of the sending process itself."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, second_measure: None) -> Iterator[Lake]:
    """An embedded lake for the tests that ask nothing of the catalogue."""
    folder = tmp_path_factory.mktemp("town")
    made = Lake(lake_settings(folder, write_city(folder / "city"), ""), folder / "files")
    yield made
    made.close()


def posted_here(title: str, body: str, urls: list[str], seconds: float, kind: str) -> dict[int, tuple[str, str, float]]:
    order = {"title": title, "body": body, "type": kind}
    return {number: (*post.told(url, order), 0.0) for number, url in enumerate(urls)}


def told_at(lake: Lake, *urls: str, seconds: float = 60) -> Settings:
    lake.close()  # a notice opens a connection of its own
    return replace(lake.where, notify=" ".join(urls), notify_seconds=seconds)


def states(lake: Lake, contract: Contract) -> list[tuple[str, str]]:
    return [
        (str(event), str(state))
        for event, state in lake.rows(
            "SELECT event, state FROM quality.notices WHERE dataset = ? ORDER BY told_at, channel", [contract.id]
        )
    ]


def test_refused_then_recovered_is_told_once_each_and_kept_in_the_ledger(shared: Lake, channel: Channel) -> None:
    contract = shared.orders(mode="replace_period", period=BY_NAME)
    outcome = shared.deliver(contract, "o_202608.csv", BAD)
    here = told_at(shared, channel.url())
    tell_outcomes(here, contract, [outcome])
    tell_outcomes(here, contract, [shared.deliver(contract, "o_202608.csv", BAD)])
    (refused,) = channel.told()
    assert (refused["type"], contract.id in refused["title"], "2026-08" in refused["title"]) == ("failure", True, True)
    assert f"rongtong ingest {contract.id} --file o_202608.csv" in refused["message"]
    mended = shared.deliver(contract, "o_202608.csv", GOOD)
    tell_outcomes(told_at(shared, channel.url()), contract, [mended])
    tell_outcomes(told_at(shared, channel.url()), contract, [shared.deliver(contract, "o_202608.csv", GOOD)])
    (recovered,) = channel.told()
    assert (recovered["type"], mended.batch in recovered["message"]) == ("success", True)
    assert states(shared, contract) == [("opened", "sent"), ("opened", "suppressed"), ("closed", "sent")]
    events = shared.rows(
        "SELECT period, kind, event, batch_id FROM quality.incidents WHERE dataset = ? ORDER BY told_at", [contract.id]
    )
    assert events == [
        ("2026-08", "refused", "opened", outcome.batch),
        ("2026-08", "refused", "opened", mended.batch.replace("0003", "0002")),
        ("2026-08", "refused", "closed", mended.batch),
    ]


def test_a_lake_of_an_earlier_release_gets_what_its_ledger_lacks(shared: Lake) -> None:
    before = shared.rows("SELECT count(*) FROM quality.batches")
    shared.con.execute("DROP TABLE city.quality.incidents")
    shared.con.execute("DROP TABLE city.quality.notices")
    shared.close()
    con = open_for_writing(shared.where)
    try:
        assert con.execute("SELECT count(*) FROM quality.incidents, quality.notices").fetchall() == [(0,)]
    finally:
        con.close()
    assert shared.rows("SELECT count(*) FROM quality.batches") == before
    contract = shared.orders()
    assert shared.deliver(contract, "o.csv", GOOD).verdict == "published"


def test_rows_held_back_are_told_with_the_command_that_shows_them(town: Lake, channel: Channel) -> None:
    contract = town.orders(max_invalid_pct=80)
    outcome = town.deliver(contract, "o.csv", BAD)
    tell_outcomes(told_at(town, channel.url()), contract, [outcome])
    (told,) = channel.told()
    assert told["type"] == "warning"
    assert f"rongtong quarantine list {contract.id} --batch {outcome.batch}" in told["message"]


def test_the_process_that_posts_is_killed_when_a_channel_hangs(
    town: Lake, channel: Channel, real_process: None
) -> None:
    contract = town.orders()
    outcome = town.deliver(contract, "o.csv", BAD)
    notices = tell_outcomes(told_at(town, channel.url("hang"), seconds=1), contract, [outcome])
    assert [notice.state for notice in notices] == ["timed_out"]
    assert failures(notices) == ["notice not sent: RONGTONG_NOTIFY 1 (json): timed_out no answer within 1 s"]
    assert town.verdicts(contract) == [(outcome.batch, "refused")]
    assert [notice.state for notice in tell_outcomes(told_at(town, channel.url()), contract, [outcome])] == ["sent"]
    assert len(channel.told()) == 1


def test_who_answered_before_the_kill_was_told(town: Lake, monkeypatch: pytest.MonkeyPatch, real_process: None) -> None:
    one_answers = (
        "import json, sys, time; json.load(sys.stdin); "
        "print(json.dumps({'number': 1, 'state': 'sent', 'detail': '', 'seconds': 0.1}), flush=True); time.sleep(600)"
    )
    monkeypatch.setattr(sending, "_COMMAND", (sys.executable, "-ISc", one_answers))
    contract = town.orders()
    outcome = town.deliver(contract, "o.csv", BAD)
    here = told_at(town, "json://hangs.example/", "json://answers.example/", seconds=10)
    assert [notice.state for notice in tell_outcomes(here, contract, [outcome])] == ["timed_out", "sent"]


def test_a_channel_that_failed_gets_the_notice_next_time_and_the_others_not_again(town: Lake, channel: Channel) -> None:
    contract = town.orders()
    outcome = town.deliver(contract, "o.csv", BAD)
    for _ in range(2):
        tell_outcomes(told_at(town, channel.url(), channel.url("refuse"), "nonsense://x"), contract, [outcome])
    assert states(town, contract) == [
        ("opened", state) for state in ("sent", "failed", "failed", "suppressed", "failed", "failed")
    ]


def test_notices_hold_no_value_and_the_ledger_and_log_no_address(
    town: Lake, channel: Channel, caplog: pytest.LogCaptureFixture, real_process: None
) -> None:
    columns = [
        column("id", key=True),
        column("phone", title="电话", level="3", personal=True, mask="hmac", options={"pattern": r"^1\d{10}$"}),
        column("n", "integer", options={"maximum": 9}),
    ]
    contract = town.contract(columns)
    values = ["K7001", "1380000123", "13800001234", "4711", "13912345678"]
    content = f"id,phone,n\n{values[0]},{values[1]},1\nK7002,{values[2]},{values[3]}\n"
    renamed = f"id,{values[4]},n\nK7001,1,1\n"
    outcomes = [town.deliver(contract, "o.csv", content), town.deliver(contract, f"张三{values[4]}.csv", renamed)]
    assert {outcome.verdict for outcome in outcomes} == {"refused", "published"}
    with caplog.at_level(logging.DEBUG):
        tell_outcomes(told_at(town, channel.url("secret-key-7")), contract, outcomes)
    kept = str(
        town.rows(
            "SELECT told FROM quality.incidents UNION ALL SELECT concat_ws(' ', channel, subject, detail) FROM quality.notices"
        )
    )
    said = "".join(body["title"] + body["message"] for body in channel.told())
    assert contract.id in said
    for value in values:
        assert value not in said + kept + caplog.text
    assert "secret-key-7" not in kept + caplog.text


def test_many_matters_at_once_are_one_message(town: Lake, channel: Channel) -> None:
    contract = town.orders()
    outcomes = [town.deliver(contract, f"o{number}.csv", BAD.replace("77", f"{number}77")) for number in range(4)]
    tell_outcomes(told_at(town, channel.url()), contract, outcomes)
    (told,) = channel.told()
    assert told["message"].count(contract.id) == 4


def test_what_is_refused_and_mended_in_one_run_is_over(town: Lake, channel: Channel) -> None:
    contract = town.orders(mode="replace_period", period=BY_NAME)
    outcomes = [town.deliver(contract, "o_202608.csv", text) for text in (BAD, GOOD)]
    tell_outcomes(told_at(town, channel.url()), contract, outcomes)
    assert [told["type"] for told in channel.told()] == ["failure", "success"]
    assert [one for one in still_open(town.where) if one.last.dataset == contract.id] == []


def test_our_own_fault_is_told_by_its_id_and_a_users_mistake_is_not(town: Lake, channel: Channel) -> None:
    contract = town.orders()
    here = told_at(town, channel.url())
    assert tell_fault(here, contract, UsageError("[period] '13800001234' is not a month.")) == []
    tell_fault(here, contract, LockHeld("[lock] held by process 13800001234"), file="o_202608.csv")
    tell_fault(here, contract, ValueError("13800001234"))
    lock, other = channel.told()
    assert "[lock]" in lock["message"]
    assert "rongtong doctor" in lock["message"]
    assert "[ValueError]" in other["message"]
    assert "13800001234" not in str([lock, other])
    tell_outcomes(here, contract, [town.deliver(contract, "o.csv", GOOD)])
    assert [told["type"] for told in channel.told()] == ["success"]


def test_two_counts_that_differ_are_told_to_the_citys_own_channels_alone(town: Lake, channel: Channel) -> None:
    contract = replace(town.orders(), channels=(Named("department", channel.url("department")),))
    outcome = town.deliver(contract, "o.csv", GOOD)
    alarm = f"{TWO_MEASURES}n.range: Great Expectations counts 2, SQL flags 0 (n.range)"
    here = told_at(town, channel.url("city"))
    for state in ("sent", "suppressed"):
        notices = tell_outcomes(here, contract, [replace(outcome, notes=(alarm,))])
        assert [(notice.channel, notice.state) for notice in notices] == [("RONGTONG_NOTIFY 1 (json)", state)]
    (told,) = channel.told()
    assert "two measures differ" in told["title"]
    assert "n.range" in told["message"]
    assert outcome.batch in told["message"]
    tell_outcomes(here, contract, [outcome])
    assert channel.told() == [], "it is no matter that the next delivery ends"
    assert [one for one in still_open(town.where) if one.last.dataset == contract.id] == []


def test_what_the_ledger_cannot_take_waits_in_a_file(town: Lake, channel: Channel) -> None:
    contract = town.orders()
    outcome = town.deliver(contract, "o.csv", BAD)
    here = replace(told_at(town, channel.url()), lock_seconds=0.1)
    with file_lock(here.home / "catalog.lock", seconds=1, who="a long publish"):
        notices = tell_outcomes(here, contract, [outcome])
        tell_outcomes(here, contract, [outcome])
    assert [notice.state for notice in notices] == ["sent"]
    assert len(channel.told()) == 1
    assert spool(here).is_file()
    tell_outcomes(here, contract, [outcome])
    assert not spool(here).exists()
    assert states(town, contract) == [("opened", state) for state in ("sent", "suppressed", "suppressed")]


def test_nothing_that_goes_wrong_while_telling_reaches_the_caller(town: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = town.orders()
    outcome = town.deliver(contract, "o.csv", BAD)
    monkeypatch.setattr("pipelines.steps.notify.tell", lambda *args, **more: 1 // 0)
    assert tell_outcomes(told_at(town), contract, [outcome]) == []
    assert tell_fault(town.where, contract, ValueError()) == []


def test_secrets_come_by_name_from_the_environment_or_a_private_file(
    town: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = replace(
        town.orders(),
        channels=(
            Named("群", "wecombot://${T_KEY}"),
            Named("二", "dingtalk://${T_SECRET}@${T_TOKEN}", True),
            Named("页", "https://wiki.example.org/x"),
        ),
    )
    (first, second) = recipients(town.where, contract)
    assert (first.problem, second.problem) == ("no value for T_KEY", "no value for T_SECRET, T_TOKEN")
    monkeypatch.setenv("T_KEY", "a/b")
    kept = town.where.home / "secrets.env"
    kept.write_text("# robots\nT_SECRET=s3\nexport T_TOKEN='t0'\n", encoding="utf-8")
    kept.chmod(0o600)
    (first, second) = recipients(town.where, contract)
    assert (first.url, second.url, second.is_second) == ("wecombot://a%2Fb", "dingtalk://s3@t0", True)
    assert (first.shown, second.shown) == ("群 (wecombot)", "二 (dingtalk)")
    assert "a%2Fb" not in repr(first)
    kept.chmod(0o644)
    assert recipients(town.where, contract)[1].problem
    assert {f.check: f.state for f in examine(town.where)}["secrets"] == "bad"
    kept.unlink()


def test_people_are_told_by_mail_where_the_city_has_a_mail_server(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city")
    where = lake_settings(tmp_path, city, "")
    contract = Lake(where, tmp_path).orders()
    assert [channel.url for channel in contract.channels] == ["test@example.org"]
    assert recipients(where, contract) == []
    pack = city / "schemas" / "_city.yaml"
    told = {
        **json.loads(pack.read_text(encoding="utf-8")),
        "notify": {"mail": "mailtos://smtp.example.org?from=a@example.org"},
    }
    pack.write_text(json.dumps(told), encoding="utf-8")
    (person,) = recipients(where, contract)
    assert person.url == "mailtos://smtp.example.org?from=a@example.org&to=test@example.org"


def test_a_test_goes_to_every_channel_and_doctor_tells_nobody(town: Lake, channel: Channel) -> None:
    here = told_at(town, channel.url(), channel.url("refuse"))
    findings = {finding.check: finding for finding in examine(here)}
    assert findings["channel RONGTONG_NOTIFY 1 (json)"].state == "ok"
    assert findings["calendar"].state in ("ok", "warn", "bad")
    assert channel.told() == []
    assert [notice.state for notice in tell_trial(here)] == ["sent", "failed"]
