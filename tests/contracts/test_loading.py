"""A contract file as a Contract: what it says, and what the city says where it is silent."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.contracts import validation
from pipelines.contracts.city import load_city
from pipelines.contracts.load import contract_files, load_contract
from pipelines.contracts.model import BatchCheck, Control, Period, Reference, RowCheck, Tolerance
from pipelines.errors import ContractError

TRIPS = "mobility.trips"
REPOSITORY = Path(__file__).parents[2]


def test_contract_says_what_its_file_says(city) -> None:
    contract = city.load(TRIPS)
    assert (contract.id, contract.version, contract.status) == (TRIPS, "1.2.0", "active")
    assert contract.path == "schemas/mobility/trips.odcs.yaml"
    assert (contract.title, contract.provider, contract.owner) == ("骑行记录", "交通局", "骑行数据员")
    assert contract.contacts == (("骑行数据员", "trips@example.org"),)
    assert contract.key == ("trip_id",)
    assert contract.frequency == (1, "d")
    assert contract.freshness == ("started_at", 2, "d")
    assert contract.sharing == (("type", "conditional"), ("conditions", "按需申请"))
    assert (contract.schedule, contract.retention_days, contract.max_invalid_pct) == ("0 6 * * *", 365, 3.0)
    assert contract.stage == "运行"


def test_columns_carry_their_rules_and_how_departments_write_them(city) -> None:
    contract = city.load(TRIPS)
    trip = contract.column("trip_id")
    assert (trip.pattern, trip.min_length, trip.max_length) == (r"^T\d{8}$", 9, 9)
    assert (trip.required, trip.key_position, trip.aliases) == (True, 1, ("编号", "单号"))
    assert contract.column("place_code").reference == Reference("places", "place_code")
    assert contract.column("district_code").code_list == "divisions"
    kind = contract.column("bike_kind")
    assert (kind.enum, kind.nulls) == (("单车", "助力车"), ("—",))
    assert kind.tolerance == (("enum", Tolerance("warning", 10.0)),)
    distance = contract.column("distance_km")
    assert (distance.physical_type, distance.unit, distance.thousands) == ("DECIMAL(8,3)", "km", ",")
    assert (distance.minimum, distance.maximum) == (0, 200)
    phone = contract.column("rider_phone")
    assert (phone.personal, phone.mask, phone.level) == (True, "hmac", 3)
    assert contract.is_personal


def test_ingest_carries_period_and_control(city) -> None:
    ingest = city.load(TRIPS).ingest
    assert (ingest.mode, ingest.order_by, ingest.delete_when) == ("upsert", "started_at", "bike_kind = '作废'")
    assert (ingest.encoding, ingest.header_row, ingest.extra_columns) == ("gb18030", 2, "refuse")
    assert ingest.period == Period("file_name", "day", r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", "started_at")
    assert ingest.control == Control("trip_id", ("合计",), ("distance_km",), "minutes", "{name}.manifest.json")


def test_quality_entries_become_row_and_batch_checks(city) -> None:
    contract = city.load(TRIPS)
    assert contract.row_checks == (
        RowCheck("ends_after_start", "ended_on >= started_at::DATE", "", "0503", Tolerance("error", 1.0)),
    )
    rows, twice, mean, nulls = contract.batch_checks
    assert rows == BatchCheck("rows_a_day", "rowCount", (), 1, 1_000_000)
    assert twice == BatchCheck("same_trip_twice", "duplicateValues", ("trip_id", "started_at"), 0, 0)
    assert (mean.query, mean.minimum, mean.maximum) == (
        "SELECT avg(distance_km) FROM ${table}",
        pytest.approx(0.1),
        None,
    )
    assert mean.minimum > 0.1
    assert (nulls.name, nulls.columns, nulls.unit) == ("distance_km_null_values", ("distance_km",), "percent")
    assert nulls.maximum < 20


def test_check_in_sql_at_a_column_names_the_column(city) -> None:
    by = "name: longest\n            type: sql\n            query: SELECT max(${column}) FROM ${table}"
    city.edit(TRIPS, "metric: nullValues\n            unit: percent", by)
    assert city.load(TRIPS).batch_checks[-1].query == 'SELECT max("distance_km") FROM ${table}'


def test_where_a_contract_is_silent_the_city_speaks(city) -> None:
    contract = city.load("base.places")
    assert (contract.ingest.timezone, contract.ingest.crs) == ("Asia/Shanghai", "EPSG:4490")
    assert contract.max_invalid_pct == 4.0
    assert contract.owner == "基础数据组"


def test_whole_number_may_be_written_with_a_point(city) -> None:
    city.edit(TRIPS, "minLength: 9", "minLength: 9.0")
    city.edit(TRIPS, "headerRow: 2", "headerRow: 2.0")
    contract = city.load(TRIPS)
    assert (repr(contract.column("trip_id").min_length), repr(contract.ingest.header_row)) == ("9", "2")


def test_what_only_the_standards_model_refuses_is_told(city, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "_odcs_faults", lambda data: iter(()))
    city.edit(TRIPS, "tags: [共享单车]", "labels: [共享单车]")
    (found,) = city.problems(TRIPS)
    assert (found.line, found.rule) == (8, "odcs-model")


def test_digest_is_of_the_content_and_not_of_its_layout(city) -> None:
    before = city.load(TRIPS).digest
    city.edit(TRIPS, "kind: DataContract\n", "# a comment\nkind:   DataContract\n")
    assert city.load(TRIPS).digest == before
    city.edit(TRIPS, "limitations: 记录为虚构。", "limitations: 记录为虚构！")
    assert city.load(TRIPS).digest != before


def test_loading_a_broken_contract_raises_all_its_problems(city) -> None:
    city.edit(TRIPS, "logicalType: integer", "logicalType: int")
    city.edit(TRIPS, "version: 1.2.0", "version: one")
    with pytest.raises(ContractError) as error:
        load_contract(city.path(TRIPS), load_city(city.root))
    assert [problem.rule for problem in error.value.problems] == ["semver", "known-type"]
    assert str(error.value).splitlines()[1] == (
        "schemas/mobility/trips.odcs.yaml:78: [known-type] column 'minutes': 'int' is not a logicalType. Hint: use 'integer'."
    )


def test_contract_outside_the_city_is_named_by_its_whole_path(city, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.odcs.yaml"
    elsewhere.write_text(city.text(TRIPS), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_contract(elsewhere, load_city(city.root))
    assert error.value.problems[0].file == str(elsewhere)
    with pytest.raises(ContractError, match="cannot be read: No such file"):
        load_contract(tmp_path / "none.odcs.yaml", load_city(city.root))


def test_folders_with_an_underscore_hold_no_contract(city) -> None:
    city.write("_drafts.trips", city.text(TRIPS))
    (city.schemas / "mobility" / "notes.yaml").write_text("a: 1")
    assert [path.name for path in contract_files(city.schemas)] == ["places.odcs.yaml", "trips.odcs.yaml"]


def test_misplaced_contract_files_are_found_and_told(city) -> None:
    short = city.schemas / "mobility" / "trips2.odcs.yml"
    short.write_text(
        city.text("base.places").replace("base.places", "mobility.trips2").replace("name: places", "name: trips2")
    )
    assert short in contract_files(city.schemas)
    with pytest.raises(ContractError, match=r"call the file schemas/mobility/trips2\.odcs\.yaml"):
        load_contract(short, load_city(city.root))


@pytest.mark.parametrize("path", contract_files(REPOSITORY / "schemas"), ids=lambda path: path.name)
def test_contract_of_the_sample_city_is_sound(path: Path) -> None:
    contract = load_contract(path, load_city(REPOSITORY))
    assert contract.path == path.relative_to(REPOSITORY).as_posix()
    assert replace(contract) == contract
