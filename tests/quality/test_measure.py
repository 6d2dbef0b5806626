"""Great Expectations inside the caller's transaction: right counts, few statements, nothing left behind."""

import gc
import logging
import threading
import weakref
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.derive.expectation import Expectation
from pipelines.quality.measure import Measured, Measurement, measure
from tests.quality.conftest import (
    BATCH,
    DAYS,
    KEY,
    ORDER,
    ROW_COUNT,
    SUITE,
    Counting,
    begin_batch,
    breaking,
    in_set,
    matches,
    open_lake,
    required,
    unique,
)

Connection = duckdb.DuckDBPyConnection


def asked(con: Connection, *expectations: Expectation, batch: str = BATCH, personal: bool = False) -> Measurement:
    return measure(con, batch, expectations, name="orders", personal=personal)


def only(con: Connection, expectation: Expectation, batch: str = BATCH) -> Measured:
    return asked(con, expectation, batch=batch).results[0]


COUNTS = {
    "a missing value": (required("id"), 2, 2),
    "nothing missing is fine": (required("part"), 1, 1),
    "a value outside a range": (DAYS, 2, 1),
    "a value outside a set, NULL apart": (in_set("category", "咨询", "投诉", "建议"), 1, 1),
    "a value that does not match": (matches("id", "^(?:GD[0-9]+)$"), 1, 2),
    "all members of a group of equals, NULL never": (unique("id"), 3, 2),
    "all members of a group of equal keys, a key with NULL never": (KEY, 2, 1),
    "closed before it was opened, where both are known": (ORDER, 2, 2),
    "rows that meet a condition, NULL not": (breaking("row.x", "days > 15"), 4, None),
    "rows flagged while they were read": (breaking("age.type", "len(_violations) > 0"), 2, None),
}


@pytest.mark.parametrize(("expectation", "unexpected", "missing"), COUNTS.values(), ids=COUNTS)
def test_an_expectation_counts_the_rows_that_break_it(
    lake: Connection, expectation: Expectation, unexpected: int, missing: int | None
) -> None:
    result = only(lake, expectation)
    assert (result.unexpected, result.missing, result.success) == (unexpected, missing, False)
    assert result.element_count == (None if missing is None else 7)
    assert result.nonnull == (None if missing is None else 7 - missing)


def test_a_row_count_is_observed_and_has_no_unexpected_rows(lake: Connection) -> None:
    result = only(lake, ROW_COUNT)
    assert (result.success, result.observed, result.unexpected) == (True, 7, None)


def test_measured_together_the_expectations_count_the_same_and_keep_their_order(lake: Connection) -> None:
    together = asked(lake, *SUITE)
    assert [result.rule for result in together.results] == [expectation.rule for expectation in SUITE]
    assert together.results == [only(lake, expectation) for expectation in SUITE]
    assert [result.success for result in together.document.results] == [result.success for result in together.results]
    assert together.rows == 7


def test_the_same_question_may_be_asked_under_two_rules(lake: Connection) -> None:
    twice = asked(lake, required("id"), Expectation("id.key", required("id").type, {"column": "id"}))
    assert [(result.rule, result.unexpected) for result in twice.results] == [("id.required", 2), ("id.key", 2)]


def test_a_share_of_failures_may_be_allowed(lake: Connection) -> None:
    mostly = Expectation("id.required", required("id").type, {"column": "id", "mostly": 0.7})
    assert only(lake, mostly).success
    assert not only(lake, Expectation("id.required", mostly.type, {"column": "id", "mostly": 0.9})).success


def test_an_empty_batch_breaks_no_row_rule(lake: Connection) -> None:
    nothing = asked(lake, *SUITE, batch="SELECT * FROM city.ods.orders WHERE false")
    assert {result.rule: result.unexpected for result in nothing.results if result.unexpected} == {}
    assert [result.rule for result in nothing.results if not result.success] == ["batch.rows"]


