"""Parsers of hostile formats, each in a child process with limits on memory and time.

The scripts in this folder import nothing of Rapport: they are started by path, limit themselves
first, read one file from standard input and write what it holds to standard output as JSON.
"""

from rapport.exports.children.running import Refused, parsed

__all__ = ["Refused", "parsed"]
