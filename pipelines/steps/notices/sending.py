"""Posting a notice in a process of its own, killed when its time is over: nothing that a channel does can hold us up."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.steps.notices.recipients import Recipient

_COMMAND = (sys.executable, "-P", "-m", "pipelines.steps.notices.post")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one notice: `state` sent, failed or timed_out."""

    recipient: Recipient
    state: str
    detail: str
    seconds: float


def send(title: str, body: str, to: Sequence[Recipient], *, seconds: float, kind: str = "warning") -> list[Answer]:
    """Return one answer per recipient, after at most `seconds`; a channel that has not answered by then has timed out."""
    ready = [recipient for recipient in to if not recipient.problem]
    told = posted(title, body, [recipient.url for recipient in ready], seconds, kind) if ready else {}
    late = ("timed_out", f"no answer within {seconds:g} s", seconds)
    return [
        Answer(recipient, "failed", recipient.problem, 0.0)
        if recipient.problem
        else Answer(recipient, *told.get(ready.index(recipient), late))
        for recipient in to
    ]


def posted(title: str, body: str, urls: list[str], seconds: float, kind: str) -> dict[int, tuple[str, str, float]]:
    """Return the answers (state, detail, seconds) by place in `urls`; who did not answer in time is not among them."""
    order = json.dumps({"title": title, "body": body, "urls": urls, "type": kind})
    with subprocess.Popen(
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        try:
            out, _ = process.communicate(order, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
    return dict(_answers(out or ""))


def _answers(out: str) -> list[tuple[int, tuple[str, str, float]]]:
    found = []
    for line in out.splitlines():
        try:
            answer = json.loads(line)
        except ValueError:  # cut off by the kill
            continue
        found.append((answer["number"], (answer["state"], answer["detail"], answer["seconds"])))
    return found
