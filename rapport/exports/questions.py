"""What most questions about rows start from: kinds of rows, and how an answer is written."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.exports.grouping import Mask, Texts
from rapport.exports.text_checks import is_session_number

Answers = npt.NDArray[np.int8]
"""0 for no, 1 for yes, 2 where the question does not arise."""


class About:
    """Kinds of rows and which columns are given, for a text frame of n rows; masks of shape (n,).

    Attributes:
        is_whole: The row has the header's number of fields.
        is_session: It describes a session.
        is_read: It describes a session or a patient.
        stated_clinic, strays: The row's own signs.
        has_patient: A patient is given.
        is_session_readable: The session's number is one.
        is_keyed: The row's key can be used.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        kinds = rows["kind"].to_numpy()
        self.is_whole = kinds != "broken"
        self.is_session = kinds == "session"
        self.is_read = self.is_session | (kinds == "record")
        self.stated_clinic = rows["stated_clinic"].to_numpy()
        self.strays = rows["strays"].to_numpy()
        self.has_patient = rows["patient"].notna().to_numpy()
        self.is_session_readable = each(rows["session"].to_numpy(), is_session_number)
        self.is_keyed = self.has_patient & (
            (kinds == "record") | (self.is_session & self.is_session_readable)
        )


def where(asked: Mask, answers: npt.NDArray[np.generic]) -> Answers:
    """Answer where the question arises."""
    return np.where(asked, answers, 2).astype(np.int8)


def each(texts: Texts, holds: Callable[[str], bool]) -> Mask:
    """Ask one question of every different text; no for what is missing."""
    codes, uniques = pd.factorize(texts)
    found = np.array([*(holds(text) for text in uniques), False], dtype=bool)
    answers: Mask = found[codes]
    return answers
