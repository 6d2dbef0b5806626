"""The trigger form of an ingest DAG, in the language of the settings, and what its answers mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from airflow.sdk import Param

from pipelines.errors import UsageError
from pipelines.names import domain_of, table_of
from pipelines.settings import Settings

# name, section, title, description: English and Chinese
_FIELDS = {
    "file": (
        ("What to publish", "要发布什么"),
        ("File", "文件"),
        (
            "A file on the server: absolute, or relative to the dataset's inbox. Empty: everything that waits in the inbox.",
            "服务器上的文件：绝对路径，或相对于本数据集收件箱的路径。留空：收件箱中的全部待办文件。",
        ),
    ),
    "period": (
        ("What to publish", "要发布什么"),
        ("Period", "账期"),
        ("Only where the file does not tell it, e.g. 2026-03.", "仅当文件本身看不出账期时填写，如 2026-03。"),
    ),
    "replay": (
        ("Publish again from landing", "从落地区重新发布"),
        ("Replay", "重放"),
        (
            "A batch id, or `all`: reads the kept bytes again under today's contract. Leave the file empty.",
            "批次号，或 `all`：按当前契约重新读取已保存的原始文件。此时“文件”留空。",
        ),
    ),
    "accept": (
        ("Publish beyond the threshold", "超过阈值仍要发布（让步）"),
        ("Reason", "理由"),
        (
            "Publishes the valid rows of a file that would be refused; the reason stays in the ledger. Needs a file.",
            "把本应退回的文件中合格的行发布出去；理由记入台账。须填写“文件”。",
        ),
    ),
    "by": (
        ("Publish beyond the threshold", "超过阈值仍要发布（让步）"),
        ("Who decides", "决定人"),
        ("The person who answers for it.", "对此负责的人。"),
    ),
}


def form(lang: str) -> dict[str, Param]:
    """The parameters of an ingest DAG; every one may be left empty."""
    return {name: Param(None, **_schema(field, lang)) for name, field in _FIELDS.items()}


def _schema(field: tuple[tuple[str, str], tuple[str, str], tuple[str, str]], lang: str) -> dict[str, Any]:
    section, title, description = (texts[lang.startswith("zh")] for texts in field)
    return {"type": ["null", "string"], "section": section, "title": title, "description_md": description}


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to publish; all empty: everything that waits."""

    file: str = ""
    period: str = ""
    replay: str = ""
    accept: str = ""
    by: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """The order a form or a REST call gives; UsageError when its parts contradict each other."""
        order = cls(**{name: str(params.get(name) or "").strip() for name in _FIELDS})
        if order.replay and (order.file or order.period or order.accept):
            raise UsageError(
                "`replay` stands alone: it reads a file that landed before. Hint: leave file, period and reason empty."
            )
        if (order.period or order.accept) and not order.file:
            raise UsageError("a period or a reason belongs to one file. Hint: fill in `file`.")
        if bool(order.accept) != bool(order.by):
            raise UsageError("a concession needs a reason and a name. Hint: fill in both `accept` and `by`.")
        return order

    def path(self, settings: Settings, dataset: str) -> Path:
        """The file meant: absolute, in the dataset's inbox, in the inbox, or in the city; UsageError when it is in none."""
        inbox = settings.inbox / domain_of(dataset) / table_of(dataset)
        places = [folder / Path(self.file).expanduser() for folder in (inbox, settings.inbox, settings.city)]
        for place in places:
            if place.is_file():
                return place
        looked = ", ".join(dict.fromkeys(str(place) for place in places))
        raise UsageError(f"there is no file '{self.file}'. Looked for: {looked}")
