"""An attacker against disclosure control: a linear programme over everything that is published.

    python -m benchmarks.disclosure_attack [--clinics 2000] [--seed 0]

The attacker holds one clinic's report of one month. He knows the definitions, the arithmetic that
ties figures together, the rules of suppression and what the labels mean; he may even be one of
the therapists and know everything about herself. For each hidden figure he asks for the smallest
and the largest sum (and count of patients) that all of this allows. A figure is *pinned* if only
one value is left: for a proportion, one whole number; for a mean, a range of no width.

Not counted: a therapist's share where the clinic's own published share is "nobody" or "everybody".
That follows from a sentence about the whole clinic which is large enough to be said.
"""

import argparse
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import highspy
import pandas as pd

from benchmarks.disclosure_programme import (
    BOTH,
    CLINIC,
    FREE,
    MONTHS,
    Cell,
    Programme,
    Seen,
    Variable,
    is_given,
    solve,
    tie_totals,
    tie_windows,
)
from benchmarks.disclosure_ties import ENDS, tie_figures
from benchmarks.disclosure_worlds import MONTH, small_world
from rapport.disclosure import Profile, profile_of, publish
from rapport.disclosure.publication import THERAPIST_PERIODS
from rapport.months import Month
from rapport.statistics import FIGURES, Aggregates, aggregate
from rapport.statistics.estimating import rows
from rapport.warehouse.records import records

HALF = 0.5


@dataclass(frozen=True)
class Pinned:
    """A hidden number that the attacker found."""

    clinic: str
    cell: Cell
    what: str
    low: float
    high: float


def attack(
    published: Aggregates,
    clinic: str,
    profile: Profile,
    insider: tuple[str, Aggregates] | None = None,
) -> tuple[int, list[Pinned]]:
    """Attack one clinic's report.

    Args:
        published: What :func:`rapport.disclosure.publish` gave, unrounded.
        clinic: The clinic.
        profile: Its profile, known to the attacker.
        insider: A therapist of the clinic and the unsuppressed figures, of which only her own are
            read; the targets are then the others' figures of too few patients.

    Returns:
        How many hidden numbers were attacked, and those that were pinned.

    Raises:
        RuntimeError: The published figures contradict each other.
    """
    shown = readings(published).get(clinic, {})
    therapists = sorted({cell[0] for cell in shown} - {CLINIC})
    programme = Programme(figures=frozenset(cell[2] for cell in shown))
    for figure, definition in FIGURES.items():
        for given in definition.periods:
            _tell(programme, (CLINIC, given, figure), shown, profile)
        for unit in (one for one in therapists if is_given(one, figure)):
            for period in THERAPIST_PERIODS:
                _tell(programme, (unit, period, figure), shown, profile)
    for figure in (name for name, one in FIGURES.items() if one.has_trend):
        for period in MONTHS:
            _tell(programme, (CLINIC, period, figure), shown, profile)
    if insider is not None:
        own = readings(insider[1])[clinic]
        for cell in (one for one in own if one[0] == insider[0]):
            _fix(programme, cell, own[cell])
    tie_windows(programme, (CLINIC, *therapists))
    tie_totals(programme, therapists)
    tie_figures(programme, (CLINIC, *therapists))
    targets = [*_targets(shown, "" if insider is None else insider[0])]
    return len(targets), list(_search(programme, clinic, targets, profile))


def _targets(shown: dict[Cell, dict[str, Any]], insider: str) -> Iterator[Variable]:
    """Name what is to be found: sums of hidden figures, and how many patients are "few".

    A colleague looks for other therapists' small numbers only; larger ones may be shown anyway.
    """
    for cell, row in shown.items():
        label = row["suppression"]
        others_small = label == "small_number" and cell[0] not in (insider, CLINIC)
        if not isinstance(label, str) or (insider and not others_small):
            continue
        if FIGURES[cell[2]].kind != "count" and not _follows_from_all(cell, shown):
            yield "s", cell
        if label == "small_number":
            yield "p", cell


def readings(aggregates: Aggregates) -> dict[str, dict[Cell, dict[str, Any]]]:
    """Return what each clinic's report says: a row a therapist or the clinic, period and figure."""
    told: dict[str, dict[Cell, dict[str, Any]]] = {}
    for table in (aggregates.clinics, aggregates.therapists):
        for row in records(table[table["figure"].isin(list(FIGURES))]):  # estimates are no sums
            cell = str(row.get("therapist_id", CLINIC)), row["period"], row["figure"]
            said = row | (_NOTHING_NEW if _is_carried(row) else {})
            told.setdefault(row["clinic_id"], {})[cell] = said
    return told


_NOTHING_NEW = {"suppression": "complementary", "value": None}
"""What a figure tells that stands as an earlier report has it: that this month's may not stand."""


def _is_carried(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("carried_from"), str)


def _tell(
    programme: Programme, cell: Cell, shown: dict[Cell, dict[str, Any]], profile: Profile
) -> None:
    """Enter what a report says about one figure: a number, nothing, or that it is hidden."""
    row = shown.get(cell)
    if row is None:
        for what in ("n", "s", "p"):
            programme.fix(what, cell, 0.0)
    elif isinstance(row["suppression"], str):
        _enter_hidden(programme, cell, str(row["suppression"]), profile)
    else:
        _fix(programme, cell, row)


def _fix(programme: Programme, cell: Cell, row: dict[str, Any]) -> None:
    n = float(row["n_observations"])
    programme.fix("n", cell, n)
    programme.fix("p", cell, float(row["n_patients"]))
    if FIGURES[cell[2]].kind != "count":
        programme.fix("s", cell, float(row["value"]) * n)


