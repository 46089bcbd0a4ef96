"""Drift: a month held against the clinic's own earlier months, each kind of rule by one story."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from expectations.intake import Intake, take_in
from expectations.rules.drift import history_kinds
from rapport.clinics import Registry
from rapport.instruments import Instrument
from tests.expectations.histories import (
    NOW,
    WAIS,
    Story,
    answers_through,
    clinic_of,
    files_of,
    in_share,
)
from tests.expectations.small_clinic import ITEMS, Rows

PHQ, WAI = "phq-9.patient", "wai-sr-t.therapist"


def half(rows: Rows) -> Rows:
    return rows[: len(rows) // 3]


def without_phq(rows: Rows) -> Rows:
    return in_share(0.5, **dict.fromkeys(ITEMS, ""))(rows)


def straight(rows: Rows) -> Rows:
    return [
        row | dict.fromkeys(ITEMS, str(place % 4)) if place % 3 == 0 else row
        for place, row in enumerate(rows)
    ]


def moved_up(answer: int) -> str:
    return str(answer + 1)


def milder(rows: Rows) -> Rows:
    """Two of three answers to the PHQ-9 one lower: more than chance, and no other coding."""
    return [
        row
        | {
            name: str(max(int(row[name]) - ((place + item) % 3 > 0), 0))
            for item, name in enumerate(ITEMS)
        }
        for place, row in enumerate(rows)
    ]


def alike(rows: Rows) -> Rows:
    """Therapists' answers drawn to the middle of the scale, as a form with three answers would."""
    return answers_through(lambda answer: str(min(max(answer, 3), 4)), WAIS)(rows)


def turned(item: str, lowest: int, highest: int) -> Any:  # noqa: ANN401 - a function
    return answers_through(lambda answer: str(lowest + highest - answer), [item])


STORIES: Mapping[str, tuple[Story, set[str]]] = {
    "as-ever": (Story(), set()),
    "a-third-of-the-sessions": (Story(half), {"SESSIONS_USUAL"}),
    "many-missed": (
        Story(in_share(0.25, att="0", **dict.fromkeys([*ITEMS, *WAIS], ""))),
        {"ATTENDED_USUAL", f"FORM_RATE_USUAL[{PHQ}]", f"FORM_RATE_USUAL[{WAI}]"},
    ),
    "more-refused": (
        Story(in_share(0.10, phq3="9"), changes={"thresholds": {"REFUSED_SHARE": 0.2}}),
        {"REFUSED_USUAL"},
    ),
    "more-strangers": (
        Story(in_share(0.10, ther="T9"), changes={"thresholds": {"REFUSED_SHARE": 0.2}}),
        {"REFUSED_USUAL", "STRANGERS_USUAL"},
    ),
    "half-of-the-forms": (Story(without_phq), {f"FORM_RATE_USUAL[{PHQ}]"}),
    "answers-left-open": (
        Story(in_share(0.5, phq2="", phq5="")),
        {
            f"MISSING_USUAL[{PHQ}]",
            f"ITEM_MISSING_USUAL[{PHQ}.02]",
            f"ITEM_MISSING_USUAL[{PHQ}.05]",
        },
    ),
    "straight-lines": (Story(straight), {f"STRAIGHT_USUAL[{PHQ}]"}),
    "milder-answers": (Story(milder, sessions=150), {f"LEVEL_USUAL[{PHQ}]"}),
    "answers-alike": (Story(alike), {f"SPREAD_USUAL[{WAI}]"}),
    "an-item-replaced": (
        Story(answers_through(lambda _: "3", ["phq9"])),
        {f"ITEM_LEVEL_USUAL[{PHQ}.09]", f"ITEM_VARIES[{PHQ}.09]"},
    ),
    "an-item-turned-before": (
        Story(before=turned("phq4", 0, 3)), {f"ITEM_REVERSED[{PHQ}.04]"},
    ),
    "coded-from-one": (
        Story(
            answers_through(moved_up),
            sessions=150,
            changes={"thresholds": {"REFUSED_SHARE": 1, "SESSIONS_USUAL": 99}},
        ),
        {f"CODING_KEPT[{PHQ}]"},
    ),
    "turned-round": (
        Story(answers_through(lambda answer: str(6 - answer), WAIS)), {f"CODING_KEPT[{WAI}]"},
    ),
}  # fmt: skip
"""Name → a clinic's story, and the rules about drift and items that must be broken (others that
follow from them may be)."""

