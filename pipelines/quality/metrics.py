"""What the DuckDB engine counts its own way. Importing this module registers it with Great Expectations.

Great Expectations asks for metrics by name and looks first for a provider of the engine at hand, so these stand in
front of the stock SQL ones and touch no other engine. They give the same numbers with fewer scans (stock: one or two
statements per pair of columns and per row query) and teach the engine regular expressions, which stock knows for other
dialects only. Uniqueness is in `duplicates`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_partial, metric_value
from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration

from pipelines.contracts.patterns import bare_whole
from pipelines.names import literal
from pipelines.quality.engine import Condition, DuckDBExecutionEngine

Kwargs = dict[str, Any]
Aggregate = tuple[Any, Kwargs, Kwargs]
_Method = TypeVar("_Method", bound=Callable[..., Aggregate])

TABLE_KEYS = ("batch_id", "table", "row_condition", "condition_parser")
_PAIR = "column_pair_values.a_greater_than_b"


def aggregate(domain: MetricDomainTypes) -> Callable[[_Method], _Method]:
    """Return the decorator of a method that gives one aggregate expression, to be selected with all the others."""
    decorate = metric_partial(
        engine=DuckDBExecutionEngine, partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN, domain_type=domain
    )
    return cast("Callable[[_Method], _Method]", decorate)


def over_batch(expression: Any, domain: Kwargs) -> Aggregate:
    """Return the aggregate as the engine takes it: those with equal table keys share one statement."""
    return expression, {key: domain.get(key) for key in TABLE_KEYS}, {}


def all_columns(columns: list[str], test: Callable[[Any], Any]) -> Any:
    """Return the condition that every column passes the test."""
    return sa.and_(*(test(sa.column(column)) for column in columns))


def judged(domain: Kwargs) -> Any:
    """Return the condition of the rows that an expectation over several columns judges, by its `ignore_row_if`."""
    columns = domain.get("column_list") or [domain["column_A"], domain["column_B"]]
    match domain.get("ignore_row_if"):
        case "both_values_are_missing" | "all_values_are_missing":
            return sa.not_(all_columns(columns, lambda column: column.is_(None)))
        case "either_value_is_missing" | "any_value_is_missing":
            return all_columns(columns, lambda column: column.is_not(None))
        case _:
            return sa.true()


class ColumnsOfBatch(MetricProvider):
    """Names and types of the batch's columns, without a row of it; stock runs the batch's query for them."""

    metric_name = "table.column_types"
    domain_keys = TABLE_KEYS
    value_keys = ("include_nested",)

    @staticmethod
    @metric_value(engine=DuckDBExecutionEngine)
    def _describe(execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: Kwargs, **_: Any) -> list[Kwargs]:
        batch: Any = execution_engine.get_domain_records({"batch_id": metric_domain_kwargs.get("batch_id")})
        nothing = execution_engine.execute_query(sa.select(sa.text("*")).select_from(batch).limit(0))
        described = nothing.cursor.description
        execution_engine.columns = [{"name": column[0], "type": str(column[1])} for column in described]
        return execution_engine.columns


class MatchesRegex(ColumnMapMetricProvider):
    """The pattern is found in the value (RE2; whoever means the whole value anchors the pattern)."""

    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @staticmethod
    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _found(_: Any, column: Any, regex: str, **__: Any) -> Any:
        return _regex_found(column, regex)


class MatchesNoRegex(ColumnMapMetricProvider):
    """The pattern is not found in the value."""

    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @staticmethod
    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _not_found(_: Any, column: Any, regex: str, **__: Any) -> Any:
        return sa.not_(_regex_found(column, regex))


def _regex_found(column: Any, regex: str) -> Any:
    # A literal, not a parameter: DuckDB compiles a constant pattern once. What must match whole it asks of every
    # different value of a dictionary once, what may be anywhere of every row.
    if bare := bare_whole(regex):
        return sa.func.regexp_full_match(column, sa.literal_column(literal(bare)), type_=sa.Boolean)
    return sa.func.regexp_matches(column, sa.literal_column(literal(regex)), type_=sa.Boolean)


class InSet(ColumnMapMetricProvider):
    """The value is one of a list; stock's IN is asked of every row, this of every different value of a dictionary once."""

    condition_metric_name = "column_values.in_set"
    condition_value_keys = ("value_set",)

    @staticmethod
    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _listed(_: Any, column: Any, value_set: Any, _metrics: Kwargs, **__: Any) -> Any:
        if value_set is None:
            return sa.true()
        values = [value for value in value_set if value is not None]
        types = {described["name"]: described["type"] for described in _metrics["table.column_types"]}
        if not values or types.get(column.name) != "VARCHAR" or not all(isinstance(value, str) for value in values):
            return column.in_(values)
        listed = ", ".join(map(literal, values))
        return sa.func.list_contains(sa.literal_column(f"[{listed}]"), column, type_=sa.Boolean)


