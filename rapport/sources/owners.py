"""Whose files are taken from a folder, where a clinic's setting names one user."""

import os
import pwd

from rapport.clinics import Clinic
from rapport.clinics.places import FolderPlace


def not_the_owners(details: os.stat_result, clinic: Clinic) -> str:
    """Return why a file is not taken because of who owns it; empty if it may be.

    Args:
        details: The file as the file system describes it.
        clinic: The clinic in whose folder it lies.
    """
    place = clinic.source  # asked of every file: a name alone has no owner
    owner = place.owner if isinstance(place, FolderPlace) else None
    if owner is None:
        return ""
    number = _number(owner)
    if number is None:
        return "The user that owner names is unknown on this machine, so no file is taken."
    return "" if details.st_uid == number else "It belongs to another user than owner names."


def _number(owner: int | str) -> int | None:
    """Return a user's number; names are looked up, digits are a number."""
    if isinstance(owner, int):
        return owner
    try:
        return pwd.getpwnam(owner).pw_uid
    except KeyError:
        return int(owner) if owner.isascii() and owner.isdigit() else None
