"""Rules on personal data: what is personal says so, is graded, and does not stay readable."""

import re
from collections.abc import Iterator

from pipelines.contracts.model import Column
from pipelines.contracts.registry import Draft, Finding, rule

_WORDS = re.compile(
    r"(^|_)(phone|mobile|cellphone|telephone|tel|id_?card|id_number|citizen_id|passport|e?mail|wechat|"
    r"(person|citizen|applicant|caller|contact|patient|resident|owner)_name|surname|home_address|plate_no|bank_card)(_|$)"
)
_CHINESE = re.compile(
    "身份证|证件号|手机|电话|来电号码|姓名|联系人|住址|家庭地址|护照|邮箱|银行卡|车牌|微信号|出生日期"
)
_STATISTIC = re.compile("(量|数|率|比|时长|类型|类别|方式|渠道)$")


@rule("personal-masked")
def personal_masked(draft: Draft) -> Iterator[Finding]:
    """A personal column is graded 2 or more and masked; a mask is only for personal columns."""
    for column in draft.columns:
        where = ("columns", column.name)
        if column.personal and not column.mask:
            hint = "add mask: hmac (joins still work), scrub (free text) or drop."
            yield Finding((*where, "rongtong", "personal"), f"column '{column.name}' is personal but not masked", hint)
        if column.personal and column.level < 2:
            message = f"column '{column.name}' is personal but of level {column.level}"
            yield Finding((*where, "classification"), message, 'add classification: "2" or more.')
        if column.mask and not column.personal:
            message = f"column '{column.name}' is masked but not personal"
            yield Finding((*where, "rongtong", "mask"), message, "add personal: true.")


@rule("grade")
def grade(draft: Draft) -> Iterator[Finding]:
    """A model's column is graded by what it is made of; only there is it regraded, to a stated classification."""
    for column in draft.columns:
        where = ("columns", column.name, "rongtong", "regraded")
        if column.regraded and not draft.contract.model:
            hint = "leave it out: the provider's own classification holds."
            yield Finding(where, f"column '{column.name}' is regraded, and is delivered, not made", hint)
        elif column.regraded and not draft.given("columns", column.name, "classification"):
            message = f"column '{column.name}' is regraded, and states no classification"
            yield Finding(where, message, 'add classification: "1" to "4".')


@rule("mask-type")
def mask_type(draft: Draft) -> Iterator[Finding]:
    """Only text is scrubbed; numbers are pseudonymised or dropped."""
    for column in draft.columns:
        if column.mask == "scrub" and column.type != "string":
            where = ("columns", column.name, "rongtong", "mask")
            yield Finding(
                where,
                f"column '{column.name}' is of type {column.type}: only text is scrubbed",
                "use 'hmac' or 'drop'.",
            )


@rule("personal-undeclared")
def personal_undeclared(draft: Draft) -> Iterator[Finding]:
    """A column that looks personal says whether it is: level 1 is public, anything above must say more."""
    for column in draft.columns:
        public = draft.given("columns", column.name, "classification") and column.level == 1
        told = next((heading for heading in _headings(column) if _looks_personal(heading)), "")
        if told and not public and not draft.given("columns", column.name, "rongtong", "personal"):
            message = f"column '{column.name}' looks personal ('{told}') and does not say whether it is"
            hint = 'add classification and rongtong {personal: true, mask: hmac}, or classification: "1" if it is not.'
            yield Finding(("columns", column.name), message, hint)


def _headings(column: Column) -> tuple[str, ...]:
    return (column.name, column.title, *column.aliases)


def _looks_personal(heading: str) -> bool:
    chinese = _CHINESE.search(heading) and not _STATISTIC.search(heading)
    return bool(_WORDS.search(heading.casefold()) or chinese)
