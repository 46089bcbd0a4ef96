"""The rules themselves, one file a suite, as plain data."""
