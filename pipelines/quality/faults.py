"""When a rule cannot be measured: which rule it is, and what the database said, in one line without anybody's values.

A statement answers many rules at once, and its failure may end the transaction, so that the rules cannot be asked one
by one afterwards. What remains is to ask each part over one row of NULLs on a second connection, which does not see the
batch: a part that cannot be planned shows itself there.
"""

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from duckdb_sqlalchemy import DBAPI
from great_expectations.core.expectation_validation_result import ExpectationValidationResult

from pipelines.errors import RongtongError
from pipelines.names import quoted

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_NAMED = 3
# What DuckDB says before it has read a row.
_PLANNING = ("Binder Error", "Catalog Error", "Parser Error")


class QualityFault(RongtongError):
    """A rule could not be measured: our own mistake, never the delivery's."""


def message_of(error: BaseException) -> str:
    """Return the database's own words where it spoke, without the SQL and the traceback wrapped around them."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, sa.exc.DBAPIError):
            cause = cause.orig
        if isinstance(cause, DBAPI.Error):
            return str(cause).strip().splitlines()[0]
        cause = cause and (cause.__cause__ or cause.__context__)
    return str(error)


def without_values(message: str) -> str:
    """Return the message with everything taken out that may be a value.

    >>> without_values("Conversion Error: Could not convert string '13800001111' to INT32")
    'Conversion Error: Could not convert string … to INT…'
    """
    if message.startswith(_PLANNING):
        return message
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", message)


def named(rules: list[str]) -> str:
    """Return the rule at fault, or the few among which it is.

    >>> named(["a.required"]), named(["a", "b"]), named(["a", "b", "c", "d"])
    ('a.required', 'a or b', 'one of 4 rules')
    """
    return " or ".join(rules) if len(rules) <= _NAMED else f"one of {len(rules)} rules"


def exceptions_of(result: ExpectationValidationResult) -> dict[str, str]:
    """Return the messages of what was raised for a result, by metric; one without a metric was raised while judging."""
    info = result.exception_info or {}
    if "raised_exception" in info:
        return {"": str(info.get("exception_message"))} if info["raised_exception"] else {}
    return {str(metric): str(exception["exception_message"]) for metric, exception in info.items()}


def at_fault(
    con: "Connection", dialect: sa.Dialect, columns: list[dict[str, Any]], aggregates: list[Any], message: str
) -> list[int]:
    """Return the positions of the aggregates that meet this very error over one row of NULLs; none if values cause it.

    `columns` are names and types of the batch. The transaction of `con` is left alone: a second connection is asked.
    """
    nothing = ", ".join(f"NULL::{column['type']} AS {quoted(column['name'])}" for column in columns)
    empty = sa.text(f"SELECT {nothing}".replace(":", "\\:")).columns().subquery("batch")
    other = con.cursor()
    try:
        met = [_message_over(other, sa.select(aggregate).select_from(empty), dialect) for aggregate in aggregates]
    finally:
        other.close()
    return [position for position, said in enumerate(met) if said == message]


def _message_over(con: "Connection", query: sa.Select[Any], dialect: sa.Dialect) -> str:
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    order = getattr(compiled, "positiontup", None) or ()
    try:
        con.execute(str(compiled), [compiled.params[name] for name in order]).fetchall()
    except DBAPI.Error as error:
        return message_of(error)
    return ""
