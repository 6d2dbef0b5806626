"""The trigger form of an ingest DAG, in the language of the settings."""

from typing import Any

from airflow.sdk import Param

# Section (the form folds up all but the unnamed one), title, description; each in English and Chinese.
_FIELDS = {
    "file": (
        ("", ""),
        ("File", "文件"),
        (
            "A file on the server: absolute, or relative to the dataset's inbox. Empty: everything that waits in the inbox.",
            "服务器上的文件：绝对路径，或相对于本数据集收件箱的路径。留空：收件箱中的全部待办文件。",
        ),
    ),
    "period": (
        ("", ""),
        ("Period", "账期"),
        (
            "Only where the file does not tell it, e.g. 2026-03. Without a file: the period to ask the source for.",
            "仅当文件本身看不出账期时填写，如 2026-03。不填文件时：向数据源读取的账期。",
        ),
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
    schema = {"type": ["null", "string"], "title": title, "description_md": description}
    return {**schema, "section": section} if section else schema
