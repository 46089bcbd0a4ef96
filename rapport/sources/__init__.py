"""Where exports come from, and where their bytes are kept: nothing here reads what is in them."""

from rapport.sources.delivery import Delivery, FoundFile, Held
from rapport.sources.door import ClinicSources, Source
from rapport.sources.folder import FolderSource, is_stable
from rapport.sources.landing import Landing
from rapport.sources.secrets import secret_faults

__all__ = [
    "ClinicSources",
    "Delivery",
    "FolderSource",
    "FoundFile",
    "Held",
    "Landing",
    "Source",
    "is_stable",
    "secret_faults",
]
