"""An attacker with a drawer: the reports of several months together, as a linear programme.

    python -m benchmarks.disclosure_months [--clinics 20] [--closes 4] [--seed 0] [--forget]

The unknowns are the sums of every unit (therapist, clinic), calendar month and figure; each report
fixes sums of twelve of them, or says why not. Only figures whose observations belong to a calendar
month for good are attacked (sessions, the alliance and its modes, outcomes, breaking off): a fall
of the alliance or a stage may be counted otherwise once the window moves on. Asked for are single
months of every unit, and two and three months together, that rest on fewer patients than the
profile's minimum: by subtraction, that is what two windows differ by.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from benchmarks.disclosure_attack import HALF, Pinned
from benchmarks.disclosure_closes import close_months
from benchmarks.disclosure_programme import CLINIC, FREE, Cell, Programme
from benchmarks.disclosure_search import Search
from benchmarks.disclosure_settled import Reports, follows_from_larger
from benchmarks.disclosure_spans import Closes, Span, small_spans
from rapport.disclosure import Profile, profile_of
from rapport.months import Month, trailing
from rapport.statistics import FIGURES
from rapport.statistics.figures.process import MODES

LASTING = ("sessions", "alliance", "outcome", "outcome.phq-9", "dropout")
"""Families whose observations belong to a calendar month for good."""

SPLIT = {f"mode.{mode}.alliance": "alliance.patient.total" for mode in MODES}
"""Figures of twelve months that sum, with the others like it, to one that lasts too."""

_MEANS = frozenset(name for name, one in FIGURES.items() if one.kind != "proportion")


def attack_drawer(
    closes: Closes, clinic: str, family: str, profile: Profile
) -> tuple[int, list[Pinned]]:
    """Attack one family of figures of a clinic, over all its reports.

    Returns:
        How many small groups were attacked, and those whose sum was pinned.
    """
    reports = closes.readings_of(clinic)
    figures = [
        name
        for name, one in FIGURES.items()
        if one.family == family or FIGURES[SPLIT.get(name, name)].family == family
    ]
    used = {cell[2] for rows in reports.values() for cell in rows}
    figures = [name for name in figures if name in used and FIGURES[name].kind != "count"]
    units = sorted({cell[0] for rows in reports.values() for cell in rows})
    programme = Programme()
    for month, rows in reports.items():
        lists_therapists = any(cell[0] != CLINIC for cell in rows)
        for figure in figures:
            is_listed = lists_therapists and "therapist" in FIGURES[figure].levels
            for unit in units if is_listed else [CLINIC]:  # one alone is not listed
                _tell(programme, (unit, figure), month, rows, profile)
    _tie(programme, reports, units, figures)
    targets = list(small_spans(closes, clinic, figures, profile))
    return len(targets), list(_search(programme, closes, clinic, targets, profile))


def _search(
    programme: Programme, closes: Closes, clinic: str, targets: Sequence[Span], profile: Profile
) -> Iterator[Pinned]:
    if not targets:
        return
    search = Search(programme, targets)
    for span, low, high in list(search.pinned()):
        if search.is_there(span) and not follows_from_larger(span, closes, clinic, profile, search):
            yield Pinned(clinic, span.cell, "s", low, high)


def _tell(
    programme: Programme,
    of: tuple[str, str],
    month: Month,
    rows: Mapping[Cell, dict[str, Any]],
    profile: Profile,
) -> None:
    """Enter what one report says of a unit's figure: window, month, trend."""
    unit, figure = of
    window = [str(one) for one in trailing(month, 12)]
    told = {"trailing_12": window}
    if unit == CLINIC and "month" in FIGURES[figure].periods:
        told["month"] = window[-1:]
        if FIGURES[figure].has_trend:
            told |= {one: [one] for one in window}
    for period, months in told.items():
        row = rows.get((unit, period, figure))
        if row is not None and isinstance(row["suppression"], str):
            if row["suppression"] != "small_number":
                terms = [(1.0, "n", (unit, one, figure)) for one in months]
                programme.require(terms, float(profile.minimum_patients), FREE)
            continue
        n = 0.0 if row is None else float(row["n_observations"])
        s = 0.0 if row is None else float(row["value"]) * n
        for what, value in (("n", n), ("s", s)):
            terms = [(1.0, what, (unit, one, figure)) for one in months]
            programme.require(terms, value, value)


