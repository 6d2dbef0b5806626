"""A channel to test with: a real HTTP server on this machine that keeps what is posted to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipelines.steps.notices import post, sending


class Channel:
    """What was posted, in order; `/hang` never answers while the channel is up, `/refuse` answers 500."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def url(self, path: str = "") -> str:
        """The apprise address of a path."""
        return f"json://127.0.0.1:{self._server.server_port}/{path}"

    def told(self) -> list[dict[str, Any]]:
        """Return title, message and type of everything posted since the last look."""
        bodies, self.bodies = self.bodies, []
        return [json.loads(body) for body in bodies]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if self.path.startswith("/hang"):
                    channel.closing.wait()
                    return
                channel.bodies.append(body)
                self.send_response(500 if self.path.startswith("/refuse") else 200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    @contextmanager
    def up(self) -> Iterator["Channel"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@contextmanager
def posted_in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    """Give a channel to which notices are posted without the process of their own."""

    def here(title: str, body: str, urls: list[str], seconds: float, kind: str) -> dict[int, tuple[str, str, float]]:
        order = {"title": title, "body": body, "type": kind}
        return {number: (*post.told(url, order), 0.0) for number, url in enumerate(urls)}

    monkeypatch.setattr(sending, "posted", here)
    with Channel().up() as channel:
        yield channel
