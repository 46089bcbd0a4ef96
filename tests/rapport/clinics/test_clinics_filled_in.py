"""What a proposed mapping left to a person is asked for, line by line."""

from pathlib import Path

import pytest

from rapport.clinics import load_registry
from rapport.errors import SettingsError

REGISTRY = """clinics:
- id: hill
  exports:
  - id: sessions   # FILL_IN in a comment is none
    patient: "FILL_IN"  # UNSURE: no column looks like it
    note: FILL_IN_LATER
    forms:
    - items: [FILL_IN]
"""


def test_every_line_that_nobody_has_filled_in_is_named(tmp_path: Path) -> None:
    file = tmp_path / "clinics.yaml"
    file.write_text(REGISTRY, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_registry(file)
    assert [fault.line for fault in caught.value.faults] == [5, 8]
    assert "FILL_IN still stands here" in caught.value.faults[0].message
