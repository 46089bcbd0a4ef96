"""The one place that runs Great Expectations: a frame and rules in, one finding a rule out.

Nothing of its results leaves this module but what :func:`expectations.scrubbing.scrubbed` lets
through. The context is ephemeral, progress bars and analytics are off.
"""

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from expectations.rule import Rule
from expectations.scrubbing import scrubbed

if TYPE_CHECKING:
    import pandas as pd


class Detail(Enum):
    """How much Great Expectations is to tell; never a text.

    It takes any text, and answers a misspelt one with empty results.
    """

    COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}  # noqa: RUF012 - an Enum
    ROWS = {  # noqa: RUF012 - an Enum
        "result_format": "COMPLETE",
        "exclude_unexpected_values": True,
        "partial_unexpected_count": 0,
    }


@dataclass(frozen=True, slots=True)
class Finding:
    """What Great Expectations found about one rule, without any value.

    Attributes:
        key: The rule's key.
        asked: Values that were looked at: neither missing nor skipped.
        broken: Values among them that break the rule.
        rows: Index labels of those, in no particular order; empty for :attr:`Detail.COUNTS`.
        raised: Whether there was no answer, for example because the column is not there.
    """

    key: str
    asked: int = 0
    broken: int = 0
    rows: tuple[int, ...] = ()
    raised: bool = False


def ask(frame: "pd.DataFrame", rules: Sequence[Rule], detail: Detail) -> dict[str, Finding]:
    """Put every rule to the frame, in one validation.

    Args:
        frame: What to judge; its index is unique and whole. (An index with a name would make
            Great Expectations answer with objects, and with values in them.)
        rules: Rules with unique keys.
        detail: Whether the rows are to be named.

    Returns:
        Key → finding, for every rule. A rule without a result, whatever the reason, has
        ``raised`` set: nothing that was not answered can look like a pass.
    """
    answered = {
        finding.key: finding
        for finding in map(_finding, _results(frame, rules, Detail(detail)) if rules else ())
    }
    return {rule.key: answered.get(rule.key, Finding(rule.key, raised=True)) for rule in rules}


def _results(
    frame: "pd.DataFrame", rules: Sequence[Rule], detail: Detail
) -> Iterable[dict[str, Any]]:
    gx = _quiet_library()
    batch = (
        _context(gx)
        .data_sources.add_pandas("memory")
        .add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame.rename_axis(index=None)})
    )
    suite = gx.ExpectationSuite(
        name=rules[0].suite.value, expectations=[rule.expectation() for rule in rules]
    )
    outcome = batch.validate(suite, result_format=dict(detail.value))
    return (scrubbed(result.to_json_dict()) for result in outcome.results)


def _context(gx: Any) -> Any:  # noqa: ANN401 - Great Expectations is untyped
    """Return a context that lives in memory: no files, no data docs, no progress bars."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )


def _quiet_library() -> Any:  # noqa: ANN401 - Great Expectations is untyped
    """Import Great Expectations; its own log lines may quote cells, so that none is written."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
    return gx


def _finding(result: dict[str, Any]) -> Finding:
    key = result["meta"]["id"]
    if result["raised"] or "unexpected_count" not in result["result"]:
        return Finding(key, raised=True)
    counts = result["result"]
    rows = tuple(int(row) for row in counts.get("unexpected_index_list") or ())
    broken = int(counts["unexpected_count"])
    if bool(result["success"]) != (broken == 0):
        return Finding(key, raised=True)
    return Finding(
        key=key,
        asked=int(counts["element_count"]) - int(counts.get("missing_count") or 0),
        broken=broken,
        rows=rows,
    )
