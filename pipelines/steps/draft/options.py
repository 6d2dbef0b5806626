"""What a person says when a contract is drafted, and what comes back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.contracts.model import Mode, Period, Unit
from pipelines.errors import UsageError

MODES: tuple[Mode, ...] = ("append", "upsert", "replace", "replace_period")
SOURCES = ("file_name", "parameter")
UNITS: tuple[Unit, ...] = ("hour", "day", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """Decisions a person has made; what is left empty is inferred, and marked TODO where inference cannot decide.

    `key`: columns by name or heading; ("none",): there is none. `period`: COLUMN:UNIT, file_name:UNIT, parameter:UNIT
    or none. `personal`: None means undecided, () that no column is. `dictionary`: a CSV file or workbook of
    字段名, 中文名, 类型, 长度, 必填, 代码表, … `encoding` and `crs` override what is detected.
    """

    key: tuple[str, ...] = ()
    period: str = ""
    mode: str = ""
    provider: str = ""
    personal: tuple[str, ...] | None = None
    dictionary: Path | None = None
    encoding: str = ""
    crs: str = ""
    force: bool = False

    def __post_init__(self) -> None:
        if self.mode and self.mode not in MODES:
            raise UsageError(f"[mode] '{self.mode}' is no mode. Hint: one of {', '.join(MODES)}.")
        if self.period != "none" and self.period:
            told_period(self.period)
        if self.mode == "replace_period" and self.period == "none":
            raise UsageError("[mode] replace_period needs a period. Hint: --period COLUMN:UNIT or file_name:UNIT.")
        if self.mode == "upsert" and self.key == ("none",):
            raise UsageError("[mode] upsert needs a key. Hint: --key COLUMN[,COLUMN].")

    @property
    def columns_named(self) -> tuple[str, ...]:
        """Every word by which the options speak of a column."""
        source = self.period.rpartition(":")[0]
        words = (*self.key, *(() if source in ("", *SOURCES) else (source,)), *(self.personal or ()))
        return tuple(word for word in words if word != "none")


@dataclass(frozen=True, slots=True)
class Inference:
    """One thing that was found in the file: about what, what, and on which evidence."""

    subject: str
    found: str
    evidence: str


@dataclass(frozen=True, slots=True)
class DraftResult:
    """The contract that was written: `todos` are what a person must still decide, none of them in an active contract.

    `notes` are what else a person should know: how file and dictionary differ.
    """

    path: Path
    text: str
    status: Literal["draft", "active"]
    todos: tuple[str, ...]
    inferred: tuple[Inference, ...]
    notes: tuple[str, ...] = ()
    rows: int = 0
    columns: int = 0


def told_period(text: str) -> tuple[str, Unit]:
    """Return source (a column, file_name or parameter) and unit of `--period SOURCE:UNIT`; UsageError otherwise."""
    source, _, unit = text.rpartition(":")
    for known in UNITS:
        if source and unit == known:
            return source, known
    raise UsageError(
        f"[period] '{text}' is no period. Hint: none, or COLUMN:UNIT, file_name:UNIT, parameter:UNIT "
        f"with a unit of {', '.join(UNITS)}."
    )


NO_PERIOD = Period()
