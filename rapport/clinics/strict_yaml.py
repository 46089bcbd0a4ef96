"""YAML that people write: read strictly, and its faults told by key and line, never by value."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from rapport.errors import Fault, SettingsError

_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML has it: a registry of 500 clinics reads five times faster."""


class _UniqueKeys(_SafeLoader):  # type: ignore[misc, valid-type] # chosen when the module loads
    """YAML that refuses a key written twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """Build a mapping after checking that its keys differ."""
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, "a key stands twice", key_node.start_mark
                )
            seen.add(key)
        built: dict[object, object] = super().construct_mapping(node, deep)
        return built


def parse_yaml(content: bytes, file: Path) -> object:
    """Read YAML strictly.

    Raises:
        SettingsError: The bytes are not YAML, or a key stands twice; with the line.
    """
    try:
        return yaml.load(content, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SettingsError(
            Fault(
                "YAML",
                f"This is not valid YAML: {getattr(error, 'problem', None) or 'unreadable bytes'}.",
                "Mend the file at this line; indentation and colons are the usual causes.",
                file=str(file),
                line=mark.line + 1 if mark else None,
            )
        ) from None


def faults_of(error: ValidationError, file: Path) -> list[Fault]:
    """Turn a pydantic error into faults that name file and key and never a value."""
    faults = []
    for found in error.errors(include_url=False, include_input=False, include_context=False):
        key = ".".join(str(part) for part in found["loc"]) or "(top level)"
        message = found["msg"].removeprefix("Value error, ")
        faults.append(
            Fault(
                "SETTING",
                f"{key}: {message}.",
                "Correct this key; docs/settings.md lists every key with an example.",
                file=str(file),
                column=key,
            )
        )
    return faults
