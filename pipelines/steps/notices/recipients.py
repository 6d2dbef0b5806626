"""Who is told: the channels of the contract, of the city pack and of `RONGTONG_NOTIFY`, each once, ready to be posted to."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from pipelines.contracts.channels import is_address
from pipelines.contracts.city import load_city
from pipelines.contracts.model import Channel, Contract, Notify
from pipelines.errors import RongtongError
from pipelines.settings import Settings
from pipelines.steps.notices.secrets import filled

VARIABLE = "RONGTONG_NOTIFY"
_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://|\$\{)")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A channel ready to be posted to; `problem` says why it is not. The URL holds secrets: it is never shown."""

    name: str
    kind: str
    url: str = field(repr=False)
    is_second: bool = False
    problem: str = ""

    @property
    def shown(self) -> str:
        """The channel as ledger and log name it: its name and kind, nothing of its address."""
        return f"{self.name} ({self.kind})"


def recipients(settings: Settings, contract: Contract | None) -> list[Recipient]:
    """Return whom an event of a contract (or of the platform, None) concerns, first contacts first."""
    city = _city(settings)
    channels = [*(contract.channels if contract else ()), *_prefixed("city", city.channels), *_given(settings)]
    seen: dict[tuple[str, bool], Recipient] = {}
    for channel in channels:
        recipient = _recipient(settings, channel, city.mail)
        if recipient is not None:
            seen.setdefault((recipient.url or recipient.name, recipient.is_second), recipient)
    return sorted(seen.values(), key=lambda recipient: recipient.is_second)


def _city(settings: Settings) -> Notify:
    try:
        return load_city(settings.city).notify
    except RongtongError:  # a broken city pack is told where it is used; RONGTONG_NOTIFY still works
        return Notify()


def _prefixed(prefix: str, channels: Iterable[Channel]) -> Iterator[Channel]:
    for channel in channels:
        yield Channel(f"{prefix} {channel.name}", channel.url, channel.second)


def _given(settings: Settings) -> Iterator[Channel]:
    urls = [url for url in _BETWEEN.split(settings.notify.strip()) if url]
    for number, url in enumerate(urls, 1):
        yield Channel(f"{VARIABLE} {number}", url)


def _recipient(settings: Settings, channel: Channel, mail: str) -> Recipient | None:
    """The channel as it can be posted to; None for an address of the web, or a person where the city sends no mail."""
    if is_address(channel.url):
        if not mail:
            return None
        url, missing = filled(settings.home, mail)
        url += ("&" if "?" in url else "?") + "to=" + quote(channel.url.removeprefix("mailto:"), safe="@")
    else:
        url, missing = filled(settings.home, channel.url)
    scheme = _scheme(url)
    if scheme in ("http", "https") and not missing:
        url = native(url)
        scheme = _scheme(url)
        if scheme in ("http", "https"):
            return None  # a page for readers
    problem = f"no value for {', '.join(missing)}" if missing else "" if scheme else "not an address"
    return Recipient(channel.name, _scheme(channel.url) or "mail", "" if problem else url, channel.second, problem)


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower() if "://" in url else ""


def native(url: str) -> str:
    """Return the address that a robot's page shows (企业微信, 钉钉, 飞书) as the channel it is; any other URL as it was.

    >>> native("https://oapi.dingtalk.com/robot/send?access_token=ab12"), native("https://wiki.example.org/x")
    ('dingtalk://ab12', 'https://wiki.example.org/x')
    """
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    keyed = re.search(r"(?:^|&)(?:key|access_token)=([^&]+)", parts.query)
    if parts.hostname == "qyapi.weixin.qq.com" and keyed:
        return f"wecombot://{keyed[1]}"
    if parts.hostname == "oapi.dingtalk.com" and keyed:
        return f"dingtalk://{keyed[1]}"
    if parts.hostname == "open.feishu.cn" and "/hook/" in parts.path:
        return f"feishu://{last}"
    return url
