"""数据字典: written for signature, signed, and taken over into the contracts, or told why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.lint import lint
from pipelines.contracts.model import Contract
from pipelines.errors import ContractError, SourceError, UsageError
from pipelines.steps.dictionary.reading import read_dictionary
from pipelines.steps.dictionary.signing import Signed, take_signed
from pipelines.steps.dictionary.writing import write_dictionary
from tests.department.conftest import mode_of, sheets, text_of
from tests.spine.city import column
from tests.spine.lake import Lake

WRITTEN = """\
# 第一行注释
apiVersion: v3.2.0
kind: DataContract
id: test.repairs
name: 报修记录
version: 1.2.0
status: active
domain: test
team: {name: 市政园林局}
slaProperties:
  - {property: frequency, value: 1, unit: month}
schema:
  - name: repairs
    businessName: 报修记录
    logicalType: object
    physicalType: table
    properties:
      # 主键来自工单系统
      - name: repair_id
        businessName: 编号  # 系统生成
        logicalType: string
        primaryKey: true
        required: true
        logicalTypeOptions: {pattern: '^R\\d+$', maxLength: 12}
      - {name: area, businessName: 区域, logicalType: string, customProperties: [{property: rongtong, value: {codeList: areas}}]}
      - name: cost
        businessName: 费用
        description: >
          含税，
          单位为元
        logicalType: number

        # 以下为说明
        customProperties:
          - property: rongtong
            value:
              unit: 元
              nulls: ['-']
      - name: status
        businessName: 状态
        logicalType: string
        enum:
          - value: '0'
            description: 待修
          - value: '1'
customProperties:
  - property: rongtong
    value:
      provider: 市政园林局
      ingest: {format: csv, mode: append}
"""


@pytest.fixture
def repairs(lake: Lake) -> Path:
    path = lake.city / "schemas/test/repairs.odcs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(WRITTEN, "utf-8")
    return path


@pytest.fixture
def signed(lake: Lake, repairs: Path, tmp_path: Path) -> Callable[..., Path]:
    """A function that gives the dictionary of `repairs` as signed, cells changed; row 6 is the first column's."""

    def sign(**cells: Any) -> Path:
        write_dictionary(lake.where, ["test.repairs"], tmp_path / "out.xlsx")
        book = openpyxl.load_workbook(tmp_path / "out.xlsx")
        for place, value in cells.items():
            book.worksheets[1][place] = value
        book.save(tmp_path / "signed.xlsx")
        return tmp_path / "signed.xlsx"

    return sign


def taken(lake: Lake, path: Path, **options: Any) -> Signed:
    (found,) = take_signed(lake.where, path, ["test.repairs"], **options)
    return found


def changed_lines(path: Path) -> list[tuple[str, str]]:
    before, after = WRITTEN.splitlines(), path.read_text("utf-8").splitlines()
    assert len(before) == len(after)
    return [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]


def test_the_dictionary_has_a_cover_to_sign_and_a_sheet_for_each_dataset(
    lake: Lake, repairs: Path, tmp_path: Path, lang: str
) -> None:
    other = lake.contract([column("id", key=True)])
    contracts = write_dictionary(lake.where, ["repairs", other.id], tmp_path / "out.xlsx")
    assert [contract.id for contract in contracts] == ["test.repairs", other.id]
    cover, first, second = sheets(tmp_path / "out.xlsx")
    digest = find_contract(lake.where, "repairs").digest[:16]
    assert ("test.repairs", "报修记录", "市政园林局", "1.2.0", digest, 4) in [row[:6] for row in cover]
    assert {"zh": "数据提供单位（盖章）", "en": "delivered by (seal)"}[lang] in [row[0] for row in cover]
    heads = {"zh": ("字段名", "中文名", "类型", "长度"), "en": ("field name", "business name", "type", "length")}
    assert first[4][:4] == heads[lang]
    assert first[5][:4] == ("repair_id", "编号", {"zh": "字符", "en": "string"}[lang], "12")
    assert first[8][6] == "0；1"
    assert len(second) == 6
    assert mode_of(tmp_path / "out.xlsx") == 0o600


