"""What may be published: small numbers hidden, and nothing beside them that gives them back."""
# ruff: noqa: ANN401 - the makers come from conftest, which cannot be imported

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rapport.disclosure import publish
from rapport.errors import SettingsError
from rapport.statistics import NUMBERS

MEAN = "alliance.patient.total"


def _reasons(table: pd.DataFrame, figure: str = MEAN, period: str = "") -> dict[str, str]:
    """Reasons by unit: of the window for therapists, of the month for clinics."""
    unit = "therapist_id" if "therapist_id" in table else "clinic_id"
    asked = period or ("trailing_12" if unit == "therapist_id" else "month")
    rows = table[(table["figure"] == figure) & (table["period"] == asked)]
    assert len(rows)
    return dict(zip(rows[unit], rows["suppression"].fillna("shown"), strict=True))


@pytest.mark.parametrize(
    ("patients", "reason"), [(1, "small_number"), (4, "small_number"), (5, "shown"), (6, "shown")]
)
def test_fewer_than_five_patients_are_hidden_and_exactly_five_are_shown(
    published: Any, patients: int, reason: str
) -> None:
    found = published({"c1": {"t1": patients}})
    assert _reasons(found.clinics) == {"c1": reason}


def test_patients_are_counted_not_forms(computed: Any) -> None:
    aggregates, clinics = computed({"c1": {"t1": 4}})
    sessions = aggregates.groups.query("figure == 'patients.seen'")
    assert (sessions["n_patients"] == 4).all()
    found = publish(aggregates, profiles_by_clinic={"c1": "standard"}, clinics=clinics)
    assert (found.clinics["suppression"] == "small_number").all()


def test_a_hidden_row_holds_no_number_at_all(published: Any) -> None:
    found = published({"c1": {"t1": 2, "t2": 9, "t3": 9, "t4": 9}, "c2": {"t5": 3}})
    for table in (found.therapists, found.clinics, found.sectors):
        hidden = table[table["suppression"].notna()]
        assert len(hidden)
        assert hidden[list(NUMBERS)].isna().all(axis=None)
        assert hidden[["unit", "method"]].notna().all(axis=None)


def test_a_row_that_is_shown_is_not_touched(computed: Any, published: Any) -> None:
    caseloads = {"c1": {"t1": 8, "t2": 9}}
    aggregates, _ = computed(caseloads)
    keys = ["therapist_id", "period", "figure"]
    window = aggregates.therapists.query("period == 'trailing_12'")
    before = window.sort_values(keys).reset_index(drop=True)
    after = published(caseloads).therapists.sort_values(keys).reset_index(drop=True)
    texts = dict.fromkeys(["unit", "method"], "str")
    pd.testing.assert_frame_equal(before.astype(texts), after[before.columns].astype(texts))
    assert after["carried_from"].isna().all()


def test_one_small_therapist_hides_the_next_smallest_as_well(published: Any) -> None:
    found = published({"c1": {"t1": 3, "t2": 12, "t3": 9, "t4": 7}})
    reasons = _reasons(found.therapists)
    assert reasons["t1"] == "small_number"
    assert reasons["t4"] == "complementary"
    assert reasons["t2"] == "shown"
    assert _reasons(found.clinics) == {"c1": "shown"}


def test_who_is_hidden_beside_does_not_depend_on_the_order_of_therapists(published: Any) -> None:
    one = _reasons(published({"c1": {"t1": 3, "t2": 8, "t3": 8, "t4": 8, "t5": 8}}).therapists)
    other = _reasons(published({"c1": {"t5": 8, "t4": 8, "t3": 8, "t2": 8, "t1": 3}}).therapists)
    assert one == other


def test_a_colleague_cannot_subtract_herself_and_learn_a_small_number(published: Any) -> None:
    # With t1 and t4 hidden only, t4 would know t1's three patients; a third row must go.
    reasons = _reasons(published({"c1": {"t1": 3, "t2": 12, "t3": 9, "t4": 7}}).therapists)
    assert reasons["t3"] == "complementary"


