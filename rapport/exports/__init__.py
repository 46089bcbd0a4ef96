"""Exports: read strictly into one text frame, asked for facts, and turned into canonical rows."""

from rapport.exports.file_rules import FILE_RULES
from rapport.exports.reading import Reading, concat_rows, read_export

__all__ = ["FILE_RULES", "Reading", "concat_rows", "read_export"]
