"""The demo's page: one file that needs no network, in Chinese with English below; every value in it is escaped."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from pipelines.demo.journey import Field, Journey, journey_of
from pipelines.demo.twins import Twins, twins_of
from pipelines.lake.reader import connect
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows
from pipelines.wording import kind_in_both

_TEMPLATE = Path(__file__).parent / "page.html"
_MASKS = {"hmac": ("假名", "keyed pseudonym"), "scrub": ("清洗", "numbers scrubbed"), "drop": ("不保存", "not kept")}
_STATES = {
    "standing": "生效", "superseded": "已被替换", "retracted": "已撤回", "open": "待处理", "corrected": "已更正", "waived": "已豁免",
}  # fmt: skip
_MOST_HEX = 24


def write_page(settings: Settings) -> Path:
    """Write the page of what the lake holds of the sample city, and return where."""
    batches = batch_rows(settings, None)
    con = connect(where=settings)
    try:
        way, pairs = journey_of(settings, con, batches), twins_of(settings, con, batches)
    finally:
        con.close()
    sections = ([_journey(way)] if way else []) + [_twins(pair) for pair in pairs]
    page = settings.home / "demo.html"
    page.write_text(
        Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(sections="\n".join(sections)), encoding="utf-8"
    )
    return page


def _both(chinese: str, english: str, tag: str = "span") -> str:
    """Chinese with its English subtitle; both are escaped."""
    return f"<{tag}>{escape(chinese)} <small>{escape(english)}</small></{tag}>"


def _table(heads: Iterable[tuple[str, str]], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table; cells are markup already."""
    head = "".join(f"<th>{_both(*pair)}</th>" for pair in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="framed {kind}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _facts(facts: Iterable[tuple[str, str, object]]) -> str:
    items = (f"<div><dt>{_both(zh, en)}</dt><dd>{escape(str(value))}</dd></div>" for zh, en, value in facts)
    return f'<dl class="facts">{"".join(items)}</dl>'


def _hex(field: Field, most: int | None = None) -> str:
    if field.raw is None:
        return f'<span class="masked">{"▒▒ " * min(field.size, most or field.size)}</span>'
    cut = most is not None and len(field.raw) > most
    return field.raw[:most].hex(" ").upper() + (" …" if cut else "")


def _journey(way: Journey) -> str:
    batch, line = way.batch, sum(field.size for field in way.fields) + len(way.fields) - 1
    dump = ' <i class="comma">2C</i> '.join(f"<span>{_hex(field)}</span>" for field in way.fields)
    heads = (
        ("列", "column"), ("字节", "bytes"), ("文字", "decoded text"), ("湖中的值", "value in the lake"),
    )  # fmt: skip
    table = f"{batch['dataset'].partition('.')[2]}"
    command = f"select * from dwd.{table} where {way.contract.key[0]} = '{way.key}'"
    return f"""<section>
{_both("一件诉求，从字节到表格", "One complaint, from its bytes to the table", "h2")}
<ol>
<li>{
        _both(
            f"送来的字节：{batch['file']} 第 {way.line} 行，{way.encoding.upper()}，{line} 字节",
            f"as delivered: line {way.line}, {line} bytes",
            "h3",
        )
    }
<div class="dump">{dump}</div>
<p>{
        _both(
            "▒ 为个人信息的字节，不在此显示；分隔符 2C 是逗号。",
            "▒ are bytes of personal columns, not shown here; 2C is the comma.",
        )
    }</p></li>
<li>{
        _both(
            "译成文字，按契约读成类型，个人信息换成假名",
            "decoded, typed by the contract, personal columns pseudonymised",
            "h3",
        )
    }
{_table(heads, (_field_row(field) for field in way.fields), "fields")}
<p>{
        _both(
            "来电人与号码只存带密钥的假名：同一人仍可关联，不能还原。文本中的号码已按模式清洗。样例中的人都是虚构的，仍只显示湖中可以显示的。",
            "Names and numbers are kept as keyed pseudonyms alone: the same caller still joins. Numbers inside the text are scrubbed by pattern. "
            "The sample's people are invented; still this page shows only what the lake may show.",
        )
    }</p></li>
<li>{
        _both(
            f"检验：{way.rules} 条规则两次计数一致，这一行一条未犯；同一文件里没有通过的行",
            f"checked: SQL and Great Expectations agree on {way.rules} rules, and this row breaks none; rows of the same file that do",
            "h3",
        )
    }
{_wrong(way)}</li>
<li>{_both("它现在在哪里", "where it stands", "h3")}
{_standing(batch)}
<pre>rongtong sql "{escape(command)}" --at {escape(str(batch["snapshot"]))}</pre></li>
</ol>
</section>"""


def _field_row(field: Field) -> tuple[str, ...]:
    text = '<span class="masked">▒▒▒</span>' if field.text is None else escape(field.text)
    mask = _both(*_MASKS[field.column.mask]) if field.column.mask else ""
    value = escape(field.value) if field.value else '<span class="none">NULL</span>'
    name = f"{escape(field.heading)} <small>{escape(field.column.name)}</small>"
    return name, f"<code>{_hex(field, _MOST_HEX)}</code>", text, f"<b>{value}</b> {mask}"


def _wrong(way: Journey) -> str:
    heads = (("行", "line"), ("列", "column"), ("原因", "reason"), ("写的是", "as delivered"), ("状态", "state"))
    titles = {column.name: column.title for column in way.contract.columns}
    titles |= {f"row.{check.name}": check.description for check in way.contract.row_checks}
    rows = []
    for entry in way.wrong:
        kind = str(entry["rule"]).rpartition(".")[2]
        known = kind_in_both("row" if str(entry["rule"]).startswith("row.") else kind)
        raw = "" if entry["raw"] is None else str(entry["raw"])
        column = escape(titles.get(str(entry["column"] or entry["rule"]), str(entry["rule"])))
        rows.append(
            (str(entry["line"] or ""), column, _both(*known), escape(raw), _STATES.get(str(entry["state"]), ""))
        )
    return _table(heads, rows)


def _standing(batch: dict[str, Any]) -> str:
    return _facts((
        ("批次", "batch", batch["batch"]), ("账期", "period", batch["period"]), ("快照", "snapshot", batch["snapshot"]),
        ("状态", "state", _STATES.get(batch["state"], batch["state"])), ("契约版本", "contract", batch["contract_version"]),
        ("本批", "valid of delivered", f"{batch['valid']} / {batch['delivered']}"),
        ("发布时间", "published at", f"{batch['finished_at']:%Y-%m-%d %H:%M:%S}"), ("字节指纹", "sha256", batch["sha256"]),
    ))  # fmt: skip


def _twins(pair: Twins) -> str:
    title = f"被退回的文件与它的更正：{pair.contract.title} {pair.refused['period']}"
    return f"""<section>
{_both(title, "A refused file beside its repaired twin", "h2")}
<div class="twins"><div class="bad">{_card(pair.refused, "退回", "refused: the table did not change")}{_why(pair)}</div>
<div class="good">{_card(pair.repaired, "已发布", "published in its place")}</div></div>
{_both("两个文件不同在哪里", "where the two files differ", "h3")}
{_differences(pair)}
<p>{
        _both(
            "比的是文件里的写法：同一个时间换了写法也算不同，读出来的值相同。个人信息的列不比。",
            "Compared as written: a moment in another form counts, though it means the same. Personal columns are left out.",
        )
    }</p>
</section>"""


def _card(batch: dict[str, Any], verdict: str, english: str) -> str:
    facts = (
        ("行数", "delivered", batch["delivered"]), ("合格", "valid", batch["valid"]), ("不合格", "not valid", batch["quarantined"]),
    )  # fmt: skip
    return f"{_both(verdict, english, 'h3')}<p><code>{escape(batch['file'])}</code></p>{_facts(facts)}"


def _why(pair: Twins) -> str:
    titles = {column.name: column.title for column in pair.contract.columns}
    told = []
    for result in pair.failed:
        chinese, english = kind_in_both(str(result["kind"]))
        name = str(result["rule"]).removeprefix("batch.total.").partition(".")[0]
        column = titles.get(name, name)
        if result["kind"] != "total":
            share = 100 * int(result["unexpected"]) / max(int(result["elements"]), 1)
            chinese += f"：{result['unexpected']} 行，占 {share:.1f}%，超过 {result['threshold_pct']:g}%"
            english += f" ({result['unexpected']} rows)"
        told.append(f"<li>{_both(f'{column}：{chinese}', english)}</li>")
    message = f"<pre>{escape(str(pair.refused['message']))}</pre>"
    return f"<ul>{''.join(told)}</ul>{message}"


def _differences(pair: Twins) -> str:
    heads = (("列", "column"), ("行数", "rows"), ("例如", "for example"), ("退回的", "refused"), ("更正的", "repaired"))
    rows = [
        (escape(d.column.title) if not n else "", str(d.rows) if not n else "", f"<code>{escape(key)}</code>", escape(old), escape(new))
        for d in pair.differences
        for n, (key, old, new) in enumerate(d.examples)
    ]  # fmt: skip
    return _table(heads, rows)
