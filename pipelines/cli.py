"""The command line. Each command lives in ``pipelines/commands`` and imports what it needs late.

Exit codes: 0 done; 1 done, but some of the data was refused or something does not hold; 2 a
fault of data, settings or arguments, told without a traceback. A bug keeps its traceback.
"""

import sys

import typer

from pipelines.commands.change import change
from pipelines.commands.check import check
from pipelines.commands.clinics import clinics
from pipelines.commands.demo import demo
from pipelines.commands.doctor import doctor
from pipelines.commands.init import init
from pipelines.commands.instruments import instruments
from pipelines.commands.month import close, collect, publish, run
from pipelines.commands.rules import rules
from pipelines.commands.score import score
from pipelines.commands.status import status
from pipelines.commands.trace import trace
from pipelines.commands.verify import verify

app = typer.Typer(
    name="rapport",
    help="Monthly therapeutic-alliance and outcome reports for psychotherapy clinics.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

_PANELS = {
    "The month": (run, collect, close, publish, status),
    "The data": (check, score, change),
    "What is set up": (init, clinics, instruments, rules, doctor, demo),
    "Evidence": (trace, verify),
}
for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)


def main() -> None:
    """Run the command line; a user's fault is told whole and without a traceback."""
    from rapport.errors import RapportError

    try:
        app()
    except RapportError as error:
        for fault in error.faults:
            where = f"{fault.place}\n    " if fault.place else ""
            sys.stderr.write(f"{where}{fault.message} [{fault.rule}]\n    → {fault.remedy}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
