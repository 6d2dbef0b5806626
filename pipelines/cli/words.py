"""What the command line itself says, in English and Chinese: lines around results, and the headings of tables.

JSON is the same in both languages, and so are the words that options take (open, standing, published).
"""

from pipelines.settings import settings

_TEXTS = {
    "numbers": (
        "delivered {delivered} = valid {valid} + quarantined {quarantined}",
        "报送 {delivered} 行 = 合格 {valid} + 问题 {quarantined}",
    ),
    "snapshot": ("snapshot {snapshot}", "快照 {snapshot}"),
    "line": ("line {text}", "第 {text}"),
    "report": ("report: {path}", "报告：{path}"),
    "nothing_waiting": ("nothing waiting", "没有待办的报送"),
    "more": (
        "… {count} more: --limit, --json or `rongtong quarantine export`",
        "…… 还有 {count} 行：--limit、--json 或 `rongtong quarantine export`",
    ),
    "waived": ("{count} rows waived", "已豁免 {count} 行"),
    "taken_back": ("{batch} ({period}) taken back", "已撤回 {batch}（{period}）"),
    "stands_again": ("; stands again: {batches}", "；重新生效：{batches}"),
    "kept": ("the ledger (quality.*) and pinned snapshots are kept", "台账（quality.*）和固定的快照均已保留"),
    "readers_kept": (
        "passwords: --json, or readers.json in RONGTONG_HOME",
        "口令：--json，或 RONGTONG_HOME 下的 readers.json",
    ),
    "no_channel": (
        "no channel: set RONGTONG_NOTIFY, `notify` in schemas/_city.yaml, or `support` in a contract",
        "没有通知渠道：请设置 RONGTONG_NOTIFY、schemas/_city.yaml 的 `notify`，或契约的 `support`",
    ),
    "next": (
        "next: rongtong lint {dataset}; rongtong check {dataset} {source}; rongtong ingest {dataset} --file {source}  (DAG: ingest__{table})",
        "下一步：rongtong lint {dataset}; rongtong check {dataset} {source}; rongtong ingest {dataset} --file {source}  （DAG：ingest__{table}）",
    ),
    "made": ("{domain}: {verdict}", "{domain}：{verdict}"),
    "explained": ("{table}  {title}  ({transform}, {seen})", "{table}  {title}（{transform}，{seen}）"),
    "now": ("now", "当前"),
    "same": (
        "computed again from these rows alone: the same, to the last digit",
        "仅用这些行重算：与发布值逐位一致",
    ),
    "differs": ("computed again from these rows alone: DIFFERENT", "仅用这些行重算：不一致"),
    "rows_behind": ("{total} rows behind it", "由 {total} 行报送数据得出"),
    "made_from": ("made from", "来源"),
    "left_out": ("left out: {model}, this city has no {lacks}", "未启用：{model}，本市没有 {lacks}"),
    "problems": ("{count} problems", "{count} 处问题"),
    "never_published": ("{dataset} was never published", "{dataset} 从未发布"),
    "changes": ("{old} → {new}: {count} changes", "{old} → {new}：{count} 处变化"),
}
_HEADINGS = {
    "basis": "依据",
    "batch": "批次",
    "by": "加工或批次",
    "caption": "现状说明",
    "check": "检查项",
    "column": "列",
    "contact": "联系人",
    "corrected_by": "更正批次",
    "dag": "DAG",
    "dataset": "数据集",
    "delivered": "报送行数",
    "description": "说明",
    "domain": "领域",
    "due": "期限",
    "file": "文件",
    "finished_at": "完成时间",
    "formula": "口径",
    "hint": "提示",
    "item": "项目",
    "key": "主键",
    "last at": "最近时间",
    "last verdict": "最近结论",
    "layer": "层",
    "limitations": "局限",
    "line": "行号",
    "made at": "加工时间",
    "made": "方式",
    "mask": "脱敏",
    "mode": "方式",
    "model": "模型",
    "name": "名称",
    "of": "对方列",
    "overdue": "逾期",
    "owner": "责任人",
    "period": "账期",
    "personal": "个人信息",
    "policy": "规则",
    "provider": "提供方",
    "published": "发布值",
    "purpose": "用途",
    "quarantined": "问题行数",
    "raw": "原值",
    "read by": "被读取",
    "reader": "只读账号",
    "reads": "读取",
    "recomputed": "重算值",
    "record": "记录号",
    "required": "必填",
    "rows": "行数",
    "rule": "规则",
    "seconds": "秒",
    "sheet": "工作表",
    "since": "起",
    "snapshot": "快照",
    "source": "来源表",
    "source_column": "来源列",
    "sql": "SQL 文件",
    "state": "状态",
    "status": "状态",
    "table": "表",
    "title": "名称",
    "to period": "最近账期",
    "told": "结果",
    "type": "类型",
    "unfolds to": "展开到",
    "unit": "单位",
    "until": "止",
    "valid rows": "合格行数",
    "valid": "合格行数",
    "value": "值",
    "verdict": "结论",
    "version": "版本",
    "waived_by": "豁免人",
    "way": "方向",
    "written": "写入行数",
}


def word(key: str, **values: object) -> str:
    """Return a line of the command line in the language of the settings; KeyError for a key nobody wrote."""
    return _TEXTS[key][_is_chinese()].format(**values)


def heading(name: str) -> str:
    """Return the heading of a table's column in the language of the settings; one nobody translated is its name."""
    return _HEADINGS.get(name, name) if _is_chinese() else name


def _is_chinese() -> bool:
    return settings().lang.lower().startswith("zh")
