"""What a contract says, as plain frozen values: the only shape the rest of the package knows.

Loading, checking and caching live beside this file; nothing here reads a file or imports a heavy library.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from pipelines.contracts.policy import Policy
from pipelines.contracts.pulling import Auth, Pull, Sql, is_url

Mode = Literal["append", "upsert", "replace", "replace_period"]
Unit = Literal["hour", "day", "month", "quarter", "year"]
Severity = Literal["error", "warning"]
Layer = Literal["dim", "dws", "ads"]
Stage = Literal["", "规划", "建设", "管理", "服务", "运行"]
LogicalType = Literal["string", "integer", "number", "boolean", "date", "timestamp", "time", "object"]

WORKBOOKS = frozenset({"xlsx", "xls"})


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much of a batch may break a rule before the batch is refused; `max_pct` is a percentage of the delivered rows."""

    severity: Severity = "error"
    max_pct: float = 0.0


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A condition every row must meet, in SQL over the contract's own column names."""

    name: str
    condition: str
    description: str = ""
    dimension: str = "0402"
    tolerance: Tolerance | None = None


@dataclass(frozen=True, slots=True)
class BatchCheck:
    """A measure of the whole batch held against two bounds (either may be absent).

    `metric`: rowCount, nullValues, missingValues, invalidValues, duplicateValues (ODCS), or sql.
    `unit` rows or percent. `columns`: one for a column's metric, several for duplicateValues, none for rowCount.
    `query` (metric sql) yields one number; `${table}` stands for the batch's rows.
    """

    name: str
    metric: Literal["rowCount", "nullValues", "missingValues", "invalidValues", "duplicateValues", "sql"]
    columns: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: Literal["rows", "percent"] = "rows"
    severity: Severity = "error"
    query: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that must exist in another dataset's published rows (`dataset.column`)."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Regraded:
    """Who says, and why, that a model's column is graded below the columns it is made of."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, its rules, and how departments write it.

    `type` is ODCS's logicalType; `physical_type` refines it (DECIMAL(10,2), GEOMETRY). `key_position` starts at 1.
    `formats` are strptime patterns tried in order (empty: ISO); `serial` also admits Excel serial numbers.
    `level` is the GB/T 43697 style level 1..4; `mask` says what happens to personal data while reading:
    hmac (keyed pseudonym), scrub (patterns inside free text), drop (not stored).
    `tolerance` holds exceptions to the contract's tolerance, by rule kind (type, required, unique, pattern, …).
    """

    name: str
    type: LogicalType
    title: str = ""
    description: str = ""
    unit: str = ""
    physical_type: str = ""
    required: bool = False
    unique: bool = False
    key_position: int | None = None
    minimum: Any = None
    maximum: Any = None
    exclusive_minimum: Any = None
    exclusive_maximum: Any = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    enum: tuple[Any, ...] = ()
    code_list: str = ""
    reference: Reference | None = None
    aliases: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    serial: bool = False
    trim: bool = True
    full_width: bool = False
    thousands: str = ""
    decimal: str = "."
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()
    level: int = 1
    personal: bool = False
    mask: Literal["", "hmac", "scrub", "drop"] = ""
    regraded: Regraded | None = None
    tolerance: tuple[tuple[str, Tolerance], ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Where a delivery's period comes from. `pattern` (file_name) has named groups year, month, day, hour, quarter."""

    source: Literal["file_name", "column", "parameter", "none"] = "none"
    unit: Unit = "month"
    pattern: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """Control totals that come with a delivery; each is compared with the rows, then left out.

    A total row is a row whose `total_column` (as delivered) is one of `total_markers`; its `sums` columns must equal the sums
    of the rows above, and its `count_column` their number. `manifest` is a file-name template (`{name}.manifest.json`)
    of JSON {"rows": n, "sha256": "…", "sums": {"column": n}} beside the delivery.
    """

    total_column: str = ""
    total_markers: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    count_column: str = ""
    manifest: str = ""


@dataclass(frozen=True, slots=True)
class Ingest:
    """How a delivery is found and read. `header_row` is the physical line (1-based) of the headings; 0: no header.

    `source` is a glob relative to the inbox (default `<domain>/<table>/*`) or an http(s) address, asked with `auth`; with
    `sql` the rows come from a database; `pull` bounds both. `encoding` empty: detected.
    Of workbooks: `header_rows` lines of headings from `header_row` on are one heading; `sheet` is a name or glob (empty:
    the first that shows); `hidden_rows` and `merged_cells` say what becomes of those. `path` leads to the records inside a
    JSON document. `member` is a name or glob inside a ZIP archive. `order_by` and `delete_when` belong to upsert.
    `extra_columns`: what an unknown column is
    worth (`warn`: reported and not loaded; `refuse`).
    """

    format: str = "csv"
    encoding: str = ""
    delimiter: str = ""
    quote: str = '"'
    header_row: int = 1
    header_rows: int = 1
    sheet: str = ""
    hidden_rows: Literal["read", "leave_out", "refuse"] = "read"
    merged_cells: Literal["first", "fill"] = "first"
    path: str = ""
    member: str = ""
    source: str = ""
    mode: Mode = "append"
    order_by: str = ""
    delete_when: str = ""
    timezone: str = ""
    crs: str = ""
    extra_columns: Literal["warn", "refuse"] = "warn"
    period: Period = Period()
    control: Control = Control()
    auth: Auth = field(default_factory=Auth)
    sql: Sql | None = None
    pull: Pull = field(default_factory=Pull)

    @property
    def is_pulled(self) -> bool:
        """Whether the data are asked for at their source, beside what lies in the inbox."""
        return self.sql is not None or is_url(self.source)

    @property
    def inbox(self) -> str:
        """The glob of the inbox, '' for the dataset's own folder: an address is none."""
        return "" if is_url(self.source) else self.source


@dataclass(frozen=True, slots=True)
class Channel:
    """Where somebody is told: an apprise URL (`${NAME}` stands for a secret) or a bare mail address, under a name.

    `second` channels are told when the first did not help.
    """

    name: str
    url: str
    second: bool = False


@dataclass(frozen=True, slots=True)
class Incremental:
    """Which part of a model is made anew: the partitions (values of `column`) of the changed rows of `source`.

    `expression` gives a row of `source` its partition, in SQL over its columns.
    """

    source: str
    column: str
    expression: str


@dataclass(frozen=True, slots=True)
class Unfold:
    """The rows behind one row of a model: those of `source` that meet `rows`, where `$name` stands for the row's own value."""

    source: str
    rows: str


@dataclass(frozen=True, slots=True)
class Model:
    """How a table of `dim`, `dws` or `ads` is made: the SELECT in its file, `path`, and the policies of the city that it needs."""

    layer: Layer
    path: str = ""
    sql: str = ""
    policies: tuple[str, ...] = ()
    incremental: Incremental | None = None
    unfold: Unfold | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A dataset, described once; with a `model`, one made of others. `digest` is the sha256 of the contract's canonical content; `path` its file.

    `available_from` (ISO date, or empty) is the day from which deliveries are promised. `stage` says where in a city's life the
    data arise, from planning to operation.
    """

    id: str
    version: str
    status: Literal["proposed", "draft", "active", "deprecated", "retired"]
    path: str
    digest: str
    title: str
    purpose: str
    limitations: str
    provider: str
    owner: str
    contacts: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    columns: tuple[Column, ...]
    ingest: Ingest
    row_checks: tuple[RowCheck, ...] = ()
    batch_checks: tuple[BatchCheck, ...] = ()
    max_invalid_pct: float = 5.0
    frequency: tuple[int, str] | None = None
    latency: tuple[int, str] | None = None
    freshness: tuple[str, int, str] | None = None
    schedule: str = ""
    stage: Stage = ""
    retention_days: int | None = None
    sharing: tuple[tuple[str, str], ...] = ()
    channels: tuple[Channel, ...] = ()
    available_from: str = ""
    model: Model | None = None

    @property
    def layer(self) -> str:
        """Layer of what analysts read: `dwd` for a dataset that is delivered, a model's own for one that is made."""
        return self.model.layer if self.model else "dwd"

    @property
    def table(self) -> str:
        """Table name, unique in the city."""
        return self.id.rpartition(".")[2]

    @property
    def domain(self) -> str:
        """Domain of the dataset id."""
        return self.id.partition(".")[0]

    @property
    def key(self) -> tuple[str, ...]:
        """Primary key columns in their order; empty when the contract has none."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(column.name for column in sorted(keyed, key=lambda c: c.key_position or 0))

    @property
    def grade(self) -> int:
        """GB/T 43697 style level of the table: the highest of its columns."""
        return max((column.level for column in self.columns), default=1)

    @property
    def is_personal(self) -> bool:
        """Whether any column is personal data: then no value of the dataset may reach logs, pages or messages."""
        return any(column.personal for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list: rows (code, name, valid_from, valid_to) where dates are ISO text or empty; `digest` of its content."""

    name: str
    title: str
    digest: str
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Notify:
    """Whom the city tells of every dataset: its channels, the mail server for bare addresses, and when it escalates."""

    channels: tuple[Channel, ...] = ()
    mail: str = ""
    escalate_after: int = 2


@dataclass(frozen=True, slots=True)
class City:
    """The city pack (`schemas/_city.yaml`): what is local, with its basis. `values` holds the rest of the file.

    `list_titles` are the titles of code lists, by name.
    """

    root: str
    name: str
    division_prefix: str
    timezone: str
    crs: str
    digest: str
    max_invalid_pct: float = 5.0
    notify: Notify = Notify()
    policies: tuple[Policy, ...] = ()
    list_titles: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, Any], ...] = ()
