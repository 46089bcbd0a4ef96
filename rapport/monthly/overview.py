"""Overview: the figures of a month as one table and one small picture, for people who watch runs.

Works only on published figures, so that what is hidden in a report is hidden here too.
"""

import base64
import io

import pandas as pd

SHOWN = (
    "alliance.patient.total",
    "alliance.therapist.total",
    "completion.patient",
    "outcome.reliable_improvement",
)
"""Figures that say most at a glance."""

PICTURED = "alliance.patient.total"


def of_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that say most, trailing twelve months, ordered by who they are about."""
    chosen = figures[(figures.period == "trailing_12") & figures.figure.isin(SHOWN)]
    who = _who(figures)
    columns = [*who, "figure", "n_patients", "value", "low", "high", "suppression"]
    return chosen.sort_values([*who, "figure"])[columns].reset_index(drop=True)


def picture(figures: pd.DataFrame) -> str:
    """Return a Markdown image: patient-rated alliance with 95 % intervals, in order of id.

    A row whose figure is hidden keeps its place and shows nothing.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = figures[(figures.period == "trailing_12") & (figures.figure == PICTURED)]
    rows = rows.sort_values(_who(figures)).reset_index(drop=True)
    shown = rows[rows.value.notna()]
    drawn = Figure(figsize=(6, 2.4), layout="constrained")
    axes = drawn.add_subplot()
    below, above = (
        shown.value - shown.low.fillna(shown.value),
        shown.high.fillna(shown.value) - shown.value,
    )
    axes.errorbar(shown.index, shown.value, yerr=[below, above], fmt="o", ms=3, lw=0.8)
    axes.set(
        xlim=(-1, max(len(rows), 1)),
        xlabel=f"{len(rows)} in order of id; {len(rows) - len(shown)} hidden",
        ylabel="item mean, 1–5",
        title="Alliance rated by patients, twelve months, 95 % interval",
    )
    axes.set_xticks([])
    out = io.BytesIO()
    FigureCanvasAgg(drawn).print_png(out, metadata={"Software": None})
    encoded = base64.b64encode(out.getvalue()).decode()
    return f"![Alliance rated by patients, in order of id](data:image/png;base64,{encoded})"


def _who(figures: pd.DataFrame) -> list[str]:
    return [name for name in ("sector", "clinic_id", "therapist_id") if name in figures.columns]
