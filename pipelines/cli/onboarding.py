"""Verbs of who describes a dataset: new, lint, diff, check."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.output import print_json, print_outcome, print_table, stdout, working
from pipelines.cli.receiving import Dataset, Json
from pipelines.cli.words import word
from pipelines.contracts.catalog import find_contract
from pipelines.errors import UsageError
from pipelines.settings import settings

if TYPE_CHECKING:
    from pipelines.steps.draft.folder import Row
    from pipelines.steps.draft.options import DraftOptions


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    for verb in (new, lint, diff, check):
        app.command()(verb)


def new(
    dataset: Annotated[str | None, typer.Argument(help="id of the new dataset: domain.table", metavar="[ID]")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="a delivery of it")] = None,
    folder: Annotated[
        Path | None, typer.Option("--from-folder", help="a folder of files: a contract for each dataset in it")
    ] = None,
    domain: Annotated[str, typer.Option(help="the domain of a folder's datasets")] = "",
    key: Annotated[str, typer.Option(help="key columns, comma-separated")] = "",
    period: Annotated[str, typer.Option(help="where the period comes from: COLUMN:UNIT, file_name:UNIT or none")] = "",
    mode: Annotated[str, typer.Option(help="append, upsert, replace or replace_period")] = "",
    provider: Annotated[str, typer.Option(help="the department that delivers it")] = "",
    personal: Annotated[str | None, typer.Option(help="personal columns, comma-separated; '' for none")] = None,
    dictionary: Annotated[
        Path | None, typer.Option(help="the department's data dictionary: CSV or workbook of 字段名, 中文名, 类型, …")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="overwrite an existing contract")] = False,
    json: Json = False,
) -> None:
    """Draft a contract from a file: a draft while a person must still decide something, active when the options answer it."""
    from pipelines.steps.draft.options import DraftOptions

    options = DraftOptions(
        key=_names(key),
        period=period,
        mode=mode,
        provider=provider,
        personal=None if personal is None else _names(personal),
        dictionary=dictionary,
        force=force,
    )
    if folder is not None:
        if dataset or source or force or options.columns_named:
            raise UsageError(
                "[from-folder] ID, --from, --key, --personal and --force belong to one file. Hint: leave them out."
            )
        _new_from_folder(folder, domain, options, json)
    elif dataset is None or source is None:
        raise UsageError(
            "[from] a new dataset needs an id and a file. Hint: rongtong new ID --from FILE, or --from-folder DIR."
        )
    else:
        _new_from_file(dataset, source, options, json)


def _new_from_file(dataset: str, source: Path, options: "DraftOptions", as_json: bool) -> None:
    from pipelines.steps.draft.drafting import draft

    with working(f"{source} …"):
        result = draft(settings(), dataset, source, options)
    if as_json:
        told = {"path": str(result.path), "status": result.status, "todos": result.todos, "notes": result.notes}
        print_json(told)
        return
    stdout.print(f"{result.path}  ({result.status})", markup=False)
    for todo in result.todos:
        stdout.print(f"  TODO {todo}", markup=False, style="yellow")
    for note in result.notes:
        stdout.print(f"  ! {note}", markup=False, style="dim")
    table = dataset.rpartition(".")[2]
    stdout.print(word("next", dataset=dataset, source=source, table=table), markup=False)


def _new_from_folder(folder: Path, domain: str, options: "DraftOptions", as_json: bool) -> None:
    from pipelines.steps.draft.folder import draft_folder

    with working(f"{folder} …"):
        rows = draft_folder(settings(), folder, domain, options)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        print_table([_short(row) for row in rows])
        counts = Counter(row.status for row in rows)
        stdout.print("; ".join(f"{status} {count}" for status, count in counts.items()))
    if any(row.status == "failed" for row in rows):
        raise typer.Exit(1)


def _short(row: "Row") -> dict[str, Any]:
    files = row.files[-1] if len(row.files) == 1 else f"{row.files[-1]} (+{len(row.files) - 1})"
    return {
        "dataset": row.dataset, "file": files, "format": row.format, "columns": row.columns, "rows": row.rows, "status": row.status,
        "TODO": len(row.todos), "why": row.why.replace("\n", " "),
    }  # fmt: skip


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def lint(
    datasets: Annotated[list[str] | None, typer.Argument(help="datasets; without them, all", metavar="[ID]...")] = None,
    json: Json = False,
) -> None:
    """Check contracts and models: all problems at once, each with file, line, rule and hint."""
    from pipelines.contracts.chinese.telling import in_language, told
    from pipelines.contracts.lint import lint as lint_now
    from pipelines.contracts.models import all_models, city_models
    from pipelines.contracts.survey import survey
    from pipelines.lake.binding import binding_problems
    from pipelines.lake.calendar import calendar_problems
    from pipelines.steps.versions import published_contracts

    problems = lint_now(settings(), datasets or (), published_contracts(settings()))
    problems += [] if datasets else calendar_problems(settings())
    if not problems:  # only what is sound by itself can be bound
        named = [member.contract for member in survey(settings()).members] + all_models(settings())
        asked = [
            contract
            for contract in named
            if not datasets or {contract.id, contract.table, f"{contract.layer}.{contract.table}"} & set(datasets)
        ]
        problems = binding_problems(settings(), asked)
    if json:
        print_json(
            [
                {"file": p.file, "line": p.line, "rule": p.rule, "message": p.message, "hint": p.hint}
                for p in map(in_language, problems)
            ]
        )
    else:
        for problem in problems:
            stdout.print(told(problem), markup=False)
        stdout.print(word("problems", count=len(problems)) if problems else "ok")
        for name, lacks in () if problems or datasets else city_models(settings()).left_out:
            stdout.print(word("left_out", model=name, lacks=", ".join(lacks)), markup=False, style="dim")
    if problems:
        raise typer.Exit(1)


def diff(dataset: Dataset, json: Json = False) -> None:
    """Show what changed since the contract was last published, and whether it is compatible."""
    from pipelines.contracts.diff import diff as diff_now
    from pipelines.steps.versions import published_contracts

    contract = find_contract(settings(), dataset)
    published = published_contracts(settings()).get(contract.id)
    changes = diff_now(published, contract) if published else []
    if json:
        print_json([{"kind": c.kind, "subject": c.subject, "breaking": c.breaking, "text": c.text} for c in changes])
    elif published is None:
        stdout.print(word("never_published", dataset=contract.id))
    else:
        for change in changes:
            stdout.print(
                f"{'BREAKING' if change.breaking else 'ok      '}  {change.text}",
                markup=False,
                style="red" if change.breaking else "",
            )
        stdout.print(word("changes", old=published.version, new=contract.version, count=len(changes)))
    if any(change.breaking for change in changes):
        raise typer.Exit(1)


def check(
    dataset: Dataset,
    file: Annotated[Path, typer.Argument(help="the file to try")],
    period: Annotated[str | None, typer.Option(help="the period, where the file does not tell it")] = None,
    full: Annotated[bool, typer.Option("--full", help="let Great Expectations count too, as publishing does")] = False,
    out: Annotated[Path | None, typer.Option(help="workbook to write: the wrong rows, each with its reason")] = None,
    json: Json = False,
) -> None:
    """Try a file: the verdict it would get, with nothing published and nothing kept."""
    from pipelines.steps.check import check as check_now
    from pipelines.steps.feedback.feedback import check_report

    contract = find_contract(settings(), dataset)
    with working(f"{file} …"):
        if out is None:
            outcome = check_now(settings(), contract, file, period=period, full=full)
        else:
            outcome = check_report(settings(), contract, file, out, period=period, full=full)
    print_json(outcome.as_dict()) if json else print_outcome(outcome, tried=True)
    if outcome.verdict == "refused":
        raise typer.Exit(1)
