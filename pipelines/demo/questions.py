"""What the demo asks the lake when all is published, and what each question needs to be there."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.lake.connection import Connection

_COLUMNS = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'city' AND schema_name = 'dwd'"


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the columns it reads by table of `dwd`, and its SQL."""

    text: str
    reads: Mapping[str, str]
    query: str


QUESTIONS = (
    Question(
        "Which subdistricts call most, and are their citizens satisfied? 哪些街道诉求最多，满意吗？",
        {
            "hotline_orders": "subdistrict_code is_resolved is_valid_callback satisfaction",
            "subdistricts": "subdistrict_code subdistrict_name",
        },
        """SELECT s.subdistrict_name AS 街道, count(*) AS 工单,
    round(100 * avg(CAST(o.is_resolved AS INT)) FILTER (o.is_valid_callback), 1) AS 解决率,
    round(100 * count(*) FILTER (o.is_valid_callback AND o.satisfaction = '满意') / count(*) FILTER (o.is_valid_callback), 1) AS 满意率
FROM dwd.hotline_orders o JOIN dwd.subdistricts s USING (subdistrict_code)
GROUP BY ALL ORDER BY 工单 DESC LIMIT 5""",
    ),
    Question(
        "How long does an order take, by kind? 各类诉求要办多久？",
        {"hotline_orders": "category handling_days closed_at"},
        """SELECT category AS 诉求类型, count(*) AS 工单, round(median(handling_days), 1) AS 办理天数_中位,
    round(quantile_cont(handling_days, 0.9), 1) AS 办理天数_九成
FROM dwd.hotline_orders WHERE closed_at IS NOT NULL GROUP BY ALL ORDER BY 工单 DESC""",
    ),
    Question(
        "Where was the air worst, and how many hours are missing? 哪个监测点空气最差，缺测多少小时？",
        {"air_quality_hourly": "station_code pm25_ug_m3"},
        """SELECT station_code AS 监测点, round(avg(pm25_ug_m3), 1) AS PM25均值, max(pm25_ug_m3) AS PM25最高,
    count(*) FILTER (pm25_ug_m3 IS NULL) AS 缺测小时
FROM dwd.air_quality_hourly GROUP BY ALL ORDER BY PM25均值 DESC LIMIT 5""",
    ),
    Question(
        "Where do passengers set out, and where are the jobs? 客流从哪些街道出发，岗位在哪些街道？",
        {
            "card_trips": "entry_station_id",
            "public_facilities": "facility_id subdistrict_code",
            "enterprises": "subdistrict_code employee_count",
            "subdistricts": "subdistrict_code subdistrict_name",
        },
        """WITH trips AS (
    SELECT f.subdistrict_code, count(*) AS n FROM dwd.card_trips t JOIN dwd.public_facilities f ON f.facility_id = t.entry_station_id GROUP BY ALL
), jobs AS (SELECT subdistrict_code, count(*) AS firms, sum(employee_count) AS people FROM dwd.enterprises GROUP BY ALL)
SELECT s.subdistrict_name AS 街道, t.n AS 进站人次, j.firms AS 企业, j.people AS 从业人数
FROM dwd.subdistricts s JOIN trips t USING (subdistrict_code) LEFT JOIN jobs j USING (subdistrict_code) ORDER BY 进站人次 DESC, 街道 LIMIT 5""",
    ),
)


def lacking_for(con: Connection, question: Question) -> list[str]:
    """Return the tables, and the columns of tables that are there, which a question needs and the lake has not."""
    there: dict[str, set[str]] = {}
    for table, column in con.execute(_COLUMNS).fetchall():
        there.setdefault(str(table), set()).add(str(column))
    lacking = [f"dwd.{table}" for table in question.reads if table not in there]
    for table, names in question.reads.items():
        lacking += [f"dwd.{table}.{name}" for name in names.split() if table in there and name not in there[table]]
    return lacking
