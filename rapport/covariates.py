"""What is known of a patient at the start of treatment, as one text: how it is packed and read.

A JSON object by name, names in order, numbers as numbers: ``{"age":34,"employment":"employed"}``.
So sessions and episodes carry any number of declared covariates in one column of text.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

Known = Mapping[str, str | float]
"""Name → number or word."""

KNOWN: Final = "covariates"
"""Column of sessions and outcomes that holds it; missing where nothing is known."""


def packed(known: Known) -> str | None:
    """Return what is known as one text; ``None`` if nothing is.

    Example:
        >>> packed({"work": "employed", "age": 34})
        '{"age":34,"work":"employed"}'
    """
    if not known:
        return None
    return json.dumps(dict(known), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@lru_cache(maxsize=65536)
def parsed(text: str) -> Known:
    """Return what one packed text holds; the same object every time, not to be changed.

    Example:
        >>> parsed('{"age":34}')["age"]
        34
    """
    held: Known = json.loads(text)
    return held
