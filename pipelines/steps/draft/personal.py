"""Which columns are likely to be personal data: by what they are called, and by what they hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.names import literal

_STATISTIC = re.compile("(量|数|率|比|次|时长|类型|类别|渠道|属性|状态|单位|部门|机构|企业|是否.*)$|^是否|数量|人数")
_PEOPLE = (
    "姓名|联系人|负责人|法定代表人|法人代表|经办人|来电人|申请人|投诉人|举报人|反映人|当事人|户主|监护人|驾驶员|司机|车主|患者|"
    "报警人|处理人|办理人|收件人|寄件人|业主|房主"
)
_PEOPLE_ENGLISH = (
    r"(first|last|full|sur|given|family|middle|maiden)_?name|"
    r"(person|people|citizen|applicant|caller|contact|patient|resident|owner|driver|customer|user|guardian)_?name"
)
# Ordered: the first kind whose words a heading holds.
_HEADINGS = (
    ("citizen id", "身份证|证件号|证件编号|公民身份号码|护照|社会保障号|社保卡号|军官证|居住证号",
     r"id_?card|id_?number|citizen_?id|national_?id|passport|ssn"),
    ("phone", "手机|电话|联系方式|来电号码|主叫号码|传真", r"phone|mobile|cellphone|telephone|tel|fax"),
    ("plate", "车牌|号牌", r"plate(_?(no|number))?|license_plate"),
    ("bank or card number", "银行卡|银行账号|银行账户|卡号|一卡通号|交通卡|开户账号", r"bank_?(card|account)|card_?(no|number|id)|iban"),
    ("e-mail", "邮箱|电子邮件|邮件地址", r"(e_?)?mail"),
    ("account", "微信号|微信|QQ|openid", r"wechat|qq|open_?id"),
    ("date of birth", "出生日期|出生年月|生日", r"birth_?(date|day)|date_of_birth|dob"),
    ("home address", "住址|家庭地址|居住地址|户籍地址|现居地", r"home_?address|residential_address"),
    ("name", _PEOPLE, _PEOPLE_ENGLISH),
)  # fmt: skip
_ENGLISH_STATISTIC = re.compile("_(type|kind|category|count|total|times|rate|unit|department|status|channel|method)$")
_COMPILED = tuple(
    (kind, re.compile(chinese), re.compile(rf"(^|_)({english})(_|$)")) for kind, chinese, english in _HEADINGS
)
# What ends like this is a place or an office, not a person.
_PLACES = "区县市镇乡村街道路巷桥站院校厂局所园店馆业组队厦桶灯"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊"
    "秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_MOBILE = r"(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
_CITIZEN = r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]"
_VALUES = {
    "citizen id": _CITIZEN,
    "phone": _MOBILE,
    "plate": rf"[{_PROVINCES}][A-Z][·. ]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]",
    "e-mail": r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
    "bank or card number": r"(62|4\d|5[1-5]|3[57])\d{14,17}",
    "name": rf"[{_SURNAMES}][\x{{4e00}}-\x{{9fff}}]?[^\x00-\x7f{_PLACES}]",
}
_INSIDE = rf"(^|[^0-9])(1[3-9]\d{{9}}|{_CITIZEN})([^0-9]|$)"
VALUE_KINDS = (*_VALUES, "inside")
NUMBERS = ("citizen id", "phone", "bank or card number")
_ENOUGH = 5
_LONG_TEXT = 15


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why a column is likely personal, and how it would be masked."""

    kind: str
    evidence: str
    mask: Literal["hmac", "scrub"] = "hmac"


def value_counts(text: str) -> Iterator[str]:
    """Yield SQL that counts values by VALUE_KINDS: those that are one, then those that hold a phone or id inside."""
    for shape in _VALUES.values():
        yield f"count_if(regexp_full_match({text}, {literal(shape)}))"
    yield f"count_if(length({text}) > 11 AND regexp_matches({text}, {literal(_INSIDE)}))"


def suspicion(
    heading: str, name: str, filled: int = 0, people: dict[str, int] | None = None, *,
    length: float = 0, distinct: int = 0,
) -> Suspicion | None:  # fmt: skip
    """Return why a column is likely personal, or None; the counts are those of its sample."""
    kind = kind_of_heading(heading) or kind_of_heading(name)
    counts = people or {}
    if kind:
        mask: Literal["hmac", "scrub"] = "scrub" if length > 2 * _LONG_TEXT else "hmac"
        return Suspicion(kind, f"it is called '{heading}'", mask)
    for kind in _VALUES:
        if filled >= _ENOUGH and counts.get(kind, 0) >= _needed(kind, filled) and _plausible(kind, distinct):
            return Suspicion(kind, f"{counts[kind]:,} of {filled:,} values look like one")
    inside = counts.get("inside", 0)
    if inside and length >= _LONG_TEXT and inside >= filled / 1000:
        return Suspicion("free text", f"{inside:,} of {filled:,} texts hold a phone or id number", "scrub")
    return None


def may_be_people(names: int, filled: int, distinct: int) -> bool:
    """Whether the few values of a column may be names: too few to tell from categories, enough not to write them down."""
    return filled >= _ENOUGH and names >= _needed("name", filled) and distinct >= _ENOUGH


def kind_of_heading(heading: str) -> str:
    """Return the kind of personal data a heading speaks of, '' when it speaks of none.

    >>> kind_of_heading("联系电话"), kind_of_heading("caller_phone"), kind_of_heading("电话数量"), kind_of_heading("status")
    ('phone', 'phone', '', '')
    """
    snake = _snake(heading)
    for kind, chinese, english in _COMPILED:
        if chinese.search(heading) and not _STATISTIC.search(heading):
            return kind
        if english.search(snake) and not _ENGLISH_STATISTIC.search(snake):
            return kind
    return ""


def must_be_declared(heading: str) -> bool:
    """Whether a heading holds a word of personal data at all, so that a contract says what it is even when it is none.

    >>> must_be_declared("电话受理时间"), must_be_declared("status")
    (True, False)
    """
    snake = _snake(heading)
    return any(chinese.search(heading) or english.search(snake) for _, chinese, english in _COMPILED)


def _snake(heading: str) -> str:
    return re.sub(r"[\W]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", heading)).casefold()


def _needed(kind: str, filled: int) -> float:
    return (0.8 if kind == "name" else 0.6) * filled


def _plausible(kind: str, distinct: int) -> bool:
    """A handful of short Chinese words are categories, not names."""
    return kind != "name" or distinct >= 20
