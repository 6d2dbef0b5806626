"""Great Expectations measures a batch inside the caller's open transaction, in as few scans as it takes.

Importing this module imports Great Expectations (seconds of CPU): import it where a measurement is about to be made.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import great_expectations as gx
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

import pipelines.quality.duplicates
import pipelines.quality.metrics  # noqa: F401
from pipelines.derive.expectation import Expectation
from pipelines.quality.engine import Condition, DuckDBDatasource, DuckDBExecutionEngine
from pipelines.quality.faults import QualityFault, exceptions_of, named, without_values
from pipelines.quality.remembering import remembering

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_ROWS = "unexpected_rows_expectation"
_NOT_NULL = "expect_column_values_to_not_be_null"
_SAMPLES = 5
_COUNT = re.compile(r"(element|unexpected|missing)_(count|percent)(_total|_nonmissing)?")
# Expectations whose observed value is a number of rows or a share of them.
_COUNTING = re.compile(rf"expect_table_|{_ROWS}$|expect_column_(proportion_of|unique_value_count)_")
# Great Expectations sends the warnings of the whole process to its log as soon as it is imported.
logging.captureWarnings(False)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one expectation found, in rows; None where it has no such count (a row count has no unexpected rows)."""

    rule: str
    type: str
    success: bool
    element_count: int | None
    missing: int | None
    unexpected: int | None
    observed: Any

    @property
    def nonnull(self) -> int | None:
        """Rows that were judged: neither NULL nor left out by `ignore_row_if`."""
        return None if self.element_count is None or self.missing is None else self.element_count - self.missing


@dataclass(frozen=True, slots=True)
class Measurement:
    """The results in the order of the expectations, and Great Expectations' own document of them."""

    results: list[Measured]
    document: ExpectationSuiteValidationResult

    @property
    def rows(self) -> int | None:
        """Rows of the batch; None when no expectation looked at all of them."""
        return max((result.element_count for result in self.results if result.element_count is not None), default=None)


def measure(
    con: "Connection", batch_sql: str, expectations: Sequence[Expectation], *, name: str, personal: bool
) -> Measurement:
    """Return what the expectations find in the rows of `batch_sql` (a SELECT) on an open connection.

    The caller's transaction stays open and unchanged. `name` names the suite in the document. `personal`: no value of
    the batch appears in results or messages. QualityFault names the rule that could not be measured; roll back then.
    """
    conditions: dict[str, Condition] = {}
    configured = [_configured(position, one, conditions) for position, one in enumerate(expectations)]
    suite = gx.ExpectationSuite(name=name, expectations=configured)
    engine = DuckDBExecutionEngine(con, samples=0 if personal else _SAMPLES, conditions=conditions)
    try:
        document = _validate(engine, batch_sql, suite)
    finally:
        engine.close()
    _raise_first_fault(engine, document, personal)
    document.results.sort(key=lambda result: _meta(result)["position"])
    if personal:
        _drop_values(document)
    return Measurement([_measured(result) for result in document.results], document)


def _configured(position: int, expectation: Expectation, conditions: dict[str, Condition]) -> Any:
    """Return the native expectation; a bare condition becomes a query, remembered as what it was."""
    kwargs = dict(expectation.kwargs)
    condition = Condition(str(kwargs.pop("condition", "")).strip(), str(kwargs.pop("among", "")))
    if condition.sql:
        query = "SELECT * FROM {batch} WHERE " + condition.sql.replace("{", "{{").replace("}", "}}")
        kwargs["unexpected_rows_query"] = query
        conditions[query] = condition
    meta = {"rule": expectation.rule, "position": position}
    try:
        return ExpectationConfiguration(type=expectation.type, kwargs=kwargs, meta=meta).to_domain_obj()
    except (GreatExpectationsError, ValueError, TypeError) as error:
        raise QualityFault(f"[{expectation.rule}] {expectation.type} cannot be asked: {error}") from error


def _validate(
    engine: DuckDBExecutionEngine, batch_sql: str, suite: gx.ExpectationSuite
) -> ExpectationSuiteValidationResult:
    in_memory = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=ProgressBarsConfig(globally=False)
    )
    with _silence():
        context = gx.get_context(mode="ephemeral", project_config=in_memory)
        source = context.data_sources.add_duckdb(name="lake")
        assert isinstance(source, DuckDBDatasource)
        batch = source.add_query_asset(suite.name, query=batch_sql).add_batch_definition(suite.name).get_batch
        shown = {"result_format": "BASIC", "partial_unexpected_count": engine.samples}
        with source.lent(engine), remembering():
            return batch().validate(suite, result_format=shown)


@contextmanager
def _silence() -> Iterator[None]:
    """Great Expectations logs what it also returns, values and tracebacks included."""
    logger = logging.getLogger("great_expectations")
    propagates, nowhere = logger.propagate, logging.NullHandler()
    logger.propagate = False
    logger.addHandler(nowhere)
    try:
        yield
    finally:
        logger.propagate = propagates
        logger.removeHandler(nowhere)


def _type_of(result: ExpectationValidationResult) -> str:
    config = result.expectation_config
    return str(config.type) if config else ""


def _meta(result: ExpectationValidationResult) -> dict[str, Any]:
    return dict(result.expectation_config.meta) if result.expectation_config else {}


def _raise_first_fault(
    engine: DuckDBExecutionEngine, document: ExpectationSuiteValidationResult, personal: bool
) -> None:
    exceptions = [(_meta(result)["rule"], exceptions_of(result)) for result in document.results]
    raised = [(rule, messages) for rule, messages in exceptions if messages]
    if engine.failure:
        message, metrics = engine.failure
        met = {str(metric.id) for metric in metrics}
        guilty = [rule for rule, messages in raised if met & messages.keys()]
    elif raised:
        guilty = [raised[0][0]]
        message = next(iter(raised[0][1].values()))
    else:
        return
    raise QualityFault(f"[{named(guilty)}] {without_values(message) if personal else message}")


def _drop_values(document: ExpectationSuiteValidationResult) -> None:
    """Leave counts and shares only: any other observed value, a maximum say, is somebody's."""
    for result in document.results:
        kept = {key: value for key, value in result.result.items() if _COUNT.fullmatch(key)}
        if "observed_value" in result.result and _COUNTING.match(_type_of(result)):
            kept["observed_value"] = result.result["observed_value"]
        result.result = kept


def _measured(result: ExpectationValidationResult) -> Measured:
    found = result.result
    type_ = _type_of(result)
    observed = found.get("observed_value")
    # No row at all is counted as None.
    unexpected = observed if type_ == _ROWS else found["unexpected_count"] or 0 if "unexpected_count" in found else None
    return Measured(
        rule=_meta(result)["rule"],
        type=type_,
        success=bool(result.success),
        element_count=found.get("element_count"),
        missing=unexpected if type_ == _NOT_NULL else found.get("missing_count"),
        unexpected=unexpected,
        observed=observed,
    )
