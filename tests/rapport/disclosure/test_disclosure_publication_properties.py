"""What holds for every small world that is published: nothing adds up to what is hidden."""

from itertools import product

import numpy as np
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rapport.disclosure import profile_of
from rapport.statistics import NUMBERS
from tests.rapport.disclosure.small_worlds import Caseload, World, published

FEW, BESIDE = "small_number", "complementary"
SEEDS = st.integers(0, 2**16)
QUICK = settings(max_examples=2, deadline=None, database=None, phases=[Phase.generate])


def _world(seed: int) -> World:
    """Return a dozen clinics of one to four therapists, who have up to nine patients each."""
    random = np.random.default_rng(seed)

    def load() -> Caseload:
        before, month = random.integers(0, 10), random.integers(0, 10) * random.integers(0, 2)
        hits = random.integers(0, before + 1), random.integers(0, month + 1)
        return Caseload((int(before), int(hits[0])), (int(month), int(hits[1])))

    return {
        f"c{at:02}": {f"t{one}": (load(),) for one in range(random.integers(1, 5))}
        for at in range(12)
    }


def _told(table: pd.DataFrame, clinic: str, period: str) -> dict[str, tuple[int, int]]:
    """Unit → patients and successes of what is shown of one clinic in one period."""
    rows = table[(table["clinic_id"] == clinic) & (table["period"] == period)]
    rows = rows[rows["suppression"].isna()]
    unit = "therapist_id" if "therapist_id" in table else "clinic_id"
    counts = zip(rows["n_patients"].astype(int), rows["numerator"].astype(int), strict=True)
    return dict(zip(rows[unit], counts, strict=True))


@QUICK
@given(SEEDS)
def test_no_total_can_be_subtracted_from_to_give_a_hidden_therapists_result(seed: int) -> None:
    world = _world(seed)
    found = published(world)
    for clinic, people in world.items():
        whole = _told(found.clinics, clinic, "trailing_12").get(clinic)
        shown = _told(found.therapists, clinic, "trailing_12")
        sizes = {name: loads[0].in_period("trailing_12")[0] for name, loads in people.items()}
        hidden = [name for name, n in sizes.items() if n and name not in shown]
        seeing = [name for name, n in sizes.items() if n]
        if whole is None or len(seeing) == 1 or whole[1] in (0, whole[0]):
            continue  # no total; nobody is listed beside it; or said of everybody
        left = whole[1] - sum(hits for _, hits in shown.values())
        # The reader even knows how many patients each hidden therapist has.
        tried = product(*(range(sizes[name] + 1) for name in hidden))
        possible = [one for one in tried if sum(one) == left]
        assert possible
        assert all(len(set(each)) > 1 for each in zip(*possible, strict=True))


@QUICK
@given(SEEDS)
def test_nothing_that_is_told_or_left_by_subtraction_rests_on_fewer_than_the_minimum(
    seed: int,
) -> None:
    world = _world(seed)
    minimum = profile_of("standard").minimum_patients
    found = published(world)
    for clinic in world:
        month = _told(found.clinics, clinic, "month").get(clinic, (0, 0))
        window = _told(found.clinics, clinic, "trailing_12").get(clinic, (0, 0))
        people = _told(found.therapists, clinic, "trailing_12")
        told = [month[0], window[0], *(n for n, _ in people.values())]
        left = [window[0] - month[0]] if window[0] and month[0] else []
        left += [window[0] - sum(n for n, _ in people.values())] if window[0] and people else []
        assert all(n == 0 or n >= minimum for n in [*told, *left])


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    keys = [
        one for one in ("clinic_id", "therapist_id", "sector", "period", "figure") if one in table
    ]
    return table.sort_values(keys).reset_index(drop=True)


@QUICK
@given(SEEDS)
def test_the_order_of_clinics_and_therapists_changes_nothing(seed: int) -> None:
    world = _world(seed)
    turned = {
        clinic: dict(reversed([*people.items()])) for clinic, people in reversed([*world.items()])
    }
    one, other = published(world), published(turned)
    for name in ("therapists", "clinics", "sectors"):
        pd.testing.assert_frame_equal(_sorted(getattr(one, name)), _sorted(getattr(other, name)))


@QUICK
@given(SEEDS)
def test_a_therapist_without_patients_changes_nothing(seed: int) -> None:
    world = _world(seed)
    more = {clinic: {**people, "t9": (Caseload((0, 0)),)} for clinic, people in world.items()}
    one, other = published(world), published(more)
    for name in ("therapists", "clinics", "sectors"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@QUICK
@given(SEEDS)
def test_what_is_too_few_for_one_profile_is_hidden_under_every_stricter_one(seed: int) -> None:
    world = _world(seed)
    before: set[tuple[str, ...]] = set()
    for profile in ("standard", "opensafely", "strict"):
        found = published(world, profile)
        rows = [found.therapists, found.clinics.assign(therapist_id="")]
        table = pd.concat(rows).dropna(subset="suppression")
        keys = table[["clinic_id", "therapist_id", "period", "suppression"]]
        hidden = {(c, t, p) for c, t, p, _ in keys.itertuples(index=False, name=None)}
        assert before <= hidden
        before = {(c, t, p) for c, t, p, why in keys.itertuples(index=False) if why == FEW}


@QUICK
@given(SEEDS)
def test_a_hidden_row_holds_no_number_and_a_shown_one_all_of_them(seed: int) -> None:
    world = _world(seed)
    found = published(world)
    for table in (found.therapists, found.clinics, found.sectors):
        is_hidden = table["suppression"].notna()
        assert table.loc[is_hidden, list(NUMBERS)].isna().all(axis=None)
        assert table.loc[~is_hidden, list(NUMBERS)].notna().all(axis=None)
        assert set(table["suppression"].dropna()) <= {FEW, BESIDE}
