"""Facts → HTML → PDF: one clinic's report or notice, the same bytes every time, or an error.

Everything that could go wrong quietly is made loud: a missing fact (Jinja's strict mode), a value
that is not escaped (autoescape, and no value in a style, script or URL), a refused resource, a
warning of the renderer, a missing glyph, an action in the finished file.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from jinja2 import BaseLoader, Environment, FunctionLoader, StrictUndefined

from rapport.errors import Fault, RenderingError
from rapport.rendering.charts import draw
from rapport.rendering.facts import Chart, NoticeFacts, ReportFacts
from rapport.rendering.fonts import cut_for
from rapport.rendering.press import print_pdf
from rapport.rendering.scanning import scan

TEMPLATES = "report_templates"
STYLESHEET = "report.css"

_ONE_AT_A_TIME = threading.RLock()
"""matplotlib's settings, WeasyPrint's logger and Fontconfig belong to the whole process."""


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """A finished document: its bytes and its number of pages."""

    pdf: bytes
    pages: int


@dataclass(frozen=True, slots=True)
class Page:
    """A document before it is printed: HTML, and the charts that it refers to by data URL."""

    html: str
    charts: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as a template places it."""

    url: str
    alt: str
    title: str
    caption: str


def render_report(facts: ReportFacts) -> RenderedReport:
    """Render a clinic's monthly report.

    Raises:
        RenderingError: Something would be lost, invented, fetched or left blank.
    """
    return _render(facts)


def render_notice(facts: NoticeFacts) -> RenderedReport:
    """Render the notice that there is no report.

    Raises:
        RenderingError: As for :func:`render_report`, or the notice needs more than one page.
    """
    rendered = _render(facts)
    if rendered.pages != 1:
        raise RenderingError(
            Fault(
                "NOTICE_LENGTH",
                f"The notice takes {rendered.pages} pages instead of one.",
                "Show fewer reasons in the notice; report it.",
            )
        )
    return rendered


def page_of(facts: ReportFacts | NoticeFacts) -> Page:
    """Return the document that is printed; also for printing it by other means."""
    charts: dict[str, bytes] = {}

    def picture(chart: Chart) -> Picture:
        drawing = draw(chart)
        charts[drawing.url] = drawing.svg
        return Picture(drawing.url, drawing.alt, chart.title, chart.caption)

    name = "report.html" if isinstance(facts, ReportFacts) else "notice.html"
    html = _environment().get_template(name).render(facts=facts, picture=picture)
    return Page(html, charts)


def stylesheet() -> str:
    """Return the stylesheet of reports and notices."""
    return _source(STYLESHEET)


def _render(facts: ReportFacts | NoticeFacts) -> RenderedReport:
    with _ONE_AT_A_TIME:
        page, style = page_of(facts), stylesheet()
        cut = cut_for(page.html + style)
        pdf = print_pdf(page.html, stylesheet=style, charts=page.charts, cut=cut)
    return RenderedReport(pdf, scan(pdf))


def template_folder() -> Path:
    """Return the folder of the templates.

    It holds no Python, so it is a namespace package; the places that one lists need not exist
    (an editable installation lists one that does not, and ``importlib.resources`` stumbles on it).

    Raises:
        RenderingError: The templates are not installed.
    """
    spec = find_spec(TEMPLATES)
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in map(Path, places):
        if (place / STYLESHEET).is_file():
            return place
    raise RenderingError(
        Fault(
            "TEMPLATES",
            "The report templates are not installed.",
            "Install Rapport again; `rapport doctor` tells what is missing.",
        )
    )


def _source(name: str) -> str:
    return (template_folder() / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader: BaseLoader = FunctionLoader(_source)
    return Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
