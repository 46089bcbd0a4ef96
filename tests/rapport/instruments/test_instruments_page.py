"""The page of an instrument tells every figure with its status, its source and the doubts."""

import pytest

from rapport.instruments import Instrument, load_catalogue
from rapport.instruments.page import STATUS_WORDS, page_of

CATALOGUE = load_catalogue()
EVERY = pytest.mark.parametrize("instrument", CATALOGUE.values(), ids=list(CATALOGUE))


@EVERY
def test_every_source_and_doubt_is_told(instrument: Instrument) -> None:
    page = page_of(instrument)
    sourced = [instrument.scale, instrument.key, instrument.reversal, instrument.missing_rule]
    sourced += [*instrument.cut_offs.values(), *instrument.norms, *instrument.reliability]
    sourced += [*instrument.bands, instrument.licence]
    sourced += [found for found in (instrument.total, instrument.reliable_change) if found]
    for part in sourced:
        assert f"{STATUS_WORDS[part.status]} · {part.source}" in page
        assert part.note is None or part.note in page
    assert all(doubt in page for doubt in instrument.doubts)


def test_an_uncertain_figure_is_never_shown_as_fact() -> None:
    lines = page_of(CATALOGUE["k10"]).splitlines()
    place = lines.index("Reliable change: 7 points or more")
    assert lines[place + 1].strip().startswith("UNCERTAIN, not used")


@pytest.mark.parametrize(
    ("instrument_id", "words"),
    [
        ("phq-9", "Measures symptoms; filled in by the patient; lower is better."),
        ("wai-sr", "Subscale task: items 1, 2, 10, 12"),
        ("core-om", "Scale non_risk: wellbeing + problems + functioning"),
        ("who-5", "Total: sum of the items, times 4"),
        ("swemwbs", "(7 → 7, 35 → 35)"),
        ("oq-45", "each takes the rounded mean of its subscale"),
        ("k10", "the total is rounded half-up"),
        ("ors", "Answers: 0 to 10, steps of 0.1"),
        ("who-5", "Relevant change: 10 points or more"),
        ("core-10", "General population: 4.7 (SD 4.8), n = 535"),
        ("psq-rupture", "Answers to item 1: 0 to 1, whole numbers"),
        ("oq-45", "Cut-off social_role: from 12 on of social_role: clinical range"),
    ],
)
def test_the_page_reads_in_words(instrument_id: str, words: str) -> None:
    assert words in page_of(CATALOGUE[instrument_id])


def test_figures_in_a_row_share_one_line_of_source() -> None:
    lines = page_of(CATALOGUE["phq-9"]).splitlines()
    place = lines.index("Band: 0 to 4: minimal")
    assert lines[place + 4 : place + 6] == [
        "Band: 20 to 27: severe",
        "    cited, not re-checked · Kroenke et al. (2001)",
    ]
    assert lines.count("    cited, not re-checked · Kroenke et al. (2001)") == 2


@pytest.mark.parametrize(
    ("instrument_id", "words"),
    [
        ("core-om", "at most 3 of all items, 3 of non_risk, 1 of problems, 1 of functioning;"),
        ("phq-9", "at most 2 of all items; the mean of the answered items stands for"),
        ("swls", "Band: 20: neutral"),
        ("rri-t", "Subscales: not known\n    UNCERTAIN"),
        ("rri-t", "Reversed: not known\n    UNCERTAIN"),
        ("wai-s", "Reversed: items 4, 10\n    UNCERTAIN"),
        ("phq-9", "Flag risk: item 9 answered 1 or more: thoughts of death"),
        ("core-om", "Flag risk: any of items 6, 9, 16, 22, 24, 34 answered 1 or more:"),
    ],
)
def test_rules_are_told_as_one_would_say_them(instrument_id: str, words: str) -> None:
    assert words in page_of(CATALOGUE[instrument_id])
