"""Examining the installation and the lake, as a person would who was called at night."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.lint import lint
from pipelines.errors import RongtongError
from pipelines.lake.calendar import calendar_of
from pipelines.lake.connection import CATALOGUE_FORMAT, Connection, catalogue_file, lake_exists, open_for_reading
from pipelines.lake.extensions import extension_path
from pipelines.names import quoted
from pipelines.secrets import FILE, is_private
from pipelines.settings import Settings
from pipelines.steps.demo_lake import is_demo, known_key, misuses
from pipelines.steps.mirror.passwords import FILE as PASSWORDS
from pipelines.steps.notices.keeping import spool
from pipelines.steps.notices.recipients import recipients

_FREE_GIB = 2
_CALENDAR_DAYS = 45


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `state` ok, warn or bad."""

    check: str
    state: Literal["ok", "warn", "bad"]
    told: str
    hint: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Return the findings in the order they were looked at; a check that itself fails is a finding."""
    looks: list[Callable[[Settings], Iterator[Finding]]] = [
        _versions,
        _extensions,
        _home,
        _key,
        _contracts,
        _calendar,
        _channels,
        _lake,
    ]
    findings: list[Finding] = []
    for look in looks:
        try:
            findings += look(settings)
        except RongtongError as error:
            findings.append(Finding(look.__name__.strip("_"), "bad", str(error)))
    return findings


def _versions(settings: Settings) -> Iterator[Finding]:
    told = f"Python {sys.version.split()[0]}, duckdb {version('duckdb')}, Airflow {version('apache-airflow')}, GX {version('great_expectations')}"
    yield Finding("versions", "ok", told)


def _extensions(settings: Settings) -> Iterator[Finding]:
    names = ["ducklake", "sqlite_scanner", "postgres_scanner", "spatial"]
    for name in names:
        extension_path(name)
    yield Finding("extensions", "ok", ", ".join(names))


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.exists():
        yield Finding("home", "warn", f"{home} does not exist yet", "the first ingest creates it")
        return
    writable = os.access(home, os.W_OK)
    yield Finding("home", "ok" if writable else "bad", str(home), "" if writable else "make it writable for this user")
    free = shutil.disk_usage(home).free / 2**30
    yield Finding(
        "disk",
        "ok" if free >= _FREE_GIB else "bad",
        f"{free:.1f} GiB free",
        "" if free >= _FREE_GIB else "free space: publishing needs room",
    )
    for check, key in (("hmac key", home / "hmac.json"), ("readers' passwords", home / PASSWORDS)):
        if key.is_file():
            private = is_private(home, key.name)
            yield Finding(check, "ok" if private else "bad", str(key), "" if private else f"chmod 600 {key}")


def _key(settings: Settings) -> Iterator[Finding]:
    """Say whose key makes the pseudonyms: the demo's is for invented persons alone."""
    key = known_key(settings)
    if key is None:
        return
    hint = "deliver it again with another RONGTONG_HOME and a key of its own, and delete this lake"
    found = [Finding("demo key", "bad", told, hint) for told in misuses(settings)]
    whose = (
        "of the demo"
        if is_demo(settings)
        else "of RONGTONG_HMAC_KEY"
        if os.environ.get("RONGTONG_HMAC_KEY")
        else "of this lake"
    )
    yield from found or [Finding("key", "ok", f"'{key.id}' {whose}")]


def _contracts(settings: Settings) -> Iterator[Finding]:
    problems = lint(settings, ())
    told = f"{len(problems)} problems, first: {problems[0]}" if problems else "all contracts are sound"
    yield Finding("contracts", "bad" if problems else "ok", told, "rongtong lint" if problems else "")


def _calendar(settings: Settings) -> Iterator[Finding]:
    last = calendar_of(settings).last
    days = (last - datetime.now(UTC).date()).days
    told = f"working days are known up to {last}"
    hint = "" if days > _CALENDAR_DAYS else "add the next year to schemas/_shared/calendar.csv when it is announced"
    yield Finding("calendar", "ok" if not hint else "warn" if days >= 0 else "bad", told, hint)


def _channels(settings: Settings) -> Iterator[Finding]:
    """Say who would be told, without telling anybody."""
    contracts = all_contracts(settings)[0]
    found = {one.shown: one for contract in (None, *contracts) for one in recipients(settings, contract)}
    if not is_private(settings.home):
        yield Finding(
            "secrets", "bad", f"{settings.home / FILE} may be read by others", f"chmod 600 {settings.home / FILE}"
        )
    if not found:
        hint = "set RONGTONG_NOTIFY, `notify` in schemas/_city.yaml, or `support` in a contract"
        yield Finding("channels", "warn", "nobody is told when a delivery is refused or late", hint)
    for shown, one in sorted(found.items()):
        yield Finding(
            f"channel {shown}", "bad" if one.problem else "ok", one.problem or "rongtong notify --test tries it"
        )
    if spool(settings).is_file():
        hint = "the next notice writes them; see the catalogue's lock"
        yield Finding("notices", "warn", "some notices are not in the ledger yet", hint)


def _lake(settings: Settings) -> Iterator[Finding]:
    if not lake_exists(settings):
        yield Finding("lake", "warn", "no lake yet", "rongtong ingest, or make demo")
        return
    if not settings.catalogue and catalogue_file(settings).stat().st_uid != os.getuid():
        yield Finding(
            "owner",
            "bad",
            "the embedded catalogue belongs to another OS user",
            "use a PostgreSQL catalogue for several users",
        )
    con = open_for_reading(settings)
    try:
        yield from _format(con)
        yield from _one_row(con)
    finally:
        con.close()


def _format(con: Connection) -> Iterator[Finding]:
    row = con.execute("SELECT value FROM __ducklake_metadata_city.ducklake_metadata WHERE key = 'version'").fetchone()
    have = str(row[0]) if row else "?"
    same = have == CATALOGUE_FORMAT
    yield Finding(
        "catalogue format",
        "ok" if same else "warn",
        have,
        "" if same else f"this release was tested with {CATALOGUE_FORMAT}",
    )


def _one_row(con: Connection) -> Iterator[Finding]:
    """Read one row of one file: a moved data folder still answers counts from statistics and fails only on a scan."""
    tables = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'city' AND schema_name = 'ods' ORDER BY 1"
    ).fetchall()
    for (name,) in tables:
        try:
            con.execute(f"SELECT * FROM city.ods.{quoted(str(name))} LIMIT 1").fetchall()
        except Exception as error:  # noqa: BLE001  (whatever it is, it is the finding)
            yield Finding(
                f"data of ods.{name}", "bad", str(error).splitlines()[0], "are the lake's files where they were?"
            )
            return
    yield Finding("data", "ok", f"{len(tables)} tables readable")
