"""The macros of `coordinates`: each pair as a struct, and its two halves for those who want columns."""

from math import pi

from pipelines.standards.coordinates import ROUNDS

_A, _EE, _X_PI = "6378245e0", "0.00669342162296594323e0", f"{pi * 3000 / 180!r}e0"
_BOX = "lon BETWEEN 72.004e0 AND 137.8347e0 AND lat BETWEEN 0.8293e0 AND 55.8271e0"


def _sine(amplitude: int, factor: float, of: str) -> str:
    return f"{amplitude}e0 * sin({factor * pi!r}e0 * {of})"


def _east(lon: str, lat: str) -> str:
    x, y = f"({lon} - 105e0)", f"({lat} - 35e0)"
    waves = [_sine(20, 6, x), _sine(20, 2, x), _sine(20, 1, x), _sine(40, 1 / 3, x), _sine(150, 1 / 12, x)]
    total = " + ".join([*waves, _sine(300, 1 / 30, x)])
    metres = f"(300e0 + {x} + 2e0 * {y} + 0.1e0 * {x} * {x} + 0.1e0 * {x} * {y} + 0.1e0 * sqrt(abs({x})) + ({total}) / 1.5e0)"
    return f"{metres} * 180e0 / ({_A} / sqrt({_m(lat)}) * cos({_phi(lat)}) * {pi!r}e0)"


def _north(lon: str, lat: str) -> str:
    x, y = f"({lon} - 105e0)", f"({lat} - 35e0)"
    waves = [_sine(20, 6, x), _sine(20, 2, x), _sine(20, 1, y), _sine(40, 1 / 3, y), _sine(160, 1 / 12, y)]
    total = " + ".join([*waves, _sine(320, 1 / 30, y)])
    polynomial = f"-100e0 + 2e0 * {x} + 3e0 * {y} + 0.2e0 * {y} * {y} + 0.1e0 * {x} * {y} + 0.2e0 * sqrt(abs({x}))"
    m = _m(lat)
    return f"({polynomial} + ({total}) / 1.5e0) * 180e0 / ({_A} * (1e0 - {_EE}) / ({m} * sqrt({m})) * {pi!r}e0)"


def _phi(lat: str) -> str:
    return f"({lat} * {pi / 180!r}e0)"


def _m(lat: str) -> str:
    return f"(1e0 - {_EE} * sin({_phi(lat)}) * sin({_phi(lat)}))"


def _baidu(lon: str, lat: str) -> tuple[str, str]:
    z = f"(sqrt({lon} * {lon} + {lat} * {lat}) + 2e-5 * sin({lat} * {_X_PI}))"
    theta = f"(atan2({lat}, {lon}) + 3e-6 * cos({lon} * {_X_PI}))"
    return f"{z} * cos({theta}) + 0.0065e0", f"{z} * sin({theta}) + 0.006e0"


def _point(lon: str, lat: str) -> str:
    return f"{{lon: CAST({lon} AS DOUBLE), lat: CAST({lat} AS DOUBLE)}}"


def _rounds(first: str, lon: str, lat: str) -> str:
    """A state `s` carried through the rounds; written out in full the expression would grow some thirtyfold each round."""
    points = ", ".join([first] + [_point("lon", "lat")] * ROUNDS)
    return f"list_reduce([{points}], lambda s, p: {_point(lon, lat)})"


_THERE = "lon IS NOT NULL AND lat IS NOT NULL"
_FORWARD = _point(f"lon + {_east('lon', 'lat')}", f"lat + {_north('lon', 'lat')}")
_BACK = _rounds(_point("lon", "lat"), f"p.lon - {_east('s.lon', 's.lat')}", f"p.lat - {_north('s.lon', 's.lat')}")
_BD = _baidu("lon", "lat")
_BD_AT = _baidu("s.lon", "s.lat")
_BD_START = _point("lon - 0.0065e0", "lat - 0.006e0")
_BD_BACK = _rounds(_BD_START, f"p.lon - ({_BD_AT[0]} - s.lon)", f"p.lat - ({_BD_AT[1]} - s.lat)")
_PAIRS = {
    "wgs84_to_gcj02": f"CASE WHEN {_BOX} THEN {_FORWARD} WHEN {_THERE} THEN {_point('lon', 'lat')} END",
    "gcj02_to_wgs84": f"CASE WHEN {_BOX} THEN {_BACK} WHEN {_THERE} THEN {_point('lon', 'lat')} END",
    "gcj02_to_bd09": f"CASE WHEN {_THERE} THEN {_point(*_BD)} END",
    "bd09_to_gcj02": f"CASE WHEN {_THERE} THEN {_BD_BACK} END",
}
_CHAINS = {
    "bd09_to_wgs84": ("bd09_to_gcj02", "gcj02_to_wgs84"),
    "wgs84_to_bd09": ("wgs84_to_gcj02", "gcj02_to_bd09"),
}


def _chained(first: str, second: str) -> str:
    return f"list_transform([{first}(lon, lat)], lambda q: {second}(q.lon, q.lat))[1]"


_ALL = {**_PAIRS, **{name: _chained(*steps) for name, steps in _CHAINS.items()}}

MACROS = {f"{name}(lon, lat)": body for name, body in _ALL.items()} | {
    f"{name}_{half}(lon, lat)": f"struct_extract({name}(lon, lat), '{half}')"
    for name in _ALL
    for half in ("lon", "lat")
}
