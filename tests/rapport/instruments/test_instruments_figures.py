"""The figures of each instrument, one by one, as its publications give them.

What is not listed here must not be in the catalogue as usable: each table is complete.
"""

import pytest

from rapport.instruments import load_catalogue

CATALOGUE = load_catalogue()

# Value, the side that is meant, the scale where it is not the total.
CUT_OFFS = {
    ("phq-9", "caseness"): "at_least 10",
    ("gad-7", "caseness"): "at_least 8",
    ("gad-7", "caseness_original"): "at_least 10",
    ("phq-4", "anxiety"): "at_least 3 anxiety",
    ("phq-4", "depression"): "at_least 3 depression",
    ("core-10", "caseness"): "at_least 11",
    ("core-10", "depression"): "at_least 13",
    ("core-om", "caseness"): "at_least 10",
    ("oq-45", "caseness"): "at_least 64",
    ("oq-45", "symptom_distress"): "at_least 36 symptom_distress",
    ("oq-45", "interpersonal_relations"): "at_least 15 interpersonal_relations",
    ("oq-45", "social_role"): "at_least 12 social_role",
    ("ors", "caseness"): "below 25",
    ("ors", "caseness_adolescents"): "below 28",
    ("srs", "alert"): "below 36",
    ("swls", "rather_satisfied"): "above 20",
    ("who-5", "poor_wellbeing"): "at_most 50",
    ("who-5", "depression"): "at_most 28",
    ("wsas", "caseness"): "at_least 10",
    ("wsas", "severe"): "above 20",
    ("k10", "caseness"): "at_least 20",
    ("wemwbs", "low_wellbeing"): "below 43.5",
    ("pcl-5", "caseness"): "at_least 32",
    ("pcl-5", "functional"): "at_most 28",
}

RELIABLE_CHANGE = {
    "phq-9": 6, "gad-7": 4, "core-10": 6, "core-om": 5, "oq-45": 14, "ors": 5, "wsas": 8,
    "wemwbs": 9, "swemwbs": 3, "pcl-5": 18,
}  # fmt: skip

# Kind, and how many items may be missing on which scale; a scale that is not named allows none.
MISSING = {
    "phq-9": ("prorate", {"total": 2}),
    "core-10": ("prorate", {"total": 1}),
    "core-om": ("prorate", {"total": 3, "non_risk": 3, "problems": 1, "functioning": 1}),
    "oq-45": (
        "item_mean_rounded",
        {"total": 4, "symptom_distress": 2, "interpersonal_relations": 1, "social_role": 1},
    ),
    "wsas": ("prorate", {"total": 1}),
    "k10": ("prorate", {"total": 1}),
    "wemwbs": ("prorate", {"total": 3}),
    "wai-sr": ("prorate", {"total": 3, "task": 1, "bond": 1, "goal": 1}),
    "wai-sr-t": ("prorate", {"total": 3, "task": 1, "bond": 1, "goal": 1}),
}

REVERSED = {
    "core-10": [2, 3],
    "core-om": [3, 4, 7, 12, 19, 21, 31, 32],
    "oq-45": [1, 12, 13, 20, 21, 24, 31, 37, 43],
    "pwbs-18": [1, 2, 3, 8, 9, 11, 12, 13, 17, 18],
    "pwbs-42": [3, 5, 8, 10, 13, 14, 15, 16, 17, 18, 19, 23, 26, 27, 30, 31, 32, 34, 36, 39, 41],
    "wai-36": [1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34],
    "wai-s": [4, 10],
}

HIGHER_IS_BETTER = {
    "wai-sr", "wai-sr-t", "wai-s", "wai-36", "srs", "rri-c", "rri-t", "rri-c-sf", "ors", "swls",
    "flourishing", "who-5", "pwbs-18", "pwbs-42", "wemwbs", "swemwbs", "reqol-10",
}  # fmt: skip

KEYS = {
    "wai-sr": {"task": [1, 2, 10, 12], "bond": [3, 5, 7, 9], "goal": [4, 6, 8, 11]},
    "wai-sr-t": {"task": [1, 2, 10, 12], "bond": [3, 5, 7, 9], "goal": [4, 6, 8, 11]},
    "wai-s": {"task": [1, 2, 8, 12], "bond": [3, 5, 7, 9], "goal": [4, 6, 10, 11]},
    "wai-36": {
        "task": [2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35],
        "bond": [1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36],
        "goal": [3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34],
    },
    "core-om": {
        "wellbeing": [4, 14, 17, 31],
        "problems": [2, 5, 8, 11, 13, 15, 18, 20, 23, 27, 28, 30],
        "functioning": [1, 3, 7, 10, 12, 19, 21, 25, 26, 29, 32, 33],
        "risk": [6, 9, 16, 22, 24, 34],
    },
    "pwbs-18": {
        "autonomy": [15, 17, 18], "environmental_mastery": [4, 8, 9],
        "personal_growth": [11, 12, 14], "positive_relations": [6, 13, 16],
        "purpose_in_life": [3, 7, 10], "self_acceptance": [1, 2, 5],
    },
    "phq-4": {"anxiety": [1, 2], "depression": [3, 4]},
}  # fmt: skip


