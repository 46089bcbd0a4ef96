"""The packaged catalogue: complete, sourced, and sound key by key."""

import itertools
from decimal import Decimal

import pytest

from rapport.instruments import Instrument, load_catalogue
from rapport.instruments.figures import Sourced
from rapport.warehouse.tables import MAX_ITEMS

CATALOGUE = load_catalogue()
EVERY = pytest.mark.parametrize("instrument", CATALOGUE.values(), ids=list(CATALOGUE))

EXPECTED = {
    "wai-sr", "wai-sr-t", "wai-s", "wai-36", "srs", "rri-c", "rri-t", "rri-c-sf", "psq-rupture",
    "phq-9", "gad-7", "phq-4", "core-10", "core-om", "oq-45", "ors", "swls", "flourishing", "who-5",
    "pwbs-18", "pwbs-42", "wsas", "k10", "wemwbs", "swemwbs", "reqol-10", "pcl-5",
}  # fmt: skip


def test_the_catalogue_holds_every_instrument_that_is_promised() -> None:
    assert set(CATALOGUE) == EXPECTED
    assert list(CATALOGUE) == sorted(CATALOGUE)


@EVERY
def test_items_fit_the_warehouse(instrument: Instrument) -> None:
    assert 1 <= instrument.n_items <= MAX_ITEMS


@EVERY
def test_subscales_partition_the_items(instrument: Instrument) -> None:
    keyed = [item for items in instrument.subscales.values() for item in items]
    if keyed:
        assert sorted(keyed) == list(range(1, instrument.n_items + 1))


@EVERY
def test_reversed_items_are_items(instrument: Instrument) -> None:
    assert set(instrument.reversed) <= set(range(1, instrument.n_items + 1))
    assert len(set(instrument.reversed)) == len(instrument.reversed)


@EVERY
def test_thresholds_lie_within_the_range_of_totals(instrument: Instrument) -> None:
    low, high = total_range(instrument)
    of_total = [cut.value for cut in instrument.cut_offs.values() if cut.scale == "total"]
    of_total += [end for band in instrument.bands for end in (band.minimum, band.maximum)]
    of_total += [norm.mean for norm in instrument.norms]
    assert all(low <= value <= high for value in of_total)
    for change in (instrument.reliable_change, instrument.minimal_important_change):
        assert change is None or 0 < change.value < high - low


@EVERY
def test_bands_cover_the_range_without_gap_or_overlap(instrument: Instrument) -> None:
    if not instrument.bands:
        return
    low, high = total_range(instrument)
    ends = [(band.minimum, band.maximum) for band in instrument.bands]
    assert ends[0][0] == low
    assert ends[-1][1] == high
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(ends))


@EVERY
def test_every_figure_has_status_and_source(instrument: Instrument) -> None:
    found = list(sourced_parts(instrument))
    assert len(found) >= 5
    assert all(part.status in {"checked", "cited", "uncertain", "policy"} for part in found)
    assert all(part.source.strip() for part in found)


@EVERY
def test_allowed_answers_run_through_the_scale(instrument: Instrument) -> None:
    scale = instrument.scale
    numbers = sorted({Decimal(text) for text in instrument.allowed_answers()})
    assert (numbers[0], numbers[-1]) == (Decimal(str(scale.minimum)), Decimal(str(scale.maximum)))
    gaps = {after - before for before, after in itertools.pairwise(numbers)}
    assert gaps == {Decimal(str(scale.step))}


@EVERY
def test_alpha_of_a_scale_lies_in_order(instrument: Instrument) -> None:
    assert all(found.low <= found.high for found in instrument.reliability)


@pytest.mark.parametrize(
    ("instrument_id", "answers"),
    [
        ("phq-9", ("0", "1", "2", "3")),
        ("wai-sr", ("1", "2", "3", "4", "5")),
        ("who-5", ("0", "1", "2", "3", "4", "5")),
    ],
)
def test_allowed_answers_are_canonical_texts(instrument_id: str, answers: tuple[str, ...]) -> None:
    assert CATALOGUE[instrument_id].allowed_answers() == answers


def test_visual_scales_allow_whole_numbers_in_both_spellings() -> None:
    answers = CATALOGUE["ors"].allowed_answers()
    assert {"7", "7.0", "7.3", "10", "10.0"} <= set(answers)
    assert "10.1" not in answers
    assert "7.25" not in answers


def test_an_item_may_have_its_own_scale() -> None:
    rupture = CATALOGUE["psq-rupture"]
    assert rupture.allowed_answers(1) == ("0", "1")
    assert rupture.allowed_answers(2) == ("1", "2", "3", "4", "5")


# Totals by the publication named in the entry: (lowest, highest).
RANGES = {
    "wai-sr": (12, 60), "wai-sr-t": (12, 60), "wai-s": (12, 84), "wai-36": (36, 252),
    "srs": (0, 40),
    "phq-9": (0, 27), "gad-7": (0, 21), "phq-4": (0, 12), "core-10": (0, 40), "core-om": (0, 40),
    "oq-45": (0, 180), "ors": (0, 40), "swls": (5, 35), "flourishing": (8, 56), "who-5": (0, 100),
    "pwbs-18": (18, 126), "pwbs-42": (42, 252), "wsas": (0, 40), "k10": (10, 50),
    "wemwbs": (14, 70), "swemwbs": (7, 35), "reqol-10": (0, 40), "pcl-5": (0, 80),
}  # fmt: skip


@pytest.mark.parametrize(("instrument_id", "expected"), RANGES.items(), ids=list(RANGES))
def test_the_range_of_totals_is_the_published_one(
    instrument_id: str, expected: tuple[float, float]
) -> None:
    assert total_range(CATALOGUE[instrument_id]) == expected


def test_reversed_items_of_the_36_item_inventory_spread_as_published() -> None:
    # Five of Task, three of Bond, six of Goal: Horvath & Greenberg (1989), from secondary sources.
    wai = CATALOGUE["wai-36"]
    spread = {name: len(set(items) & set(wai.reversed)) for name, items in wai.subscales.items()}
    assert spread == {"task": 5, "bond": 3, "goal": 6}


def test_core_om_domains_have_their_published_sizes() -> None:
    core = CATALOGUE["core-om"]
    sizes = {name: len(items) for name, items in core.scales.items()}
    assert sizes == {
        "total": 34, "wellbeing": 4, "problems": 12, "functioning": 12, "risk": 6, "non_risk": 28,
    }  # fmt: skip


def test_what_could_not_be_confirmed_is_marked_uncertain() -> None:
    uncertain = {i.id for i in CATALOGUE.values() if not (i.key.is_usable and i.reversal.is_usable)}
    assert uncertain == {"wai-s", "wai-36", "rri-c", "rri-t", "rri-c-sf"}


def total_range(instrument: Instrument) -> tuple[float, float]:
    """Lowest and highest total, from the description alone."""
    if instrument.total is None:
        return (float("-inf"), float("inf"))
    if instrument.total.table:
        return (min(instrument.total.table.values()), max(instrument.total.table.values()))
    times = instrument.total.factor * (
        1 if instrument.total.method == "mean" else instrument.n_items
    )
    return (instrument.scale.minimum * times, instrument.scale.maximum * times)


def sourced_parts(instrument: Instrument) -> list[Sourced]:
    """Every part of an entry that has to name its source."""
    parts: list[object] = []
    for name in type(instrument).model_fields:
        value = getattr(instrument, name)
        parts += value.values() if isinstance(value, dict) else (
            value if isinstance(value, tuple) else [value]
        )  # fmt: skip
    return [part for part in parts if isinstance(part, Sourced)]
