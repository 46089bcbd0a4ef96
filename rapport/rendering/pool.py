"""Many reports at once: a bounded pool of fresh child processes, results in the order of the jobs.

One report is rendered in the caller's own process. Children are started afresh, not forked from a
process that may hold threads and connections, and are replaced after some reports, so that a leak
in a native library stays small.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

from rapport.errors import RenderingError
from rapport.rendering.facts import NoticeFacts, ReportFacts
from rapport.rendering.pdf import RenderedReport, render_notice, render_report

REPORTS_PER_CHILD = 50
WAITING_PER_CHILD = 3
"""Jobs handed over ahead of time, for each child: enough to keep it busy, few in memory."""

Job = ReportFacts | NoticeFacts


def render_many(jobs: Sequence[Job], *, processes: int) -> Iterator[RenderedReport]:
    """Yield the rendered documents, in the order of ``jobs``.

    Args:
        jobs: Facts of reports and notices.
        processes: How many processes render at most, from 1.

    Raises:
        RenderingError: When it is the turn of a document that could not be rendered; the ones
            before it were yielded. :func:`render_each` goes on instead.
    """
    for outcome in render_each(jobs, processes=processes):
        if isinstance(outcome, RenderingError):
            raise outcome
        yield outcome


def render_each(
    jobs: Sequence[Job], *, processes: int
) -> Iterator[RenderedReport | RenderingError]:
    """Yield what became of each job, in order: one clinic's fault does not stop the others."""
    children = min(processes, len(jobs))
    if children <= 1:
        yield from map(_outcome, jobs)
        return
    with ProcessPoolExecutor(
        children,
        mp_context=multiprocessing.get_context("spawn"),
        max_tasks_per_child=REPORTS_PER_CHILD,
    ) as pool:
        yield from _in_order(pool, jobs, ahead=children * WAITING_PER_CHILD)


def _in_order(
    pool: ProcessPoolExecutor, jobs: Sequence[Job], *, ahead: int
) -> Iterator[RenderedReport | RenderingError]:
    coming = iter(jobs)
    waiting: deque[Future[RenderedReport | RenderingError]] = deque(
        pool.submit(_outcome, job) for job in islice(coming, ahead)
    )
    while waiting:
        outcome = waiting.popleft().result()
        waiting.extend(pool.submit(_outcome, job) for job in islice(coming, 1))
        yield outcome


def _outcome(job: Job) -> RenderedReport | RenderingError:
    """Render one document; a fault is returned, a bug is raised with its traceback."""
    try:
        return render_report(job) if isinstance(job, ReportFacts) else render_notice(job)
    except RenderingError as error:
        return error
