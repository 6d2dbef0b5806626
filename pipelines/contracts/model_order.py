"""The order in which models are made: each after all it reads; and what forbids one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from pipelines.contracts.model import Contract, Model
from pipelines.errors import Problem


@dataclass(frozen=True, slots=True)
class Made:
    """A model with the relations its SELECT reads (`layer.table`), and its column lineage as (column, relation, column)."""

    contract: Contract
    reads: tuple[str, ...]
    lineage: tuple[tuple[str, str, str], ...] = ()

    @property
    def name(self) -> str:
        """The table as analysts write it: `ads.hotline_rates_monthly`."""
        return f"{self.contract.layer}.{self.contract.table}"

    @property
    def model(self) -> Model:
        """What the contract says of the making."""
        assert self.contract.model is not None
        return self.contract.model

    @property
    def sql_path(self) -> str:
        """The file of the SELECT, as problems name it."""
        return self.contract.path.replace(".odcs.yaml", ".sql")


def in_order(made: Mapping[str, Made]) -> tuple[list[Made], list[Problem]]:
    """Return the models, each after all it reads, or the problem that they read each other in a circle."""
    graph = {name: [read for read in one.reads if read in made] for name, one in sorted(made.items())}
    try:
        return [made[name] for name in TopologicalSorter(graph).static_order()], []
    except CycleError as error:
        circle = [str(name) for name in error.args[1]]
        message = f"the models read each other in a circle: {' → '.join(circle)}."
        return [], [
            Problem(made[circle[0]].sql_path, None, "model-cycle", message, "let one of them read dwd instead.")
        ]


def domain_graph(made: Iterable[Made]) -> dict[str, set[str]]:
    """Return which other domains' models each domain reads."""
    models = list(made)
    owner = {one.name: one.contract.domain for one in models}
    graph: dict[str, set[str]] = {domain: set() for domain in owner.values()}
    for one in models:
        graph[one.contract.domain] |= {owner[read] for read in one.reads if read in owner} - {one.contract.domain}
    return graph


def domain_faults(made: Iterable[Made]) -> list[Problem]:
    """Return the problem that two domains read each other: a domain is made in one transaction, one after the other."""
    models = {one.name: one for one in made}
    try:
        tuple(TopologicalSorter(domain_graph(models.values())).static_order())
    except CycleError as error:
        circle = [str(domain) for domain in error.args[1]]
        first = next(one for one in models.values() if one.contract.domain == circle[0])
        message = f"the domains read each other in a circle: {' → '.join(circle)}."
        return [Problem(first.contract.path, None, "domain-cycle", message, "give one of the models another domain.")]
    return []


def domains(made: Iterable[Made]) -> dict[str, list[Made]]:
    """Return the models by domain, the domains in the order in which they are made: those that read the ledger last."""
    models = {one.name: one for one in made}
    graph = domain_graph(models.values())
    telling = {one.contract.domain for one in models.values() if any(read.startswith("quality.") for read in one.reads)}
    after = {domain for domain in graph if telling & _above(domain, graph)}
    for domain in telling:
        graph[domain] |= graph.keys() - telling - after
    order = TopologicalSorter({domain: sorted(graph[domain]) for domain in sorted(graph)}).static_order()
    return {domain: [one for one in models.values() if one.contract.domain == domain] for domain in order}


def _above(domain: str, graph: Mapping[str, set[str]]) -> set[str]:
    """The domains that a domain reads, directly or through others."""
    found: set[str] = set()
    waiting = [domain]
    while waiting:
        waiting += graph[waiting.pop()] - found
        found |= set(waiting)
    return found
