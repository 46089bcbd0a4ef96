"""What may be kept of a Great Expectations result: a list of what is allowed, and nothing else.

Results carry cell values in several places (lists of unexpected values, observed extremes, queries
with literals, tracebacks), and a new release may add others. So keys are let through by name.
"""

from collections.abc import Mapping
from typing import Any

_COUNTS = frozenset({"element_count", "unexpected_count", "missing_count"})
_META = ("id", "severity")


def scrubbed(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of one expectation's result that hold no value of a cell.

    Args:
        result: ``ExpectationValidationResult.to_json_dict()``.

    Returns:
        ``type``, ``meta`` (id, severity), ``success``, ``raised``, and ``result`` with whole
        counts and, if it is a list of whole row numbers, ``unexpected_index_list``.
    """
    configuration = result["expectation_config"]
    found = result.get("result") or {}
    counts = {key: found[key] for key in sorted(_COUNTS & found.keys()) if _is_whole(found[key])}
    rows = found.get("unexpected_index_list")
    if isinstance(rows, list) and all(_is_whole(row) for row in rows):
        counts["unexpected_index_list"] = rows
    return {
        "type": configuration["type"],
        "meta": {key: configuration["meta"][key] for key in _META},
        "success": bool(result["success"]),
        "raised": _raised(result.get("exception_info") or {}),
        "result": counts,
    }


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _raised(information: Mapping[str, Any]) -> bool:
    """Tell whether an exception was raised; the information is flat, or nested by metric."""
    if "raised_exception" in information:
        return bool(information["raised_exception"])
    return any(bool(one.get("raised_exception")) for one in information.values())
