"""Intervals of models in worlds that are drawn from them."""

import numpy as np
import pandas as pd

from benchmarks.calibrating.cases import Array, Case, Random, all_hold, holds
from rapport.statistics.actor_partner import actor_partner, next_session_outcome
from rapport.statistics.alliance_outcome import within_between
from rapport.statistics.dyads import truth_and_bias
from rapport.statistics.response_surface import response_surface
from rapport.statistics.sector_comparison import standardised_by_model, standardised_by_strata
from rapport.statistics.session_mode import by_session_mode
from rapport.statistics.therapist_effects import therapist_effects
from rapport.statistics.three_levels import fit_three_levels


def therapists(n: int, icc: float, *, of: str) -> Case:
    """Therapists of ten to forty patients; a share of the variance lies between them."""

    def draw(random: Random) -> Array:
        truth = 5 + random.normal(0, np.sqrt(icc), n)
        code = np.repeat(np.arange(n), random.integers(10, 41, n))
        y = truth[code] + random.normal(0, np.sqrt(1 - icc), len(code))
        found = therapist_effects(
            pd.DataFrame({"therapist_id": code, "y": y}), outcome="y", minimum=1
        )
        if of == "share":
            return holds(icc, found.icc_low, found.icc_high)
        return holds(truth, found.therapists["low"], found.therapists["high"])

    what = {"share": "ICC of therapists, profile", "each": "therapist's estimate"}[of]
    regime = f"{n} therapists of 10–40, ICC {icc}"
    is_target = icc > 0.05 if of == "each" else n >= 60  # noqa: PLR2004 - where it is claimed
    return Case(what, regime, draw, is_target, cost=2)


def levels(clinics: int, *, of: str) -> Case:
    """Clinics of six therapists of five to thirty patients; 5 and 8 % between."""

    def draw(random: Random) -> Array:
        clinic = np.repeat(np.arange(clinics), 6)
        truth = random.normal(0, np.sqrt(0.05), clinics)[clinic]
        truth = truth + random.normal(0, np.sqrt(0.08), len(clinic))
        code = np.repeat(np.arange(len(clinic)), random.integers(5, 31, len(clinic)))
        y = truth[code] + random.normal(0, np.sqrt(0.87), len(code))
        fit = fit_three_levels(y, code, clinic, np.ones((len(y), 1)))
        if of == "clinic":
            return holds(0.05, fit.clinics.share_low, fit.clinics.share_high)
        if of == "therapist":
            return holds(0.08, fit.therapists.share_low, fit.therapists.share_high)
        half = 1.959963984540054 * fit.estimate_sd
        found = fit.coefficients[0] + fit.combined
        return holds(truth, found - half, found + half)

    what = {
        "clinic": "share of clinics, profile",
        "therapist": "share of therapists in clinics, profile",
        "each": "therapist's estimate, three levels",
    }[of]
    return Case(what, f"{clinics} clinics × 6 therapists of 5–30", draw, clinics >= 50, cost=10)  # noqa: PLR2004 - where it is claimed


def _courses(random: Random, dyads: int) -> pd.DataFrame:
    """Courses of four to ten sessions; what comes next depends on both ratings."""
    length = random.integers(4, 11, dyads)
    dyad = np.repeat(np.arange(dyads), length)
    session = np.concatenate([np.arange(1, one + 1) for one in length])
    n = len(dyad)
    own = random.multivariate_normal([0, 0], [[0.16, 0.05], [0.05, 0.16]], dyads)[dyad]
    ratings = 3.7 + own + random.multivariate_normal([0, 0], [[0.16, 0.04], [0.04, 0.12]], n)
    return pd.DataFrame(
        {"dyad": dyad, "session": session, "patient": ratings[:, 0], "therapist": ratings[:, 1]}
    )


def _outcomes(random: Random, courses: pd.DataFrame, effects: Array, between: Array) -> Array:
    """Return both outcomes: effects of the last session's deviations and of its pairs' means."""
    ratings = courses[["patient", "therapist"]].to_numpy(float)
    dyad = courses["dyad"].to_numpy()
    is_last = np.append(dyad[1:] != dyad[:-1], True)
    used = courses[~is_last].groupby("dyad")[["patient", "therapist"]].mean().to_numpy()
    before = np.vstack([ratings[:1], ratings[:-1]])
    means = used[dyad]
    n, dyads = len(dyad), int(dyad.max()) + 1
    own = random.multivariate_normal([0, 0], [[0.4, 0.1], [0.1, 0.3]], dyads)[dyad]
    noise = random.multivariate_normal([0, 0], [[0.5, 0.2], [0.2, 0.4]], n)
    trend = -0.05 * courses["session"].to_numpy(float)[:, np.newaxis]
    return np.asarray((before - means) @ effects + means @ between + trend + own + noise)


