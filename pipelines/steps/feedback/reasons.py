"""Why a row was not taken, in words for the people who made the file."""

import re
from collections.abc import Mapping

from pipelines.contracts.model import CodeList, Column, Contract
from pipelines.derive.rules import Rule, bare_pattern
from pipelines.steps.locate import Place
from pipelines.wording import kind_text, say, told

_FEW = 12
_SHOWN_CODES = 5
_WIDTH = re.compile(r"(\d+) fields? where (\d+) are expected")


def reason(
    contract: Contract,
    rule: Rule | None,
    place: Place,
    lists: Mapping[str, CodeList],
    called: Mapping[str, str],
) -> str:
    """Return a sentence that names the column by its heading and says what is wrong and what would be right.

    `called` are the headings of the file by column name.
    """
    rule_id, raw = place.rule, place.raw
    kind = rule.kind if rule else rule_id.rpartition(".")[2]
    if kind == "structure":
        return _structure(raw or "")
    if rule is None or not rule.columns:
        return _of_the_row(rule, kind)
    columns = [contract.column(name) for name in rule.columns]
    title = "、".join(called.get(column.name) or column.title or column.name for column in columns)
    allowed = _allowed(columns[0], kind, lists) if len(columns) == 1 else ""
    broken = say("wrong_cell", column=title, broken=kind_text(kind))
    return say("wrong_and_right", broken=broken, allowed=allowed) if allowed else broken


def _structure(raw: str) -> str:
    width = _WIDTH.search(raw)
    detail = say("width", found=width[1], wanted=width[2]) if width else ""
    return told(kind_text("structure"), detail)


def _of_the_row(rule: Rule | None, kind: str) -> str:
    try:
        broken = kind_text(kind)
    except KeyError:
        broken = kind_text("row")
    return told(broken, rule.description if rule else "")


def _allowed(column: Column, kind: str, lists: Mapping[str, CodeList]) -> str:
    """What would be right, as far as the contract can tell it."""
    match kind:
        case "type":
            return say(f"should_be_{column.type}")
        case "range":
            return _bounds(column)
        case "length":
            return _length(column)
        case "enum":
            values = "、".join(str(value) for value in column.enum[:_FEW])
            return say("one_of", values=f"{values}{'…' if len(column.enum) > _FEW else ''}")
        case "code_list":
            return _codes(lists.get(column.code_list), column.code_list)
        case "pattern":
            return say("should_match", pattern=bare_pattern(column.pattern))
        case "multiple_of":
            return say("multiple", number=f"{column.multiple_of:g}")
        case _:
            return ""


def _bounds(column: Column) -> str:
    low, high = column.minimum, column.maximum
    parts = [f"≥ {low}"] if low is not None else []
    parts += [f"> {column.exclusive_minimum}"] if column.exclusive_minimum is not None else []
    parts += [f"≤ {high}"] if high is not None else []
    parts += [f"< {column.exclusive_maximum}"] if column.exclusive_maximum is not None else []
    return say("should_be", what=", ".join(parts))


def _length(column: Column) -> str:
    low, high = column.min_length, column.max_length
    span = f"{low}" if low == high else f"{low or 0}–{high if high is not None else '∞'}"
    return say("characters", span=span)


def _codes(codes: CodeList | None, name: str) -> str:
    valid = [f"{code} {label}" for code, label, _, ends in (codes.rows if codes else ()) if not ends]
    examples = "、".join(valid[:_SHOWN_CODES])
    return say("codes_like", name=name, examples=examples)
