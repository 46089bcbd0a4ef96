"""A home: the folder that holds one installation's settings, registry and stores.

``open_home`` reads and validates settings and registry whole; what is expensive (warehouse,
instrument catalogue) opens when it is first asked for. ``make_home`` writes a new one.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from rapport.clinics import Registry, load_registry
from rapport.errors import Fault, RapportError, SettingsError
from rapport.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rapport.instruments import Instrument
    from rapport.sources import Landing, Source
    from rapport.warehouse.store import Warehouse

HOME_VARIABLE = "RAPPORT_HOME"
SETTINGS_FILE = "rapport.yaml"
REGISTRY_FILE = "clinics.yaml"


@dataclass(frozen=True)
class Home:
    """One installation, opened.

    Attributes:
        root: The folder.
        settings: What ``rapport.yaml`` says, with the environment's overrides.
    """

    root: Path
    settings: Settings

    @cached_property
    def registry(self) -> Registry:
        """The clinics, validated, also against the instrument catalogue."""
        from rapport.instruments.agreement import require_agreement

        file = self.root / REGISTRY_FILE
        return require_agreement(load_registry(file), self.catalogue, file)

    @cached_property
    def catalogue(self) -> "Mapping[str, Instrument]":
        """The instruments, with this home's own versions from ``instruments/``."""
        from rapport.instruments import load_catalogue

        own = self.root / "instruments"
        return load_catalogue(own if own.is_dir() else None)

    @cached_property
    def warehouse(self) -> "Warehouse":
        """The warehouse, opened once for this process."""
        from rapport.warehouse.store import Warehouse

        return Warehouse(self.warehouse_url)

    @cached_property
    def landing(self) -> "Landing":
        """The immutable store of raw bytes."""
        from rapport.sources import Landing

        return Landing(self.root / self.settings.landing)

    @cached_property
    def source(self) -> "Source":
        """Where clinics' files arrive, each clinic's by its own kind of source."""
        from rapport.sources import ClinicSources, FolderSource

        return ClinicSources(FolderSource(self.inbox))

    @property
    def warehouse_url(self) -> str:
        """The warehouse's URL, with a relative SQLite path taken from the home."""
        url = self.settings.warehouse_url
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return f"{prefix}{(self.root / url.removeprefix(prefix)).resolve()}"
        return url

    @property
    def inbox(self) -> Path:
        """Folder below which each clinic has its own."""
        return self.root / self.settings.inbox

    @property
    def reports(self) -> Path:
        """Folder in which report editions are filed."""
        return self.root / self.settings.reports

    @property
    def outbox(self) -> Path:
        """Folder from which each clinic's deliveries are taken."""
        return self.root / self.settings.outbox

    @property
    def dossiers(self) -> Path:
        """Folder of the evidence dossiers."""
        return self.root / self.settings.dossiers

    @property
    def dagster(self) -> Path:
        """The Dagster instance of this home."""
        return self.root / "dagster"


def open_home(root: Path | None = None) -> Home:
    """Open the home at ``root``, or the one that ``RAPPORT_HOME`` names, or ``./home``.

    Raises:
        SettingsError: There is no home there, or its settings break a rule.
    """
    named = root or Path(os.environ.get(HOME_VARIABLE) or "home")
    if not named.is_dir():
        raise SettingsError(
            Fault(
                "NO_HOME",
                "There is no Rapport home at this place.",
                "Make one with `rapport init DIR`, and point RAPPORT_HOME at it.",
                file=str(named),
            )
        )
    resolved = named.resolve()
    return Home(resolved, load_settings(resolved / SETTINGS_FILE))


def make_home(root: Path) -> Home:
    """Write a new home: settings, an example registry, folders, a migrated database.

    A second call on the same folder changes no file that is there.

    Raises:
        RapportError: ``root`` cannot be written, or holds something that is not a home.
    """
    if root.is_dir() and any(root.iterdir()) and not (root / SETTINGS_FILE).exists():
        raise RapportError(
            Fault(
                "NOT_A_HOME",
                "This folder holds other things already.",
                "Name an empty or a new folder.",
                file=str(root),
            )
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name, destination in (
            ("rapport.yaml", root / SETTINGS_FILE),
            ("clinics.yaml", root / REGISTRY_FILE),
            ("dagster.yaml", root / "dagster" / "dagster.yaml"),
        ):
            _write_once(name, destination)
        home = open_home(root)
        for folder in (home.inbox, home.reports, home.outbox, home.dossiers):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RapportError(
            Fault(
                "HOME_NOT_WRITABLE",
                f"The home cannot be written ({error.strerror}).",
                "Choose a folder you may write to, on a disk with room.",
                file=str(root),
            )
        ) from None
    home.warehouse.migrate()
    return home


def _write_once(template: str, destination: Path) -> None:
    """Write a packaged starting file unless the destination exists."""
    if destination.exists():
        return
    destination.parent.mkdir(parents=True, exist_ok=True)
    content = resources.files("rapport").joinpath("starting_files", template).read_bytes()
    destination.write_bytes(content)
