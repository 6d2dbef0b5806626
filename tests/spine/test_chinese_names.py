"""Every published table can be read in Chinese: a view under its title, columns under theirs, as the contract has them now."""

from tests.spine.city import column
from tests.spine.lake import Lake

COLUMNS = [
    column("id", key=True, title="编号"),
    column("n", "integer", title="件数（件）"),
    column("at", "date", title="日期"),
]


def views(lake: Lake, table: str) -> dict[str, str]:
    """Return the views of a table by their qualified name, with their comments."""
    found = lake.rows(
        "SELECT schema_name || '.' || view_name, comment FROM duckdb_views() WHERE database_name = 'city' AND regexp_matches(comment, ?)",
        [rf"^(ods|dwd)\.{table} "],
    )
    return {str(name): str(comment) for name, comment in found}


def test_a_published_table_has_a_view_under_its_title(shared: Lake) -> None:
    contract = shared.contract(COLUMNS, title="路灯故障")
    shared.deliver(contract, "a.csv", "编号,件数（件）,日期\nA,1,2026-06-01\n")
    assert shared.rows('SELECT 编号, "件数（件）", 日期::VARCHAR FROM 明细.路灯故障') == [("A", 1, "2026-06-01")]
    assert shared.rows("SELECT 编号, _批次 FROM 归集.路灯故障") == [("A", f"{contract.table}-0001")]
    assert views(shared, contract.table) == {
        "明细.路灯故障": f"dwd.{contract.table} 路灯故障。为试验而造",
        "归集.路灯故障": f"ods.{contract.table} 路灯故障。为试验而造",
    }


def test_a_changed_name_moves_the_view_with_the_next_delivery_and_a_refusal_moves_nothing(shared: Lake) -> None:
    contract = shared.contract(COLUMNS, title="旧名")
    shared.deliver(contract, "a.csv", "编号,件数（件）,日期\nA,1,2026-06-01\n")
    renamed = [COLUMNS[0], column("n", "integer", title="数量"), *COLUMNS[2:], column("note", title="备注")]
    newer = shared.contract(renamed, dataset=contract.id, title="新名", version="1.1.0")
    assert shared.deliver(newer, "b.csv", "数量\n1\n").verdict == "refused"
    assert set(views(shared, contract.table)) == {"明细.旧名", "归集.旧名"}
    assert shared.deliver(newer, "b.csv", "编号,数量,日期,备注\nB,2,2026-06-02,x\n").verdict == "published"
    assert set(views(shared, contract.table)) == {"明细.新名", "归集.新名"}
    assert shared.rows("SELECT 编号, 数量, 备注 FROM 明细.新名 ORDER BY 编号") == [("A", 1, None), ("B", 2, "x")]
    comment = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'ods' AND table_name = ? AND column_name = 'n'"
    assert shared.rows(comment, [contract.table]) == [("数量",)]


def test_two_datasets_of_one_title_keep_apart(shared: Lake) -> None:
    first, second = (shared.contract(COLUMNS, title="明细表") for _ in range(2))
    for contract in (first, second):
        shared.deliver(contract, "a.csv", f"编号,件数（件）,日期\n{contract.table},1,2026-06-01\n")
    assert shared.rows("SELECT 编号 FROM 明细.明细表") == [(first.table,)]
    assert shared.rows(f'SELECT 编号 FROM 明细."明细表（{second.table}）"') == [(second.table,)]
    shared.deliver(second, "b.csv", "编号,件数（件）,日期\nB,1,2026-06-01\n")
    assert len(views(shared, second.table)) == 2


def test_an_unchanged_contract_needs_no_ddl(shared: Lake) -> None:
    contract = shared.contract(COLUMNS, title="安静", mode="upsert")
    shared.deliver(contract, "a.csv", "编号,件数（件）,日期\nA,1,2026-06-01\n")
    made = "SELECT view_id, begin_snapshot FROM __ducklake_metadata_city.ducklake_view WHERE end_snapshot IS NULL AND view_name = '安静'"
    before = shared.rows(made)
    shared.deliver(contract, "b.csv", "编号,件数（件）,日期\nB,1,2026-06-01\n")
    assert shared.rows(made) == before
    assert shared.rows("SELECT count(*) FROM 明细.安静") == [(2,)]
    comment = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'dwd' AND table_name = ? AND column_name = 'n'"
    assert shared.rows(comment, [contract.table]) == [("件数（件）",)]
