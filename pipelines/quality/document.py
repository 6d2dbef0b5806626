"""A batch's page as HTML: Great Expectations renders the results, the page around them is ours.

Its own page calls fifteen files and a dated image from elsewhere, needs scripts, and prints sampled values unescaped,
so that a delivery could put a script on it.
"""

import copy
import html
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from great_expectations.render.components import RenderedContent, RenderedDocumentContent, RenderedTableContent
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from pipelines.quality.measure import Measured, Measurement
from pipelines.quality.pages import STATIC

# The renderer's name for the section of expectations about no single column.
_NO_COLUMN = "Table-Level Expectations"


class BatchPageView(DefaultJinjaPageView):
    """Great Expectations' sections inside our page; no script, no reference to anything outside the site."""

    _template = "batch_page.j2"

    def __init__(self) -> None:
        super().__init__(custom_views_directory=str(STATIC))


@cache
def _view() -> BatchPageView:
    """One view a process: its templates are compiled once."""
    return BatchPageView()


def page_html(measurement: Measurement, *, title: str, facts: Mapping[str, str], dataset: str, batch: str) -> str:
    """Return the page of a measured batch."""
    page: str = _view().render(  # type: ignore[no-untyped-call]
        _rendered(measurement),
        title=title,
        facts=dict(facts),
        dataset=dataset,
        batch=batch,
        total=len(measurement.results),
        unmet=[(result, _percent(result, measurement)) for result in measurement.results if not result.success],
        query=measurement.document.meta["batch_spec"]["query"],
    )
    return "\n".join(line.strip() for line in page.splitlines() if line.strip())


def _percent(result: Measured, measurement: Measurement) -> str:
    rows = result.element_count or measurement.rows
    return f"{100 * result.unexpected / rows:.3f}" if rows and result.unexpected is not None else ""


def _rendered(measurement: Measurement) -> RenderedDocumentContent:
    renderer = ValidationResultsPageRenderer(run_info_at_end=True)
    rendered: RenderedDocumentContent = renderer.render(copy.deepcopy(measurement.document))
    # The last section tells of a run as Great Expectations knows runs; ours is in the facts.
    rendered.sections = rendered.sections[:-1]
    # The first block is a heading with a link to a page that this site does not have.
    rendered.sections[0].content_blocks = rendered.sections[0].content_blocks[1:]
    rules = _rules_by_section(measurement)
    for section in rendered.sections:
        for block in section.content_blocks:
            _escape(block)
            _name_rules(block, rules.get(section.section_name, []))
    return rendered


def _rules_by_section(measurement: Measurement) -> dict[str, list[str]]:
    """The rules in the order in which the renderer gives them rows: by column, those without a column first."""
    rules: dict[str, list[str]] = defaultdict(list)
    for measured, result in zip(measurement.results, measurement.document.results, strict=True):
        kwargs = result.expectation_config.kwargs if result.expectation_config else {}
        rules[kwargs.get("column", _NO_COLUMN)].append(measured.rule)
    return rules


def _name_rules(block: Any, rules: list[str]) -> None:
    if isinstance(block, RenderedTableContent) and len(block.table) == len(rules) and block.header_row:
        block.header_row = [block.header_row[0], "Rule", *block.header_row[1:]]
        rows = zip(block.table, rules, strict=True)
        block.table = [[row[0], f"<code>{html.escape(rule)}</code>", *row[1:]] for row, rule in rows]


def _escape(part: Any) -> None:
    """Turn the plain cells of a table into escaped text, in place; what goes into a template is escaped there."""
    if isinstance(part, RenderedTableContent):
        part.table = [[_escaped(cell) for cell in row] for row in part.table]


def _escaped(cell: Any) -> Any:
    if isinstance(cell, RenderedContent):
        _escape(cell)
        return cell
    if isinstance(cell, list):
        return [_escaped(part) for part in cell]
    return html.escape(_text(cell))


def _text(value: Any) -> str:
    """A sampled value as people write it; a sample of several columns is a tuple or a mapping."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_text(part)}" for name, part in value.items())
    if isinstance(value, tuple):
        return ", ".join(_text(part) for part in value)
    return "" if value is None else str(value)
