"""What a score means by the publication: its band, and on which side of each cut-off it lies.

Unrounded scores are judged. Bands and cut-offs that are uncertain are left out.
"""

from collections.abc import Mapping

import numpy as np

from rapport.instruments import CutOff, Instrument
from rapport.scoring.answers import Mask, Matrix, Reasons


def bands_of(total: Matrix, instrument: Instrument) -> Reasons:
    """Return the name of the band of each total.

    A band reaches up to where the next begins: where whole scores are published in bands of 0-4
    and 5-9, a prorated 4.5 is still in the first.

    Args:
        total: Shape (n,); NaN where there is none.
        instrument: Whose total it is.

    Returns:
        Shape (n,), object: a label, or ``None`` without a score or without a confirmed band.

    Example:
        >>> from rapport.instruments import load_catalogue
        >>> bands_of(np.array([4.5, 5.0]), load_catalogue()["phq-9"]).tolist()
        ['minimal', 'mild']
    """
    named = np.full(len(total), None, dtype=object)
    for band in instrument.bands:
        named[total >= band.minimum] = band.label if band.is_usable else None
    if instrument.bands:
        named[total > instrument.bands[-1].maximum] = None
    return named


def beyond(score: Matrix, cut_off: CutOff) -> Mask:
    """Return, shape (n,), whether a score lies on the side that the cut-off's meaning describes.

    A missing score lies on neither side.
    """
    sides: Mapping[str, Mask] = {
        "at_least": score >= cut_off.value,
        "above": score > cut_off.value,
        "at_most": score <= cut_off.value,
        "below": score < cut_off.value,
    }
    return sides[cut_off.comparison]
