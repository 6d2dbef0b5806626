"""A contract as the cells of a data dictionary: what is written for signature, and what a signed copy is held against."""

from pipelines.contracts.model import Column
from pipelines.steps.dictionary.headings import HEADINGS
from pipelines.steps.dictionary.types import LABELS
from pipelines.wording import is_chinese, say

# In the order of the sheet; the width of each in characters.
WIDTHS = {
    "name": 24, "title": 20, "type": 10, "length": 8, "required": 8, "key": 8, "code_list": 28, "unit": 8, "personal": 8, "level": 8,
    "description": 48,
}  # fmt: skip
_ENGLISH = {
    "name": "field name", "title": "business name", "type": "type", "length": "length", "required": "required", "key": "primary key",
    "code_list": "code list", "unit": "unit", "personal": "sensitive", "level": "level", "description": "description",
}  # fmt: skip
SEPARATOR = "；"


def heading_of(key: str) -> str:
    """Return how a column of the dictionary is headed, in the language of the settings."""
    return HEADINGS[key][0] if is_chinese() else _ENGLISH[key]


def cells_of(column: Column) -> dict[str, str]:
    """Return what a dictionary says of a column, by what its cells mean."""
    return {
        "name": column.name,
        "title": column.title,
        "type": LABELS[column.type] if is_chinese() else column.type,
        "length": length_of(column),
        "required": _answer(column.required),
        "key": _answer(column.key_position is not None),
        "code_list": column.code_list or SEPARATOR.join(str(value) for value in column.enum),
        "unit": column.unit,
        "personal": _answer(column.personal),
        "level": str(column.level),
        "description": column.description,
    }


def length_of(column: Column) -> str:
    """Return how long a text may be, or the digits of a DECIMAL; '' where the contract says nothing."""
    if column.physical_type.startswith("DECIMAL("):
        return column.physical_type[8:-1].replace(" ", "")
    return "" if column.max_length is None else str(column.max_length)


def _answer(told: bool) -> str:
    return say("yes" if told else "no")
