"""Keyed pseudonyms and the scrubbing of free text, as temporary macros of the writing connection alone.

HMAC-SHA-256 (RFC 2104) with the key's two 64-byte pads precomputed in session variables: no reader's session knows them.
This is 去标识化, not 匿名化: whoever holds the key can try all phone numbers. Scrubbing by pattern is no guarantee.
"""

import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from pipelines.derive.strays import CARD, MAIL, PHONE, PLATE
from pipelines.errors import EnvironmentFault
from pipelines.lake.connection import Connection
from pipelines.names import literal
from pipelines.settings import Settings

# A lake that the demo made bears the mark, and a key of this name: so the key is known again wherever it is carried.
DEMO_MARK = ".demo"
DEMO_KEY = "demo"
_BLOCK = 64
_DIGIT, _GAP, _LETTER = "[0-9０-９]", "[- 　－—]", "[A-Za-zＡ-Ｚａ-ｚ]"
# A mark may take up what stood before the match (`\1`): RE2 cannot look back. Cards and numbers of identity also in groups.
SCRUBBED = (
    (r"[\w.+-]+[@＠][\w-]+\.[\w.-]+", MAIL),
    (rf"{_DIGIT}{{15,20}}[XxＸｘ]?", CARD),
    (rf"{_DIGIT}{{4}}(?:{_GAP}{_DIGIT}{{4}}){{3}}(?:{_GAP}?{_DIGIT}{{1,3}})?", CARD),
    (rf"{_DIGIT}{{6}}{_GAP}{_DIGIT}{{8}}{_GAP}{_DIGIT}{{3}}[0-9０-９XxＸｘ]", CARD),
    (rf"[1１]{_DIGIT}{{2}}{_GAP}?{_DIGIT}{{4}}{_GAP}?{_DIGIT}{{4}}", PHONE),
    (rf"(^|[^0-9０-９])[0０]{_DIGIT}{{2,3}}[)）]?{_GAP}?{_DIGIT}{{7,8}}", rf"\1{PHONE}"),
    (
        (
            rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]{_LETTER}[·•. -]?(?:{_DIGIT}|{_LETTER}){{4,5}}"
            rf"(?:{_DIGIT}|{_LETTER}|[挂学警港澳使领])"
        ),
        PLATE,
    ),
)


def scrubbed(text: str) -> str:
    """Return a text without what looks like a person's number or address, as `rongtong_scrub` does in SQL.

    >>> scrubbed("请回电139 1234 0001")
    '请回电〔电话〕'
    """
    for pattern, mark in SCRUBBED:
        text = re.sub(pattern, mark, text)
    return text


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """A key and the id stored with every pseudonym made by it; another key means another plan."""

    id: str
    secret: bytes


def key_of(settings: Settings) -> PseudonymKey:
    """Return the lake's key: RONGTONG_HMAC_KEY (`id:hex`), else `hmac.json` in the lake's folder, made at random once."""
    given = os.environ.get("RONGTONG_HMAC_KEY", "")
    if given:
        return _parsed(given)
    path = settings.home / "hmac.json"
    if not path.is_file():
        _write_once(path)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except PermissionError:
        raise EnvironmentFault(
            f"[hmac-key] {path} belongs to another OS user. Hint: set RONGTONG_HMAC_KEY for this one."
        ) from None
    return PseudonymKey(stored["id"], bytes.fromhex(stored["key"]))


def _parsed(given: str) -> PseudonymKey:
    name, _, secret = given.partition(":")
    try:
        return PseudonymKey(name, bytes.fromhex(secret))
    except ValueError:
        raise EnvironmentFault("[hmac-key] RONGTONG_HMAC_KEY is not `id:hex`. Hint: k1:<64 hex digits>.") from None


def _write_once(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".hmac-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        name = DEMO_KEY if path.with_name(DEMO_MARK).exists() else "k1"
        json.dump({"id": name, "key": secrets.token_hex(32)}, handle)
    try:
        os.link(draft, path)  # two first runs at once: one key wins, both use it
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def install_macros(con: Connection, key: PseudonymKey) -> None:
    """Create `rongtong_hmac(text)` → 'k1:' and 32 hex digits (NULL stays NULL) and `rongtong_scrub(text)` on this connection."""
    block = key.secret.ljust(_BLOCK, b"\0")
    for name, pad in (("rongtong_ipad", 0x36), ("rongtong_opad", 0x5C)):
        con.execute(f"SET VARIABLE {name} = unhex('{bytes(byte ^ pad for byte in block).hex()}')")
    con.execute(
        f"CREATE OR REPLACE TEMP MACRO rongtong_hmac(m) AS {literal(key.id + ':')} || "
        "left(sha256(getvariable('rongtong_opad') || unhex(sha256(getvariable('rongtong_ipad') || encode(m)))), 32)"
    )
    scrubbed = "m"
    for pattern, mark in SCRUBBED:
        scrubbed = f"regexp_replace({scrubbed}, {literal(pattern)}, {literal(mark)}, 'g')"
    con.execute(f"CREATE OR REPLACE TEMP MACRO rongtong_scrub(m) AS {scrubbed}")
