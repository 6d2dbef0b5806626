"""A DAG per domain: `transform__<domain>`, triggered by the assets its models read, and every night: what no delivery tells
(the city pack, today's date, what is overdue) changes tables, too. Reads compiled models only.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, Asset, AssetAlias, AssetOrTimeSchedule, CronTriggerTimetable

from pipelines.contracts.compile_models import DomainPlan, domain_plans
from pipelines.orchestrate.lake import zone
from pipelines.orchestrate.tasks import RETRIES, Broken, Told, run_of
from pipelines.settings import Settings, settings

if TYPE_CHECKING:
    from airflow.sdk import Context

NIGHTLY = "10 4 * * *"  # after the maintenance


class Transform(Told):
    """Makes the models of a domain in one transaction, and sends an asset event for each that changed.

    `assets` are those of every model: a domain that this one reads and that was never made is made first, in the same run.
    """

    ui_color = "#e4effb"

    def __init__(self, *, domain: str, own: Iterable[str], assets: Mapping[str, Asset], **kwargs: Any) -> None:
        self._alias = AssetAlias(f"models of {domain}")
        super().__init__(inlets=[assets[model] for model in own], outlets=[self._alias], **RETRIES, **kwargs)
        self.domain = domain
        self.assets = assets

    def work(self, here: Settings, context: "Context") -> dict[str, Any]:
        """Return what became of the domain's models; what was made before them is in the log, and has its events too."""
        from pipelines.steps.transform.run import transform
        from pipelines.steps.tries import models_of

        logging.getLogger("great_expectations").setLevel(logging.WARNING)  # below that it tells of its own set-up
        run = run_of(context)
        outcomes = transform(here, [self.domain], run=run)
        for one in (one for outcome in outcomes for one in outcome.models):
            self.log.info("%s %s: %s rows, %s written", one.made, one.model, one.rows, one.written)
        # A try that was cut off after its commit sent no event: the ledger knows what the run made, this try's among it.
        for model, extra in models_of(here, run).items():
            context["outlet_events"][self._alias].add(self.assets[model], extra=extra)
        return outcomes[-1].as_dict()


class Mirror(Told):
    """Brings what was made to the BI tools' database; the models are published whether it succeeds or not."""

    ui_color = "#e4effb"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**RETRIES, **kwargs)

    def work(self, here: Settings, context: "Context") -> list[dict[str, Any]]:
        """Return what became of each table of the mirror; the readers' addresses stay out of Airflow's database."""
        from pipelines.steps.mirror.mirror import mirror

        return [asdict(table) for table in mirror(here).tables]


def transform_dags() -> list[DAG]:
    """One DAG per domain that has models."""
    plans = domain_plans(settings())
    assets = {model: Asset(name, uri) for plan in plans for model, name, uri in plan.outputs}
    return [_dag(plan, assets) for plan in plans]


def _schedule(plan: DomainPlan) -> CronTriggerTimetable | AssetOrTimeSchedule:
    nightly = CronTriggerTimetable(NIGHTLY, timezone=zone())
    inputs = [Asset(name, uri) for name, uri in plan.inputs]
    return AssetOrTimeSchedule(timetable=nightly, assets=reduce(or_, inputs)) if inputs else nightly


def _dag(plan: DomainPlan, assets: Mapping[str, Asset]) -> DAG:
    with DAG(
        plan.dag_id,
        description=plan.title,
        doc_md=plan.doc_md,
        schedule=_schedule(plan),
        tags={"transform", plan.domain},
        max_active_runs=1,  # events that come while it runs are taken together by the next
        catchup=False,
        is_paused_upon_creation=False,
        auto_register=False,
    ) as dag:
        if plan.problems:
            Broken(task_id="models", problems=list(plan.problems))
        else:
            own = [model for model, _, _ in plan.outputs]
            made = Transform(task_id="transform", domain=plan.domain, own=own, assets=assets)
            if settings().bi:
                made >> Mirror(task_id="mirror")
    return dag