def _tie(
    programme: Programme, reports: Reports, units: Sequence[str], figures: Sequence[str]
) -> None:
    """Every observation is on its scale; therapists sum to their clinic; shares are shares."""
    months = sorted({str(one) for month in reports for one in trailing(month, 12)})
    people = [unit for unit in units if unit != CLINIC]
    for figure in figures:
        one = FIGURES[figure]
        for month in months:
            for unit in units:
                cell = (unit, month, figure)
                if one.minimum is not None:
                    programme.require([(1.0, "s", cell), (-one.minimum, "n", cell)], 0.0, FREE)
                if one.maximum is not None:
                    programme.require([(1.0, "s", cell), (-one.maximum, "n", cell)], -FREE, 0.0)
            for what in ("n", "s") if people and "therapist" in one.levels else ():
                parts = [(1.0, what, (unit, month, figure)) for unit in people]
                programme.require([*parts, (-1.0, what, (CLINIC, month, figure))])
    _tie_modes(programme, months, figures)
    for group in _counted_alike(figures):
        for month in months:
            for unit in units:
                first, *others = ((unit, month, figure) for figure in group)
                for other in others:
                    programme.require([(1.0, "n", first), (-1.0, "n", other)])


def _tie_modes(programme: Programme, months: Sequence[str], figures: Sequence[str]) -> None:
    """Each form belongs to one mode."""
    for whole in set(SPLIT.values()):
        modes = [one for one in figures if SPLIT.get(one) == whole]
        for month in months if modes else ():
            for what in ("n", "s"):
                cells = [(1.0, what, (CLINIC, month, one)) for one in modes]
                programme.require([*cells, (-1.0, what, (CLINIC, month, whole))])


def _counted_alike(figures: Sequence[str]) -> Iterator[list[str]]:
    """Yield figures that have the same observations."""
    for group in (
        ("attendance.attended", "attendance.missed", "attendance.cancelled"),
        ("completion.patient", "completion.therapist", "completion.both"),
        *(
            tuple(f"alliance.{rater}.{scale}" for scale in ("total", "goal", "task", "bond"))
            for rater in ("patient", "therapist")
        ),
        ("outcome.recovery", "outcome.reliable_recovery"),
        (
            *("outcome.paired", "outcome.reliable_improvement"),
            *("outcome.reliable_deterioration", "sessions.attended_per_episode"),
        ),
        tuple(f"outcome.phq-9.{moment}" for moment in ("pre", "post", "improvement")),
    ):
        known = [figure for figure in group if figure in figures]
        if len(known) > 1:
            yield known


def campaign(
    *, seed: int, n_clinics: int, closes: int, profile: str, remembers: bool
) -> pd.DataFrame:
    """Attack the drawers of the clinics of one world; one row a clinic and family.

    Returns:
        ``clinic``, ``family``, ``attacked`` and ``cells`` that were pinned.
    """
    made = close_months(
        seed, n_clinics=n_clinics, closes=closes, profile=profile, remembers=remembers
    )
    rows = [
        (clinic, family, *attack_drawer(made, clinic, family, profile_of(profile)))
        for clinic in made.world["clinics"]["clinic_id"]
        for family in LASTING
    ]
    table = pd.DataFrame(rows, columns=["clinic", "family", "attacked", "cells"])
    return table.assign(pinned=table["cells"].map(len))


def main() -> None:
    """Run a campaign, world by world, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=1, help="worlds, of the seeds from --seed on")
    parser.add_argument("--clinics", type=int, default=20, help="clinics of each world")
    parser.add_argument("--closes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--profile", default="standard")
    parser.add_argument("--forget", action="store_true", help="closes know nothing of each other")
    given = parser.parse_args()
    started = time.process_time()
    totals = pd.Series(0, index=["attacked", "pinned", "of clinics", "nobody"])
    for seed in range(given.seed, given.seed + given.worlds):
        table = campaign(
            seed=seed,
            n_clinics=given.clinics,
            closes=given.closes,
            profile=given.profile,
            remembers=not given.forget,
        )
        totals += _counted(table)
        seconds = time.process_time() - started
        clinics = (seed - given.seed + 1) * given.clinics
        print(f"{clinics} clinics, {totals.to_dict()}, {seconds:.0f} s", flush=True)


def _counted(table: pd.DataFrame) -> pd.Series:
    """Count what was found in a world, and print it."""
    cells = [cell for found in table["cells"] for cell in found]
    for cell in cells:
        print(cell, flush=True)
    nobody = [one for one in cells if one.high < HALF and one.cell[2] not in _MEANS]
    return pd.Series(
        {
            "attacked": table["attacked"].sum(),
            "pinned": len(cells),
            "of clinics": sum(one.cell[0] == CLINIC for one in cells),
            "nobody": len(nobody),
        }
    )


if __name__ == "__main__":
    main()
