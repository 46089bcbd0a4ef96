"""What the sensor remembers between two looks, kept as one content under its hash.

Dagster keeps a sensor's cursor with every tick; a hundred thousand files would fill its database.
So the cursor holds the hash, and the content lies here. The one before it is kept too, because a
tick that is cut off leaves the older cursor behind.
"""

import hashlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rapport.warehouse.tables import looks

if TYPE_CHECKING:
    from rapport.warehouse.store import Warehouse


def kept_look(warehouse: "Warehouse", sha256: str) -> bytes:
    """Return the content with this hash; nothing if it is not kept, or not what it was."""
    query = sa.select(looks.c.files).where(looks.c.files_sha256 == sha256)
    with warehouse.engine.connect() as connection:
        content = connection.execute(query).scalar_one_or_none()
    return content if content and _hash(content) == sha256 else b""


def keep_look(warehouse: "Warehouse", content: bytes, *, instead_of: str) -> str:
    """Keep a content; of those before only the one that it takes the place of stays.

    Returns:
        Its SHA-256, in hexadecimal.
    """
    sha256 = _hash(content)
    if sha256 == instead_of:
        return sha256
    with warehouse.writing.begin() as connection:
        connection.execute(sa.delete(looks).where(looks.c.files_sha256 != instead_of))
        connection.execute(sa.insert(looks), [{"files_sha256": sha256, "files": content}])
    return sha256


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
