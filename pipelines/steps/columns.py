"""What a delivery's headings mean for the batch: missing, doubled and unknown columns (schema drift)."""

import re

from pipelines.contracts.model import Column, Contract
from pipelines.derive.mapping import Mapping, closest_heading
from pipelines.lake.connection import Connection
from pipelines.names import quoted
from pipelines.steps.checks import Result
from pipelines.wording import say


def heading_results(contract: Contract, mapping: Mapping, headings: tuple[str, ...]) -> list[Result]:
    """Return a failure for every required column no heading feeds and every column two headings feed; none can be conceded."""
    shown = tuple(_without_numbers(heading) for heading in headings) if contract.is_personal else headings
    results = [_missing(column, mapping, shown) for column in mapping.missing if column.required]
    for column, first, second in mapping.doubled:
        results.append(
            _failed(f"{column}.columns", (column,), say("doubled_column", first=first, second=second, column=column))
        )
    if contract.ingest.extra_columns == "refuse":
        results += [
            _failed(
                "batch.columns",
                (),
                say("unknown_column", heading=heading, filled="?", rows="?", closest=_closest(name)),
            )
            for heading, name in mapping.unknown.items()
        ]
    return results


def _missing(column: Column, mapping: Mapping, headings: tuple[str, ...]) -> Result:
    unknown = tuple(mapping.unknown)
    closest = _without_numbers(closest_heading(column, unknown) or (unknown[0] if len(unknown) == 1 else ""))
    title = column.title or column.name
    if closest:
        text = say("missing_column", column=column.name, title=title, closest=closest)
    else:
        text = say("missing_column_alone", column=column.name, title=title, headings="、".join(headings[:40]))
    return _failed(f"{column.name}.columns", (column.name,), text)


def _without_numbers(heading: str) -> str:
    """The heading with long numbers blanked: in a file without a header row, the first row's values stand there."""
    return re.sub(r"[0-9０-９]{7,}", "…", heading)


def _failed(rule: str, columns: tuple[str, ...], text: str) -> Result:
    return Result(rule, "columns", columns, "0102", "error", None, 1, 1, "fail", text, concedable=False)


def drift_results(con: Connection, mapping: Mapping, relation: str, rows: int) -> list[Result]:
    """Return a warning per unknown heading, with how many rows fill it and the closest column; reads the file once more if there is one."""
    if not mapping.unknown:
        return []
    counts = ", ".join(f"count(nullif(CAST({quoted(heading)} AS VARCHAR), ''))" for heading in mapping.unknown)
    found = con.execute(f"SELECT {counts} FROM {relation}").fetchone()
    filled = found or (0,) * len(mapping.unknown)
    return [
        Result(
            "batch.columns", "columns", (), "0102", "warning", None, rows, 1, "fail",
            say("unknown_column", heading=heading, filled=min(number, rows), rows=rows, closest=_closest(name)),
        )
        for (heading, name), number in zip(mapping.unknown.items(), filled, strict=True)
    ]  # fmt: skip


def _closest(name: str) -> str:
    return say("closest", name=name) if name else ""
