"""The finished PDF: complete, tagged, silent, the same bytes everywhere, and within its pages."""

import hashlib
import io
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pikepdf
import pytest
from pdfua import validate

from rapport.rendering.data_quality import RuleWords
from rapport.rendering.facts import ReplacedEdition
from rapport.rendering.pdf import RenderedReport, render_notice, render_report
from tests.rapport.rendering.pdf_text import page_texts, whole_text
from tests.rapport.rendering.sample_facts import (
    CLINIC_NAME,
    MONTH,
    SHA,
    THERAPISTS,
    clinic,
    clinic_figures,
    notice_facts,
    quarantine,
    readings,
    report_facts,
    revised_facts,
    sector_figures,
    verdict,
)

ROOT = Path(__file__).parents[3]


@lru_cache
def report() -> RenderedReport:
    return render_report(report_facts())


@lru_cache
def notice(word: str | None) -> RenderedReport:
    return render_notice(notice_facts(word))


def test_a_report_has_eight_to_twelve_pages() -> None:
    assert 8 <= report().pages <= 12
    assert report().pages == len(page_texts(report().pdf))


def test_the_first_page_says_what_a_manager_asks() -> None:
    first = " ".join(page_texts(report().pdf)[0].split())
    for heading in (
        "What this month shows",
        "What changed",
        "What needs attention",
        "How complete the data is",
    ):
        assert heading in first
    assert CLINIC_NAME in first
    assert "February 2026" in first


def test_every_page_names_clinic_month_edition_and_its_number() -> None:
    for number, text in enumerate(page_texts(report().pdf), 1):
        words = " ".join(text.split())
        assert CLINIC_NAME in words
        assert "February 2026" in words
        assert "Edition 1" in words
        assert f"Page {number} of {report().pages}" in words


def test_every_section_stands_in_the_report() -> None:
    text = whole_text(report().pdf)
    for part in (
        "The alliance",
        "Outcomes and wellbeing",
        "SWLS",
        "Flourishing Scale",
        "WHO-5",
        "Therapists",
        "Data quality",
        "Definitions",
        "What this document was made from",
    ):
        assert part in text


def test_the_words_about_case_mix_and_against_ranking_are_printed() -> None:
    text = whole_text(report().pdf)
    assert "This is not a ranking" in text
    assert "the figures are not adjusted for that" in text


def test_suppressed_and_absent_figures_are_written_out() -> None:
    text = whole_text(report().pdf)
    assert "suppressed too few patients to publish" in text
    assert "suppressed protects another figure" in text
    assert "no data" in text


def test_provenance_names_the_whole_hash_of_every_file() -> None:
    text = whole_text(report().pdf)
    assert all(sha in text for sha in SHA.values())
    assert "9e" * 32 in text
    assert report_facts().imprint.report_id in text


def test_therapists_are_printed_in_the_order_of_their_ids() -> None:
    text = whole_text(report().pdf)
    table = text[text.index("Therapists in the order of their ids") :]
    places = [table.index(therapist) for therapist in THERAPISTS]
    assert places == sorted(places)


def test_every_character_of_the_text_has_a_glyph_and_a_meaning() -> None:
    assert "\ufffd" not in whole_text(report().pdf)


def test_the_fullest_first_page_is_still_one_page() -> None:
    worse = sector_figures()
    at_risk = worse["figure"].isin(["outcome.reliable_deterioration", "attendance.missed"])
    is_share = worse["unit"] == "proportion"
    for column in ("low", "value", "high"):
        worse.loc[is_share, column] = 1 - (1 - worse[column]) * 0.3
        worse.loc[at_risk, column] *= 0.0
    poor = clinic_figures()
    poor.loc[poor["unit"] == "proportion", ["value", "low", "high"]] *= 0.8
    facts = report_facts(
        edition=2,
        replaces=ReplacedEdition(1, "77" * 32, ("New or corrected data arrived. " * 3,)),
        sector_figures=worse,
        clinic_figures=poor,
        previous_clinic_figures=clinic_figures(MONTH.plus(-1), shift=-0.6),
        clinic=clinic(name=f"{CLINIC_NAME} – Oddział"),
    )
    assert facts.attention[-1].statement == facts.changed[-1].statement == "Also:"
    pages = page_texts(render_report(facts).pdf)
    assert len(pages) <= 12
    assert " ".join(pages[1].split()).startswith("The alliance")


def test_a_revised_edition_says_so_on_every_page_and_what_changed() -> None:
    pages = page_texts(render_report(revised_facts()).pdf)
    assert all("Edition 2: revised, replaces edition 1" in " ".join(p.split()) for p in pages)
    assert "3 rows were superseded" in " ".join(pages[0].split())


