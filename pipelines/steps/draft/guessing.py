"""What a column probably is, judged by its looks in the sample: first the guess, then the more lenient ones behind it."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.contracts.model import Column
from pipelines.derive.types import family
from pipelines.names import literal
from pipelines.steps.draft import dates, shapes
from pipelines.steps.draft.markers import IN_NUMBERS, IN_TEXT
from pipelines.steps.draft.sampling import Look

# A date column may hold a few impossible days: they are quarantined, rather than all dates kept as text.
TOLERATED_DATES = 0.005
ENOUGH_FOR_TOLERANCE = 200
_PAIRS = (
    (("是",), ("否",)),
    (("有",), ("无",)),
    (("√",), ("×",)),
    (("true", "True", "TRUE"), ("false", "False", "FALSE")),
    (("Y", "y", "yes", "Yes", "YES"), ("N", "n", "no", "No", "NO")),
    (("t", "T"), ("f", "F")),
    (("1",), ("0",)),
)
_CODE_WORD = re.compile(
    r"代码|编码|编号|号码|单号|证号|序列号|账号|卡号|工号|学号|户号|邮编|邮政|电话|手机|区划"
    r"|(^|_|\b)(code|adcode|zip|zipcode|postcode|phone|mobile|tel|fax|isbn)(_|\b|$)|[a-z]Code$"
)
_YES_NO_WORD = re.compile(r"^是否|^有无|(^|_)(is|has)_|(^|_)flag$|标志$|标识$")
_BIG = ("UBIGINT", "HUGEINT", "UHUGEINT")


@dataclass(frozen=True, slots=True)
class Guess:
    """A column as it may be read: under its heading for a name, with every null marker of its type.

    `shape` is SQL over `{text}` that says which texts are meant; '' means all. `tolerated`: the share that may be wrong.
    `question` is what only a person can decide.
    """

    column: Column
    shape: str = ""
    tolerated: float = 0.0
    question: str = ""


def guesses(look: Look, *, no_numbers: bool = False) -> tuple[Guess, ...]:
    """Return what a text column may be, the strictest first and text last."""
    numbers = [] if no_numbers else _numbers(look)
    found = [guess for guess in (_boolean(look), _date(look), *numbers) if guess] if look.filled else []
    return (*found[:2], text_guess(look.heading))


def near_miss(look: Look) -> str:
    """Return what nearly all values of a column that stays text are, '' when nothing in particular."""
    if look.zoned:
        return f"{look.zoned:,} of {look.filled:,} sampled values are times with a zone of their own, which contracts cannot say"
    for kind, count in (("integers", look.integers), ("numbers", look.numbers)):
        if look.filled and not look.leading_zeros and 0.95 * look.filled <= count < look.filled:
            return f"only {count:,} of {look.filled:,} sampled values are {kind}"
    return ""


def text_guess(heading: str) -> Guess:
    """Return the guess that is never wrong."""
    return Guess(Column(heading, "string", nulls=IN_TEXT))


def is_code(heading: str) -> bool:
    """Whether a heading speaks of codes, which stay text even when all of them are digits.

    >>> is_code("区划代码"), is_code("district_code"), is_code("数量"), is_code("areaCode")
    (True, True, False, True)
    """
    return bool(_CODE_WORD.search(heading) or _CODE_WORD.search(heading.casefold()))


def _boolean(look: Look) -> Guess | None:
    given = set(look.values)
    for yes, no in _PAIRS:
        both = given & set(yes) and given & set(no)
        told = bool(_YES_NO_WORD.search(look.heading)) or (both and yes != ("1",))
        markers = tuple(sorted(given & set(IN_TEXT)))
        if given and told and given <= {*yes, *no, *markers} and given - set(markers):
            seen = [tuple(value for value in side if value in given) or side[:1] for side in (yes, no)]
            column = Column(look.heading, "boolean", true_values=seen[0], false_values=seen[1], nulls=IN_TEXT)
            return Guess(column)
    return None


def _date(look: Look) -> Guess | None:
    if not look.date_counts:
        return None
    tolerated = TOLERATED_DATES if look.filled >= ENOUGH_FOR_TOLERANCE else 0.0
    found = dates.written(look.heading, look.filled, look.date_counts, tolerated)
    if found is None:
        return None
    question = "day first or month first? Both read every value of it; see formats." if found.ambiguous else ""
    column = found.column(look.heading, IN_NUMBERS, look.full_width > 0)
    return Guess(column, f"regexp_full_match({{text}}, {literal(found.shape)})", tolerated, question)


def _numbers(look: Look) -> list[Guess]:
    if look.leading_zeros or is_code(look.heading):
        return []
    blank = Column(look.heading, "integer", nulls=IN_NUMBERS, full_width=look.full_width > 0)
    found = []
    for grouped, integers, numbers in (
        (False, look.integers, look.numbers),
        (True, look.grouped_integers, look.grouped_numbers),
    ):
        column = replace(blank, thousands="," if grouped else "")
        if integers == look.filled:
            found.append(Guess(column, shapes.is_integer("{text}", grouped=grouped)))
        if numbers == look.filled or integers == look.filled:
            found.append(Guess(replace(column, type="number"), shapes.is_number("{text}", grouped=grouped)))
    return found


def typed_guess(heading: str, source: str) -> tuple[Guess, ...]:
    """Return what a column that comes with a type is: that type, and text behind it."""
    number: Literal["integer", "number"] = "number" if source.startswith(("FLOAT", "DOUBLE", "DECIMAL")) else "integer"
    column = {
        "number": Column(heading, number, physical_type=source if source.startswith("DECIMAL") else ""),
        "timestamp": Column(heading, "timestamp"),
        "timestamptz": Column(heading, "timestamp"),
        "date": Column(heading, "date"),
        "boolean": Column(heading, "boolean"),
    }.get(family(source))
    if source == "TIME":
        column = Column(heading, "time")
    if source.startswith(_BIG):
        column = Column(heading, "string")
    return (Guess(column), text_guess(heading)) if column else (text_guess(heading),)
