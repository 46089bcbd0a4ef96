"""A blank sheet measured in points, on which charts are drawn as SVG with few, plain marks.

matplotlib draws, without pyplot and without its axes: an axis costs more to lay out and to set
than everything that stands on it. Imports matplotlib; import it only where something is drawn.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.transforms import Affine2D

from rapport.rendering.fonts import FACES, FAMILY, font_folder

POINTS_IN_AN_INCH = 72
_SETTINGS = {"svg.hashsalt": "rapport", "svg.fonttype": "none", "path.simplify": False}

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn: colour, width in points, dashes, marker and its fill."""

    colour: str
    width: float = 1.0
    dashes: tuple[float, float] | None = None
    marker: Literal["", "o", "s", "D"] = ""
    fill: str = "white"
    marker_size: float = 5.0


class Sheet:
    """One picture in the making; ``x`` runs right and ``y`` up, in points."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._figure = Figure(figsize=(width / POINTS_IN_AN_INCH, height / POINTS_IN_AN_INCH))
        self._figure.patch.set_visible(False)
        FigureCanvasSVG(self._figure)
        scale = Affine2D().scale(1 / POINTS_IN_AN_INCH)
        self._points = scale + self._figure.dpi_scale_trans

    def line(self, places: Sequence[Place], stroke: Stroke) -> None:
        """Draw a line through ``places``, with the stroke's marker on each."""
        line = Line2D(
            [x for x, _ in places], [y for _, y in places],
            color=stroke.colour, linewidth=stroke.width, marker=stroke.marker or "None",
            markersize=stroke.marker_size, markerfacecolor=stroke.fill,
            markeredgecolor=stroke.colour, markeredgewidth=1.1,
            solid_capstyle="butt", transform=self._points,
        )  # fmt: skip
        if stroke.dashes:
            line.set_dashes(stroke.dashes)
        self._figure.add_artist(line)

    def area(self, corners: Sequence[Place], colour: str, opacity: float) -> None:
        """Fill a polygon."""
        self._figure.add_artist(
            Polygon(
                corners, closed=True, facecolor=colour, alpha=opacity, edgecolor="none",
                linewidth=0, transform=self._points,
            )
        )  # fmt: skip

    def text(
        self,
        place: Place,
        words: str,
        *,
        colour: str,
        size: float = 8.0,
        weight: Literal[300, 400, 600] = 400,
        anchor: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Write words, vertically centred on ``place``."""
        self._figure.text(
            *place, words, color=colour, ha=anchor, va="center_baseline",
            fontproperties=_font(weight, size), transform=self._points, parse_math=False,
        )  # fmt: skip

    def svg(self) -> bytes:
        """Return the picture; without date or program name, with ids that never change."""
        content = io.BytesIO()
        nameless = {"Date": None, "Creator": None, "Format": None, "Type": None}
        self._figure.savefig(content, format="svg", metadata=nameless)
        return content.getvalue()


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw with matplotlib's own defaults and ours, whatever a machine's ``matplotlibrc`` says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def _font(weight: int, size: float) -> FontProperties:
    return FontProperties(
        family=FAMILY, weight=weight, fname=font_folder() / FACES[weight], size=size
    )
