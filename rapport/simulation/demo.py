"""The demo world on disk: a registry, an inbox full of exports, and the truth about both."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rapport.clinics import ExportMapping
from rapport.simulation.clinics import CLINICS, ClinicProfile
from rapport.simulation.defects import Defect, spoil
from rapport.simulation.registry import registry_text
from rapport.simulation.truth import truth_of
from rapport.simulation.world import World, simulate
from rapport.simulation.writers import NativeFile, mappings, native_files
from rapport.simulation.writers.contacts import Contacts, contacts_of


@dataclass(frozen=True)
class DemoSummary:
    """What was written.

    Attributes:
        home: Where.
        clinics: Number of clinics.
        files: Number of export files.
        rows: Data rows in them.
        defects: The defects in them.
    """

    home: Path
    clinics: int
    files: int
    rows: int
    defects: tuple[Defect, ...]


def write_demo(home: Path, *, seed: int = 2026) -> DemoSummary:
    """Write ``clinics.yaml``, ``inbox/`` and ``demo-truth.json`` into ``home``.

    Args:
        home: Folder to write into; made if it does not exist. Files of the same names are
            replaced, others are left alone.
        seed: Seed of the simulation; the same one gives the same bytes.

    Returns:
        What was written.
    """
    world = simulate(seed)
    home.mkdir(parents=True, exist_ok=True)
    _write(home / "clinics.yaml", registry_text().encode())
    n_files = n_rows = 0
    defects: list[Defect] = []
    for files, found in _exports(world):
        for file in files:
            _write(home / "inbox" / file.clinic_id / file.path, file.to_bytes())
            n_files, n_rows = n_files + 1, n_rows + len(file.rows)
        defects += found
    truth = truth_of(world) | {"defects": [asdict(defect) for defect in defects]}
    _write(home / "demo-truth.json", _as_json(truth))
    return DemoSummary(home, len(CLINICS), n_files, n_rows, tuple(defects))


def _exports(world: World) -> Iterator[tuple[list[NativeFile], list[Defect]]]:
    """Yield the files of every clinic-month as they are sent, with their defects."""
    for clinic in CLINICS:
        read_as = [ExportMapping.model_validate(entry) for entry in mappings(clinic)]
        for contacts in contacts_of(world, clinic):
            yield _clinic_month(world, clinic, read_as, contacts)


def _clinic_month(
    world: World, clinic: ClinicProfile, read_as: list[ExportMapping], contacts: Contacts
) -> tuple[list[NativeFile], list[Defect]]:
    rng = np.random.default_rng([world.seed, 1, *clinic.id.encode(), *contacts.month.encode()])
    return spoil(clinic, read_as, list(native_files(clinic, contacts)), rng)


def _as_json(truth: dict[str, Any]) -> bytes:
    return (json.dumps(truth, indent=1, ensure_ascii=False) + "\n").encode()


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
