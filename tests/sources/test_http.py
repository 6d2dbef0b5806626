"""An address is asked for a file: once when nothing changed, again when the line breaks, never beyond its bounds."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from pipelines.contracts.pulling import Auth
from pipelines.errors import EnvironmentFault, SourceError
from pipelines.sources.faults import NotThere
from pipelines.sources.transports.http import Address, Bounds, Validators, auth_headers, fetch

BODY = "编号,状态\n1,已修复\n".encode()
BOUNDS = Bounds(max_megabytes=1, max_minutes=1, pause_s=0.001)
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each request by the next function of the script, the last one for ever."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append((self.path, dict(self.headers)))
        answer = server.script[min(len(server.asked), len(server.script)) - 1]
        answer(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def give(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """A server on a free port, with what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Answer] = []
        self.asked: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has heard enough hangs up: no news."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/data.csv"


@dataclass
class Asking:
    """A server's script and a place for the file."""

    server: Server
    target: Path
    bounds: Bounds = field(default_factory=lambda: BOUNDS)

    def __call__(self, *script: Answer, known: Validators | None = None, **said: object) -> Validators | None:
        self.server.script = list(script)
        self.server.asked.clear()
        bounds = said.get("bounds", self.bounds)
        headers = said.get("headers", {})
        assert isinstance(bounds, Bounds)
        assert isinstance(headers, dict)
        address = Address(self.server.url + "?key=s3cret", "https://shown/data.csv?key=${KEY}", headers)
        return fetch(address, known or Validators(), bounds, self.target)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as made:
        Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def ask(server: Server, tmp_path: Path) -> Asking:
    return Asking(server, tmp_path / "data.csv")


def whole(handler: Handler) -> None:
    handler.give(body=BODY, ETag='"v1"', Last_Modified="Mon, 01 Jun 2026 00:00:00 GMT")


def unchanged(handler: Handler) -> None:
    handler.give(304)


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.give(code, b"13800000000", **headers)


def cut_off(handler: Handler) -> None:
    handler.give(body=BODY[:5], Content_Length=str(len(BODY)), Connection="close")
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def elsewhere(place: str) -> Answer:
    return lambda handler: handler.give(302, Location=place)


def test_a_file_comes_whole_with_its_validators(ask: Asking) -> None:
    found = ask(whole)
    assert ask.target.read_bytes() == BODY
    assert found == Validators('"v1"', "Mon, 01 Jun 2026 00:00:00 GMT")


def test_an_unchanged_file_costs_one_request(ask: Asking, server: Server) -> None:
    assert ask(unchanged, known=Validators('"v1"', "Mon, 01 Jun 2026 00:00:00 GMT")) is None
    [(_, headers)] = server.asked
    assert headers["If-None-Match"] == '"v1"'
    assert headers["If-Modified-Since"] == "Mon, 01 Jun 2026 00:00:00 GMT"


def test_a_busy_server_is_asked_again_when_it_says(ask: Asking, server: Server) -> None:
    assert ask(status(429, Retry_After="0"), status(503), whole)
    assert len(server.asked) == 3


def test_a_server_that_asks_for_an_hour_is_left_alone(ask: Asking, server: Server) -> None:
    with pytest.raises(EnvironmentFault, match="asks to be left alone for 3600 s"):
        ask(status(429, Retry_After="3600"))
    assert len(server.asked) == 1


def test_a_broken_body_is_fetched_anew(ask: Asking, server: Server) -> None:
    assert ask(cut_off, hang_up, whole)
    assert ask.target.read_bytes() == BODY
    assert len(server.asked) == 3


LONG = b"".join(b"%07d\n" % number for number in range(40_000))


def parts(etag: str = '"v1"', body: bytes = LONG, each: int = 100_000, **headers: str) -> Answer:
    """A server that knows parts, as RFC 9110 has it, and hangs up after so many bytes of each answer."""

    def answer(handler: Handler) -> None:
        asked, still = handler.headers.get("Range"), handler.headers.get("If-Range") == etag
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and still else 0
        rest = body[start:]
        said = {"ETag": etag, "Content_Length": str(len(rest)), "Connection": "close", **headers}
        if start:
            said = {"Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}", **said}
        handler.give(206 if start else 200, rest[:each], **said)
        handler.close_connection = True

    return answer


def ranges(server: Server) -> list[str]:
    return [headers.get("Range", "") for _, headers in server.asked]


def test_a_broken_body_goes_on_where_it_broke(ask: Asking, server: Server) -> None:
    known = Validators('"v0"', "Mon, 01 Jun 2026 00:00:00 GMT")
    found = ask(parts(), hang_up, parts(), known=known)
    assert ask.target.read_bytes() == LONG
    assert found == Validators('"v1"', "")
    assert ranges(server) == ["", "bytes=100000-", "bytes=100000-", "bytes=200000-", "bytes=300000-"]
    assert [headers.get("If-None-Match") for _, headers in server.asked][:2] == ['"v0"', None]


def test_as_long_as_more_of_a_file_comes_it_is_asked_for(ask: Asking, server: Server) -> None:
    assert ask(parts(each=20_000))
    assert ask.target.read_bytes() == LONG
    assert len(server.asked) == 16
    with pytest.raises(EnvironmentFault, match="broke before the file was whole, 5 times"):
        ask(parts(), hang_up)
    assert len(server.asked) == 6


@pytest.mark.parametrize("etag", ['W/"v1"', ""])
def test_without_a_strong_etag_a_file_begins_anew(ask: Asking, server: Server, etag: str) -> None:
    assert ask(parts(etag), parts(etag, each=len(LONG)))
    assert ask.target.read_bytes() == LONG
    assert ranges(server) == ["", ""]


