"""What is due and does not come is known to the first contact, then to the second, until it comes; nothing is guessed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.contracts.model import Contract
from pipelines.errors import ContractError, UsageError
from pipelines.lake.calendar import calendar_of
from pipelines.lake.incidents import Notice
from pipelines.settings import Settings
from pipelines.steps.doctor import examine
from pipelines.steps.late import late_rows, lateness, moment_of
from pipelines.steps.notify import tell_outcomes
from pipelines.steps.retract import retract
from pipelines.steps.watchdog import watch
from tests.spine.channel import Channel, posted_in_this_process
from tests.spine.city import BY_NAME
from tests.spine.lake import Lake

ROWS = "id,n,mark\na,1,x\n"
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    with posted_in_this_process(monkeypatch) as channel:
        yield channel


@pytest.fixture
def catalogue(request: pytest.FixtureRequest) -> str:
    """SQLite, but for the tests of the ledger, which ask for either."""
    asked = getattr(request, "param", "sqlite")
    return "" if asked == "sqlite" else str(request.getfixturevalue("new_database")())


def with_pack(lake: Lake, **notify: object) -> Settings:
    pack = lake.city / "schemas" / "_city.yaml"
    pack.write_text(json.dumps({**json.loads(pack.read_text(encoding="utf-8")), "notify": notify}), encoding="utf-8")
    lake.close()
    return lake.where


def looked(lake: Lake, day: str, hour: int = 9) -> list[Notice]:
    lake.close()
    return watch(lake.where, datetime.fromisoformat(day).replace(hour=hour, tzinfo=ZONE))


def late(lake: Lake, day: str) -> list[tuple[str, str, int]]:
    rows, _ = late_rows(lake.where, moment_of(lake.where, day))
    return [(row["period"], row["due"], row["days late"]) for row in rows]


@pytest.mark.parametrize("catalogue", ["sqlite", "postgres"], indirect=True)
def test_overdue_is_told_once_escalates_and_closes_with_the_delivery(lake: Lake, channel: Channel) -> None:
    contract = lake.orders(mode="replace_period", period=BY_NAME)
    lake.deliver(contract, "o_202608.csv", ROWS)
    with_pack(lake, channels=[channel.url("first")], escalation=[channel.url("second")], escalateAfter=2)
    assert looked(lake, "2026-10-10") == []  # a Saturday that is worked, and the last day in time
    assert [notice.state for notice in looked(lake, "2026-10-11")] == ["sent"]
    (first,) = channel.told()
    assert (first["type"], "2026-09" in first["title"], contract.id in first["title"]) == ("warning", True, True)
    assert f"rongtong ingest {contract.id} --file FILE" in first["message"]
    assert looked(lake, "2026-10-12") == []  # one working day after the notice
    assert [notice.is_second for notice in looked(lake, "2026-10-13")] == [False, True]
    assert len(channel.told()) == 2
    assert looked(lake, "2026-10-14") == []
    came = lake.deliver(contract, "o_202609.csv", ROWS.replace("a,", "b,"))
    lake.close()
    tell_outcomes(lake.where, contract, [came])
    (recovered,) = channel.told()
    assert (recovered["type"], came.batch in recovered["message"]) == ("success", True)
    assert looked(lake, "2026-10-15") == []
    events = lake.rows("SELECT period, kind, event FROM quality.incidents ORDER BY event DESC")
    assert events == [("2026-09", "overdue", event) for event in ("opened", "escalated", "closed")]


def test_a_retracted_period_is_late_again_and_a_replaced_contract_ends_the_matter(lake: Lake, channel: Channel) -> None:
    contract = lake.orders(mode="replace_period", period=BY_NAME)
    for month in ("08", "09"):
        lake.deliver(contract, f"o_2026{month}.csv", ROWS.replace("a,", f"{month},"))
    with_pack(lake, channels=[channel.url()])
    assert late(lake, "2026-10-30") == []
    retract(lake.where, contract, None, reason="wrong file", last=True)
    assert late(lake, "2026-10-30") == [("2026-09", "2026-10-10", 20)]
    assert len(looked(lake, "2026-10-30")) == 1
    lake.orders(dataset=contract.id, mode="replace_period", period=BY_NAME, status="deprecated")
    assert [notice.event for notice in looked(lake, "2026-10-30", 10)] == ["closed"]
    lake.orders(dataset=contract.id, mode="replace_period", period=BY_NAME)
    assert [notice.state for notice in looked(lake, "2026-10-30", 11)] == ["sent"]  # closed and open again: news again
    assert [told["type"] for told in channel.told()] == ["warning", "success", "warning"]


def test_a_first_notice_that_did_not_go_out_is_tried_again_where_it_failed(lake: Lake, channel: Channel) -> None:
    contract = lake.orders(mode="replace_period", period=BY_NAME)
    lake.deliver(contract, "o_202608.csv", ROWS)
    with_pack(lake, channels=[channel.url("refuse"), channel.url()])
    assert sorted(notice.state for notice in looked(lake, "2026-10-12", 9)) == ["failed", "sent"]
    assert sorted(notice.state for notice in looked(lake, "2026-10-12", 10)) == ["failed", "suppressed"]
    with_pack(lake, channels=[channel.url("mended"), channel.url()])
    assert sorted(notice.state for notice in looked(lake, "2026-10-12", 11)) == ["sent", "suppressed"]
    assert looked(lake, "2026-10-12", 12) == []
    assert [notice.event for notice in looked(lake, "2026-10-14", 9)] == [
        "escalated",
        "escalated",
    ]  # counted from the first


def refusal(lake: Lake, contract: Contract, hours: int) -> list[tuple[str, str]]:
    """Return what a look some hours from now sends of what became of deliveries: event and state, overdue left out."""
    lake.close()
    notices = watch(lake.where, datetime.now(ZONE) + timedelta(hours=hours))
    return [(n.event, n.state) for n in notices if n.incident == f"{contract.id}/-/refused"]


def test_any_notice_that_did_not_go_out_is_sent_again_where_it_failed(lake: Lake, channel: Channel) -> None:
    contract = lake.orders(max_invalid_pct=5)
    with_pack(lake, channels=[channel.url("refuse"), channel.url()])
    refused = lake.deliver(contract, "o.csv", ROWS + "b,77,y\n")
    lake.close()
    first = tell_outcomes(lake.where, contract, [refused])
    assert sorted(notice.state for notice in first) == ["failed", "sent"]
    said = channel.told()[0]
    assert refusal(lake, contract, 1) == [("opened", "failed")]
    with_pack(lake, channels=[channel.url("mended"), channel.url()])
    channel.told()
    assert refusal(lake, contract, 2) == [("opened", "sent")]
    assert [told for told in channel.told() if told["title"] == said["title"]] == [said]
    assert refusal(lake, contract, 3) == []


def test_what_is_over_or_a_day_old_is_not_sent_again(lake: Lake, channel: Channel) -> None:
    contract = lake.orders(max_invalid_pct=5)
    with_pack(lake, channels=[channel.url("refuse")])
    bad = lake.deliver(contract, "o.csv", ROWS + "b,77,y\n")
    lake.close()
    tell_outcomes(lake.where, contract, [bad])
    assert refusal(lake, contract, 25) == []
    assert refusal(lake, contract, 23) == [("opened", "failed")]
    good = lake.deliver(contract, "o.csv", ROWS)
    lake.close()
    tell_outcomes(lake.where, contract, [good])
    assert refusal(lake, contract, 1) == [("closed", "failed")]
    for _ in range(22):
        refusal(lake, contract, 1)
    assert refusal(lake, contract, 1) == []


def test_a_header_alone_is_a_delivery_where_the_contract_lets_a_band_begin_at_nothing(lake: Lake) -> None:
    band = {"name": "rows", "metric": "rowCount", "mustBeGreaterOrEqualTo": 0, "severity": "error"}
    may = lake.orders(mode="replace_period", period=BY_NAME, checks=[band])
    must = lake.orders(mode="replace_period", period=BY_NAME)
    for contract in (may, must):
        lake.deliver(contract, "o_202608.csv", ROWS)
        lake.deliver(contract, "o_202609.csv", "id,n,mark\n")
    lake.close()
    gaps = lateness(lake.where, moment_of(lake.where, "2026-10-30")).gaps
    assert [(gap.contract.id, gap.periods) for gap in gaps] == [(must.id, ("2026-09",))]
    assert lake.rows(f"SELECT count(*) FROM dwd.{may.table}") == [(1,)]


def test_missing_periods_in_a_row_are_one_matter(lake: Lake, channel: Channel) -> None:
    contract = lake.orders(mode="replace_period", period=BY_NAME)
    for month in ("03", "06"):
        lake.deliver(contract, f"o_2026{month}.csv", ROWS.replace("a,", f"{month},"))
    with_pack(lake, channels=[channel.url()])
    assert [period for period, _, _ in late(lake, "2026-09-20")] == ["2026-04 … 2026-05 (2)", "2026-07 … 2026-08 (2)"]
    assert len(looked(lake, "2026-09-20")) == 2
    lake.deliver(contract, "o_202604.csv", ROWS.replace("a,", "04,"))
    assert sorted(notice.event for notice in looked(lake, "2026-09-21")) == ["closed", "opened"]


def test_nothing_ever_came_and_without_periods_a_cycle_after_the_last(lake: Lake) -> None:
    never = lake.orders(mode="replace_period", period=BY_NAME)
    assert late(lake, "2026-08-20") == [("2026-07", "2026-08-10", 10)]
    lake.orders(dataset=never.id, mode="replace_period", period=BY_NAME, status="draft")
    register = lake.orders(mode="replace")
    assert late(lake, "2026-08-20") == []
    lake.deliver(register, "o.csv", ROWS)
    lake.close()
    today = moment_of(lake.where, None)
    known = lateness(lake.where, today)
    assert (known.gaps, known.untold) == (
        (),
        (),
    )  # a month from now may be beyond the calendar: that does not matter yet
    lake.con.execute("UPDATE quality.batches SET finished_at = TIMESTAMPTZ '2026-08-03 09:00:00+08'")
    assert late(lake, "2026-09-14") == []
    assert late(lake, "2026-09-15") == [("-", "2026-09-14", 1)]  # 4 September and ten days: a Monday


def test_beyond_the_calendar_nothing_is_guessed_and_somebody_is_told(lake: Lake, channel: Channel) -> None:
    contract = lake.orders(mode="replace_period", period=BY_NAME)
    lake.deliver(contract, "o_202610.csv", ROWS)
    with_pack(lake, channels=[channel.url()])
    rows, untold = late_rows(lake.where, moment_of(lake.where, "2027-02-01"))
    assert [row["period"] for row in rows] == ["2026-11"]  # what was due before the end is told still
    assert len(untold) == 1
    assert untold[0].startswith("[calendar] 2027-01-10")
    assert sorted(notice.incident.rpartition("/")[2] for notice in looked(lake, "2027-02-01")) == [
        "calendar",
        "overdue",
    ]
    assert [notice.event for notice in looked(lake, "2027-02-02")] == []
    own = lake.city / "schemas/_shared/calendar.csv"
    own.parent.mkdir(exist_ok=True)
    own.write_text("date,day,name,basis\n2027-01-01,holiday,元旦,试验\n", encoding="utf-8")
    rows, untold = late_rows(lake.where, moment_of(lake.where, "2027-02-01"))
    assert [(row["period"], row["due"]) for row in rows] == [("2026-11 … 2026-12 (2)", "2026-12-10")]
    assert untold == ()
    own.write_text("date,day,name,basis\n2027-13-01,holiday,元旦,试验\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"calendar\.csv:2: \[calendar\] '2027-13-01' is not a date"):
        calendar_of(lake.where)
    assert {finding.check: finding.state for finding in examine(lake.where)}["calendar"] == "bad"


def test_a_moment_that_is_none_is_a_usage_error(lake: Lake) -> None:
    with pytest.raises(UsageError, match=r"\[now\] 'tomorrow'"):
        moment_of(lake.where, "tomorrow")
    assert moment_of(lake.where, "2026-10-30T08:00+00:00").astimezone(ZONE).hour == 16


def test_a_city_without_a_lake_is_looked_at_too(tmp_path: Path, lake: Lake) -> None:
    here = replace(lake.where, home=tmp_path / "nowhere")
    assert late_rows(here, moment_of(here, "2026-10-30")) == ([], ())
    assert watch(here, moment_of(here, "2026-10-30")) == []