def _enter_hidden(programme: Programme, cell: Cell, label: str, profile: Profile) -> None:
    """The label says whether a hidden figure has few patients, none included, or enough."""
    few = profile.minimum_patients - 1.0
    programme.variable("n", cell)
    programme.bounds[programme.variable("p", cell)] = (
        [0.0, few] if label == "small_number" else [float(profile.minimum_patients), FREE]
    )
    programme.variable("s", cell)


def _follows_from_all(cell: Cell, shown: dict[Cell, dict[str, Any]]) -> bool:
    """Whether a share that is published for a larger group settles this one for each part."""
    unit, period, figure = cell
    definition = FIGURES[figure]
    settled_by = [(figure, definition.minimum), (figure, definition.maximum)]
    for container in ((CLINIC, period), (CLINIC, "trailing_12"), (unit, "trailing_12")):
        for name, value in [*settled_by, *ENDS.get(figure, [])]:
            row = shown.get((*container, name))
            if row is not None and row["value"] == value:
                return True
    return False


def _search(
    programme: Programme, clinic: str, targets: list[Variable], profile: Profile
) -> Iterator[Pinned]:
    """Ask for the ends of each target, unless other answers have shown two values already.

    Of a group that may turn out to have nobody in it, nothing is found; a count of patients is
    found only if it is below the profile's minimum.
    """
    solver = programme.solver()
    seen = Seen(len(programme.bounds))
    for what, cell in targets:
        position = programme.variable(what, cell)
        is_whole = what == "p" or FIGURES[cell[2]].kind == "proportion"
        if seen.is_open(position, is_whole):
            continue
        for sense in BOTH:
            seen.add(solve(solver, position, sense))
        patients = programme.variable("p", cell)
        if seen.is_open(position, is_whole):
            continue
        seen.add(solve(solver, patients, highspy.ObjSense.kMaximize))
        at_most = seen.high[patients]
        is_few = at_most < profile.minimum_patients - HALF
        if at_most > HALF and (what == "s" or is_few):
            yield Pinned(clinic, cell, what, float(seen.low[position]), float(seen.high[position]))


def campaign(*, seed: int, n_clinics: int, profile: str, with_colleagues: bool) -> pd.DataFrame:
    """Attack many clinics, from outside and from within; return one row an attack.

    Args:
        seed: Seed of the worlds.
        n_clinics: Clinics in one world.
        profile: Disclosure profile of all of them; rounding is left off, for the attacker's ease.
        with_colleagues: Whether a therapist of each clinic attacks as well.

    Returns:
        ``clinic``, ``by`` (``outsider`` or ``colleague``), ``attacked``, ``cells``, and how many
        pinned ``values`` and ``counts`` of patients these are.
    """
    world = small_world(seed, n_clinics=n_clinics)
    computed = aggregate_world(world, MONTH)
    names = list(world["clinics"]["clinic_id"])
    published = publish(
        computed, profiles_by_clinic=dict.fromkeys(names, profile), clinics=world["clinics"]
    )
    published = unrounded(published, computed)
    rows = []
    for name in names:
        found = attack(published, name, profile_of(profile))
        rows.append((name, "outsider", *found))
        people = published.therapists.loc[published.therapists["clinic_id"] == name]
        for person in people["therapist_id"].unique()[: int(with_colleagues)]:
            found = attack(published, name, profile_of(profile), (person, computed))
            rows.append((name, "colleague", *found))
    table = pd.DataFrame(rows, columns=["clinic", "by", "attacked", "cells"])
    return table.assign(
        values=table["cells"].map(lambda cells: sum(cell.what == "s" for cell in cells)),
        counts=table["cells"].map(lambda cells: sum(cell.what == "p" for cell in cells)),
    )


def aggregate_world(world: Mapping[str, pd.DataFrame], month: Month) -> Aggregates:
    """Compute all figures of one month of a world; estimates, which are no sums, are left out."""
    none = rows.table([])
    with patch("rapport.statistics.aggregates.estimate_all", return_value=none):
        return _aggregate(world, month)


def _aggregate(world: Mapping[str, pd.DataFrame], month: Month) -> Aggregates:
    return aggregate(
        scores=world["scores"],
        sessions=world["sessions"],
        outcomes=world["outcomes"],
        changes=world["changes"],
        clinics=world["clinics"],
        month=month,
    )


def unrounded(published: Aggregates, computed: Aggregates) -> Aggregates:
    """Give the attacker the exact numbers of everything that is shown."""
    exact = []
    for shown, known in (
        (published.therapists, computed.therapists),
        (published.clinics, computed.clinics),
    ):
        keys = [key for key in ("clinic_id", "therapist_id", "period", "figure") if key in shown]
        numbers = ["n_patients", "n_observations", "value"]
        merged = shown.drop(columns=numbers).merge(
            known[[*keys, *numbers]], on=keys, how="left", validate="one_to_one"
        )
        exact.append(merged)
    return replace(published, therapists=exact[0], clinics=exact[1])


def main() -> None:
    """Run a campaign and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinics", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--profile", default="standard")
    given = parser.parse_args()
    started = time.perf_counter()
    table = campaign(
        seed=given.seed, n_clinics=given.clinics, profile=given.profile, with_colleagues=True
    )
    print(table.groupby("by")[["attacked", "values", "counts"]].sum().to_string())
    for by, cells in zip(table["by"], table["cells"], strict=True):
        for cell in cells if by == "outsider" else ():
            print(cell)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
