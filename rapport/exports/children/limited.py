"""Start of every child: limits first, then the parser whose path is the first argument.

A parser that takes too much is ended by the kernel. It can write no file and leaves no core.
"""

import resource
import runpy
import sys

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 120


def main(parser: str) -> None:
    """Limit this process for good, and run the parser at the path ``parser`` in it."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    runpy.run_path(parser, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1])
