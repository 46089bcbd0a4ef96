"""What an adjusted figure holds equal, in sentences that are printed beside it.

Only what a clinic itself declares is named to it; what others state is theirs.
"""

from rapport.statistics.case_mix import CaseMix

FIRST_SCORE_ALONE = "Held equal: the first score alone."
NOT_IN_BOTH_SECTORS = "The covariates do not vary enough in both sectors, or patients are too few."


def held_equal(mix: CaseMix, clinic: int | None = None, *, among_own: bool = False) -> str:
    """Say what is held equal.

    Args:
        mix: The case mix.
        clinic: Code of the clinic to which it is told; ``None`` for what is said to all.
        among_own: Whether the figure is of a therapist, for whom what only the clinic states is
            held equal too.

    Returns:
        Sentences such as ``Held equal: the first score, age (stated for 93 %), employment (stated
        for all). Nobody is left out: …``.
    """
    sentences = [_shared(mix)]
    if clinic is not None:
        own = mix.own.get(clinic, ())
        if own and among_own:
            sentences.append(
                f"Among the therapists of this clinic also {_listed(own)}, which not every clinic "
                "states in the same words."
            )
        elif own:
            sentences.append(
                f"Not {_listed(own)}, which not every clinic states in the same words."
            )
        if unused := mix.unused.get(clinic, ()):
            sentences.append(f"Not {_listed(unused)}: too few patients for it, or no difference.")
    return " ".join(sentences)


def _shared(mix: CaseMix) -> str:
    if not mix.shared:
        return FIRST_SCORE_ALONE
    names = [f"{_written(name)} (stated for {_share(mix.stated[name])})" for name in mix.shared]
    said = f"Held equal: the first score, {', '.join(names)}."
    if all(mix.stated[name] == 1 for name in mix.shared):
        return said
    return f"{said} Nobody is left out: who did not state it is a group of their own."


def _share(share: float) -> str:
    """Return a share in whole per cent, never all or none of what is not."""
    if share == 1:
        return "all"
    return f"{min(max(round(100 * share), 1), 99)} %"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(_written, names))


def _written(name: str) -> str:
    """Return a covariate's name as people write it: ``age_band`` is ``age band``."""
    return name.replace("_", " ")
