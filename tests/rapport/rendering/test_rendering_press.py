"""The press prints what it is given, fetches nothing, and takes every warning for an error."""

import os

import pytest

from rapport.errors import RenderingError
from rapport.rendering.fonts import cut_faces, cut_for, own_fontconfig
from rapport.rendering.press import print_pdf
from rapport.rendering.scanning import scan


def printed(body: str, style: str = "") -> bytes:
    html = f'<!doctype html><html lang="en"><head><title>t</title></head><body>{body}</body></html>'
    return print_pdf(html, stylesheet=style, charts={}, cut="latin")


def refusal(body: str, style: str = "") -> set[str]:
    with pytest.raises(RenderingError) as caught:
        printed(body, style)
    return {fault.rule for fault in caught.value.faults}


@pytest.mark.parametrize(
    "body",
    [
        '<img alt="a" src="file:///etc/hostname">',
        '<img alt="a" src="http://127.0.0.1:9/x.png">',
        '<img alt="a" src="data:image/svg+xml;base64,PHN2Zy8+">',
        '<img alt="a" src="rapport:font/400">',
        '<link rel="stylesheet" href="file:///x.css">',
        '<object data="file:///x">o</object>',
        '<embed src="file:///x">',
        "<style>body { background: url(file:///x.png) }</style>",
        "<style>@import 'http://127.0.0.1:9/x.css';</style>",
    ],
)
def test_whatever_is_asked_for_is_refused_and_told(body: str) -> None:
    assert "RESOURCE_REFUSED" in refusal(body)


def test_a_refused_address_is_not_repeated_in_the_message() -> None:
    with pytest.raises(RenderingError) as caught:
        printed('<img alt="a" src="http://127.0.0.1:9/patient-name">')
    assert "patient-name" not in str(caught.value)


def test_an_image_without_alternative_text_is_an_error() -> None:
    assert refusal("<p>a</p><img src='data:,'>")


def test_a_misspelt_style_is_an_error_each_time() -> None:
    for _ in range(2):
        assert refusal("<p>a</p>", "p { colour: red }") == {"RENDERER_WARNING"}


def test_a_warning_is_told_without_the_values_in_it() -> None:
    with pytest.raises(RenderingError) as caught:
        printed("<p>a</p>", "p { colour: secretname }")
    assert "secretname" not in str(caught.value)


def test_a_plain_document_is_printed_and_holds_nothing_active() -> None:
    assert scan(printed("<p>plain</p>")) == 1


@pytest.mark.parametrize(
    "body",
    ['<a href="http://example.org/">out</a>', '<a href="javascript:alert(1)">run</a>'],
)
def test_a_link_outwards_is_found_in_the_finished_bytes(body: str) -> None:
    with pytest.raises(RenderingError, match="ACTIVE_CONTENT"):
        scan(printed(body))


def test_a_missing_glyph_names_the_script_and_not_the_text() -> None:
    with pytest.raises(RenderingError, match="MISSING_GLYPH") as caught:
        cut_for("clinic ศูนย์ 心")
    message = str(caught.value)
    assert "THAI" in message
    assert "CJK" in message
    assert "ศูนย์" not in message


def test_latin_letters_do_with_the_smaller_cut() -> None:
    assert cut_for("Zażółć gęślą jaźń – İstanbul, Nguyễn Thị Ửng") == "latin"
    assert cut_for("Ψυχή") == "whole"


def test_the_smaller_cut_is_smaller() -> None:
    sizes = {cut: sum(len(f.content) for f in cut_faces(cut)) for cut in ("latin", "whole")}
    assert sizes["latin"] < 0.6 * sizes["whole"]


def test_the_setting_of_fontconfig_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "somewhere")
    with own_fontconfig():
        assert os.environ["FONTCONFIG_FILE"] != "somewhere"
    assert os.environ["FONTCONFIG_FILE"] == "somewhere"
