"""No small number of enterprises follows from what `ads.industry_by_place` publishes: all tables that fit it are tried."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import duckdb

from pipelines.derive.model_query import bound

SQL = Path(__file__).parents[2] / "pipelines/models/ads/industry_by_place.sql"
SMALLEST, MOST = 3, 7
PLACES = {"11": ("111", "112", "113"), "12": ("121", "122"), "13": ("131",)}
CELLS = [cell for cells in PLACES.values() for cell in cells]
Table = dict[str, int]


def _tables(count: int) -> Iterator[tuple[str, Table]]:
    """Tables of enterprises by subdistrict, most of them small: where sums tell most."""
    random = Random(20260603)
    for number in range(count):
        yield f"i{number}", {cell: random.choice((0, 0, 1, 1, 2, 2, 3, 4, MOST)) for cell in CELLS}


def _published(tables: dict[str, Table]) -> dict[tuple[str, str], int | None]:
    """What the model publishes of these tables: the number, or None, by industry and place."""
    rows = [(name, cell) for name, table in tables.items() for cell, n in table.items() for _ in range(n)]
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE firms AS SELECT unnest(?) AS industry_code, unnest(?) AS subdistrict_code",
        list(zip(*rows, strict=True)),
    )
    con.execute("CREATE TABLE industries AS SELECT unnest(?) AS code", [list(tables)])
    districts = [district for district, cells in PLACES.items() for _ in cells]
    con.execute(
        "CREATE TABLE places AS SELECT unnest(?) AS district_code, unnest(?) AS subdistrict_code", [districts, CELLS]
    )
    sql = bound(
        SQL.read_text(encoding="utf-8"),
        {
            "dwd.enterprises": "(SELECT industry_code, subdistrict_code, 'x' AS credit_code FROM firms)",
            "dim.code_list_items": "(SELECT 'industries' AS code_list, code, code AS code_name, true AS is_current FROM industries)",
            "dim.subdistricts": "(SELECT *, district_code AS district_name, subdistrict_code AS subdistrict_name FROM places)",
            "dim.divisions": "(SELECT '1' AS division_code, '市' AS division_name, 'city' AS division_level, true AS is_current)",
            "pack.policies": "(SELECT 'suppression' AS policy, 'min_cell' AS item, 3 AS value, DATE '2025-01-01' AS valid_from, "
            "CAST(NULL AS DATE) AS valid_to, 'example' AS basis_kind, '' AS basis_ref)",
            "pack.today": "(SELECT DATE '2026-06-03' AS day)",
        },
    )
    found = con.execute(f"SELECT industry_code, place_code, enterprises FROM ({sql})").fetchall()
    return {(industry, place): n for industry, place, n in found}


def _sums(table: Table) -> Table:
    districts = {district: sum(table[cell] for cell in cells) for district, cells in PLACES.items()}
    return table | districts | {"1": sum(districts.values())}


def _fitting(true: Table, told: dict[str, int | None]) -> Iterator[Table]:
    """Every table that fits what is told; whoever asks may even know which hidden cells are small."""
    choices = [
        (n,) if n is not None else range(SMALLEST) if true[cell] < SMALLEST else range(SMALLEST, MOST + SMALLEST)
        for cell in CELLS
        for n in (told[cell],)
    ]
    for values in product(*choices):
        whole = _sums(dict(zip(CELLS, values, strict=True)))
        if all(whole[place] == n for place, n in told.items() if n is not None):
            yield whole


def test_no_small_cell_follows_from_the_published_ones() -> None:
    tables = dict(_tables(250))
    published = _published(tables)
    for name, table in tables.items():
        true = _sums(table)
        told = {place: published[name, place] for place in true}
        assert all(n in (None, true[place]) for place, n in told.items())
        assert all(told[place] is None for place, n in true.items() if n < SMALLEST)
        possible: dict[str, set[int]] = {place: set() for place in true}
        for fitting in _fitting(table, told):
            for place, n in fitting.items():
                possible[place].add(n)
        small = [place for place, n in true.items() if 0 < n < SMALLEST]
        assert all(len(possible[place]) > 1 for place in small), f"{table} is told by {told}"


def test_most_of_what_is_not_small_is_published() -> None:
    tables = {f"i{n}": dict.fromkeys(CELLS, 5) | {"111": n} for n in range(3)}
    published = _published(tables)
    assert published["i0", "112"] == 5
    assert [published[f"i{n}", "11"] for n in range(3)] == [10, 11, 12]
    assert [published[f"i{n}", "112"] for n in (1, 2)] == [None, None]
    assert all(published[f"i{n}", place] is not None for n in range(3) for place in ("113", "12", "121", "131", "1"))
