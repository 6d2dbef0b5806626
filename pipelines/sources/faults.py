"""How trouble with a delivery is told: one shape for what is wrong with a file, one translation of a full disk."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import DiskFull, EnvironmentFault, Problem, SourceError

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def refusal(file: str, rule: str, message: str, hint: str = "", line: int | None = None) -> SourceError:
    """Return the error `file:line: [rule] message. Hint: hint`; neither part may hold a value of the delivery."""
    return SourceError(str(Problem(file, line, rule, message, hint)))


class NotThere(SourceError):
    """The source has nothing under that address (404, 410): a period that is not out yet, or a wrong address."""


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses inside the block into DiskFull or another EnvironmentFault."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFull(
                f"{folder}: [disk] no space is left on this disk. Hint: free some, then try again."
            ) from error
        raise EnvironmentFault(f"{folder}: [disk] nothing can be written here: {error.strerror}.") from error
