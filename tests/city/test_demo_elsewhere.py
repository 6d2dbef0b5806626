"""The demo in a city that is not the sample city: it says what is lacking, and never ends in a database's error."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from pipelines.contracts.deliveries import Expected
from pipelines.demo.page import write_page
from pipelines.demo.questions import QUESTIONS
from pipelines.demo.report import print_report
from pipelines.demo.run import _fresh_lake, demo
from pipelines.errors import UsageError
from pipelines.lake.pseudonym import DEMO_MARK
from pipelines.settings import settings
from tests.spine.city import write_city
from tests.spine.lake import Lake, lake_settings

pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning")
HOTLINE = "governance.hotline_orders"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A lake of a city whose hotline is called like the sample's, and is another; nothing was published by contract."""
    folder = tmp_path_factory.mktemp("elsewhere")
    made = Lake(lake_settings(folder, write_city(folder / "city"), ""), folder / "files")
    made.orders(dataset=HOTLINE)
    made.con.execute("CREATE TABLE city.dwd.hotline_orders (order_id VARCHAR, category VARCHAR)")
    yield made
    made.close()


def _listed(dataset: str, file: str) -> Expected:
    return Expected(file, dataset, "2026-01", 1, "", "published", 1, 1, 0)


def test_a_listed_delivery_without_contract_or_file_is_named_before_anything_starts(lake: Lake, tmp_path: Path) -> None:
    listed = [_listed("life.unknown", "life/unknown/a.csv"), _listed(HOTLINE, "governance/hotline_orders/b.csv")]
    place = lake.city / "data_samples" / "deliveries.yaml"
    place.parent.mkdir()
    fields = ({name: getattr(entry, name) for name in Expected.__slots__} for entry in listed)
    place.write_text(yaml.safe_dump({"deliveries": list(fields)}), encoding="utf-8")
    where = lake_settings(tmp_path, lake.city, "")
    with pytest.raises(UsageError) as refused:
        demo(where)
    for lacking in ("no contract of life.unknown", "no file life/unknown/a.csv", "no file governance/hotline"):
        assert lacking in str(refused.value)
    assert not where.home.exists()


def test_questions_that_a_city_cannot_answer_say_what_its_lake_lacks(lake: Lake) -> None:
    told = StringIO()
    print_report(lake.where, Console(file=told, width=300), [_listed(HOTLINE, "orders_202601.csv")])
    text = told.getvalue()
    assert HOTLINE in text
    assert text.count("cannot be asked of this city; the lake lacks") == len(QUESTIONS)
    assert "lacks ads.air_restated\n" in text
    assert "dwd.hotline_orders.handling_days" in text
    assert "dwd.hotline_orders," not in text


def test_the_page_of_a_city_without_the_samples_files_is_written(lake: Lake) -> None:
    assert "<html" in write_page(lake.where).read_text(encoding="utf-8")


def test_a_lake_of_its_own_is_left_alone_and_what_lint_left_is_none(tmp_path: Path) -> None:
    home = tmp_path / "home"
    where = replace(settings(), home=home, catalogue="")
    for name in ("cache", "tmp"):
        (home / name).mkdir(parents=True)
    _fresh_lake(where, fresh=False)
    assert [path.name for path in home.iterdir()] == [DEMO_MARK]
    (home / DEMO_MARK).unlink()
    (home / "catalog.sqlite").touch()
    with pytest.raises(UsageError, match=r"^\[demo\] .*did not make"):
        _fresh_lake(where, fresh=False)
    assert (home / "catalog.sqlite").exists()
