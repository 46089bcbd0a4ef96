"""An invented clinic-month for the rendering tests: figures, files and names that never were.

Numbers come from a small fixed formula, so that they differ from each other and never change.
Some figures are suppressed, some are absent, and the names are long and Polish.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from rapport.clinics import Clinic
from rapport.months import Month, trailing
from rapport.rendering.assemble import assemble_notice, assemble_report
from rapport.rendering.data_quality import RuleWords
from rapport.rendering.facts import NoticeFacts, ReplacedEdition, ReportFacts
from rapport.rendering.figure_book import NUMBERS
from rapport.statistics.figures import CATALOGUE, FIGURES, Level

MONTH = Month(2026, 2)
CLINIC_NAME = (
    "Poradnia Zdrowia Psychicznego „Świt” im. prof. Kazimierza Dąbrowskiego w Gdańsku-Wrzeszczu"
)
THERAPISTS = tuple(f"T-{number:02d}" for number in range(1, 10))
SHA = {"sessions": "5b" * 32, "outcome": "c7" * 32}

CENTRES = {
    "alliance.patient": 3.9, "alliance.therapist": 3.5, "alliance.difference": 0.38,
    "completion": 0.74, "attendance.attended": 0.83, "attendance.missed": 0.07,
    "attendance.cancelled": 0.10, "outcome.paired": 0.76, "outcome.recovery": 0.49,
    "outcome.reliable_improvement": 0.66, "outcome.reliable_recovery": 0.46,
    "outcome.reliable_deterioration": 0.05, "outcome.phq-9.pre": 14.6, "outcome.phq-9.post": 8.1,
    "outcome.phq-9.improvement": 6.5, "outcome.gad-7.pre": 12.2, "outcome.gad-7.post": 7.0,
    "outcome.gad-7.improvement": 5.2, "outcome.swls.pre": 17.1, "outcome.swls.post": 21.9,
    "outcome.swls.improvement": 4.8, "outcome.flourishing.pre": 36.0,
    "outcome.flourishing.post": 42.4, "outcome.flourishing.improvement": 6.4,
    "outcome.who-5.pre": 35.0, "outcome.who-5.post": 55.4, "outcome.who-5.improvement": 20.4,
    "sessions.attended_per_episode": 9.6, "patients.seen": 58.0,
    "rupture.criterion": 0.07, "rupture.chart": 0.06, "rupture.repaired": 0.58,
    "rupture.unrepaired": 0.30, "rupture.open": 0.12, "stage.first": 3.6, "stage.agreeing": 3.8,
    "stage.working": 4.0, "stage.ending": 4.1, "dropout": 0.12, "mode.in_person.alliance": 3.9,
    "mode.in_person.rupture": 0.07, "mode.video.alliance": 3.8, "mode.video.rupture": 0.08,
    "congruence.bias": -0.36, "congruence.tracking": 0.42, "congruence.correlation": 0.31,
    "contrast.video": -0.08, "explained.r": 0.27, "explained.share": 0.07,
    "explained.within": -0.6, "explained.between": -1.1, "explained.by_patient": -0.5,
    "explained.by_therapist": -0.2, "adjusted.phq-9": 6.2, "adjusted.gad-7": 5.1,
    "adjusted.difference": 0.36, "alpha.wai-sr.patient": 0.9, "omega.wai-sr.patient": 0.91,
    "clinics.phq-9": 0.03, "therapists.phq-9": 0.06, "needed.phq-9": 36.0,
    "comparison.phq-9": 0.4,
}  # fmt: skip


def clinic(**changes: object) -> Clinic:
    """Return the invented clinic, with some of its settings changed."""
    settings: dict[str, Any] = {
        "id": "swit-gdansk",
        "name": CLINIC_NAME,
        "sector": "public",
        "timezone": "Europe/Warsaw",
        "locale": "en_GB",
        "source": "swit",
        "first_month": "2025-01",
        "therapists": THERAPISTS,
        "exports": [
            {
                "id": "sessions",
                "path": "sessions-{month}.csv",
                "format": "delimited",
                "patient": "pacjent",
                "forms": [{"instrument": "wai-sr", "rater": "patient", "items": "w{item}"}],
            }
        ],
    }
    return Clinic.model_validate(settings | changes)


def figure_row(
    figure: str, period: str, *, shift: float = 0.0, patients: int = 48, hidden: str | None = None
) -> dict[str, Any]:
    """Return one row of a table of figures; ``hidden`` is its kind of suppression."""
    row: dict[str, Any] = {"period": period, "figure": figure, **dict.fromkeys(NUMBERS)}
    one = CATALOGUE[figure]
    row |= {"unit": one.unit, "method": one.method, "suppression": hidden}
    if hidden:
        return row
    prefix = max((p for p in CENTRES if figure.startswith(p)), key=len)
    spread = {"proportion": 0.5, "count": 0.0}.get(one.kind, _spread(figure))
    half = 1.96 * spread / patients**0.5
    wobble = sum(map(ord, figure + period)) % 13 / 13 - 0.5
    value = CENTRES[prefix] + shift + wobble * half
    if one.kind == "proportion":
        value = min(0.97, max(0.02, value))
    observations = patients * 2
    row |= {"n_patients": patients, "n_observations": observations, "value": value}
    if one.kind == "count":
        return row | {"value": float(patients), "n_observations": None}
    low, high = value - half, value + half
    if one.kind == "proportion":
        numerator = round(value * observations)
        low, high = max(0.0, low), min(1.0, high)
        row |= {"numerator": numerator, "denominator": observations}
        row["value"] = numerator / observations
    bottom = low if one.minimum is None else max(low, one.minimum)
    top = high if one.maximum is None else min(high, one.maximum)
    return row | {"value": min(max(row["value"], bottom), top), "low": bottom, "high": top}


def _spread(figure: str) -> float:
    family = figure.split(".", maxsplit=1)[0]
    if family in ("outcome", "adjusted", "comparison", "needed") and "difference" not in figure:
        return 17.0 if "who-5" in figure else 5.0
    return 5.0 if family in ("sessions", "explained") and figure[-1] != "r" else 0.6


def _rows(
    patients: int, level: Level, *, shift: float = 0.0, hidden: dict[str, str]
) -> Iterator[dict[str, Any]]:
    for period, many in (("month", patients), ("trailing_12", patients * 5)):
        for figure in CATALOGUE.values():
            is_given = any(figure.id.startswith(prefix) for prefix in CENTRES)
            if not is_given or level not in figure.levels or period not in figure.periods:
                continue
            kind = hidden.get(f"{figure.id}@{period}") or hidden.get(figure.id)
            yield figure_row(figure.id, period, shift=shift, patients=many, hidden=kind)


def clinic_figures(month: Month = MONTH, shift: float = 0.0) -> pd.DataFrame:
    """Return the clinic's figures: some suppressed, some months of the trend absent."""
    hidden = {
        "outcome.reliable_deterioration@month": "small_number",
        "outcome.paired@month": "complementary",
        "alliance.therapist.bond@month": "small_number",
        "outcome.flourishing.post": "small_number",
    }
    rows = list(_rows(48, "clinic", shift=shift, hidden=hidden))
    for number, past in enumerate(trailing(month, 12)):
        for figure in (f for f in FIGURES.values() if f.has_trend):
            if number == 4 or (number == 2 and figure.id.startswith("alliance.therapist")):
                rows.append(figure_row(figure.id, str(past), hidden="small_number"))
            elif number != 7:
                rows.append(figure_row(figure.id, str(past), patients=30 + number))
    absent = {"outcome.gad-7.improvement"}
    frame = pd.DataFrame(rows).assign(month=str(month), clinic_id="swit-gdansk")
    return frame[~frame["figure"].isin(absent)].reset_index(drop=True)


