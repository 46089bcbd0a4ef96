"""One export looked at before it counts: the same way as in a month, and nothing is written.

What the command line is told only in part (which export it is, for which month it was made) is
found out here, and it is said how.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.files import mapping_of
from expectations.history import WINDOW, Remembered
from expectations.intake import Intake, take_in
from expectations.thresholds import setting
from rapport.errors import Fault, RapportError
from rapport.exports.reading import read_export
from rapport.monthly.slices import ClinicMonth
from rapport.months import Month
from rapport.sources import Delivery
from rapport.sources.delivery import printable
from rapport.sources.given import read_given

if TYPE_CHECKING:
    from rapport.clinics import Clinic, ExportMapping, Registry
    from rapport.exports.elsewhere import KnownPatients
    from rapport.exports.reading import Reading
    from rapport.instruments import Instrument

History = Callable[[Sequence[ClinicMonth]], Sequence[Remembered]]
"""Clinic-months → what the passed months before them remember."""

Known = Callable[[Sequence[ClinicMonth]], "KnownPatients"]
"""Clinic-months → the patients that others of their scheme of ids know."""

Withheld = Callable[[Delivery], Delivery]
"""A file → the same without the rows of erased patients."""

_ISO_MONTH = slice(0, 7)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a file was taken for, and why.

    Attributes:
        export: The mapping by which it is read.
        month: The month, ``YYYY-MM``.
        month_from: Where the month was taken from, in words.
    """

    export: "ExportMapping"
    month: str
    month_from: str


@dataclass(frozen=True)
class DryRun:
    """How one export would be taken in.

    Attributes:
        file: Its name, made printable.
        clinic: The clinic.
        chosen: What it was taken for.
        intake: What would be recorded.
        sha256: Hash of the file's bytes.
        n_months: How many earlier months it was held against; 0 if they were too few.
    """

    file: str
    clinic: "Clinic"
    chosen: Chosen
    intake: Intake
    sha256: str
    n_months: int = 0

    @property
    def is_refused(self) -> bool:
        """Whether the file is refused whole."""
        return bool(self.intake.readings.refusal_rule.notna().any())

    @property
    def rows(self) -> dict[str, int]:
        """Rows received, and what would become of them, by state."""
        only = self.intake.readings.iloc[0]
        names = [name for name in self.intake.readings.columns if name.startswith("rows_")]
        return {name.removeprefix("rows_"): int(only[name]) for name in names}

    @property
    def forms(self) -> dict[str, int]:
        """Accepted administrations of each form in this export."""
        found = self.intake.responses
        keys = Counter(found.instrument.astype(str) + "." + found.rater.astype(str))
        return {form.key: keys[form.key] for form in self.chosen.export.forms}

    @property
    def exit_code(self) -> int:
        """0 if every row is accepted, 1 if some are refused, 2 if the file is."""
        if self.is_refused:
            return 2
        return 1 if self.rows["quarantined"] else 0


def dry_run(
    file: Path,
    clinic_id: str,
    *,
    registry: "Registry",
    catalogue: Mapping[str, "Instrument"],
    month: str | None = None,
    export_id: str | None = None,
    history: History | None = None,
    known: Known | None = None,
    withheld: Withheld | None = None,
) -> DryRun:
    """Take one file in without recording anything.

    Args:
        file: The export.
        clinic_id: The clinic it comes from.
        registry: The clinics.
        catalogue: Id → instrument.
        month: The month it was made for; found out if it is not given.
        export_id: Which of the clinic's exports it is; found out if it is not given.
        history: What says how the clinic's earlier months were; none of them if it is not given.
        known: What says which patients other clinics of the scheme of ids know; nobody if it is
            not given.
        withheld: What leaves rows of erased patients out; none if it is not given.

    Raises:
        RapportError: The file cannot be opened, or it is not clear which export it is.
    """
    clinic = registry.clinic(clinic_id)
    content = read_given(file)
    chosen = _chosen(file, content, clinic, catalogue, month=month, export_id=export_id)
    name = printable(file.name)
    delivery = Delivery(clinic.id, chosen.month, chosen.export.id, name, content)
    own = ClinicMonth(clinic.id, chosen.month)
    past = history([own]) if history else ()
    intake = take_in(
        [withheld(delivery) if withheld else delivery],
        registry=registry,
        catalogue=catalogue,
        known=known([own]) if known else None,
        past=past,
    )
    is_long = len(past) >= setting("HISTORY_MONTHS", clinic)
    return DryRun(
        file=name,
        clinic=clinic,
        chosen=chosen,
        intake=intake,
        sha256=delivery.content_sha256,
        n_months=min(len(past), WINDOW) if is_long else 0,
    )


