"""Putting a draft together: columns, key, period, mode and totals become a contract with its remarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.contracts.model import Column, Contract, Control, Ingest, Period
from pipelines.contracts.sla import usual_latency
from pipelines.contracts.writing import Remarks, to_yaml
from pipelines.lake.connection import Connection
from pipelines.names import table_of
from pipelines.steps.dictionary.entries import Entry, entry_of
from pipelines.steps.dictionary.reading import Dictionary
from pipelines.steps.draft.asking import Asked
from pipelines.steps.draft.choosing import choose_key, choose_mode, choose_period
from pipelines.steps.draft.columns import described
from pipelines.steps.draft.consulting import consulted
from pipelines.steps.draft.deciding import Decided
from pipelines.steps.draft.naming import CityNames, title_of
from pipelines.steps.draft.opening import Opened, provisional
from pipelines.steps.draft.options import DraftOptions, Inference
from pipelines.steps.draft.periods import frequency_of
from pipelines.steps.draft.saying import Said
from pipelines.steps.draft.totals import totals_of

_UNDECIDED = "TODO"


@dataclass(frozen=True, slots=True)
class Composed:
    """A drafted contract: `remarks` and `todos` by place (see Remarks), `public` columns, and what was inferred.

    `notes` are for whoever drafts, `rows` how many rows the file has.
    """

    contract: Contract
    remarks: Mapping[str, tuple[str, ...]]
    todos: Mapping[str, tuple[str, ...]]
    public: frozenset[str]
    inferred: tuple[Inference, ...]
    notes: tuple[str, ...] = ()
    rows: int = 0

    @property
    def status(self) -> Literal["draft", "active"]:
        """Active when nothing is left to decide."""
        return "draft" if self.all_todos else "active"

    @property
    def all_todos(self) -> tuple[str, ...]:
        """What is left to decide, each with the column it is about."""
        return tuple(
            f"{place.removeprefix('columns/')}: {todo}" if place.startswith("columns/") else todo
            for place, todos in self.todos.items()
            for todo in todos
        )

    def text(self) -> str:
        """The YAML of the contract."""
        marked = {place: [f"TODO {todo}" for todo in todos] for place, todos in self.todos.items()}
        places = dict.fromkeys((*self.remarks, *marked))
        comments = {place: [*self.remarks.get(place, ()), *marked.get(place, ())] for place in places}
        return to_yaml(replace(self.contract, status=self.status), Remarks(comments, self.public))


def compose(
    con: Connection,
    dataset: str,
    opened: Opened,
    asked: Asked,
    city: CityNames,
    dictionary: Dictionary,
    options: DraftOptions,
    zone: str,
) -> Composed:
    """Return the contract that a file, the city's other contracts, a dictionary and a person's options make."""
    said = Said()
    entries = consulted(dictionary, asked.reading.headings, city.code_lists, said)
    decided = described(opened, asked, city, entries, table_of(dataset), options, said)
    options = options if options.key else replace(options, key=_told_key(decided, entries))
    known = [(item.heading, item.column.name) for item in decided]
    key, told = choose_key(con, asked, known, options)
    said.add("columns", told.remarks, told.todos)
    period, told = choose_period(con, asked, decided, opened.landed.file_name, options, zone)
    said.add("period", told.remarks, told.todos)
    mode, told = choose_mode(period, key, [item.column for item in decided], options)
    said.add("mode", told.remarks, told.todos)
    columns = [_placed(item, key, period) for item in decided]
    control = _control(con, asked, decided, said, zone)
    ingest = replace(_layout(opened, options, said), mode=mode, period=period, control=control)
    if mode == "upsert":
        ingest = replace(ingest, order_by=_order(columns, said))
    contract = _contract(dataset, opened, options, tuple(columns), ingest, said)
    _say_of_file(opened, asked, said)
    for item in decided:
        said.add(f"columns/{item.column.name}", item.remarks, item.todos)
    public = frozenset(item.column.name for item in decided if item.public)
    inferred = _inferred(decided, said)
    return Composed(contract, said.remarks, said.todos, public, inferred, tuple(said.notes), asked.facts.rows)


def _told_key(decided: Sequence[Decided], entries: Sequence[Entry]) -> tuple[str, ...]:
    """The headings that the dictionary calls the key."""
    told = {item.heading: entry_of(item.heading, entries) for item in decided}
    return tuple(heading for heading, entry in told.items() if entry and entry.key)


def _placed(item: Decided, key: Sequence[str], period: Period) -> Column:
    """The column with its place in the key; what the key and the period need is required."""
    column = item.column
    if item.heading in key:
        return replace(column, key_position=key.index(item.heading) + 1, required=True, unique=False)
    needed = period.source == "column" and period.column == column.name
    return replace(column, required=column.required or needed)


def _control(con: Connection, asked: Asked, decided: Sequence[Decided], said: Said, zone: str) -> Control:
    if asked.facts.total_row is None:
        return Control()
    columns = [(item.heading, item.column) for item in decided]
    totals = totals_of(con, asked.reading, asked.facts.total_row, columns, asked.rows, zone)
    if totals is None:
        said.add("mode", todos=("a row calls itself a total and agrees with no sum or count: what is it?",))
        return Control()
    said.add("control", ["the rows agree with what the total row says"] if not totals.differing else [])
    said.add("control", todos=totals.differing)
    return totals.control


def _layout(opened: Opened, options: DraftOptions, said: Said) -> Ingest:
    """How the file is read, as far as it differs from what any contract takes for granted."""
    ingest = replace(opened.ingest, timezone="", crs="", delimiter=opened.ingest.delimiter.replace(",", ""))
    for key, remark in opened.remarks:
        said.add(key, [remark])
    if opened.geo:
        crs = options.crs or opened.geo.crs or "EPSG:4326"
        if not opened.geo.degrees and not options.crs:
            said.add("crs", todos=("crs: the coordinates are no longitudes and latitudes; which system are they in?",))
        elif not options.crs and not opened.geo.crs:
            said.add(
                "crs", ["GeoJSON is in WGS 84 by its standard; Chinese web maps deliver GCJ-02 as if it were: ask"]
            )
        return replace(ingest, crs=crs)
    return replace(ingest, crs=options.crs)


def _order(columns: Sequence[Column], said: Said) -> str:
    """The column that tells which of two rows with one key is newer, '' when none is called like it."""
    words = ("updated_at", "reported_at", "modified_at", "changed_at", "updated_date", "reported_date")
    names = [column.name for column in columns]
    found = next((word for word in words if word in names), "")
    text = (
        "rows with one key: the newest by orderBy stays" if found else "rows with one key: the one delivered last stays"
    )
    said.add("mode", [text])
    return found


def _contract(
    dataset: str, opened: Opened, options: DraftOptions, columns: tuple[Column, ...], ingest: Ingest, said: Said
) -> Contract:
    frequency = frequency_of(ingest.period)
    if frequency is None:
        said.add("frequency", ["nothing in the file tells how often it comes; lateness is measured against this"])
    every = frequency or (1, "year")
    said.add("latency", ["so long after a period's end a delivery is due; a usual time, nobody said it"])
    if not options.provider:
        said.add("provider", todos=("provider: which department delivers this? Give --provider.",))
    contract = provisional(dataset, ingest, columns)
    return replace(
        contract,
        title=opened.title or title_of(opened.landed.file_name) or contract.table,
        provider=options.provider or _UNDECIDED,
        owner=options.provider or _UNDECIDED,
        frequency=every,
        latency=usual_latency(every[1]),
    )


def _say_of_file(opened: Opened, asked: Asked, said: Said) -> None:
    facts = asked.facts
    told = f"Drafted from {opened.landed.file_name}: {facts.rows:,} rows, {len(facts.columns)} columns."
    said.add("top", [told, "Comments say what was seen in that file; delete them as you decide."])
    if asked.rejected:
        said.add("top", [f"{asked.rejected:,} records could not be read; they would be quarantined."])
    if not facts.rows:
        said.add("top", todos=("the file has no rows: every type and rule below is unknown.",))


def _inferred(decided: Sequence[Decided], said: Said) -> tuple[Inference, ...]:
    columns = [Inference(item.column.name, item.column.type, "; ".join(item.remarks)) for item in decided]
    places = [place for place in said.remarks if "/" not in place and place != "top"]
    return (*columns, *(Inference(place, place, "; ".join(said.remarks[place])) for place in places))
