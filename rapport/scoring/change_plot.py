"""First against last score as a picture, with the band in which change does not count."""

import io
from typing import TYPE_CHECKING, Literal

import numpy as np

from rapport.scoring.change_table import ChangedTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAND = {
    "index": "change within error",
    "threshold": "change below the threshold",
    "percentage": "change below the percentage",
}
_SIZE_INCHES = (6.4, 7.6)
_ROOM_BESIDE_BAND = 1.25
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
        limits = _limits(changed)
        _draw_yardstick(axes, changed, limits)
        _draw_people(axes, changed)
        axes.set(xlim=limits, ylim=limits)
        axes.set_box_aspect(1)
        axes.set_xlabel(changed.names[0])
        axes.set_ylabel(changed.names[1])
        axes.set_title(f"First and last score, n = {changed.sample.n_used}", loc="left")
        figure.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
        drawn = io.BytesIO()
        about = {"Date": None, "Title": "Change"} if kind == "svg" else {"Software": None}
        figure.savefig(drawn, format=kind, metadata=about, dpi=150)
    return drawn.getvalue()


def _draw_yardstick(axes: "Axes", changed: ChangedTable, limits: tuple[float, float]) -> None:
    """Draw the band, the line of no change and the cut-off."""
    grid = np.linspace(*limits, 50)
    lower, upper = changed.criterion.band(grid, changed.improvement_sign)
    axes.fill_between(grid, lower, upper, color="#e0e0e0", label=_BAND[changed.criterion.kind])
    axes.plot(grid, grid, color="#616161", linewidth=1, label="no change")
    cut_off = changed.criterion.cut_off
    if cut_off is not None:
        axes.axhline(cut_off, color="#1565c0", linewidth=1, linestyle="--")
        axes.axvline(cut_off, color="#1565c0", linewidth=1, linestyle="--", label="cut-off")


def _draw_people(axes: "Axes", changed: ChangedTable) -> None:
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


def _limits(changed: ChangedTable) -> tuple[float, float]:
    """Return the ends of both axes: all points, and the band on both sides of the middle one."""
    values = np.concatenate([changed.sample.pre, changed.sample.post])
    low, high = float(values.min()), float(values.max())
    margin = max((high - low) * 0.08, 0.5)
    low, high = low - margin, high + margin
    middle = (low + high) / 2
    edges = np.concatenate(changed.criterion.band(np.array([middle]), changed.improvement_sign))
    reach = float(np.abs(edges - middle).max()) * _ROOM_BESIDE_BAND
    if not np.isfinite(reach):
        return low, high
    return min(low, middle - reach), max(high, middle + reach)
