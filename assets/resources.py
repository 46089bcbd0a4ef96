"""The one resource: a home, opened once in each process and handed out as a plain object."""

from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from rapport.home import Home, open_home


class HomeResource(dg.ConfigurableResource[Home]):
    """Opens the home at ``root`` and migrates its warehouse before anything is read.

    Attributes:
        root: Path of the home, as ``RAPPORT_HOME`` names it.
    """

    root: str
    _home: Home | None = PrivateAttr(default=None)

    @property
    def home(self) -> Home:
        """The home, opened."""
        if self._home is None:
            self._home = open_home(Path(self.root))
            self._home.warehouse.migrate()
        return self._home
