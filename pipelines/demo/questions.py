"""The guideline's own questions, one SELECT each, and what each needs to be in the lake."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.lake.connection import Connection

_COLUMNS = "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'city'"


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the columns it reads by table (`ads.…`), and its SQL."""

    text: str
    reads: Mapping[str, str]
    query: str


QUESTIONS = (
    Question(
        "Which subdistricts resolve citizens' problems, and are citizens satisfied? 哪些街道解决问题，群众满意吗？",
        {
            "ads.hotline_rates_monthly": "subdistrict_name month valid_callbacks resolved_pct satisfied_pct callback_pct score basis"
        },
        """SELECT subdistrict_name AS 街道, month AS 月份, valid_callbacks AS 有效回访, callback_pct AS 有效回访率, resolved_pct AS 解决率,
    satisfied_pct AS 满意率, score AS 综合得分, basis AS 权重依据
FROM ads.hotline_rates_monthly WHERE valid_callbacks >= 30 ORDER BY score, 街道, 月份 LIMIT 5""",
    ),
    Question(
        "Which systems earn their operating budget? 哪些系统对得起运营经费？（模型建议，不是决定）",
        {
            "ads.system_evaluation": "system_name operator_name om_cost_10k_cny score band suggested_budget_10k_cny not_assessable_reason"
        },
        """SELECT system_name AS 系统, operator_name AS 运维企业, om_cost_10k_cny AS 年运维费_万元, score AS 得分, band AS 建议档次,
    suggested_budget_10k_cny AS 建议经费_万元, not_assessable_reason AS 不可评原因
FROM ads.system_evaluation ORDER BY score NULLS LAST, 系统 LIMIT 8""",
    ),
    Question(
        "How clean was the air, by the standard of that day? 按当天的标准，空气怎么样？",
        {
            "ads.air_quality_daily": "station_name observed_date standard aqi_told aqi_category primary_pollutants assessment highest_iaqi"
        },
        """SELECT station_name AS 站点, observed_date AS 日期, standard AS 当日标准, aqi_told AS 指数, aqi_category AS 类别, primary_pollutants AS 首要污染物,
    assessment AS 评价情况
FROM ads.air_quality_daily ORDER BY highest_iaqi DESC NULLS LAST, 日期, 站点 LIMIT 5""",
    ),
    Question(
        "And restated under one standard? 换成同一标准呢？",
        {"ads.air_restated": "observed_date standard aqi_2012 aqi_2026 category_changes"},
        """SELECT observed_date AS 日期, any_value(standard) AS 当日标准, count(*) AS 站点数, round(avg(aqi_2012), 1) AS 平均指数_2012标准,
    round(avg(aqi_2026), 1) AS 平均指数_2026标准, count(*) FILTER (category_changes) AS 类别有变的站点
FROM ads.air_restated GROUP BY ALL ORDER BY 日期""",
    ),
    Question(
        "Where do jobs and housing drift apart? 哪里职住失衡（产城融合）？",
        {
            "ads.jobs_housing_balance": "subdistrict_name stat_quarter job_count employed_residents jobs_per_employed_resident band"
        },
        """SELECT subdistrict_name AS 街道, stat_quarter AS 季度, job_count AS 岗位, employed_residents AS 居住地就业人口,
    jobs_per_employed_resident AS 职住比, band AS 类别
FROM ads.jobs_housing_balance WHERE stat_quarter = (SELECT max(stat_quarter) FROM ads.jobs_housing_balance)
ORDER BY abs(ln(nullif(jobs_per_employed_resident, 0))) DESC NULLS LAST, 街道 LIMIT 5""",
    ),
    Question(
        "Where does the digital economy grow? 数字经济在哪里增长？（行业门类近似，示例）",
        {
            "ads.digital_economy": "place_level place_name stat_quarter digital_enterprises digital_enterprises_pct digital_enterprises_growth_pct"
        },
        """SELECT place_name AS 地方, stat_quarter AS 季度, digital_enterprises AS 数字产业企业, digital_enterprises_pct AS 占比,
    digital_enterprises_growth_pct AS 同比
FROM ads.digital_economy WHERE place_level <> '街道' AND stat_quarter = (SELECT max(stat_quarter) FROM ads.digital_economy)
ORDER BY 同比 DESC NULLS LAST, 占比 DESC NULLS LAST, 地方 LIMIT 7""",
    ),
    Question(
        "Which sensors are silent? 哪些设备沉默了？",
        {
            "ads.facility_health": "device_id device_kind subdistrict_name observed_date received_pct longest_gap_min is_silent calibration"
        },
        """SELECT device_id AS 设备, device_kind AS 类别, subdistrict_name AS 街道, min(observed_date) AS 自, count(*) AS 沉默天数,
    max(longest_gap_min) AS 最长空档_分, any_value(calibration) AS 检定
FROM ads.facility_health WHERE is_silent GROUP BY ALL ORDER BY 沉默天数 DESC, 设备 LIMIT 5""",
    ),
    Question(
        "Where did water rise over the warning line while complaints came in? 哪里水过警戒线，同时诉求上来了（韧性）？",
        {
            "ads.water_resilience": "station_name started_at hours_over most_over_m subdistrict_name related_hotline_orders related_grid_events device_alarms"
        },
        """SELECT station_name AS 站点, started_at AS 超警开始, hours_over AS 超警小时, most_over_m AS 最大超警_米, subdistrict_name AS 街道,
    related_hotline_orders AS 相关诉求, related_grid_events AS 相关事件, device_alarms AS 设备告警
FROM ads.water_resilience ORDER BY most_over_m DESC, 超警开始, 站点 LIMIT 5""",
    ),
    Question(
        "Which events were closed in one loop? 哪些事一次办成（高效处置一件事）？",
        {"ads.one_loop_events": "category is_linked is_closed_in_one_loop hours_to_close"},
        """SELECT category AS 事件大类, count(*) AS 事件, count(*) FILTER (is_linked) AS 连上诉求或告警, count(*) FILTER (is_closed_in_one_loop) AS 一次闭环,
    round(100.0 * count(*) FILTER (is_closed_in_one_loop) / nullif(count(is_closed_in_one_loop), 0), 1) AS 一次闭环率,
    round(median(hours_to_close), 1) AS 全程小时_中位
FROM ads.one_loop_events GROUP BY ALL ORDER BY 事件 DESC, 事件大类""",
    ),
    Question(
        "Which departments' data really join? 哪些部门的数据真能连上（横向打通）？",
        {"ads.join_match_rate": "left_provider left_title left_column right_provider right_title left_rows match_pct"},
        """SELECT left_provider AS 左部门, left_title AS 左数据集, left_column AS 列, right_provider AS 右部门, right_title AS 右数据集, left_rows AS 行数,
    match_pct AS 匹配率
FROM ads.join_match_rate WHERE left_rows > 0 ORDER BY match_pct, 左部门, 左数据集, 列 LIMIT 8""",
    ),
    Question(
        "Which datasets are used, which lie idle, which are collected twice? 哪些数据有人用，哪些闲置，哪些两头采？",
        {
            "ads.data_operation": "used_table title provider queries models is_idle items_collected_twice also_collected_by"
        },
        """SELECT used_table AS 表, title AS 名称, provider AS 报送单位, queries AS 查询次数, models AS 复用的模型, is_idle AS 闲置,
    items_collected_twice AS 两头采的项, also_collected_by AS 另一部门
FROM ads.data_operation WHERE starts_with(used_table, 'dwd.') ORDER BY 查询次数 DESC NULLS LAST, 复用的模型 DESC, 表 LIMIT 8""",
    ),
    Question(
        "How is the city, on its three roots, and how far from 2027? 城市画像：三个根，离2027年目标多远？",
        {"ads.city_profile": "root indicator_name period value unit target_2027 is_latest"},
        """SELECT root AS 根, indicator_name AS 指标, period AS 账期, value AS 值, unit AS 单位, target_2027 AS 目标2027
FROM ads.city_profile WHERE is_latest ORDER BY 根, 指标 LIMIT 20""",
    ),
    Question(
        "How current and complete are these numbers? 这些数到哪一天，缺什么？",
        {"ads.data_status": "mart mart_title caption"},
        """SELECT DISTINCT mart AS 表, mart_title AS 名称, caption AS 现状 FROM ads.data_status
WHERE starts_with(mart, 'ads.') ORDER BY length(现状), 表 LIMIT 8""",
    ),
    Question(
        "How long does an order take, by kind? 各类诉求要办多久？",
        {"dwd.hotline_orders": "category handling_days closed_at"},
        """SELECT category AS 诉求类型, count(*) AS 工单, round(median(handling_days), 1) AS 办理天数_中位,
    round(quantile_cont(handling_days, 0.9), 1) AS 办理天数_九成
FROM dwd.hotline_orders WHERE closed_at IS NOT NULL GROUP BY ALL ORDER BY 工单 DESC""",
    ),
)


def lacking_for(con: Connection, question: Question) -> list[str]:
    """Return the tables, and the columns of tables that are there, which a question needs and the lake has not."""
    there: dict[str, set[str]] = {}
    for schema, table, column in con.execute(_COLUMNS).fetchall():
        there.setdefault(f"{schema}.{table}", set()).add(str(column))
    lacking = [table for table in question.reads if table not in there]
    for table, names in question.reads.items():
        lacking += [f"{table}.{name}" for name in names.split() if table in there and name not in there[table]]
    return lacking
