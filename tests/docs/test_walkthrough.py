"""The pages that go from a file to a query, and through all that can become of a delivery, do what they print."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.console import DOCS, RUN, Session, blocks, differs


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(tmp_path_factory.mktemp("walkthrough")).open() as opened:
        yield opened


def test_the_walkthroughs_print_what_they_say(session: Session) -> None:
    told = []
    for name in RUN:
        for block in blocks((DOCS / name).read_text(encoding="utf-8")):
            for step in block.steps:
                printed = session.run(step.command)
                if differs(printed, step.output):
                    told.append("\n".join([f"{Path(name)}:{step.line}: $ {step.command}", *printed]))
    assert not told, "\n\n".join(["`python -m tests.docs.console` writes today's outputs into the pages.", *told])
