"""The command line tells people by itself, shows what is late, and keeps its exit codes whatever a channel does."""

from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.errors import LockHeld
from tests.spine.channel import Channel, posted_in_this_process
from tests.spine.city import BY_NAME
from tests.spine.lake import Lake

BAD = "id,n,mark\na,1,x\nb,77,y\nc,88,z\nd,99,z\n"
Command = Callable[..., Result]


@pytest.fixture
def catalogue() -> str:
    return ""


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    with posted_in_this_process(monkeypatch) as channel:
        yield channel


@pytest.fixture
def command(lake: Lake, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("RONGTONG_HOME", str(lake.where.home))
    monkeypatch.setenv("RONGTONG_CITY", str(lake.city))
    monkeypatch.setenv("RONGTONG_NOTIFY", f"{channel.url()},{channel.url('refuse')}")

    def run(*words: str, code: int = 0, lang: str = "zh") -> Result:
        monkeypatch.setenv("RONGTONG_LANG", lang)
        result = CliRunner().invoke(app, words)
        assert result.exit_code == code, result.output
        return result

    return run


def test_a_day_from_the_refused_file_to_what_is_late(lake: Lake, channel: Channel, command: Command) -> None:
    contract = lake.orders(mode="replace_period", period=BY_NAME)
    bad = str(lake.file("o_202608.csv", BAD))
    good = str(lake.file("o_202608_更正.csv", "id,n,mark\na,1,x\n"))
    refused = command("ingest", contract.id, "--file", bad, code=1)
    assert "通知未送达：RONGTONG_NOTIFY 2 (json)" in refused.stderr
    told = channel.told()[0]
    assert told["title"] == f"【融通】已退回：{contract.title}（{contract.id}）2026-08"
    assert f"rongtong feedback {contract.id} --out" in told["message"]
    assert "77" not in told["message"]
    command("ingest", contract.id, "--file", good, lang="en")
    assert channel.told()[0]["title"] == f"[Rongtong] recovered: {contract.title} ({contract.id}) 2026-08"
    late = command("show", "--late", "--now", "2026-10-30").output
    (line,) = [line for line in late.splitlines() if contract.id in line]
    assert line.split() == [contract.id, contract.title, "2026-09", "2026-10-10", "20", "试验组,", "试验员"]
    command("notify", "--now", "2026-10-30")
    again, overdue, *_ = [told["title"] for told in channel.told()]
    assert "recovered" in again, "the second channel has not heard it"
    assert "逾期未报" in overdue
    assert "2026-10-30 00:00" in command("show", contract.id, "--late", "--now", "2026-10-31").output
    assert command("show", "--late", "--now", "2026-10-30", "--json").output.startswith("[")
    beyond = command("show", "--late", "--now", "2027-02-01", code=1)
    assert "[calendar] 2027-01-10" in beyond.stderr


def test_a_test_says_which_channel_did_not_take_it(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = command("notify", "--test", code=1).output
    assert "RONGTONG_NOTIFY 1 (json)   sent" in shown
    assert "RONGTONG_NOTIFY 2 (json)   failed" in shown
    monkeypatch.setenv("RONGTONG_NOTIFY", "")
    assert "RONGTONG_NOTIFY" in command("notify", "--test", code=1).stderr


def test_our_own_fault_is_told_and_still_raised(
    lake: Lake, channel: Channel, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = lake.orders()

    def fails(*_: object, **__: object) -> None:
        raise LockHeld("[lock] held")

    monkeypatch.setattr("pipelines.steps.ingest.ingest_file", fails)
    result = CliRunner().invoke(app, ["ingest", contract.id, "--file", str(lake.file("o.csv", BAD))])
    assert isinstance(result.exception, LockHeld)
    assert "[lock]" in channel.told()[0]["message"]
