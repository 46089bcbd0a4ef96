"""Worlds with known truth, in which every published interval and signal is put to the test."""
