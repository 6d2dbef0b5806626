"""The containers' files, read without an engine: services, health, secrets, the lock; and that both compose files agree."""

import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.steps.scaffold import city_files
from tests.docs.ids import variables

ROOT = Path(__file__).parents[2]
AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer"}
OURS = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CITYS = yaml.safe_load(city_files()["docker-compose.yml"])
BOTH = pytest.mark.parametrize("compose", [OURS, CITYS], ids=["sample city", "a city's own"])


def _variables(compose: dict[str, Any]) -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+):\?", str(compose)))


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An .env as `make env` writes it."""
    folder = tmp_path_factory.mktemp("env")
    subprocess.run(["sh", ROOT / "pipelines/scaffold/make-env"], cwd=folder, check=True, capture_output=True)
    return folder / ".env"


def _entries(env: Path) -> dict[str, str]:
    lines = [line for line in env.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(
    "text", [(ROOT / "docker-compose.yml").read_text(encoding="utf-8"), city_files()["docker-compose.yml"]]
)
def test_no_key_stands_twice_which_compose_refuses(text: str | bytes) -> None:
    def walk(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), sorted(key for key in set(keys) if keys.count(key) > 1)
        for child in node.value if not isinstance(node, yaml.ScalarNode) else ():
            for one in child if isinstance(child, tuple) else (child,):
                walk(one)

    walk(yaml.compose(text))


@BOTH
def test_every_service_that_stays_is_healthy_or_not_and_starts_again(compose: dict[str, Any]) -> None:
    staying = {name for name, service in compose["services"].items() if service["restart"] != "no"}
    assert staying == AIRFLOW | {"postgres"}
    assert all(compose["services"][name]["healthcheck"]["test"] for name in staying)


@BOTH
def test_all_of_airflow_is_one_image_one_environment_and_waits_for_init(compose: dict[str, Any]) -> None:
    first = compose["services"]["init"]
    for name in AIRFLOW:
        service = compose["services"][name]
        assert service["image"] == first["image"]
        assert service["environment"] == first["environment"]
        assert service["depends_on"]["init"] == {"condition": "service_completed_successfully"}
    assert first["depends_on"] == {"postgres": {"condition": "service_healthy"}}


@BOTH
def test_no_secret_is_written_down_and_every_one_is_demanded(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if value and re.search(r"PASSWORD|SECRET|KEY|CONN", name) and not name.endswith("_FILE"):
                assert re.search(r"\$\{[A-Z_]+:\?", str(value)), name


@BOTH
def test_every_setting_can_be_given(compose: dict[str, Any]) -> None:
    assert variables() - {"RONGTONG_SAMPLES"} <= set(compose["services"]["scheduler"]["environment"])


@BOTH
def test_only_the_ui_and_bi_s_database_are_reachable_and_by_default_from_this_machine_alone(
    compose: dict[str, Any],
) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {
        "api-server": ["${RONGTONG_LISTEN:-127.0.0.1:8080}:8080"],
        "postgres": ["${RONGTONG_BI_LISTEN:-127.0.0.1:5433}:5432"],
    }


@BOTH
def test_the_lake_is_in_volumes_and_the_city_is_not_written_to(compose: dict[str, Any]) -> None:
    mounts = dict(
        mount.rsplit(":", 1)[::-1] for mount in compose["services"]["scheduler"]["volumes"] if mount[0] != "."
    )
    assert set(mounts) == {"/lake", "/lake/landing", "/inbox", "/airflow"}
    assert ".:/city:ro" in compose["services"]["scheduler"]["volumes"]


def test_the_two_files_differ_in_the_sample_city_and_the_build_alone() -> None:
    ours = {name: dict(service) for name, service in OURS["services"].items() if name != "samples"}
    citys = {name: dict(service) for name, service in CITYS["services"].items()}
    assert ours["init"].pop("build") == "."
    assert ours["triggerer"]["depends_on"].pop("samples")
    text = str(ours).replace("./pipelines/scaffold/databases.sql", "./databases.sql")
    assert text.replace("first make env", "first sh make-env") == str(citys)


def test_env_holds_all_that_is_demanded_at_random_and_for_its_owner_alone(env: Path) -> None:
    entries = _entries(env)
    assert _variables(OURS) <= set(entries)
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert len(entries["AIRFLOW_JWT_SECRET"]) == 64
    assert len(entries["AIRFLOW_FERNET_KEY"]) == 44
    assert len({value for name, value in entries.items() if re.search("PASSWORD|SECRET|KEY", name)}) == 8


def test_env_is_never_written_over(env: Path) -> None:
    before = env.read_bytes()
    done = subprocess.run(["sh", ROOT / "pipelines/scaffold/make-env"], cwd=env.parent, check=True, capture_output=True)
    assert b"already" in done.stdout
    assert env.read_bytes() == before


def test_the_image_is_what_the_lock_names_runs_as_nobody_special_and_keeps_no_address() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert "--require-hashes --no-deps -r requirements.lock" in stages[0]
    assert all("ARG" not in stage for stage in stages[1:])
    assert re.search(r"^USER rongtong$", stages[-1], re.MULTILINE)
    assert not re.search(r"^# *syntax", text, re.MULTILINE)
    assert "://" not in text
    assert {line.split()[0] for line in stages} <= {"python:3.11-slim", "locked"}


def test_what_the_build_copies_is_not_left_out() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert ignore[0] == "*"
    assert {name for line in copied for name in line.split()} <= {name[1:] for name in ignore if name[0] == "!"}
