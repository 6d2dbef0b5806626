"""Whether a time zone exists."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def is_zone(name: str) -> bool:
    """Whether the zone database knows a time zone by that name.

    >>> is_zone("Asia/Shanghai"), is_zone("Beijing time")
    (True, False)
    """
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
