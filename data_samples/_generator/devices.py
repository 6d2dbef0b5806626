"""Deliveries of environment.iot_devices: the sensors of shared_world.py, where they are and how well they are looked after."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from _generator.draws import one
from _generator.shared_world import FLOOD_SENSOR, WATER_GAUGE, Device, devices
from _generator.tally import Tally
from _generator.warts import Record, Wart, put, worn

HEADINGS = (
    "设备编号", "设备类别", "厂家", "安装日期", "检定有效期至", "上报间隔（分钟）", "街道代码", "经度", "纬度", "所在设施编号",
    "所在站点编码", "系统编号",
)  # fmt: skip
CADENCE_MIN = {
    WATER_GAUGE: 60, FLOOD_SENSOR: 120, "空气微站": 120, "噪声监测": 120, "井盖传感器": 240, "烟感": 240, "垃圾满溢监测": 120,
    "电梯监测": 120,
}  # fmt: skip
_CALIBRATED = (WATER_GAUGE, FLOOD_SENSOR, "空气微站", "噪声监测")
_MAKERS = ("示例感知科技", "示例水务仪表", "示例智联", "示例电子")
# Sensors whose calibration ended before 1 June 2026, and when.
OUT_OF_CALIBRATION: Mapping[str, date] = {
    "IOT00005": date(2026, 3, 31), "IOT00011": date(2025, 12, 31), "IOT00013": date(2026, 5, 31),
    "IOT00018": date(2026, 4, 30), "IOT00069": date(2025, 9, 30),
}  # fmt: skip


def _calibrated_until(device: Device) -> str:
    if device.kind not in _CALIBRATED:
        return "/"
    number = int(device.device_id[3:])
    usual = date(2026, 7, 31) + timedelta(days=int(500 * one("device/calibrated", number)))
    return f"{OUT_OF_CALIBRATION.get(device.device_id, usual):%Y-%m-%d}"


def _record(device: Device) -> Record:
    number, (lon, lat) = int(device.device_id[3:]), device.point
    installed = date(2018, 1, 1) + timedelta(days=int(2600 * one("device/installed", number)))
    return [
        device.device_id, device.kind, _MAKERS[int(one("device/maker", number) * len(_MAKERS))], f"{installed:%Y-%m-%d}",
        _calibrated_until(device), str(CADENCE_MIN[device.kind]), device.subdistrict_code, f"{lon:.6f}", f"{lat:.6f}",
        device.facility_id, device.station_code, device.system_id,
    ]  # fmt: skip


def dotted_date(record: Record) -> Record:
    """The date of installation as 2019.03.05."""
    return put(3, record[3].replace("-", "."))(record)


def write_devices(path: Path, warts: Sequence[Wart], spare: int) -> Tally:
    """Write a quarter's delivery and return what it holds; `spare` sensors that are nowhere yet follow, by the warts bad."""
    tally, lines = Tally(), [",".join(HEADINGS)]
    records = [_record(device) for device in devices()]
    records += [put(0, f"IOT{len(records) + 1 + n:05d}")(records[40 + n]) for n in range(spare)]
    lines += [",".join(record) for record in worn(records, warts, tally)]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="gb18030", newline="")
    return tally
