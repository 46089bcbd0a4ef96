"""Drafts: what the next edition of a clinic-month would say, if it would say something else.

The facts are hashed without what changes by itself (edition, versions of code, rules and registry)
and without files that only repeat what others say; an equal hash is no new edition. A draft that
replaces an edition says why, and which figures differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import rapport
from rapport.monthly.editions import Edition
from rapport.monthly.history.closings import newest_close
from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.months import Month
from rapport.rendering.facts import ReplacedEdition, ReportFacts, facts_sha256
from rapport.rendering.revising import revised_since
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    import pandas as pd

    from rapport.home import Home
    from rapport.rendering.data_quality import RuleWords
    from rapport.rendering.facts import FigureTable, NoticeFacts

    Facts = ReportFacts | NoticeFacts


@dataclass(frozen=True, slots=True)
class Draft:
    """What the next edition of a clinic-month would say.

    Attributes:
        slice: The clinic-month.
        facts: The facts.
        said: Hash of what it says, see :func:`said_sha256`.
        rests_on: Numbers of the newest verdict and close, by name.
    """

    slice: ClinicMonth
    facts: "Facts"
    said: str
    rests_on: Mapping[str, int]


def drafts_due(
    home: "Home",
    slices: Sequence[ClinicMonth],
    rules: Mapping[str, "RuleWords"],
    filed: Mapping[ClinicMonth, Edition],
) -> dict[ClinicMonth, Draft]:
    """Return the draft of each clinic-month whose newest edition says another thing."""
    return {
        draft.slice: draft
        for month in months(slices)
        for draft in _drafts_of(home, [s for s in slices if s.month == month], rules, filed)
    }


def _drafts_of(
    home: "Home",
    slices: Sequence[ClinicMonth],
    rules: Mapping[str, "RuleWords"],
    filed: Mapping[ClinicMonth, Edition],
) -> Iterable[Draft]:
    shelf = _Shelf.read(home, slices)
    for one in slices:
        if _is_long_over(home, one, shelf):
            continue
        before = filed.get(one)
        facts = _assemble(home, one, shelf, rules)
        sparing = shelf.without_repeats(one)
        said = said_sha256(facts if sparing is shelf else _assemble(home, one, sparing, rules))
        if before is None:
            yield Draft(one, facts, said, shelf.rests_on(one))
        elif said != before.facts_sha256:
            revised = _revised(facts, before)
            why = _why(before, revised, shelf.rests_on(one))
            replaces = ReplacedEdition(before.edition, before.pdf_sha256, why)
            facts = _assemble(home, one, shelf, rules, replaces)
            if isinstance(facts, ReportFacts):
                facts = replace(facts, revised=revised)
            yield Draft(one, facts, said, shelf.rests_on(one))


def _is_long_over(home: "Home", one: ClinicMonth, shelf: "_Shelf") -> bool:
    """Whether a clinic ended before this month and the one before, and sent nothing: no notice."""
    last = home.registry.clinic(one.clinic_id).last_month
    if last is None or one.month <= str(Month.parse(last).plus(1)):
        return False
    verdict = shelf.verdicts.get(one.clinic_id)
    return verdict is None or verdict["verdict"] == "not_applicable"


def _revised(facts: "Facts", before: Edition) -> "FigureTable | None":
    if not isinstance(facts, ReportFacts):
        return None
    return revised_since(before.edition, before.figures_json, facts)


def _why(
    before: Edition, revised: "FigureTable | None", rests_on: Mapping[str, int]
) -> tuple[str, ...]:
    """Say in sentences why an edition no longer holds."""
    if before.kind == "notice":
        return (
            "New or corrected data arrived, or a rule changed: the notice that there was no report "
            f"(edition {before.edition}) no longer holds.",
        )
    is_same_verdict = before.rests_on.get("Verdict entry") == rests_on.get("Verdict entry")
    reason = (
        "Data of earlier months or of other clinics changed, or the way figures are computed"
        if is_same_verdict
        else "New or corrected data arrived, or a rule changed"
    )
    where = ": the figures that differ stand under “Revised”." if revised is not None else "."
    return (reason + where,)


_UNSEEN = (
    "Code version",
    "Judged by code",
    "Verdict",
    "Rule catalogue",
    "Clinic registry",
    "Inputs of the verdict",
)
"""Of the provenance: what may change although a report says nothing new."""


def said_sha256(facts: "Facts") -> str:
    """Return the hash of what a report says, whichever edition, code and rules say it."""
    imprint = replace(facts.imprint, report_id="", edition=0, edition_in_words="", revision=())
    provenance = tuple(
        (name, value)
        for name, value in facts.provenance
        if name not in _UNSEEN and not name.startswith("Replaced")
    )
    said = replace(facts, imprint=imprint, provenance=provenance)
    return facts_sha256(replace(said, revised=None) if isinstance(said, ReportFacts) else said)


@dataclass(frozen=True)
class _Shelf:
    """One month's frames of several clinics, read once."""

    month: Month
    clinics: "pd.DataFrame"
    clinics_before: "pd.DataFrame"
    therapists: "pd.DataFrame"
    sectors: "pd.DataFrame"
    readings: "pd.DataFrame"
    quarantine: "pd.DataFrame"
    verdicts: Mapping[str, Mapping[str, Any]]
    closing: int

    @classmethod
    def read(cls, home: "Home", slices: Sequence[ClinicMonth]) -> "_Shelf":
        """Read what the reports of these clinic-months, all of one month, are made from."""
        month = Month.parse(slices[0].month)
        of_clinics = {"clinic_id": clinic_ids(slices)}
        read = home.warehouse.read
        verdicts = home.warehouse.newest_verdicts([str(month)])
        closing = newest_close(home, month)
        return cls(
            month=month,
            clinics=read(tables.clinic_aggregates, month=str(month), **of_clinics),
            clinics_before=read(tables.clinic_aggregates, month=str(month.plus(-1)), **of_clinics),
            therapists=read(tables.therapist_aggregates, month=str(month), **of_clinics),
            sectors=read(tables.sector_benchmarks, month=str(month)),
            readings=read(tables.export_readings, month=str(month), **of_clinics),
            quarantine=read(tables.quarantine, month=str(month), **of_clinics),
            verdicts={str(row["clinic_id"]): row for row in records(verdicts)},
            closing=closing["sequence"] if closing else 0,
        )

    def rests_on(self, one: ClinicMonth) -> dict[str, int]:
        """Return the numbers of the entries that a clinic-month's report rests on."""
        verdict = self.verdicts.get(one.clinic_id)
        found = {"Closing entry": self.closing} if self.closing else {}
        return found | ({"Verdict entry": int(verdict["sequence"])} if verdict else {})

    def without_repeats(self, one: ClinicMonth) -> "_Shelf":
        """Return the shelf as if files of a clinic-month that only repeat others had not come."""
        own = self.readings[self.readings.clinic_id == one.clinic_id]
        repeats = own[is_repeat(own)]
        verdict = self.verdicts.get(one.clinic_id)
        if repeats.empty or verdict is None:
            return self
        counts = ("rows_received", "rows_duplicate")
        fewer = {name: verdict[name] - int(repeats[name].sum()) for name in counts}
        return replace(
            self,
            readings=self.readings.drop(repeats.index),
            verdicts={**self.verdicts, one.clinic_id: {**verdict, **fewer}},
        )


