"""Rules asked of each clinic-month as a whole: may its figures be used?

The frame has one row a clinic-month: what was measured (``expectations.measures``), and beside each
measure the limit that holds for that clinic. A limit is the rule's own unless the clinic's
``thresholds`` in the registry names another, by the rule's id or by the id of one part of it.
"""

from collections.abc import Iterable, Mapping

from expectations.demands import AtLeast, AtMost
from expectations.rule import Rule, Severity, Suite


def _gate(
    rule_id: str,
    column: str,
    demand: AtLeast | AtMost,
    threshold: float,
    *,
    asks: str,
    rationale: str,
    remedy: str,
    warns: bool = False,
    optional: bool = False,
    own: bool = False,
) -> Rule:
    return Rule(
        id=rule_id,
        suite=Suite.ACCEPTED_SLICES,
        severity=Severity.WARNING if warns else Severity.CRITICAL,
        asks=asks,
        rationale=rationale,
        remedy=remedy,
        column=column,
        demand=demand,
        needs_answer=not optional,
        threshold=threshold,
        is_own_check=own,
    )


SLICE_RULES = (
    _gate(
        "EXPORTS_DELIVERED",
        "exports_missing",
        AtMost(),
        0,
        asks="Did every required export arrive?",
        rationale="With one export missing, whole questionnaires would be missing from the report.",
        remedy="Send the missing export, or mark it `required: false` in clinics.yaml.",
    ),
    _gate(
        "FILES_READ",
        "files_refused",
        AtMost(),
        0,
        asks="Could every file be read, or was it replaced by one that could?",
        rationale="A refused file holds sessions that the figures would silently lack.",
        remedy="Mend the file as its refusal says, and send it again under the same export.",
    ),
    _gate(
        "ROWS_RECEIVED",
        "rows_received",
        AtLeast(),
        1,
        asks="Did any row arrive?",
        rationale="An empty month passes every other rule without having been asked anything.",
        remedy="Send the month's exports again; check their date range and filters.",
    ),
    _gate(
        "ROWS_ACCEPTED",
        "sessions_accepted",
        AtLeast(),
        1,
        asks="Was at least one session accepted?",
        rationale="Without a session there is no figure, and a report would be about nothing.",
        remedy="Mend what the quarantine names, most frequent rule first, and send the file again.",
    ),
    _gate(
        "REFUSED_SHARE",
        "refused_share",
        AtMost(),
        0.10,
        asks="Is the share of refused rows small?",
        rationale="If many rows are refused, the rest may not stand for the clinic's patients.",
        remedy="Mend what the quarantine names, most frequent rule first, and send the file again.",
        optional=True,
    ),
    _gate(
        "ROWS_VANISHED",
        "vanished_share",
        AtMost(),
        0.02,
        asks="Does a newer export of the whole month still hold the sessions known before it?",
        rationale=(
            "Sessions that vanish were deleted on purpose, or the export was cut short; only the "
            "clinic knows."
        ),
        remedy=(
            "Export the whole month again. If the sessions were deleted on purpose, confirm it: "
            "name the file's SHA-256 under `confirmed_deletions` in clinics.yaml."
        ),
        optional=True,
    ),
    _gate(
        "ROWS_CONSERVED",
        "rows_lost",
        AtMost(),
        0,
        asks="Are all rows accounted for: accepted, refused, superseded, duplicate or test?",
        rationale="A row that went nowhere is a row lost.",
        remedy="Tell the maintainers of Rapport; nothing at the clinic is wrong.",
        own=True,
    ),
    _gate(
        "KEYS_UNIQUE",
        "keys_repeated",
        AtMost(),
        0,
        asks="Is every accepted session and form there once?",
        rationale="A session counted twice weighs double in every figure.",
        remedy="Tell the maintainers of Rapport; nothing at the clinic is wrong.",
        own=True,
    ),
    _gate(
        "PATIENT_FORMS",
        "patient_form_share",
        AtLeast(),
        0.50,
        asks="Did patients fill in a form in most sessions?",
        rationale="If few patients answer, it is often the content ones who do.",
        remedy="Hand out the forms in the session itself, and check that they are saved.",
        warns=True,
        optional=True,
    ),
    _gate(
        "THERAPIST_FORMS",
        "therapist_form_share",
        AtLeast(),
        0.50,
        asks="Did therapists fill in a form after most sessions?",
        rationale="Comparing both sides needs both sides.",
        remedy="Remind therapists to fill in their form before the next session begins.",
        warns=True,
        optional=True,
    ),
    _gate(
        "ATTENDED_SHARE",
        "attended_share",
        AtLeast(),
        0.50,
        asks="Did most of the sessions take place?",
        rationale="Very many cancelled sessions are a finding, or a wrong code.",
        remedy="Check the attendance codes in clinics.yaml; if they are right, this is news.",
        warns=True,
        optional=True,
    ),
    _gate(
        "THERAPISTS_SEEN",
        "therapists_seen_share",
        AtLeast(),
        0.50,
        asks="Do most of the registered therapists occur?",
        rationale="If half of the team is missing, so may be half of the export.",
        remedy="Check the filter by therapist; take those who have left out of the registry.",
        warns=True,
    ),
    _gate(
        "DATES_SPREAD",
        "days_with_sessions",
        AtLeast(),
        2,
        asks="Do twenty sessions or more lie on more than one day?",
        rationale="One single day is often the day of the export, or of data entry.",
        remedy="Map the session's own date in clinics.yaml, not the date of entry.",
        warns=True,
        optional=True,
    ),
    _gate(
        "SAME_DAY_SESSIONS",
        "same_day_share",
        AtMost(),
        0.10,
        asks="Do few patients have two sessions on one day?",
        rationale="Two sessions a day are possible; many are one session entered twice.",
        remedy="Look for sessions that were entered twice under different numbers.",
        warns=True,
        optional=True,
    ),
    _gate(
        "SESSIONS_FORWARD",
        "sessions_backwards",
        AtMost(),
        0,
        asks="Do the numbers of a patient's sessions rise with their dates?",
        rationale="A number that begins anew is a second course of treatment, or a second patient.",
        remedy=(
            "Correct number or date in the survey tool; a second course of treatment needs an "
            "`episode` of its own."
        ),
        warns=True,
        optional=True,
    ),
    _gate(
        "SESSIONS_SKIPPED",
        "sessions_skipped_share",
        AtMost(),
        0.50,
        asks="Are most numbers between a patient's first and last session of the month there?",
        rationale="Many gaps are rows that a filter left out, or numbers typed by hand.",
        remedy=(
            "Check the filter of the export. If sessions without a form have no row here, set this "
            "check's threshold higher."
        ),
        warns=True,
        optional=True,
    ),
    _gate(
        "SESSIONS_BEFORE_END",
        "sessions_after_end",
        AtMost(),
        0,
        asks="Do no sessions take place after their course of treatment has ended?",
        rationale="They are follow-up and count for no outcome, or the end is wrong.",
        remedy=(
            "Correct the end, or give a second course of treatment an `episode` of its own; for a "
            "clinic that follows up, set this check's threshold higher."
        ),
        warns=True,
        optional=True,
    ),
    _gate(
        "DUPLICATE_ROWS",
        "duplicate_share",
        AtMost(),
        0.20,
        asks="Are few rows exact repeats?",
        rationale="Repeats are harmless here, but show that the export was made or joined twice.",
        remedy="Send each row once; a corrected file need not hold the old rows again.",
        warns=True,
    ),
    _gate(
        "TEST_ROWS",
        "test_share",
        AtMost(),
        0.10,
        asks="Are few rows test rows?",
        rationale="Many test rows mean that real patients may be entered as tests.",
        remedy="Check which records are marked as tests in the survey tool.",
        warns=True,
    ),
)
"""The rules that are asked of every clinic-month."""

