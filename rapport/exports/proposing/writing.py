"""A proposal as YAML for people: every doubt stands in a comment on its own line."""

import json
from collections.abc import Iterator, Mapping

from rapport.exports.proposing.said import Plain, Proposal, ProposedForm, Said

_HEAD = (
    "# A proposal made from one file. Check every line; those marked UNSURE cannot be told from",
    "# the file alone. Put it under `exports` of the clinic in clinics.yaml.",
)


def as_yaml(proposal: Proposal) -> str:
    """Return the proposal as one export's mapping in YAML."""
    lines = [*_HEAD, *(f"# {remark}" for remark in proposal.remarks)]
    for key, said in proposal.lines.items():
        lines.append(_line("", key, said))
    for key, entries in proposal.details.items():
        lines += _entries("", key, entries)
    lines.append("forms:")
    for form in proposal.forms:
        lines += _form(form)
    if proposal.ignored:
        lines.append("ignored:")
        lines += [f"- {_scalar(said.value)}{_comment(said)}" for said in proposal.ignored]
    return "\n".join(lines) + "\n"


def _form(form: ProposedForm) -> Iterator[str]:
    mark = "- "
    for key, said in form.lines.items():
        yield _line(mark, key, said)
        mark = "  "
    for key, entries in form.details.items():
        yield from _entries("  ", key, entries)


def _entries(indent: str, key: str, entries: Mapping[str, Said]) -> Iterator[str]:
    """Write entries below a key; ``column`` and codes of a coded column have a level between."""
    if not entries:
        return
    yield f"{indent}{key}:"
    for name, said in entries.items():
        yield f"{indent}  {_scalar(name)}: {_scalar(said.value)}{_comment(said)}"


def _line(mark: str, key: str, said: Said) -> str:
    return f"{mark}{key}: {_scalar(said.value)}{_comment(said)}"


def _scalar(value: Plain) -> str:
    """Return a value in JSON, which is YAML; lists and mappings on one line."""
    return json.dumps(value, ensure_ascii=False)


def _comment(said: Said) -> str:
    why = " ".join(said.why.split())
    if not said.is_sure:
        return f"  # UNSURE: {why}"
    return f"  # {why}" if why else ""
