"""Whether the registry and the instrument catalogue agree: told before any file is read.

A form of an unknown instrument, of a rater who does not fill it in, with too few columns, or whose
key is uncertain could be read but never scored. All of that shows in the registry already.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rapport.clinics.mapping import FormMapping
from rapport.clinics.registry import Registry
from rapport.errors import Fault, SettingsError
from rapport.instruments.instrument import Instrument


def require_agreement(
    registry: Registry, catalogue: Mapping[str, Instrument], file: Path
) -> Registry:
    """Return the registry if every form in it can be scored.

    Args:
        registry: The registry, read from ``file``.
        catalogue: Id → instrument.
        file: Where the registry stands, for the faults.

    Raises:
        SettingsError: Forms cannot be scored; all of them at once, by key.
    """
    faults = [
        Fault("FORM", f"{key}: {message}.", remedy, file=str(file), column=key)
        for key, form in _forms(registry)
        for message, remedy in _faults_of(form, catalogue)
    ]
    if faults:
        raise SettingsError(faults)
    return registry


def _forms(registry: Registry) -> Iterator[tuple[str, FormMapping]]:
    for clinic in registry.clinics.values():
        for export in clinic.exports:
            for form in export.forms:
                yield f"{clinic.id}.{export.id}.{form.key}", form


def _faults_of(form: FormMapping, catalogue: Mapping[str, Instrument]) -> Iterator[tuple[str, str]]:
    instrument = catalogue.get(form.instrument)
    if instrument is None:
        yield (
            "the instrument is not in the catalogue",
            "`rapport instruments` lists those that are; docs/adding-an-instrument.md adds one.",
        )
        return
    if form.rater not in instrument.raters:
        raters = " or ".join(instrument.raters)
        yield "this rater does not fill it in", f"It is filled in by the {raters}."
    if not isinstance(form.items, str) and len(form.items) != instrument.n_items:
        yield (
            f"{len(form.items)} columns are named",
            f"Name {instrument.n_items}, one for each item, in the instrument's order.",
        )
    if not (instrument.key.is_usable and instrument.reversal.is_usable):
        yield (
            "its key is uncertain, so no score is computed from it",
            f"See `rapport instruments {instrument.id}`; put the form's own key into the home's "
            "folder instruments/.",
        )
