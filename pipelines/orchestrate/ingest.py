"""A DAG per contract: `ingest__<table>`. Reads compiled plans; parsing imports nothing heavy."""

from collections.abc import Callable
from functools import cache

from airflow.sdk import DAG, Asset, CronTriggerTimetable, get_parsing_context

from pipelines.contracts.city import load_city
from pipelines.contracts.plans import Plan, plans
from pipelines.orchestrate.form import form
from pipelines.orchestrate.tasks import Broken, Publish, Refused
from pipelines.settings import Settings, settings

BROKEN_TAG = "broken contract"


def ingest_dags() -> list[DAG]:
    """One DAG per contract of the city; a broken contract gives a DAG that fails with its problems."""
    here = settings()
    wanted = get_parsing_context().dag_id  # a task needs its own DAG only
    # Asked once for all: a city pack takes milliseconds to read, and there may be a thousand DAGs.
    zone = cache(lambda: load_city(here.city).timezone)
    return [_dag_or_broken(here, plan, zone) for plan in plans(here) if wanted in (None, plan.dag_id)]


def _dag_or_broken(here: Settings, plan: Plan, zone: Callable[[], str]) -> DAG:
    if plan.problems:
        return broken_dag(plan, plan.problems)
    try:
        return ingest_dag(here, plan, zone)
    except Exception as error:  # noqa: BLE001 - whatever one contract makes Airflow say must not take the others down
        return broken_dag(plan, (f"Airflow cannot make a DAG of this contract: {error}",))


def ingest_dag(here: Settings, plan: Plan, zone: Callable[[], str]) -> DAG:
    """The DAG of a sound contract; `zone` gives the city's time zone, asked for only where there is a schedule."""
    with DAG(
        plan.dag_id,
        dag_display_name=f"{plan.dag_id} {plan.title}",
        description=plan.title,
        doc_md=plan.doc_md,
        schedule=_timetable(plan, zone),
        tags=set(plan.tags),
        params=form(here.lang),
        max_active_runs=1,
        is_paused_upon_creation=False,
        auto_register=False,  # or Airflow would keep a DAG whose making failed half-way
        default_args={"owner": plan.owner},
    ) as dag:
        publish = Publish(task_id="publish", dataset=plan.id, asset=Asset(plan.id, plan.asset_uri))
        Refused.partial(task_id="refused", map_index_template="{{ task.outcome['file'] }}").expand(
            outcome=publish.output
        )
    return dag


def _timetable(plan: Plan, zone: Callable[[], str]) -> CronTriggerTimetable | None:
    """The contract's schedule in the city's own time; None when the contract has none."""
    if not plan.schedule:
        return None
    return CronTriggerTimetable(plan.schedule, timezone=zone())


def broken_dag(plan: Plan, problems: tuple[str, ...]) -> DAG:
    """A DAG that says what is wrong with its contract, in its page and by failing."""
    listed = "\n".join(f"- `{problem}`" for problem in problems)
    with DAG(
        plan.dag_id,
        description="the contract is broken: nothing is published until it is mended",
        doc_md=plan.doc_md if plan.problems else f"## Airflow cannot use this contract\n\n{listed}\n",
        schedule=None,
        tags={BROKEN_TAG, *plan.tags},
        params=form(settings().lang),
        max_active_runs=1,
        is_paused_upon_creation=False,
        auto_register=False,
    ) as dag:
        Broken(task_id="contract", problems=list(problems))
    return dag
