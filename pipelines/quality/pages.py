"""The Data Docs site: a page for each measured batch, written by that run alone, an index, and how long pages stay.

`<site>/<table>/<batch>.html` are the pages, `<site>/<table>/pages.json` lists them newest first, `<site>/index.html` is
made from those lists and reads no page. Nothing on the site refers to anything outside it.
"""

import fcntl
import html
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipelines.names import table_of

if TYPE_CHECKING:
    from pipelines.quality.measure import Measurement

STATIC = Path(__file__).parent / "static"
_LIST = "pages.json"
_FILE_NAME = re.compile(r"\w[\w.-]*")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site; `written` is ISO 8601 in UTC, `unmet` counts the rules that failed."""

    dataset: str
    title: str
    batch: str
    written: str
    rules: int
    unmet: int


def render_page(
    measurement: "Measurement", *, title: str, facts: Mapping[str, str], site: Path, dataset: str, batch: str
) -> Path:
    """Write the batch's page, list it in the index, and return its path; an earlier page of the same batch is replaced.

    `facts` are shown as they are: they must hold no value of a personal dataset.
    """
    # Great Expectations is loaded already by whoever has a measurement; the rest of this module does without.
    from pipelines.quality.document import page_html

    if not _FILE_NAME.fullmatch(batch):
        raise ValueError(f"batch {batch!r} cannot name a page")
    unmet = sum(not result.success for result in measurement.results)
    page = Page(dataset, title, batch, _stamp(datetime.now(UTC)), len(measurement.results), unmet)
    path = site / table_of(dataset) / f"{batch}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, page_html(measurement, title=title, facts=facts, dataset=dataset, batch=batch))
    with _writing(site):
        others = [known for known in _pages(path.parent) if known.batch != batch]
        _list_pages(path.parent, [page, *others])
        _write_index(site)
    return path


def expire_pages(site: Path, keep: int, days: int, *, now: datetime | None = None) -> list[Path]:
    """Delete pages that are older than `days` and not among the `keep` newest of their dataset; return their paths."""
    if not site.is_dir():
        return []
    oldest = _stamp((now or datetime.now(UTC)) - timedelta(days=days))
    gone: list[Path] = []
    with _writing(site):
        for folder in _folders(site):
            pages = _pages(folder)
            stay = [page for rank, page in enumerate(pages) if rank < keep or page.written >= oldest]
            gone += [folder / f"{page.batch}.html" for page in pages if page not in stay]
            _list_pages(folder, stay)
        # Listed nowhere is better than a link to nothing: the files go last.
        _write_index(site)
        for path in gone:
            path.unlink(missing_ok=True)
    return gone


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _folders(site: Path) -> list[Path]:
    return sorted(path.parent for path in site.glob(f"*/{_LIST}"))


def _pages(folder: Path) -> list[Page]:
    listed = folder / _LIST
    return [Page(**page) for page in json.loads(listed.read_text("utf-8"))] if listed.is_file() else []


def _list_pages(folder: Path, pages: list[Page]) -> None:
    newest_first = sorted(pages, key=lambda page: page.written, reverse=True)
    text = json.dumps([asdict(page) for page in newest_first], ensure_ascii=False, indent=1)
    _replace(folder / _LIST, text)


@contextmanager
def _writing(site: Path) -> Iterator[None]:
    """One writer at a time: lists and index are read and written again by every publish of every dataset."""
    with (site / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    half_written = path.with_name(f".{path.name}.{os.getpid()}")
    half_written.write_text(text, "utf-8")
    half_written.replace(path)


def _write_index(site: Path) -> None:
    datasets = [pages for folder in _folders(site) if (pages := _pages(folder))]
    datasets.sort(key=lambda pages: pages[0].written, reverse=True)
    template = Template((STATIC / "site_index.html").read_text("utf-8"))
    css = (STATIC / "pages.css").read_text("utf-8")
    body = "\n".join(_dataset_html(pages) for pages in datasets)
    _replace(site / "index.html", template.substitute(css=css, count=len(datasets), datasets=body))


def _dataset_html(pages: list[Page]) -> str:
    newest = pages[0]
    head = f"<h2>{html.escape(newest.title)} <code class='soft'>{html.escape(newest.dataset)}</code></h2>"
    older = pages[_SHOWN:]
    more = f"<details><summary>更早 Earlier ({len(older)})</summary>{_table_html(older)}</details>" if older else ""
    return f"{head}\n{_table_html(pages[:_SHOWN])}\n{more}"


def _table_html(pages: list[Page]) -> str:
    names = ("批次 Batch", "写成 Written (UTC)", "规则 Rules", "未通过 Not met")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "\n".join(_row_html(page) for page in pages)
    return f"<div class='framed'><table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>"


def _row_html(page: Page) -> str:
    link = f"{quote(table_of(page.dataset))}/{quote(page.batch)}.html"
    written = page.written[:16].replace("T", " ")
    unmet = f"<td class='text-danger'>{page.unmet}</td>" if page.unmet else "<td>0</td>"
    batch = f"<td><a href='{link}'>{html.escape(page.batch)}</a></td>"
    return f"<tr>{batch}<td>{written}</td><td>{page.rules}</td>{unmet}</tr>"
