"""One instrument as a page of plain text: every figure with its status and source, and the doubts.

The page is built from the description alone, so that nothing can be told that is not kept.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from rapport.instruments.figures import Comparison, Sourced, Status
from rapport.instruments.instrument import Instrument
from rapport.instruments.keys import ItemFlag, MissingRule, Scale, Total

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


_Part = tuple[str, tuple[str, ...]]
"""A line, and the lines that say how sure it is and where it comes from."""


def page_of(instrument: Instrument) -> str:
    """Return the page, lines of text without markup; what figures in a row share stands once."""
    return "\n".join(_lines(instrument)) + "\n"


def _lines(instrument: Instrument) -> Iterator[str]:
    yield f"{instrument.id} – {instrument.name} (version {instrument.version})"
    yield f"  {instrument.citation}"
    yield ""
    better = "higher is better" if instrument.improvement_sign > 0 else "lower is better"
    construct = instrument.measures.replace("_", " ")
    yield f"Measures {construct}; filled in by the {' or the '.join(instrument.raters)}; {better}."
    yield f"{instrument.n_items} items."
    for sources, parts in groupby(_parts(instrument), key=itemgetter(1)):
        yield from (line for line, _ in parts)
        yield from sources
    if instrument.doubts:
        yield ""
        yield "Doubts"
        yield from (f"  - {doubt}" for doubt in instrument.doubts)


def _parts(instrument: Instrument) -> Iterator[_Part]:
    if instrument.unscored is not None:
        yield _part(
            "Further questions", f"{instrument.unscored.count}, not scored", instrument.unscored
        )
    yield from _keyed(instrument)
    yield from _thresholds(instrument)
    yield from _group_figures(instrument)
    yield _part("Licence", instrument.licence.terms, instrument.licence)


def _keyed(instrument: Instrument) -> Iterator[_Part]:
    yield _part("Answers", _scale_words(instrument.scale), instrument.scale)
    for item, scale in instrument.item_scales.items():
        yield _part(f"Answers to item {item}", _scale_words(scale), scale)
    for name, items in instrument.subscales.items():
        yield _part(f"Subscale {name}", f"items {_listed(items)}", instrument.key)
    for name, parts in instrument.key.composites.items():
        yield _part(f"Scale {name}", " + ".join(parts), instrument.key)
    if not instrument.subscales:
        words = "none scored" if instrument.key.is_usable else "not known"
        yield _part("Subscales", words, instrument.key)
    words = "none" if instrument.reversal.is_usable else "not known"
    if instrument.reversed:
        words = f"items {_listed(instrument.reversed)}"
    yield _part("Reversed", words, instrument.reversal)
    if instrument.total is not None:
        yield _part("Total", _total_words(instrument.total), instrument.total)
    yield _part("Missing items", _missing_words(instrument.missing_rule), instrument.missing_rule)
    for name, flag in instrument.flags.items():
        which = "item" if len(flag.items) == 1 else "any of items"
        words = f"{_listed(flag.items)} answered {flag.at_least:g} or more: {flag.meaning}"
        yield _part(f"Flag {name}", f"{which} {words}", flag)


def _thresholds(instrument: Instrument) -> Iterator[_Part]:
    for name, cut in instrument.cut_offs.items():
        where = "" if cut.scale == "total" else f" of {cut.scale}"
        side = _SIDES[cut.comparison].format(f"{cut.value:g}")
        yield _part(f"Cut-off {name}", f"{side}{where}: {cut.meaning}", cut)
    for band in instrument.bands:
        span = f"{band.minimum:g}"
        if band.maximum != band.minimum:
            span += f" to {band.maximum:g}"
        yield _part("Band", f"{span}: {band.label}", band)
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
            yield _part(name, f"{figure.value:g} points or more", figure)


def _group_figures(instrument: Instrument) -> Iterator[_Part]:
    for norm in instrument.norms:
        size = "" if norm.n is None else f", n = {norm.n}"
        yield _part("Norm", f"{norm.population}: {norm.mean:g} (SD {norm.sd:g}){size}", norm)
    for found in instrument.reliability:
        span = f"{found.low:.2f}" + (f" to {found.high:.2f}" if found.high != found.low else "")
        where = "" if found.scale == "total" else f" of {found.scale}"
        yield _part(f"Reliability ({found.kind}){where}", span, found)


def _part(name: str, words: str, sourced: Sourced | ItemFlag) -> _Part:
    sources = [f"    {STATUS_WORDS[sourced.status]} · {sourced.source}"]
    if isinstance(sourced, Sourced) and sourced.note:
        sources.append(f"    {sourced.note}")
    return f"{name}: {words}", tuple(sources)


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
    allowed = ", ".join(
        f"{number} of {'all items' if scale == 'total' else scale}"
        for scale, number in rule.max_missing.items()
    )
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
