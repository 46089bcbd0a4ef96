"""Why a source gives nothing: kinds of failure that differ in what happens next.

None of them stops a run: whoever opens the door turns them into a file that is held, with the
reason. Their words come from Rapport alone; what a server said is never quoted, because it may
hold a secret or a patient's data.
"""

from rapport.errors import Fault, RapportError


class SourceError(RapportError):
    """A source gives no file, or not this one."""

    @property
    def reason(self) -> str:
        """What is wrong and what to do, in sentences."""
        return " ".join(f"{fault.message} {fault.remedy}" for fault in self.faults)


class UnreachableError(SourceError):
    """The network or the server failed; another try may go well."""


class AccessRefusedError(SourceError):
    """Who asks, or who answers, is not who they should be; another try would change nothing."""


class UnfitFileError(SourceError):
    """This file, or this reply, is not to be taken; others of the source may be."""


class ChangedError(SourceError):
    """The file is no longer the one that was listed; the next look lists it again."""


def unreachable(message: str) -> UnreachableError:
    """Return the failure of a network or server."""
    remedy = "It is tried again at the next collection; look at the server if it lasts."
    return UnreachableError(Fault("SOURCE_UNREACHABLE", message, remedy))


def access_refused(message: str, remedy: str) -> AccessRefusedError:
    """Return the failure of a credential, a key, a certificate or an address."""
    return AccessRefusedError(Fault("SOURCE_ACCESS", message, remedy))


def unfit(message: str, remedy: str) -> UnfitFileError:
    """Return the failure of one file or reply."""
    return UnfitFileError(Fault("SOURCE_FILE", message, remedy))


def too_large(limit: int) -> UnfitFileError:
    """Return the failure of a file that is larger than ``limit`` bytes."""
    return unfit(
        f"It is larger than {limit} bytes.", "Deliver less at once, or raise size_limit of source."
    )


def changed() -> ChangedError:
    """Return the failure of a file that was replaced or is still growing."""
    return ChangedError(
        Fault(
            "SOURCE_CHANGED",
            "It changed between listing and reading; it may still be being written.",
            "It is read again at the next collection.",
        )
    )
