"""Planted persons, and the search for them in everything that a lake keeps."""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.contracts.model import Contract
from tests.spine.city import column
from tests.spine.lake import Lake

PHONES = ("13912340001", "13912340002", "13912340003", "13912340004")
IDS = ("350203199001010011", "350203199001010012", "35020319900101001X")
NAMES = ("欧阳测试甲", "司徒测试乙")
SECRETS = (*PHONES, *IDS, *NAMES, "0592-2233441", "闽D·A1234", "6222021234567890123", "someone.private@example.org")

_HEAD = "编号,姓名,电话,身份证号,内容,数量,电话号码二\n"
_SOUND = (
    f"k1,{NAMES[0]},{PHONES[0]},{IDS[0]},请致电{PHONES[1]}或0592-2233441卡6222021234567890123,1,{PHONES[3]}\n"
    f"k2,{NAMES[1]},{PHONES[1]},{IDS[2]},身份证{IDS[1]}车牌闽D·A1234邮箱someone.private@example.org,2,\n"
)
# every way in which a value may stray: the wrong form, the wrong column, a line of the wrong width, an open quote
_BAD = (
    f"k3,{NAMES[0]},{PHONES[2]}0,{IDS[0]}9,x,3,\n"
    f"k4,{NAMES[0]},{PHONES[2]},{IDS[0]},x,电话{PHONES[3]},\n"
    f"k5,{NAMES[0]},{PHONES[2]},{IDS[0]},x,{PHONES[3]},,{PHONES[1]},{IDS[1]}\n"
    f"k6,{PHONES[2]}\n"
    f'k7,"{NAMES[0]},{PHONES[2]},{IDS[0]},x,3,\n'
)
PLANTED = {"published": _HEAD + _SOUND * 1, "refused": _HEAD + _BAD + _SOUND.replace("k1", "k8").replace("k2", "k9")}


def people(lake: Lake, max_invalid_pct: float = 20) -> Contract:
    """Return a dataset of persons: pseudonymised, scrubbed, dropped; and one number that is not personal."""
    personal: dict[str, Any] = {"personal": True, "level": "3"}
    columns = [
        column("record_id", title="编号", key=True),
        column("person_name", title="姓名", mask="drop", required=True, **personal),
        column("phone", title="电话", mask="hmac", options={"pattern": r"^1\d{10}$"}, unique=True, **personal),
        column("id_card", title="身份证号", mask="hmac", options={"maxLength": 18}, **personal),
        column("content", title="内容", mask="scrub", **personal),
        column("amount", "integer", title="数量", options={"maximum": 9}),
    ]
    return lake.contract(columns, max_invalid_pct=max_invalid_pct)


def planted_in(home: Path) -> list[str]:
    """Return every place under a lake's home, outside landing, that holds a planted value."""
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.relative_to(home).parts[0] != "landing":
            found += [f"{path.relative_to(home)}: {secret}" for text in texts(path) for secret in secrets_in(text)]
    return found


def planted_in_text(text: str, secrets: Sequence[str]) -> list[str]:
    """Return which of these values stand in a text."""
    return [secret for secret in secrets if secret in text]


def planted_bytes_in(home: Path, secrets: Sequence[str]) -> list[str]:
    """Return every place under a lake's home, outside landing, that holds one of these values in UTF-8, GB18030 or UTF-16."""
    encodings = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
    forms = {(secret, secret.encode(encoding)) for secret in secrets for encoding in encodings}
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.relative_to(home).parts[0] != "landing":
            place, data = str(path.relative_to(home)), path.read_bytes()
            found += [f"{place}: {secret}" for secret, form in sorted(forms) if form in data]
            found += [f"{place}: {secret}" for text in texts(path) for secret in planted_in_text(text, secrets)]
    return sorted(set(found))


def secrets_in(text: str) -> list[str]:
    """Return the planted values in a text."""
    return [secret for secret in SECRETS if secret in text]


def texts(path: Path) -> Iterator[str]:
    """Return what a file says: as it is, by its rows where it is Parquet, unpacked where it is packed."""
    data = path.read_bytes()
    yield str(path.name)
    yield data.decode("utf-8", "ignore")
    yield data.decode("utf-16-le", "ignore")
    if data[:4] == b"PAR1":
        yield str(pq.read_table(path).to_pylist())
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data).decode("utf-8", "ignore")
    for text in re.findall(rb"[0-9a-f]{40,}", data):  # blobs written in hexadecimal
        yield bytes.fromhex(text[: len(text) // 2 * 2].decode()).decode("utf-8", "ignore")
    for start in (m.start() for m in re.finditer(rb"x\x9c", data)):
        try:
            yield zlib.decompressobj().decompress(data[start : start + 1_000_000]).decode("utf-8", "ignore")
        except zlib.error:
            continue
