"""A process of its own that posts one notice to many channels: `python -m pipelines.steps.notices.post`.

Reads {"title", "body", "urls"} as JSON from standard input, so that no address stands in a command line; prints one JSON
line per channel as soon as it has an answer. Whoever started it kills it when its time is over.
"""

import json
import logging
import os
import sys
import threading
from time import perf_counter
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyType

_ASSET = AppriseAsset(app_id="Rongtong", app_desc="融通 Rongtong", app_url="", async_mode=False)
_SAYING = threading.Lock()


def main() -> None:
    """Post to every channel at once and leave when all have answered; a thread that hangs does not keep the process."""
    logging.disable(logging.CRITICAL)  # its messages quote addresses
    order = json.load(sys.stdin)
    threads = [
        threading.Thread(target=_post, args=(number, url, order), daemon=True)
        for number, url in enumerate(order["urls"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.flush()
    os._exit(0)


def _post(number: int, url: str, order: dict[str, Any]) -> None:
    start = perf_counter()
    try:
        state, detail = told(url, order)
    except Exception as error:  # noqa: BLE001 - a library's fault with one channel must not keep the others' answers
        state, detail = "failed", type(error).__name__
    answer = {"number": number, "state": state, "detail": detail, "seconds": round(perf_counter() - start, 3)}
    with _SAYING:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def told(url: str, order: dict[str, Any]) -> tuple[str, str]:
    """Post {"title", "body", "type"} to one address; return `sent` or `failed`, and why."""
    channel = Apprise(asset=_ASSET)
    if not channel.add(url):
        return "failed", "not an address that apprise knows"
    sent = channel.notify(body=order["body"], title=order["title"], notify_type=NotifyType(order["type"]))
    return ("sent", "") if sent else ("failed", "the channel did not take it")


if __name__ == "__main__":
    main()
