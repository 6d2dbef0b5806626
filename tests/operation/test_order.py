"""Domains that read the ledger are made after those they tell of; what none of them reads does not wait for them."""

from dataclasses import replace
from pathlib import Path

from pipelines.contracts.model_order import domains
from pipelines.contracts.models import city_models
from pipelines.settings import settings

CITY = Path(__file__).parents[2]


def test_domains_that_read_the_ledger_come_after_the_others_and_before_those_that_read_them() -> None:
    made = city_models(replace(settings(), city=CITY)).made
    telling = {one.contract.domain for one in made if any(read.startswith("quality.") for read in one.reads)}
    order = list(domains(made))
    assert telling == {"operation"}
    assert order.index("operation") == len(order) - 2
    assert order[-1] == "city"
