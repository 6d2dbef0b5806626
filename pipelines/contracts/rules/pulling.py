"""Rules on sources that are asked for their data. What could be a credential is never repeated in a message."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pipelines.contracts.hints import closest, listed, use
from pipelines.contracts.model import Contract, Ingest
from pipelines.contracts.pulling import (
    PERIOD_PARAMETERS,
    PLACEHOLDER,
    PLACEHOLDERS,
    SECRET_NAME,
    SECRET_PLACE,
    Sql,
    is_url,
)
from pipelines.contracts.registry import Draft, Finding, rule
from pipelines.contracts.sql_text import sql_fault

_SCOPE = "rongtong/ingest"
_INGEST = ("rongtong", "ingest")
_SOURCE, _AUTH, _SQL, _PULL = (*_INGEST, "source"), (*_INGEST, "auth"), (*_INGEST, "sql"), (*_INGEST, "pull")
_CREDENTIAL = re.compile(
    r"(^|[_-])(token|key|apikey|appkey|ak|sk|secret|appsecret|password|passwd|pwd|sign|signature|sig|auth|credential)$",
    re.IGNORECASE,
)
_SELECT = re.compile(r"^\s*(select|with)\b", re.IGNORECASE)


@rule("source-credential", delivered=True)
def source_credential(draft: Draft) -> Iterator[Finding]:
    """A credential is named, never written: not in an address, not as a connection, not in auth."""
    if not draft.sound(_SCOPE):
        return
    ingest = draft.contract.ingest
    if is_url(ingest.source):
        yield from _in_address(urlsplit(ingest.source))
        for name in SECRET_PLACE.findall(ingest.source):
            yield from _named(name, _SOURCE, "the address")
    if ingest.auth.scheme:
        yield from _named(ingest.auth.secret, _AUTH, "auth")
    if ingest.sql:
        yield from _named(ingest.sql.connection, (*_SQL, "connection"), "sql.connection")


def _in_address(parts: SplitResult) -> Iterator[Finding]:
    if "@" in parts.netloc:
        hint = "take it out, and add auth: {basic: NAME}."
        yield Finding(_SOURCE, "the address holds a user or a password", hint)
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if _CREDENTIAL.search(key) and not SECRET_PLACE.fullmatch(value):
            yield Finding(_SOURCE, f"the address holds a value for '{key}'", f"write {key}=${{NAME}}.")


def _named(name: str, where: tuple[str, ...], what: str) -> Iterator[Finding]:
    if not SECRET_NAME.match(name):
        hint = "write a name such as HOTLINE_DB; its value stands in the environment or in RONGTONG_HOME/secrets.env."
        yield Finding(where, f"{what} needs the name of a secret (capitals, digits and _, not RONGTONG_…)", hint)


@rule("source-settings", delivered=True)
def source_settings(draft: Draft) -> Iterator[Finding]:
    """A dataset has one source, and the settings that this kind of source has."""
    if not draft.sound(_SCOPE):
        return
    ingest = draft.contract.ingest
    if ingest.sql and draft.given(*_SOURCE):
        yield Finding(_SQL, "sql and source are two sources", "keep one of them.")
    if ingest.sql and ingest.format != "parquet":
        yield Finding((*_INGEST, "format"), "rows of a database land as parquet", "remove format.")
    if ingest.auth.scheme and not is_url(ingest.source):
        yield Finding(_AUTH, "auth belongs to an address (source: https://…)", "remove it.")
    if draft.given(*_PULL) and not ingest.is_pulled:
        yield Finding(_PULL, "pull belongs to a source that is asked: https://… or sql", "remove it.")
    if ingest.is_pulled and ingest.control.manifest:
        where = (*_INGEST, "control", "manifest")
        yield Finding(where, "a manifest lies beside a file; a source that is asked has none", "remove it.")
    yield from _auth_keys(draft)


def _auth_keys(draft: Draft) -> Iterator[Finding]:
    given = [key for key in ("bearer", "basic", "header") if draft.given(*_AUTH, key)]
    if draft.given(*_AUTH) and len(given) != 1:
        yield Finding(_AUTH, "auth needs exactly one of bearer, basic, header", "write e.g. {bearer: HOTLINE_TOKEN}.")
    elif draft.given(*_AUTH, "secret") != draft.given(*_AUTH, "header"):
        yield Finding(_AUTH, "header and secret go together", "write {header: X-Api-Key, secret: HOTLINE_KEY}.")


@rule("source-address", delivered=True)
def source_address(draft: Draft) -> Iterator[Finding]:
    """An address has a host, and placeholders that its period can fill."""
    ingest = draft.contract.ingest
    if not draft.sound(_SCOPE) or not is_url(ingest.source):
        return
    try:
        host = urlsplit(ingest.source).hostname
    except ValueError:
        host = None
    if not host:
        yield Finding(_SOURCE, "the address has no host", "write https://host/path.")
    names = PLACEHOLDER.findall(ingest.source)
    for name in sorted(set(names) - set(PLACEHOLDERS)):
        yield Finding(
            _SOURCE, f"'{{{name}}}' is no placeholder", use(closest(name, PLACEHOLDERS)) or listed(PLACEHOLDERS)
        )
    yield from _fillable(ingest, names)


def _fillable(ingest: Ingest, names: list[str]) -> Iterator[Finding]:
    if names and ingest.period.source == "none":
        yield Finding(_SOURCE, "the address asks for a period and the dataset has none", "add period.")
        return
    units = {"year": 0, "quarter": 1, "month": 1, "day": 2, "hour": 3}
    finest = units[ingest.period.unit]
    for name in names:
        if name in units and (units[name] > finest or (name == "month" and ingest.period.unit == "quarter")):
            yield Finding(
                _SOURCE, f"a period by {ingest.period.unit} has no {{{name}}}", "use {period}, or a finer unit."
            )


@rule("sql-source", delivered=True)
def sql_source(draft: Draft) -> Iterator[Finding]:
    """A database is read by one table or one query; a watermark needs mode upsert, for what overlaps comes again."""
    ingest = draft.contract.ingest
    if not draft.sound(_SCOPE) or ingest.sql is None:
        return
    sql = ingest.sql
    if bool(sql.table) == bool(sql.query):
        yield Finding(_SQL, "sql needs either a table or a query", "keep one of them.")
    if sql.query:
        yield from _query_faults(sql, draft.contract)
    if sql.watermark and ingest.mode != "upsert":
        hint = "use mode: upsert with a key."
        yield Finding((*_SQL, "watermark"), f"a watermark reads rows again, which mode {ingest.mode} would add", hint)
    if sql.overlap and not sql.watermark:
        yield Finding((*_SQL, "overlap"), "overlap means nothing without a watermark", "add watermark, or remove it.")


def _query_faults(sql: Sql, contract: Contract) -> Iterator[Finding]:
    where = (*_SQL, "query")
    fault = sql_fault(sql.query)
    if fault:
        yield Finding(where, f"the query {fault}")
    elif not _SELECT.match(sql.query):
        yield Finding(where, "the query is no SELECT", "a source is only read.")
    for name in sorted(sql.parameters - set(PERIOD_PARAMETERS)):
        yield Finding(where, f"':{name}' is no parameter", listed([f":{known}" for known in PERIOD_PARAMETERS]))
    if sql.parameters and contract.ingest.period.source == "none":
        yield Finding(where, "the query asks for a period and the dataset has none", "add period.")


@rule("source-schedule", delivered=True)
def source_schedule(draft: Draft) -> Iterator[Finding]:
    """A source that is asked says when: nothing arrives by itself."""
    if draft.sound(_SCOPE) and draft.contract.ingest.is_pulled and not draft.contract.schedule:
        hint = "add schedule, e.g. '0 6 * * *'."
        yield Finding(_INGEST, "a source that is asked needs a schedule", hint)
