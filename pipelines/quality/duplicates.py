"""How the DuckDB engine counts duplicates. Importing this module registers it with Great Expectations.

All members of a group of equals count, NULL never does, nor does a compound key with a NULL in it; stock counts the
same, by a window over the whole batch (one column) and a join of the batch with itself (several).
"""

from typing import Any

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value
from great_expectations.validator.metric_configuration import MetricConfiguration

from pipelines.derive.late import key_hash
from pipelines.lake.repeated import repeated
from pipelines.names import quoted
from pipelines.quality.engine import DuckDBExecutionEngine
from pipelines.quality.metrics import TABLE_KEYS, Aggregate, Kwargs, aggregate, all_columns, judged, over_batch

_COMPOUND = "compound_columns.unique"
_HASHES = "repeated_hashes"
_ROWS = "table.row_count"


class _Duplicates(MetricProvider):
    """A metric that asks first how many rows the batch has: that tells in how many pieces its keys are looked at."""

    @classmethod
    def _get_evaluation_dependencies(cls, metric: MetricConfiguration, *args: Any, **kwargs: Any) -> Any:
        found = super()._get_evaluation_dependencies(metric, *args, **kwargs)
        table = {key: value for key, value in metric.metric_domain_kwargs.items() if key in TABLE_KEYS}
        return found | {_ROWS: MetricConfiguration(_ROWS, table)}


class ColumnDuplicates(_Duplicates):
    """Rows whose value another row has too."""

    metric_name = "column_values.unique.unexpected_count"
    domain_keys = ("batch_id", "table", "column", "row_condition", "condition_parser")

    @staticmethod
    @metric_value(engine=DuckDBExecutionEngine)
    def _count(execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: Kwargs, metrics: Kwargs, **_: Any) -> int:
        return _duplicates(execution_engine, metric_domain_kwargs, metrics[_ROWS])[0]


class ColumnDuplicateSamples(_Duplicates):
    """Some of the values that occur more than once, as counting met them."""

    metric_name = "column_values.unique.unexpected_values"
    domain_keys = ColumnDuplicates.domain_keys
    value_keys = ("result_format",)

    @staticmethod
    @metric_value(engine=DuckDBExecutionEngine)
    def _values(
        execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: Kwargs, metrics: Kwargs, **_: Any
    ) -> list[Any]:
        return [key[0] for key in _duplicates(execution_engine, metric_domain_kwargs, metrics[_ROWS])[1]]


class CompoundDuplicates(_Duplicates):
    """Rows whose combination of values another row has too."""

    metric_name = f"{_COMPOUND}.unexpected_count"
    domain_keys = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")

    @staticmethod
    @metric_value(engine=DuckDBExecutionEngine)
    def _count(execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: Kwargs, metrics: Kwargs, **_: Any) -> int:
        return _duplicates(execution_engine, metric_domain_kwargs, metrics[_ROWS])[0]


class CompoundDuplicateSamples(_Duplicates):
    """Some of the combinations that occur more than once, as counting met them."""

    metric_name = f"{_COMPOUND}.unexpected_values"
    domain_keys = CompoundDuplicates.domain_keys
    value_keys = ("result_format",)

    @staticmethod
    @metric_value(engine=DuckDBExecutionEngine)
    def _values(
        execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: Kwargs, metrics: Kwargs, **_: Any
    ) -> list[Kwargs]:
        columns = metric_domain_kwargs["column_list"]
        return [
            dict(zip(columns, key, strict=True))
            for key in _duplicates(execution_engine, metric_domain_kwargs, metrics[_ROWS])[1]
        ]


class CompoundRows(MetricProvider):
    """Rows that are judged when several columns together must be unique, in the shared scan."""

    metric_name = f"{_COMPOUND}.filtered_row_count"
    domain_keys = CompoundDuplicates.domain_keys
    value_keys = ("result_format",)

    @staticmethod
    @aggregate(MetricDomainTypes.MULTICOLUMN)
    def _count(metric_domain_kwargs: Kwargs, **_: Any) -> Aggregate:
        return over_batch(sa.func.count().filter(judged(metric_domain_kwargs)), metric_domain_kwargs)


def _duplicates(engine: DuckDBExecutionEngine, domain: Kwargs, rows: int) -> tuple[int, list[tuple[Any, ...]]]:
    """Return how many rows share their key with another row, and a few such keys; asked once per engine and key."""
    columns = domain.get("column_list") or [domain["column"]]
    asked = repr(([domain.get(key) for key in TABLE_KEYS], columns))
    if asked not in engine.duplicates:
        engine.duplicates[asked] = _counted(engine, domain, columns, rows)
    return engine.duplicates[asked]


def _counted(
    engine: DuckDBExecutionEngine, domain: Kwargs, columns: list[str], rows: int
) -> tuple[int, list[tuple[Any, ...]]]:
    """Keys are compared among those rows only whose hash occurs twice, which nearly always none does.

    So the count is exact, and what is held in memory depends neither on the rows nor on the width of the key.
    """
    batch = engine.get_domain_records({key: domain.get(key) for key in TABLE_KEYS})
    source: Any = batch.subquery() if isinstance(batch, sa.Select) else batch
    complete = all_columns(columns, lambda column: column.is_not(None))
    hashed: Any = sa.literal_column(key_hash(", ".join(map(quoted, columns))))
    hashes = sa.select(hashed.label("h")).select_from(source).where(complete)
    text = str(hashes.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True}))
    if not repeated(engine.lent, text, rows, _HASHES):
        return 0, []
    row = engine.execute_query(_exact(engine, source, columns, complete, hashed)).fetchone()
    return (int(row[0]), list(row[1] or [])) if row else (0, [])


def _exact(
    engine: DuckDBExecutionEngine, source: Any, columns: list[str], complete: Any, hashed: Any
) -> sa.Select[Any]:
    keys: list[Any] = [sa.column(column) for column in columns]
    groups = (
        sa.select(sa.func.row(*keys).label("key"), sa.func.count().label("rows"))
        .select_from(source)
        .where(complete, hashed.in_(sa.text(f"SELECT h FROM temp.{_HASHES}")))
        .group_by(*keys)
        .having(sa.func.count() > 1)
        .subquery("duplicates")
    )
    samples: Any = sa.func.min(groups.c.key, engine.samples) if engine.samples else sa.null()
    return sa.select(sa.func.coalesce(sa.func.sum(groups.c.rows), 0), samples).select_from(groups)