def test_usable_cut_offs_are_these_and_no_others() -> None:
    found = {
        (i.id, name): f"{c.comparison} {c.value:g}" + ("" if c.scale == "total" else f" {c.scale}")
        for i in CATALOGUE.values()
        for name, c in i.cut_offs.items()
        if c.is_usable
    }
    assert found == CUT_OFFS


def test_usable_reliable_changes_are_these_and_no_others() -> None:
    found = {
        i.id: i.reliable_change.value
        for i in CATALOGUE.values()
        if i.reliable_change is not None and i.reliable_change.is_usable
    }
    assert found == RELIABLE_CHANGE


def test_subscales_of_the_oq_45_have_their_own_reliable_change() -> None:
    found = {n: f.value for n, f in CATALOGUE["oq-45"].subscale_reliable_change.items()}
    assert found == {"symptom_distress": 10, "interpersonal_relations": 8, "social_role": 7}


def test_usable_rules_for_missing_items_are_these_and_no_others() -> None:
    found = {
        i.id: (i.missing_rule.kind, dict(i.missing_rule.max_missing))
        for i in CATALOGUE.values()
        if i.missing_rule.is_usable and i.missing_rule.kind != "complete"
    }
    assert found == MISSING


def test_only_the_k10_rounds_a_total() -> None:
    assert [i.id for i in CATALOGUE.values() if i.missing_rule.rounds_total] == ["k10"]


def test_reversed_items_are_these_and_no_others() -> None:
    found = {i.id: list(i.reversed) for i in CATALOGUE.values() if i.reversed}
    assert found == REVERSED


def test_directions() -> None:
    found = {i.id for i in CATALOGUE.values() if i.improvement_sign > 0}
    assert found == HIGHER_IS_BETTER


@pytest.mark.parametrize(("instrument_id", "key"), KEYS.items(), ids=list(KEYS))
def test_keys(instrument_id: str, key: dict[str, list[int]]) -> None:
    found = {name: list(items) for name, items in CATALOGUE[instrument_id].subscales.items()}
    assert found == key


def test_the_oq_45_spreads_its_reversed_items_as_published() -> None:
    oq = CATALOGUE["oq-45"]
    spread = {name: sorted(set(items) & set(oq.reversed)) for name, items in oq.subscales.items()}
    assert spread == {
        "symptom_distress": [13, 24, 31],
        "interpersonal_relations": [1, 20, 37, 43],
        "social_role": [12, 21],
    }
    assert [len(items) for items in oq.subscales.values()] == [25, 11, 9]


def test_the_longer_wellbeing_form_deals_its_items_round_in_six() -> None:
    for start, items in enumerate(CATALOGUE["pwbs-42"].subscales.values(), 1):
        assert list(items) == list(range(start, 43, 6))


def test_risk_items() -> None:
    found = {
        i.id: (list(flag.items), flag.at_least)
        for i in CATALOGUE.values()
        for name, flag in i.flags.items()
        if name == "risk"
    }
    assert found == {
        "phq-9": ([9], 1), "core-10": ([6], 1), "core-om": ([6, 9, 16, 22, 24, 34], 1),
        "oq-45": ([8], 1),
    }  # fmt: skip


def test_what_has_no_second_source_is_uncertain_and_used_nowhere() -> None:
    uncertain = {
        f"{i.id} {name}"
        for i in CATALOGUE.values()
        for name, part in (
            ("key", i.key), ("reversal", i.reversal), ("missing_rule", i.missing_rule),
            ("reliable_change", i.reliable_change), ("caseness", i.cut_offs.get("caseness")),
        )
        if part is not None and not part.is_usable
    }  # fmt: skip
    assert uncertain == {
        "wai-s key", "wai-s reversal", "wai-36 reversal", "rri-c key", "rri-c reversal",
        "rri-t key", "rri-t reversal", "rri-c-sf key", "rri-c-sf reversal", "gad-7 missing_rule",
        "reqol-10 missing_rule", "reqol-10 reliable_change", "reqol-10 caseness",
        "k10 reliable_change",
    }  # fmt: skip


def test_questions_that_are_not_scored() -> None:
    found = {i.id: i.unscored.count for i in CATALOGUE.values() if i.unscored is not None}
    assert found == {"phq-9": 1, "gad-7": 1, "reqol-10": 1}
