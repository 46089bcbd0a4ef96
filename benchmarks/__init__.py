"""Measurements: how long Rapport takes and how much memory, against something known.

``python -m benchmarks`` prints ratios of two things measured in the same run, interleaved, because
seconds say something about a machine and ratios something about the code. Everything that is
measured runs in a process of its own, so that memory and imports of one do not lend themselves to
another. Nothing here is imported by the pipeline.
"""