@pytest.mark.parametrize("said", [{"Accept_Ranges": "none"}, {"Content_Encoding": "br"}])
def test_what_gives_no_parts_of_its_bytes_is_not_asked_for_any(
    ask: Asking, server: Server, said: dict[str, str]
) -> None:
    assert ask(parts(**said), parts(each=len(LONG)))
    assert ranges(server) == ["", ""]


def test_a_file_that_changed_meanwhile_begins_anew(ask: Asking, server: Server) -> None:
    assert ask(parts(), parts('"v2"', LONG[::-1], len(LONG))) == Validators('"v2"', "")
    assert ask.target.read_bytes() == LONG[::-1]
    assert ranges(server) == ["", "bytes=100000-"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Content_Range": f"bytes 99999-{len(LONG) - 1}/{len(LONG)}"},
        {"Content_Range": f"bytes 100000-{len(LONG) - 1}/*"},
        {"Content_Range": f"bytes 100000-200000/{len(LONG)}"},
        {"ETag": '"v2"'},
        {"Content_Encoding": "gzip"},
    ],
)
def test_another_part_than_asked_for_is_not_put_behind_the_first(
    ask: Asking, server: Server, wrong: dict[str, str]
) -> None:
    assert ask(parts(), parts(**wrong), parts(each=len(LONG)))
    assert ask.target.read_bytes() == LONG
    assert ranges(server) == ["", "bytes=100000-", ""]


def test_a_part_that_is_not_there_any_more_and_one_nobody_asked_for(ask: Asking, server: Server) -> None:
    assert ask(parts(), status(416), parts(each=len(LONG)))
    assert ask.target.read_bytes() == LONG
    with pytest.raises(SourceError, match="answered 206"):
        ask(status(206))


def test_parts_together_stay_within_the_bound(ask: Asking) -> None:
    much = b"x" * (1 << 20) + b"y"
    with pytest.raises(SourceError, match=r"\[too-large\] more than 1 MB come"):
        ask(parts(body=much, each=600_000, Content_Length="600001"), parts(body=much, each=600_000))


def test_a_body_that_always_breaks_is_an_error(ask: Asking, server: Server) -> None:
    with pytest.raises(EnvironmentFault, match=r"broke before the file was whole, 5 times; nothing was published"):
        ask(cut_off)
    assert len(server.asked) == 5


def test_redirects_are_followed_and_end(ask: Asking, server: Server) -> None:
    assert ask(elsewhere("/other.csv"), whole)
    with pytest.raises(SourceError, match="more than 5 redirects"):
        ask(elsewhere("/again.csv"))
    assert len(server.asked) == 6


def test_a_credential_does_not_follow_to_another_server(ask: Asking, server: Server) -> None:
    with Server() as other:
        Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        other.script = [whole]
        ask(elsewhere(other.url), headers={"X-Api-Key": "s3cret", "Authorization": "Bearer s3cret"})
        other.shutdown()
        assert "s3cret" in server.asked[0][1]["X-Api-Key"]
        assert "s3cret" not in str(other.asked)


def test_a_hanging_server_is_bounded(ask: Asking) -> None:
    let_go = Event()
    try:
        with pytest.raises(EnvironmentFault, match=r"did not answer in time; its 0\.005 minutes"):
            ask(lambda _: let_go.wait(30) and None, bounds=Bounds(1, 0.005, 0.2))
    finally:
        let_go.set()


def test_a_dripping_server_is_bounded(ask: Asking) -> None:
    stop = Event()

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not stop.wait(0.02):
            handler.wfile.write(b"x")

    try:
        with pytest.raises(EnvironmentFault, match=r"not here after 0\.005 minutes"):
            ask(drip, bounds=Bounds(1, 0.005, 0.2))
    finally:
        stop.set()


def test_a_file_beyond_the_bound_is_refused_by_its_size_and_without_one(ask: Asking) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b"x" * 65536)

    for answer in (lambda handler: handler.give(body=b"", Content_Length="999999999"), endless):
        with pytest.raises(SourceError, match=r"\[too-large\] more than 1 MB come"):
            ask(answer)


@pytest.mark.parametrize(("code", "told"), [(401, "refuses the credential"), (403, "refuses"), (400, "answered 400")])
def test_a_refusal_is_told_once_without_what_the_server_said(ask: Asking, server: Server, code: int, told: str) -> None:
    with pytest.raises(SourceError, match=told) as error:
        ask(status(code))
    assert len(server.asked) == 1
    assert "13800000000" not in str(error.value)


def test_what_is_not_there_is_told_apart(ask: Asking) -> None:
    with pytest.raises(NotThere, match=r"nothing there \(404\)"):
        ask(status(404))


def test_no_secret_is_in_a_message_or_a_log(ask: Asking, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(elsewhere("/other.csv?token=s3cret"), whole)
    for script in ((status(401),), (cut_off,), (elsewhere("ftp://s3cret@x/"),), (elsewhere("http://s3cret:[/"),)):
        with pytest.raises((SourceError, EnvironmentFault)) as error:
            ask(*script)
        assert "s3cret" not in str(error.value)
        assert "https://shown/data.csv?key=${KEY}" in str(error.value)
    assert "s3cret" not in caplog.text


def test_who_asks_is_said_in_one_header() -> None:
    assert auth_headers(Auth("bearer", "NAME"), "abc") == {"Authorization": "Bearer abc"}
    assert auth_headers(Auth("header", "NAME", "X-Api-Key"), "abc") == {"X-Api-Key": "abc"}
