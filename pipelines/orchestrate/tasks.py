"""The tasks of the DAGs, as operators: thin shells around `pipelines.steps`, imported only when a task runs."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
from airflow.sdk import Asset, AssetAlias, BaseOperator, BaseOperatorLink, ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.configuration import conf

from pipelines.contracts.chinese.telling import told
from pipelines.errors import EnvironmentFault, RongtongError, UsageError
from pipelines.orchestrate.order import Order
from pipelines.orchestrate.telling import line_of, nothing_waits, report_of
from pipelines.settings import Settings, settings

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.sdk.types import TaskInstanceKey

    from pipelines.contracts.model import Contract
    from pipelines.steps.outcome import Outcome

log = logging.getLogger(__name__)
OUTCOMES = "outcomes"

# A lock, a disk, a network may be better in a minute; everything else stays as wrong as it is.
RETRIES: Mapping[str, Any] = {
    "retries": 4,
    "retry_delay": timedelta(seconds=30),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=EnvironmentFault, action=RetryAction.RETRY, reason="our side failed; it may work later"
            ),
            RetryRule(exception=Exception, action=RetryAction.FAIL, reason="trying again would not help"),
            RetryRule(exception=SystemExit, action=RetryAction.FAIL, reason="trying again would not help"),
        ]
    ),
}


@attrs.define()
class DataDocs(BaseOperatorLink):
    """A button on the task that opens the Data Docs page of its batch."""

    name = "Data Docs"

    def get_link(self, operator: BaseOperator, *, ti_key: "TaskInstanceKey") -> str:
        """Address of the page the task wrote last; empty when it wrote none."""
        return page_url(getattr(operator, "report", ""))


def page_url(report: str) -> str:
    """Address at which the API server shows a page of the Data Docs; empty for no page."""
    if not report:
        return ""
    page = settings().data_docs.joinpath(report).relative_to(settings().data_docs)
    return f"{conf.get('api', 'base_url', fallback='').rstrip('/')}/rongtong/docs/{page.as_posix()}"


class Told(BaseOperator):
    """A task whose failure, when it is the user's to mend, is told in words instead of a traceback."""

    def execute(self, context: "Context") -> Any:
        """Return what `work` returns."""
        try:
            return self.work(settings(), context)
        except EnvironmentFault:
            raise
        except RongtongError as error:
            self.fail(told(error))

    def work(self, here: Settings, context: "Context") -> Any:
        """The task itself."""
        raise NotImplementedError

    def fail(self, text: str) -> NoReturn:
        """Log the text and end the task as failed. Airflow prints a traceback for every exception but SystemExit."""
        self.log.error(text)
        raise SystemExit(1)


class Publish(Told):
    """Publishes deliveries of one dataset in period order, one transaction each; all outcomes are in XCom `outcomes`.

    A refused delivery does not stop the others and does not fail this task, or what was published would have no asset
    event: it fails the task `refused`, which runs once for each of the refused outcomes returned here. A try that was cut
    off after a commit told nobody: the next one does.
    """

    operator_extra_links = (DataDocs(),)
    ui_color = "#e8f7e4"

    def __init__(self, *, dataset: str, asset: Asset, **kwargs: Any) -> None:
        # An alias, so that an event is sent per batch and none where nothing was published; the inlet makes the asset known.
        self._alias = AssetAlias(dataset)
        super().__init__(inlets=[asset], outlets=[self._alias], **RETRIES, **kwargs)
        self.dataset = dataset
        self.asset = asset
        self.report = ""

    def work(self, here: Settings, context: "Context") -> list[dict[str, Any]]:
        """Return the refused outcomes, one for each task `refused`."""
        tries = context["ti"].try_number
        order, run = Order.from_params(context["params"]), run_of(context)
        outcomes = publish(here, self.dataset, order, run, is_last=tries > (self.retries or 0), is_first=tries == 1)
        if not outcomes:
            self.log.info(nothing_waits(self.dataset, here.lang))
        for outcome in outcomes:
            level = logging.WARNING if outcome.verdict == "refused" else logging.INFO
            self.log.log(level, line_of(outcome.as_dict(), here.lang))
            self.report = outcome.report or self.report
            if outcome.verdict in {"published", "conceded"}:
                context["outlet_events"][self._alias].add(self.asset, extra=_extra(outcome))
        context["ti"].xcom_push(OUTCOMES, [outcome.as_dict() for outcome in outcomes])
        return [outcome.as_dict() for outcome in outcomes if outcome.verdict == "refused"]


class Refused(Told):
    """Fails with the report of one refused delivery; never retried."""

    operator_extra_links = (DataDocs(),)
    ui_color = "#fbe3e4"

    def __init__(self, *, outcome: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome = outcome

    def work(self, here: Settings, context: "Context") -> None:
        """Fail, saying what is wrong with the delivery."""
        self.report = self.outcome["report"]
        self.fail(report_of(self.outcome, here.lang, page_url(self.report)))


class Broken(Told):
    """Fails with the problems of a contract, or of models, that cannot be used."""

    ui_color = "#fbe3e4"

    def __init__(self, *, problems: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problems = problems

    def work(self, here: Settings, context: "Context") -> None:
        """Fail, naming every problem."""
        self.fail("\n".join(self.problems))


def publish(
    here: Settings, dataset: str, order: Order, run: str, *, is_last: bool = True, is_first: bool = True
) -> "list[Outcome]":
    """Do what the order says, tell who must know, and return the outcomes, refused ones and those of earlier tries among them.

    `is_last`: nobody will try again, so that a fault of ours is told now. `is_first`: there is no earlier try.
    """
    # DuckDB and Great Expectations are heavy: imported by the task, or before its fork, never by parsing.
    from pipelines.contracts.catalog import find_contract
    from pipelines.steps.notify import failures, tell_fault, tell_outcomes
    from pipelines.steps.tries import batches_of, told_together

    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # below that it tells of its own set-up
    contract = find_contract(here, dataset)
    try:
        earlier = [] if is_first else batches_of(here, contract, run)
        outcomes = told_together(earlier, _published(here, contract, order, run))
    except Exception as error:
        if is_last or not isinstance(error, EnvironmentFault):
            tell_fault(here, contract, error, file=order.file, run=run)
        raise
    for message in failures(tell_outcomes(here, contract, outcomes, run=run)):
        log.warning(message)
    return outcomes


def _published(here: Settings, contract: "Contract", order: Order, run: str) -> "list[Outcome]":
    from pipelines.steps.ingest import ingest, ingest_waiting
    from pipelines.steps.outcome import RefusedOutcome
    from pipelines.steps.replay import replay

    if order.replay:
        return replay(here, contract, None if order.replay == "all" else order.replay, run=run)
    if not order.file:
        if order.period and not contract.ingest.is_pulled:
            raise UsageError("a period belongs to one file, or to a source that is asked. Hint: fill in `file`.")
        return ingest_waiting(here, contract, period=order.period or None, run=run, again=bool(order.period))
    path = order.path(here, contract.id)
    accept, by = order.accept or None, order.by or None
    try:
        return [ingest(here, contract, path, period=order.period or None, accept=accept, by=by, run=run)]
    except RefusedOutcome as refused:
        return [refused.outcome]


def _extra(outcome: "Outcome") -> dict[str, Any]:
    """What an asset event says about a published batch."""
    fields = ("dataset", "batch", "period", "snapshot", "verdict", "delivered", "valid", "quarantined", "sha256")
    return {name: getattr(outcome, name) for name in fields}


def run_of(context: "Context") -> str:
    """The run as the ledger names it."""
    return f"{context['dag'].dag_id}/{context['run_id']}"
