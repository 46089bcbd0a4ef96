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
from expectations.catalogue import rules_sha256
from expectations.files import Files, read_files
from expectations.judging import Judgement, Part, judge, judge_together, refuses
from expectations.measures import Accepted, measure, with_limits
from expectations.quarantine import joined, refused_rows
from expectations.readings import export_readings
from expectations.rule import Rule
from expectations.rules.accepted import FORM_RULES, SESSION_RULES, typed_answer_rules
from expectations.rules.rows import ROW_RULES, answer_rules
from expectations.rules.slices import SLICE_RULES, form_rules
from expectations.slices import NAMES, Slices
from expectations.thresholds import check_thresholds
from expectations.verdicts import (
    VERDICT_COLUMNS,
    Judged,
    Provenance,
    RuleCount,
    counts_by_slice,
    verdict_row,
)
from rapport.exports.canonical import responses_of, sessions_of
from rapport.exports.facts import FACT, add_facts
from rapport.exports.reconcile import reconcile
from rapport.monthly.recording import Decided
from rapport.monthly.slices import ClinicMonth

if TYPE_CHECKING:
    from rapport.clinics import Clinic, Registry
    from rapport.errors import Fault
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


def take_in(
    deliveries: Sequence["Delivery"],
    *,
    registry: "Registry",
    catalogue: Mapping[str, "Instrument"],
    expected: Sequence[ClinicMonth] = (),
) -> Intake:
    """Read, judge and sort files.

    Args:
        deliveries: Files in order of receipt, of any clinics and months. The same bytes twice for
            one clinic-month count once.
        registry: The clinics.
        catalogue: Id → instrument.
        expected: Clinic-months that are to have a verdict also if nothing came for them.

    Returns:
        The frames and one verdict for each clinic-month that is expected or received.

    Raises:
        SettingsError: A clinic, export or instrument is unknown, or a threshold names no rule.
            What is wrong with files or rows never raises.
    """
    slices = Slices(list(dict.fromkeys([*expected, *(_slice_of(one) for one in deliveries)])))
    clinics = {one.clinic_id: registry.clinic(one.clinic_id) for one in slices.ones}
    check_thresholds(clinics.values())
    files = read_files(deliveries, clinics=clinics, catalogue=catalogue)
    rows = _judge_rows(files, clinics, catalogue)
    refused = joined(
        files.quarantine,
        refused_rows(rows.frame, rows.judgement, clinics=clinics, catalogue=catalogue),
    )
    accepted = Accepted(
        readings=export_readings(files, rows.frame, rows.states),
        sessions=sessions_of(rows.frame, rows.states),
        responses=responses_of(rows.frame, rows.states, catalogue),
    )
    judged = [
        Judged(files.judgement, slices.codes(files.frame)),
        Judged(rows.judgement, slices.codes(rows.frame)),
        *_judge_accepted(accepted, slices, catalogue),
        _judge_slices(accepted, slices, clinics, catalogue),
    ]
    counts = dict(zip(slices.ones, counts_by_slice(judged, len(slices)), strict=True))
    provenance = Provenance(rules_sha256(catalogue), registry.sha256, rapport.__version__)
    return Intake(
        readings=accepted.readings,
        quarantine=refused,
        sessions=accepted.sessions,
        responses=accepted.responses,
        verdicts=_verdicts(accepted.readings, counts, provenance),
        faults=files.faults,
        counts=counts,
    )


def _slice_of(delivery: "Delivery") -> ClinicMonth:
    return ClinicMonth(delivery.clinic_id, delivery.month)


def _judge_rows(
    files: Files, clinics: Mapping[str, "Clinic"], catalogue: Mapping[str, "Instrument"]
) -> _Rows:
    """Judge the rows that count: no test rows, no repetitions, nothing that was corrected since."""
    rows = add_facts(files.rows, clinics=clinics, catalogue=catalogue)
    is_asked = ((rows.kind != "test") & (rows.standing == "current")).to_numpy(dtype=bool)
    rules = [*ROW_RULES, *answer_rules(files.forms, catalogue)]
    _check_every_fact_is_asked(rows, rules)
    judgement = judge(rows, rules, among=is_asked)
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
    accepted: Accepted, slices: Slices, catalogue: Mapping[str, "Instrument"]
) -> list[Judged]:
    """Ask the typed rows once more what was asked of the text."""
    forms, instruments = accepted.responses, accepted.responses.instrument.to_numpy()
    parts = [Part(accepted.sessions, SESSION_RULES), Part(forms, FORM_RULES)]
    for name in sorted(set(instruments)):
        rules = typed_answer_rules(name, catalogue[name])
        here = np.flatnonzero(instruments == name)
        columns = [*NAMES, *(rule.column for rule in rules)]
        parts.append(Part(pd.DataFrame({n: forms[n].to_numpy()[here] for n in columns}), rules))
    return [
        Judged(found, slices.codes(part.frame))
        for part, found in zip(parts, judge_together(parts), strict=True)
    ]


def _judge_slices(
    accepted: Accepted,
    slices: Slices,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> Judged:
    """Ask whether each clinic-month that received a file may be used."""
    numbers = np.unique(slices.codes(accepted.readings))
    received = Slices([slices.ones[number] for number in numbers])
    forms = dict.fromkeys(form for one in received.ones for form in clinics[one.clinic_id].forms)
    rules = [*SLICE_RULES, *form_rules(forms)]
    measures = measure(accepted, received, clinics=clinics, catalogue=catalogue)
    return Judged(judge(with_limits(measures, rules, clinics), rules), numbers)


def _verdicts(
    readings: pd.DataFrame,
    counts: Mapping[ClinicMonth, Sequence[RuleCount]],
    provenance: Provenance,
) -> pd.DataFrame:
    files: dict[ClinicMonth, list[Mapping[Hashable, Any]]] = {one: [] for one in counts}
    for reading in readings.to_dict("records"):
        files[ClinicMonth(reading["clinic_id"], reading["month"])].append(reading)
    return pd.DataFrame(
        [
            verdict_row(one, readings=files[one], counts=rules, provenance=provenance)
            for one, rules in counts.items()
        ],
        columns=VERDICT_COLUMNS,
    )
