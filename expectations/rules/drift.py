"""Rules that hold a clinic-month against the clinic's own earlier months.

Each asks how far a measure lies from where it usually is, in *spreads*: the month-to-month spread
of the clinic's own passed months, or what chance alone would do with so few forms, whichever is
larger (``expectations.levels``). The limit is a number of spreads. A clinic without enough earlier
months is not asked: the rule is then ``not_applicable``, and never holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from expectations.demands import AtMost
from expectations.rule import Rule, Severity, Suite
from expectations.rules.items import parts_of

if TYPE_CHECKING:
    from rapport.instruments import Instrument


class Chance(StrEnum):
    """What chance does to a measure, which is the least spread that it is given."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"
    SPREAD = "spread"


class Per(StrEnum):
    """Of what there is one measure a clinic-month."""

    CLINIC = "clinic"
    FORM = "form"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of rule about a level.

    Attributes:
        rule: The rule; its column is the distance, in spreads.
        measure: What is compared with its past.
        per: Of what there is one.
        chance: What chance does to it.
        among: The measure that says how many rows, sessions or forms it rests on.
        is_one_sided: Whether only a rise is asked about.
    """

    rule: Rule
    measure: str
    per: Per
    chance: Chance
    among: str
    is_one_sided: bool = False

    @property
    def distance(self) -> str:
        """Name of the measure of distance, in spreads."""
        return f"{self.measure}_distance"


def _usual(
    rule_id: str,
    threshold: float,
    *,
    asks: str,
    rationale: str,
    remedy: str,
    is_critical: bool = False,
    column: str = "",
) -> Rule:
    return Rule(
        id=rule_id,
        suite=Suite.ACCEPTED_SLICES,
        severity=Severity.CRITICAL if is_critical else Severity.WARNING,
        asks=asks,
        rationale=rationale,
        remedy=remedy,
        column=column,
        demand=AtMost(),
        threshold=threshold,
    )


_NEWS = "If nothing was changed in tool, export or clinics.yaml, this is news for the team."

LEVELS = (
    Level(
        _usual(
            "SESSIONS_USUAL",
            3.5,
            asks="Are there about as many sessions as in the clinic's other months?",
            rationale="Part of an export passes for a quiet month, a doubled one for a busy one.",
            remedy=f"Check the date range and the filters of the export. {_NEWS}",
        ),
        "sessions_accepted", Per.CLINIC, Chance.COUNT, "sessions_accepted",
    ),
    Level(
        _usual(
            "ATTENDED_USUAL",
            4.0,
            asks="Did the usual share of sessions take place?",
            rationale="A sudden change is seldom the patients', and often a code's.",
            remedy=f"Check the attendance codes in clinics.yaml. {_NEWS}",
        ),
        "attended_share", Per.CLINIC, Chance.SHARE, "sessions_accepted",
    ),
    Level(
        _usual(
            "REFUSED_USUAL",
            3.0,
            asks="Is the share of refused rows no larger than usual?",
            rationale="A jump in refusals shows that something in the export changed this month.",
            remedy="Mend what the quarantine names, most frequent rule first.",
        ),
        "refused_share", Per.CLINIC, Chance.SHARE, "rows_received", is_one_sided=True,
    ),
    Level(
        _usual(
            "STRANGERS_USUAL",
            3.0,
            asks="Is the share of rows with an unknown therapist no larger than usual?",
            rationale="Many new therapist ids at once are a new spelling, or a new team.",
            remedy="Add the new therapists to clinics.yaml, or restore the ids' old spelling.",
        ),
        "strangers_share", Per.CLINIC, Chance.SHARE, "rows_received", is_one_sided=True,
    ),
    Level(
        _usual(
            "FORM_RATE_USUAL",
            4.0,
            asks="Was the form filled in as often as usual, for so many sessions?",
            rationale="A form that is suddenly rare was lost on its way, or is not handed out.",
            remedy=f"Check the form's columns and filters in the export. {_NEWS}",
        ),
        "form_rate", Per.FORM, Chance.SHARE, "sessions_accepted",
    ),
    Level(
        _usual(
            "MISSING_USUAL",
            4.0,
            asks="Are no more answers missing from the form than usual?",
            rationale="A jump in missing answers is a change in the tool, not in the patients.",
            remedy="Ask what was changed in the survey tool; make the items mandatory again.",
        ),
        "missing_level", Per.FORM, Chance.SHARE, "administrations", is_one_sided=True,
    ),
    Level(
        _usual(
            "STRAIGHT_USUAL",
            4.0,
            asks="Do no more forms than usual have the same answer throughout?",
            rationale="A jump shows that forms are ticked off, or filled in by a machine.",
            remedy="Talk about how and when the form is filled in; look for default answers.",
        ),
        "straight_level", Per.FORM, Chance.SHARE, "administrations", is_one_sided=True,
    ),
    Level(
        _usual(
            "LEVEL_USUAL",
            3.5,
            asks="Is the average score of the form where it usually is?",
            rationale="Averages of a clinic move slowly; a jump is more often coding than change.",
            remedy=f"Compare a few forms with the survey tool, answer by answer. {_NEWS}",
        ),
        "form_mean", Per.FORM, Chance.MEAN, "form_mean_error",
    ),
    Level(
        _usual(
            "SPREAD_USUAL",
            3.5,
            asks="Do the scores of the form differ from each other as much as usual?",
            rationale="Scores that suddenly are alike, or far apart, come from another coding.",
            remedy=f"Compare a few forms with the survey tool, answer by answer. {_NEWS}",
        ),
        "form_spread", Per.FORM, Chance.SPREAD, "form_spread_error",
    ),
    Level(
        _usual(
            "ITEM_MISSING_USUAL",
            4.5,
            asks="Is the item left open no more often than usual?",
            rationale="An item that is suddenly skipped has been moved, renamed or made optional.",
            remedy="Look at this item in the survey tool; make it mandatory again.",
        ),
        "item_missing_share", Per.ITEM, Chance.SHARE, "administrations", is_one_sided=True,
    ),
    Level(
        _usual(
            "ITEM_LEVEL_USUAL",
            4.5,
            asks="Is the average answer to the item where it usually is?",
            rationale="If one item jumps and the others do not, its column holds something else.",
            remedy="Compare this item's column and codes with the survey tool.",
        ),
        "item_mean", Per.ITEM, Chance.MEAN, "item_mean_error",
    ),
)  # fmt: skip
"""Kinds of rule about a measure's distance from where the clinic's own months have it."""

ITEM_REVERSED = _usual(
    "ITEM_REVERSED",
    5.0,
    asks="Does the item go with or against the other items as it always did?",
    rationale="An item whose relation to the others changes its sign is now coded the other way.",
    remedy="Check the direction of this item's codes, here and in the earlier months.",
)
"""One rule an item: how surely its correlation with the rest has another sign than before."""

CODING_KEPT = _usual(
    "CODING_KEPT",
    6.0,
    asks="Are the answers coded as before, and not all moved by one?",
    rationale=(
        "If 0–3 is exported as 1–4, every score is wrong, and most answers still look allowed."
    ),
    remedy=(
        "Compare the coding of the form in the survey tool with `codes` in clinics.yaml, and send "
        "the file again."
    ),
    is_critical=True,
)
"""One rule a form: powers of ten by which "moved by one" is likelier than "as before"."""

ITEM_HISTORY_RULES: Mapping[str, Rule] = {"item_turned": ITEM_REVERSED}
FORM_HISTORY_RULES: Mapping[str, Rule] = {"answers_moved": CODING_KEPT}


def level_parts(
    level: Level, forms: Iterable[str], catalogue: Mapping[str, "Instrument"]
) -> tuple[str, ...]:
    """Return the parts of a level's measure: ``""`` for a clinic, forms, or items of forms."""
    if level.per is Per.CLINIC:
        return ("",)
    if level.per is Per.FORM:
        return tuple(dict.fromkeys(forms))
    return tuple(part for form in dict.fromkeys(forms) for part in parts_of(form, catalogue))


def named(measure: str, part: str) -> str:
    """Return the column of a measure of one part."""
    return f"{measure}.{part}" if part else measure


def level_rules(forms: Iterable[str], catalogue: Mapping[str, "Instrument"]) -> tuple[Rule, ...]:
    """Return the rules about levels, resolved for the clinic, each form and each item."""
    own = tuple(dict.fromkeys(forms))
    return tuple(
        level.rule.at(part, named(level.distance, part))
        for level in LEVELS
        for part in level_parts(level, own, catalogue)
    )


def history_kinds() -> tuple[Rule, ...]:
    """Return every kind of rule that needs earlier months, as the catalogue lists it."""
    parts = {Per.CLINIC: "", Per.FORM: "<form>", Per.ITEM: "<form>.<item>"}
    levels = (
        level.rule.at(parts[level.per], named(level.distance, parts[level.per])) for level in LEVELS
    )
    items = (kind.at("<form>.<item>", f"{name}.<form>.<item>")
             for name, kind in ITEM_HISTORY_RULES.items())  # fmt: skip
    forms = (kind.at("<form>", f"{name}.<form>") for name, kind in FORM_HISTORY_RULES.items())
    return (*levels, *items, *forms)