def _assemble(
    home: "Home",
    one: ClinicMonth,
    shelf: _Shelf,
    rules: Mapping[str, "RuleWords"],
    replaces: ReplacedEdition | None = None,
) -> "Facts":
    from rapport.rendering.assemble import assemble_notice, assemble_report

    clinic, verdict = home.registry.clinic(one.clinic_id), shelf.verdicts.get(one.clinic_id)
    common: dict[str, Any] = {
        "clinic": clinic,
        "month": shelf.month,
        "readings": _own(shelf.readings, one),
        "quarantine": _own(shelf.quarantine, one),
        "verdict": verdict,
        "edition": replaces.edition + 1 if replaces else 1,
        "replaces": replaces,
        "catalogue": rules,
        "code_version": rapport.__version__,
    }
    if verdict is None or verdict["verdict"] != "passed":
        return assemble_notice(**common, successors=home.registry.successors(one.clinic_id))
    sector = shelf.sectors[shelf.sectors.sector.isin([clinic.sector, "all"])]
    return assemble_report(
        **common,
        clinic_figures=_own(shelf.clinics, one),
        therapist_figures=_own(shelf.therapists, one),
        sector_figures=sector.reset_index(drop=True),
        previous_clinic_figures=_own(shelf.clinics_before, one),
    )


def _own(rows: "pd.DataFrame", one: ClinicMonth) -> "pd.DataFrame":
    return rows[rows.clinic_id == one.clinic_id].reset_index(drop=True)


def is_repeat(readings: "pd.DataFrame") -> "pd.Series[bool]":
    """Return which files say only what other files say too."""
    said = ("rows_accepted", "rows_quarantined", "rows_superseded", "rows_test")
    others = readings[list(said)].sum(axis=1)
    is_whole = readings.refusal_rule.isna() & (readings.rows_received > 0)
    lacks_nothing = readings.n_lacking.fillna(0) == 0
    return is_whole & (others == 0) & lacks_nothing
