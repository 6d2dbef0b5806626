"""Whom a contract and a city name to be told: channels from `support`, `team` and the city pack's `notify`.

A channel is an apprise URL, or the mail address of a person; secrets in it are names, `${ROBOT_KEY}`, never values.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pipelines.contracts.document import Place
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import Channel, Notify

SECOND = "escalation"
SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ADDRESS = re.compile(r"^(mailto:)?[^@/\s:?]+@[^@/\s:?]+\.[^@/\s:?]+$")
_KEYS = ("channels", "escalation", "mail", "escalateAfter", "basis")
# Addresses of these kinds may be complete without a secret; every other one is a secret itself.
_OPEN = ("json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "syslog", "tel", "sms")
_ROBOTS = ("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn", "open.larksuite.com", "hooks.slack.com")


def contract_channels(
    support: Sequence[Mapping[str, Any]], members: Sequence[Mapping[str, Any]]
) -> tuple[Channel, ...]:
    """Return the channels a contract names: every `support` with a URL, the owner and who is second contact by mail."""
    told = [
        Channel(entry["channel"], entry["url"].strip(), entry.get("scope") == SECOND)
        for entry in support if entry.get("url")
    ]  # fmt: skip
    people = [member for member in members if member.get("role") in ("owner", SECOND)]
    by_mail = [
        Channel(member.get("name") or member["role"], member["username"], member["role"] == SECOND)
        for member in people if is_address(member["username"])
    ]  # fmt: skip
    return (*told, *by_mail)


def is_address(text: str) -> bool:
    """Whether a text is the mail address of somebody, with or without `mailto:` before it.

    >>> is_address("data@example.org"), is_address("mailto:data@example.org"), is_address("mailtos://u:p@smtp.example.org")
    (True, True, False)
    """
    return bool(_ADDRESS.match(text))


def secrets_in(url: str) -> list[str]:
    """Return the names of the secrets a URL needs.

    >>> secrets_in("dingtalk://${DING_SECRET}@${DING_TOKEN}")
    ['DING_SECRET', 'DING_TOKEN']
    """
    return SECRET.findall(url)


def holds_secret(url: str) -> bool:
    """Whether a URL spells out what should stand as `${NAME}`: a password, or the key of a robot.

    >>> [holds_secret(u) for u in ("wecombot://8b1f", "wecombot://${KEY}", "json://10.1.1.1/hook", "https://wiki.example.org/a")]
    [True, False, False, False]
    """
    if "${" in url or is_address(url):
        return False
    try:
        parts = urlsplit(url)
        if parts.password:
            return True
        host = parts.hostname or ""
    except ValueError:
        return True
    if parts.scheme in ("http", "https"):
        return host in _ROBOTS
    return bool(parts.scheme) and parts.scheme not in _OPEN


def city_notify(raw: Any) -> Notify:
    """Return whom the city tells, from the sound `notify` of a city pack."""
    if not isinstance(raw, dict):
        return Notify()
    first = [Channel(f"{index}", url) for index, url in enumerate(raw.get("channels", []), 1)]
    second = [Channel(f"{SECOND} {index}", url, True) for index, url in enumerate(raw.get(SECOND, []), 1)]
    return Notify((*first, *second), raw.get("mail", ""), raw.get("escalateAfter", 2))


def notify_faults(raw: Any) -> Iterator[tuple[Place, str, str]]:
    """Yield place, message and hint of whatever is wrong in a city pack's `notify`."""
    if not isinstance(raw, dict):
        yield (), "notify must be a mapping", ""
        return
    for key in raw:
        if key not in _KEYS:
            yield (key,), f"unknown key '{key}'", use(closest(str(key), _KEYS))
    for key in ("channels", SECOND):
        urls = raw.get(key, [])
        if not isinstance(urls, list) or not all(isinstance(url, str) and url.strip() for url in urls):
            yield (key,), f"{key} must be a list of addresses", "write e.g. [wecombot://${WECOM_KEY}]."
        elif any(holds_secret(url) for url in urls):
            yield (key,), "an address spells out a secret", "write ${NAME} for it, and give NAME by the environment."
    mail, days = raw.get("mail", ""), raw.get("escalateAfter", 2)
    if not isinstance(mail, str) or holds_secret(mail):
        yield (
            ("mail",),
            "mail must be an address of a mail server without a password",
            "mailtos://${USER}:${PASSWORD}@smtp.example.org",
        )
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        yield ("escalateAfter",), f"escalateAfter {days!r} is not a number of working days", ""