FOLLOWS = {
    "coded-from-one": {"REFUSED_USUAL", "LEVEL_USUAL", "SPREAD_USUAL", "ITEM_LEVEL_USUAL"},
    "turned-round": {"LEVEL_USUAL", "ITEM_LEVEL_USUAL", "SPREAD_USUAL"},
    "milder-answers": {"ITEM_LEVEL_USUAL", "SPREAD_USUAL"},
    "answers-alike": {"ITEM_LEVEL_USUAL", "ITEM_REVERSED", "LEVEL_USUAL", "STRAIGHT_USUAL"},
    "an-item-turned-before": {"ITEM_LEVEL_USUAL", "STRAIGHT_USUAL"},
    "an-item-replaced": {"SPREAD_USUAL", "LEVEL_USUAL"},
    "straight-lines": {"SPREAD_USUAL"},
}
"""What may break too, because one fault has several faces."""


def taken(stories: Mapping[str, Story], catalogue: Mapping[str, Instrument]) -> Intake:
    return take_in(
        [one for name, story in stories.items() for one in files_of(name, story)],
        registry=Registry({name: clinic_of(name, story) for name, story in stories.items()}, "0"),
        catalogue=catalogue,
    )


@pytest.fixture(scope="module")
def months(catalogue: Mapping[str, Instrument]) -> Intake:
    return taken({name: story for name, (story, _) in STORIES.items()}, catalogue)


def result_of(intake: Intake, name: str, month: str = NOW) -> dict[str, Any]:
    verdicts = intake.verdicts
    (found,) = verdicts[(verdicts.clinic_id == name) & (verdicts.month == month)].result_json
    told: dict[str, Any] = json.loads(found)
    return told


def checks_of(intake: Intake, name: str, month: str = NOW) -> dict[str, dict[str, Any]]:
    suite = "accepted_slices/"
    rules = result_of(intake, name, month)["rules"]
    return {key.removeprefix(suite): one for key, one in rules.items() if key.startswith(suite)}


HISTORY = {rule.id for rule in history_kinds()}
ALSO = {"ITEM_VARIES", "ITEM_MISSING", "ITEM_CONTRARY"}


@pytest.mark.parametrize("name", STORIES)
def test_a_month_unlike_the_clinic_s_own_breaks_the_rule_that_says_how(
    name: str, months: Intake
) -> None:
    wanted = STORIES[name][1]
    broken = {key for key, one in checks_of(months, name).items() if one["state"] == "broken"}
    own = {key for key in broken if key.split("[")[0] in HISTORY | ALSO}
    assert wanted <= own
    assert {key.split("[")[0] for key in own - wanted} <= FOLLOWS.get(name, set())


@pytest.mark.parametrize("name", STORIES)
def test_the_months_before_break_nothing(name: str, months: Intake) -> None:
    for month in sorted(set(months.verdicts.month) - {NOW}):
        broken = {
            k for k, one in checks_of(months, name, month).items() if one["state"] == "broken"
        }
        assert {key for key in broken if key.split("[")[0] in HISTORY} == set()


def test_every_kind_of_rule_about_drift_holds_where_nothing_changed(months: Intake) -> None:
    held = {k.split("[")[0] for k, one in checks_of(months, "as-ever").items()
            if one["state"] == "holds"}  # fmt: skip
    assert held >= HISTORY


def test_only_another_coding_closes_the_gate(months: Intake) -> None:
    verdicts = months.verdicts[months.verdicts.month == NOW].set_index("clinic_id").verdict
    assert set(verdicts[verdicts != "passed"].index) == {"coded-from-one", "turned-round"}
    assert result_of(months, "coded-from-one")["decided_by"] == [f"CODING_KEPT[{PHQ}]"]


def test_a_broken_level_says_where_it_is_and_where_it_usually_is(months: Intake) -> None:
    one = checks_of(months, "a-third-of-the-sessions")["SESSIONS_USUAL"]
    assert one["now"] == 20
    assert one["low"] > 20
    assert one["low"] < 60 < one["high"]
    assert one["measured"] > one["limit"] == 3.5


