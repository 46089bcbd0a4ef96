"""Measures of courses of treatment: do the numbers of sessions and their dates tell one story?

A course is one patient's episode. What is asked here refuses nothing: a contact after the end may
be follow-up, and a gap in the numbers a session without a form. Many of either are a filter, a
merged patient or a number that began anew.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.slices import NAMES, Codes, Mask, Numbers, Slices
from rapport.exports.grouping import Ids, column_arrays, group_ids
from rapport.exports.text_checks import MAX_SESSION

_COURSE = (*NAMES, "patient_id", "episode")

Counts = npt.NDArray[np.int64]


def course_measures(held: pd.DataFrame, slices: Slices, codes: Codes) -> dict[str, Numbers]:
    """Measure the courses of clinic-months.

    Args:
        held: Accepted sessions.
        slices: The clinic-months.
        codes: Which of them each session belongs to, shape (n,).

    Returns:
        ``sessions_backwards``: sessions with a lower number than one on an earlier day.
        ``sessions_after_end``: sessions that took place on a later day than the end of their
        course. ``sessions_skipped_share``: numbers between a course's first and last session of the
        month that no session has, as a share of all numbers there; missing where days are numbers.
    """
    courses = group_ids(column_arrays(held, _COURSE), len(held))
    days: Ids = pd.factorize(np.asarray(held.session_date, dtype=object), sort=True)[0]
    numbers = held.session.to_numpy(dtype=np.int64)
    took_place = (held.attendance.isna() | (held.attendance == "attended")).to_numpy(dtype=bool)
    has_ended = (held.ending.notna() & (held.ending != "ongoing")).to_numpy(dtype=bool)
    is_late = took_place & _is_after(courses, days, has_ended)
    return {
        "sessions_backwards": slices.count(codes, _is_backwards(courses, days, numbers)),
        "sessions_after_end": slices.count(codes, is_late),
        "sessions_skipped_share": _skipped_share(courses, numbers, slices, codes),
    }


def _is_backwards(courses: Ids, days: Ids, numbers: Counts) -> Mask:
    """Whether a session has a lower number than one of the same course on an earlier day."""
    found = np.zeros(len(courses), dtype=bool)
    order = np.lexsort((numbers, days, courses))
    highest = pd.Series(numbers[order]).groupby(courses[order]).cummax().to_numpy()
    found[order] = numbers[order] < highest
    return found


def _is_after(courses: Ids, days: Ids, is_end: Mask) -> Mask:
    """Whether a session is on a later day than the first end of its course."""
    ends = np.full(int(courses.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(ends, courses[is_end], days[is_end])
    found: Mask = days > ends[courses]
    return found


def _skipped_share(courses: Ids, numbers: Counts, slices: Slices, codes: Codes) -> Numbers:
    counted = numbers <= MAX_SESSION
    if not counted.any():
        return np.full(len(slices), np.nan)
    seen = pd.DataFrame(
        {"course": courses[counted], "number": numbers[counted], "slice": codes[counted]}
    )
    spans = seen.groupby("course").agg(
        first=("number", "min"),
        last=("number", "max"),
        n=("number", "nunique"),
        of=("slice", "min"),
    )
    width = (spans["last"] - spans["first"] + 1).to_numpy()
    of = spans["of"].to_numpy(dtype=np.intp)
    whole = slices.total(of, width)
    skipped = slices.total(of, width - spans["n"].to_numpy())
    share: Numbers = np.divide(skipped, whole, out=np.full(len(slices), np.nan), where=whole > 0)
    return share
