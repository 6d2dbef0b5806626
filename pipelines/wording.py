"""What the platform says to people, in English and Chinese (`RONGTONG_LANG`): verdicts, reasons, rule kinds."""

from pipelines.settings import settings

_KINDS = {
    "type": ("not of the column's type", "类型不符"),
    "required": ("required value missing", "必填项为空"),
    "range": ("out of range", "超出取值范围"),
    "multiple_of": ("not a multiple", "不是规定的倍数"),
    "length": ("length not allowed", "长度不符"),
    "pattern": ("does not match the pattern", "格式不符"),
    "enum": ("not one of the allowed values", "不在取值范围内"),
    "code_list": ("not in the code list", "代码表中没有"),
    "reference": ("not found in the referenced dataset", "引用的数据集中没有"),
    "unique": ("not unique within the batch", "批内重复"),
    "history": ("already published in another batch", "与已发布批次重复"),
    "row": ("breaks a rule across columns", "违反跨列规则"),
    "period": ("outside the delivery's period", "不属于本账期"),
    "structure": ("line does not have the header's columns", "行的列数与表头不符"),
    "encoding": ("holds bytes that cannot be decoded", "含无法解码的字节"),
    "control": ("holds NUL bytes", "含 NUL 字节"),
    "total": ("control total differs", "合计与明细不符"),
    "rowCount": ("row count outside its band", "行数不在规定区间"),
    "nullValues": ("too many empty values", "空值过多"),
    "missingValues": ("too many missing values", "缺失过多"),
    "invalidValues": ("too many invalid values", "无效值过多"),
    "duplicateValues": ("too many duplicates", "重复过多"),
    "sql": ("breaks a rule of the batch", "违反批次规则"),
    "freshness": ("not fresh enough", "数据不够新"),
    "columns": ("columns differ from the contract", "列与契约不符"),
    "quarantined": ("too many rows are quarantined", "问题行过多"),
    "accounted": ("lines not accounted for", "有行未能计入"),
}
_TEXTS = {
    "published": ("published", "已发布"),
    "conceded": ("published by concession", "让步发布"),
    "refused": ("refused", "已退回"),
    "already_published": ("already published", "已发布过"),
    "would_be_published": ("would be published (nothing was kept)", "可以发布（试检，未保存任何内容）"),
    "would_be_refused": ("would be refused (nothing was kept)", "会被退回（试检，未保存任何内容）"),
    "would_be_conceded": ("would be published by concession (nothing was kept)", "可让步发布（试检，未保存任何内容）"),
    "no_change": (
        "the same bytes under the same plan are batch {batch}: nothing to do",
        "相同内容已按相同方案入库为批次 {batch}，无需处理",
    ),
    "source_unchanged": (
        "{source} has nothing new since it was last asked",
        "{source} 自上次读取以来没有新内容",
    ),
    "no_change_superseded": (
        "the same bytes are batch {batch}, superseded by {instead}: nothing to do. Hint: `rongtong retract {instead} --reason …` makes the earlier stand.",
        "相同内容已入库为批次 {batch}，其后被 {instead} 取代，无需处理。提示：若以前者为准，`rongtong retract {instead} --reason …`。",
    ),
    "was_retracted": (
        "these bytes were taken back as batch {batch} ({reason}). Hint: `rongtong replay {dataset} {batch}` publishes them again.",
        "该文件曾作为批次 {batch} 发布并撤回（{reason}）。提示：`rongtong replay {dataset} {batch}` 可重新发布。",
    ),
    "missing_column": (
        "required column '{column}' ({title}) is missing; the closest heading delivered is '{closest}'. Hint: add it to `aliases` if it is the same.",
        "缺少必填列“{title}”（{column}）；送来的表头中最接近的是“{closest}”。提示：若是同一列，把它写进契约的 aliases。",
    ),
    "missing_column_alone": (
        "required column '{column}' ({title}) is missing; headings delivered: {headings}.",
        "缺少必填列“{title}”（{column}）；送来的表头：{headings}。",
    ),
    "doubled_column": (
        "headings '{first}' and '{second}' both mean column '{column}'. Hint: one of them must go.",
        "表头“{first}”与“{second}”都对应列“{column}”，须去掉其一。",
    ),
    "unknown_column": (
        "heading '{heading}' is in no contract column: not loaded ({filled} of {rows} rows filled{closest})",
        "表头“{heading}”不在契约中，未入库（{rows} 行中 {filled} 行有值{closest}）",
    ),
    "closest": ("; closest: {name}", "；最接近：{name}"),
    "share": (
        "{rows} of {delivered} rows ({pct:.2f} %), allowed {allowed:g} %",
        "{delivered} 行中 {rows} 行（{pct:.2f}%），允许 {allowed:g}%",
    ),
    "total_differs": (
        "control total of {column}: the file says {declared}, its rows give {counted}",
        "{column} 合计不符：文件写 {declared}，明细为 {counted}",
    ),
    "total_unreadable": (
        "control total of {column}: '{declared}' is not a number",
        "{column} 的合计“{declared}”不是数字",
    ),
    "no_rows": ("no records after the header", "表头之后没有任何记录"),
    "out_of_band": ("{metric} is {value:g}, allowed {low} to {high}", "{metric} 为 {value:g}，允许 {low} 至 {high}"),
    "period_needed": (
        "the period cannot be told from the file name '{name}'. Hint: give --period, e.g. {example}.",
        "从文件名“{name}”看不出账期。提示：用 --period 指定，如 {example}。",
    ),
    "period_of_rows": ("no row tells a period in column '{column}'", "没有一行能从“{column}”得出账期"),
    "not_concedable": (
        "this cannot be accepted: no row of it could be published",
        "无法让步：没有可发布的行",
    ),
    "not_standing": (
        "it does not stand: a later delivery of the period does",
        "未生效：该账期已有更晚的报送",
    ),
    "city_made": ("{folder}: a city's repository, {files} files", "{folder}：城市仓库已建立，共 {files} 个文件"),
    "city_kept": ("kept, for it was there: {file}", "已存在，未改动：{file}"),
    "city_next": (
        """next:
  cd {folder} && git init && export RONGTONG_CITY=$PWD
  schemas/_city.yaml, schemas/_shared/divisions.csv: put your city in the place of the example (grep -rn TODO schemas)
  rongtong lint && sh .ci/run
  rongtong ingest governance.toilet_inspections --file data_samples/governance/toilet_inspections/公厕巡查_202601.csv
  rongtong new DOMAIN.TABLE --from FILE
  rongtong up   (or: sh make-env && docker compose up -d --wait)""",
        """下一步：
  cd {folder} && git init && export RONGTONG_CITY=$PWD
  schemas/_city.yaml、schemas/_shared/divisions.csv：把示例换成本市的（grep -rn TODO schemas）
  rongtong lint && sh .ci/run
  rongtong ingest governance.toilet_inspections --file data_samples/governance/toilet_inspections/公厕巡查_202601.csv
  rongtong new 领域.表 --from 文件
  rongtong up   （或 sh make-env && docker compose up -d --wait）""",
    ),
    "draft": (
        "the contract is a {status}: it can be checked, not published. Hint: set status: active.",
        "契约状态为 {status}：只能试检，不能发布。提示：改为 status: active。",
    ),
}


def say(key: str, **values: object) -> str:
    """Return a sentence in the language of the settings; KeyError for a key nobody wrote."""
    return _TEXTS[key][_index()].format(**values)


def told(head: str, detail: str) -> str:
    """Return "head: detail" with the colon of the language; the head alone when there is no detail."""
    return head + ("：" if _index() else ": ") + detail if detail else head


def kind_text(kind: str) -> str:
    """Return what breaking a rule of this kind means, in the language of the settings."""
    return _KINDS[kind][_index()]


def _index() -> int:
    return 1 if settings().lang.lower().startswith("zh") else 0