def test_a_limit_of_the_clinic_s_own_holds(catalogue: Mapping[str, Instrument]) -> None:
    patient = Story(half, changes={"thresholds": {"SESSIONS_USUAL": 50}})
    checks = checks_of(taken({"patient": patient}, catalogue), "patient")
    assert checks["SESSIONS_USUAL"]["state"] == "holds"
    assert checks["SESSIONS_USUAL"]["limit"] == 50


def test_with_too_short_a_past_drift_is_not_applicable_and_has_not_held(
    catalogue: Mapping[str, Instrument],
) -> None:
    own = {"thresholds": {"HISTORY_MONTHS": 5}}
    stories = {
        "five": Story(half, n_past=5),
        "six": Story(half, n_past=6),
        "own": Story(half, n_past=5, changes=own),
    }
    found = taken(stories, catalogue)
    of_five = checks_of(found, "five")
    states = {one["state"] for key, one in of_five.items() if key.split("[")[0] in HISTORY}
    assert states == {"not_applicable"}
    assert checks_of(found, "six")["SESSIONS_USUAL"]["state"] == "broken"
    assert checks_of(found, "own")["SESSIONS_USUAL"]["state"] == "broken"


def test_a_month_that_did_not_pass_is_no_past(catalogue: Mapping[str, Instrument]) -> None:
    """Seven earlier months, two of them refused for nothing but strangers: five are left."""
    story = Story(half, n_past=7)
    files = files_of("clinic", story)
    for place in (0, 3):
        other = files[place].content.replace(b",T1,", b",X1,").replace(b",T2,", b",X2,")
        files[place] = type(files[place])(
            "clinic", files[place].month, files[place].export_id, files[place].file, other
        )
    found = take_in(
        files,
        registry=Registry({"clinic": clinic_of("clinic", story)}, "0"),
        catalogue=catalogue,
    )
    assert checks_of(found, "clinic")["SESSIONS_USUAL"]["state"] == "not_applicable"


def test_after_another_coding_was_refused_it_is_refused_again(
    catalogue: Mapping[str, Instrument],
) -> None:
    """The month that was refused is no past of the next, so that a fault cannot become usual."""
    story = Story(answers_through(lambda answer: str(6 - answer), WAIS))
    files = files_of("clinic", story)
    again = files[-1].content.replace(NOW.encode(), b"2025-10")
    files.append(type(files[-1])("clinic", "2025-10", "sessions", "sessions_2025-10.csv", again))
    found = take_in(
        files,
        registry=Registry({"clinic": clinic_of("clinic", story)}, "0"),
        catalogue=catalogue,
    )
    verdicts = found.verdicts.set_index("month").verdict
    assert verdicts[[NOW, "2025-10"]].tolist() == ["failed", "failed"]


def few_phq(n_forms: int) -> Any:  # noqa: ANN401 - a function
    def spoil(rows: Rows) -> Rows:
        empty = dict.fromkeys(ITEMS, "")
        return [row if place < n_forms else row | empty for place, row in enumerate(rows)]

    return spoil


def test_a_form_that_is_rare_may_be_missing_for_a_month(
    catalogue: Mapping[str, Instrument],
) -> None:
    stories = {
        "rare": Story(few_phq(0), before=few_phq(4)),
        "rare-and-seen": Story(few_phq(1), before=few_phq(4)),
        "usual": Story(few_phq(0), before=few_phq(5)),
        "new": Story(few_phq(0), before=few_phq(4), n_past=5),
        "stated": Story(few_phq(0), before=few_phq(4),
                        changes={"thresholds": {f"FORM_PRESENT[{PHQ}]": 1}}),
        "other": Story(few_phq(0), before=few_phq(4), changes={"thresholds": {"FORM_USUAL": 3}}),
    }  # fmt: skip
    found = taken(stories, catalogue)
    states = {
        name: tuple(
            checks_of(found, name)[f"{rule}[{PHQ}]"]["state"]
            for rule in ("FORM_PRESENT", "FORM_SEEN")
        )
        for name in stories
    }
    assert states == {
        "rare": ("not_applicable", "broken"),
        "rare-and-seen": ("not_applicable", "holds"),
        "usual": ("broken", "not_applicable"),
        "new": ("broken", "not_applicable"),
        "stated": ("broken", "not_applicable"),
        "other": ("broken", "not_applicable"),
    }
    verdicts = found.verdicts[found.verdicts.month == NOW].set_index("clinic_id").verdict
    assert verdicts["rare"] == "passed"
    assert verdicts["usual"] == "failed"
