"""What departments write for 'nothing': dashes, 无, N/A and the like."""

# In a column of numbers or dates each of these can only mean that there is no value.
IN_NUMBERS = (
    "—", "——", "－", "–", "-", "--", "---", "/", "／", "\\", "\\N", "*", "**", "…", "...", "……", "?", "？",
    "无", "無", "空", "暂无", "未知", "不详", "缺测", "缺失", "无数据", "未填", "N/A", "n/a", "NA", "na", "#N/A", "N.A.",
    "NaN", "nan", "NAN", "NULL", "Null", "null", "(null)", "<null>", "None", "none", "nil", "Unspecified", "unknown",
)  # fmt: skip
# In a column of text only these do: 无 and 未知 can be answers.
IN_TEXT = (
    "—", "——", "－", "–", "-", "--", "---", "/", "／", "\\N", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "Null", "null",
    "(null)", "<null>",
)  # fmt: skip
