"""Columns about the session: how it was held, whether it took place, how treatment ended."""

from collections.abc import Collection, Mapping, Sequence

from rapport.exports.proposing.columns import Column, joined, words_of
from rapport.exports.proposing.said import Said, unsure
from rapport.exports.proposing.words import known_words, meaning

_MOST_CODES = 12
_KINDS = ("mode", "attendance", "ending")
_CONVERTED = {"1": "attended", "2": "missed"}
_WHY_CONVERTED = (
    "if Y and N were converted on export, as LimeSurvey offers, 1 is yes and 2 is no: make sure"
)


def propose_session_facts(
    columns: Sequence[Column], *, taken: Collection[str]
) -> dict[str, tuple[Said, Mapping[str, Said]]]:
    """Propose the coded columns about sessions.

    Args:
        columns: The columns of the file.
        taken: Columns that are something else already.

    Returns:
        ``mode``, ``attendance``, ``ending`` → its column, and code → word. Only codes that are
        words with a known meaning are told; of others it is said how many there are.
    """
    words = known_words()
    found: dict[str, tuple[Said, Mapping[str, Said]]] = {}
    used: set[str] = set(taken)
    for kind in _KINDS:
        for column in columns:
            is_named = joined(column.name) in words.names[kind]
            is_hinted = bool(set(words_of(column.name)) & words.hints[kind])
            if column.name in used or not (is_named or is_hinted):
                continue
            codes = {
                text: word
                for text in sorted(column.texts)
                if (word := meaning(text, words.codes[kind])) is not None
            }
            if not codes and kind == "attendance" and column.texts == _CONVERTED.keys():
                codes, why = dict(_CONVERTED), _WHY_CONVERTED
                found[kind] = (
                    Said(column.name, why),
                    {t: unsure(w, why) for t, w in codes.items()},
                )
                used.add(column.name)
                break
            if codes and len(column.texts) <= _MOST_CODES:
                found[kind] = _said(column, codes)
                used.add(column.name)
                break
    return found


def _said(column: Column, codes: Mapping[str, str]) -> tuple[Said, Mapping[str, Said]]:
    unknown = len(column.texts) - len(codes)
    entries = {text: unsure(word, "by the word alone") for text, word in codes.items()}
    if unknown:
        why = f"{unknown} further codes in it are not shown here; declare what they mean"
        return unsure(column.name, why), entries
    return Said(column.name), entries
