"""Rules about the keys of a row: whose it is, who treated, which session.

A key that is not told apart with certainty refuses its row: a patient who is two, or two who are
one, is seen in no figure afterwards.
"""

from expectations.demands import Written
from expectations.rules.row_rule import YES, row_rule

_SHORT = Written(r"(?s:.){1,64}", "1 to 64 characters long")

KEY_RULES = (
    row_rule(
        "PATIENT_GIVEN",
        "fact.patient_given",
        YES,
        asks="Is there a patient id?",
        rationale="Answers of nobody cannot be followed from session to session.",
        remedy="Fill in the patient's pseudonym in the survey tool.",
    ),
    row_rule(
        "PATIENT_ID_SHORT",
        "patient",
        _SHORT,
        asks="Is the patient id at most 64 characters long?",
        rationale="A longer text is a note or a name, and no pseudonym.",
        remedy="Put the patient's pseudonym there, and the note where notes belong.",
    ),
    row_rule(
        "PATIENT_DISTINCT",
        "fact.patient_distinct",
        YES,
        asks="Is there no other patient whose id looks the same?",
        rationale=(
            "P01 and p01, 007 and 7, or a P of another alphabet, are one patient counted as two."
        ),
        remedy=(
            "Give the patient one id, spelt in one way on all rows: capital letters count, letters "
            "of other alphabets may look like ours, and a spreadsheet program takes the noughts "
            "off 007. Export again, and do not open and save the file in between."
        ),
    ),
    row_rule(
        "PATIENT_OF_OTHER_CLINIC",
        "fact.patient_own",
        YES,
        asks="Is the patient known in no other clinic that shares the scheme of ids?",
        rationale="The row is another clinic's, or one patient would be counted in two clinics.",
        remedy=(
            "Find out which clinic treats the patient. If the patient changed over, add "
            "`transfers` with the patient's id and `from_clinic` to the clinic in clinics.yaml."
        ),
    ),
    row_rule(
        "THERAPIST_GIVEN",
        "fact.therapist_given",
        YES,
        asks="Is there a therapist id?",
        rationale="Alliance belongs to two people; without the therapist it is nobody's.",
        remedy="Fill in the therapist in the survey tool.",
    ),
    row_rule(
        "THERAPIST_SPELT",
        "fact.therapist_spelt",
        YES,
        asks="Is the therapist's id spelt as in the clinic's registry entry?",
        rationale="An id that only looks like a registered one would make two therapists of one.",
        remedy=(
            "Write the id exactly as under `therapists` of the clinic in clinics.yaml: capital "
            "letters count, and letters of other alphabets may look like ours."
        ),
    ),
    row_rule(
        "THERAPIST_REGISTERED",
        "fact.therapist_registered",
        YES,
        asks="Is the therapist in the clinic's registry entry?",
        rationale="An unknown id is a typing error, a new colleague, or somebody else's patient.",
        remedy=(
            "Correct the id, or add the new therapist to `therapists` of the clinic in "
            "clinics.yaml."
        ),
    ),
    row_rule(
        "CLINIC_MATCHES",
        "fact.clinic_matches",
        YES,
        asks="Does the row say that it belongs to this clinic?",
        rationale="A row of another clinic must not be counted here.",
        remedy="Correct the clinic's code in the row, or export this clinic alone.",
    ),
    row_rule(
        "EPISODE_SHORT",
        "episode",
        _SHORT,
        asks="Is the episode at most 64 characters long?",
        rationale="A longer text is a note, and no number of a course of treatment.",
        remedy="Number the patient's courses of treatment: 1, 2, 3.",
    ),
    row_rule(
        "SESSION_READABLE",
        "fact.session_readable",
        YES,
        asks="Is the session a whole number from 0 to 9999, or a day such as 20260203?",
        rationale="Sessions are put in order by it.",
        remedy="Correct the session number in the survey tool.",
    ),
    row_rule(
        "TEXT_CLEAN",
        "fact.text_clean",
        YES,
        asks=(
            "Are the keys free of hidden characters, of spaces at either end, and of a spreadsheet "
            "program's errors?"
        ),
        rationale=(
            "Hidden characters make two patients out of one, and `#N/A` makes one out of many."
        ),
        remedy=(
            "Type the key again in the survey tool, without spaces before or after it. If it shows "
            "as `#N/A`, `#REF!` or the like, mend the formula there, or export again without a "
            "spreadsheet program in between."
        ),
    ),
    row_rule(
        "KEYS_PLAIN",
        "fact.keys_plain",
        YES,
        asks="Is each key written in one alphabet, in plain letters and digits?",
        rationale="A Cyrillic letter among Latin ones, or a full-width digit, makes another id.",
        remedy="Type the key again in the survey tool, on one keyboard layout.",
    ),
    row_rule(
        "KEY_UNIQUE",
        "fact.key_unique",
        YES,
        asks="Is this the only content for this patient, episode and session?",
        rationale="Of two different rows about one session, nobody can say which one is right.",
        remedy="Delete the wrong one, or number the sessions apart, then export again.",
    ),
)
"""Asked of every row; facts behind them: :mod:`rapport.exports.key_facts`."""
