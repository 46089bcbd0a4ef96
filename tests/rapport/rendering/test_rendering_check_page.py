"""The page of a check: one file that needs nothing else, safe, readable, and without any value."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from rapport.rendering.check_page import (
    LONGEST_HEADING,
    CheckFacts,
    FaultGroup,
    Place,
    Tally,
    check_page,
    lines_in_words,
)

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "</style><link rel=stylesheet href=//evil>",
    "&lt;b&gt;",
    "x" * 5_000,
]
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """The tags of a page, its attributes, and its text; unclosed tags are an error."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def facts(**changes: object) -> CheckFacts:
    group = FaultGroup(
        rule="ANSWER_ALLOWED",
        refuses=True,
        what="Is the answer one that the questionnaire allows?",
        why="An answer outside the scale is a typing error.",
        remedy="Declare the coding (`codes`) in clinics.yaml.",
        n_rows=4,
        places=(Place("phq2", (5, 6, 7, 11)), Place("phq3", (5,))),
    )
    note = FaultGroup("SESSIONS_USUAL", False, "As many sessions?", "", "Check.", parts=("20",))
    usual = CheckFacts(
        clinic_id="alpha",
        clinic_name="Alpha",
        file="sessions_2025-02.csv",
        sha256="a1" * 32,
        month="2025-02",
        month_from="from the file's name",
        read_as=(("Format", "delimited, utf-8"),),
        exit_code=1,
        rows={"received": 21, "accepted": 15, "quarantined": 4, "duplicate": 1,
              "superseded": 0, "test": 1},
        forms={"phq-9.patient": 15},
        faults=(group,),
        notes=(note,),
        fine=(Tally("the file", "not_applicable", 12, 0, 1, 0),),
        n_months=8,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_the_page_names_clinic_file_hash_and_the_account_of_rows() -> None:
    text = Page(check_page(facts())).text
    for said in ("Alpha (alpha)", "sessions_2025-02.csv", "a1" * 32, "delimited, utf-8",
                 "21 in = 15 accepted + 4 refused + 1 duplicate + 0 superseded + 1 test",
                 "4 of 21 rows would be refused", "8 earlier months"):  # fmt: skip
        assert said in text


def test_each_fault_is_told_with_what_where_why_remedy_and_rule() -> None:
    text = Page(check_page(facts())).text
    for said in ("Is the answer one that the questionnaire allows? No, in 4 rows.",
                 "column phq2, lines 5–7, 11", "column phq3, line 5", "a typing error",
                 "Declare the coding (“codes”)", "ANSWER_ALLOWED"):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    ("exit_code", "said"),
    [
        (0, "Every row is fine."),
        (1, "rows would be refused"),
        (2, "The whole file would be refused"),
    ],
)
def test_the_first_sentence_is_the_outcome(exit_code: int, said: str) -> None:
    assert said in Page(check_page(facts(exit_code=exit_code))).text


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    page = Page(check_page(facts()))
    assert not {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "svg",
        "form",
        "a",
        "base",
    } & {*page.tags}
    names = {name for _, name, _ in page.attributes}
    assert not {"src", "href", "style", "srcset", "action"} & names
    assert not [name for name in names if name.startswith("on")]
    html = check_page(facts())
    assert not re.search(r"url\(|@import|https?:", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_text_and_change_no_tag(hostile: str) -> None:
    plain = Page(check_page(facts(file="x", clinic_name="x", notes=())))
    group = replace(
        facts().faults[0], what=hostile, why=hostile, remedy=hostile,
        places=(Place(hostile, (1,)), Place("phq3", (5,))),
    )  # fmt: skip
    page = Page(
        check_page(facts(file=hostile, clinic_name=hostile, notes=(), faults=(group,),
                         forms={hostile: 1}, read_as=((hostile, hostile),)))
    )  # fmt: skip
    assert page.tags == plain.tags
    assert page.text.count(hostile) >= 6


def test_the_page_is_built_for_everybody() -> None:
    html = check_page(facts())
    page = Page(html)
    assert ("html", "lang", "en") in page.attributes
    assert page.tags.count("h1") == 1
    headings = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(headings))
    assert page.tags.count("table") == page.tags.count("caption")
    scopes = [value for tag, name, value in page.attributes if (tag, name) == ("th", "scope")]
    assert len(scopes) == page.tags.count("th")
    assert set(scopes) == {"col", "row"}
    assert "main" in page.tags
    assert "@media print" in html


def _luminance(colour: str) -> float:
    """Relative luminance of a hexadecimal colour (WCAG 2.2)."""
    digits = colour if len(colour) == 6 else "".join(2 * one for one in colour)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_has_enough_contrast_on_every_background() -> None:
    html = check_page(facts())
    texts = set(re.findall(r"(?<![-\w])color: #([0-9a-f]{3,6})", html))
    grounds = set(re.findall(r"background: #([0-9a-f]{3,6})", html))
    assert len(texts) >= 2
    assert len(grounds) >= 3
    for text in texts:
        for ground in grounds:
            low, high = sorted((_luminance(text), _luminance(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


def test_lines_are_written_as_people_write_them() -> None:
    assert lines_in_words([]) == ""
    assert lines_in_words([7]) == "line 7"
    assert lines_in_words([9, 3, 4, 5]) == "lines 3–5, 9"
    assert lines_in_words(range(2, 60, 2)).endswith("14, 16 and 21 others")
    assert lines_in_words([*range(2, 20, 2)]).endswith("16 and 1 other")


def test_of_a_heading_that_is_a_whole_question_only_its_two_ends_are_told() -> None:
    asked = "How often, in the last two weeks, have you been bothered? " * 20
    told = Place(f"{asked}[Row 3]", (4,)).in_words
    assert told.startswith("column How often, in the last")
    assert told.endswith("[Row 3], line 4")
    assert len(told) < LONGEST_HEADING + 20
    assert Place("x" * LONGEST_HEADING, ()).in_words == f"column {'x' * LONGEST_HEADING}"
