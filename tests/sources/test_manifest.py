"""A manifest says what a department sent; what cannot be understood is told all at once."""

from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.contracts.model import Contract, Control
from pipelines.errors import SourceError
from pipelines.sources.manifest import Declared, read_manifest
from tests.sources.conftest import contract_of


@pytest.fixture
def contract() -> Contract:
    return contract_of(control=Control(manifest="{name}.manifest.json"))


def test_no_manifest_is_read_when_none_is_wanted(tmp_path: Path) -> None:
    assert read_manifest(contract_of(), tmp_path / "x.csv") is None


def test_what_it_declares_is_exact(contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "x.csv.manifest.json").write_text(
        '\ufeff{"rows": 1000, "sha256": "' + "AB" * 32 + '", "sums": {"fee": 12.10, "办件量": 7}}', "utf-8"
    )
    assert read_manifest(contract, tmp_path / "x.csv") == Declared(
        1000, "ab" * 32, (("fee", Decimal("12.10")), ("办件量", Decimal(7)))
    )


def test_a_template_may_use_the_stem(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    contract = contract_of(control=Control(manifest="{stem}.json"))
    assert read_manifest(contract, tmp_path / "x.csv") == Declared()


def test_an_absent_manifest_is_an_error(contract: Contract, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"x\.csv\.manifest\.json: \[manifest\] the contract wants a manifest"):
        read_manifest(contract, tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON in UTF-8"),
        (b"[]", "no JSON object"),
        (b'{"rows": -1}', "whole number, got -1"),
        (b'{"rows": 1.5}', "whole number"),
        (b'{"rows": true}', "whole number, got True"),
        (b'{"sha256": "abc"}', "64 hexadecimal"),
        (b'{"sums": [1]}', "'sums' is an object"),
        (b'{"sums": {"fee": "12"}}', "'sums.fee' is a number"),
        (b'{"sums": {"fee": NaN}}', "'sums.fee' is a number"),
        (b'{"row": 3}', "'row' is no key"),
        (b" " * ((1 << 20) + 1), "no larger than 1 MB"),
    ],
)
def test_a_malformed_manifest_says_what_is_wrong(
    contract: Contract, tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "x.csv.manifest.json").write_bytes(content)
    with pytest.raises(SourceError, match=problem):
        read_manifest(contract, tmp_path / "x.csv")


def test_all_problems_are_told_at_once(contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "x.csv.manifest.json").write_text('{"rows": -1, "sha256": 5, "sums": {"a": null}, "x": 1}')
    with pytest.raises(SourceError) as told:
        read_manifest(contract, tmp_path / "x.csv")
    assert len(str(told.value).splitlines()) == 4


def test_a_manifest_that_cannot_be_read_says_so(contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "x.csv.manifest.json").mkdir()
    with pytest.raises(SourceError, match="cannot be read"):
        read_manifest(contract, tmp_path / "x.csv")
