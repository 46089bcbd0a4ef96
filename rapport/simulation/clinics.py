"""The twelve clinics of the demo world: invented places, in eight countries and as many time zones.

No clinic, person or address here exists. What differs between clinics is what differs between real
ones: sector, size, severity, who fills in forms, and how their software spells an export.
"""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["redcap", "qualtrics", "limesurvey", "delimited"]
Coding = Literal["plain", "from_one", "ao"]


@dataclass(frozen=True, slots=True)
class ClinicProfile:
    """One clinic of the demo world.

    Attributes:
        id: Id in the registry, and name of the folder its files arrive in.
        name: Name on the report.
        sector: ``public`` or ``private``.
        timezone: IANA zone.
        locale: Language and country of its report.
        shape: Native shape of its exports.
        code: How the clinic calls itself inside its exports.
        patients: Pattern of its patients' codes; ``{n}`` is the running number.
        therapists: Ids of its therapists.
        n_patients: Patients admitted over all months.
        patient_forms: Share of patients' forms that come in.
        therapist_forms: Share of therapists' forms that come in.
        dates: How its export writes dates, in :func:`datetime.strptime` notation.
        coding: How answers are coded: ``plain`` as on the scale, ``from_one`` counted from 1,
            ``ao`` as LimeSurvey's ``AO01``, ``AO02`` …
        delimiter: Field delimiter.
        encoding: Text encoding.
    """

    id: str
    name: str
    sector: Literal["public", "private"]
    timezone: str
    locale: str
    shape: Shape
    code: str
    patients: str
    therapists: tuple[str, ...]
    n_patients: int
    patient_forms: float
    therapist_forms: float
    dates: str = "%Y-%m-%d"
    coding: Coding = "plain"
    delimiter: str = ","
    encoding: str = "utf-8"


def _numbered(pattern: str, count: int) -> tuple[str, ...]:
    return tuple(pattern.format(n=number) for number in range(1, count + 1))


CLINICS: tuple[ClinicProfile, ...] = (
    ClinicProfile(
        "nordlysvika", "Nordlysvika psykologiske poliklinikk", "public", "Europe/Oslo", "nb_NO",
        "redcap", "nordlysvika", "NV-{n:04d}", _numbered("nv{n:02d}", 11), 190, 0.90, 0.84,
    ),
    ClinicProfile(
        "harrowmere", "Harrowmere Talking Therapies", "public", "Europe/London", "en_GB",
        "redcap", "harrowmere", "331-{n}", _numbered("H{n:02d}", 12), 210, 0.93, 0.78,
    ),
    ClinicProfile(
        "lindenkai", "Praxis am Lindenkai", "private", "Europe/Berlin", "de_DE",
        "redcap", "lindenkai", "LK{n:03d}", _numbered("LK-T{n}", 5), 70, 0.88, 0.93,
    ),
    ClinicProfile(
        "rosenfurt", "Psychotherapeutische Ambulanz Rosenfurt", "public", "Europe/Berlin", "de_DE",
        "qualtrics", "ROS", "R{n:05d}", _numbered("RF{n:02d}", 9), 150, 0.86, 0.90,
    ),
    ClinicProfile(
        "aldermoor", "Aldermoor Counselling Rooms", "private", "Europe/London", "en_GB",
        "qualtrics", "ALD", "AM{n:04d}", _numbered("am-{n}", 6), 85, 0.91, 0.87,
        dates="%d/%m/%Y", coding="from_one",
    ),
    ClinicProfile(
        "koivulahti", "Koivulahden mielenterveyskeskus", "public", "Europe/Helsinki", "fi_FI",
        "qualtrics", "KOI", "K-{n:04d}", _numbered("koi{n:02d}", 8), 130, 0.83, 0.76,
        dates="%d.%m.%Y",
    ),
    ClinicProfile(
        "ballycorran", "Ballycorran Community Psychology", "public", "Europe/Dublin", "en_IE",
        "limesurvey", "BALLY", "BC{n:04d}", _numbered("BCT{n:02d}", 8), 135, 0.85, 0.81,
    ),
    ClinicProfile(
        "maplewick", "Maplewick Psychotherapy", "private", "America/Toronto", "en_CA",
        "limesurvey", "MW1", "mw{n:03d}", _numbered("MW-{n}", 4), 60, 0.92, 0.95,
        coding="ao", delimiter=";",
    ),
    ClinicProfile(
        "serrada", "Consulta de Psicologia Vale de Serrada", "public", "Europe/Lisbon", "pt_PT",
        "limesurvey", "SERRADA", "VS-{n:04d}", _numbered("VS{n:02d}", 7), 120, 0.80, 0.72,
        coding="ao", encoding="utf-8-sig",
    ),
    ClinicProfile(
        "zielony-brzeg", "Poradnia Zdrowia Psychicznego Zielony Brzeg", "public",
        "Europe/Warsaw", "pl_PL", "delimited", "ZB-01", "{n:03d}",
        ("AK", "BM", "CW", "DŁ", "EZ", "GS", "HN", "JK", "MP", "TR"), 175, 0.87, 0.80,
        dates="%d.%m.%Y", delimiter=";", encoding="cp1250",
    ),
    ClinicProfile(
        "cicha-laka", "Gabinety Cicha Łąka", "private", "Europe/Warsaw", "pl_PL",
        "delimited", "CŁ", "02{n:04d}",
        ("NA", "NO", "ON", "KB", "LS", "MW", "PD", "RJ", "ŚT"), 135, 0.90, 0.91,
        dates="%d.%m.%Y", delimiter=";", encoding="cp1250",
    ),
    ClinicProfile(
        "zolty-dom", "Pracownia Psychoterapii Żółty Dom", "private", "Europe/Warsaw", "pl_PL",
        "delimited", "ŻD", "ŻD/{n:03d}", ("JŻ",), 40, 0.94, 0.96,
        dates="%d.%m.%Y", delimiter=";", encoding="cp1250",
    ),
)  # fmt: skip
"""Seven public and five private clinics, 90 therapists (one clinic has one), 1,500 patients."""

BY_ID = {clinic.id: clinic for clinic in CLINICS}
