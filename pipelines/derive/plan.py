"""The plan digest: what decides how a delivery is read. The same bytes under the same plan change nothing."""

import hashlib
import json
from dataclasses import asdict, replace

from pipelines.contracts.model import CodeList, Contract
from pipelines.contracts.pulling import Auth, Pull
from pipelines.standards.macros import digest_of_used

# Raised whenever the reader, the casts or the rules would judge the same bytes differently.
READER = 2  # 2: times that name their zone are instants
# Not even there with an empty value: a lake of an earlier release keeps its digests.
_NEVER_DECIDING = ("channels", "available_from", "model", "stage")
# Counts the changes of what is scrubbed: personal datasets are read anew after one.
_SCRUBBING = 3


def plan_digest(contract: Contract, code_lists: dict[str, CodeList], zone: str, key_id: str) -> str:
    """Return the digest over everything that decides the result of reading: not over titles, owners, descriptions or where it comes from."""
    deciding = replace(
        contract, path="", digest="", purpose="", limitations="", provider="", owner="", contacts=(), tags=(), status="active",
        version="", title="", schedule="", retention_days=None, sharing=(), frequency=None, latency=None,
        columns=tuple(replace(column, description="") for column in contract.columns),
        ingest=replace(contract.ingest, source="", auth=Auth(), sql=None, pull=Pull()),
    )  # fmt: skip
    parts = {
        "reader": READER,
        "contract": {name: value for name, value in asdict(deciding).items() if name not in _NEVER_DECIDING},
        "code_lists": {name: codes.digest for name, codes in sorted(code_lists.items())},
        "zone": zone,
        "key": key_id,
    }
    for column in parts["contract"]["columns"]:  # type: ignore[index]  # grades decide nothing here: digests stay as they were
        del column["regraded"]
    if contract.is_personal:
        parts["scrubbing"] = _SCRUBBING
    if standards := _standards(contract):  # only then: a contract without them keeps the digest it had
        parts["standards"] = standards
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _standards(contract: Contract) -> str:
    """The wording of the standards that the contract's own SQL calls; where one is worded anew, the bytes are judged anew."""
    rows = [check.condition for check in contract.row_checks]
    return digest_of_used("\n".join([*rows, *(check.query for check in contract.batch_checks)]))