def test_without_ids_every_dataset_is_in_it(lake: Lake, repairs: Path, tmp_path: Path) -> None:
    contracts = write_dictionary(lake.where, [], tmp_path / "out.xlsx")
    assert len(sheets(tmp_path / "out.xlsx")) == len(contracts) + 1
    assert len(read_dictionary(tmp_path / "out.xlsx").tables) == len(contracts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_copy_signed_as_it_was_changes_nothing(
    lake: Lake, signed: Callable[..., Path], repairs: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGTONG_LANG", language)
    path = signed()
    monkeypatch.setenv("RONGTONG_LANG", "zh")
    assert taken(lake, path).changes == ()
    assert repairs.read_text("utf-8") == WRITTEN


def test_only_what_differs_is_changed_and_comments_stay(lake: Lake, signed: Callable[..., Path], repairs: Path) -> None:
    path = signed(B6="报修编号", D6=10, E7="yes", K6="全市唯一", K8="不含税", H8="万元", G9="0；1；2", J7="2")
    found = taken(lake, path)
    assert {(change.kind, change.subject) for change in found.changes} >= {
        ("column_title", "repair_id"), ("column_max_length", "repair_id"), ("column_required", "area"), ("column_enum", "status"),
    }  # fmt: skip
    text = repairs.read_text("utf-8")
    assert "# 第一行注释\n" in text
    assert "# 主键来自工单系统\n" in text
    assert "businessName: 报修编号  # 系统生成\n        description: 全市唯一\n" not in text
    assert "        businessName: 报修编号  # 系统生成\n" in text
    assert "logicalTypeOptions: {pattern: '^R\\d+$', maxLength: 10}\n" in text
    assert "        description: 不含税\n        logicalType: number\n\n        # 以下为说明\n" in text
    assert "              unit: 万元\n              nulls: ['-']\n" in text
    contract = find_contract(lake.where, "repairs")
    assert (contract.column("area").required, contract.column("area").level) == (True, 2)
    assert (contract.column("area").code_list, contract.column("status").enum) == ("areas", ("0", "1", "2"))
    assert "{value: '0', description: 待修}" in text
    assert contract.column("repair_id").description == "全市唯一"
    assert taken(lake, path).changes == ()


def test_what_is_emptied_is_removed(lake: Lake, signed: Callable[..., Path], repairs: Path) -> None:
    taken(lake, signed(D6=None, H8=None, K8=None, G7=None, G9=None))
    contract = find_contract(lake.where, "repairs")
    assert contract.column("repair_id").max_length is None
    assert contract.column("repair_id").pattern == r"^R\d+$"
    cost = contract.column("cost")
    assert (cost.unit, cost.description, cost.nulls) == ("", "", ("-",))
    assert (contract.column("area").code_list, contract.column("status").enum) == ("", ())


def test_every_contradiction_is_told_at_once_and_nothing_is_written(
    lake: Lake, signed: Callable[..., Path], repairs: Path, lang: str
) -> None:
    path = signed(B3="1.1.0", C6="整数", F7="是", I7="是", A8="costs", B9="现状", E9="也许", G9="见附件", D3="别的")
    with pytest.raises(ContractError) as caught:
        taken(lake, path)
    told = [str(problem) for problem in caught.value.problems]
    assert repairs.read_text("utf-8") == WRITTEN
    sentences = {
        "zh": ["版本为“1.1.0”，契约为“1.2.0”", "摘要为“别的”", "类型：签字件为“整数”", "“area”是否主键", "“area”的敏感标识“是”",
               "没有字段“cost”", "没有字段“costs”（最接近：cost）", "填了“也许”", "代码表“见附件”"],
        "en": ["version is '1.1.0' in the signed copy and '1.2.0'", "digest is '别的'", "type of 'repair_id' is '整数'", "whether 'area' is the key",
               "'area' is called sensitive", "'cost' (费用) is not in the signed", "'costs' is not in the contract (closest: cost)",
               "'也许' under required", "code list of 'status': '见附件'"],
    }  # fmt: skip
    for sentence in sentences[lang]:
        assert any(sentence in text for text in told), (sentence, told)
    assert len(told) == 9


def test_contradictions_that_are_accepted_are_taken_over_as_far_as_they_can(
    lake: Lake, signed: Callable[..., Path], repairs: Path
) -> None:
    found = taken(lake, signed(B3="1.1.0", C8="字符", H8=None, I8="是", A9="state"), accept=True)
    assert len(found.accepted) == 5
    contract = find_contract(lake.where, "repairs")
    cost = contract.column("cost")
    assert (cost.type, cost.personal, cost.mask, cost.level) == ("string", True, "hmac", 3)
    assert contract.column("status").enum == ("0", "1")
    assert any(change.breaking for change in found.changes)


def test_a_change_that_would_break_the_contract_is_not_written(
    lake: Lake, signed: Callable[..., Path], repairs: Path
) -> None:
    with pytest.raises(ContractError, match="no_such_list"):
        taken(lake, signed(G9="no_such_list"))
    assert repairs.read_text("utf-8") == WRITTEN


def test_one_contradiction_in_one_dataset_keeps_all_as_they_are(lake: Lake, repairs: Path, tmp_path: Path) -> None:
    other = lake.contract([column("id", key=True, title="编号")])
    write_dictionary(lake.where, ["repairs", other.id], tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    book.worksheets[1]["B6"] = "新"
    book.worksheets[2]["C6"] = "日期"
    book.save(tmp_path / "out.xlsx")
    with pytest.raises(ContractError, match="type of 'id'"):
        take_signed(lake.where, tmp_path / "out.xlsx")
    assert repairs.read_text("utf-8") == WRITTEN


def test_a_contract_written_as_json_stays_readable(lake: Lake, tmp_path: Path) -> None:
    made: Contract = lake.contract(
        [column("id", key=True, title="编号"), column("n", "integer", title="数", unit="个")]
    )
    write_dictionary(lake.where, [made.id], tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    book.worksheets[1]["B6"], book.worksheets[1]["D6"], book.worksheets[1]["H7"] = "号", 9, None
    book.save(tmp_path / "out.xlsx")
    take_signed(lake.where, tmp_path / "out.xlsx")
    after = find_contract(lake.where, made.id)
    assert (after.column("id").title, after.column("id").max_length, after.column("n").unit) == ("号", 9, "")
    assert lint(lake.where, (made.id,)) == []


def test_what_is_no_signed_dictionary_is_told(lake: Lake, repairs: Path, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("字段名,中文名\na,甲\n", "utf-8")
    with pytest.raises(SourceError, match="no sheet says which dataset"):
        take_signed(lake.where, tmp_path / "d.csv")
    write_dictionary(lake.where, ["repairs"], tmp_path / "out.xlsx")
    other = lake.contract([column("id", key=True)])
    with pytest.raises(UsageError, match=f"does not describe {other.id}"):
        take_signed(lake.where, tmp_path / "out.xlsx", [other.id])
    with pytest.raises(UsageError, match="there is no dataset"):
        write_dictionary(lake.where, ["nothing.here"], tmp_path / "never.xlsx")
    assert "test.repairs" in text_of(tmp_path / "out.xlsx")
