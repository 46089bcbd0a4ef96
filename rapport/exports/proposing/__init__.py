"""Proposing a mapping from a file, for a person to check: ``rapport map``."""

from rapport.exports.proposing.proposer import propose
from rapport.exports.proposing.said import Proposal
from rapport.exports.proposing.writing import as_yaml

__all__ = ["Proposal", "as_yaml", "propose"]
