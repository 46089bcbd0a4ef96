"""Errors of means over few and unequal clusters, held against clubSandwich and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.statistics.clustered_means import clustered_errors
from rapport.statistics.clustered_regression import fit_clustered, means_by_group

EXPECTED = Path(__file__).parent / "expected"


def _read(file: str) -> pd.DataFrame:
    return pd.read_csv(EXPECTED / file, comment="#")


@pytest.mark.parametrize("group", ["g02", "g03", "g05", "g10", "g40"])
def test_means_of_few_clusters_are_those_of_clubsandwich(group: str) -> None:
    """coef_test(lm(y ~ 1), "CR2", test = "Satterthwaite"), to 1e-9; also one huge cluster."""
    rows = _read("cluster_means.csv").query("group == @group")
    found = means_by_group(rows["y"], np.zeros(len(rows)), rows["cluster"], 1)
    expected = _read("cluster_means_expected.csv").set_index("group").loc[group]
    numbers = [
        float(one[0])
        for one in (
            found.mean, found.standard_error, found.degrees_of_freedom, found.low, found.high,
        )
    ]  # fmt: skip
    columns = ["mean", "error", "df", "low", "high"]
    assert numbers == pytest.approx([float(expected[name]) for name in columns], rel=1e-9)


def test_all_groups_at_once_are_the_groups_one_by_one() -> None:
    rows = _read("cluster_means.csv")
    code, names = pd.factorize(rows["group"])
    found = means_by_group(rows["y"], code, rows["cluster"], len(names))
    expected = _read("cluster_means_expected.csv").set_index("group").loc[names]
    assert found.low == pytest.approx(expected["low"].to_numpy(float), rel=1e-9)


@pytest.mark.parametrize("clusters", [2, 3, 10])
def test_equal_clusters_have_one_degree_of_freedom_less_than_they_are(clusters: int) -> None:
    """And the plain error with the factor G/(G − 1), as published before."""
    sums = np.linspace(-1, 1, clusters)
    error, df = clustered_errors(
        np.full(clusters, 4.0), sums, np.zeros(clusters, dtype=np.int64), 1
    )
    plain = np.sqrt(clusters / (clusters - 1) * (sums**2).sum()) / (4 * clusters)
    assert (float(error[0]), float(df[0])) == pytest.approx((plain, clusters - 1))


@pytest.mark.parametrize("clusters", [0, 1])
def test_fewer_than_two_clusters_know_no_error(clusters: int) -> None:
    error, df = clustered_errors(
        np.ones(clusters), np.zeros(clusters), np.zeros(clusters, dtype=np.int64), 1
    )
    assert np.isnan([error[0], df[0]]).all()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=12), st.integers(0, 2**32 - 1))
def test_the_closed_form_is_the_regression_on_a_constant(sizes: list[int], seed: int) -> None:
    """The same numbers as the general formula with its eigenvalues, whatever the sizes."""
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    y = random.normal(0, 1, len(cluster))
    sums = np.bincount(cluster, y - y.mean()).astype(float)
    if len(cluster) < 3:
        return
    error, df = clustered_errors(
        np.array(sizes, float), sums, np.zeros(len(sizes), dtype=np.int64), 1
    )
    fit = fit_clustered(y, np.ones((len(y), 1)), cluster)
    assert error[0] == pytest.approx(fit.estimate(1.0).standard_error, rel=1e-7)
    assert df[0] == pytest.approx(fit.degrees_of_freedom(np.ones(1)), rel=1e-6)
    assert 0 < df[0] <= len(sizes) - 1 + 1e-9
