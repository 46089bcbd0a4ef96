"""What a run says on the terminal: one line a step, and whatever went wrong."""

import logging
import os
import sys

import dagster as dg

LEVEL_VARIABLE = "RAPPORT_LOG_LEVEL"


class _StepLines(logging.Handler):
    """Prints how steps end as short lines; everything else only from a level on."""

    def __init__(self, level: str) -> None:
        super().__init__(logging.DEBUG)
        self._told_from = logging.getLevelNamesMapping()[level]

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record, if it says something to the person who waits."""
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        kind = event.event_type_value if event is not None else ""
        step = str(meta.get("step_key") or "")
        if event is not None and kind == "STEP_SUCCESS":
            seconds = event.step_success_data.duration_ms / 1000
            sys.stderr.write(f"    {_readable(step)} done in {seconds:.1f} s\n")
        elif kind == "STEP_FAILURE":
            sys.stderr.write(f"    {_readable(step)} failed\n")
        elif event is None and record.levelno >= self._told_from:
            sys.stderr.write(f"    {record.levelname.lower()}: {record.getMessage()}\n")
        sys.stderr.flush()


def _readable(step: str) -> str:
    return step.replace("__", " ").replace("_", " ")


@dg.logger(config_schema={})
def step_lines(context: dg.InitLoggerContext) -> logging.Logger:
    """Log to the terminal in lines a person can follow; ``RAPPORT_LOG_LEVEL`` sets how much."""
    logger = logging.Logger("rapport", level=logging.DEBUG)
    logger.addHandler(_StepLines(os.environ.get(LEVEL_VARIABLE, "WARNING").upper()))
    return logger
