"""Rules asked of each row of an export, before anything in it becomes a number.

A row that breaks a critical one is refused whole and put into quarantine. Facts (``fact.…``) are
found out by ``rapport.exports.facts``; vocabularies and allowed answers are asked directly.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from expectations.demands import Among, Written
from expectations.rule import Demand, Rule, Severity, Suite
from rapport.clinics.mapping import ATTENDANCES, ENDINGS, SESSION_MODES
from rapport.errors import Fault, SettingsError

if TYPE_CHECKING:
    from rapport.clinics import FormMapping
    from rapport.instruments import Instrument

_YES = Among(("yes",))
_SHORT = Written(r"(?s:.){1,64}", "1 to 64 characters long")


def _row_rule(
    rule_id: str,
    column: str,
    demand: Demand,
    *,
    asks: str,
    rationale: str,
    remedy: str,
    needs_answer: bool = False,
) -> Rule:
    return Rule(
        id=rule_id,
        suite=Suite.EXPORT_ROWS,
        severity=Severity.CRITICAL,
        asks=asks,
        rationale=rationale,
        remedy=remedy,
        column=column,
        demand=demand,
        needs_answer=needs_answer,
    )


ROW_RULES = (
    _row_rule(
        "FIELDS_COMPLETE",
        "fact.fields_complete",
        _YES,
        asks="Does the row have exactly as many fields as the header?",
        rationale="In a short or long row, answers may stand under the wrong question.",
        remedy="Look for a line break or an unquoted delimiter in this row, then export again.",
        needs_answer=True,
    ),
    _row_rule(
        "PATIENT_GIVEN",
        "fact.patient_given",
        _YES,
        asks="Is there a patient id?",
        rationale="Answers of nobody cannot be followed from session to session.",
        remedy="Fill in the patient's pseudonym in the survey tool.",
    ),
    _row_rule(
        "PATIENT_ID_SHORT",
        "patient",
        _SHORT,
        asks="Is the patient id at most 64 characters long?",
        rationale="A longer text is a note or a name, and no pseudonym.",
        remedy="Put the patient's pseudonym there, and the note where notes belong.",
    ),
    _row_rule(
        "THERAPIST_GIVEN",
        "fact.therapist_given",
        _YES,
        asks="Is there a therapist id?",
        rationale="Alliance belongs to two people; without the therapist it is nobody's.",
        remedy="Fill in the therapist in the survey tool.",
    ),
    _row_rule(
        "THERAPIST_REGISTERED",
        "fact.therapist_registered",
        _YES,
        asks="Is the therapist in the clinic's registry entry?",
        rationale="An unknown id is a typing error, a new colleague, or somebody else's patient.",
        remedy=(
            "Correct the id, or add the new therapist to `therapists` of the clinic in "
            "clinics.yaml."
        ),
    ),
    _row_rule(
        "CLINIC_MATCHES",
        "fact.clinic_matches",
        _YES,
        asks="Does the row say that it belongs to this clinic?",
        rationale="A row of another clinic must not be counted here.",
        remedy="Correct the clinic's code in the row, or export this clinic alone.",
    ),
    _row_rule(
        "SESSION_READABLE",
        "fact.session_readable",
        _YES,
        asks="Is the session a whole number from 0 to 9999?",
        rationale="Sessions are put in order by it.",
        remedy="Correct the session number in the survey tool.",
    ),
    _row_rule(
        "DATE_READABLE",
        "fact.date_readable",
        _YES,
        asks="Is the date written in one of the declared formats, and does that day exist?",
        rationale="A guessed date may put the session into another month.",
        remedy="Correct the date, or add its format to `dates` of this export in clinics.yaml.",
    ),
    _row_rule(
        "DATE_IN_MONTH",
        "fact.date_in_month",
        _YES,
        asks="Does the session lie in the month the file was sent for?",
        rationale="Each session counts once, in its own month.",
        remedy="Send the row with the file of its own month; a corrected file makes a new edition.",
    ),
    _row_rule(
        "DATE_NOT_FUTURE",
        "fact.date_not_future",
        _YES,
        asks="Is the session not later than the month's last day?",
        rationale="A session that has not taken place has no answers.",
        remedy="Correct the date in the survey tool.",
    ),
    _row_rule(
        "DATE_NOT_BEFORE_START",
        "fact.date_not_before_start",
        _YES,
        asks="Is the session not earlier than the clinic's first month?",
        rationale="Earlier data was never agreed, and often is a mistyped year.",
        remedy="Correct the date, or set `first_month` of the clinic in clinics.yaml.",
    ),
    _row_rule(
        "KEY_UNIQUE",
        "fact.key_unique",
        _YES,
        asks="Is this the only content for this patient, episode and session?",
        rationale="Of two different rows about one session, nobody can say which one is right.",
        remedy="Delete the wrong one, or number the sessions apart, then export again.",
    ),
    _row_rule(
        "SESSION_CONSISTENT",
        "fact.session_consistent",
        _YES,
        asks="Do all rows about this session agree on therapist, date, mode and attendance?",
        rationale="If two rows contradict each other, nobody can say which one is right.",
        remedy="Make the rows of the session agree in the survey tool, then export again.",
    ),
    _row_rule(
        "SESSION_ATTENDED",
        "fact.session_attended",
        _YES,
        asks="Did the session take place, if there are answers about it?",
        rationale="Answers to a cancelled session belong to another one.",
        remedy="Correct the attendance, or the session number of the answers.",
    ),
    _row_rule(
        "ANSWERS_PLACED",
        "fact.answers_placed",
        _YES,
        asks="Do all answers stand on rows where their form is looked for?",
        rationale="Answers on a row where nobody reads them would be lost without a word.",
        remedy="Enter the answers under the right event, or correct `where` in clinics.yaml.",
    ),
    _row_rule(
        "EPISODE_SHORT",
        "episode",
        _SHORT,
        asks="Is the episode at most 64 characters long?",
        rationale="A longer text is a note, and no number of a course of treatment.",
        remedy="Number the patient's courses of treatment: 1, 2, 3.",
    ),
    _row_rule(
        "TEXT_CLEAN",
        "fact.text_clean",
        _YES,
        asks="Are the keys free of hidden characters and of spaces at either end?",
        rationale="Hidden characters make two patients out of one.",
        remedy="Type the key again in the survey tool, without spaces before or after it.",
    ),
    _row_rule(
        "TOTAL_MATCHES",
        "fact.total_matches",
        _YES,
        asks="Does the clinic's own total equal the sum of the answers?",
        rationale="If the two differ, at least one answer, or the coding, is wrong.",
        remedy="Compare the row with the questionnaire; check the coding in `codes` of the form.",
    ),
    _row_rule(
        "MODE_KNOWN",
        "mode",
        Among(SESSION_MODES),
        asks="Is the session's mode a declared code?",
        rationale="An unknown code cannot be counted as in person or video.",
        remedy="Correct the code, or declare it under `mode.codes` in clinics.yaml.",
    ),
    _row_rule(
        "ATTENDANCE_KNOWN",
        "attendance",
        Among(ATTENDANCES),
        asks="Is the attendance a declared code?",
        rationale="Whether the session took place decides what it counts for.",
        remedy="Correct the code, or declare it under `attendance.codes` in clinics.yaml.",
    ),
    _row_rule(
        "ENDING_KNOWN",
        "ending",
        Among(ENDINGS),
        asks="Is the way in which the treatment ended a declared code?",
        rationale="Finished treatments and drop-outs are different outcomes.",
        remedy="Correct the code, or declare it under `ending.codes` in clinics.yaml.",
    ),
    _row_rule(
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

ANSWER_ALLOWED = _row_rule(
    "ANSWER_ALLOWED",
    "",
    Among(()),
    asks="Is the answer one that the questionnaire allows?",
    rationale=(
        "An answer outside the scale is a typing error or another coding, and never just missing."
    ),
    remedy="Correct the answer, or declare the coding (`codes`, `missing_codes`) in clinics.yaml.",
)
"""One rule an item: asked as ``ANSWER_ALLOWED.<form>.<item>``, resolved by :func:`answer_rules`."""


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
