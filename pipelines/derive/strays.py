"""Values that look personal where the contract has none: a phone in a remark, columns shifted by one.

Looked for in datasets with personal columns alone, and in rows that break a rule by themselves. What a column's own rules
vouch for (a pattern, listed values) and a row keeps is left as it is: an order's number may have as many digits as a card's.
"""

from pipelines.contracts.model import Column, Contract
from pipelines.derive.rules import Rule
from pipelines.derive.types import is_geometry
from pipelines.names import quoted

MAIL, CARD, PHONE, PLATE = MARKS = "〔邮箱〕", "〔证件或卡号〕", "〔电话〕", "〔车牌〕"
_FORMS = ("pattern", "enum", "code_list", "reference")
_OWN = (*_FORMS, "length", "cell_error", "precision_lost")


def guarded(contract: Contract) -> tuple[Column, ...]:
    """Return the columns into which a personal value may stray: text that is stored as delivered beside personal columns."""
    if not contract.is_personal:
        return ()
    return tuple(c for c in contract.columns if c.type == "string" and not c.mask and not is_geometry(c))


def without_strays(contract: Contract, column: Column, rules: tuple[Rule, ...]) -> str:
    """Return SQL for a guarded column's value, scrubbed where it breaks its own form, or has none in a row with `_violations`.

    What must be unique stays so: its pseudonym follows the mark.
    """
    name = quoted(column.name)
    own = [rule for rule in rules if rule.columns == (column.name,) and rule.breach and rule.kind in _OWN]
    suspects = [quoted(rule.id) for rule in own]
    if not any(rule.kind in _FORMS for rule in own):
        suspects.append("_violations IS NOT NULL")
    scrubbed = f"rongtong_scrub({name})"
    if column.unique or column.name in contract.key:
        scrubbed = f"CASE WHEN {scrubbed} <> {name} THEN {scrubbed} || rongtong_hmac({name}) ELSE {name} END"
    return f"CASE WHEN {' OR '.join(suspects)} THEN {scrubbed} ELSE {name} END"
