"""The one-page notice: there is no report for a clinic-month, why, and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from rapport.clinics import Clinic
from rapport.errors import Fault, RenderingError
from rapport.months import Month
from rapport.rendering.data_quality import Receipts, RuleWords, data_quality_in_short
from rapport.rendering.facts import NoticeFacts, NoticeKind, ReplacedEdition, facts_sha256
from rapport.rendering.formats import NumberStyle
from rapport.rendering.imprint import imprint_of, newest, provenance_in_short, report_id

_HEADLINES: Mapping[NoticeKind, str] = {
    "failed": "No report: the data did not pass validation.",
    "error": "No report: the data could not be judged.",
    "nothing_received": "No report: nothing was received.",
    "ended": "No report: this clinic reports no more.",
}
_EXPLANATIONS: Mapping[NoticeKind, tuple[str, ...]] = {
    "failed": (
        "The export for {month} was received and kept, byte for byte. At least one rule that "
        "protects the figures was broken, so no figure was computed from it.",
        "A report with wrong figures would be worse than none.",
    ),
    "error": (
        "The export for {month} was received and kept, byte for byte. While its rules were being "
        "checked something went wrong on our side, so it is not known whether the data are sound.",
        "No figure was computed. Nothing of the export is lost.",
    ),
    "nothing_received": (
        "No export for {month} has arrived from {clinic}. There is nothing to report on, and no "
        "figure of an earlier month was put in its place.",
    ),
    "ended": (
        "{clinic} sends no data after {last}, and nothing is awaited from it. {successors}",
        "Reports of earlier months stay as they are. Until twelve months have passed, its last "
        "months are part of the benchmarks of its sector.",
    ),
}
_STEPS: Mapping[NoticeKind, tuple[str, ...]] = {
    "failed": (
        "Look at the reasons below; each one says where it was found and how to mend it.",
        "Mend the data in your own system, not in the exported file.",
        "Export {month} again and send it the usual way. Rows that were sound are not counted "
        "twice.",
        "The report then follows by itself, as the next edition.",
    ),
    "error": (
        "You need not send anything again.",
        "Those who run Rapport have the details, and will judge the same file once more.",
        "The report then follows by itself, as the next edition.",
    ),
    "ended": (
        "You need not do anything.",
        "A corrected export of an earlier month is taken in like any other.",
        "If the clinic does go on, tell those who run Rapport.",
    ),
    "nothing_received": (
        "Check whether the export of {month} was made, and whether it was sent the usual way.",
        "Send it as soon as you can; a late export is taken in like any other.",
        "If no patient was seen in {month}, tell those who run Rapport, so that the month can be "
        "closed as empty.",
        "The report then follows by itself, as the next edition.",
    ),
}


def assemble_notice(
    *,
    clinic: Clinic,
    month: Month,
    readings: pd.DataFrame,
    quarantine: pd.DataFrame,
    verdict: Mapping[str, Any] | None,
    edition: int,
    replaces: ReplacedEdition | None,
    catalogue: Mapping[str, RuleWords],
    code_version: str,
    successors: Sequence[str] = (),
) -> NoticeFacts:
    """Return all that the notice of one clinic-month says.

    Args:
        clinic: The clinic, as registered.
        month: The month.
        readings: Rows of ``export_readings`` of this clinic-month.
        quarantine: Rows of ``quarantine`` of this clinic-month.
        verdict: The newest row of ``verdicts``; ``None`` or ``not_applicable`` where nothing was
            received.
        edition: Number of this edition, from 1.
        replaces: The edition before this one, if there is one.
        catalogue: Rule id → what the rule asks and how to mend what breaks it.
        code_version: Version of the code that assembles.
        successors: Names of the clinics in which the patients of one that has ended go on.

    Raises:
        RenderingError: The verdict is ``passed`` (a report is due, not a notice), rows are
            foreign or lost, or the edition is out of order.
    """
    receipts = Receipts(readings, quarantine, verdict, catalogue)
    receipts.check(clinic.id, month)
    kind = _kind(receipts)
    if kind == "nothing_received" and clinic.is_over(str(month)):
        kind = "ended"
    words = {"month": month.in_words, "clinic": clinic.name, **_ending(clinic, successors)}
    style = NumberStyle.of(clinic.locale)
    quality = data_quality_in_short(receipts, style) if len(readings) else None
    facts = NoticeFacts(
        imprint=imprint_of(clinic, month, edition, replaces),
        kind=kind,
        headline=_HEADLINES[kind],
        explanation=tuple(text.format(**words).rstrip() for text in _EXPLANATIONS[kind]),
        steps=tuple(text.format(**words) for text in _STEPS[kind]),
        quality=quality,
        provenance=provenance_in_short(receipts, replaces, code_version),
    )
    identified = replace(facts.imprint, report_id=report_id(facts.imprint, facts_sha256(facts)))
    return replace(facts, imprint=identified)


def _ending(clinic: Clinic, successors: Sequence[str]) -> dict[str, str]:
    """Return the words about a clinic that has ended: its last month, and where patients go on."""
    last = Month.parse(clinic.last_month).in_words if clinic.last_month else ""
    told = f"Its patients go on in {' and '.join(successors)}, and are reported there."
    return {"last": last, "successors": told if successors else ""}


def _kind(receipts: Receipts) -> NoticeKind:
    word = newest(receipts.verdict)
    if word == "failed":
        return "failed"
    if word == "error" or (word == "none" and len(receipts.readings)):
        return "error"
    if word in ("not_applicable", "none"):
        return "nothing_received"
    raise RenderingError(
        Fault(
            "NOTICE_NOT_DUE",
            f"The newest verdict is {word!r}: a report is due, not a notice.",
            "Publish the report of this clinic-month.",
        )
    )
