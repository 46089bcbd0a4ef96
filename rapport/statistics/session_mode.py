"""The alliance by session mode: in person, video, telephone, text.

Who meets how is chosen, by patient, therapist or circumstance, so the means of modes are no
comparison. Two contrasts are: within patients who used both modes, which holds everything constant
that does not change in a patient; and between patients of equal severity at the start, which holds
only that constant.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.clustered_regression import (
    NOTHING,
    GroupMeans,
    fitted_or_reason,
    means_by_group,
)
from rapport.statistics.dyads import Coefficient

Array = npt.NDArray[np.float64]

MODES = ("in_person", "video", "telephone", "text")

CAVEAT = (
    "Patients and therapists choose how they meet, and why they do is not in the data: a "
    "difference between modes may come from who chose them and when, not from the mode."
)

FEWEST_PATIENTS = 10
"""Patients that a contrast must rest on (own convention)."""


@dataclass(frozen=True)
class ModeContrast:
    """One mode against the reference.

    Attributes:
        mode: The mode.
        within: Difference in the same patients, in points (or share): patients who used both.
        between: Difference between patients who use only this mode and patients who use only the
            reference, of equal severity at the start.
        n_both: Patients who used this mode and the reference.
        n_patients: Patients who used the mode at all.
        within_reason, between_reason: Why a number is missing; ``None`` if it is there.
    """

    mode: str
    within: Coefficient
    between: Coefficient
    n_both: int
    n_patients: int
    within_reason: str | None
    between_reason: str | None


@dataclass(frozen=True)
class SessionModes:
    """A measure by mode.

    Attributes:
        means: Unadjusted means by mode, in the order of ``modes``; not to be compared.
        modes: The modes that occur.
        reference: The mode that others are set against.
        contrasts: One a mode other than the reference.
        n_patients, n_sessions: Behind the contrasts.
        adjusted_for_severity: Whether severity at the start is held constant between patients.
        caveat: What has to be printed beside it.
    """

    means: GroupMeans
    modes: tuple[str, ...]
    reference: str
    contrasts: tuple[ModeContrast, ...]
    n_patients: int
    n_sessions: int
    adjusted_for_severity: bool
    caveat: str = CAVEAT


def by_session_mode(
    sessions: pd.DataFrame,
    *,
    measure: str = "alliance",
    reference: str | None = None,
    fewest_patients: int = FEWEST_PATIENTS,
) -> SessionModes:
    """Contrast modes within and between patients, by Mundlak's regression.

    ``y_ij = b0 + Σ_m w_m (d_mij − d̄_mj) + Σ_m b_m d̄_mj + g s_j + t_w (n_ij − n̄_j) + t_b n̄_j + e``,
    with d_m = 1 for sessions in mode m, d̄_mj the patient's share of them, s_j severity at the
    start and n_ij the session number.

    Args:
        sessions: One row a session that took place: ``patient``, ``session`` (number), ``mode``,
            the measure, and ``severity`` (of the patient, at the start; may be absent or
            missing throughout). Rows without patient, mode or measure are left out; where
            severity is used, so are patients without it (from the contrasts).
        measure: Column of the measure: the alliance in points, or a rupture as 0 or 1 (then
            differences are of shares, by a linear probability model).
        reference: The mode to set others against; the most frequent one if not named.
        fewest_patients: Patients that a contrast must rest on.

    Returns:
        Means and contrasts; errors are cluster-robust by patient.

    Source:
        Mundlak (1978), Econometrica 46:69-85; errors: Liang & Zeger (1986), Biometrika 73:13-22.
    """
    used = sessions.dropna(subset=["patient", "mode", measure])
    present = set(used["mode"])
    modes = tuple(m for m in (*MODES, *sorted(present - set(MODES))) if m in present)
    code = pd.Categorical(used["mode"], categories=modes).codes.astype(np.int64)
    means = means_by_group(used[measure], code, used["patient"], len(modes))
    if reference is None:
        reference = modes[int(np.argmax(means.n))] if modes else MODES[0]
    has_severity = "severity" in used.columns and bool(used["severity"].notna().any())
    rows = used.dropna(subset=["session", *(["severity"] if has_severity else [])])
    others = [mode for mode in modes if mode != reference]
    contrasts = _contrasts(
        rows, measure, others, reference, has_severity=has_severity, fewest=fewest_patients
    )
    return SessionModes(
        means=means,
        modes=modes,
        reference=reference,
        contrasts=contrasts,
        n_patients=int(rows["patient"].nunique()),
        n_sessions=len(rows),
        adjusted_for_severity=has_severity,
    )


def _contrasts(
    rows: pd.DataFrame,
    measure: str,
    others: list[str],
    reference: str,
    *,
    has_severity: bool,
    fewest: int,
) -> tuple[ModeContrast, ...]:
    uses = _uses(rows, [*others, reference])
    both = {mode: int((uses[mode] & uses[reference]).sum()) for mode in others}
    between = [mode for mode in others if min(uses[mode].sum(), uses[reference].sum()) >= fewest]
    within = [mode for mode in between if both[mode]]
    modelled = rows[rows["mode"].isin([*between, reference])]
    extra = ("severity",) if has_severity else ()
    design = _design(modelled, within, between, extra)
    fit, reason = fitted_or_reason(
        modelled[measure].to_numpy(float), design, modelled["patient"].to_numpy()
    )
    each = fit.each() if fit is not None else (NOTHING,) * (1 + len(within) + len(between))
    found = []
    for mode in others:
        few = f"Fewer than {fewest} patients used both modes." if both[mode] < fewest else reason
        rare = None if mode in between else f"Fewer than {fewest} patients used one of the modes."
        found.append(
            ModeContrast(
                mode=mode,
                within=each[1 + within.index(mode)] if few is None else NOTHING,
                between=each[1 + len(within) + between.index(mode)] if not rare else NOTHING,
                n_both=both[mode],
                n_patients=int(uses[mode].sum()),
                within_reason=few,
                between_reason=rare or reason,
            )
        )
    return tuple(found)


def _uses(rows: pd.DataFrame, modes: list[str]) -> pd.DataFrame:
    """Return one row a patient and one truth value a mode."""
    table = pd.crosstab(rows["patient"], rows["mode"]) > 0
    return table.reindex(columns=modes, fill_value=False).astype(bool)


def _design(
    rows: pd.DataFrame, within: list[str], between: list[str], extra: tuple[str, ...]
) -> Array:
    """Return ones, deviations of the modes within patients, patients' shares, and covariates.

    A session number or severity that never varies says nothing and is left out.
    """
    patient = rows["patient"]
    is_mode = pd.DataFrame(
        {mode: (rows["mode"] == mode).astype(float) for mode in between}, index=rows.index
    )
    share = is_mode.groupby(patient).transform("mean") if between else is_mode
    session = rows["session"].astype(float)
    usual = session.groupby(patient).transform("mean")
    covariates = [session - usual, usual, *(rows[name].astype(float) for name in extra)]
    columns = [np.ones(len(rows))]
    columns += [(is_mode[mode] - share[mode]).to_numpy() for mode in within]
    columns += [share[mode].to_numpy() for mode in between]
    columns += [(one - one.mean()).to_numpy() for one in covariates if one.nunique() > 1]
    return np.column_stack(columns)
