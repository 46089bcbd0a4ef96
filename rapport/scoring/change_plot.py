"""First against last score as SVG, with the band in which change is no more than error."""

import io

import numpy as np

from rapport.scoring.change.criteria import Criterion
from rapport.scoring.change_table import ChangedTable

_SIZE_INCHES = (6.4, 7.0)
_MARKS = {
    "recovered": ("o", "#00695c"),
    "improved": ("^", "#4db6ac"),
    "unchanged": ("s", "#9e9e9e"),
    "deteriorated": ("v", "#ff8a65"),
    "harmed": ("X", "#bf360c"),
}


def change_svg(changed: ChangedTable, *, pre: str, post: str) -> bytes:
    """Draw a judged table: a point a person, the line of no change, the band, the cut-off.

    Categories differ by shape as well as by colour. The same table gives the same bytes.

    Args:
        changed: The judged table.
        pre: Name of the first score, for its axis.
        post: Name of the last score, for its axis.

    Returns:
        An SVG document, UTF-8.
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
        lower, upper = band(changed.criterion, grid)
        axes.fill_between(grid, lower, upper, color="#e0e0e0", label="change within error")
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
        axes.set(xlim=(low, high), ylim=(low, high), xlabel=pre, ylabel=post, aspect="equal")
        axes.set_title(f"First and last score, n = {changed.sample.n_used}", loc="left")
        figure.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Title": "Change"})
    return drawn.getvalue()


def band(criterion: Criterion, pre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for first scores, the last scores between which change is not reliable.

    Every index is linear in the last score, so that its two borders are found exactly.

    Args:
        criterion: The yardstick.
        pre: First scores, shape (n,).

    Returns:
        Lower and upper border, shape (n,) each, in points.
    """
    if criterion.threshold is not None:
        return pre - criterion.threshold, pre + criterion.threshold
    at_zero = criterion.index(pre, np.zeros_like(pre))
    slope = criterion.index(pre, np.ones_like(pre)) - at_zero
    critical = np.inf if criterion.critical is None else criterion.critical
    return (-critical - at_zero) / slope, (critical - at_zero) / slope


def _limits(changed: ChangedTable) -> tuple[float, float]:
    values = np.concatenate([changed.sample.pre, changed.sample.post])
    low, high = float(values.min()), float(values.max())
    margin = max((high - low) * 0.08, 0.5)
    return low - margin, high + margin
