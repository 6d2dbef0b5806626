"""A city's own repository: what `init` writes, what it leaves alone, and that it works as it is."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.city import load_city
from pipelines.contracts.codelists import load_code_list
from pipelines.contracts.lint import lint
from pipelines.errors import UsageError
from pipelines.settings import settings
from pipelines.steps.check import check
from pipelines.steps.scaffold import city_files, scaffold

ROOT = Path(__file__).parents[2]
SAMPLES = "data_samples/governance/toilet_inspections"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city just made."""
    return scaffold(tmp_path_factory.mktemp("made") / "city").folder


def test_a_new_city_is_sound(city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_CITY", str(city))
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path))
    assert lint(settings(), ()) == []


def test_every_value_of_the_city_pack_has_a_basis(city: Path) -> None:
    pack = yaml.safe_load((city / "schemas/_city.yaml").read_text(encoding="utf-8"))
    own = {"basis", *(key for key, value in pack.items() if isinstance(value, dict) and "basis" in value)}
    assert set(pack["basis"]) == set(pack) - own
    bases = [*pack["basis"].values(), *(pack[key]["basis"] for key in own - {"basis"})]
    assert all(set(basis) == {"kind", "ref", "effective"} for basis in bases)


def test_the_divisions_are_the_sample_citys_and_hold_the_citys_own_code(city: Path) -> None:
    divisions = "schemas/_shared/divisions.csv"
    assert (city / divisions).read_bytes() == (ROOT / divisions).read_bytes()
    codes = {row[0] for row in load_code_list(city / "schemas", "divisions").rows}
    assert load_city(city).division_prefix in codes


def test_what_git_must_not_see_is_ignored(city: Path) -> None:
    assert {".env", ".rongtong/", ".venv/"} <= set((city / ".gitignore").read_text(encoding="utf-8").split())


def test_every_path_its_readmes_name_is_there(city: Path) -> None:
    for readme in ("README.md", "README.zh.md"):
        rows = [line for line in (city / readme).read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        names = [name for row in rows for name in row.split("|")[1].replace("`", " ").replace("、", " ").split()]
        assert names
        for name in names:
            if "<" not in name:
                assert (city / name.rstrip(",")).exists(), name


def test_its_sample_would_be_published_and_the_one_to_be_refused_refused(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGTONG_CITY", str(city))
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path))
    contract = find_contract(settings(), "toilet_inspections")
    assert check(settings(), contract, city / SAMPLES / "公厕巡查_202601.csv").verdict == "published"
    assert check(settings(), contract, city / SAMPLES / "refused/公厕巡查_202602.csv").verdict == "refused"


@pytest.mark.parametrize(("refuses", "code"), [("*/refused/*", 0), ("*", 1), ("nothing", 1)])
def test_its_own_check_fails_where_a_sample_does_not_come_out_as_its_folder_says(
    city: Path, tmp_path: Path, refuses: str, code: int
) -> None:
    """The script alone: `rongtong` is a few lines of shell here; scripts/try_wheel.py runs it with the real one."""
    tool, told = tmp_path / "bin/rongtong", tmp_path / "told"
    tool.parent.mkdir()
    tool.write_text(
        f'#!/bin/sh\necho "$*" >> {told}\n[ "$1" = lint ] && exit 0\ncase $3 in {refuses}) exit 1;; esac\n',
        encoding="utf-8",
    )
    tool.chmod(0o755)
    env = {**os.environ, "PATH": f"{tool.parent}:{os.environ['PATH']}", "TMPDIR": str(tool.parent)}
    assert subprocess.run(["sh", ".ci/run"], cwd=city, env=env, capture_output=True, check=False).returncode == code
    asked = told.read_text(encoding="utf-8").splitlines()
    assert asked[0] == "lint"
    assert f"check governance.toilet_inspections {SAMPLES}/公厕巡查_202601.csv" in asked
    assert f"check governance.toilet_inspections {SAMPLES}/refused/公厕巡查_202602.csv" in asked
    assert [path.name for path in tool.parent.iterdir()] == ["rongtong"], "it leaves nothing behind"


def test_a_folder_that_holds_other_things_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(UsageError, match=r"not empty: letter\.txt"):
        scaffold(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        scaffold(tmp_path / "letter.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_repository_just_made_keeps_what_it_has(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    made = scaffold(tmp_path)
    assert made.kept == ("README.md",)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "ours"
    assert set(made.written) == set(city_files()) - {"README.md"}


def test_a_city_is_not_made_twice(city: Path) -> None:
    with pytest.raises(UsageError, match="not empty"):
        scaffold(city)


def test_without_a_city_the_lake_is_where_you_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipelines.settings as module

    monkeypatch.delenv("RONGTONG_CITY", raising=False)
    monkeypatch.delenv("RONGTONG_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "site-packages/pipelines/settings.py"))
    assert settings().home == tmp_path.resolve() / ".rongtong"
