"""Columns that are likely personal are masked in the draft and put before a person, who decides."""

import pytest

from pipelines.contracts.rules import personal as lint_rules
from pipelines.steps.draft import personal
from tests.drafting.conftest import Desk

PEOPLE = ["许芳", "刘秀英", "王伟", "郭阿妹", "庄芳", "陈强", "林志玲", "黄小明", "李娜", "张三丰"]


def phones(count: int) -> list[str]:
    return [f"138{number:08d}" for number in range(count)]


def citizens(count: int) -> list[str]:
    return [f"350203199001{number % 28 + 1:02d}{number:03d}X" for number in range(count)]


@pytest.mark.parametrize(
    "heading",
    [
        "联系电话",
        "手机号码",
        "来电人",
        "申请人姓名",
        "身份证号",
        "车牌号码",
        "银行卡号",
        "家庭住址",
        "电子邮箱",
        "caller_phone",
        "Customer Name",
        "IDCard",
    ],
)
def test_headings_that_speak_of_people_are_suspected(desk: Desk, heading: str) -> None:
    result = desk.draft(f"n,{heading}\n1,甲\n2,乙\n")
    assert "personal: true, mask: hmac" in result.text
    assert "classification: '3'" in result.text
    assert any("personal data?" in todo for todo in result.todos)


@pytest.mark.parametrize(
    "heading", ["来电数量", "联系人数", "电话类型", "申请人单位", "路灯地址", "状态", "name", "处理部门"]
)
def test_other_headings_are_not(desk: Desk, heading: str) -> None:
    result = desk.draft(f"n,{heading}\n1,甲\n2,乙\n")
    assert "personal: true" not in result.text
    assert any("no column looks like it" in todo for todo in result.todos)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (phones(20), "phone"),
        ([f"+86 {phone[:3]}-{phone[3:7]}-{phone[7:]}" for phone in phones(20)], "phone"),
        (citizens(20), "citizen id"),
        ([f"闽D{number:05d}" for number in range(20)], "plate"),
        ([f"user{number}@example.org" for number in range(20)], "e-mail"),
        ([f"622202{number:013d}" for number in range(20)], "bank or card number"),
        ([surname + name for surname in "王李张刘陈" for name in ("伟", "芳", "娜", "秀英", "小明")], "name"),
    ],
)
def test_values_that_look_personal_are_suspected_whatever_the_heading(desk: Desk, values: list[str], kind: str) -> None:
    result = desk.draft("\n".join(["n,栏", *(f"{number},{value}" for number, value in enumerate(values))]) + "\n")
    assert any(f"Likely {kind}" in todo for todo in result.todos)


def test_places_and_categories_are_no_names(desk: Desk) -> None:
    streets = [f"{surname}{name}路" for surname in "王李张刘陈" for name in "江海河山湖"]
    assert "personal: true" not in desk.draft("\n".join(["路", *streets, *streets])).text
    assert "personal: true" not in desk.draft("类\n" + "金融业\n黄金\n" * 30, "governance.others").text


def test_free_text_that_holds_phones_is_scrubbed(desk: Desk) -> None:
    texts = [
        f"{number},思明区新桥路{number}号路灯不亮，多日未修，请回电{phone}谢谢"
        for number, phone in enumerate(phones(20))
    ]
    assert "personal: true, mask: scrub" in desk.draft("\n".join(["n,诉求内容", *texts])).text


def test_a_time_of_a_call_is_not_personal_and_says_so(desk: Desk) -> None:
    column = desk.contract("n,电话受理时间\n1,2026-06-01 08:00\n").columns[1]
    assert (column.type, column.personal) == ("timestamp", False)
    assert desk.problems() == []


def test_the_person_s_word_decides(desk: Desk) -> None:
    text = "编号,联系电话,备注\nA1,13800000001,甲\nA2,13800000002,乙\n"
    columns = {column.name: column for column in desk.contract(text, personal=("备注",)).columns}
    assert (columns["remark"].personal, columns["remark"].mask, columns["remark"].level) == (True, "hmac", 3)
    assert not columns["phone"].personal
    assert desk.problems() == []


def test_no_value_of_a_personal_column_is_written_down(desk: Desk) -> None:
    people = "\n".join(
        f"{number},{name},{name}@example.org,1990-01-0{number % 9 + 1}" for number, name in enumerate(PEOPLE * 20)
    )
    text = desk.draft(f"n,姓名,邮箱,出生日期\n{people}\n").text
    assert "许芳" not in text
    assert "example.org" not in text
    assert "1990-01-01" not in text


def test_every_heading_that_lint_asks_about_is_one_that_drafts_declare() -> None:
    words = (
        "身份证 证件号 手机 电话 来电号码 姓名 联系人 住址 家庭地址 护照 邮箱 银行卡 车牌 微信号 出生日期 phone mobile cellphone telephone "
        "tel id_card idcard id_number citizen_id passport email e_mail mail wechat person_name owner_name surname home_address "
        "plate_no bank_card caller_phone resident_name patient_name"
    )
    for word in words.split():
        if lint_rules._looks_personal(word):
            assert personal.must_be_declared(word), word


def test_a_few_names_are_asked_about_and_never_written_down(desk: Desk) -> None:
    names = ["王伟", "李娜芳", "张敏", "刘静", "陈强", "杨磊", "赵军"]
    text = "编号,经办\n" + "".join(f"A{n:04d},{names[n % 7]}\n" for n in range(300))
    result = desk.draft(text, "governance.cases")
    assert any("look like names of people" in todo for todo in result.todos)
    assert not any(name in result.text for name in names)
    assert not any("names of people" in todo for todo in desk.draft(text, personal=()).todos)


def test_phones_under_any_heading_are_texts(desk: Desk) -> None:
    text = "编号,联系\n" + "".join(f"A{n:04d},139{n:08d}\n" for n in range(30))
    column = desk.contract(text, "governance.cases", personal=None).columns[1]
    assert (column.type, column.personal, column.mask) == ("string", True, "hmac")
