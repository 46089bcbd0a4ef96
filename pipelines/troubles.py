"""Troubles of the machine that a person can mend: a full disk, a read-only folder, a busy database.

They are no bugs, so they are told like every fault: what, and what to do. Everything else keeps its
traceback. Whatever was being done is not done: files are written whole or not at all, and tables
and ledger change together; so the remedy is always to mend the cause and to run the command again.
"""

import errno

from rapport.errors import Fault

_AGAIN = " Then run the command again: what was half done was not kept."
_FULL = Fault(
    "DISK_FULL",
    "The disk is full, or a limit on the size of files was reached.",
    f"Make room on the disk of the home and of the database.{_AGAIN}",
)
_READ_ONLY = Fault(
    "NOT_WRITABLE",
    "A folder or file of the home cannot be written.",
    f"Let the user that Rapport runs as write the home; see `rapport doctor`.{_AGAIN}",
)
_BUSY = Fault(
    "DATABASE_BUSY",
    "The database is held by another program, or by another run of Rapport.",
    f"Wait until it has ended, or end it.{_AGAIN}",
)
_DAMAGED_DISK = Fault(
    "DISK_FAILS",
    "The disk could not be read or written; it may be full, or fail.",
    f"Make room on it, or look at the machine's log and restore the home from a backup.{_AGAIN}",
)
_DAMAGED = Fault(
    "DATABASE_DAMAGED",
    "The database's file is damaged, or is no database.",
    "Restore the home from a backup, and run `rapport verify`.",
)

_BY_NUMBER = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EIO: _DAMAGED_DISK,
}
_BY_WORDS = {
    "database or disk is full": _FULL,
    "no space left on device": _FULL,
    "attempt to write a readonly database": _READ_ONLY,
    "unable to open database file": _READ_ONLY,
    "database is locked": _BUSY,
    "database table is locked": _BUSY,
    "disk i/o error": _DAMAGED_DISK,
    "database disk image is malformed": _DAMAGED,
    "file is not a database": _DAMAGED,
}


def machine_errors() -> tuple[type[Exception], ...]:
    """Return the kinds of errors behind which a trouble of the machine may be."""
    import sqlite3

    from sqlalchemy.exc import SQLAlchemyError

    return (OSError, sqlite3.Error, SQLAlchemyError)


def trouble_in(error: BaseException) -> Fault | None:
    """Return what is wrong with the machine, if that is why something was raised.

    Args:
        error: What was raised; what it was raised from is asked as well.

    Returns:
        The fault, without any word of the error: a database's message may hold a value. ``None``
        if nothing of this kind is behind it.
    """
    seen: set[int] = set()
    asked: BaseException | None = error
    while asked is not None and id(asked) not in seen:
        seen.add(id(asked))
        found = _told_by(asked)
        if found is not None:
            return found
        asked = asked.__cause__
    return None


def _told_by(error: BaseException) -> Fault | None:
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    if not _is_of_a_database(error):
        return None
    first = str(error).lower().partition("\n")[0]
    return next((fault for words, fault in _BY_WORDS.items() if words in first), None)


def _is_of_a_database(error: BaseException) -> bool:
    """Whether an error is a driver's or SQLAlchemy's own, told by where its class comes from."""
    return type(error).__module__.partition(".")[0] in ("sqlite3", "sqlalchemy", "psycopg")