def test_in_a_clinic_of_two_the_strict_profile_gives_up_the_total(published: Any) -> None:
    caseloads = {"c1": {"t1": 3, "t2": 30}}
    assert _reasons(published(caseloads).clinics) == {"c1": "shown"}
    strict = published(caseloads, profile="strict")
    assert _reasons(strict.clinics) == {"c1": "complementary"}


def test_two_small_therapists_alone_hide_the_clinic_too(published: Any) -> None:
    # Two and two patients: their sum, as good as published, would rest on four.
    found = published({"c1": {"t1": 2, "t2": 2}})
    assert _reasons(found.clinics) == {"c1": "small_number"}


def test_the_only_therapist_of_a_clinic_is_not_listed_beside_it(published: Any) -> None:
    found = published({"c1": {"t1": 9}, "c2": {"t2": 9, "t3": 9}})
    assert set(found.therapists["clinic_id"]) == {"c2"}
    assert _reasons(found.clinics)["c1"] == "shown"


def test_single_months_of_therapists_are_not_published(published: Any) -> None:
    found = published({"c1": {"t1": 9, "t2": 9}}, earlier={"c1": {"t1": 9, "t2": 9}})
    assert set(found.therapists["period"]) == {"trailing_12"}


def test_a_hidden_month_of_the_clinic_leaves_the_windows_of_its_therapists(published: Any) -> None:
    found = published({"c1": {"t1": 2}}, earlier={"c1": {"t1": 9, "t2": 9}})
    assert _reasons(found.clinics) == {"c1": "small_number"}
    assert _reasons(found.therapists) == {"t1": "shown", "t2": "shown"}


def test_a_month_that_gives_the_months_before_by_subtraction_is_hidden(published: Any) -> None:
    found = published({"c1": {"t1": 9}}, earlier={"c1": {"t1": 2}})
    assert _reasons(found.clinics) == {"c1": "complementary"}
    assert _reasons(found.clinics, period="trailing_12") == {"c1": "shown"}


def test_a_hidden_month_of_the_trend_hides_another(published: Any) -> None:
    found = published({"c1": {"t1": 9}}, earlier={"c1": {"t1": 3}})
    months = found.clinics[found.clinics["figure"] == MEAN].set_index("period")["suppression"]
    assert months["2025-11"] == "small_number"
    assert months["2026-02"] == "complementary"


def test_month_and_last_month_of_the_trend_are_hidden_together(published: Any) -> None:
    found = published(
        {"c1": {"t1": 9}, "c2": {"t2": 3}}, earlier={"c1": {"t1": 3}, "c2": {"t2": 9}}
    )
    rows = found.clinics[found.clinics["figure"] == MEAN]
    month = rows[rows["period"] == "month"].set_index("clinic_id")["suppression"].notna()
    last = rows[rows["period"] == "2026-02"].set_index("clinic_id")["suppression"].notna()
    assert month.to_dict() == last.to_dict()


def _episodes(results: dict[str, list[bool]]) -> pd.DataFrame:
    rows = [
        (
            "c1",
            "2026-02",
            f"{therapist}-{number}",
            "1",
            therapist,
            "planned",
            8,
            True,
            True,
            True,
            *[good] * 3,
            False,
        )
        for therapist, goods in results.items()
        for number, good in enumerate(goods)
    ]
    return pd.DataFrame(
        rows,
        columns=[
            "clinic_id",
            "month",
            "patient_id",
            "episode",
            "therapist_id",
            "ending",
            "n_attended",
            "is_finished",
            "is_paired",
            "is_case_at_start",
            "is_recovered",
            "is_reliably_improved",
            "is_reliably_recovered",
            "is_reliably_deteriorated",
        ],
    )


@pytest.mark.parametrize("everybody", [True, False])
def test_an_outcome_that_all_share_is_hidden_up_to_twice_the_minimum(
    published: Any, everybody: bool
) -> None:
    for patients, reason in ((9, "complementary"), (10, "shown")):
        found = published(
            {"c1": {"t1": patients}}, outcomes=_episodes({"t1": [everybody] * patients})
        )
        assert _reasons(found.clinics, "outcome.recovery") == {"c1": reason}


