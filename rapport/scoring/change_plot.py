"""First against last score as a picture, with the band in which change does not count."""

import io
from typing import Literal

import numpy as np

from rapport.scoring.change_table import ChangedTable

_BAND = {
    "index": "change within error",
    "threshold": "change below the threshold",
    "percentage": "change below the percentage",
}
_SIZE_INCHES = (6.4, 7.0)
_MARKS = {
    "recovered": ("o", "#00695c"),
    "improved": ("^", "#4db6ac"),
    "unchanged": ("s", "#9e9e9e"),
    "deteriorated": ("v", "#ff8a65"),
    "harmed": ("X", "#bf360c"),
}


PictureFormat = Literal["svg", "png"]


def change_picture(changed: ChangedTable, kind: PictureFormat = "svg") -> bytes:
    """Draw a judged table: a point a person, the line of no change, the band, the cut-off.

    Categories differ by shape as well as by colour. The same table gives the same bytes.

    Args:
        changed: The judged table; its columns of scores name the axes.
        kind: ``svg``, or ``png`` with 150 dots an inch.

    Returns:
        The picture's bytes; an SVG is UTF-8.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(
        {"svg.hashsalt": "rapport", "svg.fonttype": "none", "text.parse_math": False}
    ):
        figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
        axes = figure.add_subplot()
        low, high = _limits(changed)
        grid = np.linspace(low, high, 50)
        lower, upper = changed.criterion.band(grid, changed.improvement_sign)
        axes.fill_between(grid, lower, upper, color="#e0e0e0", label=_BAND[changed.criterion.kind])
        axes.plot(grid, grid, color="#616161", linewidth=1, label="no change")
        if changed.criterion.cut_off is not None:
            axes.axhline(changed.criterion.cut_off, color="#1565c0", linewidth=1, linestyle="--")
            axes.axvline(
                changed.criterion.cut_off,
                color="#1565c0",
                linewidth=1,
                linestyle="--",
                label="cut-off",
            )
        for name, (marker, colour) in _MARKS.items():
            these = changed.rows[changed.rows["category"] == name]
            if len(these):
                axes.scatter(
                    these["pre"],
                    these["post"],
                    marker=marker,
                    color=colour,
                    edgecolors="#212121",
                    linewidths=0.4,
                    s=34,
                    label=f"{name} ({len(these)})",
                )
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
        axes.set_xlabel(changed.names[0])
        axes.set_ylabel(changed.names[1])
        axes.set_title(f"First and last score, n = {changed.sample.n_used}", loc="left")
        figure.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
        drawn = io.BytesIO()
        about = {"Date": None, "Title": "Change"} if kind == "svg" else {"Software": None}
        figure.savefig(drawn, format=kind, metadata=about, dpi=150)
    return drawn.getvalue()


def _limits(changed: ChangedTable) -> tuple[float, float]:
    values = np.concatenate([changed.sample.pre, changed.sample.post])
    low, high = float(values.min()), float(values.max())
    margin = max((high - low) * 0.08, 0.5)
    return low - margin, high + margin
