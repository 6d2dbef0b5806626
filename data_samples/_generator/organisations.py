"""Deliveries of base.organisations: the offices of shared_world.py as a text a year, with what typists do."""

from collections.abc import Sequence
from pathlib import Path

from _generator.shared_world import Organisation, organisation, organisations
from _generator.tally import Tally
from _generator.warts import Record, Wart, wart_of

HEADINGS = ("机构代码", "统一社会信用代码", "机构名称", "简称", "层级", "上级机构代码", "区划代码")
_WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"})


def _record(office: Organisation) -> Record:
    parent = organisation(office.parent).org_code if office.parent else "—"
    return [
        office.org_code, office.credit_code, office.name, office.short_name, office.level, parent, office.division,
    ]  # fmt: skip


def full_width(record: Record) -> Record:
    """The credit code as a Chinese input method types it."""
    return [record[0], record[1].translate(_WIDE), *record[2:]]


def padded(record: Record) -> Record:
    """A blank before and after the name."""
    return [*record[:2], f" {record[2]}　", *record[3:]]


def write_organisations(path: Path, warts: Sequence[Wart], further: Sequence[Record] = ()) -> Tally:
    """Write a year's delivery and return what it holds; `further` are rows (all of them bad) beside the known offices'."""
    tally, lines = Tally(), [",".join(HEADINGS)]
    for row, record in enumerate([*map(_record, organisations()), *further]):
        wart = wart_of(warts, row)
        if wart and wart.rule:
            tally.count_broken(wart.rule, also=wart.also)
        lines.append(",".join(wart.change(record) if wart else record))
        tally.delivered += 1
    path.write_text("\n".join(lines) + "\n", encoding="gb18030", newline="")
    return tally
