"""Datasets as the models of a transform read them: the rows of the batches that stand, which are known by then.

The views of `dwd` say the same, and look up at every mention which batches stand: a twentieth of a second each.
"""

from collections.abc import Iterable, Mapping

from pipelines.contracts.model_order import Made
from pipelines.contracts.serial import from_json
from pipelines.derive.tables import valid_rows
from pipelines.lake.connection import Connection
from pipelines.names import literal
from pipelines.steps.transform.state import Standing

_STANDING = 'temp."_standing"'


def delivered(con: Connection, models: Iterable[Made], stands: Mapping[str, Standing]) -> dict[str, str]:
    """Return the datasets that these models read as SQL of a relation, by `dwd.<table>`; a dataset kept as a table is not among them."""
    read = {name: stands[name] for one in models for name in one.reads if name in stands}
    pairs = [(one.dataset, batch) for one in read.values() for batch in one.batches]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE _standing AS SELECT unnest(?::VARCHAR[]) AS dataset, unnest(?::VARCHAR[]) AS batch_id",
        [[dataset for dataset, _ in pairs], [batch for _, batch in pairs]],
    )
    # A name that two datasets bore, one after the other, or a dataset and a model, is left to its view.
    rows = con.execute(
        "SELECT v.contract FROM (SELECT split_part(dataset, '.', 2) AS name, arg_max(contract, recorded_at) AS contract, "
        "count(DISTINCT dataset) AS bearers FROM city.quality.contract_versions GROUP BY name) AS v "
        "WHERE v.bearers = 1 AND list_contains(?, v.name)",
        [[name.partition(".")[2] for name in read]],
    ).fetchall()
    contracts = [contract for row in rows if (contract := from_json(str(row[0])))]
    return {
        f"dwd.{one.table}": f"({valid_rows(one, f'SELECT batch_id FROM {_STANDING} WHERE dataset = {literal(one.id)}')})"
        for one in contracts
        if one.model is None and one.ingest.mode != "upsert"
    }