@pytest.mark.parametrize("word", ["failed", "error", "not_applicable", None])
def test_a_notice_has_one_page_with_what_to_do(word: str | None) -> None:
    rendered = notice(word)
    assert rendered.pages == 1
    text = whole_text(rendered.pdf)
    assert "What to do" in text
    assert CLINIC_NAME in text
    assert "3.85" not in text


def test_the_longest_notice_still_has_one_page() -> None:
    sent = pd.concat([readings().assign(content_sha256=f"{n:064x}") for n in range(1, 7)])
    sent["content_sha256"] = [f"{n:064x}" for n in range(len(sent))]
    refused = pd.concat(
        [quarantine().assign(rule=f"RULE_{n}", content_sha256=f"{n:064x}") for n in range(9)]
    )
    long = RuleWords(
        "Is this question as long as a question may well become?" * 2, "Mend it. " * 20
    )
    counts = sent.filter(like="rows_").sum().to_dict()
    facts = notice_facts(
        "failed",
        clinic=clinic(name="Ż" * 120),
        readings=sent,
        quarantine=refused,
        verdict=verdict("failed", **counts),
        catalogue={f"RULE_{n}": long for n in range(9)},
    )
    assert render_notice(facts).pages == 1


@pytest.mark.parametrize("which", ["report", "notice"])
def test_the_checker_of_accessible_pdf_finds_nothing(which: str, tmp_path: Path) -> None:
    file = tmp_path / f"{which}.pdf"
    file.write_bytes(report().pdf if which == "report" else notice("failed").pdf)
    assert [finding.message for finding in validate(str(file)).findings] == []


def test_the_document_declares_language_title_and_accessible_tagging() -> None:
    with pikepdf.open(io.BytesIO(report().pdf)) as document:
        assert str(document.Root.Lang) == "en-GB"
        assert bool(document.Root.MarkInfo.Marked)
        assert CLINIC_NAME in str(document.docinfo["/Title"])
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_the_document_carries_its_identity_for_delivery_and_verification() -> None:
    with pikepdf.open(io.BytesIO(report().pdf)) as document:
        found = {key: str(value) for key, value in document.docinfo.items()}
    assert found["/rapportclinic"] == "swit-gdansk"
    assert found["/rapportmonth"] == "2026-02"
    assert found["/rapportedition"] == "1"
    assert found["/rapportreport"] == report_facts().imprint.report_id


def test_the_document_is_dated_by_its_month_not_by_the_clock() -> None:
    with pikepdf.open(io.BytesIO(report().pdf)) as document:
        assert str(document.docinfo["/CreationDate"]).startswith("D:20260228")


def test_every_font_is_embedded_and_is_our_own() -> None:
    with pikepdf.open(io.BytesIO(report().pdf)) as document:
        fonts = [f for p in document.pages for f in p.Resources.get("/Font", {}).values()]
        inner = [font.DescendantFonts[0] for font in fonts]
        assert inner
        assert all("Source-Sans-Pro" in str(font.BaseFont) for font in inner)
        assert all("/FontFile2" in font.FontDescriptor for font in inner)


def test_every_chart_has_an_alternative_text() -> None:
    with pikepdf.open(io.BytesIO(report().pdf)) as document:
        alts = [
            str(thing.Alt)
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing
        ]
    assert len(alts) == 6
    assert any("T-04: suppressed" in alt for alt in alts)


def test_the_same_facts_give_the_same_bytes_again() -> None:
    assert render_report(report_facts()).pdf == report().pdf


@pytest.mark.parametrize(("seed", "zone"), [("1", "Pacific/Auckland"), ("77", "America/Lima")])
def test_another_process_seed_zone_and_locale_give_the_same_bytes(seed: str, zone: str) -> None:
    code = (
        "import hashlib;"
        "from tests.rapport.rendering.sample_facts import notice_facts, report_facts;"
        "from rapport.rendering.pdf import render_notice, render_report;"
        "print(hashlib.sha256(render_report(report_facts()).pdf).hexdigest());"
        "print(hashlib.sha256(render_notice(notice_facts()).pdf).hexdigest())"
    )
    surroundings = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "LANG": "C"}
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=surroundings, cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    ours = [hashlib.sha256(pdf).hexdigest() for pdf in (report().pdf, notice("failed").pdf)]
    assert told.stdout.split() == ours


def test_rendering_leaves_the_environment_as_it_was() -> None:
    before = dict(os.environ)
    render_notice(notice_facts("error"))
    assert dict(os.environ) == before


def test_names_in_vietnamese_turkish_greek_and_cyrillic_are_printed() -> None:
    name = "Phòng khám Tâm lý Việt · Şifa Kliniği · Ψυχή · Душа"
    text = whole_text(render_notice(notice_facts("error", clinic=clinic(name=name))).pdf)
    assert name in text
