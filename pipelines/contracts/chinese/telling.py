"""What a problem of a contract is called in the language of the settings; the problem itself stays as its rule words it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from pipelines.contracts.chinese import rules, structure
from pipelines.errors import ContractError, Problem, RongtongError
from pipelines.settings import settings

_NAME = re.compile(r"\{([a-z]+)\}")
_ONE_WORD = "[A-Za-z.]+"
# These stand for sentences or words that have their own Chinese; every other name stands for the contract's own words.
_MUST_BE_KNOWN = {"rest", "fault"}
_MAY_BE_KNOWN = {"change", "changes", "meaning", "usual", "was", "now", "path", "wanted", "other", "what"}


def told(error: Problem | RongtongError) -> str:
    """Return what an error says in the language of the settings; a problem's line is `file:line: [rule] message. Hint: hint`."""
    if isinstance(error, ContractError):
        return "\n".join(told(problem) for problem in error.problems)
    if not isinstance(error, Problem) or (other := in_language(error)) is error:
        return str(error)
    place = f"{other.file}:{other.line}" if other.line else other.file
    return f"{place}: [{other.rule}] {other.message}" + (f"提示：{other.hint}" if other.hint else "")


def in_language(problem: Problem) -> Problem:
    """Return the problem in the language of the settings; as it is where Chinese has no words for it."""
    sentences = _sentences_of(problem.rule) if settings().lang.startswith("zh") else {}
    if not sentences:
        return problem
    message = in_chinese(problem.message.removesuffix("."), sentences)
    hint = in_chinese(problem.hint.removesuffix("."), sentences)
    if message is None or hint is None:
        return problem
    return replace(problem, message=f"{message}。", hint=f"{hint}。" if hint else "")


def _sentences_of(rule: str) -> Mapping[str, str]:
    if rule in structure.RULES:
        return structure.SENTENCES
    return rules.SENTENCES if rule in rules.RULES else {}


def in_chinese(sentence: str, sentences: Mapping[str, str]) -> str | None:
    """Return a sentence or hint, given without its full stop, in Chinese; None where there are no words for it.

    >>> in_chinese("column 'speed' is personal but not masked", rules.SENTENCES), in_chinese("colum is wrong", rules.SENTENCES)
    ('列“speed”是个人信息，却没有处理方式', None)
    """
    if not sentence:
        return ""
    for form, chinese in _forms(sentences is rules.SENTENCES):
        found = form.fullmatch(sentence)
        values = _values(found.groupdict(), sentences) if found else None
        if values is not None:
            return _NAME.sub(lambda name, known=values: known[name[1]], chinese)  # type: ignore[misc]
    return None


def _values(named: dict[str, str], sentences: Mapping[str, str]) -> dict[str, str] | None:
    """What the names of a form stand for, in Chinese where that has words; None where it should have and has not."""
    values = dict(named)
    for name in (_MUST_BE_KNOWN | _MAY_BE_KNOWN) & named.keys():
        inner = in_chinese(named[name], sentences)
        if inner is None and name in _MUST_BE_KNOWN:
            return None
        values[name] = named[name] if inner is None else inner
    return values


@cache
def _forms(registered: bool) -> list[tuple[re.Pattern[str], str]]:
    """The sentences of the registered rules, or of structure, as patterns: what goes before a sentence first, then the most particular."""
    sentences = rules.SENTENCES if registered else structure.SENTENCES
    ordered = sorted(sentences.items(), key=lambda pair: ("{rest}" not in pair[0], -len(_NAME.sub("", pair[0]))))
    return [(re.compile(_pattern(english), re.DOTALL), chinese) for english, chinese in ordered]


def _pattern(english: str) -> str:
    seen: set[str] = set()
    parts = []
    for place, part in enumerate(_NAME.split(english)):
        if place % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>{_ONE_WORD if part == 'kind' else '.+?'})")
            seen.add(part)
    return "".join(parts)
