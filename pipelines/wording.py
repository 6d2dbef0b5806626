"""What the platform says to people, in English and Chinese (`RONGTONG_LANG`): verdicts, reasons, rule kinds."""

from pipelines.settings import settings

# A workbook with such a title is feedback on a delivery, in whichever language it was written.
FEEDBACK_TITLES = ("Problem data feedback", "问题数据反馈单")
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
    "precision_lost": (
        "a long code that Excel kept as a number has lost digits",
        "长编码被 Excel 存成数字，末尾数位已丢失",
    ),
    "cell_error": ("holds an error of the workbook, or a formula without a result", "单元格为公式错误或未计算"),
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
    "unchanged": ("unchanged", "无变化"),
    "would_be_published": ("would be published (nothing was kept)", "可以发布（试检，未保存任何内容）"),
    "would_be_refused": ("would be refused (nothing was kept)", "会被退回（试检，未保存任何内容）"),
    "would_be_conceded": ("would be published by concession (nothing was kept)", "可让步发布（试检，未保存任何内容）"),
    "no_change": (
        "the same bytes under the same plan are batch {batch}: nothing to do",
        "相同内容已按相同方案入库为批次 {batch}，无需处理",
    ),
    "explain_no_unfold": (
        "the contract of {table} names no `unfold`: its rows are not made of delivered rows one by one, so lineage and inputs are told instead",
        "{table} 的契约没有 `unfold`：它的行不能逐行展开到报送数据，因此只列出血缘和输入",
    ),
    "explain_more_rows": (
        "{shown} of {total} rows are shown; the number is computed from all of them",
        "共 {total} 行，列出 {shown} 行；重算用的是全部行",
    ),
    "explain_expired": (
        "the snapshot of {transform} has expired: the lake is read as it is now",
        "{transform} 的快照已过期：按当前数据解释",
    ),
    "explain_other_model": (
        "the SELECT or contract of {table} was changed since it was last made: run `rongtong transform {domain}`",
        "{table} 的 SELECT 或契约在上次加工后已修改：请运行 `rongtong transform {domain}`",
    ),
    "explain_other_pack": (
        "the city pack was changed since the table was last made: run `rongtong transform {domain}`",
        "城市配置在上次加工后已修改：请运行 `rongtong transform {domain}`",
    ),
    "texts_cut": (
        "{count} texts were longer than a cell of Excel holds (32,767 characters) and were cut",
        "{count} 处文本超过 Excel 单元格上限（32767 字），已截断",
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
    "feature_broken": (
        "a feature or its geometry is none: line {line}: {problem}",
        "要素或其几何不成立：第 {line} 行：{problem}",
    ),
    "total_differs": (
        "control total of {column}: the file says {declared}, its rows give {counted}",
        "{column} 合计不符：文件写 {declared}，明细为 {counted}",
    ),
    "total_unreadable": (
        "control total of {column}: '{declared}' is not a number",
        "{column} 的合计“{declared}”不是数字",
    ),
    "matter_refused": ("refused", "已退回"),
    "matter_quarantined": ("published, with rows held back", "已发布，部分行待更正"),
    "matter_overdue": ("overdue", "逾期未报"),
    "matter_escalated": ("still overdue", "逾期仍未报"),
    "matter_recovered": ("recovered", "已恢复"),
    "matter_fault": ("our fault", "平台故障"),
    "matter_measures": ("two measures differ", "两次计数不一致"),
    "matter_calendar": ("the working-day calendar ends", "工作日历不够用"),
    "matter_test": ("test notice", "测试通知"),
    "notice_subject": (
        "[Rongtong] {matter}: {title} ({dataset}) {period}",
        "【融通】{matter}：{title}（{dataset}）{period}",
    ),
    "notice_own_subject": ("[Rongtong] {matter}", "【融通】{matter}"),
    "notice_several": ("[Rongtong] {count} matters", "【融通】{count} 件事项"),
    "notice_more": ("… and {count} more", "……另有 {count} 件"),
    "notice_file": ("File: {file}", "文件：{file}"),
    "notice_batch": ("Batch: {batch}", "批次：{batch}"),
    "notice_rows": (
        "Rows: {delivered} delivered = {valid} valid + {quarantined} with problems",
        "行数：报送 {delivered} = 合格 {valid} + 问题 {quarantined}",
    ),
    "notice_why": ("Why:", "原因："),
    "notice_reason": ("- {what}, {rows} rows ({pct:g} %)", "- {what}，{rows} 行（{pct:g}%）"),
    "notice_reason_whole": ("- {what}", "- {what}"),
    "notice_nothing_published": (
        "Nothing of it was published; what was there before stands.",
        "本次未发布任何内容，原有数据不受影响。",
    ),
    "notice_conceded": ("Published by concession, decided by {by}.", "经 {by} 决定让步发布。"),
    "notice_next": ("What to do:", "下一步："),
    "notice_feedback": ("- their own rows, marked: {command}", "- 取问题数据反馈单：{command}"),
    "notice_check": ("- try the mended file: {command}", "- 更正后先试检：{command}"),
    "notice_ingest": ("- publish it: {command}", "- 报送：{command}"),
    "notice_accept": ("- or publish what is good, by name: {command}", "- 急用时让步发布合格的行：{command}"),
    "notice_list": ("- see the rows: {command}", "- 查看问题行：{command}"),
    "notice_doctor": ("- examine the platform: {command}", "- 检查平台：{command}"),
    "notice_again": ("- then again: {command}", "- 恢复后重试：{command}"),
    "notice_late": ("- everything that is late: {command}", "- 查看全部逾期：{command}"),
    "notice_due": (
        "Period {period} was due by {due}: {days} days late, {count} periods missing.",
        "账期 {period} 应于 {due} 前报送，已逾期 {days} 天，缺 {count} 期。",
    ),
    "notice_who": ("Delivered by {provider}; owner: {owner}.", "提供方：{provider}；责任人：{owner}。"),
    "notice_empty": (
        "Nothing changed? A file with the header alone counts as delivered.",
        "本期无变化也请报送：只有表头的文件即算按时。",
    ),
    "notice_first_told": ("The first contact was told on {day}.", "第一联系人已于 {day} 收到通知。"),
    "notice_was": (
        "{matter} since {day}; now batch {batch}, {valid} valid rows. Nothing to do.",
        "{matter}（{day} 起）；现已有批次 {batch}，合格 {valid} 行。无需处理。",
    ),
    "notice_withdrawn": (
        "{matter} since {day}; no longer. Nothing to do.",
        "{matter}（{day} 起），现已解除。无需处理。",
    ),
    "notice_not_yours": (
        "The platform failed, not the file: {error}. Nothing was published; the file is kept.",
        "这是平台的故障（{error}），不是文件的问题；本次未发布，文件仍在。",
    ),
    "notice_measures": (
        "SQL and Great Expectations counted these rules of {batch} differently. That is the platform's fault; SQL's verdict stands.",
        "{batch} 的下列规则，SQL 与 Great Expectations 计数不一致。这是平台的错误；以 SQL 的结论为准。",
    ),
    "notice_report": (
        "- keep the page of {batch} and the task's log, and report them to whoever maintains the platform",
        "- 保留 {batch} 的质量页面与任务日志，报告平台维护方",
    ),
    "notice_calendar": (
        "{message} Until then what is due later is not watched.",
        "{message} 在此之前，日历以外的应报日期无法判断。",
    ),
    "notice_test": (
        "This is a test. Refused, late and recovered deliveries of {city} are told here.",
        "这是一条测试通知。{city}的数据退回、逾期、恢复将在此告知。",
    ),
    "unreadable": ("the file cannot be read", "文件无法读取"),
    "notice_not_sent": ("notice not sent: {channel}: {state} {detail}", "通知未送达：{channel}：{state} {detail}"),
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
    "demo_lacking": ("cannot be asked of this city; the lake lacks {lacking}", "这座城市答不了：湖里没有 {lacking}"),
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
    "other_sheets": (
        "sheet '{sheet}' was read; {count} further sheets were not. Hint: `sheet` in the contract names the one that is meant",
        "读取的是工作表“{sheet}”，另有 {count} 个工作表未读。提示：在契约的 sheet 中写明",
    ),
    "hidden_read": (
        "{rows} hidden rows were read like the others. Hint: `hiddenRows: leave_out` leaves them out",
        "{rows} 个隐藏行已照常读取。提示：hiddenRows: leave_out 可略去",
    ),
    "hidden_left_out": ("{rows} hidden rows were left out, as the contract says", "按契约略去 {rows} 个隐藏行"),
    "hidden_unknown": (
        "XLS: hidden rows and cells with errors cannot be told from others. Hint: .xlsx can",
        "XLS 文件无法识别隐藏行和错误值单元格。提示：请改送 .xlsx",
    ),
    "draft": (
        "the contract is a {status}: it can be checked, not published. Hint: set status: active.",
        "契约状态为 {status}：只能试检，不能发布。提示：改为 status: active。",
    ),
    "feedback_title": FEEDBACK_TITLES,
    "sheet_summary": ("summary", "汇总"),
    "sheet_rows": ("rows", "问题明细"),
    "whole_file": ("the whole file", "整个文件的问题"),
    "what_to_do": ("what to do", "怎么办"),
    "reason": ("what is wrong", "问题说明"),
    "row_count": ("rows", "行数"),
    "file": ("file", "文件"),
    "line": ("line", "行号"),
    "dataset": ("dataset", "数据集"),
    "provider": ("delivered by", "报送单位"),
    "period": ("period", "账期"),
    "verdict": ("verdict", "检查结果"),
    "delivered": ("rows delivered", "报送行数"),
    "valid": ("rows in order", "合格行数"),
    "quarantined": ("rows with problems", "问题行数"),
    "written_on": ("written on", "出具日期"),
    "due": ("answer by", "更正期限"),
    "due_day": ("{day} ({days} working days)", "{day} 前（{days} 个工作日）"),
    "due_in": ("within {days} working days", "{days} 个工作日内"),
    "sheet": ("sheet", "工作表"),
    "sender": ("from", "出具单位"),
    "contact": ("contact", "联系人"),
    "left_out": (
        "{shown} rows are shown; {left} more have problems, too. Mend these first, then check the file again.",
        "仅列出前 {shown} 行，另有 {left} 行也有问题；请先改正所列各行，再重新检查。",
    ),
    "advice_sound": ("Nothing is wrong with this file: it can be sent.", "未发现问题，可以报送。"),
    "advice_mend": (
        "Sheet two lists the wrong rows by their line in your file; wrong cells are red. Mend them where the data are kept.",
        "“问题明细”按原文件行号列出问题行，红色单元格为有误之处；请在源头系统中改正。",
    ),
    "advice_whole": (
        "Then send the whole file anew, with all its rows: it takes the place of this one.",
        "改正后请重新报送完整文件（含全部行），新文件将替换本次报送。",
    ),
    "advice_rows": (
        "Then send a file with the mended rows, under the same headings.",
        "改正后请按原表头重新报送改正的行。",
    ),
    "advice_check": ("Then check the file again before it is sent.", "改正后请再次检查，通过后再报送。"),
    "advice_not_this": (
        "Do not send this workbook back: it is no delivery and would be refused.",
        "请勿将本反馈单填好后回传：它不是报送文件，系统不会受理。",
    ),
    "is_feedback": (
        "this is feedback workbook {name}, not a delivery. Hint: mend the rows in your own file, and send that file whole.",
        "这是问题数据反馈单 {name}，不是报送文件。提示：请在自己的文件中改正后，重新报送完整文件。",
    ),
    "wrong_cell": ("{column}: {broken}", "“{column}”{broken}"),
    "wrong_and_right": ("{broken}; {allowed}", "{broken}，{allowed}"),
    "headings_wanted": ("The file must have these headings: {headings}.", "文件应有这些列：{headings}。"),
    "width": ("{found} columns instead of {wanted}", "{found} 列，应为 {wanted} 列"),
    "should_be": ("should be {what}", "应 {what}"),
    "should_be_string": ("should be text", "应为文字"),
    "should_be_integer": ("should be a whole number", "应为整数"),
    "should_be_number": ("should be a number", "应为数字"),
    "should_be_boolean": ("should be yes or no", "应为是或否"),
    "should_be_date": ("should be a date, e.g. 2026-06-30", "应为日期，如 2026-06-30"),
    "should_be_timestamp": (
        "should be date and time, e.g. 2026-06-30 08:15:00",
        "应为日期时间，如 2026-06-30 08:15:00",
    ),
    "should_be_time": ("should be a time of day, e.g. 08:15", "应为时刻，如 08:15"),
    "should_be_object": ("should be a geometry", "应为有效的空间图形"),
    "one_of": ("one of {values}", "只能填 {values}"),
    "codes_like": ("codes of {name}, such as {examples}", "应填代码表 {name} 中的代码，如 {examples}"),
    "should_match": ("should be like {pattern}", "应符合 {pattern}"),
    "multiple": ("should be a multiple of {number}", "应为 {number} 的倍数"),
    "characters": ("{span} characters", "应为 {span} 个字符"),
    "feedback_nothing": ("{name}: no open problem, nothing was written", "{name}：没有待更正的问题，未生成反馈单"),
    "feedback_written": (
        "{rows} rows of {file} ({period}) → {out}; answer by {due}",
        "{file}（{period}）问题行 {rows} 行 → {out}；更正期限 {due}",
    ),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "required": ("required", "必填"),
    "key": ("primary key", "主键"),
    "personal": ("sensitive", "敏感"),
    "cover": ("cover", "封面"),
    "data_dictionary": ("data dictionary", "数据字典"),
    "called": ("called", "名称"),
    "version": ("version", "版本"),
    "digest": ("digest", "摘要"),
    "fields": ("fields", "字段数"),
    "sign_advice": (
        "Chinese names, lengths, required, code lists, units, levels and descriptions may be corrected in the sheets. Version and digest stay.",
        "各表中的中文名、长度、必填、代码表、单位、级别、说明可以修改；版本与摘要请勿改动。",
    ),
    "handback_left_out": ("{table}: not given, its contract says sharing: none", "{table}：未回流，契约规定不予共享"),
    "handback_done": ("{out}: rows of {name} at snapshot {snapshot}", "{out}：{name}的数据，快照 {snapshot}"),
    "scorecard": ("Department scorecard", "部门报送评分"),
    "scorecard_made": ("computed", "计算时间与变换号"),
    "scorecard_note": (
        "Computed by rule from the ledger of deliveries. For both sides to check and sign; no verdict on any department.",
        "由报送台账按规则算出，供双方核对签字；不是对任何单位的考核结论。",
    ),
    "snapshot_pinned": ("snapshot {snapshot}, pinned as {name}", "快照 {snapshot}，已固定为 {name}"),
    "scorecard_written": ("{out}: {month}, {count} providers", "{out}：{month}，{count} 个报送单位"),
    "not_scored": ("not assessable", "不可判"),
    "sign_provider": ("delivered by (seal)", "数据提供单位（盖章）"),
    "sign_office": ("data office (seal)", "数据主管部门（盖章）"),
    "signature": ("signature", "签字"),
    "date": ("date", "日期"),
    "signed_other": (
        "{what} is '{signed}' in the signed copy and '{here}' in the contract: another state was signed",
        "签字件的{what}为“{signed}”，契约为“{here}”：签的不是这一版",
    ),
    "signed_missing": (
        "column '{column}' ({title}) is not in the signed copy",
        "签字件中没有字段“{column}”（{title}）",
    ),
    "signed_unknown": (
        "column '{column}' is not in the contract (closest: {closest})",
        "契约中没有字段“{column}”（最接近：{closest}）",
    ),
    "signed_type": (
        "type of '{column}' is '{signed}' in the signed copy and '{here}' in the contract",
        "字段“{column}”的类型：签字件为“{signed}”，契约为“{here}”",
    ),
    "signed_key": ("whether '{column}' is the key differs from the contract", "字段“{column}”是否主键与契约不同"),
    "signed_length": (
        "length of '{column}' is '{signed}' in the signed copy and '{here}' in the contract, and cannot be taken over",
        "字段“{column}”的长度：签字件为“{signed}”，契约为“{here}”，不能直接采用",
    ),
    "signed_codes": (
        "code list of '{column}': '{text}' is neither the name of a list nor a list of values (a；b；c)",
        "字段“{column}”的代码表“{text}”既不是代码表名，也不是取值列表（甲；乙；丙）",
    ),
    "signed_answer": (
        "'{text}' under {heading} of '{column}' is neither yes nor no",
        "字段“{column}”的“{heading}”填了“{text}”，既不是“是”也不是“否”",
    ),
    "signed_personal": (
        "'{column}' is called sensitive: '{signed}'; the contract says otherwise",
        "字段“{column}”的敏感标识“{signed}”与契约不同",
    ),
    "dictionary_written": ("{count} datasets → {out}", "{count} 个数据集 → {out}"),
    "signed_same": ("{dataset}: the signed copy says what the contract says", "{dataset}：签字件与契约一致"),
    "signed_breaking": (
        "{dataset}: a breaking change. Hint: raise the major version, then `rongtong rebuild {dataset}` if it was published.",
        "{dataset}：有不兼容变更。提示：提升主版本号；若已发布过，再执行 `rongtong rebuild {dataset}`。",
    ),
    "signed_hint": (
        "Nothing was written. Hint: settle these with the department, or take them over with --accept.",
        "未写入任何内容。提示：与提供单位核实后再签，或用 --accept 明确接受。",
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


def is_chinese() -> bool:
    """Whether people are spoken to in Chinese (`RONGTONG_LANG=zh`)."""
    return settings().lang.lower().startswith("zh")


def kind_in_both(kind: str) -> tuple[str, str]:
    """Return what breaking a rule of this kind means in Chinese and in English, for pages that say both."""
    english, chinese = _KINDS[kind]
    return chinese, english


def _index() -> int:
    return 1 if is_chinese() else 0
