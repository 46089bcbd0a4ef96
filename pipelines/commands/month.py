"""``rapport run`` and its three steps: collect, close, publish."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.monthly import ClinicMonth

MonthOption = Annotated[str, typer.Option("--month", help="The month, YYYY-MM.")]
ThroughOption = Annotated[
    str | None, typer.Option("--through", help="Last of several months, YYYY-MM.")
]
ClinicOption = Annotated[
    list[str] | None, typer.Option("--clinic", help="Only this clinic; may be given again.")
]


def run(month: MonthOption, clinic: ClinicOption = None, through: ThroughOption = None) -> None:
    """Collect, close and publish: from raw exports to filed reports."""
    from pipelines import running

    home, slices = _asked(month, through, clinic)
    running.collect(home, slices)
    running.close(home, _months(slices))
    running.publish(home, slices)
    _tell(home, slices)


def collect(month: MonthOption, clinic: ClinicOption = None, through: ThroughOption = None) -> None:
    """Keep, read, validate and score what clinics sent."""
    from pipelines import running

    home, slices = _asked(month, through, clinic)
    running.collect(home, slices)
    _tell(home, slices)


def close(month: MonthOption, through: ThroughOption = None) -> None:
    """Compute outcomes, aggregates and benchmarks over every passed clinic-month."""
    from pipelines import running

    home, slices = _asked(month, through, None)
    running.close(home, _months(slices))


def publish(month: MonthOption, clinic: ClinicOption = None, through: ThroughOption = None) -> None:
    """Render, file and hand over the reports."""
    from pipelines import running

    home, slices = _asked(month, through, clinic)
    running.publish(home, slices)
    _tell(home, slices)


def _asked(
    month: str, through: str | None, clinics: list[str] | None
) -> tuple["Home", list["ClinicMonth"]]:
    """Return the home and the clinic-months that the options name.

    Raises:
        SettingsError: A month lies outside the calendar, or a clinic is not registered.
    """
    from rapport.home import open_home
    from rapport.monthly.asking import asked_slices

    home = open_home()
    return home, asked_slices(home, month=month, through=through, clinics=clinics)


def _months(slices: list["ClinicMonth"]) -> list[str]:
    return sorted({one.month for one in slices})


def _tell(home: "Home", slices: list["ClinicMonth"]) -> None:
    """End with a short table of the last month and what was refused whole.

    Exit 1 where a verdict is not passed, or another clinic's rows were sent.
    """
    from pipelines.summary import print_refused, print_stale, print_summary
    from rapport.monthly.refusals import refused_files

    asked = {(one.clinic_id, one.month) for one in slices}
    last = max(one.month for one in slices)
    print_stale(home)
    is_passed = print_summary(home, [one for one in slices if one.month == last])
    refused = refused_files(home, _months(slices))
    refused = [one for one in refused if (one.clinic_id, one.month) in asked]
    print_refused(refused)
    if not is_passed or any(one.is_alarm for one in refused):
        raise typer.Exit(1)
