"""GeoJSON: a FeatureCollection, read whole under a declared bound; one row per feature."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.contracts.model import Contract
from pipelines.errors import SourceError
from pipelines.settings import settings
from pipelines.sources.faults import refusal
from pipelines.sources.features import GEOMETRY, SURPLUS, Document, Feature, feature_at, survey
from pipelines.sources.landed import Landed
from pipelines.sources.relation import LINE, RESERVED, STRUCTURE, Reading

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_BATCH_CHARS = 4 << 20
_CUT_OFF = re.compile(r"[\w.+-]*\s*")  # nothing left, or the start of a number or a word


@dataclass(frozen=True, slots=True)
class _Rows:
    """The features as Arrow batches; whoever asks gets a fresh scan of the document."""

    path: Path
    bom: int
    headings: tuple[str, ...]
    starts: tuple[int, ...]

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        reader = pa.RecordBatchReader.from_batches(self._schema(), self._batches())
        return reader.__arrow_c_stream__(requested_schema)

    def _schema(self) -> pa.Schema:
        texts = [(heading, pa.string()) for heading in self.headings]
        return pa.schema([*texts, (LINE, pa.int64()), (STRUCTURE, pa.string())])

    def _batches(self) -> Iterator[pa.RecordBatch]:
        text = _text(self.path, self.bom)
        line, at, begin = 1, 0, 0
        features: list[Feature] = []
        lines: list[int] = []
        for start in self.starts:
            line, at = line + text.count("\n", at, start), start
            features.append(feature_at(text, start))
            lines.append(line)
            if features[-1].end - begin > _BATCH_CHARS:
                yield self._batch(features, lines)
                features, lines, begin = [], [], features[-1].end
        if features:
            yield self._batch(features, lines)

    def _batch(self, features: list[Feature], lines: list[int]) -> pa.RecordBatch:
        columns = [pa.array([feature.values.get(h) for feature in features], pa.string()) for h in self.headings]
        problems = pa.array([feature.problem for feature in features], pa.string())
        return pa.RecordBatch.from_arrays([*columns, pa.array(lines, pa.int64()), problems], schema=self._schema())


@dataclass(frozen=True)
class _GeoJson(Reading):
    """A document as a view over its rows. A feature that is wrong keeps its properties, but has no geometry."""

    con: "Connection"
    features: int

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return self.features - rows

    def close(self) -> None:
        self.con.unregister(self.relation)


def open_geojson(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of a landed GeoJSON document, `geometry` being a heading like its properties."""
    document, line = _surveyed(landed)
    headings = _headings(document, landed)
    rows = _Rows(landed.readable, landed.bom, headings, tuple(document.starts or ()))
    view = f"features_{uuid.uuid4().hex}"
    con.register(view, rows)
    return _GeoJson(
        relation=view,
        headings=headings,
        types=dict.fromkeys(headings, "VARCHAR"),
        first_line=line,
        exact=True,
        con=con,
        features=len(rows.starts),
    )


def _surveyed(landed: Landed) -> tuple[Document, int]:
    limit = settings().max_document_mb
    if landed.readable.stat().st_size > limit << 20:
        hint = "split the document, or raise RONGTONG_MAX_DOCUMENT (MB)"
        raise refusal(landed.file_name, "document-size", f"a GeoJSON document may have {limit} MB.", hint)
    text = _text(landed.readable, landed.bom)
    try:
        document = survey(text) if text.lstrip().startswith("{") else Document()
    except json.JSONDecodeError as error:
        raise _not_json(landed, error, text) from None
    except RecursionError:
        raise refusal(landed.file_name, "json", "the JSON is nested too deeply.") from None
    if document.kind != "FeatureCollection" or document.starts is None:
        raise refusal(landed.file_name, "geojson", "the document is no FeatureCollection.", "wrap the features in one")
    return document, 1 + text.count("\n", 0, document.starts[0] if document.starts else 0)


def _not_json(landed: Landed, error: json.JSONDecodeError, text: str) -> SourceError:
    if error.msg != SURPLUS and (_CUT_OFF.fullmatch(text, error.pos) or "Unterminated string" in error.msg):
        what, hint = "the document is cut off", "send the file again, it is incomplete"
    else:
        what, hint = f"this is no JSON: {error.msg}", "check the file with the program that wrote it"
    place = f"at line {error.lineno}, column {error.colno} (character {error.pos})"
    return refusal(landed.file_name, "json", f"{what} {place}.", hint, error.lineno)


def _headings(document: Document, landed: Landed) -> tuple[str, ...]:
    keys = [key for key in document.keys if key != GEOMETRY] + [GEOMETRY]
    lowered = [key.lower() for key in keys]
    twice = sorted({key for key in keys if lowered.count(key.lower()) > 1 or key.lower() in RESERVED})
    if twice:
        raise refusal(
            landed.file_name, "header", f"properties differ in case alone or are reserved: {', '.join(twice)}."
        )
    return tuple(keys)


def _text(path: Path, bom: int) -> str:
    return path.read_bytes()[bom:].decode("utf-8")
