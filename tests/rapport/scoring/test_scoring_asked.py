"""What was not asked is left out of the denominator of completeness; nothing else is."""

import pandas as pd
import pytest

from rapport.errors import SettingsError
from rapport.instruments import load_catalogue
from rapport.scoring.asked import n_asked


def test_items_that_were_not_asked_are_not_counted() -> None:
    frame = pd.DataFrame(
        {
            "instrument": ["phq-9", "gad-7", "phq-9"],
            "missing_reasons": ["03:refused 07:not_asked", None, "01:not_asked 02:not_asked"],
        },
        index=[7, 8, 9],
    )
    assert n_asked(frame, load_catalogue()).to_dict() == {7: 8, 8: 7, 9: 7}


@pytest.mark.parametrize("reason", ["skipped", "refused", "technical"])
def test_every_other_reason_leaves_the_item_asked(reason: str) -> None:
    frame = pd.DataFrame({"instrument": ["gad-7"], "missing_reasons": [f"01:{reason}"]})
    assert n_asked(frame, load_catalogue()).tolist() == [7]


def test_without_any_stated_reason_and_without_rows_it_counts_too() -> None:
    stated = pd.DataFrame({"instrument": ["phq-9"], "missing_reasons": [None]})
    assert n_asked(stated, load_catalogue()).tolist() == [9]
    assert n_asked(stated.iloc[:0], load_catalogue()).tolist() == []


def test_an_unknown_instrument_is_told() -> None:
    frame = pd.DataFrame({"instrument": ["nothing"], "missing_reasons": [None]})
    with pytest.raises(SettingsError):
        n_asked(frame, load_catalogue())
