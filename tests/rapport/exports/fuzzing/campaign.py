"""A long run of one reader, guided by what of its code each file reaches; see ``scripts/fuzz``.

A file that reaches a line, or an outcome, that none has reached before joins the files from which
others are made. Findings are written down with the bytes that made them. Readers that work in child
processes are followed in the parent alone: there it is the outcome, and where the child stopped,
that tells files apart.
"""

import argparse
import hashlib
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import rapport.exports
from tests.rapport.exports.fuzzing.mutation import mutated
from tests.rapport.exports.fuzzing.oracle import Finding, examine, outcome
from tests.rapport.exports.fuzzing.readers import IN_CHILDREN, MAPPINGS, Reader, reader

Place = tuple[CodeType, int]

SLOW_SECONDS = 20.0
"""Most processor time that one small file may take, children included: more is a finding."""

MEMORY_BYTES = 6 * 1024**3
"""Most memory of the whole campaign; a file that needs more is a finding."""

_FOLDER = os.fspath(Path(rapport.exports.__file__).parent)


@dataclass
class Campaign:
    """The state of a run.

    Attributes:
        reader: What is read.
        chance: Where every choice comes from.
        pool: Files from which others are made.
        reached: Lines of code that some file has reached.
        outcomes: Outcomes that some file has had.
        findings: What must not be, by its sentence.
        executions: Files read so far.
    """

    reader: Reader
    chance: random.Random
    pool: list[bytes]
    reached: set[Place] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)
    findings: dict[str, Finding] = field(default_factory=dict)
    executions: int = 0

    @classmethod
    def of(cls, name: str, seed: int) -> "Campaign":
        """Begin with the committed seeds."""
        found = cls(reader(name), random.Random(seed), list(reader(name).seeds.values()))
        for content in tuple(found.pool):
            found.take(content)
        return found

    def step(self) -> None:
        """Make one file, and read it."""
        content = mutated(self.chance.choice(self.pool), self.chance, self.pool)
        if self.take(content):
            self.pool.append(content)

    def take(self, content: bytes) -> bool:
        """Read one file; return whether it does something new."""
        self.executions += 1
        begun = _processor_seconds()
        places: set[Place] = set()
        with traced(places):
            finding = examine(self.reader, content)
        if _processor_seconds() - begun > SLOW_SECONDS:
            finding = finding or Finding("a small file takes too long", content)
        if finding is not None:
            self.findings.setdefault(finding.what, finding)
            return False
        is_new = not places <= self.reached
        self.reached |= places
        if self.reader.name in IN_CHILDREN:
            return is_new
        told = outcome(self.reader, content)
        is_new |= told not in self.outcomes
        self.outcomes.add(told)
        return is_new


def _processor_seconds() -> float:
    """Return the processor time of this process and of the children that have ended."""
    return sum(os.times()[:4])


@contextmanager
def traced(places: set[Place]) -> Iterator[None]:
    """Note each line of the readers that is reached meanwhile."""

    def enter(frame: FrameType, _: str, __: Any) -> Any:  # noqa: ANN401 - the tracer's own type
        return line if frame.f_code.co_filename.startswith(_FOLDER) else None

    def line(frame: FrameType, event: str, _: Any) -> Any:  # noqa: ANN401 - the tracer's own type
        if event == "line":
            places.add((frame.f_code, frame.f_lineno))
        return line

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)


def run(name: str, *, minutes: float, seed: int) -> Campaign:
    """Read files for some minutes, and say every half minute how it goes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    campaign = Campaign.of(name, seed)
    end = time.monotonic() + 60 * minutes
    told = time.monotonic()
    while time.monotonic() < end:
        campaign.step()
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(summary(campaign), flush=True)
    return campaign


def summary(campaign: Campaign) -> str:
    """Return the state of a run in a line."""
    return (
        f"{campaign.reader.name}: {campaign.executions} files read, {len(campaign.pool)} kept, "
        f"{len(campaign.reached)} lines reached, {len(campaign.outcomes)} outcomes, "
        f"{len(campaign.findings)} findings"
    )


def write_findings(campaign: Campaign, folder: Path) -> None:
    """Write the bytes of each finding, and where in the code it happened."""
    for finding in campaign.findings.values():
        name = hashlib.sha256(finding.what.encode()).hexdigest()[:12]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{campaign.reader.name}-{name}").write_bytes(finding.content)
        (folder / f"{campaign.reader.name}-{name}.txt").write_text(
            f"{finding.what}\n\n{finding.trace}", "utf-8"
        )


def main() -> int:
    """Run one campaign; exit 1 if there is a finding."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Fuzz one reader of exports.")
    parser.add_argument("reader", choices=sorted(MAPPINGS))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other files")
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    asked = parser.parse_args()
    campaign = run(asked.reader, minutes=asked.minutes, seed=asked.seed)
    print(summary(campaign))
    for what in campaign.findings:
        print(f"  finding: {what}")
    write_findings(campaign, asked.findings)
    return 1 if campaign.findings else 0


if __name__ == "__main__":
    sys.exit(main())
