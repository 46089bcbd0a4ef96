"""How many items of a form were asked: the denominator of completeness.

An item that was not asked (a branch of the questionnaire that did not apply, a form shortened on
purpose) is no gap. Scores are another matter: an item without an answer is missing for them,
whatever the reason.
"""

from collections.abc import Mapping

import pandas as pd

from rapport.instruments import Instrument, instrument_of

_NOT_ASKED = ":not_asked"


def n_asked(responses: pd.DataFrame, catalogue: Mapping[str, Instrument]) -> "pd.Series[int]":
    """Count the items of each administration that were asked.

    Args:
        responses: Columns ``instrument`` and ``missing_reasons`` of ``survey_responses``; the
            latter as ``03:refused 07:not_asked``, or missing where nothing is stated.
        catalogue: Instruments by id.

    Returns:
        Whole numbers, shape (n,), on the index of ``responses``: the instrument's items less
        those of which the clinic or its software says that they were not asked. An item is counted
        as asked unless that is said.

    Raises:
        SettingsError: A form is of an instrument that the catalogue does not have.
    """
    names = responses["instrument"].astype("str")
    known = {name: instrument_of(catalogue, name).n_items for name in names.unique()}
    left_out = responses["missing_reasons"].astype("str").str.count(_NOT_ASKED).fillna(0)
    asked = names.map(known).astype("int64") - left_out.astype("int64")
    return asked.rename("n_asked")
