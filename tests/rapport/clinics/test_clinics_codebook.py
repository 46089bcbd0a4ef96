"""REDCap's data dictionary is read in every spelling in which REDCap gives it out."""

import json
from pathlib import Path

import pytest

from rapport.clinics.codebook import checkbox_column, is_codebook_header, parse_codebook
from rapport.errors import SettingsError

HEADER = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note",'
    '"Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max",'
    'Identifier?,"Branching Logic (Show field only if...)","Required Field?",'
    '"Custom Alignment","Question Number (surveys only)","Matrix Group Name","Matrix Ranking?",'
    '"Field Annotation"'
)
ROWS = (
    "record_id,base,,text,Record ID,,,,,,,,,,,,,",
    'sex,base,,radio,"<b>Sex</b>&nbsp;at birth","0, Female | 1, Male, other",,,,,,,,,,,,',
    "born,base,,text,Born,,,date_ymd,,,y,,,,,,,",
    'help,base,,checkbox,Help,"1, Calls | -90, No one | a, Group",,,,,,[sex] = "0",,,,,,',
    "bmi,base,,calc,BMI,[weight]/[height],,,,,,,,,,,,",
    "ok,other,,yesno,Fine?,,,,,,,,,,,,,",
    "note,other,,descriptive,Read this,,,,,,,,,,,,,",
)
REAL = Path(__file__).parents[4] / "shared" / "exports" / "redcap"


def content(*rows: str, header: str = HEADER) -> bytes:
    return ("\n".join([header, *(rows or ROWS)]) + "\n").encode()


def test_the_eighteen_columns_are_read() -> None:
    book = parse_codebook(content(), "dictionary.csv")
    sex, born, helped = (book.by_name[name] for name in ("sex", "born", "help"))
    assert book.record_id.name == "record_id"
    assert (sex.label, dict(sex.choices)) == ("Sex at birth", {"0": "Female", "1": "Male, other"})
    assert (born.is_identifier, born.validation) == (True, "date_ymd")
    assert helped.branching == '[sex] = "0"'


def test_a_checkbox_has_one_column_a_choice_and_a_text_field_one() -> None:
    book = parse_codebook(content(), "dictionary.csv")
    assert [name for name in book.by_column if name.startswith("help")] == [
        "help___1", "help____90", "help___a",
    ]  # fmt: skip
    assert "note" not in book.by_column
    assert checkbox_column("a", "-1") == "a____1"


def test_calculations_are_no_choices_and_yes_and_no_are() -> None:
    book = parse_codebook(content(), "dictionary.csv")
    assert not book.by_name["bmi"].choices
    assert dict(book.by_name["ok"].choices) == {"1": "Yes", "0": "No"}


def test_the_interface_s_names_of_the_columns_are_known_too() -> None:
    head = (
        "field_name,form_name,section_header,field_type,field_label,"
        "select_choices_or_calculations,identifier"
    )
    book = parse_codebook(content('a,f,,radio,A,"0, x|1, y",y', header=head), "metadata.csv")
    assert dict(book.by_name["a"].choices) == {"0": "x", "1": "y"}
    assert book.by_name["a"].is_identifier


def test_metadata_in_json_is_read() -> None:
    given = [{"field_name": "a", "form_name": "f", "field_type": "yesno", "identifier": ""}]
    book = parse_codebook(json.dumps(given).encode(), "metadata.json")
    assert dict(book.by_name["a"].choices) == {"1": "Yes", "0": "No"}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [b",", b";"])
def test_a_byte_order_mark_and_semicolons_do_no_harm(mark: bytes, delimiter: bytes) -> None:
    rows = delimiter.join([b"field_name", b"form_name", b"field_type"]) + b"\n"
    rows += delimiter.join([b"a", b"f", b"text"]) + b"\n"
    assert parse_codebook(mark + rows, "d.csv").by_name["a"].kind == "text"


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"a,b\n1,2\n",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"[",
        content("a,f,,text" + "," * 14, "a,f,,text" + "," * 14),
        content(",f,,text" + "," * 14),
        content('a,f,,"text'),
    ],
    ids=["empty", "other", "bytes", "list", "cut", "twice", "nameless", "quote"],
)
def test_what_is_no_dictionary_is_told_without_its_content(given: bytes) -> None:
    with pytest.raises(SettingsError) as told:
        parse_codebook(given, "dictionary.csv")
    assert (told.value.faults[0].rule, told.value.faults[0].file) == (
        "DICTIONARY", "dictionary.csv",
    )  # fmt: skip


def test_an_export_is_no_dictionary() -> None:
    assert not is_codebook_header(["record_id", "form_1_complete"])


@pytest.mark.parametrize("name", ["longitudinal", "dag", "checkboxes-1", "decimal-comma"])
def test_real_dictionaries_name_every_column_of_their_exports(name: str) -> None:
    folder = REAL / name
    if not folder.is_dir():
        pytest.skip("The real export files are not beside the project.")
    book = parse_codebook((folder / "dictionary.csv").read_bytes(), "dictionary.csv")
    header = (folder / "data.csv").read_text().partition("\n")[0].split(",")
    own = {column for column in header if not column.startswith("redcap_")}
    statuses = {f"{form}_complete" for form in book.forms}
    assert own <= {*book.by_column, *statuses}
