"""What the demo shows when Airflow is done: deliveries, reasons, the refused one and its twin, questions, commands."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipelines.contracts.deliveries import Expected
from pipelines.lake.connection import Connection
from pipelines.lake.reader import connect
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows
from pipelines.wording import kind_text, say

_REASONS = """
SELECT kind, rule, unexpected FROM city.quality.check_results
WHERE batch_id = ? AND unexpected > 0 AND verdict <> 'not_assessable' AND kind <> 'quarantined' ORDER BY unexpected DESC, rule LIMIT 3"""
_DISAGREED = "SELECT count(*) FILTER (NOT agreed), count(agreed) FROM city.quality.check_results"
_QUESTIONS = (
    (
        "Which subdistricts call most, and are their citizens satisfied? 哪些街道诉求最多，满意吗？",
        """SELECT s.subdistrict_name AS 街道, count(*) AS 工单,
    round(100 * avg(CAST(o.is_resolved AS INT)) FILTER (o.is_valid_callback), 1) AS 解决率,
    round(100 * count(*) FILTER (o.is_valid_callback AND o.satisfaction = '满意') / count(*) FILTER (o.is_valid_callback), 1) AS 满意率
FROM dwd.hotline_orders o JOIN dwd.subdistricts s USING (subdistrict_code)
GROUP BY ALL ORDER BY 工单 DESC LIMIT 5""",
    ),
    (
        "How long does an order take, by kind? 各类诉求要办多久？",
        """SELECT category AS 诉求类型, count(*) AS 工单, round(median(handling_days), 1) AS 办理天数_中位,
    round(quantile_cont(handling_days, 0.9), 1) AS 办理天数_九成
FROM dwd.hotline_orders WHERE closed_at IS NOT NULL GROUP BY ALL ORDER BY 工单 DESC""",
    ),
    (
        "Where was the air worst, and how many hours are missing? 哪个监测点空气最差，缺测多少小时？",
        """SELECT station_code AS 监测点, round(avg(pm25_ug_m3), 1) AS PM25均值, max(pm25_ug_m3) AS PM25最高,
    count(*) FILTER (pm25_ug_m3 IS NULL) AS 缺测小时
FROM dwd.air_quality_hourly GROUP BY ALL ORDER BY PM25均值 DESC LIMIT 5""",
    ),
    (
        "Where do passengers set out, and where are the jobs? 客流从哪些街道出发，岗位在哪些街道？",
        """WITH trips AS (
    SELECT f.subdistrict_code, count(*) AS n FROM dwd.card_trips t JOIN dwd.public_facilities f ON f.facility_id = t.entry_station_id GROUP BY ALL
), jobs AS (SELECT subdistrict_code, count(*) AS firms, sum(employee_count) AS people FROM dwd.enterprises GROUP BY ALL)
SELECT s.subdistrict_name AS 街道, t.n AS 进站人次, j.firms AS 企业, j.people AS 从业人数
FROM dwd.subdistricts s JOIN trips t USING (subdistrict_code) LEFT JOIN jobs j USING (subdistrict_code) ORDER BY 进站人次 DESC, 街道 LIMIT 5""",
    ),
)


def wide_console() -> Console:
    """Return a console wide enough for the tables; a narrower terminal wraps the lines itself."""
    return Console(highlight=False, soft_wrap=True, width=max(Console().width, 160))


def print_report(settings: Settings, console: Console, expected: list[Expected]) -> None:
    """Print everything the demo promises to show."""
    batches = batch_rows(settings, None)
    con = connect(where=settings)
    try:
        for dataset in dict.fromkeys(delivery.dataset for delivery in expected):
            _print_deliveries(console, con, dataset, [row for row in batches if row["dataset"] == dataset])
        _print_twins(console, batches)
        _print_measures(console, con)
        for question, query in _QUESTIONS:
            _print_answer(console, con, question, query)
    finally:
        con.close()
    _print_next(console)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:  # only the last column gives way when the line is full
        table.add_column(name, no_wrap=name != names[-1], overflow="fold")
    return table


def _print_deliveries(console: Console, con: Connection, dataset: str, rows: list[dict[str, Any]]) -> None:
    console.print(f"\n{dataset}", style="bold")
    table = _table("period", "file", "verdict", "delivered", "valid", "quarantined", "top reasons")
    for row in rows:
        state = f" → {row['state']}" if row["state"] in ("superseded", "retracted") else ""
        numbers = (str(row[name]) for name in ("delivered", "valid", "quarantined"))
        table.add_row(row["period"], row["file"], say(row["verdict"]) + state, *numbers, _reasons(con, row["batch"]))
    console.print(table)


def _reasons(con: Connection, batch: str) -> str:
    found = con.execute(_REASONS, [batch]).fetchall()
    return "; ".join(f"{rule} {kind_text(kind)} ×{rows}" for kind, rule, rows in found)


def _print_twins(console: Console, batches: list[dict[str, Any]]) -> None:
    """Print each refused delivery beside the later one of its period that was published."""
    for refused in (row for row in batches if row["verdict"] == "refused"):
        later = [
            row
            for row in batches
            if row["dataset"] == refused["dataset"]
            and row["period"] == refused["period"]
            and row["state"] == "standing"
        ]
        console.print(
            f"\n{say('refused')}: {refused['file']} ({refused['dataset']} {refused['period']})",
            style="bold red",
            markup=False,
        )
        for line in str(refused["message"]).splitlines():
            console.print(f"  {line}", markup=False)
        for twin in later:
            text = f"  → {twin['file']}: {say(twin['verdict'])}, {twin['valid']} of {twin['delivered']} rows valid"
            console.print(text, style="green", markup=False)


def _print_measures(console: Console, con: Connection) -> None:
    row = con.execute(_DISAGREED).fetchone()
    if row:
        console.print(
            f"\nTwo measures: SQL and Great Expectations counted {row[1]} rules independently; they differ on {row[0]}."
        )


def _print_answer(console: Console, con: Connection, question: str, query: str) -> None:
    console.print(f"\n{question}", style="bold", markup=False)
    cursor = con.execute(query)
    table = _table(*(str(entry[0]) for entry in cursor.description))
    for row in cursor.fetchall():
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)


def _print_next(console: Console) -> None:
    command = ".venv/bin/rongtong" if Path(".venv/bin/rongtong").exists() else "rongtong"
    console.print("\nTry next:", style="bold")
    for line in (
        "quarantine list hotline_orders --state open",
        "check hotline_orders data_samples/governance/hotline_orders/hotline_202603.csv",
        'sql "select period, verdict, delivered, quarantined from quality.batches order by finished_at"',
    ):
        console.print(f"  {command} {line}", markup=False)
