"""Great Expectations on a DuckDB connection that somebody else holds open, transaction and all.

The caller began the transaction and will end it: nothing here commits, rolls back or closes. One engine serves one
measurement. What the engine counts its own way is in `metrics`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper
from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.core.batch import BatchMarkers, BatchSpec
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.exceptions.exceptions import MetricResolutionError
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.registry import get_metric_provider
from great_expectations.validator.metric_configuration import MetricConfiguration

from pipelines.quality.faults import at_fault, message_of

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_SAMPLES = ".unexpected_values"
# The one aggregate that everything else waits for.
_FIRST_AGGREGATE = "table.row_count"
_AT_ONCE, _TOGETHER, _SAMPLED = range(3)


class BorrowedConnection(ConnectionWrapper):
    """SQLAlchemy's view of the caller's connection, unable to end the caller's transaction."""

    def begin(self) -> None:
        """Do nothing: the caller began."""

    def commit(self) -> None:
        """Do nothing: the caller commits."""

    def rollback(self) -> None:
        """Do nothing: the caller rolls back."""

    def close(self) -> None:
        """Do nothing: the caller closes."""


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL that is true for the rows that break a rule; `among`: for no row but those this is true for ('': any)."""

    sql: str
    among: str = ""


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Runs a suite's SQL on one borrowed connection.

    `samples` is how many unexpected values a result may show. `conditions` maps the query of an
    UnexpectedRowsExpectation to its bare condition. `columns` are the batch's, once they were asked for. `failure`
    keeps what the first error said and the metrics that met it; nothing is asked after it, since DuckDB would answer
    "transaction is aborted", which says nothing.
    """

    def __init__(self, con: "Connection", *, samples: int, conditions: dict[str, Condition]) -> None:
        self.samples = samples
        self.columns: list[dict[str, Any]] = []
        self.conditions = conditions
        self.duplicates: dict[str, tuple[int, list[Any]]] = {}
        self.counted: dict[Condition, int] = {}
        self.failure: tuple[str, list[MetricConfiguration]] | None = None
        self.lent = con
        borrowed = BorrowedConnection(con)
        engine = sa.create_engine(
            "duckdb:///:memory:", creator=lambda: borrowed, poolclass=sa.pool.StaticPool, isolation_level="AUTOCOMMIT"
        )
        super().__init__(engine=engine, create_temp_table=False)
        self._held = engine.connect()

    def get_batch_data_and_markers(self, batch_spec: BatchSpec) -> tuple[SqlAlchemyBatchData, BatchMarkers]:
        """Return the batch as a subquery of its SQL as it was given: stock reads `:name` in it as a parameter."""
        query = sa.text(str(batch_spec["query"]).replace(":", "\\:") + "\n").columns()
        batch = SqlAlchemyBatchData(execution_engine=self, selectable=query, create_temp_table=False)
        return batch, BatchMarkers(ge_load_time=datetime.now(UTC).isoformat())

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Yield the one connection and leave it open: closing it would discard a result that is still to be read."""
        yield self._held

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """Return the values of those metrics whose turn it is; the others are asked for again in the next round.

        Aggregates wait until all of them are ready, so that one statement answers them. Samples come last, and only
        where the counts say that there is something to show.
        """
        wanted = list(metrics_to_resolve)
        if self.failure:
            raise MetricResolutionError(message="not asked", failed_metrics=wanted)
        turn = min((self._turn(metric) for metric in wanted), default=_AT_ONCE)
        chosen = [metric for metric in wanted if self._turn(metric) == turn]
        if turn < _SAMPLED:
            return self._resolved(chosen, metrics, runtime_configuration)
        shown = [metric for metric in chosen if self.samples and _has_samples(metric, metrics or {})]
        nothing: dict[Any, Any] = {metric.id: [] for metric in chosen if metric not in shown}
        return nothing | (self._resolved(shown, metrics, runtime_configuration) if shown else {})

    def _turn(self, metric: MetricConfiguration) -> int:
        if metric.metric_name.endswith(_SAMPLES):
            return _SAMPLED
        is_aggregate = get_metric_provider(metric.metric_name, self)[1] is None
        return _TOGETHER if is_aggregate and metric.metric_name != _FIRST_AGGREGATE else _AT_ONCE

    def _resolved(self, wanted: list[MetricConfiguration], metrics: Any, runtime_configuration: Any) -> dict[Any, Any]:
        try:
            return dict(super().resolve_metrics(wanted, metrics, runtime_configuration))
        except MetricResolutionError as error:
            self.failure = self.failure or (message_of(error), list(error.failed_metrics))
            raise

    def resolve_metric_bundle(self, metric_fn_bundle: Iterable[Any]) -> dict[Any, Any]:
        """Return the values of many aggregates from one statement."""
        bundle = list(metric_fn_bundle)
        try:
            return dict(super().resolve_metric_bundle(bundle))
        except Exception as error:
            # A statement that does not even bind ends no transaction; the caller asks it again in parts.
            if not self.failure and (len(bundle) == 1 or self._is_aborted()):
                message = message_of(error)
                self.failure = message, [part.metric_configuration for part in self._guilty(bundle, message)]
            raise

    def _guilty(self, bundle: list[Any], message: str) -> list[Any]:
        positions = at_fault(self.lent, self.dialect, self.columns, [part.metric_fn for part in bundle], message)
        return [bundle[position] for position in positions] or bundle

    def _is_aborted(self) -> bool:
        try:
            self._held.execute(sa.text("SELECT 1")).fetchall()
        except sa.exc.DBAPIError:
            return True
        return False

    def close(self) -> None:
        """Let go of the caller's connection."""
        self._held.close()
        self.engine.dispose()


def _has_samples(samples: MetricConfiguration, metrics: dict[Any, Any]) -> bool:
    """Whether there are unexpected values to show; a NULL where none may be is nothing to look at."""
    measure = samples.metric_name.removesuffix(_SAMPLES)
    count = MetricConfiguration(
        metric_name=f"{measure}.unexpected_count",
        metric_domain_kwargs=samples.metric_domain_kwargs,
        metric_value_kwargs={k: v for k, v in samples.metric_value_kwargs.items() if k != "result_format"},
    )
    return measure != "column_values.nonnull" and bool(metrics.get(count.id))


# Inside the data source the word `type` is its field.
_EngineType = type[DuckDBExecutionEngine]


class DuckDBDatasource(SQLDatasource):
    """A data source whose connection is lent to it."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    connection_string: str = "duckdb:///:memory:"

    _lent: DuckDBExecutionEngine | None = PrivateAttr(None)

    @property
    def execution_engine_type(self) -> _EngineType:
        """The engine that measures on DuckDB."""
        return DuckDBExecutionEngine

    @contextmanager
    def lent(self, engine: DuckDBExecutionEngine) -> Iterator[None]:
        """Measure on this engine for a while; Great Expectations keeps its last data source for ever."""
        self._lent = engine
        try:
            yield
        finally:
            self._lent = None

    def get_execution_engine(self) -> DuckDBExecutionEngine:
        """Return the engine that was lent; ValueError when none was."""
        if self._lent is None:
            raise ValueError("no engine was lent to this data source")
        return self._lent

    def get_engine(self) -> sa.Engine:
        """Return SQLAlchemy's engine over the borrowed connection."""
        return self.get_execution_engine().engine

    def test_connection(self, test_assets: bool = True) -> None:
        """Do nothing: the connection is open already."""
