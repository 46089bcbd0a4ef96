"""Rules asked of each row of an export, before anything in it becomes a number.

A row that breaks a critical one is refused whole and put into quarantine. Facts (``fact.…``) are
found out by ``rapport.exports.facts``; vocabularies and allowed answers are asked directly.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from expectations.demands import Among
from expectations.rule import Rule
from expectations.rules.row_keys import KEY_RULES
from expectations.rules.row_rule import YES, row_rule
from rapport.clinics.mapping import ATTENDANCES, ENDINGS, SESSION_MODES
from rapport.errors import Fault, SettingsError

if TYPE_CHECKING:
    from rapport.clinics import FormMapping
    from rapport.instruments import Instrument

ROW_RULES = (
    row_rule(
        "FIELDS_COMPLETE",
        "fact.fields_complete",
        YES,
        asks="Does the row have exactly as many fields as the header?",
        rationale="In a short or long row, answers may stand under the wrong question.",
        remedy="Look for a line break or an unquoted delimiter in this row, then export again.",
        needs_answer=True,
    ),
    *KEY_RULES,
    row_rule(
        "DATE_READABLE",
        "fact.date_readable",
        YES,
        asks="Is the date written in one of the declared formats, and does that day exist?",
        rationale="A guessed date may put the session into another month.",
        remedy=(
            "Correct the date, or add its format to `dates` of this export in clinics.yaml. In "
            "FHIR, a response counts as dated once its status is completed or amended."
        ),
    ),
    row_rule(
        "DATE_IN_MONTH",
        "fact.date_in_month",
        YES,
        asks="Does the session lie in the month the file was sent for?",
        rationale="Each session counts once, in its own month.",
        remedy="Send the row with the file of its own month; a corrected file makes a new edition.",
    ),
    row_rule(
        "DATE_NOT_FUTURE",
        "fact.date_not_future",
        YES,
        asks="Is the session not later than the month's last day?",
        rationale="A session that has not taken place has no answers.",
        remedy="Correct the date in the survey tool.",
    ),
    row_rule(
        "DATE_NOT_BEFORE_START",
        "fact.date_not_before_start",
        YES,
        asks="Is the session not earlier than the clinic's first month?",
        rationale="Earlier data was never agreed, and often is a mistyped year.",
        remedy="Correct the date, or set `first_month` of the clinic in clinics.yaml.",
    ),
    row_rule(
        "DATE_NOT_AFTER_END",
        "fact.date_not_after_end",
        YES,
        asks="Is the session not later than the clinic's last month?",
        rationale="A clinic that merged, split or closed sees nobody any more.",
        remedy=(
            "Send the row from the clinic that the patient is seen in now, or correct `last_month` "
            "in clinics.yaml."
        ),
    ),
    row_rule(
        "ENDING_IN_ORDER",
        "fact.ending_in_order",
        YES,
        asks="Does no session before the end of treatment have a later date than the end?",
        rationale=(
            "A treatment that ends before its own sessions has a wrong date, or a number that "
            "began anew: first and last score would be exchanged."
        ),
        remedy=(
            "Correct date or number of the session; a second course of treatment needs an "
            "`episode` of its own."
        ),
    ),
    row_rule(
        "THERAPIST_IN_TERM",
        "fact.therapist_in_term",
        YES,
        asks="Did the therapist work in this clinic on the day of the session?",
        rationale=(
            "A therapist who has left, or has not come yet, is a mistyped id, or somebody else who "
            "was given the same one."
        ),
        remedy=(
            "Correct therapist or date; for a colleague who came or left on another day, correct "
            "`terms` in clinics.yaml."
        ),
    ),
    row_rule(
        "SESSION_CONSISTENT",
        "fact.session_consistent",
        YES,
        asks="Do all rows about this session agree on therapist, date, mode, attendance and what "
        "is known of the patient?",
        rationale="If two rows contradict each other, nobody can say which one is right.",
        remedy="Make the rows of the session agree in the survey tool, then export again.",
    ),
    row_rule(
        "SESSION_ATTENDED",
        "fact.session_attended",
        YES,
        asks="Did the session take place, if there are answers about it?",
        rationale="Answers to a cancelled session belong to another one.",
        remedy="Correct the attendance, or the session number of the answers.",
    ),
    row_rule(
        "ANSWERS_PLACED",
        "fact.answers_placed",
        YES,
        asks="Do all answers stand on rows where their form is looked for?",
        rationale="Answers on a row where nobody reads them would be lost without a word.",
        remedy="Enter the answers under the right event, or correct `where` in clinics.yaml.",
    ),
    row_rule(
        "TOTAL_MATCHES",
        "fact.total_matches",
        YES,
        asks="Does the clinic's own total equal the sum of the answers?",
        rationale="If the two differ, at least one answer, or the coding, is wrong.",
        remedy="Compare the row with the questionnaire; check the coding in `codes` of the form.",
    ),
    row_rule(
        "MODE_KNOWN",
        "mode",
        Among(SESSION_MODES),
        asks="Is the session's mode a declared code?",
        rationale="An unknown code cannot be counted as in person or video.",
        remedy="Correct the code, or declare it under `mode.codes` in clinics.yaml.",
    ),
    row_rule(
        "ATTENDANCE_KNOWN",
        "attendance",
        Among(ATTENDANCES),
        asks="Is the attendance a declared code?",
        rationale="Whether the session took place decides what it counts for.",
        remedy="Correct the code, or declare it under `attendance.codes` in clinics.yaml.",
    ),
    row_rule(
        "ENDING_KNOWN",
        "ending",
        Among(ENDINGS),
        asks="Is the way in which the treatment ended a declared code?",
        rationale="Finished treatments and drop-outs are different outcomes.",
        remedy="Correct the code, or declare it under `ending.codes` in clinics.yaml.",
    ),
    row_rule(
        "KIND_KNOWN",
        "kind",
        Among(("session", "record", "broken")),
        asks="Is it known what the row describes?",
        rationale="A row that is neither a session nor a patient's record cannot be used.",
        remedy="Check `record_rows` and `test_rows` of this export in clinics.yaml.",
        needs_answer=True,
    ),
)
"""The rules that are asked of every row, whatever forms it holds."""

ANSWER_ALLOWED = row_rule(
    "ANSWER_ALLOWED",
    "",
    Among(()),
    asks="Is the answer one that the questionnaire allows?",
    rationale=(
        "An answer outside the scale is a typing error or another coding, and never just missing."
    ),
    remedy="Correct the answer, or declare the coding (`codes`, `missing_codes`) in clinics.yaml.",
)
"""One rule an item, ``ANSWER_ALLOWED[<form>.<item>]``, resolved by :func:`answer_rules`."""

COVARIATE_DECLARED = row_rule(
    "COVARIATE_DECLARED",
    "",
    YES,
    asks="Is what is known of the patient a declared code, or a number within the declared range?",
    rationale="A mistyped age or an unknown code would be held equal to what it is not.",
    remedy="Correct the value, or its codes or range under `covariates` in clinics.yaml.",
)
"""One rule a covariate, ``COVARIATE_DECLARED[age]``, resolved by :func:`covariate_rules`."""


def covariate_rules(names: Iterable[str]) -> tuple[Rule, ...]:
    """Return one rule for each covariate, by name."""
    return tuple(
        COVARIATE_DECLARED.at(name, f"fact.covariate.{name}") for name in sorted(set(names))
    )


def instrument_of(form: "FormMapping", catalogue: Mapping[str, "Instrument"]) -> "Instrument":
    """Return the instrument of a form.

    Raises:
        SettingsError: The catalogue does not hold it.
    """
    found = catalogue.get(form.instrument)
    if found is None:
        raise SettingsError(
            Fault(
                "UNKNOWN_INSTRUMENT",
                f"The instrument {form.instrument!r} of a form is not in the catalogue.",
                "Correct its id in clinics.yaml; `rapport instruments` lists the known ones.",
                column=form.key,
            )
        )
    return found


def answer_rules(
    forms: Iterable["FormMapping"], catalogue: Mapping[str, "Instrument"]
) -> tuple[Rule, ...]:
    """Return one rule for each item of each form, each with that item's own scale.

    Raises:
        SettingsError: An instrument is not in the catalogue.
    """
    found: dict[str, Rule] = {}
    for form in forms:
        instrument = instrument_of(form, catalogue)
        for item in range(1, instrument.n_items + 1):
            column = f"{form.key}.{item:02d}"
            allowed = Among(tuple(instrument.allowed_answers(item)))
            found.setdefault(column, ANSWER_ALLOWED.at(column, column, allowed))
    return tuple(found.values())
