"""Sections of GB/T 4754-2017, and how many enterprises and how much electricity each has in the sample city: invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Industry:
    """A section: its letter and name (real), weights (invented), and the word that names a firm of it."""

    code: str
    name: str
    firms: int
    electricity: int
    word: str


INDUSTRIES = (
    Industry("A", "农、林、牧、渔业", 3, 8, "农业"),
    Industry("B", "采矿业", 1, 2, "石材"),
    Industry("C", "制造业", 18, 300, "机械"),
    Industry("D", "电力、热力、燃气及水生产和供应业", 1, 40, "热力"),
    Industry("E", "建筑业", 9, 18, "建设"),
    Industry("F", "批发和零售业", 30, 55, "贸易"),
    Industry("G", "交通运输、仓储和邮政业", 6, 35, "物流"),
    Industry("H", "住宿和餐饮业", 7, 30, "餐饮"),
    Industry("I", "信息传输、软件和信息技术服务业", 9, 28, "软件"),
    Industry("J", "金融业", 2, 9, "投资"),
    Industry("K", "房地产业", 4, 45, "置业"),
    Industry("L", "租赁和商务服务业", 11, 22, "商务"),
    Industry("M", "科学研究和技术服务业", 8, 12, "科技"),
    Industry("N", "水利、环境和公共设施管理业", 2, 16, "环境"),
    Industry("O", "居民服务、修理和其他服务业", 5, 10, "服务"),
    Industry("P", "教育", 3, 20, "教育"),
    Industry("Q", "卫生和社会工作", 2, 15, "医疗"),
    Industry("R", "文化、体育和娱乐业", 4, 11, "文化"),
    Industry("S", "公共管理、社会保障和社会组织", 1, 24, "社会"),
    Industry("T", "国际组织", 1, 1, "交流"),
)
