"""Scoring of single forms: each rule as its publication states it, and a second implementation."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import ScoringError
from rapport.instruments import Instrument, load_catalogue
from rapport.scoring import score_items

CATALOGUE = load_catalogue()
GAP = float("nan")
SCORED = [i for i in CATALOGUE.values() if i.key.is_usable and i.reversal.is_usable]


def scored(instrument_id: str, answers: list[float]) -> dict[str, object]:
    row = score_items(pd.DataFrame([answers]), CATALOGUE[instrument_id]).iloc[0]
    return {str(name): value for name, value in row.to_dict().items()}


# ── totals, worked out by hand ──────────────────────────────────────────────────────────────────

TOTALS = {
    "PHQ-9, all 'nearly every day'":             ("phq-9", [3.0] * 9, 27.0),
    "GAD-7 adds up":                             ("gad-7", [0.0, 1, 2, 3, 0, 1, 2], 9.0),
    "WHO-5 is the sum times four":               ("who-5", [3.0] * 5, 60.0),
    "CORE-10 is ten times the mean, 2, 3 turned": ("core-10", [0.0] * 10, 8.0),      # 2 × (4 − 0)
    "CORE-OM turns its eight positive items":    ("core-om", [0.0] * 34, 8 * 4 / 34 * 10),
    "OQ-45 turns nine items":                    ("oq-45", [0.0] * 45, 36.0),        # 9 × (4 − 0)
    "PWBS-18 turns ten of eighteen":             ("pwbs-18", [1.0] * 18, 8 * 1 + 10 * 7.0),
    "PWBS-42 turns 21 of 42":                    ("pwbs-42", [1.0] * 42, 21 * 1 + 21 * 6.0),
    "ORS takes tenths":                          ("ors", [2.5, 7.1, 10.0, 0.0], 19.6),
    "SWEMWBS raw 21 is 19.25":                   ("swemwbs", [3.0] * 7, 19.25),
    "SWEMWBS raw 7 is 7.00":                     ("swemwbs", [1.0] * 7, 7.00),
    "SWEMWBS raw 35 is 35.00":                   ("swemwbs", [5.0] * 7, 35.00),
    "K10 starts at ten":                         ("k10", [1.0] * 10, 10.0),
}  # fmt: skip


@pytest.mark.parametrize(("instrument_id", "answers", "total"), TOTALS.values(), ids=TOTALS)
def test_totals(instrument_id: str, answers: list[float], total: float) -> None:
    assert scored(instrument_id, answers)["total"] == pytest.approx(total, abs=1e-12)


def test_subscales_of_the_alliance_inventory() -> None:
    # Item n answered so that Task = 1 × 4, Bond = 3 × 4, Goal = 5 × 4.
    answers = [1.0, 1, 3, 5, 3, 5, 3, 5, 3, 1, 5, 1]
    found = scored("wai-sr", answers)
    assert (found["task"], found["bond"], found["goal"], found["total"]) == (4, 12, 20, 36)
    assert (found["task_item_mean"], found["total_item_mean"]) == (1.0, 3.0)


def test_subscales_of_the_phq_4() -> None:
    found = scored("phq-4", [3.0, 2, 0, 1])
    assert (found["anxiety"], found["depression"], found["total"]) == (5, 1, 6)


def test_core_om_non_risk_leaves_the_risk_items_out() -> None:
    answers = [0.0] * 34
    for item in (6, 9, 16, 22, 24, 34):
        answers[item - 1] = 4.0
    found = scored("core-om", answers)
    assert found["risk"] == 40.0
    assert found["non_risk"] == pytest.approx(8 * 4 / 28 * 10)


# ── missing items ───────────────────────────────────────────────────────────────────────────────

MISSING = {
    #                                                 answers                              total
    "PHQ-9, two missing: mean of seven times nine":  (
        "phq-9", [2.0] * 6 + [1.0, GAP, GAP], 13 * 9 / 7,
    ),
    "CORE-10, one missing: mean of nine times ten":  ("core-10", [2.0] * 9 + [GAP], 20.0),
    "WSAS, work does not apply":                     ("wsas", [GAP, 4.0, 4, 4, 4], 20.0),
    "K10, one missing, rounded half-up: 13 / 9 × 10": ("k10", [1.0] * 5 + [2.0] * 4 + [GAP], 14.0),
    "WEMWBS, three missing":                         ("wemwbs", [3.0] * 11 + [GAP] * 3, 42.0),
    "WAI-SR, one of each subscale":                  (
        "wai-sr", [GAP, 3.0, GAP, GAP, 3, 3, 3, 3, 3, 3, 3, 3], 36.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("instrument_id", "answers", "total"), MISSING.values(), ids=MISSING)
def test_missing_items_are_filled_by_the_instrument_s_rule(
    instrument_id: str, answers: list[float], total: float
) -> None:
    found = scored(instrument_id, answers)
    assert found["total"] == pytest.approx(total, abs=1e-12)
    assert found["total_is_prorated"]


TOO_MANY = {
    "PHQ-9, three missing": ("phq-9", [1.0] * 6 + [GAP] * 3),
    "GAD-7, one missing: its rule is uncertain, so it is not used": ("gad-7", [1.0] * 6 + [GAP]),
    "SWLS, one missing: none is published": ("swls", [4.0] * 4 + [GAP]),
    "SWEMWBS, one missing": ("swemwbs", [3.0] * 6 + [GAP]),
    "K10, two missing": ("k10", [1.0] * 8 + [GAP] * 2),
    "WSAS, two missing": ("wsas", [GAP, GAP, 4.0, 4, 4]),
    "WEMWBS, four missing": ("wemwbs", [3.0] * 10 + [GAP] * 4),
    "CORE-10, two missing": ("core-10", [2.0] * 8 + [GAP] * 2),
    "ORS, one line missing": ("ors", [5.0, 5, 5, GAP]),
    "WHO-5, one missing": ("who-5", [3.0] * 4 + [GAP]),
    "PCL-5, one missing": ("pcl-5", [1.0] * 19 + [GAP]),
    "OQ-45, five missing": ("oq-45", [GAP] * 5 + [1.0] * 40),
    "ReQoL-10, one missing: uncertain": ("reqol-10", [1.0] * 9 + [GAP]),
    "WAI-SR, two of one subscale": ("wai-sr", [GAP, GAP] + [3.0] * 10),
    "CORE-OM, four missing": ("core-om", [1.0] * 30 + [GAP] * 4),
}


@pytest.mark.parametrize(("instrument_id", "answers"), TOO_MANY.values(), ids=TOO_MANY)
def test_more_gaps_than_the_rule_allows_give_no_total(
    instrument_id: str, answers: list[float]
) -> None:
    found = scored(instrument_id, answers)
    assert math.isnan(float(str(found["total"])))
    assert found["total_reason"] == "too_many_missing"
    assert not found["total_is_prorated"]


def test_a_gap_in_one_subscale_leaves_the_others() -> None:
    found = scored("wai-sr", [GAP, GAP] + [3.0] * 10)
    assert math.isnan(float(str(found["task"])))
    assert (found["bond"], found["goal"]) == (12.0, 12.0)


def test_core_om_allows_no_gap_in_wellbeing_but_gives_the_total() -> None:
    answers = [1.0] * 34
    answers[14 - 1] = GAP
    found = scored("core-om", answers)
    assert found["wellbeing_reason"] == "too_many_missing"
    assert found["non_risk_reason"] is None
    assert found["total_reason"] is None


def test_oq_45_fills_a_blank_with_the_rounded_mean_of_its_subscale() -> None:
    # Interpersonal Relations: ten answered items keyed to 4,4,4,4,4,0,0,0,0,0 → mean 2.0, plus
    # one keyed 1 more → 21 / 10 = 2.1 → 2; total gains exactly 2.
    answers = [0.0] * 45
    for item in (1, 20, 37, 43):
        answers[item - 1] = 0.0  # reversed: keyed 4
    answers[7 - 1], answers[16 - 1] = 4.0, 1.0
    full = float(str(scored("oq-45", answers)["total"]))
    answers[30 - 1] = GAP
    found = scored("oq-45", answers)
    assert found["interpersonal_relations"] == 4 * 4 + 4 + 1 + 2
    assert found["total"] == full + 2


def test_oq_45_rounds_a_half_up() -> None:
    # Social Role: eight answered, keyed sum 4 → mean 0.5 → 1 (banker's rounding would say 0).
    answers = [0.0] * 45
    for item in (12, 21):
        answers[item - 1] = 4.0  # reversed: keyed 0
    answers[4 - 1] = 4.0
    answers[44 - 1] = GAP
    assert scored("oq-45", answers)["social_role"] == 4 + 1


def test_blanks_of_several_forms_are_filled_each_from_its_own_form() -> None:
    # Social Role unanswered at item 44: the other eight keyed 0 → 0, keyed 2 → 2, keyed 4 → 4.
    forms = []
    for keyed in (0.0, 2.0, 4.0):
        answers = [keyed] * 45
        for item in CATALOGUE["oq-45"].reversed:
            answers[item - 1] = 4.0 - keyed
        answers[44 - 1] = GAP
        forms.append(answers)
    found = score_items(pd.DataFrame(forms), CATALOGUE["oq-45"])
    assert found["social_role"].tolist() == [0.0, 18.0, 36.0]
    assert found["total"].tolist() == [0.0, 90.0, 180.0]


def test_a_gap_in_one_form_leaves_the_total_of_the_others() -> None:
    forms = [[GAP, GAP, *[3.0] * 10], [3.0] * 12, [GAP, *[3.0] * 11]]
    found = score_items(pd.DataFrame(forms), CATALOGUE["wai-sr"])
    assert found["total"].isna().tolist() == [True, False, False]
    assert found["total_item_mean"].isna().tolist() == [True, False, False]
    assert found["total"].tolist()[1:] == [36.0, 36.0]
    assert found["total_is_prorated"].tolist() == [False, False, True]
    assert found["total_reason"].tolist() == ["too_many_missing", None, None]


def test_a_gap_does_not_hide_a_graver_reason() -> None:
    found = scored("wai-sr", [GAP, GAP, 9.0, *[3.0] * 9])
    assert found["total_reason"] == "out_of_range"


def test_nothing_answered_is_its_own_reason() -> None:
    found = scored("phq-9", [GAP] * 9)
    assert (found["total_reason"], found["total_n_answered"]) == ("no_answers", 0)


def test_rupture_items_stand_each_for_itself() -> None:
    found = scored("psq-rupture", [0.0, GAP, GAP])
    assert found["rupture"] == 0.0
    assert found["intensity_reason"] == "no_answers"
    assert "total" not in found


def test_the_clusters_of_the_pcl_5() -> None:
    # B 1-5, C 6-7, D 8-14, E 15-20 (National Center for PTSD).
    answers = [1.0] * 5 + [2.0] * 2 + [3.0] * 7 + [4.0] * 6
    found = scored("pcl-5", answers)
    clusters = [found[n] for n in ("intrusion", "avoidance", "cognition_and_mood", "arousal")]
    assert clusters == [5, 4, 21, 24]
    assert found["total"] == 54


@pytest.mark.parametrize(
    ("gaps", "missing"),
    [
        ([1], []),                                   # one of functioning
        ([1, 3], ["functioning"]),
        ([2, 1, 3], ["functioning"]),
        ([6], ["risk"]),
        ([4], ["wellbeing"]),
        ([2, 5, 8], ["problems"]),
        ([6, 9, 16], ["risk"]),
        ([1, 2, 6], ["risk"]),
        ([1, 2, 3, 6], ["functioning", "risk", "total"]),
        ([1, 2, 3, 5], ["functioning", "non_risk", "problems", "total"]),
    ],
)  # fmt: skip
def test_core_om_gives_each_domain_by_its_own_rule(gaps: list[int], missing: list[str]) -> None:
    answers = [1.0] * 34
    for item in gaps:
        answers[item - 1] = GAP
    found = scored("core-om", answers)
    without = sorted(
        name for name in CATALOGUE["core-om"].scales if found[f"{name}_reason"] is not None
    )
    assert without == missing


# Raw to metric (Stewart-Brown et al. 2009); two independent public scripts agree.
METRIC = (
    "7.00 9.51 11.25 12.40 13.33 14.08 14.75 15.32 15.84 16.36 16.88 17.43 17.98 18.59 19.25 19.98 "
    "20.73 21.54 22.35 23.21 24.11 25.03 26.02 27.03 28.13 29.31 30.70 32.55 35.00"
)


def test_every_metric_score_of_the_swemwbs() -> None:
    forms = [[1.0 + (raw - 7 > 4 * n) * min(4, raw - 7 - 4 * n) for n in range(7)]
             for raw in range(7, 36)]  # fmt: skip
    assert [sum(form) for form in forms] == list(range(7, 36))
    found = score_items(pd.DataFrame(forms), CATALOGUE["swemwbs"])["total"].tolist()
    assert found == [float(value) for value in METRIC.split()]


def test_a_prorated_mean_is_what_it_is_on_paper() -> None:
    found = scored("core-om", [1.0] * 30 + [GAP] * 3 + [1.0])
    assert found["non_risk"] == 14.8  # 25 of 28 answered: 19 × 1 + 6 × (4 − 1) = 37; 37 ÷ 25 × 10


def test_decimals_add_up_to_what_they_are_on_paper() -> None:
    # 5.1 + 2.0 + 9.7 + 8.2 is 24.999999999999996 to a computer, and below the ORS's 25.
    answers = [5.1, 2.0, 9.7, 8.2]
    assert sum(answers) < 25
    assert scored("ors", answers)["total"] == 25


# ── range ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("foreign", [-1.0, 4.0, 99.0, 1.5, float("inf")])
def test_out_of_range_is_never_missing(foreign: float) -> None:
    found = scored("phq-9", [1.0] * 8 + [foreign])
    assert math.isnan(float(str(found["total"])))
    assert found["total_reason"] == "out_of_range"


def test_a_foreign_answer_spares_the_subscales_it_is_not_in() -> None:
    found = scored("wai-sr", [9.0] + [3.0] * 11)
    assert found["task_reason"] == "out_of_range"
    assert found["bond"] == 12.0


def test_an_item_is_held_against_its_own_scale() -> None:
    assert scored("psq-rupture", [2.0, 3.0, 3.0])["rupture_reason"] == "out_of_range"


@pytest.mark.parametrize("between", [5.55, 5.01, 5.09, 0.05, 9.95])
def test_an_answer_between_two_tenths_is_not_an_answer(between: float) -> None:
    assert scored("ors", [5.0, 5.0, 5.0, between])["total_reason"] == "out_of_range"


@pytest.mark.parametrize("tenth", [n / 10 for n in range(101)])
def test_every_tenth_is_an_answer(tenth: float) -> None:
    assert scored("ors", [tenth] * 4)["total"] == pytest.approx(4 * tenth)


def test_items_of_one_form_may_have_different_steps() -> None:
    described = json.loads(CATALOGUE["psq-rupture"].model_dump_json(by_alias=True))
    described["item_scales"]["2"] = {
        "minimum": 0.5, "maximum": 5.5, "step": 0.5, "status": "policy", "source": "this test",
    }  # fmt: skip
    own = Instrument.model_validate(described)
    forms = [[1.0, 2.5, 3.0], [1.0, 2.25, 3.0], [1.0, 2.5, 2.5], [1.0, 3.0, 3.0]]
    found = score_items(pd.DataFrame(forms), own)
    assert found["intensity_reason"].tolist() == [None, "out_of_range", None, None]
    assert found["resolution_reason"].tolist() == [None, None, "out_of_range", None]


@pytest.mark.parametrize(("minimum", "step"), [(0.25, 1.0), (0.03, 0.1)])
def test_steps_are_counted_from_the_lowest_answer(minimum: float, step: float) -> None:
    described = json.loads(CATALOGUE["ors"].model_dump_json(by_alias=True))
    described |= {"cut_offs": {}}
    described["scale"] |= {"minimum": minimum, "maximum": minimum + 10 * step, "step": step}
    own = Instrument.model_validate(described)
    good, bad = [minimum + 3 * step] * 4, [minimum + 3.5 * step] * 4
    found = score_items(pd.DataFrame([good, bad]), own)
    assert found["total_reason"].tolist() == [None, "out_of_range"]


# ── flags ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "raised"), [(0.0, False), (1.0, True), (3.0, True), (GAP, False)]
)
def test_the_risk_item_of_the_phq_9_is_flagged_from_one(answer: float, raised: bool) -> None:
    assert bool(scored("phq-9", [0.0] * 8 + [answer])["flag_risk"]) is raised


def test_a_risk_answer_is_flagged_even_when_no_total_can_be_given() -> None:
    assert scored("phq-9", [GAP] * 8 + [2.0])["flag_risk"]


@pytest.mark.parametrize(
    ("answers", "is_straight"),
    [([3.0] * 12, True), ([3.0] * 11 + [4.0], False), ([3.0] * 11 + [GAP], False)],
)
def test_the_same_answer_throughout_is_flagged(answers: list[float], is_straight: bool) -> None:
    assert bool(scored("wai-sr", answers)["is_straight_lining"]) is is_straight


def test_a_straight_line_begins_with_five_items() -> None:
    assert scored("phq-4", [1.0] * 4)["is_straight_lining"] is False
    assert scored("who-5", [1.0] * 5)["is_straight_lining"] is True


def test_one_of_several_risk_items_is_enough() -> None:
    answers = [0.0] * 34
    assert not scored("core-om", answers)["flag_risk"]
    answers[22 - 1] = 1.0
    assert scored("core-om", answers)["flag_risk"]


# ── what is refused ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("instrument_id", ["wai-s", "wai-36", "rri-c", "rri-t", "rri-c-sf"])
def test_an_unconfirmed_key_is_not_scored_as_packaged(instrument_id: str) -> None:
    instrument = CATALOGUE[instrument_id]
    with pytest.raises(ScoringError, match="UNCERTAIN_KEY"):
        score_items(pd.DataFrame([[1.0] * instrument.n_items]), instrument)


@pytest.mark.parametrize("part", ["key", "reversal", "scale", "total"])
def test_the_refusal_names_what_is_uncertain(part: str) -> None:
    described = json.loads(CATALOGUE["phq-9"].model_dump_json(by_alias=True))
    described[part] |= {"status": "uncertain"}
    with pytest.raises(ScoringError) as told:
        score_items(pd.DataFrame([[1.0] * 9]), Instrument.model_validate(described))
    assert told.value.faults[0].message.startswith(f"phq-9: {part} could not")


def test_a_table_with_another_number_of_columns_is_refused() -> None:
    with pytest.raises(ScoringError, match="ITEM_COUNT"):
        score_items(pd.DataFrame([[1.0] * 10]), CATALOGUE["phq-9"])


def test_no_rows_give_no_scores() -> None:
    assert score_items(pd.DataFrame(np.empty((0, 9))), CATALOGUE["phq-9"]).empty


# ── a second implementation, one form at a time ─────────────────────────────────────────────────


def by_hand(answers: list[float], instrument: Instrument, scale: str) -> float | None:
    """Score one form on one scale, written from the rules and sharing no code."""
    rule, total = instrument.missing_rule, instrument.total
    low, high = instrument.scale.minimum, instrument.scale.maximum
    keyed = {
        n: (low + high - a if n in instrument.reversed else a)
        for n, a in enumerate(answers, 1)
        if not math.isnan(a)
    }
    parts = instrument.subscales if rule.needs_subscales and scale == "total" else ()
    if any(by_hand(answers, instrument, part) is None for part in parts):
        return None
    items = instrument.scales[scale]
    given = [keyed[n] for n in items if n in keyed]
    allowed = 0 if rule.status == "uncertain" else rule.max_missing.get(scale, 0)
    if not given or len(items) - len(given) > allowed:
        return None
    if rule.kind == "item_mean_rounded":
        for part in instrument.subscales.values():
            have = [keyed[n] for n in part if n in keyed]
            if have:
                fill = math.floor(sum(have) / len(have) + 0.5)
                keyed |= {n: fill for n in part if n not in keyed}
        whole = sum(keyed[n] for n in items)
    else:
        whole = sum(given) * len(items) / len(given)
    if rule.rounds_total:
        whole = math.floor(whole + 0.5)
    if total is None:
        return whole
    if total.table is not None and scale == "total":
        return total.table[int(whole)]
    return whole * total.factor / (len(items) if total.method == "mean" else 1)


@st.composite
def forms(draw: st.DrawFn) -> tuple[Instrument, list[list[float]]]:
    instrument = draw(st.sampled_from([i for i in SCORED if not i.item_scales]))
    answer = st.sampled_from(sorted({float(text) for text in instrument.allowed_answers()}))
    one = st.one_of(answer, answer, answer, answer, answer, answer, st.just(GAP))
    row = st.lists(one, min_size=instrument.n_items, max_size=instrument.n_items)
    return instrument, draw(st.lists(row, min_size=1, max_size=4))


@settings(max_examples=150, deadline=None)
@given(forms())
def test_vectorised_scores_equal_those_by_hand(case: tuple[Instrument, list[list[float]]]) -> None:
    instrument, rows = case
    found = score_items(pd.DataFrame(rows), instrument)
    for index, answers in enumerate(rows):
        for scale in instrument.scales:
            expected = by_hand(answers, instrument, scale)
            got = found[scale].iloc[index]
            assert (expected is None) == bool(np.isnan(got))
            assert expected is None or got == pytest.approx(expected, rel=1e-12)
            assert (found[f"{scale}_reason"].iloc[index] is None) == (expected is not None)


@settings(max_examples=50, deadline=None)
@given(forms())
def test_a_form_s_score_does_not_depend_on_its_neighbours(
    case: tuple[Instrument, list[list[float]]],
) -> None:
    instrument, rows = case
    together = score_items(pd.DataFrame(rows), instrument)
    alone = pd.concat([score_items(pd.DataFrame([row]), instrument) for row in rows])
    pd.testing.assert_frame_equal(together, alone.reset_index(drop=True))


@settings(max_examples=50, deadline=None)
@given(forms())
def test_reversing_every_answer_mirrors_a_complete_total(
    case: tuple[Instrument, list[list[float]]],
) -> None:
    instrument, rows = case
    if instrument.total is None or instrument.total.table:
        return
    ends = instrument.scale.minimum + instrument.scale.maximum
    raw = pd.DataFrame(rows).fillna(instrument.scale.minimum)
    times = instrument.total.factor * (
        1 if instrument.total.method == "mean" else instrument.n_items
    )
    sums = score_items(raw, instrument)["total"] + score_items(ends - raw, instrument)["total"]
    assert sums.to_numpy() == pytest.approx(ends * times)


def test_a_mean_of_a_rounded_sum_is_divided_by_all_items() -> None:
    # Nine answers of 3 and one of 2, one of the threes missing: 26 / 9 · 10 = 28.9 → 29; 29 / 10.
    total = CATALOGUE["k10"].total
    assert total is not None
    means = CATALOGUE["k10"].model_copy(
        update={"total": total.model_copy(update={"method": "mean"})}
    )
    answers = pd.DataFrame([[2.0, *[3.0] * 8, np.nan]])
    assert score_items(answers, means)["total"].tolist() == [2.9]
