"""Actor and partner effects against nlme and lme4, and on what has no answer."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.actor_partner import Member, actor_partner, next_session_outcome
from rapport.statistics.alliance_outcome import within_between
from rapport.statistics.dyads import Coefficient
from rapport.statistics.paired_random_intercepts import fit_paired

Expected = dict[str, list[float]]
Read = Callable[[str], pd.DataFrame]

# Two optimisers of one likelihood; coefficients differ by less than this.
ITERATIVE = 1e-5


def _in_order_of_r(member: Member, *, is_patient: bool) -> list[Coefficient]:
    """R has patient's and therapist's columns; a member has actor's and partner's."""
    between = [member.actor_between, member.partner_between]
    within = [member.actor, member.partner]
    step = 1 if is_patient else -1
    return [*between[::step], *within[::step], member.session]


@pytest.mark.parametrize("who", ["patient", "therapist"])
def test_the_effects_on_each_member_are_those_of_nlme(
    relations: Expected, r_data: Read, who: str
) -> None:
    found = actor_partner(r_data("courses"))
    effects = _in_order_of_r(getattr(found, who), is_patient=who == "patient")
    assert [one.value for one in effects] == pytest.approx(
        relations[f"apim.{who}.coefficient"][1:], abs=ITERATIVE
    )
    assert [one.standard_error for one in effects] == pytest.approx(
        relations[f"apim.{who}.error"][1:], rel=ITERATIVE
    )


def test_errors_of_one_session_and_of_one_dyad_go_together_as_in_nlme(
    relations: Expected, r_data: Read
) -> None:
    found = actor_partner(r_data("courses"))
    assert found.error_correlation == pytest.approx(
        relations["apim.error_correlation"][0], abs=ITERATIVE
    )
    assert found.dyad_correlation == pytest.approx(
        relations["apim.dyad_correlation"][0], abs=ITERATIVE
    )


def test_the_likelihood_is_that_of_nlme(relations: Expected, r_data: Read) -> None:
    found = actor_partner(r_data("courses"))
    assert found.criterion == pytest.approx(relations["apim.criterion"][0], abs=1e-8)


def test_the_likelihood_is_that_of_full_matrices_and_at_its_best() -> None:
    random = np.random.default_rng(1)
    dyad = np.repeat(np.arange(20), 4)
    y = random.normal(size=(80, 2)) + random.normal(size=(20, 2))[dyad]
    z = np.column_stack([np.ones(80), random.normal(size=80)])
    fit = fit_paired(y, z, dyad)
    assert fit.criterion == pytest.approx(_criterion(y, z, dyad, fit.within, fit.between), abs=1e-8)
    for nudge in (0.9, 1.1):
        assert _criterion(y, z, dyad, fit.within * nudge, fit.between) > fit.criterion
        assert _criterion(y, z, dyad, fit.within, fit.between * nudge) > fit.criterion


def _criterion(
    y: np.ndarray, z: np.ndarray, dyad: np.ndarray, within: np.ndarray, between: np.ndarray
) -> float:
    """The restricted likelihood written out with full matrices, as an independent check."""
    same = (dyad[:, None] == dyad[None, :]).astype(float)
    v = np.kron(within, np.eye(len(z))) + np.kron(between, same)
    x, stacked = np.kron(np.eye(2), z), y.T.ravel()
    inverse = np.linalg.inv(v)
    xx = x.T @ inverse @ x
    residual = stacked - x @ np.linalg.solve(xx, x.T @ inverse @ stacked)
    logs = float(np.linalg.slogdet(v)[1] + np.linalg.slogdet(xx)[1])
    df = len(stacked) - x.shape[1]
    return float(logs + residual @ inverse @ residual + df * math.log(2 * math.pi))


def test_one_outcome_gives_the_mixed_model_of_lme4(relations: Expected, r_data: Read) -> None:
    courses = r_data("courses").assign(outcome=lambda table: table["patient_outcome"])
    found = next_session_outcome(courses)
    effects = [
        found.patient_between,
        found.therapist_between,
        found.patient,
        found.therapist,
        found.session,
        found.prior,
    ]
    assert [one.value for one in effects if one] == pytest.approx(
        relations["next.coefficient"][1:], abs=ITERATIVE
    )
    assert [one.standard_error for one in effects if one] == pytest.approx(
        relations["next.error"][1:], rel=2e-5
    )


@pytest.mark.parametrize(("label", "adjust"), [("prior", True), ("noprior", False)])
def test_the_alliance_alone_gives_the_mixed_model_of_lme4(
    relations: Expected, r_data: Read, label: str, adjust: bool
) -> None:
    sessions = r_data("courses").rename(
        columns={"dyad": "patient", "patient": "alliance", "patient_outcome": "outcome"}
    )
    found = within_between(sessions, adjust_prior=adjust)
    effects = [found.within, found.between, found.session, *([found.prior] if adjust else [])]
    assert [one.value for one in effects if one] == pytest.approx(
        relations[f"{label}.coefficient"][1:], abs=ITERATIVE
    )
    assert [one.standard_error for one in effects if one] == pytest.approx(
        relations[f"{label}.error"][1:], rel=2e-5
    )


@settings(max_examples=10, deadline=None)
@given(
    factor=st.floats(0.1, 20),
    shift=st.floats(-50, 50),
    sign=st.sampled_from([-1, 1]),
    seed=st.integers(0, 2**16),
)
def test_rescaling_flipping_and_permuting_carry_through(
    factor: float, shift: float, sign: int, seed: int
) -> None:
    world = _world(np.random.default_rng(seed))
    plain = actor_partner(world)
    moved = world.assign(patient_outcome=shift + sign * factor * world["patient_outcome"])
    other = actor_partner(moved.sample(frac=1, random_state=seed))
    for effect in ("actor", "partner", "actor_between", "partner_between", "session"):
        before, after = (getattr(one.patient, effect) for one in (plain, other))
        assert after.value == pytest.approx(
            sign * factor * before.value, rel=1e-3, abs=1e-3 * factor
        )
        assert after.standard_error == pytest.approx(factor * before.standard_error, rel=1e-3)
        assert getattr(other.therapist, effect).value == pytest.approx(
            getattr(plain.therapist, effect).value, rel=1e-3, abs=1e-3
        )
    assert other.error_correlation == pytest.approx(sign * plain.error_correlation, abs=1e-3)


def _world(random: np.random.Generator, dyads: int = 25, length: int = 5) -> pd.DataFrame:
    dyad = np.repeat(np.arange(dyads), length)
    n = len(dyad)
    ratings = random.normal(3.5, 0.4, (n, 2)) + random.normal(0, 0.4, (dyads, 2))[dyad]
    outcomes = ratings @ [[0.5, 0.1], [0.2, 0.6]] + random.normal(0, 0.6, (dyads, 2))[dyad]
    outcomes += random.multivariate_normal([0, 0], [[0.3, 0.1], [0.1, 0.3]], n)
    return pd.DataFrame(
        {
            "dyad": dyad,
            "session": np.tile(np.arange(1, length + 1), dyads),
            "patient": ratings[:, 0],
            "therapist": ratings[:, 1],
            "patient_outcome": outcomes[:, 0],
            "therapist_outcome": outcomes[:, 1],
        }
    )


def test_exchanging_the_members_exchanges_the_effects(r_data: Read) -> None:
    courses = r_data("courses")
    swapped = courses.rename(
        columns={
            "patient": "therapist",
            "therapist": "patient",
            "patient_outcome": "therapist_outcome",
            "therapist_outcome": "patient_outcome",
        }
    )
    plain, other = actor_partner(courses), actor_partner(swapped)
    assert other.therapist.actor.value == pytest.approx(plain.patient.actor.value, abs=1e-5)
    assert other.patient.partner.value == pytest.approx(plain.therapist.partner.value, abs=1e-5)


def test_a_dyad_without_a_pair_changes_nothing(r_data: Read) -> None:
    courses = r_data("courses")
    alone = courses.iloc[:1].assign(dyad="zz")
    assert actor_partner(pd.concat([courses, alone])) == actor_partner(courses)


@pytest.mark.parametrize("rows", [0, 1, 2, 6])
def test_too_few_sessions_have_no_effects(r_data: Read, rows: int) -> None:
    with pytest.raises(StatisticsError, match="TOO_FEW_ROWS"):
        actor_partner(r_data("courses").head(rows))


def test_a_rater_who_never_varies_is_refused(r_data: Read) -> None:
    with pytest.raises(StatisticsError, match="RANK"):
        actor_partner(r_data("courses").assign(therapist=3.0))


def test_an_outcome_that_never_varies_is_refused(r_data: Read) -> None:
    with pytest.raises(StatisticsError, match="NO_ERROR"):
        actor_partner(r_data("courses").assign(therapist_outcome=3.0))


@pytest.mark.parametrize("lag", [0, -1])
def test_an_outcome_has_to_come_later(r_data: Read, lag: int) -> None:
    with pytest.raises(StatisticsError, match="SESSIONS"):
        actor_partner(r_data("courses"), lag=lag)


def test_a_longer_lag_uses_later_outcomes(r_data: Read) -> None:
    assert (
        actor_partner(r_data("courses"), lag=2).n_pairs < actor_partner(r_data("courses")).n_pairs
    )
