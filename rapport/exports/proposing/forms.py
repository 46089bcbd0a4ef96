"""The instruments of a file: which columns are whose items, how they are coded, on which rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from rapport.clinics.codebook import Codebook
from rapport.exports.proposing.answers import coding_of
from rapport.exports.proposing.columns import Column, joins_of
from rapport.exports.proposing.groups import Group, groups_in
from rapport.exports.proposing.instruments import Recognised, recognised, short_of
from rapport.exports.proposing.laid import Part
from rapport.exports.proposing.said import ProposedForm, Said, unsure
from rapport.exports.proposing.totals import total_of
from rapport.exports.proposing.words import known_words, meaning
from rapport.instruments import Instrument

_REPEATED = ("redcap_repeat_instrument", "Repeat Instrument")


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file while its forms are sought.

    Attributes:
        columns: All of its columns.
        catalogue: Instruments by id.
        decimal: Decimal mark.
        labels: Column → code → label.
        codebook: The project's data dictionary, where there is one.
    """

    columns: Sequence[Column]
    catalogue: Mapping[str, Instrument]
    decimal: str
    labels: Mapping[str, Mapping[str, str]]
    codebook: Codebook | None = None


def propose_forms(
    parts: Sequence[Part], file: File, *, free: Collection[str]
) -> tuple[list[ProposedForm], list[str]]:
    """Propose the forms of a file.

    Args:
        parts: Where they are sought.
        file: What is known of the file.
        free: Names of the columns that may be items.

    Returns:
        The forms, and remarks about groups of columns that are none.
    """
    forms: list[ProposedForm] = []
    remarks: list[str] = []
    said = frozenset().union(*(joins_of(column.name) for column in file.columns))
    keys: set[tuple[str, str]] = set()
    names = {column.name for column in file.columns}
    for part in parts:
        own = [one for one in part.columns if one.name in free or one.name not in names]
        hints = frozenset().union(*(joins_of(value) for _, value in part.where))
        for group in groups_in(own, file.codebook):
            called = group.hints | hints | _in_every_title(group)
            hinted = Group(group.items, group.columns, called, group.label, group.is_coded)
            known = _in_labels(hinted, file.labels)
            found = recognised(known, file.catalogue, said=said, decimal=file.decimal)
            if found is None:
                remarks += _short(hinted, file)
                continue
            for one, where in _sides(found, part, file):
                if (one.instrument.id, one.rater) not in keys:
                    keys.add((one.instrument.id, one.rater))
                    forms.append(_form(one, hinted, where, part, file))
                else:
                    remarks.append(
                        f"{group.label}: looks like {one.instrument.id} once more; one form of an "
                        "instrument and rater can be mapped in one export."
                    )
    return forms, remarks


def _in_labels(group: Group, labels: Mapping[str, Mapping[str, str]]) -> Group:
    """Return a group by what the file calls its answers, where their codes are no numbers."""
    if not group.texts or any(text.replace(".", "", 1).isdigit() for text in group.texts):
        return group
    columns = tuple(
        replace(one, cells=tuple(labels.get(one.name, {}).get(text, text) for text in one.cells))
        for one in group.columns
    )
    return replace(group, columns=columns)


def _in_every_title(group: Group) -> frozenset[str]:
    """Return the words that stand in the titles of all of a group's columns: ``PHQ-9 item 3``.

    Only words with a number are told: titles are sentences, in which "who" is no instrument.
    """
    titles = [joins_of(column.title) for column in group.columns]
    shared = frozenset.intersection(*titles) if all(titles) else frozenset()
    return frozenset(word for word in shared if any(map(str.isdigit, word)) and not word.isdigit())


def _short(group: Group, file: File) -> list[str]:
    short = short_of(group, file.catalogue)
    if short is None:
        return []
    return [
        f"{group.label}: called like {short.id}, but {len(group.columns)} columns for its "
        f"{short.n_items} items."
    ]


def _sides(found: Recognised, part: Part, file: File) -> list[tuple[Recognised, dict[str, Said]]]:
    """Return the form once, or once a rater where a column says who filled it in."""
    where = {name: Said(value) for name, value in part.where}
    column = rater_column(file.columns)
    theirs = file.catalogue.get(f"{found.instrument.id}-t")
    raters = {*found.instrument.raters, *(theirs.raters if theirs else ())}
    if column is None or len(raters) < 2:  # noqa: PLR2004 - patient and therapist
        return [(found, where)]
    sides = []
    for text in sorted(column.texts):
        rater = meaning(text, known_words().codes["rater"])
        if rater in raters:
            one = found.instrument if rater in found.instrument.raters else theirs
            side = Recognised(one or found.instrument, str(rater), found.n_items, found.why)
            sides.append((side, {**where, column.name: Said(text)}))
    return sides or [(found, where)]


def rater_column(columns: Sequence[Column]) -> Column | None:
    """Return the column that says who filled a form in: one whose texts all mean a rater."""
    words = known_words()
    return next(
        (
            one
            for one in columns
            if set(joins_of(one.name)) & words.names["rater"]
            and one.texts
            and all(meaning(text, words.codes["rater"]) for text in one.texts)
        ),
        None,
    )


def _form(
    found: Recognised, group: Group, where: dict[str, Said], part: Part, file: File
) -> ProposedForm:
    columns = group.columns[: found.n_items]
    instrument = found.instrument
    coding = coding_of(columns, instrument, decimal=file.decimal, labels=file.labels)
    items = group.items if isinstance(group.items, str) else tuple(group.items[: found.n_items])
    doubts = [found.why] if found.why else []
    if coding.is_from_one:
        doubts.append("nobody answered 0: is it coded from 1? Then declare `codes`")
    lines = {
        "instrument": unsure(instrument.id, "; ".join(doubts)) if doubts else Said(instrument.id),
        "rater": unsure(found.rater, found.rater_why) if found.rater_why else Said(found.rater),
        "items": Said(items, "" if isinstance(items, str) else "in the file's order: check it")
        if isinstance(items, str) or group.is_coded
        else unsure(list(items), "in the file's order, which must be the instrument's"),
    }
    total = total_of(columns, instrument, part.columns, decimal=file.decimal)
    if total is not None:
        lines["total"] = total
    used = [*(column.name for column in columns), *([str(total.value)] if total else [])]
    repeated = _repeated(columns, file)
    details = {
        "where": {**where, **repeated},
        "codes": coding.codes,
        "missing_codes": coding.missing,
    }
    return ProposedForm(lines, details, (*used, *where, *repeated))


def _repeated(columns: Sequence[Column], file: File) -> dict[str, Said]:
    """Return the REDCap instrument on whose rows a form's answers stand, if it repeats."""
    place = next((one for one in file.columns if one.name in _REPEATED), None)
    if place is None:
        return {}
    kinds = {
        kind
        for column in columns
        for cell, kind in zip(column.cells, place.cells, strict=True)
        if cell
    }
    if len(kinds) == 1 and "" not in kinds:
        return {place.name: Said(kinds.pop())}
    return {}