_EFFECTS = np.array([[0.4, 0.1], [0.2, 0.5]])
_BETWEEN = np.array([[0.6, 0.2], [0.1, 0.3]])


def dyadic(dyads: int, *, level: str) -> Case:
    """Actor and partner effects on both members."""

    def draw(random: Random) -> Array:
        courses = _courses(random, dyads)
        outcomes = _outcomes(random, courses, _EFFECTS, _BETWEEN)
        courses[["patient_outcome", "therapist_outcome"]] = outcomes
        found = actor_partner(courses)
        members = (found.patient, found.therapist)
        if level == "within":
            effects = [one for m in members for one in (m.actor, m.partner)]
            return all_hold([0.4, 0.2, 0.5, 0.1], effects)
        effects = [one for m in members for one in (m.actor_between, m.partner_between)]
        return all_hold([0.6, 0.1, 0.3, 0.2], effects)

    regime = f"{dyads} dyads of 4–10"
    return Case(f"actor and partner, {level} dyads", regime, draw, dyads >= 30, cost=4)  # noqa: PLR2004 - where it is claimed


def next_sessions(dyads: int) -> Case:
    """Both views on the patient's next outcome, and the alliance alone."""

    def draw(random: Random) -> Array:
        courses = _courses(random, dyads)
        outcome = _outcomes(random, courses, _EFFECTS, _BETWEEN)[:, 0]
        found = next_session_outcome(courses.assign(outcome=outcome), adjust_prior=False)
        effects = (
            found.patient, found.therapist, found.patient_between, found.therapist_between,
            found.session,
        )  # fmt: skip
        return all_hold([0.4, 0.2, 0.6, 0.1, -0.05], effects)

    regime = f"{dyads} dyads of 4–10"
    return Case("both views on the next outcome", regime, draw, dyads >= 30, cost=2)  # noqa: PLR2004 - where it is claimed


def next_sessions_with_prior(dyads: int) -> Case:
    """The same, with the outcome before held constant, in a world where it has no effect."""

    def draw(random: Random) -> Array:
        courses = _courses(random, dyads)
        outcome = _outcomes(random, courses, _EFFECTS, _BETWEEN)[:, 0]
        found = next_session_outcome(courses.assign(outcome=outcome), adjust_prior=True)
        return all_hold([0.4, 0.2], (found.patient, found.therapist))

    what = "both views on the next outcome, within, prior held constant"
    return Case(what, f"{dyads} dyads of 4–10", draw, is_target=False, cost=2)


def alone(dyads: int) -> Case:
    """The alliance of one rater on the next outcome: within and between patients."""

    def draw(random: Random) -> Array:
        courses = _courses(random, dyads)
        courses["therapist"] = random.normal(3.7, 0.4, len(courses))
        effects, between = np.array([[0.4, 0], [0, 0.0]]), np.array([[0.6, 0], [0, 0.0]])
        outcome = _outcomes(random, courses, effects, between)[:, 0]
        renamed = courses.assign(outcome=outcome).drop(columns="therapist")
        found = within_between(renamed.rename(columns={"patient": "alliance", "dyad": "patient"}))
        return all_hold([0.4, 0.6, -0.05], (found.within, found.between, found.session))

    regime = f"{dyads} patients of 4–10"
    return Case("alliance on the next outcome", regime, draw, dyads >= 30, cost=2)  # noqa: PLR2004 - where it is claimed


def truths(dyads: int) -> Case:
    """Truth and bias: a therapist who follows the patient by half."""

    def draw(random: Random) -> Array:
        courses = _courses(random, dyads)
        usual = courses.groupby("dyad")["patient"].transform("mean")
        own = random.normal(-0.3, 0.4, dyads)[courses["dyad"]]
        noise = random.normal(0, 0.3, len(courses))
        courses["therapist"] = usual + own + 0.5 * (courses["patient"] - usual) + noise
        found = truth_and_bias(courses)
        return all_hold([-0.3, 0.5], (found.bias, found.tracking))

    return Case("truth and bias", f"{dyads} dyads of 4–10", draw, dyads >= 30, cost=2)  # noqa: PLR2004 - where it is claimed


