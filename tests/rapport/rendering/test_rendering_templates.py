"""Templates print and compute nothing; no value stands where escaping does not protect."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from rapport.rendering.facts import NoticeFacts, ReportFacts
from rapport.rendering.pdf import page_of, stylesheet, template_folder
from tests.rapport.rendering.sample_facts import notice_facts, report_facts

FILES = sorted(template_folder().glob("*.html"))
URL_ATTRIBUTES = r"(?:src|href|action|formaction|data|poster|srcset|xlink:href|cite|background)"
OUR_CHART = 'src="{{ drawn.url }}"'


def text_of(name: str) -> str:
    return (template_folder() / name).read_text(encoding="utf-8")


def test_there_is_no_python_among_the_templates() -> None:
    assert [file.suffix for file in template_folder().iterdir() if file.suffix == ".py"] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_value_stands_in_a_style_a_script_or_an_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace(OUR_CHART, "")
    for written in re.findall(r"<style.*?</style>|<script.*?</script>", text, re.DOTALL):
        assert not re.search(r"\{[{%]", written)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son\w+\s*=", text)
    assert not re.search(URL_ATTRIBUTES + r"""\s*=\s*["'][^"']*\{[{%]""", text)
    assert not re.search(r"<[^>{]*=\s*\{\{", text), "an attribute without quotation marks"


def test_only_charts_are_placed_as_images_and_only_once() -> None:
    assert sum(text_of(file.name).count("<img") for file in FILES) == 1
    assert sum(text_of(file.name).count(OUR_CHART) for file in FILES) == 1


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_template_turns_escaping_off(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)


def test_the_stylesheet_holds_no_value_and_no_address() -> None:
    assert "{{" not in stylesheet()
    assert "url(" not in stylesheet()
    assert "@import" not in stylesheet()


def test_a_missing_fact_is_an_error_and_not_a_blank() -> None:
    class Less:
        imprint = report_facts().imprint

    with pytest.raises(UndefinedError):
        page_of(Less())  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [report_facts(), notice_facts()], ids=["report", "notice"])
def test_tables_have_captions_and_headers_with_a_scope(
    facts: ReportFacts | NoticeFacts,
) -> None:
    html = page_of(facts).html
    assert html.count("<table") == html.count("<caption>")
    assert html.count("<th ") == html.count('<th scope="')
    assert "<th>" not in html
    assert re.findall(r"<thead>\s*<tr>\s*<(\w+)", html) == ["td"] * html.count("<thead>")


def test_a_document_is_in_british_english_and_has_one_first_heading() -> None:
    html = page_of(report_facts()).html
    assert '<html lang="en-GB">' in html
    assert html.count("<h1>") == 1
