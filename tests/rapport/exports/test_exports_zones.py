"""The clinic's calendar: over every zone, every change of clocks and every end of a month.

Source of zones and offsets: the IANA time zone database, by the standard library's ``zoneinfo``.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rapport.clinics import ExportMapping
from rapport.exports.values import date_texts
from rapport.months import Month

ZONES = sorted(zone for zone in available_timezones() if not zone.startswith(("posix", "right")))
WITH_OFFSET = "%Y-%m-%dT%H:%M:%S%z"
LOCAL = "%Y-%m-%dT%H:%M:%S"

moments = st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC, microsecond=0)
)
month_ends = st.builds(
    lambda year, month, minutes: datetime(year, month, 1, tzinfo=UTC) + timedelta(minutes=minutes),
    st.integers(1971, 2099),
    st.integers(1, 12),
    st.integers(-26 * 60, 26 * 60),
)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
zones = st.sampled_from(ZONES)


def mapping(*dates: str) -> ExportMapping:
    return ExportMapping.model_validate(
        {
            "id": "x", "path": "x_{month}.csv", "format": "delimited", "patient": "p",
            "dates": dates,
            "forms": [{"instrument": "swls", "rater": "patient", "items": "s{item}"}],
        }
    )  # fmt: skip


def day_of(text: str, written: str, zone: str, *, in_zone: str | None = None) -> str | None:
    return date_texts([text], mapping(written), written=in_zone, local=zone)[text]


def months_that_hold(day: str) -> list[Month]:
    """Every month whose first and last day have the day between them."""
    found = date.fromisoformat(day)
    near = [Month.of(found).plus(n) for n in (-2, -1, 0, 1, 2)]
    return [month for month in near if month.first_day <= found <= month.last_day]


@settings(deadline=None, max_examples=400)
@given(st.one_of(moments, month_ends), offsets, zones)
@example(datetime(2025, 3, 31, 22, 30, tzinfo=UTC), timezone(timedelta(0)), "Europe/London")
@example(
    datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), timezone(timedelta(0)), "Pacific/Kiritimati"
)
@example(datetime(2011, 12, 30, 9, 0, tzinfo=UTC), timezone(timedelta(0)), "Pacific/Apia")
def test_a_moment_belongs_to_the_one_month_of_the_clinics_calendar(
    moment: datetime, offset: timezone, zone: str
) -> None:
    day = day_of(moment.astimezone(offset).strftime(WITH_OFFSET), WITH_OFFSET, zone)
    assert day is not None
    expected = datetime.fromtimestamp(moment.timestamp(), ZoneInfo(zone)).date()
    assert day == expected.isoformat()
    assert months_that_hold(day) == [Month.of(expected)]


@settings(deadline=None, max_examples=300)
@given(st.one_of(moments, month_ends), zones, st.one_of(st.none(), zones))
@example(datetime(2026, 3, 29, 2, 30, tzinfo=UTC), "Europe/Warsaw", "Europe/Warsaw")  # a gap
@example(datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "Europe/Warsaw", "Europe/Warsaw")  # twice
@example(datetime(2018, 11, 4, 0, 30, tzinfo=UTC), "America/Sao_Paulo", None)  # midnight is a gap
@example(datetime(2011, 12, 30, 12, 0, tzinfo=UTC), "Pacific/Apia", "Pacific/Apia")  # no such day
def test_a_time_on_any_wall_clock_has_one_day_and_never_crashes(
    wall: datetime, zone: str, in_zone: str | None
) -> None:
    day = day_of(wall.strftime(LOCAL), LOCAL, zone, in_zone=in_zone)
    assert day is not None
    assert len(months_that_hold(day)) == 1
    if in_zone is None:
        assert day == wall.date().isoformat()


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Chicago", "2025-03-31"),  # half past eleven in the evening there
        ("America/New_York", "2025-04-01"),  # half past midnight: clocks went forward already
        ("Europe/London", "2025-04-01"),  # 05:30 of the next morning
        ("Asia/Tokyo", "2025-04-01"),
        ("Pacific/Honolulu", "2025-03-31"),
    ],
)
def test_a_time_with_an_offset_is_told_on_the_clinics_calendar(zone: str, day: str) -> None:
    assert day_of("2025-03-31T23:30:00-05:00", WITH_OFFSET, zone) == day


@pytest.mark.parametrize("day", ["2024-02-29", "2000-02-29", "2025-12-31", "2025-01-01"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_a_plain_date_is_that_day_in_every_zone(day: str, zone: str) -> None:
    assert day_of(day, "%Y-%m-%d", zone) == day


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_the_calendar_do_not_crash(text: str) -> None:
    assert day_of(text, WITH_OFFSET, "Pacific/Kiritimati") is not None


def test_the_29th_of_february_of_a_common_year_is_no_day() -> None:
    assert day_of("2025-02-29", "%Y-%m-%d", "Europe/London") == "?2025-02-29"


def test_names_of_zones_are_refused_in_the_mapping() -> None:
    with pytest.raises(ValueError, match="ambiguous"):
        mapping("%Y-%m-%d %H:%M %Z")
