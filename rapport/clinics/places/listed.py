"""Sources that can be looked through: a folder, a folder of an SFTP server, a bucket."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from rapport.clinics.places.kinds import Declared, RemotePlace, Secret, WebPlace, stays_below

_HOST_KEY = (
    r"^(SHA256:[A-Za-z0-9+/]{43}=?|[a-z0-9][a-z0-9@.-]+ [A-Za-z0-9+/]{40,}={0,2}( [ -~]*)?)$"
)


class FolderPlace(Declared):
    """A folder below the home's inbox.

    Attributes:
        path: The folder.
        owner: User name or number of the only user whose files are taken.
    """

    type: Literal["folder"]
    path: Annotated[str, Field(min_length=1)]
    owner: Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1)] | None = None

    @field_validator("path")
    @classmethod
    def _path_stays_below_the_inbox(cls, path: str) -> str:
        return stays_below(path)


class SftpPlace(RemotePlace):
    """A folder of an SFTP server.

    Attributes:
        host, port, user: The account.
        host_key: The server's key, as a line of OpenSSH (``ssh-ed25519 AAAA…``) or as the
            fingerprint ``SHA256:…`` that ``ssh-keyscan HOST | ssh-keygen -lf -`` shows. Another
            key is refused, also when the server was given a new one.
        private_key: Where the account's private key is, in the form of OpenSSH or PEM.
        passphrase: Where the passphrase of that key is, if it has one.
        password: Where the account's password is, if it has no key.
        folder: Folder on the server, from the account's own folder or absolute.
    """

    type: Literal["sftp"]
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$", max_length=255)]
    port: int = Field(default=22, ge=1, le=65535)
    user: Annotated[str, Field(min_length=1, max_length=128)]
    host_key: Annotated[str, Field(pattern=_HOST_KEY)]
    private_key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    folder: Annotated[str, Field(min_length=1)] = "."

    @model_validator(mode="after")
    def _has_one_way_in(self) -> Self:
        if (self.private_key is None) == (self.password is None):
            raise ValueError("needs either private_key or password")
        if self.passphrase is not None and self.private_key is None:
            raise ValueError("passphrase belongs to a private_key")
        return self

    @field_validator("folder")
    @classmethod
    def _leads_nowhere_else(cls, folder: str) -> str:
        if ".." in folder.split("/") or "\x00" in folder:
            raise ValueError("must be a folder without ..")
        return folder.rstrip("/") or "/"


class S3Place(WebPlace):
    """A bucket of S3, or of a store that speaks its language.

    Attributes:
        endpoint: Address of the store; Amazon's own for the region, if left out.
        bucket: Where the objects are.
        prefix: What their keys begin with; ``path`` of an export begins behind it.
        region: Region that the requests are signed for.
        access_key, secret_key, session_token: Where the secrets are.
    """

    type: Literal["s3"]
    endpoint: str | None = None
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: Annotated[str, Field(max_length=900)] = ""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "us-east-1"
    access_key: Secret
    secret_key: Secret
    session_token: Secret | None = None

    @model_validator(mode="after")
    def _address_is_safe(self) -> Self:
        if self.endpoint is not None:
            self.require_address("endpoint", self.endpoint)
        return self
