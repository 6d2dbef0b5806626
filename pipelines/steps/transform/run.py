"""Transform: the models of a domain made anew and audited in one transaction, or left as they were."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from pipelines.contracts.city import load_city
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import City
from pipelines.contracts.model_order import Made, domains
from pipelines.contracts.models import city_models
from pipelines.derive.model_tables import model_table
from pipelines.errors import ContractError, UsageError
from pipelines.lake import ledger
from pipelines.lake.binding import refused_checks
from pipelines.lake.connection import Connection
from pipelines.lake.create import open_for_writing
from pipelines.lake.faults import failure_is_the_models
from pipelines.lake.pack import create_pack
from pipelines.lake.threads import bytes_of, fit_threads
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings
from pipelines.steps.chinese import all_names_fit, fit_names
from pipelines.steps.notify import tell_models
from pipelines.steps.transform.audit import audit_model
from pipelines.steps.transform.breaches import Fresh
from pipelines.steps.transform.copies import Copies
from pipelines.steps.transform.delivered import delivered
from pipelines.steps.transform.inputs import lay_inputs
from pipelines.steps.transform.making import Making, fit_table, make, must_fit, table_fits
from pipelines.steps.transform.outcome import DomainOutcome, ModelOutcome, TransformRefused
from pipelines.steps.transform.record import Work, record_checks, record_model, record_refusal, say_commit
from pipelines.steps.transform.state import Known, digest_of, inputs_of, last_made, ledger_state, standing
from pipelines.steps.usage import take_usage


def transform(
    settings: Settings, wanted: Sequence[str] = (), *, full: bool = False, run: str = ""
) -> list[DomainOutcome]:
    """Return what became of the models of these domains (of all, when none is named), each domain after those it reads.

    ContractError when a model is broken, before anything is made; TransformRefused at the first domain whose rows break
    their contracts: its tables stay as they were, and so do those of the domains after it.
    """
    models = city_models(settings)
    if models.problems:
        raise ContractError(list(models.problems))
    grouped = domains(models.made)
    _must_be_known(wanted, grouped)
    city = load_city(settings.city)
    con = open_for_writing(settings, timezone=city.timezone)
    done: list[DomainOutcome] = []
    try:
        chosen = _chosen(wanted, grouped, set(last_made(con)))
        if unbound := refused_checks(con, [one.contract for domain in chosen for one in grouped[domain]]):
            raise ContractError(unbound)
        pack = create_pack(con, settings)
        take_usage(con, settings)
        lay_inputs(con, settings, [one for domain in chosen for one in grouped[domain]])
        for domain in chosen:
            work = _work(domain, run, pack, grouped)
            done.append(_domain(con, settings, city, work, grouped[domain], full=full))
        return done
    except TransformRefused as refused:
        done.append(refused.outcome)
        raise
    finally:
        con.close()
        _tell(settings, done, models.made, run)


def _tell(settings: Settings, done: Iterable[DomainOutcome], made: Iterable[Made], run: str) -> None:
    """Tell whom it concerns where two counts differ, once the lake is let go of: a notice opens a connection of its own."""
    contracts = {one.name: one.contract for one in made}
    for outcome in done:
        alarms = [(contracts[one.model], one.alarms) for one in outcome.models if one.alarms]
        tell_models(settings, alarms, outcome.transform, run=run)


def _chosen(wanted: Sequence[str], grouped: dict[str, list[Made]], known: set[str]) -> list[str]:
    """The wanted domains in order, and before them those that make what they read and were never made."""
    owner = {one.name: domain for domain, models in grouped.items() for one in models}
    chosen = set(wanted or grouped)
    for domain in reversed(list(grouped)):  # a domain comes after all it reads
        if domain in chosen:
            chosen |= {
                owner[read] for one in grouped[domain] for read in one.reads if read in owner and read not in known
            }
    return [domain for domain in grouped if domain in chosen]


def _must_be_known(wanted: Iterable[str], grouped: dict[str, list[Made]]) -> None:
    unknown = [domain for domain in wanted if domain not in grouped]
    if unknown:
        hint = use(closest(unknown[0], grouped)) or f"there are {', '.join(grouped)}."
        raise UsageError(f"[domain] no model is of the domain '{unknown[0]}'. Hint: {hint}")


class _Refusal(Exception):
    """Ends the transaction of a domain whose rows break their contracts."""

    def __init__(self, outcome: DomainOutcome) -> None:
        self.outcome = outcome


def _work(domain: str, run: str, pack: Mapping[str, str], order: Iterable[str]) -> Work:
    earlier = tuple(takewhile(lambda other: other != domain, order))
    return Work(domain, run, datetime.now(UTC), time.perf_counter(), pack, earlier)


def _domain(
    con: Connection, settings: Settings, city: City, work: Work, models: list[Made], *, full: bool
) -> DomainOutcome:
    domain, run = work.domain, work.run
    fit_threads(con, settings, bytes_of(con, {read for one in models for read in one.reads}))
    named = all_names_fit(con, (one.contract for one in models))
    scope = f"transform.{domain}" if named and all(table_fits(con, one) for one in models) else None
    try:
        with write_transaction(con, settings, dataset=scope, who=f"{run or 'rongtong'} transform {domain}"):
            outcome = _made(con, settings, city, work, models, full=full, named=named)
            if outcome.verdict == "refused":
                raise _Refusal(outcome)
    except _Refusal as refused:
        with write_transaction(con, settings, dataset=f"transform.{domain}", who=f"transform {domain}"):
            record_refusal(con, work, refused.outcome)
        raise TransformRefused(refused.outcome) from None
    snapshot = ledger.last_snapshot(con) if outcome.verdict == "published" else None
    return replace(outcome, snapshot=snapshot, seconds=round(time.perf_counter() - work.clock, 3))


def _made(
    con: Connection, settings: Settings, city: City, work: Work, models: list[Made], *, full: bool, named: bool
) -> DomainOutcome:
    known, stands = last_made(con), standing(con)
    made = {name: one.transform_id for name, one in known.items()}
    state = ledger_state(con, work.earlier)
    transform_id, seq = _next(con, work.domain)
    outcomes = []
    copies: Copies | None = None
    for one in models:
        started, cpu = time.perf_counter(), time.process_time()
        inputs = inputs_of(one, work.pack, stands, made, state)
        before = known.get(one.name)
        whole = full or before is None or before.digest != digest_of(one) or not table_fits(con, one)
        if not whole and before is not None and before.inputs == inputs:
            outcomes.append(ModelOutcome(one.name, "unchanged", _rows(con, one), 0))
            continue
        copies = copies or Copies(frozenset(read for m in models for read in m.reads), delivered(con, models, stands))
        name = _audit_name(one, seq)
        outcome = _one(con, settings, city, one, name, inputs, None if whole else before, copies)
        if not named:
            fit_names(con, one.contract)
        outcome = replace(
            outcome, seconds=round(time.perf_counter() - started, 3), cpu_seconds=round(time.process_time() - cpu, 3)
        )
        outcomes.append(outcome)
        if not outcome.reasons:
            record_model(con, work, transform_id, seq, one, inputs, outcome, before)
            made[one.name] = transform_id
            copies.add(con, one, outcome.rows)
    verdict = "published" if any(one.made != "unchanged" for one in outcomes) else "unchanged"
    verdict = "refused" if any(one.reasons for one in outcomes) else verdict
    if verdict == "published":
        say_commit(con, work, transform_id, outcomes)
    return DomainOutcome(work.domain, verdict, transform_id, tuple(outcomes))


def _one(
    con: Connection,
    settings: Settings,
    city: City,
    one: Made,
    name: str,
    inputs: dict[str, Any],
    known: Known | None,
    copies: Copies,
) -> ModelOutcome:
    """Make one model and measure it; `known` is its last making where that may be continued."""
    must_fit(con, one)
    if not table_fits(con, one):
        fit_table(con, one)
        known = None
    with failure_is_the_models(one.sql_path):
        making = make(con, one, inputs, known, copies.relations)
    audited = audit_model(con, settings, city, one, name, _fresh(one, making, known))
    record_checks(con, one, name, audited.results)
    reasons = tuple(result.text for result in audited.results if result.refuses)
    return ModelOutcome(
        one.name, making.how, making.rows, making.written, making.partitions, reasons=reasons, page=audited.page,
        alarms=audited.alarms,
    )  # fmt: skip


def _fresh(one: Made, making: Making, known: Known | None) -> Fresh | None:
    """The rows made anew, the others having been audited when the table was last made; None when all were."""
    if known is None or not making.fresh:
        return None
    return Fresh(making.fresh, _audit_name(one, int(known.transform_id.rpartition("-t")[2])))


def _audit_name(one: Made, seq: int) -> str:
    return f"{one.contract.table}-t{seq:04d}"


def _rows(con: Connection, one: Made) -> int:
    row = con.execute(f"SELECT count(*) FROM {model_table(one.contract)}").fetchone()
    return int(row[0]) if row else 0


def _next(con: Connection, domain: str) -> tuple[str, int]:
    """The id of this transform of the domain and its number, one more than the domain's last."""
    row = con.execute(
        "SELECT coalesce(max(seq), 0) + 1 FROM city.quality.transforms WHERE domain = ?", [domain]
    ).fetchone()
    seq = int(row[0]) if row else 1
    return f"{domain}-t{seq:04d}", seq
