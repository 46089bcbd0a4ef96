"""Parts: every clinic-month once, the oldest first, no part larger than it may be."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.monthly import ClinicMonth, parts
from rapport.monthly.parts import in_parts, parts_by_bytes, parts_by_forms
from rapport.warehouse import tables
from tests.rapport.monthly import small_home as small


def ones(*names: str) -> list[ClinicMonth]:
    return [ClinicMonth(*name.split("|")) for name in names]


def told(found: list[list[ClinicMonth]]) -> list[list[str]]:
    return [[f"{one.clinic_id}|{one.month}" for one in part] for part in found]


def test_parts_are_filled_up_to_their_size() -> None:
    slices = ones("a|2026-01", "b|2026-01", "c|2026-01", "d|2026-01")
    sizes = dict(zip(slices, (4, 5, 2, 9), strict=True))
    assert told(list(in_parts(slices, sizes, 10))) == [
        ["a|2026-01", "b|2026-01"],
        ["c|2026-01"],
        ["d|2026-01"],
    ]


def test_a_month_is_done_before_the_next_one_begins() -> None:
    slices = ones("a|2026-02", "a|2026-01", "b|2026-02", "b|2026-01")
    found = told(list(in_parts(slices, {}, 10)))
    assert found == [["a|2026-01", "b|2026-01"], ["a|2026-02", "b|2026-02"]]


def test_what_must_stay_together_does_even_if_it_is_too_large() -> None:
    slices = ones("a|2026-01", "b|2026-01", "c|2026-01")
    sizes = dict.fromkeys(slices, 6)
    shared = {"a": "x", "b": "own", "c": "x"}
    found = in_parts(slices, sizes, 10, together=lambda one: shared[one.clinic_id])
    assert told(list(found)) == [["a|2026-01", "c|2026-01"], ["b|2026-01"]]


SLICES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["2026-01", "2026-02", "2026-03"])),
    unique=True,
    max_size=18,
)


@settings(max_examples=80, deadline=None)
@given(names=SLICES, sizes=st.lists(st.integers(0, 12), min_size=18, max_size=18))
def test_every_clinic_month_is_in_one_part_of_its_month(
    names: list[tuple[str, str]], sizes: list[int]
) -> None:
    slices = [ClinicMonth(*name) for name in names]
    size = dict(zip(slices, sizes, strict=False))
    found = list(in_parts(slices, size, 10))
    assert sorted(one for part in found for one in part) == sorted(slices)
    assert all(len({one.month for one in part}) == 1 for part in found)
    assert [part[0].month for part in found] == sorted(part[0].month for part in found)
    assert all(len(part) == 1 or sum(size[one] for one in part) <= 10 for part in found)


def test_files_are_weighed_by_the_ledger_and_schemes_stay_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schemes = {"alpha": "city", "beta": None, "gamma": "city"}
    clinics = [small.clinic(name, patient_id_scheme=one) for name, one in schemes.items()]
    home = small.small_home(tmp_path / "home", *clinics)
    slices = [ClinicMonth(name, small.MONTH) for name in schemes]
    for one in slices:
        small.upload(home, f"sessions_{small.MONTH}.csv", small.rows_of(2), of=one.clinic_id)
    from rapport.monthly import collecting

    collecting.collect(home, slices)
    assert [len(part) for part in parts_by_bytes(home, slices)] == [3]
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    assert told(parts_by_bytes(home, slices)) == [
        [f"alpha|{small.MONTH}", f"gamma|{small.MONTH}"],
        [f"beta|{small.MONTH}"],
    ]


def test_a_packed_file_weighs_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = small.small_home(tmp_path / "home", small.clinic("alpha"), small.clinic("beta"))
    slices = [ClinicMonth(name, small.MONTH) for name in ("alpha", "beta")]

    def received(name: str) -> list[dict[str, object]]:
        return [
            {
                **one.key, "export_id": "sessions", "content_sha256": name * 8,
                "received_name": f"sessions{name}", "size_bytes": 40,
            }
            for one in slices
        ]  # fmt: skip

    monkeypatch.setattr(parts, "PART_BYTES", 100)
    home.warehouse.append(tables.exports, received(".csv"))
    assert [len(part) for part in parts_by_bytes(home, slices)] == [2]
    home.warehouse.append(tables.exports, received(".CSV.GZ"))
    assert [len(part) for part in parts_by_bytes(home, slices)] == [1, 1]


def test_forms_are_counted_without_being_read(tmp_path: Path) -> None:
    home = small.small_home(tmp_path / "home", small.clinic("alpha"), small.clinic("beta"))
    slices = [ClinicMonth(name, small.MONTH) for name in ("alpha", "beta")]
    for one in slices:
        small.upload(home, f"sessions_{small.MONTH}.csv", small.rows_of(6), of=one.clinic_id)
        small.take_in(home, of=one.clinic_id)
    assert [len(part) for part in parts_by_forms(home, slices)] == [2]
    assert [len(part) for part in parts_by_forms(home, slices, 12)] == [1, 1]
