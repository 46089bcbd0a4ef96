"""Settings are read whole, hold no secret, and are overridden by the environment only by name."""

from pathlib import Path

import pytest

from rapport.errors import SettingsError
from rapport.settings import load_settings


def write(folder: Path, text: str) -> Path:
    file = folder / "rapport.yaml"
    file.write_text(text)
    return file


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, ""), {}).closing_day == 5


def test_every_fault_is_told_at_once_by_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        load_settings(write(tmp_path, "closing_day: 31\nstart_month: soon\ncolour: red\n"), {})
    assert {fault.column for fault in told.value.faults} == {"closing_day", "start_month", "colour"}


def test_a_password_in_the_file_is_a_fault_that_does_not_repeat_it(tmp_path: Path) -> None:
    file = write(tmp_path, "warehouse_url: postgresql+psycopg://me:hunter2@db/rapport\n")
    with pytest.raises(SettingsError) as told:
        load_settings(file, {})
    assert "RAPPORT_WAREHOUSE_URL" in str(told.value)
    assert "hunter2" not in str(told.value)


def test_the_environment_overrides_the_warehouse(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:hunter2@db/rapport"
    assert load_settings(write(tmp_path, ""), {"RAPPORT_WAREHOUSE_URL": url}).warehouse_url == url


def test_an_alert_mail_is_never_sent_in_the_clear(tmp_path: Path) -> None:
    addresses = "sender: a@example.org, recipients: [b@example.org], smtp_host: h"
    text = f"mail_alerts: {{{addresses}, encryption: NONE}}"
    with pytest.raises(SettingsError, match="encryption"):
        load_settings(write(tmp_path, text), {})
