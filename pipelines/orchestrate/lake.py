"""The DAGs of the whole lake: one looks at all inboxes, one at what is due, one does the maintenance."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, CronTriggerTimetable

from pipelines.contracts.city import load_city
from pipelines.contracts.plans import plans
from pipelines.errors import RongtongError
from pipelines.names import dag_id_of
from pipelines.orchestrate.tasks import RETRIES, Told
from pipelines.settings import Settings, settings

if TYPE_CHECKING:
    from airflow.sdk import Context

# What may be published; a draft is only checked.
PUBLISHED = frozenset({"active", "deprecated"})
UNDER_WAY = ["queued", "running"]


class LookAtInboxes(Told):
    """Looks what waits, and returns the runs that should be: one per dataset with something new."""

    def work(self, here: Settings, context: "Context") -> list[dict[str, Any]]:
        """Return the arguments of the runs to trigger. Their ids tell what they are for, so nothing is queued twice.

        A dataset with a run under way is left alone: what waits now may be what that run is publishing.
        """
        count = context["ti"].get_dr_count
        wanted = [
            run
            for run in (*runs_for_deliveries(here), *runs_for_broken(here))
            if not count(run["trigger_dag_id"], states=UNDER_WAY)
            and not count(run["trigger_dag_id"], run_ids=[run["trigger_run_id"]])
        ]
        for run in wanted:
            self.log.info("%s: %s", run["trigger_dag_id"], run["note"])
        return wanted


class Maintain(Told):
    """Compacts, expires all but the pinned, cleans up and backs up the catalogue, under the exclusive lock."""

    def work(self, here: Settings, context: "Context") -> dict[str, Any]:
        """Return what was done."""
        from pipelines.steps.maintain import maintain

        done = maintain(here)
        self.log.info(json.dumps(done, ensure_ascii=False, indent=2, default=str))
        return done


class LookAtDueDates(Told):
    """Compares what is due with the ledger, and tells who must know."""

    def work(self, here: Settings, context: "Context") -> list[str]:
        """Return one line per notice: what, to whom, and whether it went out."""
        from pipelines.steps.late import moment_of
        from pipelines.steps.watchdog import watch

        notices = watch(here, moment_of(here, None), run=f"{context['dag'].dag_id}/{context['run_id']}")
        lines = [f"{notice.state}: {notice.subject} → {notice.channel} {notice.detail}".rstrip() for notice in notices]
        for line in lines:
            self.log.info(line)
        return lines


def watch_inboxes() -> DAG:
    """The DAG that triggers `ingest__<table>` for every dataset with something new in its inbox, every minute."""
    with DAG(
        "watch_inboxes",
        description="Triggers the datasets for which something new has arrived; a broken contract is triggered to show red",
        schedule="* * * * *",
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags={"lake"},
    ) as dag:
        look = LookAtInboxes(task_id="look")
        TriggerDagRunOperator.partial(
            task_id="trigger",
            map_index_template="{{ task.trigger_dag_id }}",
            logical_date=None,
            skip_when_already_exists=True,
            retries=1,  # the DAG of a new contract may not be parsed yet
            retry_delay=timedelta(seconds=30),
            openlineage_inject_parent_info=False,
        ).expand_kwargs(look.output)
    return dag


def watch_due_dates() -> DAG:
    """The DAG that tells every hour what is overdue, escalated or recovered, also when nothing arrives."""
    with _by_the_clock(
        "watch_due_dates", "7 * * * *", "Tells who must know what is overdue, escalated or recovered"
    ) as dag:
        LookAtDueDates(task_id="look", **RETRIES)
    return dag


def maintain_lake() -> DAG:
    """The DAG of the nightly maintenance."""
    with _by_the_clock(
        "maintain_lake", "30 3 * * *", "Compacts, expires old snapshots, cleans up, backs up the catalogue"
    ) as dag:
        Maintain(task_id="maintain", **RETRIES)
    return dag


def _by_the_clock(name: str, cron: str, description: str) -> DAG:
    return DAG(
        name,
        description=description,
        schedule=CronTriggerTimetable(cron, timezone=zone()),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags={"lake"},
    )


def zone() -> str:
    """The city's zone; a broken city pack must not take these DAGs away."""
    try:
        return load_city(settings().city).timezone
    except RongtongError:
        return "UTC"


def runs_for_deliveries(here: Settings) -> list[dict[str, str]]:
    """Arguments of one run per dataset for which something waits."""
    from pipelines.contracts.catalog import all_contracts
    from pipelines.steps.ingest import waiting_files

    contracts, _ = all_contracts(here)
    found = {
        contract.id: _stats(waiting_files(here, contract)) for contract in contracts if contract.status in PUBLISHED
    }
    return [_run_for(dataset, files) for dataset, files in found.items() if files]


def runs_for_broken(here: Settings) -> list[dict[str, str]]:
    """Arguments of one run per broken contract, the same for the same problems: it shows red once."""
    return [
        {
            "trigger_dag_id": plan.dag_id,
            "trigger_run_id": f"broken__{_digest(plan.problems)}",
            "note": "\n".join(plan.problems),
        }
        for plan in plans(here)
        if plan.problems
    ]


def _run_for(dataset: str, files: Mapping[Path, os.stat_result]) -> dict[str, str]:
    newest = datetime.fromtimestamp(max(stat.st_mtime for stat in files.values()), UTC)
    digest = _digest([f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in files.items()])
    return {
        "trigger_dag_id": dag_id_of(dataset),
        "trigger_run_id": f"inbox__{newest:%Y-%m-%dT%H:%M:%S}__{digest}",
        "note": "\n".join(path.name for path in files),
    }


def _stats(files: Iterable[Path]) -> dict[Path, os.stat_result]:
    """The files that are still there, with size and time."""
    found = {}
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            found[path] = path.stat()
    return found


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
