"""What the XML of a sheet tells and its reader does not: rows that hold something, hidden rows, errors, and how wide it is.

It looks at the text of the XML, not at a tree of it: the count of a delivery's rows that no reader can spoil.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

NOT_CALCULATED = "#NOT-CALCULATED!"
_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FILLED = re.compile(rb"<(?:\w+:)?[vt](?:\s[^>]*)?>[^<]")
_CELL = re.compile(rb"<(?:\w+:)?c\b((?:[^>/]|/(?!>))*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_WIDE = re.compile(rb' r="[A-Z]{2}')
_KEPT = 1000
_TAG = 300
# What asks for a closer look, each with a letter of it that is quickly looked for.
_SIGNS = ((b"h", b'hidden="'), (b"e", b't="e"'), (b"f", b"<f"))
_NARROW = 26


@dataclass(slots=True)
class SheetFacts:
    """`filled` rows hold a value, the first of them with their numbers in `first`; `hidden` are the numbers of hidden
    rows, `hidden_filled` counts those that hold a value; `marks` are cells (row, column, from 1) the reader shows as blank:
    errors, and formulas that nobody calculated. `at` is the row looked at last."""

    filled: int = 0
    first: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    hidden_filled: int = 0
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    last_row: int = 0
    width: int = 0
    at: int = 0
    blank: frozenset[bytes] = frozenset()
    closely: bool = False

    @property
    def cells(self) -> int:
        """Cells of the used area, counted generously."""
        return self.last_row * max(self.width, 1)


def survey(pieces: Iterable[bytes], blank: frozenset[bytes] = frozenset(), *, closely: bool = False) -> SheetFacts:
    """Return the facts of a sheet's XML, given in pieces that may end anywhere; `blank` are shared texts that hold none.

    Beyond the first rows every row element counts as filled; `closely` looks whether it is. The first is never less.
    """
    facts = SheetFacts(blank=blank, closely=closely)
    for block, end, ending in _whole_rows(pieces):
        _take(block, end, ending, facts)
    return facts


def column_number(letters: bytes) -> int:
    """Return the number of a column, from 1.

    >>> column_number(b"A"), column_number(b"AA"), column_number(b"XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _whole_rows(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int, bytes]]:
    """Blocks, each with where its last whole row ends, and how a row ends there: tags may have a prefix."""
    held, ending = b"", b""
    for piece in pieces:
        data = held + piece
        if not ending and (found := _PREFIX.search(data)):
            ending = b"</" + (found[1] or b"") + b"row>"
        cut = data.rfind(ending) + len(ending) if ending and ending in data else 0
        if cut:
            yield data, cut, ending
        held = data[cut:]
    if held:
        yield held, len(held), ending or b"</row>"


def _take(block: bytes, end: int, ending: bytes, facts: SheetFacts) -> None:
    _measure(block, end, facts)
    closely = facts.closely or facts.blank or ending != b"</row>" or len(facts.first) < _KEPT
    if closely or any(letter in block and sign in block for letter, sign in _SIGNS):
        _look_closely(block[:end].split(ending), facts)
    else:
        facts.at = facts.last_row
        facts.filled += block.count(ending)


def _look_closely(rows: list[bytes], facts: SheetFacts) -> None:
    for row in rows:
        starts = _ROW.findall(row)
        if not starts:
            continue
        told = _NUMBER.search(starts[-1])  # rows before the last one in a piece closed themselves: they are empty
        facts.at = int(told[1]) if told else facts.at + len(starts)
        is_filled = _FILLED.search(row) is not None and not (facts.blank and _is_blank(row, facts.blank))
        facts.filled += is_filled
        if is_filled and len(facts.first) < _KEPT:
            facts.first.append(facts.at)
        if _HIDDEN.search(starts[-1]):
            facts.hidden.append(facts.at)
            facts.hidden_filled += is_filled
        if b't="e"' in row or b"<f" in row or b":f" in row:
            _mark(row, facts.at, facts)


def _is_blank(row: bytes, blank: frozenset[bytes]) -> bool:
    """Whether all values of a row are shared texts that hold nothing."""
    for cell in _CELL.finditer(row):
        value = _VALUE.search(cell[2])
        shared = b't="s"' in cell[1] and value is not None and value[1] in blank
        if not shared and _FILLED.search(cell[2]):
            return False
    return True


def _mark(row: bytes, number: int, facts: SheetFacts) -> None:
    for place, cell in enumerate(_CELL.finditer(row), 1):
        attributes, content = cell[1], cell[2]
        value = _VALUE.search(content)
        reference = _REFERENCE.search(attributes)
        column = column_number(reference[1]) if reference else place
        if b't="e"' in attributes:
            facts.marks[number, column] = value[1].decode("utf-8", "replace") if value and value[1] else "#ERROR!"
        elif (b"<f" in content or b":f" in content) and b't="str"' not in attributes and not (value and value[1]):
            facts.marks[number, column] = NOT_CALCULATED


def _measure(block: bytes, end: int, facts: SheetFacts) -> None:
    """How far the used area reaches: exactly where it is wide, by its last row and 26 columns where it is not."""
    if _WIDE.search(block):
        for letters, digits in set(_REFERENCE.findall(block)):
            facts.width = max(facts.width, column_number(letters))
            facts.last_row = max(facts.last_row, int(digits))
        return
    facts.width = max(facts.width, _NARROW)
    last = block.rfind(b"row ", 0, end)
    told = _NUMBER.search(block, last, last + _TAG) if last >= 0 else None
    facts.last_row = max(facts.last_row, int(told[1])) if told else facts.last_row + block.count(b"row>", 0, end)
