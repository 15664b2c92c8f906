"""What the tool says of chat models that others have sampled, where something is known of what changed.

    python -m benchmarks.chat_models [--noveltybench DIR] [--temperatures DIR] [--stories DIR] [--jobs 2] [--write]

Each DIR is a checkout that the module of that name describes; no file of any is part of this project. ``--write`` puts
a table for each of them into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from benchmarks.chat_models import noveltybench, stories, temperatures
from benchmarks.chat_models.job import VERDICTS, Job, compared
from benchmarks.document import put

SOURCES: Mapping[str, Callable[[Path], Iterator[Job]]] = {
    "noveltybench": noveltybench.jobs,
    "temperatures": temperatures.jobs,
    "stories": stories.jobs,
}
WAITING = 4
"""Comparisons per process that are read before it needs them: all of them at once would fill the memory."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for source in SOURCES:
        parser.add_argument(f"--{source}", type=Path, metavar="DIR")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    for source, jobs in SOURCES.items():
        if (data := getattr(arguments, source)) is not None:
            table = _table(jobs(data), arguments.jobs)
            print(table)
            if arguments.write:
                put(f"chat models: {source}", table)


def _table(jobs: Iterator[Job], processes: int) -> str:
    """Verdicts by kind of job; prints each as it comes."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with ProcessPoolExecutor(processes) as pool:
        while some := list(islice(jobs, WAITING * processes)):
            for job, verdict, headline in pool.map(compared, some):
                counts[job.kind][verdict] += 1
                print(f"{job.kind} | {job.name} | {verdict} | {headline}", flush=True)
    lines = [f"| | {' | '.join(VERDICTS)} |", "|---" * (len(VERDICTS) + 1) + "|"]
    lines += [f"| {kind} | {' | '.join(str(found[word]) for word in VERDICTS)} |" for kind, found in counts.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
