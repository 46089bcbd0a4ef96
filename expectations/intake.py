"""From a set of files to what is accepted, what is refused, and a verdict for each clinic-month.

Pure: files come in as bytes, frames go out, nothing is written. One file of one clinic
(``rapport check``) takes the same way as a month of five hundred clinics, and each suite is asked
once, whatever the number of clinics.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import rapport
from expectations.answers import Answers
from expectations.catalogue import rules_sha256
from expectations.comparing import check_agreement, hold_against_past, with_numbers
from expectations.files import Files, read_files
from expectations.history import Remembered
from expectations.judging import Judgement, Part, judge, judge_together, refuses
from expectations.measures import Accepted, measure
from expectations.quarantine import joined, refused_rows
from expectations.readings import export_readings
from expectations.resolving import Resolved, completed, slice_rules
from expectations.rule import Rule
from expectations.rules.accepted import FORM_RULES, SESSION_RULES, typed_answer_rules
from expectations.rules.rows import ROW_RULES, answer_rules, covariate_rules
from expectations.slices import NAMES, Slices
from expectations.thresholds import check_thresholds
from expectations.verdicts import (
    NO_PAST,
    VERDICT_COLUMNS,
    Judged,
    Past,
    Provenance,
    RuleCount,
    counts_by_slice,
    unknown_of,
    verdict_row,
)
from rapport.evidence.fingerprints import NOTHING_SHA256, accepted_sha256, clinic_sha256
from rapport.exports.canonical import responses_of, sessions_of
from rapport.exports.covariates import COVARIATE, covariate_columns
from rapport.exports.facts import FACT, add_facts
from rapport.exports.reconcile import reconcile
from rapport.monthly.recording import Decided
from rapport.monthly.slices import ClinicMonth

if TYPE_CHECKING:
    from rapport.clinics import Clinic, Registry
    from rapport.errors import Fault
    from rapport.exports.elsewhere import KnownPatients
    from rapport.instruments import Instrument
    from rapport.sources import Delivery


@dataclass(frozen=True)
class Intake(Decided):
    """What was decided about some clinic-months, as the tables want it, and what it rests on.

    Attributes:
        faults: What is wrong with files as a whole, in the reader's words; warnings included.
        counts: For each clinic-month, every rule that was asked there.
    """

    faults: tuple["Fault", ...]
    counts: Mapping[ClinicMonth, Sequence[RuleCount]]


@dataclass(frozen=True, eq=False, slots=True)
class _Rows:
    """The text frame, what its rules say, and what becomes of each row."""

    frame: pd.DataFrame
    judgement: Judgement
    states: "pd.Series[str]"


@dataclass(frozen=True, eq=False, slots=True)
class _Months:
    """The checks of each clinic-month, and the earlier months that it was held against."""

    counts: Mapping[ClinicMonth, Sequence[RuleCount]]
    past: Mapping[ClinicMonth, Past]


def take_in(
    deliveries: Sequence["Delivery"],
    *,
    registry: "Registry",
    catalogue: Mapping[str, "Instrument"],
    expected: Sequence[ClinicMonth] = (),
    known: "KnownPatients | None" = None,
    past: Sequence[Remembered] = (),
    answers: Answers | None = None,
) -> Intake:
    """Read, judge and sort files.

    Args:
        deliveries: Files in order of receipt, of any clinics and months. The same bytes twice for
            one clinic-month count once.
        registry: The clinics.
        catalogue: Id → instrument.
        expected: Clinic-months that are to have a verdict also if nothing came for them.
        known: Patients known from other files, where clinics share a scheme of ids.
        past: What earlier clinic-months that passed remember of themselves.
        answers: What was answered about values in earlier parts of the same run.

    Returns:
        The frames and one verdict for each clinic-month that is expected or received.

    Raises:
        SettingsError: A clinic, export or instrument is unknown, or a threshold names no rule.
            What is wrong with files or rows never raises.
    """
    slices = Slices(list(dict.fromkeys([*expected, *(_slice_of(one) for one in deliveries)])))
    clinics = {one.clinic_id: registry.clinic(one.clinic_id) for one in slices.ones}
    check_thresholds(clinics.values(), catalogue)
    asked = Answers() if answers is None else answers
    files = read_files(deliveries, clinics=clinics, catalogue=catalogue, answers=asked)
    rows = _judge_rows(files, registry.clinics, catalogue, known, asked)
    refused = joined(
        files.quarantine,
        refused_rows(rows.frame, rows.judgement, clinics=clinics, catalogue=catalogue),
    )
    accepted = Accepted(
        readings=export_readings(files, rows.frame, rows.states),
        sessions=sessions_of(rows.frame, rows.states),
        responses=responses_of(rows.frame, rows.states, catalogue),
        refused=refused,
    )
    judged = [
        Judged(files.judgement, slices.codes(files.frame)),
        Judged(rows.judgement, slices.codes(rows.frame)),
        *_judge_accepted(accepted, slices, catalogue, asked),
    ]
    months = _judge_slices(
        accepted, slices, judged, clinics=clinics, catalogue=catalogue, past=past
    )
    counts = months.counts
    provenance = Provenance(rules_sha256(catalogue), registry.sha256, rapport.__version__)
    return Intake(
        readings=accepted.readings,
        quarantine=refused,
        sessions=accepted.sessions,
        responses=accepted.responses,
        verdicts=_verdicts(accepted, months, provenance, clinics),
        faults=files.faults,
        counts=counts,
    )


def _slice_of(delivery: "Delivery") -> ClinicMonth:
    return ClinicMonth(delivery.clinic_id, delivery.month)


def _judge_rows(
    files: Files,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
    known: "KnownPatients | None",
    answers: Answers,
) -> _Rows:
    """Judge the rows that count: no test rows, no repetitions, nothing that was corrected since."""
    rows = add_facts(files.rows, clinics=clinics, catalogue=catalogue, known=known)
    is_asked = ((rows.kind != "test") & (rows.standing == "current")).to_numpy(dtype=bool)
    names = [name.removeprefix(COVARIATE) for name in covariate_columns(rows.columns)]
    rules = [*ROW_RULES, *answer_rules(files.forms, catalogue), *covariate_rules(names)]
    _check_every_fact_is_asked(rows, rules)
    judgement = judge(rows, rules, among=is_asked, answers=answers)
    broken = pd.Series(refuses(judgement, len(rows)), index=rows.index)
    return _Rows(rows, judgement, reconcile(rows, broken))


def _check_every_fact_is_asked(rows: pd.DataFrame, rules: Sequence[Rule]) -> None:
    """Hold the facts to the rules: one that no rule looks at would be found out for nothing.

    Raises:
        ValueError: There is such a fact.
    """
    facts = {name for name in rows.columns if name.startswith(FACT)}
    if unasked := facts - {rule.column for rule in rules}:
        raise ValueError(f"no rule asks for {', '.join(sorted(unasked))}")


def _judge_accepted(
    accepted: Accepted, slices: Slices, catalogue: Mapping[str, "Instrument"], answers: Answers
) -> list[Judged]:
    """Ask the typed rows once more what was asked of the text."""
    forms = accepted.responses
    parts = [Part(accepted.sessions, SESSION_RULES), Part(forms, FORM_RULES)]
    for name in sorted(set(forms.instrument)):
        rules = typed_answer_rules(name, catalogue[name])
        columns = [*NAMES, *(rule.column for rule in rules)]
        parts.append(Part(forms.loc[(forms.instrument == name).to_numpy(), columns], rules))
    return [
        Judged(found, slices.codes(part.frame))
        for part, found in zip(parts, judge_together(parts, answers), strict=True)
    ]


def _judge_slices(
    accepted: Accepted,
    slices: Slices,
    judged: Sequence[Judged],
    *,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
    past: Sequence[Remembered],
) -> _Months:
    """Ask whether each clinic-month that received a file may be used."""
    numbers = np.unique(slices.codes(accepted.readings))
    received = Slices([slices.ones[number] for number in numbers])
    forms = dict.fromkeys(form for one in received.ones for form in clinics[one.clinic_id].forms)
    rules = slice_rules(forms, catalogue)
    before = counts_by_slice(judged, len(slices))
    compared = hold_against_past(
        measure(accepted, received, clinics=clinics, catalogue=catalogue),
        rules,
        is_sound=np.array([not unknown_of(before[number]) for number in numbers], dtype=bool),
        past=past,
        clinics=clinics,
        catalogue=catalogue,
    )
    asked = Judged(judge(compared.frame, rules), numbers)
    after, resolved = counts_by_slice([asked], len(slices)), Resolved(catalogue)
    for place, number in enumerate(numbers.tolist()):
        before[number] += [with_numbers(one, compared, place) for one in after[number]]
        check_agreement(before[number], passes=bool(compared.passes[place]))
        own = clinics[slices.ones[number].clinic_id]
        before[number] = completed(before[number], resolved.of(own))
    return _Months(
        counts=dict(zip(slices.ones, before, strict=True)),
        past=dict(zip(received.ones, compared.past, strict=True)),
    )


def _verdicts(
    accepted: Accepted, months: _Months, provenance: Provenance, clinics: Mapping[str, "Clinic"]
) -> pd.DataFrame:
    files: dict[ClinicMonth, list[Mapping[Hashable, Any]]] = {one: [] for one in months.counts}
    fingerprints = accepted_sha256(accepted.sessions, accepted.responses)
    for reading in accepted.readings.to_dict("records"):
        files[ClinicMonth(reading["clinic_id"], reading["month"])].append(reading)
    return pd.DataFrame(
        [
            verdict_row(
                one,
                readings=files[one],
                counts=rules,
                provenance=provenance,
                past=months.past.get(one, NO_PAST),
                clinic_sha256=clinic_sha256(clinics[one.clinic_id]),
                accepted_sha256=fingerprints.get((one.clinic_id, one.month), NOTHING_SHA256),
            )
            for one, rules in months.counts.items()
        ],
        columns=VERDICT_COLUMNS,
    )
