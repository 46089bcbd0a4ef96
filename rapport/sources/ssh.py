"""Logging in to an SFTP server: the host key first, then one way in, and nothing of this machine.

Neither ``~/.ssh`` nor an agent is used: what stands in the registry decides, and nothing else.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from rapport.clinics.places import SftpPlace
from rapport.sources.failing import SourceError, access_refused, unfit, unreachable
from rapport.sources.trying import Deadline

if TYPE_CHECKING:
    import asyncssh

_KEY_TYPES = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
"""Kinds of host key, best first; certificates are none of them.

A fingerprint does not say of which kind its key is, and a server shows one key at a time: each
kind is asked for until the pinned key is shown.
"""

_BY_PASSWORD = ("password", "keyboard-interactive")

_TRIES_OF_A_FURTHER_KIND = 4
"""How often a kind of key is asked for whose connection is lost, after a wrong key was shown."""


@asynccontextmanager
async def connect(
    place: SftpPlace, secrets: Mapping[str, str]
) -> "AsyncIterator[asyncssh.SSHClientConnection]":
    """Open a connection to a server that shows the pinned key, and log in.

    Raises:
        SourceError: It shows another key, or this account's key cannot be read.
        OSError: The network failed.
        asyncssh.Error: The server refused or broke off.
    """
    pinned = _Pinned(place.host_key)
    client_keys = [_private_key(secrets)] if place.private_key else []
    for key_types in pinned.key_types:
        connection = await _open(place, secrets, pinned, key_types, client_keys)
        if connection is None:
            continue
        async with connection:
            yield connection
        return
    raise pinned.mismatch()


async def _open(
    place: SftpPlace,
    secrets: Mapping[str, str],
    pinned: "_Pinned",
    key_types: list[str],
    client_keys: "list[asyncssh.SSHKey]",
) -> "asyncssh.SSHClientConnection | None":
    """Connect asking for host keys of one kind; nothing if that kind is not the pinned key.

    A server that lacks a kind breaks off, and its reason can be lost with the connection. Once it
    has shown a wrong key of another kind, a connection lost before any key came is tried again
    here, so that it is told what is wrong, and not that the network is.
    """
    import asyncssh

    tries = _TRIES_OF_A_FURTHER_KIND if pinned.n_shown else 1
    for left in reversed(range(tries)):
        n_shown = pinned.n_shown
        try:
            return await asyncssh.connect(
                place.host,
                place.port,
                username=place.user,
                password=secrets.get("password"),
                client_keys=client_keys,
                client_factory=pinned.client,
                known_hosts=([], [], []),
                server_host_key_algs=key_types,
                preferred_auth=["publickey"] if client_keys else _BY_PASSWORD,
                config=[],
                agent_path=None,
                gss_host=None,
                x509_trusted_certs=None,
                connect_timeout=place.connect_seconds,
                login_timeout=place.read_seconds,
                keepalive_interval=place.read_seconds,
            )
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed):
            return None
        except (asyncssh.Error, OSError) as error:
            # where a key was refused, the server's "broken off" may arrive before our own reason
            if pinned.has_refused_since(n_shown):
                return None
            if not (left and isinstance(error, asyncssh.ConnectionLost | ConnectionError)):
                raise
    return None


class _Pinned:
    """The one host key that is accepted, and the keys that were shown instead of it."""

    def __init__(self, host_key: str) -> None:
        import asyncssh

        self._shown: list[asyncssh.SSHKey] = []
        self._fingerprint = host_key.rstrip("=")
        self.key_types = [list(kinds) for kinds in _KEY_TYPES]
        if not host_key.startswith("SHA256:"):
            try:
                key = asyncssh.import_public_key(host_key)
            except asyncssh.KeyImportError:
                raise access_refused(
                    "The setting host_key is no key.", "Copy it whole, or write SHA256:…."
                ) from None
            self._fingerprint = key.get_fingerprint("sha256")
            own = {kind.decode() for kind in key.sig_algorithms}
            self.key_types = [list(kinds) for kinds in _KEY_TYPES if own & set(kinds)]

    def client(self) -> "asyncssh.SSHClient":
        """Return a client that accepts the pinned key alone."""
        import asyncssh

        pinned = self

        class _Client(asyncssh.SSHClient):
            def validate_host_public_key(
                self, host: str, addr: str, port: int, key: asyncssh.SSHKey
            ) -> bool:
                return pinned.accepts(key)

        return _Client()

    def accepts(self, key: "asyncssh.SSHKey") -> bool:
        """Whether this is the pinned key."""
        self._shown.append(key)
        return key.get_fingerprint("sha256") == self._fingerprint

    @property
    def n_shown(self) -> int:
        """How many keys were shown so far."""
        return len(self._shown)

    def has_refused_since(self, n_shown: int) -> bool:
        """Whether one of the keys shown after the first ``n_shown`` is not the pinned one."""
        later = self._shown[n_shown:]
        return any(key.get_fingerprint("sha256") != self._fingerprint for key in later)

    def mismatch(self) -> SourceError:
        """Return the failure that the server showed another key."""
        shown = ", ".join(
            f"{key.get_algorithm()} {key.get_fingerprint('sha256')}" for key in self._shown
        )
        return access_refused(
            f"The server shows another host key than the pinned one ({shown or 'none'}).",
            "Ask who runs the server, by another way than this server, whether its key has "
            "changed; only then change host_key of this source.",
        )


def _private_key(secrets: Mapping[str, str]) -> "asyncssh.SSHKey":
    import asyncssh

    try:
        return asyncssh.import_private_key(secrets["private_key"], secrets.get("passphrase"))
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise access_refused(
            "The private key of this source cannot be read.",
            "Look at the key and its passphrase; OpenSSH and PEM are read.",
        ) from None


@contextmanager
def told_as_failure(deadline: Deadline) -> Iterator[None]:
    """Tell whatever the network or the server did as a failure of the source, in own words.

    Raises:
        SourceError: Instead of what was raised within.
    """
    import asyncssh

    try:
        yield
    except asyncssh.PermissionDenied:
        raise access_refused(
            "The server does not let this account in.",
            "Look at user and at the key or password of this source, and ask the server's side.",
        ) from None
    except (asyncssh.ProtocolNotSupported, asyncssh.IllegalUserName):
        raise access_refused(
            "The server and Rapport have no way of speaking safely in common.",
            "Ask the server's side for current algorithms and an SFTP service.",
        ) from None
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection):
        raise unreachable("The connection to the server broke off.") from None
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory):
        raise unfit(
            "What was looked for is not there.", "Look at folder of this source and at path."
        ) from None
    except asyncssh.SFTPPermissionDenied:
        raise unfit(
            "The server does not let this account read it.", "Ask the server's side for the right."
        ) from None
    except TimeoutError:
        if deadline.is_over:
            raise deadline.passed() from None
        raise unreachable("The server was silent for too long.") from None
    except asyncssh.Error:
        raise unreachable("The server broke off, or answered what it should not.") from None
    except OSError as error:
        what = error.strerror or "no connection"
        raise unreachable(f"The server cannot be reached ({what}).") from None
