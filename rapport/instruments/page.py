"""One instrument as a page of plain text: every figure with its status and source, and the doubts.

The page is built from the description alone, so that nothing can be told that is not kept.
"""

from collections.abc import Iterator, Mapping

from rapport.instruments.figures import Comparison, Sourced, Status
from rapport.instruments.instrument import Instrument
from rapport.instruments.keys import MissingRule, Scale, Total

STATUS_WORDS: Mapping[Status, str] = {
    "checked": "checked",
    "cited": "cited, not re-checked",
    "uncertain": "UNCERTAIN, not used",
    "policy": "a decision, not published",
}
"""Status → how it is printed."""

_SIDES: Mapping[Comparison, str] = {
    "at_least": "from {} on",
    "above": "above {}",
    "at_most": "up to {}",
    "below": "below {}",
}


def page_of(instrument: Instrument) -> str:
    """Return the page, lines of text without markup."""
    return "\n".join(_lines(instrument)) + "\n"


def _lines(instrument: Instrument) -> Iterator[str]:
    yield f"{instrument.id} – {instrument.name} (version {instrument.version})"
    yield f"  {instrument.citation}"
    yield ""
    better = "higher is better" if instrument.improvement_sign > 0 else "lower is better"
    construct = instrument.measures.replace("_", " ")
    yield f"Measures {construct}; filled in by the {' or the '.join(instrument.raters)}; {better}."
    yield f"{instrument.n_items} items."
    if instrument.unscored is not None:
        yield from _part(
            "Further questions", f"{instrument.unscored.count}, not scored", instrument.unscored
        )
    yield from _keyed(instrument)
    yield from _thresholds(instrument)
    yield from _group_figures(instrument)
    yield from _part("Licence", instrument.licence.terms, instrument.licence)
    if instrument.doubts:
        yield ""
        yield "Doubts"
        yield from (f"  - {doubt}" for doubt in instrument.doubts)


def _keyed(instrument: Instrument) -> Iterator[str]:
    yield from _part("Answers", _scale_words(instrument.scale), instrument.scale)
    for item, scale in instrument.item_scales.items():
        yield from _part(f"Answers to item {item}", _scale_words(scale), scale)
    for name, items in instrument.subscales.items():
        yield from _part(f"Subscale {name}", f"items {_listed(items)}", instrument.key)
    for name, parts in instrument.key.composites.items():
        yield from _part(f"Scale {name}", " + ".join(parts), instrument.key)
    if not instrument.subscales:
        yield from _part("Subscales", "none scored", instrument.key)
    reversed_items = f"items {_listed(instrument.reversed)}" if instrument.reversed else "none"
    yield from _part("Reversed", reversed_items, instrument.reversal)
    if instrument.total is not None:
        yield from _part("Total", _total_words(instrument.total), instrument.total)
    yield from _part(
        "Missing items", _missing_words(instrument.missing_rule), instrument.missing_rule
    )
    for name, flag in instrument.flags.items():
        words = f"{_listed(flag.items)} answered {flag.at_least:g} or more: {flag.meaning}"
        yield f"Flag {name}: {'item' if len(flag.items) == 1 else 'any of items'} {words}"
        yield f"    {STATUS_WORDS[flag.status]} · {flag.source}"


def _thresholds(instrument: Instrument) -> Iterator[str]:
    for name, cut in instrument.cut_offs.items():
        where = "" if cut.scale == "total" else f" of {cut.scale}"
        side = _SIDES[cut.comparison].format(f"{cut.value:g}")
        yield from _part(f"Cut-off {name}", f"{side}{where}: {cut.meaning}", cut)
    for band in instrument.bands:
        yield from _part("Band", f"{band.minimum:g} to {band.maximum:g}: {band.label}", band)
    changes = {
        "Reliable change": instrument.reliable_change,
        **{
            f"Reliable change of {name}": figure
            for name, figure in instrument.subscale_reliable_change.items()
        },
        "Relevant change": instrument.minimal_important_change,
    }
    for name, figure in changes.items():
        if figure is not None:
            yield from _part(name, f"{figure.value:g} points or more", figure)


def _group_figures(instrument: Instrument) -> Iterator[str]:
    for norm in instrument.norms:
        size = "" if norm.n is None else f", n = {norm.n}"
        yield from _part("Norm", f"{norm.population}: {norm.mean:g} (SD {norm.sd:g}){size}", norm)
    for found in instrument.reliability:
        span = f"{found.low:.2f}" + (f" to {found.high:.2f}" if found.high != found.low else "")
        where = "" if found.scale == "total" else f" of {found.scale}"
        yield from _part(f"Reliability ({found.kind}){where}", span, found)


def _part(name: str, words: str, sourced: Sourced) -> Iterator[str]:
    yield f"{name}: {words}"
    yield f"    {STATUS_WORDS[sourced.status]} · {sourced.source}"
    if sourced.note:
        yield f"    {sourced.note}"


def _scale_words(scale: Scale) -> str:
    step = "whole numbers" if scale.step == 1 else f"steps of {scale.step:g}"
    return f"{scale.minimum:g} to {scale.maximum:g}, {step}"


def _total_words(total: Total) -> str:
    if total.table is not None:
        low, high = min(total.table), max(total.table)
        return (
            f"sum of the items, then by table to a metric score "
            f"({low} → {total.table[low]:g}, {high} → {total.table[high]:g})"
        )
    times = "" if total.factor == 1 else f", times {total.factor:g}"
    return f"{total.method} of the items{times}"


def _missing_words(rule: MissingRule) -> str:
    if rule.kind == "complete":
        return "every item of a scale is needed"
    allowed = ", ".join(f"{name} {number}" for name, number in rule.max_missing.items())
    how = (
        "the mean of the answered items stands for the missing ones"
        if rule.kind == "prorate"
        else "each takes the rounded mean of its subscale"
    )
    rounded = "; the total is rounded half-up" if rule.rounds_total else ""
    needs = "; the total needs every subscale" if rule.needs_subscales else ""
    return f"at most {allowed}; {how}{rounded}{needs}"


def _listed(items: tuple[int, ...]) -> str:
    return ", ".join(str(item) for item in items)
