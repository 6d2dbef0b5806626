"""What the project promises of itself: few targets, one lock with hashes and no addresses, setup that respects pip's settings."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def setup() -> ModuleType:
    """The setup script as a module."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_makefile_has_at_most_a_dozen_targets_each_with_help() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY:")).split()[1:]
    assert len(phony) <= 12
    helped = [line.partition(":")[0] for line in lines if re.match(r"^[a-z]+:.*## ", line)]
    assert sorted(helped) == sorted(phony)


def test_the_lock_has_exact_versions_with_hashes_and_names_no_place() -> None:
    assert "://" not in LOCK
    assert "--index" not in LOCK
    assert "--find-links" not in LOCK
    entries = [entry for entry in re.split(r"\n(?=\S)", LOCK) if entry.strip() and not entry.startswith("#")]
    assert all(re.match(r"^[a-z0-9._-]+(\[.*\])?==", entry) and "--hash=sha256:" in entry for entry in entries)


def test_the_lock_holds_every_dependency() -> None:
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    names = {re.split(r"[=<>\[!~ ]", requirement, maxsplit=1)[0].lower() for requirement in wanted}
    assert names <= {line.partition("==")[0] for line in LOCK.splitlines() if "==" in line}


def test_a_package_of_the_lock_comes_with_all_its_hashes(setup: ModuleType) -> None:
    lines = setup.locked("uv").splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all("--hash=sha256:" in line for line in lines[1:])


def test_uv_looks_where_pip_looks(setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = tmp_path / "pip"
    listed = [
        "global.index-url='https://mirror.office.example/simple'",
        "global.extra-index-url='https://a.example/simple\\nhttps://b.example/simple'",
        f"global.find-links='{tmp_path} /no/such/folder'",
        "global.trusted-host='mirror.office.example'",
        ":env:.timeout='180'",
        "global.timeout='15'",
        "global.progress-bar='off'",
    ]
    pip.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(listed) + "\nEND\n", encoding="utf-8")
    pip.chmod(0o755)
    for name in setup.UV_NAMES.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_INSECURE_HOST", "set.by.user.example")
    env = setup.uv_environment([str(pip)])
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.office.example/simple"
    assert env["UV_INDEX"] == "https://a.example/simple https://b.example/simple"
    assert env["UV_FIND_LINKS"] == str(tmp_path)
    assert env["UV_HTTP_TIMEOUT"] == "180"
    assert env["UV_INSECURE_HOST"] == "set.by.user.example"