FORM_PRESENT = _gate(
    "FORM_PRESENT",
    "",
    AtLeast(),
    1,
    asks="Was each form in use filled in at least once?",
    rationale="A form that is empty all month is more often a broken export than a quiet month.",
    remedy="Check the form's columns; for a rare form, set this check's threshold to 0.",
    optional=True,
)
"""One rule a form: ``FORM_PRESENT[phq-9.patient]``. Asked unless the clinic's own earlier months
say that the form is rare."""

FORM_SEEN = _gate(
    "FORM_SEEN",
    "",
    AtLeast(),
    1,
    asks="Was each form that is usually rare filled in at least once?",
    rationale="A rare form may be missing by chance; missing month after month it was lost.",
    remedy="Nothing, if nobody was due to fill it in; otherwise check the form's columns.",
    warns=True,
    optional=True,
)
"""One rule a form: asked where the clinic's own earlier months say that the form is rare."""

ITEMS_ANSWERED = _gate(
    "ITEMS_ANSWERED",
    "",
    AtMost(),
    0,
    asks="Was each item answered in at least one of five forms or more?",
    rationale="An item that nobody answered is a column that was not exported.",
    remedy="Check the item's column in the survey tool and clinics.yaml; send the file again.",
    optional=True,
)
"""One rule a form: how many of its items nobody answered, from five forms upwards."""

ANSWERS_MISSING = _gate(
    "ANSWERS_MISSING",
    "",
    AtMost(),
    0.20,
    asks="Are few answers missing from the forms that were filled in?",
    rationale="Missing answers cost scores, and are seldom missing by chance.",
    remedy="Make the items mandatory in the survey tool, or ask why they are skipped.",
    warns=True,
    optional=True,
)
"""One rule a form: the share of its items left open."""

STRAIGHT_LINES = _gate(
    "STRAIGHT_LINES",
    "",
    AtMost(),
    0.50,
    asks="Do few forms have the same answer throughout?",
    rationale="The same answer on every item is seldom a considered one.",
    remedy="Talk about how and when the form is filled in.",
    warns=True,
    optional=True,
)
"""One rule a form: the share of complete forms, five items or longer, with one answer only."""

FORM_RULES = {
    "administrations_expected": FORM_PRESENT,
    "administrations_rare": FORM_SEEN,
    "items_unanswered": ITEMS_ANSWERED,
    "answers_missing_share": ANSWERS_MISSING,
    "straight_share": STRAIGHT_LINES,
}
"""Name of the measure → the kind of rule that is asked of it, for each form."""


def form_rules(forms: Iterable[str], kinds: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """Return kinds of rule resolved for each form, on columns ``<measure>.<form>``.

    Args:
        forms: Keys of forms, such as ``phq-9.patient``.
        kinds: Name of a measure → the kind of rule asked of it.
    """
    return tuple(
        kind.at(form, f"{measure}.{form}")
        for form in dict.fromkeys(forms)
        for measure, kind in kinds.items()
    )
