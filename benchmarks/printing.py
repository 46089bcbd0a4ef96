"""One report, warm, against Chromium; run as a process of its own.

``python -m benchmarks.printing FOLDER REPEATS REPORTS``. The figures of the report are those of
the rendering tests; every report has another code version in print, so that no two are the same.
"""

import base64
import resource
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import chromium
from benchmarks.children import tell

if TYPE_CHECKING:
    from rapport.rendering.facts import ReportFacts
    from rapport.rendering.pdf import Page

_EMPTY_PAGE = "<!doctype html><html lang='en'><title>Empty</title><p>Empty.</p></html>"


def measure(folder: Path, *, repeats: int, reports: int) -> dict[str, Any]:
    """Measure single reports, then many in one process and in two.

    Args:
        folder: Where pages and PDFs go.
        repeats: How often each single thing is done; the least counts.
        reports: How many reports one process and two processes render.
    """
    facts = sample_reports(reports + 1)
    began = time.perf_counter()
    pages = _render(facts[0])
    first = time.perf_counter() - began
    told = {"first": first, "pages": pages} | _single(folder, facts[0], repeats)
    return told | {"one": _many(facts[1:], 1), "two": _many(facts[1:], 2)}


def sample_reports(count: int) -> list["ReportFacts"]:
    """Return so many reports, each a little different."""
    from tests.rapport.rendering.sample_facts import report_facts

    return [report_facts(code_version=f"0.0.{number}") for number in range(count)]


def _single(folder: Path, facts: "ReportFacts", repeats: int) -> dict[str, Any]:
    """Return the least seconds of each: all of it, drawing, printing, Chromium."""
    from rapport.rendering.pdf import page_of

    page = page_of(facts)
    full, empty = folder / "report.html", folder / "empty.html"
    full.write_text(self_contained(page), encoding="utf-8")
    empty.write_text(_EMPTY_PAGE, encoding="utf-8")
    things: dict[str, Callable[[], object]] = {
        "report": lambda: _render(facts),
        "page": lambda: page_of(facts),
        "print": lambda: _print(page),
    }
    if browser := chromium.installed():
        things["chromium"] = lambda: chromium.seconds_to_print(browser, full, folder / "full.pdf")
        things["chromium_empty"] = lambda: chromium.seconds_to_print(
            browser, empty, folder / "empty.pdf"
        )
    return _least(things, repeats)


def _least(things: dict[str, Callable[[], object]], repeats: int) -> dict[str, Any]:
    """Do everything in turn, several times; return the least seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(repeats):
        for name, thing in things.items():
            began = time.perf_counter()
            thing()
            seconds[name].append(time.perf_counter() - began)
    return {name: min(taken) for name, taken in seconds.items()}


def _many(facts: list["ReportFacts"], processes: int) -> dict[str, Any]:
    """Return seconds and processor seconds of many reports, and the gaps between them."""
    from rapport.rendering.pool import render_many

    began, cpu_began = time.perf_counter(), _processor_seconds()
    ready = [time.perf_counter() for _ in render_many(facts, processes=processes)]
    gaps = [later - earlier for earlier, later in pairwise([began, *ready])]
    cpu = _processor_seconds() - cpu_began
    return {"seconds": ready[-1] - began, "cpu": cpu, "gaps": gaps}


def _processor_seconds() -> float:
    """Return processor time of this process and of those that it has started and seen end."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in whose]
    return sum(one.ru_utime + one.ru_stime for one in used)


def self_contained(page: "Page") -> str:
    """Return the page with its stylesheet and fonts inside, for a renderer that is not ours."""
    from rapport.rendering.fonts import FAMILY, cut_faces, cut_for
    from rapport.rendering.pdf import stylesheet

    style = stylesheet()
    faces = "".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{face.weight};src:url('
        f'"data:font/ttf;base64,{base64.b64encode(face.content).decode()}")}}'
        for face in cut_faces(cut_for(page.html + style))
    )
    return page.html.replace("</head>", f"<style>{faces}{style}</style></head>", 1)


def _render(facts: "ReportFacts") -> int:
    from rapport.rendering.pdf import render_report

    return render_report(facts).pages


def _print(page: "Page") -> int:
    from rapport.rendering.fonts import cut_for
    from rapport.rendering.pdf import stylesheet
    from rapport.rendering.press import print_pdf

    style = stylesheet()
    cut = cut_for(page.html + style)
    return len(print_pdf(page.html, stylesheet=style, charts=page.charts, cut=cut))


if __name__ == "__main__":
    tell(measure(Path(sys.argv[1]), repeats=int(sys.argv[2]), reports=int(sys.argv[3])))
