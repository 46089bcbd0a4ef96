"""The 25 injections X01 to X25: as text in every place that data reaches, they stay text."""

import io
from functools import lru_cache

import pikepdf
import pytest

from rapport.rendering.data_quality import RuleWords
from rapport.rendering.pdf import page_of, render_notice, render_report
from rapport.rendering.scanning import FORBIDDEN
from tests.rapport.rendering.pdf_text import whole_text
from tests.rapport.rendering.sample_facts import clinic, notice_facts, quarantine, report_facts

VECTORS = {
    "X01-img-file": '<img src="file:///etc/passwd">',
    "X02-img-http": '<img src="http://127.0.0.1:9/x.png">',
    "X03-link-css": '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "X04-import": "<style>@import url(http://127.0.0.1:9/x.css);</style>",
    "X05-url": '<p style="background:url(file:///etc/passwd)">x</p>',
    "X06-font-face": "<style>@font-face{font-family:x;src:url(file:///x.ttf)}</style>",
    "X07-link-attachment": '<link rel="attachment" href="file:///etc/passwd">',
    "X08-a-attachment": '<a rel="attachment" href="file:///etc/passwd">x</a>',
    "X09-object": '<object data="file:///etc/passwd"></object>',
    "X10-embed": '<embed src="file:///etc/passwd">',
    "X11-iframe": '<iframe src="http://127.0.0.1:9/"></iframe>',
    "X12-svg-image": '<svg><image href="file:///etc/passwd"/></svg>',
    "X13-svg-use": '<svg><use href="file:///x.svg#a"/></svg>',
    "X14-data-svg": "<img src=\"data:image/svg+xml,<svg><image href='file:///x'/></svg>\">",
    "X15-content-url": "<style>p::before{content:url(file:///x)}</style>",
    "X16-list-style": '<li style="list-style-image:url(file:///x)">x</li>',
    "X17-base": '<base href="http://127.0.0.1:9/">',
    "X18-meta-refresh": '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/">',
    "X19-script": "<script>app.alert(1)</script>",
    "X20-javascript": '<a href="javascript:alert(1)">x</a>',
    "X21-file-link": '<a href="file:///etc/passwd">x</a>',
    "X22-attr": '<p data-x="file:///x" style="content:attr(data-x url)">x</p>',
    "X23-target-text": "<style>a::after{content:target-text(url(file:///x))}</style>",
    "X24-form": '<form action="http://127.0.0.1:9/"><input name="x"></form>',
    "X25-color-profile": "<style>@color-profile --x{src:url(file:///x)}</style>",
    "X28-template": "{{7*7}}{% for x in facts %}x{% endfor %}",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return every address that the renderer asks for, fonts and charts left out."""
    render_notice(notice_facts())  # loads WeasyPrint under our own fonts
    from rapport.rendering.fetching import FixedFetcher

    addresses: list[str] = []
    original = FixedFetcher.fetch

    def listening(self: FixedFetcher, url: str, headers: object = None) -> object:
        if not url.startswith(("rapport:font/", "data:image/svg+xml;base64,")):
            addresses.append(url)
        return original(self, url, headers)

    monkeypatch.setattr(FixedFetcher, "fetch", listening)
    return addresses


def names_in(pdf: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(plain := io.BytesIO(), object_stream_mode=pikepdf.ObjectStreamMode.disable,
                      stream_decode_level=pikepdf.StreamDecodeLevel.all)  # fmt: skip
    return {name for name in FORBIDDEN if name.encode() + b" " in plain.getvalue()}


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_an_injection_in_names_columns_and_remedies_stays_text(
    vector: str, asked: list[str]
) -> None:
    facts = notice_facts(
        "failed",
        clinic=clinic(name=vector),
        quarantine=quarantine().assign(column=vector, rule=vector),
        catalogue={vector: RuleWords(vector, vector)},
    )
    rendered = render_notice(facts)
    assert asked == []
    assert names_in(rendered.pdf) == set()
    assert "".join(vector.split()) in "".join(whole_text(rendered.pdf).split())


@lru_cache
def hostile_report() -> tuple[str, bytes]:
    every = " ".join(VECTORS.values())
    facts = report_facts(
        clinic=clinic(name=VECTORS["X19-script"] + VECTORS["X01-img-file"]),
        quarantine=quarantine().assign(column=every),
        catalogue={"ANSWER_ALLOWED": RuleWords(every, every)},
        code_version=every,
    )
    return page_of(facts).html, render_report(facts).pdf


def test_a_report_full_of_injections_asks_for_nothing_and_holds_nothing(asked: list[str]) -> None:
    html, pdf = hostile_report()
    assert asked == []
    assert names_in(pdf) == set()
    for tag in ("<script", "<iframe", "<object", "<embed", "<base", "<form", "<svg", "<link"):
        assert tag not in html


def test_words_that_look_like_a_template_are_not_evaluated() -> None:
    html, _ = hostile_report()
    assert "{{7*7}}" in html
    assert "49{%" not in html
