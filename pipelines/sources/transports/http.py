"""Asks an http(s) address for a file: whole or not at all, within bounds, and no more often than it changed.

An address is shown as the contract writes it, with `${NAME}` for secrets: what a server, a redirect or a library says
of it is not repeated.
"""

import base64
import logging
import random
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

import httpx

from pipelines.contracts.pulling import Auth
from pipelines.errors import EnvironmentFault, SourceError
from pipelines.sources.faults import NotThere, refusal, writing_into

_TRIES = 5
_LONGEST_WAIT_S = 120.0
_REDIRECTS = 5
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_SILENCE_S = 60.0
_SPAN = re.compile(r"bytes (?P<first>\d+)-(?P<last>\d+)/(?P<all>\d+)")
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Validators:
    """What the server said of the version it gave: sent back, they make an unchanged file cost one request."""

    etag: str = ""
    modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a request for whatever is newer."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Address:
    """Where to ask: `url` with its secrets in it (in no message), `shown` as the contract has it."""

    url: str = field(repr=False)
    shown: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may come, how long it may take, and how long to wait for another try (seconds; tests wait less)."""

    max_megabytes: int
    max_minutes: float
    pause_s: float = 1.0


def auth_headers(auth: Auth, value: str) -> dict[str, str]:
    """Return the header that says who asks, '' as the scheme: none.

    >>> auth_headers(Auth("basic", "NAME"), "ann:pw")
    {'Authorization': 'Basic YW5uOnB3'}
    """
    if auth.scheme == "header":
        return {auth.header: value}
    if auth.scheme == "basic":
        return {"Authorization": f"Basic {base64.b64encode(value.encode()).decode()}"}
    return {"Authorization": f"Bearer {value}"} if auth.scheme else {}


def fetch(address: Address, known: Validators, bounds: Bounds, target: Path) -> Validators | None:
    """Write what the address gives to `target` and return its validators; None when nothing changed since `known`.

    Broken connections, busy servers (429, 5xx) and files cut off are tried again, up to five times in a row that bring nothing;
    where the file has a strong ETag and the server gives parts, from where it broke, else from the beginning.
    SourceError: the server refuses, has nothing, or gives too much. EnvironmentFault: it does not answer, or not in time.
    """
    for name in ("httpx", "httpcore"):  # they log addresses, and an address may hold a secret
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        with httpx.Client(follow_redirects=False) as client, writing_into(target.parent):
            return _Fetching(client, address, known, bounds, target).run()
    except httpx.InvalidURL:
        raise refusal(address.shown, "http", "this is no address that can be asked.", "see ingest.source") from None


class _TryAgain(Exception):
    """This try came to nothing; `wait_s` is how long the server asks to be left alone."""

    def __init__(self, told: str, wait_s: float | None = None) -> None:
        super().__init__(told)
        self.wait_s = wait_s


class _Fetching:
    """One address being asked, as often as needed, until its time is up."""

    def __init__(self, client: httpx.Client, address: Address, known: Validators, bounds: Bounds, target: Path) -> None:
        self._client, self._address, self._known, self._bounds = client, address, known, bounds
        self._target = target
        self._etag = ""  # of the file of which `target` holds the beginning; '' when there is nothing to go on with
        self._until = time.monotonic() + bounds.max_minutes * 60

    def run(self) -> Validators | None:
        number, here = 0, 0
        while True:
            try:
                return self._once()
            except _TryAgain as failed:
                number, here = (0 if self._here() > here else number + 1), self._here()
                if number == _TRIES:
                    raise self._fault(f"{failed}, {_TRIES} times") from failed
                self._wait(failed, max(0, number - 1))

    def _here(self) -> int:
        """How many bytes are there to go on with."""
        return self._target.stat().st_size if self._etag else 0

    def _conditions(self) -> dict[str, str]:
        """Headers that ask for the rest of the very file that was begun, or for whatever is newer than what is known."""
        if self._here():
            return {"Range": f"bytes={self._here()}-", "If-Range": self._etag}
        return self._known.headers

    def _once(self) -> Validators | None:
        try:
            request = self._client.build_request(
                "GET",
                self._address.url,
                headers={**self._address.headers, **self._conditions(), "Accept-Encoding": "identity"},
                timeout=max(0.1, min(_SILENCE_S, self._until - time.monotonic())),
            )
            for _ in range(_REDIRECTS + 1):
                with self._answer(request) as answer:
                    if answer.next_request is None:
                        return self._taken(answer)
                    request = self._followed(request, answer.next_request)
        except httpx.TimeoutException as error:
            raise _TryAgain("the server did not answer in time") from error
        except httpx.RemoteProtocolError as error:
            raise _TryAgain("the connection broke before the file was whole") from error
        except httpx.TransportError as error:
            raise _TryAgain(f"the server cannot be reached ({type(error).__name__})") from error
        raise self._refused(f"more than {_REDIRECTS} redirects.", "write the address that the last one leads to")

    def _answer(self, request: httpx.Request) -> "_Answer":
        return _Answer(self._client, request)

    def _followed(self, before: httpx.Request, after: httpx.Request) -> httpx.Request:
        if before.url.scheme == "https" and after.url.scheme != "https":
            raise self._refused("a redirect leads from https to an address without encryption.", "ask for https")
        if (before.url.host, before.url.port) != (after.url.host, after.url.port):
            for name in self._address.headers:
                after.headers.pop(name, None)
        return after

    def _taken(self, answer: httpx.Response) -> Validators | None:
        status = answer.status_code
        if status == httpx.codes.NOT_MODIFIED:
            return None
        if status in _AGAIN:
            raise _TryAgain(f"the server answered {status}", _retry_after(answer))
        if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            raise NotThere(str(self._refused(f"the server has nothing there ({status}).", "see ingest.source")))
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise self._refused(
                f"the server refuses the credential ({status}).", "see the secret that ingest.auth names"
            )
        asked_for_rest = "Range" in answer.request.headers
        if asked_for_rest and (status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE or self._is_other_part(answer)):
            self._etag = ""
            raise _TryAgain("the server gave another part than the one asked for")
        if status not in ((httpx.codes.OK, httpx.codes.PARTIAL_CONTENT) if asked_for_rest else (httpx.codes.OK,)):
            raise self._refused(f"the server answered {status}.", "see ingest.source")
        whole = status == httpx.codes.OK
        self._etag = _to_go_on_with(answer) if whole else self._etag
        with self._target.open("wb" if whole else "ab") as file:
            self._write(answer, file)
        return Validators(answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))

    def _is_other_part(self, answer: httpx.Response) -> bool:
        """Whether a part does not begin where the file broke, does not reach its end, or is encoded or of another version."""
        if answer.status_code != httpx.codes.PARTIAL_CONTENT:
            return False
        span = _SPAN.fullmatch(answer.headers.get("Content-Range", ""))
        ends = span is not None and int(span["first"]) == self._here() and int(span["last"]) + 1 == int(span["all"])
        return not ends or _is_encoded(answer) or answer.headers.get("ETag", self._etag) != self._etag

    def _write(self, answer: httpx.Response, file: BinaryIO) -> None:
        largest = self._bounds.max_megabytes * _MIB
        declared = answer.headers.get("Content-Length", "")
        written = file.tell()
        if declared.isdigit() and written + int(declared) > largest:
            raise self._too_large()
        for piece in answer.iter_bytes():
            written += len(piece)
            if written > largest:
                raise self._too_large()
            self._in_time()
            file.write(piece)

    def _in_time(self) -> None:
        if time.monotonic() > self._until:
            minutes = self._bounds.max_minutes
            raise self._fault(f"the file is not here after {minutes:g} minutes (pull.maxMinutes)")

    def _wait(self, failed: _TryAgain, number: int) -> None:
        asked = failed.wait_s
        wait_s = self._bounds.pause_s * 2**number * random.uniform(0.75, 1.25) if asked is None else asked
        if asked is not None and asked > _LONGEST_WAIT_S:
            raise self._fault(f"{failed} and asks to be left alone for {asked:.0f} s")
        if time.monotonic() + wait_s > self._until:
            raise self._fault(f"{failed}; its {self._bounds.max_minutes:g} minutes (pull.maxMinutes) are over")
        time.sleep(wait_s)

    def _too_large(self) -> SourceError:
        bound = self._bounds.max_megabytes
        return refusal(
            self._address.shown, "too-large", f"more than {bound} MB come (pull.maxMegabytes); reading stopped.", "raise it, or ask for less"
        )  # fmt: skip

    def _refused(self, message: str, hint: str) -> SourceError:
        return refusal(self._address.shown, "http", message, hint)

    def _fault(self, message: str) -> EnvironmentFault:
        return EnvironmentFault(
            f"{self._address.shown}: [http] {message}; nothing was published. Hint: try again later."
        )


class _Answer:
    """A response open for streaming, closed at the end of the block."""

    def __init__(self, client: httpx.Client, request: httpx.Request) -> None:
        self._response = client.send(request, stream=True)

    def __enter__(self) -> httpx.Response:
        return self._response

    def __exit__(self, *_: object) -> None:
        self._response.close()


def _to_go_on_with(answer: httpx.Response) -> str:
    """The ETag by which the rest of a file can be asked for: a strong one, of bytes as they are, where parts are given."""
    etag = str(answer.headers.get("ETag", ""))
    parts = answer.headers.get("Accept-Ranges", "").lower() != "none"
    return etag if etag.startswith('"') and parts and not _is_encoded(answer) else ""


def _is_encoded(answer: httpx.Response) -> bool:
    return str(answer.headers.get("Content-Encoding", "identity")).lower() != "identity"


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds that the server asks for, as a number or a date; None when it says nothing one can read."""
    text = answer.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
