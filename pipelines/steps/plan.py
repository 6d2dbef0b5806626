"""How deliveries of a dataset are read now: its contract with everything that decides the result, digested."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pipelines.contracts.codelists import load_code_list
from pipelines.contracts.model import CodeList, Contract
from pipelines.derive.periods import NO_PERIOD, first_day
from pipelines.derive.plan import plan_digest
from pipelines.derive.rules import Surroundings
from pipelines.lake.pseudonym import key_of
from pipelines.settings import Settings
from pipelines.sources.landed import Landed


@dataclass(frozen=True, slots=True)
class Plan:
    """A contract with its code lists and zone; `digest` changes whenever the same bytes could be judged differently."""

    contract: Contract
    code_lists: dict[str, CodeList]
    zone: str
    digest: str

    def around(self, period: str, landed: Landed | None) -> Surroundings:
        """Return what the rules need for one delivery; code lists are those valid on the period's first day, else today.

        None: its bytes are not there any more, and no rule about undecodable ones is asked for.
        """
        day = first_day(period) if period and period != NO_PERIOD else datetime.now(ZoneInfo(self.zone)).date()
        return Surroundings(
            self.zone, self.code_lists, day.isoformat(), "" if period == NO_PERIOD else period,
            rare_blanks=landed is None or landed.counts.rare_blanks or self.contract.ingest.format != "csv",  # elsewhere they may be escaped
            encoding_marks=landed is not None and landed.undecodable.total > 0,
            control_marks=landed is not None and landed.counts.nuls > 0,
        )  # fmt: skip


def plan_of(settings: Settings, contract: Contract) -> Plan:
    """Return the plan under which a contract's deliveries are read now; ContractError for a broken code list."""
    names = sorted({column.code_list for column in contract.columns if column.code_list})
    code_lists = {name: load_code_list(settings.schemas, name) for name in names}
    zone = contract.ingest.timezone
    return Plan(contract, code_lists, zone, plan_digest(contract, code_lists, zone, key_of(settings).id))
