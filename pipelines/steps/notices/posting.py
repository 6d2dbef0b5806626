"""Posting what is said to whom it concerns, and saying what came of it; a channel that hung costs its time once."""

from collections.abc import Sequence
from datetime import datetime

from pipelines.lake.incidents import Message, Notice
from pipelines.settings import Settings
from pipelines.steps.notices.recipients import Recipient
from pipelines.steps.notices.sending import send
from pipelines.wording import say

_ALONE = 3  # more matters than this for the same people come as one message
_LISTED = 20


def post(
    settings: Settings, to: Sequence[Recipient], messages: list[Message], dead: set[str], now: datetime
) -> list[Notice]:
    """Return one notice per message and recipient; a channel in `dead` had its time in this run, and one that hangs is added."""
    parts = [[message] for message in messages] if len(messages) <= _ALONE else [messages]
    return [notice for part in parts for notice in _posted(settings, to, part, dead, now)]


def _posted(
    settings: Settings, to: Sequence[Recipient], messages: list[Message], dead: set[str], now: datetime
) -> list[Notice]:
    title, body = (messages[0].subject, messages[0].body) if len(messages) == 1 else _several(messages)
    alive = [recipient for recipient in to if recipient.shown not in dead]
    notices = [
        notice(message, recipient, "timed_out", "hung before in this run", 0.0, now)
        for recipient in to if recipient.shown in dead for message in messages
    ]  # fmt: skip
    for answer in send(title, body, alive, seconds=settings.notify_seconds, kind=messages[0].tone):
        if answer.state == "timed_out":
            dead.add(answer.recipient.shown)
        notices += [
            notice(message, answer.recipient, answer.state, answer.detail, answer.seconds, now) for message in messages
        ]
    return notices


def _several(messages: list[Message]) -> tuple[str, str]:
    lines = [message.subject.removeprefix("[Rongtong] ").removeprefix("【融通】") for message in messages[:_LISTED]]
    if len(messages) > _LISTED:
        lines.append(say("notice_more", count=len(messages) - _LISTED))
    lines += [say("notice_next"), say("notice_late", command="rongtong show --late")]
    return say("notice_several", count=len(messages)), "\n".join(lines)


def notice(message: Message, to: Recipient, state: str, detail: str, seconds: float, now: datetime) -> Notice:
    """Return what became of a message at one channel."""
    return Notice(
        message.incident, message.dataset, message.event, to.shown, to.is_second, message.subject, message.digest, state, detail,
        seconds, now,
    )  # fmt: skip
