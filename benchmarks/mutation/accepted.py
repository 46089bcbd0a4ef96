"""The survivors that are known not to matter, each with its reason: ``accepted.yaml``."""

from dataclasses import dataclass
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("accepted.yaml")


@dataclass(frozen=True, slots=True)
class Accepted:
    """One reason for the survivors that it names.

    Attributes:
        module: Import name of the module.
        changes: Names of changes; a ``*`` at the end stands for anything.
        reason: Why no test can tell them from the right version, or need not.
    """

    module: str
    changes: tuple[str, ...]
    reason: str

    def covers(self, module: str, change: str) -> bool:
        """Whether this reason is about the change."""
        return module == self.module and any(
            change.startswith(name[:-1]) if name.endswith("*") else change == name
            for name in self.changes
        )


def accepted() -> tuple[Accepted, ...]:
    """Return every reason."""
    entries = yaml.safe_load(_FILE.read_text(encoding="utf-8")) or []
    return tuple(
        Accepted(entry["module"], tuple(entry["changes"]), entry["reason"]) for entry in entries
    )
