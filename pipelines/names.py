"""The names of things, in one place: ids, tables, DAGs, batches. Pure string functions."""

import re
import unicodedata

DATASET_ID = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
LONGEST_NAME = 60
COLUMN = re.compile(r"^[a-z][a-z0-9_]*$")


def table_of(dataset: str) -> str:
    """Table name of a dataset id, unique in the city.

    >>> table_of("governance.hotline_orders")
    'hotline_orders'
    """
    return dataset.rpartition(".")[2]


def domain_of(dataset: str) -> str:
    """Domain of a dataset id.

    >>> domain_of("governance.hotline_orders")
    'governance'
    """
    return dataset.partition(".")[0]


def dag_id_of(dataset: str) -> str:
    """DAG id of a dataset id.

    >>> dag_id_of("governance.hotline_orders")
    'ingest__hotline_orders'
    """
    return f"ingest__{table_of(dataset)}"


def bare_table(name: str) -> str:
    """Table name meant by any of the ways a user may write a dataset: id, `dwd.table`, DAG id or table.

    >>> [bare_table(n) for n in ("mobility.trips", "dwd.trips", "ingest__trips", "trips")]
    ['trips', 'trips', 'trips', 'trips']
    """
    return name.rpartition(".")[2].removeprefix("ingest__")


def batch_id_of(dataset: str, seq: int) -> str:
    """Batch id: the table and the running number of the batch within its dataset.

    >>> batch_id_of("governance.hotline_orders", 7)
    'hotline_orders-0007'
    """
    return f"{table_of(dataset)}-{seq:04d}"


def table_of_batch(batch_id: str) -> str:
    """Table a batch id belongs to.

    >>> table_of_batch("hotline_orders-0007")
    'hotline_orders'
    """
    return batch_id.rpartition("-")[0]


def quoted(identifier: str) -> str:
    """SQL identifier in double quotes (a column may be called `at`, which DuckDB reserves).

    >>> quoted('at')
    '"at"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """SQL string literal.

    >>> literal("O'Brien")
    "'O''Brien'"
    """
    return "'" + text.replace("'", "''") + "'"


def snake(heading: str) -> str:
    """Return a Latin heading as a column name, '' when it holds other letters.

    >>> [snake(text) for text in ("PULocationID", "Created Date", "PM2.5", "O3_8h", "2019", "구분", "start station id")]
    ['pu_location_id', 'created_date', 'pm25', 'o3_8h', 'col_2019', '', 'start_station_id']
    """
    text = unicodedata.normalize("NFKC", heading).strip()
    if any(char.isalpha() and not char.isascii() for char in text) or not re.search(r"[A-Za-z0-9]", text):
        return ""
    text = re.sub(r"(?<=\d)\.(?=\d)", "", text)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    name = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:LONGEST_NAME].strip("_")
    return name if not name or name[0].isalpha() else f"col_{name}"
