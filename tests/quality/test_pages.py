"""The Data Docs site: readable, self-contained, silent about personal data, and not for ever."""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import duckdb
import pytest

from pipelines.derive.expectation import Expectation
from pipelines.quality.measure import Measurement, measure
from pipelines.quality.pages import expire_pages, render_page
from tests.quality.conftest import BATCH, SUITE, matches

Connection = duckdb.DuckDBPyConnection
DATASET = "governance.orders"
FACTS = {"账期 Period": "2026-01", "提供 Provider": "12345热线中心"}


def written(site: Path, measurement: Measurement, batch: str = "orders-0002", dataset: str = DATASET) -> Path:
    return render_page(measurement, title="热线工单", facts=FACTS, site=site, dataset=dataset, batch=batch)


@pytest.fixture
def measured(lake: Connection) -> Measurement:
    return measure(lake, BATCH, SUITE, name="orders", personal=False)


@pytest.fixture
def unmet(lake: Connection) -> Measurement:
    return measure(lake, BATCH, SUITE[:1], name="orders", personal=False)


def rows_of(page: Path) -> list[str]:
    """The table rows of a page as plain text."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.read_text("utf-8"), re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", row)).split()) for row in rows]


def test_a_page_lies_under_its_table_and_is_named_after_its_batch(tmp_path: Path, measured: Measurement) -> None:
    assert written(tmp_path, measured) == tmp_path / "orders" / "orders-0002.html"


def test_a_page_tells_its_facts_and_every_rule_beside_its_result(tmp_path: Path, measured: Measurement) -> None:
    page = written(tmp_path, measured)
    text = page.read_text("utf-8")
    assert all(word in text for word in ("热线工单", DATASET, "orders-0002", "账期 Period", "2026-01", "12345热线中心"))
    rows = rows_of(page)
    assert "days.range 2 28.571" in rows
    assert "age.type 2 28.571" in rows
    for expectation in SUITE:
        assert any(f"<code>{expectation.rule}</code>" in line for line in text.splitlines())
    (days,) = [row for row in rows if row.startswith("days.range values must be")]
    assert "greater than or equal to 0.0 and less than or equal to 365.0" in days
    (order,) = [row for row in rows if row.startswith("row.order Values in closed")]
    assert "2 unexpected values found" in order


def test_a_page_of_a_batch_without_fault_says_so(tmp_path: Path, lake: Connection) -> None:
    fine = measure(lake, BATCH, [SUITE[-2]], name="orders", personal=False)
    text = written(tmp_path, fine).read_text("utf-8")
    assert "全部通过 all met" in text
    assert "not met" not in text


def test_nothing_on_the_site_refers_to_anything_outside_it(tmp_path: Path, measured: Measurement) -> None:
    page = written(tmp_path, measured)
    for path in (page, tmp_path / "index.html"):
        text = path.read_text("utf-8")
        assert not re.findall(r"https?:|//|@import|url\(|<script|<link|<img|<iframe|\bon\w+=|javascript:", text)
        for target in re.findall(r"""href=["']([^"']*)""", text):
            assert target.startswith("#") or (path.parent / target).resolve().is_file()


def test_a_value_cannot_put_markup_on_a_page(tmp_path: Path, lake: Connection) -> None:
    lake.execute("UPDATE city.ods.orders SET id = '<script>alert(1)</script>', category = '<b>&' WHERE part < 4")
    hostile = measure(lake, BATCH, SUITE, name="<i>orders", personal=False)
    page = render_page(
        hostile, title="<u>", facts={"<em>": "<hr>"}, site=tmp_path, dataset="x.orders", batch="orders-0003"
    )
    text = page.read_text("utf-8")
    assert not [tag for tag in ("<script", "<b>", "<i>", "<u>", "<em>", "<hr>") if tag in text]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b&gt;&amp;" in text
    index = (tmp_path / "index.html").read_text("utf-8")
    assert "&lt;u&gt;" in index
    assert "<u>" not in index


def test_samples_are_readable(tmp_path: Path, measured: Measurement) -> None:
    rows = rows_of(written(tmp_path, measured))
    assert "2026-01-02, 2026-01-03" in rows
    assert "id = GD2, part = 2" in rows
    assert "其他" in rows


def test_no_value_of_a_personal_dataset_is_on_its_page(tmp_path: Path, lake: Connection) -> None:
    latest = Expectation("opened.max", "expect_column_max_to_be_between", {"column": "days", "max_value": 3})
    suite = [*SUITE, matches("contact", "@"), latest]
    text = written(tmp_path, measure(lake, BATCH, suite, name="orders", personal=True)).read_text("utf-8")
    assert "contact.pattern" in text
    assert not [value for value in ("13800001111", "g%x", "GD2", "其他", "366") if value in text]


def test_rendering_changes_nothing_in_the_measurement(tmp_path: Path, measured: Measurement) -> None:
    before = str(measured.document)
    written(tmp_path, measured)
    assert str(measured.document) == before


def test_the_index_lists_datasets_and_batches_newest_first(tmp_path: Path, unmet: Measurement) -> None:
    for number in range(7):
        written(tmp_path, unmet, f"orders-{number:04d}")
    time.sleep(1.1)  # The site tells times to the second.
    written(tmp_path, unmet, "trips-0001", "mobility.trips")
    index = (tmp_path / "index.html").read_text("utf-8")
    listed = re.findall(r"href='([^']*)'", index)
    assert listed == ["trips/trips-0001.html", *(f"orders/orders-{n:04d}.html" for n in range(6, -1, -1))]
    assert "2 个数据集" in index


def test_a_batch_measured_again_replaces_its_page(tmp_path: Path, measured: Measurement, unmet: Measurement) -> None:
    written(tmp_path, measured)
    page = written(tmp_path, unmet)
    assert "days.range" not in page.read_text("utf-8")
    assert (tmp_path / "index.html").read_text("utf-8").count("orders-0002.html") == 1


def test_pages_written_at_once_are_all_listed(tmp_path: Path, unmet: Measurement) -> None:
    batches = [("governance.orders", f"orders-{n}") for n in range(4)] + [
        ("mobility.trips", f"trips-{n}") for n in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: written(tmp_path, unmet, one[1], one[0]), batches))
    index = (tmp_path / "index.html").read_text("utf-8")
    assert len(re.findall(r"href='", index)) == 8


