"""What reading a delivery yields: a relation for SQL, the lines that could not be read, and an account of all lines."""

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.names import quoted

LINE, STRUCTURE = "_line", "_structure"
RESERVED = frozenset({LINE, STRUCTURE})


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be read: `line` is its first physical line; `offset` and `length` are bytes of the
    readable file; `reason` is a sentence without any delivered value; `lines` counts the non-blank lines it covers."""

    line: int
    offset: int
    length: int
    reason: str
    lines: int = 1


@dataclass(frozen=True)
class Reading:
    """A delivery as a relation: SQL to put after FROM, one column per heading, in `headings`' order, as delivered.

    An `exact` reading adds `_line` (BIGINT, the physical line, or row of the sheet, where the record begins) and `_structure`
    (VARCHAR: NULL, or why the record is rejected), so nothing is missing from the relation itself. `first_line` is
    the physical line of the first record. Empty text, quoted or not, is NULL.
    """

    relation: str
    headings: tuple[str, ...]
    types: dict[str, str]
    first_line: int
    exact: bool

    def rejects(self) -> list[Reject]:
        """Records left out of the relation, in the file's order; complete once the relation was scanned to its end."""
        return []

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        """Return how many delivered records or lines are missing when the relation gave `rows` rows: 0 is right.

        `newlines_inside` sums `line_breaks()` over those rows; it is called only when the rest does not add up.
        """
        raise NotImplementedError

    def exactly(self) -> "Reading":
        """The same delivery through the exact reader; call it outside the transaction that failed."""
        return self

    def notes(self) -> tuple[str, ...]:
        """Sentences on how the delivery was read that whoever publishes it should see; no value of it is in them."""
        return ()

    def close(self) -> None:
        """Drop what the reading left on the connection."""

    def line_breaks(self) -> str:
        """SQL: how many further non-blank physical lines the values of one row cover (a run of newlines is one)."""
        return " + ".join(_breaks(quoted(heading)) for heading in self.headings)


def _breaks(column: str) -> str:
    runs = f"len(regexp_extract_all({column}, '[\\r\\n]+'))"
    return f"(CASE WHEN contains({column}, chr(10)) OR contains({column}, chr(13)) THEN {runs} ELSE 0 END)"
