"""What the tool says of chat models that others have sampled, where something is known of what changed.

    python -m benchmarks.chat_models [--noveltybench DIR] [--temperatures DIR] [--stories DIR] [--jobs 2] [--write]

Each DIR is a checkout that the module of that name describes; no file of any is part of this project. ``--write`` puts
a table for each of them into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.chat_models import noveltybench, stories, temperatures
from benchmarks.chat_models.job import Job, tabled
from benchmarks.document import put

SOURCES: Mapping[str, Callable[[Path], Iterator[Job]]] = {
    "noveltybench": noveltybench.jobs,
    "temperatures": temperatures.jobs,
    "stories": stories.jobs,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for source in SOURCES:
        parser.add_argument(f"--{source}", type=Path, metavar="DIR")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    for source, jobs in SOURCES.items():
        if (data := getattr(arguments, source)) is not None:
            table = tabled(jobs(data), arguments.jobs)
            print(table)
            if arguments.write:
                put(f"chat models: {source}", table)


if __name__ == "__main__":
    main()