def test_only_pages_that_are_old_and_not_among_the_newest_expire(tmp_path: Path, unmet: Measurement) -> None:
    for number in range(4):
        written(tmp_path, unmet, f"orders-{number:04d}")
    written(tmp_path, unmet, "trips-0001", "mobility.trips")
    later = datetime.now(UTC) + timedelta(days=100)
    assert expire_pages(tmp_path, keep=1, days=200, now=later) == []
    gone = expire_pages(tmp_path, keep=2, days=90, now=later)
    assert len(gone) == 2
    assert {path.name for path in tmp_path.glob("orders/*.html")} == {"orders-0002.html", "orders-0003.html"}
    assert (tmp_path / "trips" / "trips-0001.html").is_file()
    index = (tmp_path / "index.html").read_text("utf-8")
    assert [name for name in ("orders-0000", "orders-0001") if name in index] == []
    assert "orders-0003" in index


def test_a_dataset_without_a_page_left_is_not_listed(tmp_path: Path, unmet: Measurement) -> None:
    written(tmp_path, unmet)
    expire_pages(tmp_path, keep=0, days=1, now=datetime.now(UTC) + timedelta(days=2))
    assert "0 个数据集" in (tmp_path / "index.html").read_text("utf-8")


def test_a_site_that_was_never_written_has_nothing_to_expire(tmp_path: Path) -> None:
    assert expire_pages(tmp_path / "none", keep=1, days=1) == []


def test_expiring_pages_does_not_load_great_expectations() -> None:
    code = "import sys, pipelines.quality.pages; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("batch", ["../orders", "a/b", "", ".hidden"])
def test_a_batch_that_is_no_file_name_is_refused(tmp_path: Path, unmet: Measurement, batch: str) -> None:
    with pytest.raises(ValueError, match="batch"):
        written(tmp_path, unmet, batch)
