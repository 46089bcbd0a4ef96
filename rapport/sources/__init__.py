"""Where exports come from, and where their bytes are kept: nothing here reads what is in them."""

from rapport.sources.delivery import Delivery, FoundFile, Held
from rapport.sources.folder import FolderSource, is_stable
from rapport.sources.landing import Landing

__all__ = ["Delivery", "FolderSource", "FoundFile", "Held", "Landing", "is_stable"]
