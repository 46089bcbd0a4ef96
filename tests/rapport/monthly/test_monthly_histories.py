"""Random histories, a few of them; ``scripts/histories`` runs many."""

from tests.rapport.monthly.histories import run


def test_a_few_random_histories_are_told_as_the_model_tells_them() -> None:
    run(examples=3, steps=10)
