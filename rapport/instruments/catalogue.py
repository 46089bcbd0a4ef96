"""The instrument catalogue: one YAML file an instrument, packaged, and a clinic's own beside.

A file in the folder of overrides replaces the packaged instrument with the same id, whole, or
adds a new one. Nothing is merged: what a clinic's file does not say is not known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from rapport.clinics.strict_yaml import faults_of, parse_yaml
from rapport.errors import Fault, SettingsError
from rapport.instruments.instrument import Instrument

_HELP = "Correct this key; docs/adding-an-instrument.md shows a whole file."


def load_catalogue(overrides: Path | None = None) -> Mapping[str, Instrument]:
    """Return every instrument by id, in the order of ids.

    Args:
        overrides: Folder with the clinic's own ``<id>.yaml`` files; one that does not exist
            holds none.

    Raises:
        SettingsError: A file breaks a rule; every fault of every file at once.
    """
    packaged = _packaged()
    if overrides is None or not overrides.is_dir():
        return packaged
    if misnamed := [_short_ending(file) for file in sorted(overrides.glob("*.yml"))]:
        raise SettingsError(misnamed)
    files = sorted(overrides.glob("*.yaml"))
    own = _read((file, file.read_bytes()) for file in files)
    return MappingProxyType(dict(sorted({**packaged, **own}.items())))


def instrument_of(catalogue: Mapping[str, Instrument], instrument_id: str) -> Instrument:
    """Return one instrument.

    Raises:
        SettingsError: The catalogue has no instrument with this id.
    """
    found = catalogue.get(instrument_id)
    if found is None:
        meant = [name for name in catalogue if _plain(name) == _plain(instrument_id)]
        near = "".join(f"Is {name} meant? " for name in meant)
        raise SettingsError(
            Fault(
                "UNKNOWN_INSTRUMENT",
                f"There is no instrument {instrument_id!r} in the catalogue.",
                f"{near}Use one of: {', '.join(catalogue)}; or describe it in a file of your own.",
            )
        )
    return found


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


@lru_cache(maxsize=1)
def _packaged() -> Mapping[str, Instrument]:
    folder = resources.files("rapport.instruments") / "data"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".yaml")),
        key=lambda entry: entry.name.removesuffix(".yaml"),
    )
    return MappingProxyType(_read((Path(entry.name), entry.read_bytes()) for entry in entries))


def _read(files: Iterable[tuple[Path, bytes]]) -> dict[str, Instrument]:
    faults: list[Fault] = []
    found: dict[str, Instrument] = {}
    for file, content in files:
        try:
            described = parse_yaml(content, file)
            if not isinstance(described, dict):
                faults.append(_no_description(file))
                continue
            instrument = Instrument.model_validate(described)
        except ValidationError as error:
            faults.extend(replace(fault, remedy=_HELP) for fault in faults_of(error, file))
            continue
        except SettingsError as error:
            faults.extend(error.faults)
            continue
        if instrument.id != file.stem:
            faults.append(_misnamed(file, instrument.id))
        found[instrument.id] = instrument
    if faults:
        raise SettingsError(faults)
    return found


def _misnamed(file: Path, instrument_id: str) -> Fault:
    return Fault(
        "INSTRUMENT_FILE_NAME",
        f"This file describes {instrument_id!r}; a file is named after its instrument.",
        f"Rename it to {instrument_id}.yaml, or correct its id.",
        file=str(file),
        column="id",
    )


def _no_description(file: Path) -> Fault:
    return Fault(
        "INSTRUMENT_FILE",
        "This file is empty, or holds no keys with values.",
        "Describe the instrument in it (docs/adding-an-instrument.md), or take the file away.",
        file=str(file),
    )


def _short_ending(file: Path) -> Fault:
    return Fault(
        "INSTRUMENT_FILE_NAME",
        "A file of an instrument ends in .yaml; this one would be overlooked.",
        f"Rename it to {file.stem}.yaml.",
        file=str(file),
    )
