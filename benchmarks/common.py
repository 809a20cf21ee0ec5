"""What the benchmarks share: contenders measured side by side, medians, targets and tables.

A time depends on what a process did before: on the layout of its memory, and above all on how many objects Python's
garbage collector has to walk. So every contender runs in a fresh process, contenders take turns within a round, and
the median over rounds is what counts. The collector is on, as users have it; README.md says what it does to numbers.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Result = dict[str, Any]  # what one process measured, by name

# --- in the process that measures -------------------------------------------------------------------------------------


def timed(function: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds that a call took, and its result."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


class CollectorClock:
    """The seconds that Python's garbage collector has taken since this clock was made."""

    def __init__(self) -> None:
        self.seconds = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _info: dict[str, int]) -> None:
        self.seconds += time.perf_counter() if phase == "stop" else -time.perf_counter()


def peak_megabytes() -> float | None:
    """Return the most memory that this process has had at one time, where the system tells (not on Windows)."""
    if util.find_spec("resource") is None:
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


# --- in the process that compares -------------------------------------------------------------------------------------


def in_fresh_process(script: str, *arguments: object) -> Result:
    """Run ``script`` with ``arguments`` in a process of its own, and return the JSON object that it prints."""
    command = [sys.executable, script, *map(str, arguments)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  # our own script
    result: Result = json.loads(finished.stdout)
    return result


def interleaved(
    cases: Sequence[T], rounds: int, measure: Callable[[T], dict[str, Any]]
) -> dict[T, list[dict[str, Any]]]:
    """Measure every case once in each round; the order rotates, so that nobody always comes first.

    Returns:
        each case's results, one for each round.
    """
    results: dict[T, list[Result]] = {case: [] for case in cases}
    for number in range(rounds):
        first = number % len(cases)
        for case in (*cases[first:], *cases[:first]):
            print(f"round {number + 1} of {rounds}: {case}", file=sys.stderr)
            results[case].append(measure(case))
    return results


def median(results: Iterable[Result], key: str) -> float:
    """Return the median over rounds of one measured number."""
    return statistics.median(result[key] for result in results)


def installed(module: str) -> bool:
    """Return whether a peer can be imported; where it cannot, its line says ``not installed``."""
    return util.find_spec(module) is not None


# --- reports ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """A number that performance is held to: at most, or at least, ``limit``. ``measured`` is None without its peer."""

    what: str
    measured: float | None
    relation: str  # "≤" or "≥"
    limit: float
    unit: str

    @property
    def met(self) -> bool | None:
        """Whether the measured number keeps to the limit; None where it could not be measured."""
        if self.measured is None:
            return None
        return self.measured <= self.limit if self.relation == "≤" else self.measured >= self.limit

    def row(self) -> list[str]:
        """Return the target as a row of a table."""
        measured = "not measured" if self.measured is None else f"{self.measured:,.3g} {self.unit}"
        return [
            self.what,
            measured,
            f"{self.relation} {self.limit:,g} {self.unit}",
            {True: "yes", False: "NO"}.get(self.met, "–"),
        ]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns: the first flush left, the others flush right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return "\n".join([line(lines[0]), line(rule), *map(line, lines[1:])])


def environment(*distributions: str) -> str:
    """Return a line about where the numbers come from: Python, system, processors, versions of the peers."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return "; ".join([python, system, *(f"{name} {_version(name)}" for name in distributions)]) + "."


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def publish(report: str, name: str) -> None:
    """Print a report, and write it to ``benchmarks/results/<name>.md``."""
    print(report)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(report + "\n", encoding="utf-8")
