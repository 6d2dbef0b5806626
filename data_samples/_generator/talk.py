"""What people call about, and how: invented, plausible, without commas or quotes (a row stays one plain line)."""

from dataclasses import dataclass

import numpy as np

from _generator.draws import hashed

CATEGORIES = ("咨询", "投诉", "建议", "求助", "信访")
TEXTS = 3
_ASK, _COMPLAIN, _HELP = (70, 8, 6, 15, 1), (8, 66, 9, 15, 2), (18, 26, 8, 46, 2)
_ISLAND, _NEW_TOWN, _COUNTRY = ("350203", "350206"), ("350205", "350211"), ("350212", "350213")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its weight city-wide and the districts that have more of it, who handles it, how fast and how well.

    `categories` weighs the five categories; `pace` multiplies handling time; `hardness` is taken off the share resolved.
    """

    name: str
    weight: float
    districts: tuple[str, ...]
    unit: str
    categories: tuple[int, ...]
    pace: float
    hardness: float
    texts: tuple[str, str, str]

    def weight_in(self, district: str) -> float:
        """Its weight in a district."""
        return self.weight * (1.8 if district in self.districts else 1.0)


TOPICS = (
    Topic("噪音扰民", 14, _ISLAND, "{district}城市管理局", _COMPLAIN, 0.8, 0.10,
          ("夜间施工噪音大，影响休息", "广场舞音响扰民", "商铺外放喇叭扰民")),
    Topic("违章停车", 13, _ISLAND, "{district}交警大队", _COMPLAIN, 0.5, 0.06,
          ("消防通道被车辆占用", "人行道乱停车", "僵尸车长期占位")),
    Topic("物业管理", 12, _ISLAND + _NEW_TOWN, "{place}办事处", _COMPLAIN, 1.4, 0.16,
          ("电梯故障多日未修", "物业收费不公示", "小区门禁损坏")),
    Topic("市容环卫", 10, (), "{district}城市管理局", _COMPLAIN, 0.6, 0.02,
          ("垃圾堆放未清运", "占道经营", "公厕卫生差")),
    Topic("供水供电", 8, _COUNTRY, "{district}水务集团", _HELP, 0.4, 0.01,
          ("停水未提前通知", "水压不足", "路灯不亮")),
    Topic("道路养护", 7, _NEW_TOWN + _COUNTRY, "{district}建设与交通局", _HELP, 1.3, 0.05,
          ("路面坑洼积水", "井盖松动", "施工围挡未撤")),
    Topic("公共交通", 6, _NEW_TOWN, "市公交集团", _HELP, 0.9, 0.06,
          ("公交等候时间长", "希望增设站点", "末班车过早")),
    Topic("违法建设", 5, _COUNTRY, "{district}城市管理局", _COMPLAIN, 2.2, 0.22,
          ("楼顶加盖", "占用公共绿地", "擅自改变房屋结构")),
    Topic("劳动纠纷", 5, _NEW_TOWN, "{district}人力资源和社会保障局", _HELP, 1.8, 0.15,
          ("拖欠工资", "未签劳动合同", "加班费未付")),
    Topic("消费维权", 7, _ISLAND, "{district}市场监督管理局", _COMPLAIN, 1.2, 0.08,
          ("预付卡不退款", "商品与宣传不符", "餐饮乱收费")),
    Topic("社保医保", 7, (), "{district}人力资源和社会保障局", _ASK, 0.5, 0.0,
          ("如何办理社保转移", "医保报销比例", "参保缴费年限")),
    Topic("教育入学", 5, _NEW_TOWN, "{district}教育局", _ASK, 0.7, 0.09,
          ("小学报名材料", "积分入学政策", "校外托管收费")),
    Topic("户籍证件", 4, (), "{district}公安分局", _ASK, 0.4, 0.0,
          ("落户条件", "身份证补办", "居住证签注")),
    Topic("环境污染", 4, _NEW_TOWN + _COUNTRY, "{district}生态环境局", _COMPLAIN, 1.6, 0.12,
          ("夜间有异味", "污水直排沟渠", "油烟扰民")),
    Topic("农业农村", 2, _COUNTRY, "{district}农业农村局", _HELP, 1.5, 0.05,
          ("灌溉渠道堵塞", "惠农补贴发放", "村道硬化")),
    Topic("惠企政策", 2, _NEW_TOWN, "{district}工业和信息化局", _ASK, 0.8, 0.03,
          ("补贴申报时间", "用工奖励条件", "企业开办流程")),
)  # fmt: skip

SPOTS = tuple(f"{road}{spot}" for road in ("望海路", "榕荫路", "新桥路", "凤山路", "长堤路", "学府路", "南门街", "花圃巷")
              for spot in ("旁", "路口", "12号", "58号", "公交站旁"))  # fmt: skip
_FAMILY = "陈林黄张李吴王郑蔡刘杨许苏叶洪曾郭庄谢周"
_GIVEN = "建国 丽华 志强 美玲 伟 芳 俊杰 雅婷 文彬 秀英 海燕 宇轩 思源 振华 阿妹"
NAMES = tuple(family + given for family in _FAMILY for given in _GIVEN.split())


def _check_digit(first_17: str) -> str:
    """Last character of a citizen id number (GB 11643)."""
    return "10X98765432"[sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(first_17)) % 11]


def citizen_number(bits: int) -> str:
    """An invented id number with a right check sign, of a division that is nobody's."""
    born = f"{1950 + bits % 55}{1 + bits // 64 % 12:02d}{1 + bits // 1024 % 28:02d}"
    first_17 = f"350299{born}{bits // 65536 % 1000:03d}"
    return first_17 + _check_digit(first_17)


def planted_number(row: int) -> str:
    """A phone number, or an id number in every fifth case, as callers dictate them: all invented.

    Numbers begin with 169, ids with 350299, neither of which is issued to anybody.
    """
    bits = int(hashed("planted", np.array([row], dtype=np.int64))[0])
    if row % 5 == 0:
        return f"，身份证{citizen_number(bits)}"
    return f"，请回电169{bits % 100_000_000:08d}"
