"""The command line. Each command lives in ``pipelines/commands`` and imports what it needs late.

Exit codes: 0 done; 1 done, but some of the data was refused or something does not hold; 2 a
fault of data, settings or arguments, told without a traceback. A bug keeps its traceback.
"""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

import typer

from pipelines.commands.change import change
from pipelines.commands.check import check
from pipelines.commands.clinics import clinics
from pipelines.commands.demo import demo
from pipelines.commands.doctor import doctor
from pipelines.commands.erase import erase
from pipelines.commands.init import init
from pipelines.commands.instruments import instruments
from pipelines.commands.map import map_file
from pipelines.commands.month import close, collect, publish, run
from pipelines.commands.rules import rules
from pipelines.commands.score import score
from pipelines.commands.status import status
from pipelines.commands.trace import trace
from pipelines.commands.verify import verify

if TYPE_CHECKING:
    from rapport.errors import Fault

app = typer.Typer(
    name="rapport",
    help="Monthly therapeutic-alliance and outcome reports for psychotherapy clinics.",
    epilog="RAPPORT_HOME names the home to work on. `rapport COMMAND --help` tells more.",
    no_args_is_help=True,
    add_completion=False,
    # Rich would take longer to import than everything else that --help needs.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_COMMANDS = (
    (run, "Collect, close and publish a month."),
    (collect, "Keep, read, validate and score what clinics sent."),
    (close, "Compute outcomes, aggregates and benchmarks."),
    (publish, "Render, file and hand over the reports."),
    (status, "Show where each clinic-month stands."),
    (check, "Try one export before it counts."),
    (score, "Score any table of item responses."),
    (change, "Judge pairs of scores: reliable change."),
    (init, "Make a home: settings, registry, database."),
    (clinics, "List the clinics of the registry."),
    (instruments, "List the instruments, or show one with its sources."),
    (rules, "List the rules, or explain one."),
    (doctor, "Say what is wrong with this installation."),
    (demo, "Run twelve simulated clinics."),
    (trace, "Trace a printed figure back to its rows."),
    (verify, "Check that nothing recorded was altered."),
    (erase, "Erase a patient."),
)
for _command, _short in _COMMANDS:
    app.command(short_help=_short)(_command)
app.command("map", short_help="Propose a mapping from one export.")(map_file)


def main() -> None:
    """Run the command line; a user's fault is told whole and without a traceback.

    So are troubles of the machine; a bug is raised.
    """
    from rapport.errors import RapportError

    try:
        app()
    except SystemExit:
        raise
    except RapportError as error:
        _tell(error.faults)
    except _of_the_machine() as error:
        from pipelines.troubles import trouble_in

        fault = trouble_in(error)
        if fault is None:
            raise
        _tell([fault])


def _of_the_machine() -> tuple[type[Exception], ...]:
    """Return what may be a trouble of the machine; asked only once something was raised."""
    from pipelines.troubles import machine_errors

    return machine_errors()


def _tell(faults: "Iterable[Fault]") -> NoReturn:
    for fault in faults:
        where = f"{fault.place}\n    " if fault.place else ""
        sys.stderr.write(f"{where}{fault.message} [{fault.rule}]\n    → {fault.remedy}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
