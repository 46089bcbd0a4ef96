"""Mutation testing: does a test fail when the code is made wrong in one place?

``changes`` makes the wrong versions of a module, ``trial`` holds the tests against one of them in a
forked process, ``accepted`` knows the survivors that cannot matter and why, ``report`` prints the
table of ``docs/measurements/mutation.md``. Run with ``python -m benchmarks.mutation MODULE …``.
"""