def surfaces(dyads: int) -> Case:
    """The four sums of a response surface, sessions clustered in dyads."""

    def draw(random: Random) -> Array:
        rows = _courses(random, dyads)
        c, t = rows["patient"] - 3, rows["therapist"] - 3
        own = random.normal(0, 0.5, dyads)[rows["dyad"]]
        rows["outcome"] = 0.5 * c + 0.2 * t - 0.1 * c**2 + 0.3 * c * t - 0.2 * t**2 + own
        rows["outcome"] += random.normal(0, 0.7, len(rows))
        found = response_surface(rows)
        return all_hold([0.7, 0.0, 0.3, -0.6], (found.a1, found.a2, found.a3, found.a4))

    return Case("response surface, a1–a4", f"{dyads} dyads of 4–10", draw, dyads >= 100, cost=2)  # noqa: PLR2004 - where it is claimed


def modes(patients: int, *, level: str) -> Case:
    """Video against in person: patients who prefer it have a lower alliance of their own."""

    def draw(random: Random) -> Array:
        patient = np.repeat(np.arange(patients), 6)
        prefers = random.random(patients)
        video = random.random(len(patient)) < prefers[patient]
        severity = random.normal(15, 4, patients)
        share = np.bincount(patient, video, patients) / 6
        own = 4 - 0.5 * share - 0.03 * severity + random.normal(0, 0.4, patients)
        y = own[patient] + 0.1 * (video - share[patient]) + random.normal(0, 0.4, len(patient))
        sessions = pd.DataFrame(
            {
                "patient": patient,
                "session": np.tile(np.arange(1, 7), patients),
                "mode": np.where(video, "video", "in_person"),
                "alliance": y,
                "severity": severity[patient],
            }
        )
        found = by_session_mode(sessions, reference="in_person").contrasts[0]
        return all_hold([{"within": 0.1, "between": -0.5}[level]], [getattr(found, level)])

    regime = f"{patients} patients × 6"
    return Case(f"session mode, {level}", regime, draw, patients >= 60, cost=1)  # noqa: PLR2004 - where it is claimed


def sectors(therapists_each: int, *, method: str) -> Case:
    """Sectors of unlike severity; therapists differ (ICC .05); the true difference is 1."""

    def draw(random: Random) -> Array:
        code = np.repeat(np.arange(2 * therapists_each), 30)
        is_public = code < therapists_each
        severity = np.round(random.normal(np.where(is_public, 16, 14.5), 4))
        band = np.searchsorted([11, 13, 15, 17, 19], severity).astype(float)
        own = random.normal(0, np.sqrt(0.05) * 3, 2 * therapists_each)[code]
        y = 0.8 * band + is_public + own + random.normal(0, np.sqrt(0.95) * 3, len(code))
        frame = pd.DataFrame(
            {
                "sector": np.where(is_public, "public", "private"),
                "therapist_id": code,
                "severity": band,
                "outcome": y,
            }
        )
        if method == "strata":
            found = standardised_by_strata(frame, outcome="outcome", n_bands=20)
        else:
            found = standardised_by_model(frame, outcome="outcome", kind="mean")
        return all_hold([-1.0], [found.difference])

    regime = f"{therapists_each} therapists of 30 in each sector"
    what = f"public − private, by {method}"
    return Case(what, regime, draw, therapists_each >= 20, cost=1)  # noqa: PLR2004 - where it is claimed


CASES = (
    *(therapists(n, 0.08, of=of) for n in (200, 60, 20, 10) for of in ("share", "each")),
    *(therapists(n, 0.02, of="each") for n in (60, 10)),
    *(levels(n, of=of) for n in (50, 8) for of in ("clinic", "therapist", "each")),
    *(dyadic(n, level=level) for n in (60, 15) for level in ("within", "between")),
    *(next_sessions(n) for n in (60, 15)),
    next_sessions_with_prior(60),
    *(alone(n) for n in (60, 15)),
    *(truths(n) for n in (60, 10)),
    *(surfaces(n) for n in (200, 100, 50)),
    *(modes(n, level=level) for n in (100, 25) for level in ("within", "between")),
    *(sectors(n, method=method) for n in (40, 20, 6) for method in ("strata", "model")),
)
