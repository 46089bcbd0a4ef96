"""A home is made once, opened often, and refused where it is not one."""

from pathlib import Path

import pytest

from rapport.errors import RapportError, SettingsError
from rapport.home import make_home, open_home


def test_a_new_home_opens_with_a_migrated_warehouse(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    assert home.warehouse.is_current()
    assert list(open_home(tmp_path / "home").registry.clinics) == ["example-clinic"]


def test_making_a_home_again_changes_no_file(tmp_path: Path) -> None:
    make_home(tmp_path / "home")
    settings = tmp_path / "home" / "rapport.yaml"
    settings.write_text("closing_day: 9\n")
    assert make_home(tmp_path / "home").settings.closing_day == 9


def test_a_folder_with_other_things_is_not_made_a_home(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RapportError, match="NOT_A_HOME"):
        make_home(tmp_path)


def test_opening_what_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="rapport init"):
        open_home(tmp_path / "nowhere")


def test_the_dagster_instance_of_a_home_sends_nothing(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    written = (home.dagster / "dagster.yaml").read_text()
    assert "telemetry:\n  enabled: false" in written


def test_every_instrument_of_the_example_registry_is_in_the_catalogue(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    used = home.registry.clinic("example-clinic").instruments
    assert set(used) <= set(home.catalogue)
