"""The command line: one app, its errors and exit codes. The verbs live beside this file, by what people are doing."""

import sys

import typer

from pipelines.cli import department, modelling, onboarding, receiving, running, using
from pipelines.cli.output import complain
from pipelines.cli.pipe import survive_the_reader
from pipelines.errors import RongtongError

app = typer.Typer(
    name="rongtong", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="融通 Rongtong: describe a dataset once; land, check, publish, correct and query every delivery of it.",
    epilog="Exit codes: 0 ok, 1 problems found or batch refused, 2 usage, 3 environment (try again). Language: RONGTONG_LANG=zh|en.",
)  # fmt: skip
for group in (onboarding, receiving, department, using, modelling, running):
    group.register(app)


def main() -> None:
    """Run the command line; a user's mistake or a fault of the place is one message, never a traceback."""
    survive_the_reader()
    try:
        app()
        sys.stdout.flush()
    except RongtongError as error:
        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