def test_no_expectations_give_an_empty_measurement(lake: Connection) -> None:
    assert asked(lake).results == []


def test_the_transaction_stays_open_and_a_rollback_leaves_nothing(lake: Connection) -> None:
    snapshots = lake.execute("SELECT count(*) FROM city.snapshots()").fetchone()
    asked(lake, *SUITE)
    lake.execute("INSERT INTO city.ods.orders (id, _batch) VALUES ('GD7', 'orders-0002')")
    assert only(lake, ROW_COUNT).observed == 8
    lake.execute("ROLLBACK")
    assert lake.execute("SELECT id FROM city.ods.orders").fetchall() == [("GD9",)]
    assert lake.execute("SELECT count(*) FROM city.snapshots()").fetchone() == snapshots


def test_the_caller_can_still_commit(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as con:
        begin_batch(con)
        asked(con, *SUITE)
        con.execute("COMMIT")
        assert con.execute("SELECT count(*) FROM city.ods.orders").fetchone() == (8,)


def test_a_suite_takes_one_scan_for_all_aggregates_and_two_for_what_is_not_unique(lake: Connection) -> None:
    con = Counting(lake)
    measure(con, BATCH, SUITE, name="orders", personal=True)  # type: ignore[arg-type]
    scans = [statement for statement in con.asked if "orders-0002" in statement]
    duplicates = [statement for statement in scans if "hash(" in statement]
    # The others: the columns, over no rows; the row count; everything else.
    assert (len(scans), len(duplicates)) == (7, 4)
    con.asked.clear()
    measure(con, f"{BATCH} AND id = 'GD1'", SUITE, name="orders", personal=True)  # type: ignore[arg-type]
    assert len([statement for statement in con.asked if "hash(" in statement]) == 2, "nothing occurs twice"


def test_samples_are_fetched_only_for_what_failed(lake: Connection) -> None:
    con = Counting(lake)
    measure(con, BATCH, [DAYS, matches("contact", ".")], name="orders", personal=False)  # type: ignore[arg-type]
    assert sum("unexpected_values" in statement for statement in con.asked) == 1


def test_a_result_shows_at_most_five_values(lake: Connection) -> None:
    lake.execute("INSERT INTO city.ods.orders (days, _batch) SELECT 1000 + range, 'orders-0002' FROM range(20)")
    (result,) = asked(lake, DAYS).document.results
    assert len(result.result["partial_unexpected_list"]) == 5


def test_samples_of_duplicates_are_their_keys(lake: Connection) -> None:
    single, compound = asked(lake, unique("id"), KEY).document.results
    assert single.result["partial_unexpected_list"] == ["GD2"]
    assert compound.result["partial_unexpected_list"] == [{"id": "GD2", "part": 2}]


def test_no_value_of_a_personal_dataset_is_in_the_results(lake: Connection) -> None:
    oldest = Expectation("days.max", "expect_column_max_to_be_between", {"column": "days", "max_value": 3})
    share = Expectation(
        "id.filled", "expect_column_proportion_of_non_null_values_to_be_between", {"column": "id", "min_value": 0.9}
    )
    measured = asked(lake, *SUITE, matches("contact", "@"), oldest, share, personal=True)
    text = str(measured.document) + str(measured.results)
    assert not [value for value in ("13800001111", "g%x", "GD2", "其他", "366") if value in text]
    by_rule = {result.rule: result for result in measured.results}
    assert by_rule["contact.pattern"].unexpected == 3
    assert by_rule["days.max"].observed is None
    assert by_rule["id.filled"].observed == pytest.approx(5 / 7)


NAMES = ("at", "order", "Group", "诉求 类型", 'a"b')


@pytest.mark.parametrize("name", NAMES)
def test_any_column_name_can_be_measured(lake: Connection, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    batch = f"SELECT * FROM (VALUES (1, 'x'), (1, 'y'), (NULL, 'y')) AS v({quoted}, other)"
    pair = Expectation("key", KEY.type, {"column_list": [name, "other"]})
    found = asked(lake, required(name), unique(name), in_set(name, 2), pair, batch=batch)
    assert [result.unexpected for result in found.results] == [1, 2, 2, 0]


PATTERNS = {
    "a quantifier in braces": ("^(?:[a-z]{2,3})$", ["ab", "abcd"], 1),
    "a quote, a colon, a percent sign": ("^(?:'%:x)$", ["'%:x", "%:x"], 1),
    "a backslash class": (r"^(?:\d{3})$", ["123", "12", "１２３"], 2),
    "Chinese": ("^(?:[一-龥]+路)$", ["湖滨南路", "hubin"], 1),
    "found anywhere unless anchored": ("b", ["abc", "ac"], 1),
    "one anchor for each alternative": ("^(?:a)|(?:b)$", ["axx", "xxb", "xax"], 1),
    "an alternative within both anchors": ("^(?:a|b)$", ["a", "b", "ab"], 1),
}


@pytest.mark.parametrize(("regex", "values", "unexpected"), PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_is_searched_as_re2_does(lake: Connection, regex: str, values: list[str], unexpected: int) -> None:
    lake.execute("CREATE OR REPLACE TEMP TABLE texts (v VARCHAR)")
    lake.executemany("INSERT INTO texts VALUES (?)", [[value] for value in [*values, None]])
    assert only(lake, matches("v", regex), "SELECT * FROM texts").unexpected == unexpected
    opposite = Expectation("v.not", "expect_column_values_to_not_match_regex", {"column": "v", "regex": regex})
    assert only(lake, opposite, "SELECT * FROM texts").unexpected == len(values) - unexpected


SETS = {
    "text with a quote": ("('it''s'), ('its')", ["it's"], 1),
    "days written as text": ("(DATE '2026-01-01'), (DATE '2026-01-02')", ["2026-01-01"], 1),
    "numbers written as text": ("(1.0::DOUBLE), (2.5::DOUBLE)", ["1"], 1),
    "numbers": ("(1), (2)", [1, 2], 0),
    "logical values": ("(true), (false)", [True], 1),
    "NULL in the set admits nothing": ("('a'), ('b')", ["a", None], 1),
}


@pytest.mark.parametrize(("rows", "values", "unexpected"), SETS.values(), ids=SETS)
def test_a_set_is_compared_as_the_column_is(lake: Connection, rows: str, values: list[object], unexpected: int) -> None:
    batch = f"SELECT * FROM (VALUES {rows}, (NULL)) AS v(v)"
    assert only(lake, in_set("v", *values), batch).unexpected == unexpected


CONDITIONS = {
    "braces, colons and casts": ("{'a': days}.a::VARCHAR = '30.0' OR id = 'G:4'", 2),
    "percent signs": ("contact LIKE '%@%' OR contact LIKE 'g\\%%' ESCAPE '\\'", 4),
    "another table": ("id NOT IN (SELECT id FROM city.ods.orders WHERE _batch = 'orders-0001')", 5),
    "a comment at its end": ("days > 100 -- a year", 1),
    "an error that TRY made NULL": ("TRY(contact::INTEGER) IS NULL", 7),
}


@pytest.mark.parametrize(("condition", "rows"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_may_be_any_sql(lake: Connection, condition: str, rows: int) -> None:
    assert only(lake, breaking("row.any", condition)).unexpected == rows


BATCHES = {
    "a non-capturing group": "SELECT id FROM city.ods.orders WHERE regexp_matches(id, '^(?:GD[0-9])$')",
    "a colon before a word, escaped and not": r"SELECT id FROM city.ods.orders WHERE id <> ':x' AND id <> '\:x'",
    "casts, slices, percent signs": "SELECT id::VARCHAR AS id FROM city.ods.orders WHERE id[1:2] LIKE 'G%'",
    "a comment at its end": "SELECT id FROM city.ods.orders -- all of them: every one",
    "a rule's flag as a column": "SELECT id LIKE 'GD%' AS \"id.shape\", id FROM city.ods.orders",
}


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_a_batch_may_be_any_select(lake: Connection, batch: str) -> None:
    rows = lake.execute(f"SELECT count(*), count(id) FROM ({batch}\n)").fetchone()
    flag = in_set("id.shape", True) if "id.shape" in batch else breaking("row.x", "id = 'G:4'")
    whole = Expectation(
        "q", "unexpected_rows_expectation", {"unexpected_rows_query": "SELECT * FROM {batch} WHERE id IS NULL"}
    )
    measured = asked(lake, required("id"), unique("id"), flag, whole, batch=batch)
    assert rows == (measured.rows, measured.results[0].nonnull)
    assert measured.results[3].unexpected == measured.results[0].unexpected


def test_a_whole_query_counts_like_its_condition(lake: Connection) -> None:
    query = "SELECT * FROM {batch} WHERE days > 15"
    result = only(lake, Expectation("row.q", "unexpected_rows_expectation", {"unexpected_rows_query": query}))
    assert result.unexpected == only(lake, breaking("row.c", "days > 15")).unexpected == 4


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "", None]), st.sampled_from([0.0, -0.0, 1.5, None])), max_size=12))
def test_duplicates_are_exact(rows: list[tuple[str | None, float | None]]) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t (id VARCHAR, part DOUBLE)")
        con.executemany("INSERT INTO t VALUES (?, ?)", [*rows, ("only", 9.0)])
        found = asked(con, unique("id"), KEY, batch="SELECT * FROM t").results
    single = Counter(text for text, _ in rows if text is not None)
    compound = Counter(row for row in rows if None not in row)
    assert found[0].unexpected == sum(count for count in single.values() if count > 1)
    assert found[1].unexpected == sum(count for count in compound.values() if count > 1)