class PairUnexpected(MetricProvider):
    """Rows whose A is not greater than B, in the shared scan."""

    metric_name = f"{_PAIR}.unexpected_count"
    domain_keys = ("batch_id", "table", "column_A", "column_B", "row_condition", "condition_parser", "ignore_row_if")
    value_keys = ("or_equal",)

    @staticmethod
    @aggregate(MetricDomainTypes.COLUMN_PAIR)
    def _count(metric_domain_kwargs: Kwargs, metrics: Kwargs, **_: Any) -> Aggregate:
        unexpected = metrics["unexpected_condition"][0]
        rows = sa.func.count().filter(sa.and_(judged(metric_domain_kwargs), unexpected))
        return over_batch(rows, metric_domain_kwargs)

    @classmethod
    def _get_evaluation_dependencies(cls, metric: MetricConfiguration, *args: Any, **kwargs: Any) -> Any:
        found = super()._get_evaluation_dependencies(metric, *args, **kwargs)
        condition = MetricConfiguration(f"{_PAIR}.condition", metric.metric_domain_kwargs, metric.metric_value_kwargs)
        return found if "metric_partial_fn" in found else {"unexpected_condition": condition}


class PairRows(MetricProvider):
    """Rows that are judged when two columns are compared, in the shared scan."""

    metric_name = f"{_PAIR}.filtered_row_count"
    domain_keys = PairUnexpected.domain_keys
    value_keys = ("or_equal", "result_format")

    @staticmethod
    @aggregate(MetricDomainTypes.COLUMN_PAIR)
    def _count(metric_domain_kwargs: Kwargs, **_: Any) -> Aggregate:
        return over_batch(sa.func.count().filter(judged(metric_domain_kwargs)), metric_domain_kwargs)


class RowsBreakingARule(QueryMetricProvider):
    """Rows that a bare condition, or a query, calls unexpected, in the shared statement."""

    metric_name = "unexpected_rows_query.row_count"
    value_keys = ("unexpected_rows_query",)

    @staticmethod
    @aggregate(MetricDomainTypes.TABLE)
    def _count(
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: Kwargs,
        metric_value_kwargs: Kwargs,
        **_: Any,
    ) -> Aggregate:
        query = metric_value_kwargs["unexpected_rows_query"]
        condition = execution_engine.conditions.get(query)
        if condition is None:
            rows = _count_of(query, execution_engine, metric_domain_kwargs)
        elif condition.among:
            rows = sa.literal_column(str(_few(execution_engine, metric_domain_kwargs, condition))) + 0 * sa.func.count()
        else:
            rows = _holds(condition)
        return over_batch(rows, metric_domain_kwargs)


def _holds(condition: Condition) -> Any:
    return sa.func.count().filter(sa.literal_column(f"({condition.sql}\n)", type_=sa.Boolean))


def _few(engine: DuckDBExecutionEngine, domain: Kwargs, condition: Condition) -> int:
    """Rows of the batch for which the condition holds: all conditions among the same few rows are counted in one scan."""
    if condition not in engine.counted:
        together = [other for other in engine.conditions.values() if other.among == condition.among]
        batch = engine.get_domain_records({key: domain.get(key) for key in TABLE_KEYS})
        source: Any = batch.subquery() if isinstance(batch, sa.Select) else batch
        among = sa.literal_column(condition.among, type_=sa.Boolean)
        query = sa.select(*(_holds(other) for other in together)).select_from(source).where(among)
        counts = engine.execute_query(query).fetchone()
        engine.counted.update(zip(together, map(int, counts or ()), strict=True))
    return engine.counted[condition]


def _count_of(query: str, engine: DuckDBExecutionEngine, domain: Kwargs) -> Any:
    over = QueryMetricProvider._get_substituted_batch_subquery_from_query_and_batch_selectable(
        query=query, batch_selectable=engine.get_domain_records(domain), execution_engine=engine
    )
    # Without an aggregate beside it the number would come once for each row of the batch.
    return sa.literal_column(f"(SELECT count(*) FROM ({over}\n))") + 0 * sa.func.count()


class NoRowsShown(QueryMetricProvider):
    """No rows: results of ours never carry rows, and stock would fetch 200 of them."""

    metric_name = "unexpected_rows_query.table"
    value_keys = ("unexpected_rows_query",)

    @staticmethod
    @metric_value(engine=DuckDBExecutionEngine)
    def _nothing(**_: Any) -> list[Any]:
        return []
