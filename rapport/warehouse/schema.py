"""Migrations, run from code: there is no alembic.ini to keep in a home."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rapport.errors import Fault, SettingsError

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: sa.Engine) -> None:
    """Run every migration that is missing, all in one transaction.

    Two processes that migrate at once wait for each other; the second finds nothing to do.

    Raises:
        SettingsError: The warehouse was migrated by a newer version of Rapport.
    """
    from alembic import command
    from alembic.util import CommandError

    config = configuration()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.text("select pg_advisory_xact_lock(hashtextextended('rapport schema', 0))")
            )
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise SettingsError(
                Fault(
                    "SCHEMA_NEWER",
                    "The warehouse was migrated by a newer version of Rapport.",
                    "Use that version; a schema is never taken back.",
                )
            ) from None


def is_current(engine: sa.Engine) -> bool:
    """Say whether the newest migration has been run."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    wanted = ScriptDirectory.from_config(configuration()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == wanted


def configuration() -> "Config":
    """Return Alembic's configuration: where the migrations are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
