"""A clinic's own instrument files: whole, validated, every fault at once."""

from pathlib import Path

import pytest

from rapport.errors import SettingsError
from rapport.instruments import instrument_of, load_catalogue

OWN = """\
id: {id}
name: An instrument of this clinic
version: own-1
raters: [patient]
construct: symptoms
n_items: 3
citation: This clinic's own form.
scale: {{minimum: 1, maximum: 4, step: 1, status: policy, source: this clinic}}
direction: lower_is_better
key: {{subscales: {subscales}, status: policy, source: this clinic}}
reversal: {{items: {reversed}, status: policy, source: this clinic}}
total: {{method: sum, status: policy, source: this clinic}}
missing_rule: {{kind: complete, status: policy, source: this clinic}}
licence: {{terms: our own, status: policy, source: this clinic}}
"""


def written(folder: Path, name: str, **parts: str) -> Path:
    text = OWN.format(**{"id": name, "subscales": "{}", "reversed": "[]"} | parts)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_file_adds_an_instrument(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, "own-3"))
    assert catalogue["own-3"].n_items == 3
    assert "phq-9" in catalogue


def test_a_file_replaces_a_packaged_instrument_whole(tmp_path: Path) -> None:
    found = load_catalogue(written(tmp_path, "phq-9"))["phq-9"]
    assert (found.version, found.n_items, found.reliable_change) == ("own-1", 3, None)
    assert load_catalogue()["phq-9"].n_items == 9


def test_no_folder_means_no_overrides(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path / "absent") == load_catalogue()


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load_catalogue()["phq-9"] = None  # type: ignore[index]


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, "one", reversed="[4]")
    written(tmp_path, "two", subscales="{a: [1, 2], b: [2, 3]}")
    (tmp_path / "three.yaml").write_text("id: [", encoding="utf-8")
    with pytest.raises(SettingsError) as told:
        load_catalogue(tmp_path)
    files = {Path(fault.file or "").name for fault in told.value.faults}
    assert files == {"one.yaml", "two.yaml", "three.yaml"}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"reversed": "[4]"}, "does not have"),
        ({"subscales": "{a: [1, 2]}"}, "every item exactly once"),
        ({"subscales": "{a: [1, 2], b: [2, 3]}"}, "every item exactly once"),
        ({"subscales": "{a: [1, 1, 2, 3]}"}, "twice"),
        ({"subscales": "{total: [1, 2, 3]}"}, "name of the whole"),
    ],
    ids=["unknown item", "item left out", "item in two", "item twice", "reserved name"],
)
def test_an_unsound_key_is_refused(tmp_path: Path, parts: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_catalogue(written(tmp_path, "own-3", **parts))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version: own-1", "version: own-1\nversoin: 2", "versoin"),
        ("n_items: 3", "", "n_items"),
        ("step: 1", "step: 0.7", "whole steps"),
        ("our own, status: policy", "our own, status: sure", "licence.status"),
        ("id: own-3", "id: other", "INSTRUMENT_FILE_NAME"),
        ("raters: [patient]", "raters: [patient, patient]", "twice"),
        ("kind: complete", "kind: prorate", "max_missing"),
        ("version: own-1", "version: own-1\nversion: own-2", "twice"),
    ],
    ids=[
        "misspelt key", "missing key", "uneven steps", "unknown status", "wrong file name",
        "rater twice", "no number of missing items", "key twice",
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_by_file_and_key(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    file = written(tmp_path, "own-3") / "own-3.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError, match=words):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("content", ["", "# nothing yet", "- id", "text"])
def test_a_file_without_a_description_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "own.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as told:
        load_catalogue(tmp_path)
    (fault,) = told.value.faults
    assert fault.rule == "INSTRUMENT_FILE"
    assert fault.file is not None
    assert fault.file.endswith("own.yaml")


def test_a_file_that_would_be_overlooked_is_told(tmp_path: Path) -> None:
    written(tmp_path, "own")
    (tmp_path / "own.yaml").rename(tmp_path / "own.yml")
    with pytest.raises(SettingsError, match=r"would be overlooked") as told:
        load_catalogue(tmp_path)
    assert told.value.faults[0].remedy == "Rename it to own.yaml."


def test_items_that_do_not_exist_are_named_and_the_page_with_an_example_too(tmp_path: Path) -> None:
    written(tmp_path, "own", reversed="[2, 4, 7]")
    with pytest.raises(SettingsError) as told:
        load_catalogue(tmp_path)
    (fault,) = told.value.faults
    assert "items are named that the instrument does not have: 4, 7 (n_items is 3)" in fault.message
    assert "docs/adding-an-instrument.md" in fault.remedy


@pytest.mark.parametrize("name", ["phq9", "PHQ-9", "phq_9"])
def test_an_id_written_otherwise_is_answered_with_the_right_one(name: str) -> None:
    with pytest.raises(SettingsError) as told:
        instrument_of(load_catalogue(), name)
    assert told.value.faults[0].remedy.startswith("Is phq-9 meant? Use one of: core-10,")
