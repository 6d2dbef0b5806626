"""A contract as a page to read, in Chinese and English: what the DAG's documentation shows."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.contracts.model import Column, Contract, Period

_MODES = {
    "append": "追加 · every delivery is added",
    "upsert": "按主键更新 · the latest row of a key stands",
    "replace": "全量替换 · the latest delivery stands",
    "replace_period": "按账期替换 · the latest delivery of each period stands",
}
_UNITS = {"hour": "时 hour", "day": "日 day", "month": "月 month", "quarter": "季 quarter", "year": "年 year"}
_EVERY = {
    "min": "分钟",
    "h": "小时",
    "d": "天",
    "wd": "个工作日",
    "week": "周",
    "month": "月",
    "quarter": "季",
    "year": "年",
}
_MASKS = {"hmac": "假名 pseudonym", "scrub": "清洗 scrubbed", "drop": "不入库 not stored"}


def contract_page(contract: Contract, file: Path) -> str:
    """Return a sound contract as a page of Markdown."""
    head = [f"# {contract.title}", f"`{contract.id}` · {contract.version} · {contract.status} · `{file.as_posix()}`"]
    facts = "\n".join(f"- **{name}**: {text}" for name, text in _facts(contract) if text)
    table = "\n".join(["| 列 column | 名称 name | 类型 type | 规则 rules |", "|---|---|---|---|", *_rows(contract)])
    parts = [
        *head,
        contract.purpose,
        contract.limitations,
        facts,
        "## 列 Columns",
        table,
        *_checks(contract),
        _trigger(contract),
    ]
    return "\n\n".join(part for part in parts if part)


def broken_page(dataset: str, problems: tuple[str, ...]) -> str:
    """Return the page of a contract that cannot be used: its problems, as lint tells them."""
    lines = "\n".join(f"    {problem}" for problem in problems)
    advice = f"修改后运行 `rongtong lint {dataset}`。Mend it, then run `rongtong lint {dataset}`."
    return f"# {dataset}\n\n契约有误，未入库。The contract is broken; nothing is published.\n\n{lines}\n\n{advice}"


def _facts(contract: Contract) -> Iterator[tuple[str, str]]:
    yield "提供方 provider", contract.provider
    yield "责任人 owner", contract.owner
    yield "频率 frequency", _every(contract.frequency)
    yield "时限 due after", _every(contract.latency)
    yield "方式 mode", f"`{contract.ingest.mode}` {_MODES[contract.ingest.mode]}"
    yield "账期 period", _period(contract.ingest.period)
    yield "主键 key", ", ".join(f"`{name}`" for name in contract.key)
    yield "门限 threshold", f"{contract.max_invalid_pct:g} %"


def _every(promise: tuple[int, str] | None) -> str:
    return f"{promise[0]} {_EVERY[promise[1]]} ({promise[0]} {promise[1]})" if promise else ""


def _period(period: Period) -> str:
    if period.source == "none":
        return ""
    sources = {
        "file_name": f"文件名 from the file name `{period.pattern}`",
        "column": f"列 from column `{period.column}`",
        "parameter": "参数 given with the run",
    }
    return f"{_UNITS[period.unit]}, {sources[period.source]}"


def _rows(contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        kind = f"{column.type} {column.unit}".strip()
        cells = (f"`{column.name}`", column.title, kind, " · ".join(_rules(column)))
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _rules(column: Column) -> Iterator[str]:
    if column.key_position is not None:
        yield "主键 key"
    if column.required:
        yield "必填 required"
    if column.unique:
        yield "唯一 unique"
    yield from _bounds(column)
    if column.pattern:
        yield f"`{column.pattern}`"
    if column.enum:
        yield " / ".join(str(value) for value in column.enum)
    if column.code_list:
        yield f"代码表 {column.code_list}"
    if column.reference:
        yield f"→ {column.reference.table}.{column.reference.column}"
    if column.mask:
        yield _MASKS[column.mask]


def _bounds(column: Column) -> Iterator[str]:
    for sign, value in (
        ("≥", column.minimum),
        (">", column.exclusive_minimum),
        ("≤", column.maximum),
        ("<", column.exclusive_maximum),
        ("长 length ≥", column.min_length),
        ("长 length ≤", column.max_length),
        ("× ", column.multiple_of),
    ):
        if value is not None:
            yield f"{sign} {value}"


def _checks(contract: Contract) -> list[str]:
    rows = [f"- `{check.name}` {check.description} `{check.condition}`" for check in contract.row_checks]
    batches = [
        f"- `{check.name}` {check.description} {_band(check.minimum, check.maximum)}" for check in contract.batch_checks
    ]
    return ["## 检查 Checks", "\n".join([*rows, *batches])] if rows or batches else []


def _band(low: float | None, high: float | None) -> str:
    return f"{'…' if low is None else f'{low:,}'} – {'…' if high is None else f'{high:,}'}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _asked(contract: Contract) -> list[str]:
    sql = contract.ingest.sql
    source = f"sql://{sql.connection}/{sql.table or 'query'}" if sql else contract.ingest.source
    return [f"按计划读取数据源 · asks this source by its schedule: `{source}`"] if contract.ingest.is_pulled else []


def _trigger(contract: Contract) -> str:
    plan = f"；另按计划 `{contract.schedule}` 运行 · and by this schedule" if contract.schedule else ""
    inbox = contract.ingest.inbox or f"{contract.domain}/{contract.table}/*"
    lines = (
        "## 运行 Trigger",
        f"收件箱有新文件时运行 · runs when a file waits: `{inbox}`{plan}",
        *_asked(contract),
        "手工触发时可给 `file`、`period`、`replay` · a manual run takes `file`, `period`, `replay`.",
        f"```\nrongtong ingest {contract.id} --file FILE\n```",
    )
    return "\n\n".join(lines)
