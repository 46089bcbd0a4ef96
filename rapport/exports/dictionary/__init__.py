"""What REDCap's data dictionary adds to an export: labels read, codings, identifiers, reasons."""

from rapport.exports.dictionary.applying import with_dictionary
from rapport.exports.dictionary.labels import with_variables

__all__ = ["with_dictionary", "with_variables"]
