"""Settings of one installation: ``rapport.yaml``, read once, whole, and immutable.

Secrets never stand in the file: the warehouse's URL may come from ``RAPPORT_WAREHOUSE_URL`` and
the mail server's password from ``RAPPORT_SMTP_PASSWORD``, and a URL with a password in the file is
a fault.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rapport.clinics.registry import Address
from rapport.clinics.strict_yaml import faults_of, parse_yaml
from rapport.errors import Fault, RapportError, SettingsError
from rapport.months import Month

WAREHOUSE_URL_VARIABLE = "RAPPORT_WAREHOUSE_URL"
SMTP_PASSWORD_VARIABLE = "RAPPORT_SMTP_PASSWORD"  # noqa: S105 - the variable's name, not a password


class MailAlerts(BaseModel):
    """Where a mail goes when a run fails. Without it, a failed run is told in Dagster only.

    Attributes:
        sender: Address the mail comes from, also the account at the server.
        recipients: Who is told.
        smtp_host: Mail server.
        smtp_port: Its port.
        encryption: ``SSL`` or ``STARTTLS``; a mail is never sent in the clear.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Address
    recipients: tuple[Address, ...] = Field(min_length=1)
    smtp_host: str
    smtp_port: int = Field(default=465, ge=1, le=65535)
    encryption: Annotated[str, Field(pattern="^(SSL|STARTTLS)$")] = "SSL"


class Settings(BaseModel):
    """What ``rapport.yaml`` may say.

    Attributes:
        start_month: First month the pipeline knows; fixed, never relative to today.
        inbox, landing, reports, outbox, dossiers: Folders, relative to the home.
        warehouse_url: SQLAlchemy URL; a relative SQLite path is taken from the home.
        closing_day: Day of the following month on which a month is closed by the schedule.
        closing_hour: Hour of that day, in ``timezone``.
        timezone: Zone of the schedule; clinics have zones of their own.
        report_processes: Processes that render reports side by side.
        watch_seconds: How often the sensor looks for new files.
        fetch_hour: Hour of the day, in ``timezone``, at which sources that are no folder are asked.
        fetch_months: How many ended months they are asked for again each day.
        mail_alerts: Who is told by mail when a run fails.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_month: str = "2025-01"
    inbox: str = "inbox"
    landing: str = "landing"
    reports: str = "reports"
    outbox: str = "outbox"
    dossiers: str = "dossiers"
    warehouse_url: str = "sqlite:///warehouse.db"
    closing_day: int = Field(default=5, ge=1, le=28)
    closing_hour: int = Field(default=6, ge=0, le=23)
    timezone: str = "UTC"
    report_processes: int = Field(default=2, ge=1, le=64)
    watch_seconds: int = Field(default=60, ge=5)
    fetch_hour: int = Field(default=4, ge=0, le=23)
    fetch_months: int = Field(default=2, ge=1, le=24)
    mail_alerts: MailAlerts | None = None

    @field_validator("start_month")
    @classmethod
    def _is_a_month(cls, month: str) -> str:
        try:
            Month.parse(month)
        except RapportError:
            raise ValueError("must be a month written YYYY-MM") from None
        return month

    @field_validator("warehouse_url")
    @classmethod
    def _holds_no_password(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        if urlsplit(url).password:
            raise ValueError(f"must not hold a password; use {WAREHOUSE_URL_VARIABLE}")
        return url


def load_settings(file: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read ``rapport.yaml`` and what the environment overrides.

    Raises:
        SettingsError: The file is missing or breaks a rule; all faults at once, never a value.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            Fault(
                "SETTINGS_FILE",
                f"The settings cannot be read ({error.strerror}).",
                "Run `rapport init DIR`, or set RAPPORT_HOME to an existing home.",
                file=str(file),
            )
        ) from None
    given = parse_yaml(content, file) or {}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(faults_of(error, file)) from None
    url = environ.get(WAREHOUSE_URL_VARIABLE)
    return settings.model_copy(update={"warehouse_url": url}) if url else settings