def test_that_nobody_got_worse_is_said(published: Any) -> None:
    found = published(
        {"c1": {"t1": 6}}, outcomes=_episodes({"t1": [True, False, True, False, True, False]})
    )
    row = found.clinics.query("figure == 'outcome.reliable_deterioration' and period == 'month'")
    assert row["value"].tolist() == [0.0]


def test_shares_that_can_be_computed_from_one_another_are_hidden_together(published: Any) -> None:
    found = published({"c1": {"t1": 2, "t2": 9, "t3": 9, "t4": 9}})
    rows = found.therapists.query("period == 'trailing_12'")
    assert len(rows)
    hidden = rows.assign(hidden=rows["suppression"].notna()).query(
        "figure.str.startswith('attendance') or figure.str.startswith('completion')"
    )
    assert (hidden.groupby("therapist_id")["hidden"].nunique() == 1).all()


def test_no_forms_at_all_is_hidden_beside_a_hidden_share_of_forms(published: Any) -> None:
    # t1 has two sessions and no form by the therapist; nobody else has either. The clinic uses
    # the patients' form only, so that nothing is said about the other.
    found = published({"c1": {"t1": 2, "t2": 9, "t3": 9, "t4": 9}})
    assert "alliance.therapist.total" not in set(found.therapists["figure"])


SECTOR = {"c1": {"t1": 20}, "c2": {"t2": 20}, "c3": {"t3": 20}}


def test_a_benchmark_of_three_like_clinics_is_shown(published: Any) -> None:
    assert published(SECTOR).sectors["suppression"].isna().all()


def test_a_benchmark_of_two_clinics_is_hidden(published: Any) -> None:
    found = published({key: SECTOR[key] for key in ("c1", "c2")})
    assert (found.sectors["suppression"] == "small_number").all()


def test_a_benchmark_through_which_one_clinic_shines_is_hidden(published: Any) -> None:
    found = published({**SECTOR, "c1": {"t1": 500}})
    assert (found.sectors["suppression"] == "small_number").all()


def test_sectors_are_judged_by_themselves(published: Any) -> None:
    sectors = {"c1": "private", "c2": "public", "c3": "public", "c4": "public"}
    found = published({**SECTOR, "c4": {"t4": 20}}, sectors=sectors)
    rows = found.sectors.query("figure == 'patients.seen' and period == 'month'")
    assert rows.set_index("sector")["suppression"].isna().to_dict() == {
        "private": False,
        "public": True,
    }


def test_a_clinic_without_profile_is_refused(computed: Any) -> None:
    aggregates, clinics = computed(SECTOR)
    with pytest.raises(SettingsError, match="NO_DISCLOSURE_PROFILE") as told:
        publish(aggregates, profiles_by_clinic={"c1": "standard"}, clinics=clinics)
    assert len(told.value.faults) == 2


def test_an_unknown_profile_is_refused(published: Any) -> None:
    with pytest.raises(SettingsError, match="UNKNOWN_PROFILE"):
        published(SECTOR, profile="lax")


def test_nothing_in_publishes_nothing(published: Any) -> None:
    found = published({})
    assert found.therapists.empty
    assert found.clinics.empty
    assert found.sectors.empty


def test_rounding_profiles_round_counts_to_five_and_shares_to_whole_per_cent(
    published: Any,
) -> None:
    found = published({"c1": {"t1": 13}}, profile="nhs")
    row = found.clinics.query("figure == 'completion.patient' and period == 'month'").iloc[0]
    assert (row["n_patients"], row["denominator"], row["numerator"]) == (15, 15, 15)
    shares = found.clinics.query("unit == 'proportion'")["low"].dropna()
    assert np.allclose(shares * 100, (shares * 100).round())


def test_publishing_leaves_what_was_computed_alone(computed: Any) -> None:
    aggregates, clinics = computed(SECTOR)
    before = aggregates.clinics.copy()
    publish(aggregates, profiles_by_clinic=dict.fromkeys(SECTOR, "standard"), clinics=clinics)
    pd.testing.assert_frame_equal(before, aggregates.clinics)
