"""What is in the wheel: every file of the package, nothing else, and the ways in."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this tree."""
    built = list(WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"]))
    return zipfile.ZipFile(built[0])


def test_the_wheel_holds_the_package_as_it_is_in_the_tree(wheel: zipfile.ZipFile) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", "pipelines"], cwd=ROOT, capture_output=True, check=True
    )
    tree = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()}
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == tree
    assert {Path(name).suffix for name in tree} >= {".py", ".sql", ".json", ".css", ".html", ".j2", ".csv", ".yaml"}
    for name in tree:
        assert wheel.read(name) == (ROOT / name).read_bytes(), name


def test_the_wheel_brings_the_command_and_the_plugin(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    points = wheel.read(name).decode()
    assert "rongtong = pipelines.cli.app:main" in points
    assert "rongtong = pipelines.orchestrate.docs_site:RongtongPlugin" in points