def test_keys_with_equal_hashes_are_told_apart(lake: Connection) -> None:
    lake.execute("CREATE TEMP MACRO hash(x) AS length(x)")
    batch = "SELECT * FROM (VALUES ('aa'), ('bb'), ('cc'), ('cc')) AS v(id)"
    assert lake.execute("SELECT count(DISTINCT hash(id)) FROM (VALUES ('aa'), ('bb')) AS v(id)").fetchone() == (1,)
    assert only(lake, unique("id"), batch).unexpected == 2
    lake.execute("DROP MACRO hash")


def test_two_measurements_do_not_disturb_one_another(lake: Connection, tmp_path: Path) -> None:
    other = open_lake(tmp_path / "other")
    begin_batch(other)
    other.execute("DELETE FROM city.ods.orders WHERE id IS NULL")
    first, second = asked(lake, *SUITE), asked(other, *SUITE)
    assert (first.rows, second.rows) == (7, 5)
    assert asked(lake, *SUITE).results == first.results
    assert (first.results[0].unexpected, second.results[0].unexpected) == (2, 0)
    other.close()


def test_a_measurement_sees_what_changed_since_the_last(lake: Connection) -> None:
    assert only(lake, unique("id")).unexpected == 3
    lake.execute("UPDATE city.ods.orders SET id = 'GD' || part WHERE part = 3")
    assert only(lake, unique("id")).unexpected == 4


def test_measuring_leaves_no_thread_no_file_and_no_noise(
    lake: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    threads = threading.active_count()
    logger = logging.getLogger("great_expectations")
    before = logger.propagate, logger.handlers[:]
    with caplog.at_level(logging.DEBUG):
        asked(lake, *SUITE)
    assert threading.active_count() == threads
    assert not list(here.iterdir())
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert (logger.propagate, logger.handlers) == before


def test_the_connection_is_given_back(lake: Connection) -> None:
    con = Counting(lake)
    measure(con, BATCH, SUITE, name="orders", personal=False)  # type: ignore[arg-type]
    lent = weakref.ref(con)
    del con
    gc.collect()
    assert lent() is None