def therapist_figures() -> pd.DataFrame:
    """Return the therapists' figures; two have too few patients."""
    parts = []
    for number, therapist in enumerate(THERAPISTS):
        hidden = dict.fromkeys(CATALOGUE, "small_number") if number in (3, 6) else {}
        if number == 8:
            hidden = {"outcome.reliable_improvement": "complementary"}
        if number == 5:
            hidden = {"adjusted.phq-9": "too_few"}
        rows = list(_rows(6 + number, "therapist", shift=(number % 4 - 2) / 25, hidden=hidden))
        parts.append(pd.DataFrame(rows).assign(therapist_id=therapist))
    return pd.concat(parts).assign(month=str(MONTH), clinic_id="swit-gdansk")


def sector_figures() -> pd.DataFrame:
    """Return the figures of the public sector, and of all clinics together."""
    rows = pd.DataFrame(list(_rows(700, "sector", shift=0.01, hidden={})))
    is_of_all = rows["figure"].str.split(".").str[0].isin(_OF_ALL)
    return rows.assign(month=str(MONTH), sector=is_of_all.map({True: "all", False: "public"}))


_OF_ALL = ("clinics", "therapists", "needed", "comparison")


def readings() -> pd.DataFrame:
    """Return two files; every row of theirs is accounted for."""
    columns = ("export_id", "format", "content_sha256", "refusal_rule", "refusal_place",
               "rows_received", "rows_accepted", "rows_quarantined", "rows_superseded",
               "rows_duplicate", "rows_test")  # fmt: skip
    rows = [
        ("sessions", "delimited", SHA["sessions"], None, None, 214, 196, 12, 3, 2, 1),
        ("outcome", "delimited", SHA["outcome"], None, None, 61, 61, 0, 0, 0, 0),
    ]
    return pd.DataFrame(rows, columns=columns).assign(clinic_id="swit-gdansk", month=str(MONTH))


