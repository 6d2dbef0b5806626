"""What the DAG of a domain is made of: which assets it reads, which it makes, and a page that tells of its models."""

from dataclasses import dataclass

from pipelines.contracts.chinese.telling import told
from pipelines.contracts.model_order import Made, domains
from pipelines.contracts.models import city_models
from pipelines.contracts.plans import asset_uri, plans
from pipelines.errors import RongtongError
from pipelines.settings import Settings


@dataclass(frozen=True, slots=True)
class DomainPlan:
    """A domain's DAG: inputs as (asset name, URI), outputs as (model, asset name, URI); `problems` are told by failing."""

    domain: str
    title: str
    doc_md: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str, str], ...]
    problems: tuple[str, ...] = ()

    @property
    def dag_id(self) -> str:
        """Id of the domain's DAG."""
        return f"transform__{self.domain}"


def domain_plans(settings: Settings) -> list[DomainPlan]:
    """Return the plans of a city's domains; all are red while a model is broken, since none would be made."""
    try:
        models = city_models(settings)
    except RongtongError as error:
        return [DomainPlan("models", "the city pack is broken", str(error), (), (), (str(error),))]
    problems = tuple(told(problem) for problem in models.problems)
    grouped = domains(models.made)
    if problems and not grouped:
        return [DomainPlan("models", "the models are broken", "", (), (), problems)]
    datasets = {f"dwd.{plan.table}": (plan.id, plan.asset_uri) for plan in plans(settings)}
    made = {one.name: one for one in models.made}
    return [_plan(domain, own, made, datasets, problems) for domain, own in grouped.items()]


def _plan(
    domain: str, own: list[Made], made: dict[str, Made], datasets: dict[str, tuple[str, str]], problems: tuple[str, ...]
) -> DomainPlan:
    inputs: set[tuple[str, str]] = set()
    for read in {read for one in own for read in one.reads}:
        if read in datasets:
            inputs.add(datasets[read])
        elif read in made and made[read].contract.domain != domain:
            inputs.add(asset_of(made[read]))
        elif read.startswith("quality."):  # whatever is published is written into the ledger
            inputs |= set(datasets.values())
    outputs = tuple((one.name, *asset_of(one)) for one in own)
    return DomainPlan(domain, f"{domain}: {len(own)} models", _page(own), tuple(sorted(inputs)), outputs, problems)


def asset_of(one: Made) -> tuple[str, str]:
    """Return name and URI of a model's table as an asset."""
    return one.contract.id, asset_uri(one.contract.table, one.contract.layer)


def _page(own: list[Made]) -> str:
    lines = ["| model | title | reads |", "|---|---|---|"]
    lines += [
        f"| `{one.name}` | {one.contract.title} | {', '.join(f'`{read}`' for read in one.reads)} |" for one in own
    ]
    return "\n".join(lines)