def _chosen(
    file: Path,
    content: bytes,
    clinic: "Clinic",
    catalogue: Mapping[str, "Instrument"],
    *,
    month: str | None,
    export_id: str | None,
) -> Chosen:
    named = _by_name(file, clinic)
    export = _export(content, clinic, catalogue, named, export_id)
    if month is not None:
        return Chosen(export, str(Month.parse(month)), "as asked for")
    if export.id in named:
        return Chosen(export, named[export.id], "from the file's name")
    return _by_dates(content, clinic, export, catalogue)


def _by_name(file: Path, clinic: "Clinic") -> dict[str, str]:
    """Return the exports whose path pattern fits, each with the month that it gives."""
    parts = file.absolute().parts
    found = {}
    for export in clinic.exports:
        pattern = "".join(_AS_REGEX.get(bit, re.escape(bit)) for bit in _BITS.split(export.pattern))
        depth = export.path.count("/") + 1
        fits = re.fullmatch(pattern, "/".join(parts[-depth:]))
        if fits:
            found[export.id] = fits[1]
    return found


_BITS = re.compile(r"(\{month\}|\*)")
_AS_REGEX = {"{month}": r"([0-9]{4}-(?:0[1-9]|1[0-2]))", "*": "[^/]*"}


def _export(
    content: bytes,
    clinic: "Clinic",
    catalogue: Mapping[str, "Instrument"],
    named: Mapping[str, str],
    export_id: str | None,
) -> "ExportMapping":
    """Return the export asked for, the only one that fits the name, or the only one there is."""
    if export_id is not None:
        return mapping_of(clinic, export_id)
    fitting = [one for one in clinic.exports if one.id in named] or list(clinic.exports)
    if len(fitting) == 1:
        return fitting[0]
    raise RapportError(_unclear(content, clinic, catalogue, fitting))


def _unclear(
    content: bytes,
    clinic: "Clinic",
    catalogue: Mapping[str, "Instrument"],
    fitting: Sequence["ExportMapping"],
) -> Fault:
    """Say which exports a file could be, by their names and by what can be read of it."""
    readable = [one.id for one in fitting if not _read(content, clinic, one, catalogue).is_refused]
    patterns = "; ".join(f"{one.id}: {one.path}" for one in fitting)
    could_be = readable or [one.id for one in fitting]
    which = f"one of: {', '.join(could_be)}" if len(could_be) > 1 else could_be[0]
    by_content = f"can be read as {', '.join(readable)}" if readable else "fits none of them"
    return Fault(
        "EXPORT_UNCLEAR",
        f"The clinic {clinic.id} sends several exports, and the file's name does not say which one "
        f"this is ({patterns}). Its content {by_content}.",
        f"Add --export with {which}." if len(could_be) > 1 else f"Add --export {which}.",
    )


def _read(
    content: bytes,
    clinic: "Clinic",
    export: "ExportMapping",
    catalogue: Mapping[str, "Instrument"],
) -> "Reading":
    delivery = Delivery(clinic.id, clinic.first_month, export.id, "", content)
    return read_export(delivery, mapping=export, clinic=clinic, catalogue=catalogue)


def _by_dates(
    content: bytes,
    clinic: "Clinic",
    export: "ExportMapping",
    catalogue: Mapping[str, "Instrument"],
) -> Chosen:
    """Take the month in which most of the sessions lie; the first month if no date is readable."""
    reading = _read(content, clinic, export, catalogue)
    days = reading.rows.loc[reading.rows.kind == "session", "date"].dropna()
    months = Counter(day[_ISO_MONTH] for day in days if _is_month(day[_ISO_MONTH]))
    if not months:
        return Chosen(export, clinic.first_month, "the clinic's first, as no date could be read")
    most = max(months, key=lambda name: (months[name], name))
    return Chosen(export, most, f"from the dates: {months[most]} of {len(days)} lie in it")


def _is_month(text: str) -> bool:
    try:
        Month.parse(text)
    except RapportError:
        return False
    return True