def quarantine() -> pd.DataFrame:
    """Return the refused rows by line, column and rule."""
    rows = [
        *((line, "w7", "ANSWER_ALLOWED") for line in (14, 15, 88, 102, 103, 104, 150)),
        *((line, "data", "DATE_NOT_FUTURE") for line in (17, 18, 19)),
        (77, "", "FIELD_COUNT"),
        (140, "terapeuta", "THERAPIST_REGISTERED"),
    ]
    frame = pd.DataFrame(rows, columns=["line", "column", "rule"])
    return frame.assign(
        clinic_id="swit-gdansk",
        month=str(MONTH),
        content_sha256=SHA["sessions"],
        remedy="Correct the row at the source and export the month again.",
    )


RULES = {
    "ANSWER_ALLOWED": RuleWords(
        "Is the answer one that the questionnaire allows?",
        "Correct the answer, or declare the coding (`codes`, `missing_codes`) in clinics.yaml.",
    ),
    "DATE_NOT_FUTURE": RuleWords(
        "Is the session not later than the month’s last day?",
        "Correct the date in the survey tool.",
    ),
    "THERAPIST_REGISTERED": RuleWords(
        "Is the therapist in the clinic’s registry entry?",
        "Correct the id, or add the new therapist to `therapists` of the clinic in clinics.yaml.",
    ),
    "PATIENT_FORMS": RuleWords(
        "Did patients fill in a form in most sessions?",
        "Hand out the forms in the session itself, and check that they are saved.",
    ),
}


def verdict(word: str = "passed", **changes: object) -> dict[str, Any]:
    """Return a row of verdicts that agrees with the readings."""
    counts = readings().filter(like="rows_").sum().to_dict()
    row = {"clinic_id": "swit-gdansk", "month": str(MONTH), "verdict": word, **counts}
    row |= {"rules_asked": 41, "rules_broken": 4, "rules_sha256": "9e" * 32}
    row |= {"registry_sha256": "a1" * 32, "inputs_sha256": "0f" * 32, "broken_rules": ""}
    return row | {"code_version": "0.1.0"} | changes


def report_arguments(**changes: object) -> dict[str, Any]:
    """Return the arguments of ``assemble_report`` for the invented clinic-month."""
    arguments: dict[str, Any] = {
        "clinic": clinic(),
        "month": MONTH,
        "clinic_figures": clinic_figures(),
        "therapist_figures": therapist_figures(),
        "sector_figures": sector_figures(),
        "previous_clinic_figures": clinic_figures(MONTH.plus(-1), shift=-0.12),
        "readings": readings(),
        "quarantine": quarantine(),
        "verdict": verdict(),
        "edition": 1,
        "replaces": None,
        "catalogue": RULES,
        "code_version": "0.1.0",
    }
    return arguments | changes


def report_facts(**changes: object) -> ReportFacts:
    """Return the facts of the invented report."""
    return assemble_report(**report_arguments(**changes))


def revised_facts() -> ReportFacts:
    """Return the facts of a second edition."""
    changes = ("A corrected file replaces an earlier one: 3 rows were superseded.",)
    return report_facts(edition=2, replaces=ReplacedEdition(1, "77" * 32, changes))


def notice_facts(word: str | None = "failed", **changes: object) -> NoticeFacts:
    """Return the facts of a notice under a verdict; ``None`` means that nothing came."""
    nothing = word in (None, "not_applicable")
    empty = dict.fromkeys(readings().filter(like="rows_").columns, 0)
    row = None if word is None else verdict(word, **(empty if nothing else {}))
    arguments: dict[str, Any] = {
        "clinic": clinic(),
        "month": MONTH,
        "readings": readings().iloc[:0] if nothing else readings(),
        "quarantine": quarantine().iloc[:0] if nothing else quarantine(),
        "verdict": row,
        "edition": 1,
        "replaces": None,
        "catalogue": RULES,
        "code_version": "0.1.0",
    }
    return assemble_notice(**(arguments | changes))
