"""What a task's log says about deliveries, in the language of the settings. Imports no Airflow."""

from collections.abc import Mapping
from typing import Any

from pipelines.wording import say

_NUMBERS = (
    "{delivered} delivered = {valid} valid + {quarantined} quarantined",
    "报送 {delivered} 行 = 合格 {valid} + 问题 {quarantined}",
)
_PLACE = ("{batch}, period {period}", "{batch}，账期 {period}")
_NOTHING = ("nothing waits in the inbox of {dataset}", "{dataset} 的收件箱中没有待办文件")


def line_of(outcome: Mapping[str, Any], lang: str) -> str:
    """Return a delivery's outcome (`Outcome.as_dict()`) in two lines, and its notes."""
    head = f"{say(outcome['verdict'])}: {outcome['file']}"
    if outcome["verdict"] == "already_published":
        return f"{head}\n  {outcome['message']}"
    return "\n".join([head, f"  {_place(outcome, lang)}: {_numbers(outcome, lang)}", *_indented(outcome["notes"])])


def report_of(outcome: Mapping[str, Any], lang: str, page: str) -> str:
    """Return all that is to be said of a refused delivery: why, how much, by which rules, examples, where to read on."""
    reasons = [f"{reason['rule']}: {reason['text']}" for reason in outcome["reasons"]]
    return "\n".join(
        [
            f"{say(outcome['verdict'])}: {outcome['file']} ({_place(outcome, lang)})",
            *_indented(outcome["message"].splitlines()),
            _numbers(outcome, lang),
            *_indented([*reasons, *outcome["examples"], *outcome["notes"]]),
            *([f"Data Docs: {page}"] if page else []),
        ]
    )


def nothing_waits(dataset: str, lang: str) -> str:
    """Return that there was nothing to do."""
    return _NOTHING[lang.startswith("zh")].format(dataset=dataset)


def _place(outcome: Mapping[str, Any], lang: str) -> str:
    batch, period = outcome["batch"] or "-", outcome["period"] or "-"
    return _PLACE[lang.startswith("zh")].format(batch=batch, period=period)


def _numbers(outcome: Mapping[str, Any], lang: str) -> str:
    return _NUMBERS[lang.startswith("zh")].format(**{n: outcome[n] for n in ("delivered", "valid", "quarantined")})


def _indented(lines: list[str] | tuple[str, ...]) -> list[str]:
    return [f"  {line}" for line in lines]
