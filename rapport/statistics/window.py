"""A window of twelve months, some clinics at a time: their sums, and what is held of everybody.

Whatever is said of a therapist or a clinic rests on the rows of that clinic alone. Frames are
therefore read, coded, observed and summed up lot by lot, a lot being some clinics with all their
rows, and let go again; the codes go on from lot to lot.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.months import Month
from rapport.statistics.coding import Units, encode
from rapport.statistics.courses import with_stages
from rapport.statistics.observations import cells_of
from rapport.statistics.pooled import Common
from rapport.statistics.ratings import Held, held_of

Frames = Mapping[str, pd.DataFrame]
"""``scores``, ``sessions``, ``outcomes`` and ``changes`` of some clinics, every row of each."""


@dataclass(frozen=True)
class Lot:
    """What some clinics come to.

    Attributes:
        cells: From :func:`rapport.statistics.observations.cells_of`; codes of therapists and
            patients go on from the lots before.
        held: What estimates need of these clinics, likewise.
        units: What the codes stand for, of this lot and of those before it.
    """

    cells: pd.DataFrame
    held: Held
    units: Units


def lots_of_window(
    lots: Iterable[Frames], clinics: pd.DataFrame, month: Month, common: Common
) -> Iterator[Lot]:
    """Code and sum up one lot after the other.

    Args:
        lots: The frames of each lot; without any, there is one that is empty.
        clinics: As for :func:`rapport.statistics.aggregate`; lots come in the order of its rows,
            and a clinic stands in one lot only.
        month: Last month of the window.
        common: What is taken from all clinics.

    Raises:
        StatisticsError: Lots do not follow the order of clinics, or as for ``encode``.
    """
    known: Units | None = None
    n_patients, last = 0, -1
    for frames in lots:
        staged = {**frames, "sessions": with_stages(frames["sessions"], clinics)}
        coded, units = encode(staged, clinics, month)
        last = _in_order(coded, last)
        n_therapists = 0 if known is None else len(known.therapists)
        shift = {"therapist": n_therapists, "patient": n_patients}
        n_patients += max(
            int(one["patient"].max()) + 1 if len(one) else 0 for one in coded.values()
        )
        known = units if known is None else _after(known, units)
        held = held_of(coded)
        yield Lot(
            cells=_moved(cells_of(coded, units, common), shift),
            held=Held(**{name: _moved(rows, shift) for name, rows in vars(held).items()}),
            units=known,
        )


def _moved(rows: pd.DataFrame, shift: Mapping[str, int]) -> pd.DataFrame:
    if not any(shift.values()):
        return rows
    return rows.assign(**{name: rows[name] + by for name, by in shift.items()})


def _after(known: Units, units: Units) -> Units:
    return replace(
        units,
        therapists=(*known.therapists, *units.therapists),
        clinic_of_therapist=np.concatenate([known.clinic_of_therapist, units.clinic_of_therapist]),
    )


def _in_order(coded: Mapping[str, pd.DataFrame], last: int) -> int:
    """Return the last clinic of a lot; all must come after the last one of the lots before."""
    clinics = np.concatenate([one["clinic"].to_numpy(np.int64) for one in coded.values()])
    if len(clinics) and clinics.min() <= last:
        raise StatisticsError(
            Fault(
                "LOT_ORDER",
                "A clinic stands in two lots, or lots do not follow the order of the clinics.",
                "Put all rows of a clinic into one lot, and lots into the order of the clinics.",
            )
        )
    return int(clinics.max(initial=last))
