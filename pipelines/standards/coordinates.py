"""Coordinates of Chinese maps: WGS 84 and CGCS2000 as measured, GCJ-02 and BD-09 shifted. Degrees, longitude first.

The shift is the published reverse-engineered one (no standard's text tells it): inside a box around China (longitude 72.004 to
137.8347, latitude 0.8293 to 55.8271) GCJ-02 lies some hundred metres off; outside of it nothing is shifted. The way back has no
formula: four fixed-point rounds bring it below 1e-8 m. Whether a column is shifted is for its contract to say, not for a guess.
"""

from math import atan2, cos, hypot, pi, sin, sqrt

Point = tuple[float, float]

_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = pi * 3000 / 180
ROUNDS = 4


def is_shifted_area(lon: float, lat: float) -> bool:
    """Whether a point lies in the box inside which GCJ-02 is shifted.

    >>> is_shifted_area(118.09, 24.48), is_shifted_area(-0.12, 51.5)
    (True, False)
    """
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def wgs84_to_gcj02(lon: float, lat: float) -> Point:
    """Return the GCJ-02 point of a WGS 84 point.

    >>> wgs84_to_gcj02(121.5272106, 31.1774276)
    (121.531541859215, 31.17530398364597)
    """
    if not is_shifted_area(lon, lat):
        return lon, lat
    return _added((lon, lat), _shift(lon, lat), 1)


def gcj02_to_wgs84(lon: float, lat: float) -> Point:
    """Return the WGS 84 point of a GCJ-02 point, by fixed-point rounds.

    >>> [round(degrees, 9) for degrees in gcj02_to_wgs84(121.531541859215, 31.17530398364597)]
    [121.5272106, 31.1774276]
    """
    if not is_shifted_area(lon, lat):
        return lon, lat
    found = lon, lat
    for _ in range(ROUNDS):
        found = _added((lon, lat), _shift(*found), -1)
    return found


def gcj02_to_bd09(lon: float, lat: float) -> Point:
    """Return the BD-09 point of a GCJ-02 point."""
    return _added((lon, lat), _baidu_shift(lon, lat), 1)


def bd09_to_gcj02(lon: float, lat: float) -> Point:
    """Return the GCJ-02 point of a BD-09 point, by fixed-point rounds."""
    found = lon - 0.0065, lat - 0.006
    for _ in range(ROUNDS):
        found = _added((lon, lat), _baidu_shift(*found), -1)
    return found


def bd09_to_wgs84(lon: float, lat: float) -> Point:
    """Return the WGS 84 point of a BD-09 point."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def wgs84_to_bd09(lon: float, lat: float) -> Point:
    """Return the BD-09 point of a WGS 84 point."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def _added(point: Point, shift: Point, sign: int) -> Point:
    return point[0] + sign * shift[0], point[1] + sign * shift[1]


def _shift(lon: float, lat: float) -> Point:
    x, y = lon - 105.0, lat - 35.0
    wave = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + 2 / 3 * (
        wave + 20 * sin(pi * y) + 40 * sin(pi / 3 * y) + 160 * sin(pi / 12 * y) + 320 * sin(pi / 30 * y)
    )  # fmt: skip
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + 2 / 3 * (
        wave + 20 * sin(pi * x) + 40 * sin(pi / 3 * x) + 150 * sin(pi / 12 * x) + 300 * sin(pi / 30 * x)
    )  # fmt: skip
    phi = lat * pi / 180
    m = 1 - _EE * sin(phi) ** 2
    return east * 180 / (_A / sqrt(m) * cos(phi) * pi), north * 180 / (_A * (1 - _EE) / (m * sqrt(m)) * pi)


def _baidu_shift(lon: float, lat: float) -> Point:
    z = hypot(lon, lat) + 2e-5 * sin(lat * _X_PI)
    theta = atan2(lat, lon) + 3e-6 * cos(lon * _X_PI)
    return z * cos(theta) + 0.0065 - lon, z * sin(theta) + 0.006 - lat
