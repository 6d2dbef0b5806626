"""What landing knows about the bytes of a delivery, and its form on disk (`meta.json` beside the bytes)."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.contracts.model import WORKBOOKS

META = "meta.json"
BINARY_FORMATS = WORKBOOKS | {"parquet"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts over the UTF-8 bytes that will be read, taken without any reader.

    A physical line ends with LF, CRLF or a lone CR (`lf` and `cr` are the bare ones); `blank` lines hold no byte.
    `inner` newlines have an odd number of quotes before them: they are inside a value, or a quote is out of place.
    `longest` is the bytes of the longest line. All zero for binary formats. `rare_blanks`: a tab, a no-break or an
    ideographic space is somewhere; nobody looked where it is true beside zeros. `escaped_nuls`: somewhere is the text
    `\\u0000`; nobody looked where `meta.json` does not tell.
    """

    lines: int = 0
    lf: int = 0
    crlf: int = 0
    cr: int = 0
    quotes: int = 0
    nuls: int = 0
    blank: int = 0
    ends_with_newline: bool = False
    inner: int = 0
    longest: int = 0
    rare_blanks: bool = True
    escaped_nuls: bool = True

    @property
    def newline_kinds(self) -> int:
        """How many kinds of newline the file mixes: 0 to 3."""
        return sum(1 for kind in (self.lf, self.crlf, self.cr) if kind)


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Byte sequences that are no text in the encoding, each read as one U+FFFD.

    `places` holds the first ones as (physical line, byte offset in the decompressed original), both as delivered.
    """

    total: int = 0
    places: tuple[tuple[int, int], ...] = ()


NO_COUNTS = Counts()
ALL_DECODED = Undecodable()


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the contract decided how the bytes were prepared; another answer needs preparing anew."""

    format: str
    encoding: str
    quote: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Landed:
    """A delivery that has arrived: its bytes under `folder`, and what is known of them.

    `file_name` is this delivery's, `stored_name` the original's in the folder. `text_name` names the UTF-8 text made
    of it (empty: the original is read as it is). `bom` is how many bytes of the readable file come before the text.
    `encoding` is the original's, empty for binary formats; not `encoding_sure`: found by likelihood alone.
    """

    table: str
    sha256: str
    size: int
    file_name: str
    folder: Path
    stored_name: str
    text_name: str
    asked: Asked
    encoding: str
    encoding_sure: bool
    compressed: bool
    bom: int
    counts: Counts
    undecodable: Undecodable
    notes: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The original bytes, read-only."""
        return self.folder / self.stored_name

    @property
    def readable(self) -> Path:
        """The file that readers open: the original, or the UTF-8 (or decompressed) file made of it."""
        return self.folder / (self.text_name or self.stored_name)

    def named(self, file_name: str) -> "Landed":
        """The same bytes as delivered under another file name."""
        return replace(self, file_name=file_name)


def to_json(landed: Landed) -> str:
    """Return the text of `meta.json`; it holds no absolute path, so a landing folder can be moved."""
    content = asdict(landed)
    del content["folder"]
    return json.dumps(content, ensure_ascii=False, indent=1)


def from_json(text: str, folder: Path) -> Landed:
    """Return the delivery that `to_json` described, as it lies in `folder` now."""
    content: dict[str, Any] = json.loads(text)
    return Landed(
        **content
        | {
            "folder": folder,
            "asked": Asked(**content["asked"]),
            "counts": Counts(**content["counts"]),
            "undecodable": Undecodable(
                content["undecodable"]["total"], tuple((line, at) for line, at in content["undecodable"]["places"])
            ),
            "notes": tuple(content["notes"]),
        }
    )
