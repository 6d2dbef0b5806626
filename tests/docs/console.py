"""Console blocks of pages: read, run for real in a city of their own, compared with what the page prints, written anew.

`python -m tests.docs.console` puts today's outputs into the pages whose blocks are run, the tables of lint rules and policies. In such a block `…` stands
for the rest of a line, alone on a line for any number of lines; times of day and the temporary folders never count.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.ids import with_lint_rules, with_policies

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# Pages whose blocks are run, in this order, one after the other on one lake.
RUN = ("add-a-dataset.md", "life-of-a-delivery.md", "sql.md", "for-analysts.md")
CITY, HOME = "~/rongtong", "~/lake"
_OPENING = re.compile(r"^```console\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_SHELL = set("|><;&$`*")


@dataclass
class Step:
    """One command of a block, with the lines of output printed below it."""

    command: str
    line: int
    output: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A console block: the steps, and which lines of the page (from 0, fences left out) they take."""

    first: int
    end: int
    steps: list[Step]


def blocks(text: str) -> list[Block]:
    """Return the console blocks of a page in order."""
    lines = text.splitlines()
    found, at = [], 0
    while at < len(lines):
        if _OPENING.match(lines[at]):
            end = next(n for n in range(at + 1, len(lines)) if lines[n].startswith("```"))
            found.append(Block(at + 1, end, _steps(lines[at + 1 : end], at + 2)))
            at = end
        at += 1
    return found


def _steps(lines: list[str], number: int) -> list[Step]:
    steps: list[Step] = []
    for offset, line in enumerate(lines):
        if line.startswith("$ "):
            steps.append(Step(line[2:], number + offset))
        elif steps:
            steps[-1].output.append(line)
    return steps


class Session:
    """A shell of sorts on a lake and a city of its own: `rongtong` runs in this process, the rest in bash."""

    def __init__(self, folder: Path) -> None:
        self._city, self._home = folder / "city", folder / "lake"
        shutil.copytree(ROOT / "schemas", self._city / "schemas")
        shutil.copytree(DOCS / "examples", self._city / "docs" / "examples")
        self.code = 0

    @contextlib.contextmanager
    def open(self) -> Iterator["Session"]:
        """Be in the city's folder, with its lake, until the block ends."""
        before, here = dict(os.environ), Path.cwd()
        for name in [name for name in os.environ if name.startswith("RONGTONG_")]:
            del os.environ[name]
        os.environ.update(RONGTONG_HOME=str(self._home), RONGTONG_THREADS="1", COLUMNS="160")
        os.chdir(self._city)
        try:
            yield self
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)

    def run(self, command: str) -> list[str]:
        """Return the lines a command prints, the folders of lake and city written as `~/lake` and `~/rongtong`."""
        if command.startswith("export "):
            return []
        if command == "echo $?":
            return [str(self.code)]
        own = command.startswith("rongtong ") and not _SHELL & set(re.sub(r"'[^']*'|\"[^\"]*\"", "", command))
        text = self._rongtong(command) if own else self._bash(command)
        for place, shown in ((self._home, HOME), (self._city, CITY), (sys.prefix, f"{CITY}/.venv"), (ROOT, CITY)):
            text = text.replace(str(place), shown)
        lines = [line.rstrip() for line in text.splitlines()]
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _rongtong(self, command: str) -> str:
        from pipelines.cli.app import main

        said, before = io.StringIO(), sys.argv
        sys.argv = shlex.split(command)
        try:
            # Great Expectations imports what Python calls deprecated.
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                main()
        except SystemExit as leaving:
            self.code = int(leaving.code or 0)
        finally:
            sys.argv = before
        return said.getvalue()

    def _bash(self, command: str) -> str:
        env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, check=False)
        self.code = done.returncode
        return done.stdout + done.stderr


def differs(printed: list[str], wanted: list[str]) -> bool:
    """Whether an output is not what the page prints.

    >>> differs(["a", "b", "c"], ["a", "…"]), differs(["a"], ["b"]), differs(["at 2026-01-01 10:00:00"], ["at 2026-05-05 11:11:11"])
    (False, True, False)
    """
    lines = (re.escape(_MOMENT.sub("TIME", line)).replace("…", "[^\n]*") for line in wanted)
    pattern = "\n".join(".*" if line == "[^\n]*" else line for line in lines)
    text = "\n".join(_MOMENT.sub("TIME", line) for line in printed)
    return re.fullmatch(pattern, text, re.DOTALL) is None


def rewrite(page: Path, session: Session) -> None:
    """Run a page's blocks and write what they print now into it, where that is not what it says."""
    lines = page.read_text(encoding="utf-8").splitlines()
    shift = 0
    for block in blocks("\n".join(lines)):
        fresh: list[str] = []
        for step in block.steps:
            printed = session.run(step.command)
            fresh += [f"$ {step.command}", *(printed if differs(printed, step.output) else step.output)]
        lines[block.first + shift : block.end + shift] = fresh
        shift += len(fresh) - (block.end - block.first)
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Write today's outputs into every page whose blocks are run, and today's lint rules and policies into theirs."""
    reference = DOCS / "contract-reference.md"
    reference.write_text(with_lint_rules(reference.read_text(encoding="utf-8")), encoding="utf-8")
    pack = DOCS / "city-pack.md"
    pack.write_text(with_policies(pack.read_text(encoding="utf-8")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, Session(Path(folder)).open() as session:
        for name in RUN:
            rewrite(DOCS / name, session)


if __name__ == "__main__":
    main()
