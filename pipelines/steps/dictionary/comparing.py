"""A signed dictionary held against a contract: what may be taken over, and what contradicts it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.contracts.editing import Edit
from pipelines.contracts.hints import closest
from pipelines.contracts.model import Column, Contract
from pipelines.contracts.places import PROPERTY
from pipelines.errors import Problem
from pipelines.steps.dictionary.describing import cells_of, length_of
from pipelines.steps.dictionary.entries import Entry
from pipelines.steps.dictionary.reading import Table
from pipelines.steps.dictionary.writing import short_digest
from pipelines.wording import say

_ABOUT = {"dataset": ("数据集", "dataset"), "version": ("版本", "version"), "digest": ("摘要", "digest")}
_TEXTS = {"title": ("businessName",), "description": ("description",), "unit": (PROPERTY, "unit")}


@dataclass(frozen=True, slots=True)
class Compared:
    """What a signed table makes of a contract: edits that fit it, contradictions, and the edits to be made for those accepted.

    A contradiction without edits can be accepted only in so far as the contract stays as it is.
    """

    edits: tuple[Edit, ...]
    contradictions: tuple[Problem, ...]
    accepted: tuple[Edit, ...]


def about(table: Table, what: str) -> str:
    """Return what stands above a table's headings beside dataset, version or digest, '' when nothing."""
    return next((table.about[label] for label in _ABOUT[what] if label in table.about), "")


class Comparison:
    """Compares one table with one contract; `raw` are the contract's columns as its file has them, by name."""

    def __init__(self, contract: Contract, raw: Mapping[str, Mapping[str, Any]], table: Table, file: str) -> None:
        self.contract, self.raw, self.table, self.file = contract, raw, table, file
        self.edits: list[Edit] = []
        self.contradictions: list[Problem] = []
        self.accepted: list[Edit] = []

    def compared(self) -> Compared:
        """Return everything in which the table differs from the contract."""
        entries = {entry.name: entry for entry in self.table.entries}
        known = [column.name for column in self.contract.columns]
        for name, entry in entries.items():
            if name not in known:
                self._tell(entry, "signed_unknown", column=name or entry.title, closest=closest(name, known) or "-")
        for column in self.contract.columns:
            if column.name in entries:
                self._column(column, entries[column.name])
            else:
                self._tell(None, "signed_missing", column=column.name, title=column.title)
        self._whole()
        return Compared(tuple(self.edits), tuple(self.contradictions), tuple(self.accepted))

    def _tell(self, entry: Entry | None, key: str, **values: object) -> None:
        self.contradictions.append(Problem(self.file, entry.row if entry else None, "signed", say(key, **values)))

    def _whole(self) -> None:
        """Another version was signed, or another content of it; a copy that says nothing else than the contract has no other content."""
        for what, ours in (("version", self.contract.version), ("digest", short_digest(self.contract))):
            theirs = about(self.table, what)
            if theirs != ours and (what == "version" or self.edits or self.contradictions):
                self._tell(None, "signed_other", what=say(what), signed=theirs or "-", here=ours)

    def _column(self, column: Column, entry: Entry) -> None:
        told, here = dict(entry.written), cells_of(column)
        for key, place in _TEXTS.items():
            if key in told and told[key].split() != here[key].split():
                self.edits.append(Edit(column.name, place, told[key] or None))
        self._type(column, entry)
        if "required" in told and self._is_answered(entry, "required") and entry.required != column.required:
            self.edits.append(Edit(column.name, ("required",), entry.required or None))
        if "key" in told and self._is_answered(entry, "key") and entry.key != (column.key_position is not None):
            self._tell(entry, "signed_key", column=column.name)
        if "length" in told and told["length"].replace(" ", "") != length_of(column):
            self._length(column, entry)
        if "code_list" in told and told["code_list"] != here["code_list"]:
            self.edits.extend(self._codes(column, entry))
        if "level" in told and entry.level is not None and entry.level != column.level:
            self.edits.append(Edit(column.name, ("classification",), str(entry.level)))
        if "personal" in told and self._is_answered(entry, "personal") and entry.personal != column.personal:
            self._personal(column, entry)

    def _is_answered(self, entry: Entry, key: str) -> bool:
        answer = getattr(entry, key)
        if answer is None:
            self._tell(entry, "signed_answer", column=entry.called, heading=say(key), text=dict(entry.written)[key])
        return answer is not None

    def _type(self, column: Column, entry: Entry) -> None:
        written = dict(entry.written).get("type", "")
        if "type" not in dict(entry.written) or entry.type == column.type:
            return
        self._tell(entry, "signed_type", column=column.name, signed=written or "-", here=cells_of(column)["type"])
        if entry.type is not None:
            self.accepted.append(Edit(column.name, ("logicalType",), entry.type))

    def _length(self, column: Column, entry: Entry) -> None:
        written = dict(entry.written)["length"]
        if column.type != "string" or column.physical_type or (written and not written.isdigit()):
            self._tell(entry, "signed_length", column=column.name, signed=written or "-", here=length_of(column) or "-")
            return
        self.edits.append(Edit(column.name, ("logicalTypeOptions", "maxLength"), int(written) if written else None))

    def _codes(self, column: Column, entry: Entry) -> Iterator[Edit]:
        written = dict(entry.written)["code_list"]
        if written and not entry.code_list and not entry.values:
            self._tell(entry, "signed_codes", column=column.name, text=written[:60])
            return
        known = {str(item["value"]): item for item in self.raw[column.name].get("enum", [])}
        whole = column.type == "integer" and all(code.lstrip("-").isdigit() for code, _ in entry.values)
        values = [known.get(code, {"value": int(code) if whole else code}) for code, _ in entry.values]
        if column.code_list or entry.code_list:
            yield Edit(column.name, (PROPERTY, "codeList"), entry.code_list or None)
        if column.enum or values:
            yield Edit(column.name, ("enum",), values or None)

    def _personal(self, column: Column, entry: Entry) -> None:
        self._tell(entry, "signed_personal", column=column.name, signed=dict(entry.written)["personal"])
        if entry.personal:
            self.accepted += [
                Edit(column.name, (PROPERTY, "personal"), True),
                Edit(column.name, (PROPERTY, "mask"), "hmac"),
                Edit(column.name, ("classification",), str(max(3, column.level, entry.level or 1))),
            ]
