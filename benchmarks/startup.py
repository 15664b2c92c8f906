"""How long does a command take that computes nothing?

    python -m benchmarks.startup [--runs 20] [--write]

Medians of wall-clock seconds, each in a process of its own, and their ratio to Python importing click and rich alone.
``--write`` puts the table into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.document import BENCHMARKS, put

SAMPLES = [f"sample_data/{name}.jsonl.gz" for name in ("base", "base_T0.6")]
IMPORTS = "import click, rich.console, rich.table"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = str(Path(folder) / "report.json")
        program = [sys.executable, "-m", "modecollapse"]
        _run([*program, "compare", *SAMPLES, "-q", "-o", report, "--exit-zero"])
        commands = {
            f'`python -c "{IMPORTS}"`': [sys.executable, "-c", IMPORTS],
            "`modecollapse --help`": [*program, "--help"],
            "`modecollapse compare --help`": [*program, "compare", "--help"],
            "`modecollapse gate report.json`": [*program, "gate", report],
            "`modecollapse show report.json`": [*program, "show", report],
            "`modecollapse compare` of a file that is not there": [*program, "compare", SAMPLES[0], "nowhere.jsonl"],
        }
        seconds = _medians(commands, arguments.runs)
    plain = next(iter(seconds.values()))
    lines = ["| | seconds | ratio |", "|---|---|---|"]
    lines += [f"| {name} | {taken:.2f} | {taken / plain:.1f} |" for name, taken in seconds.items()]
    print(*lines, sep="\n")
    if arguments.write:
        put("startup", "\n".join(lines), BENCHMARKS)


def _medians(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """Round by round, so that a busy minute of the machine falls on all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            begin = time.perf_counter()
            _run(command)
            taken[name].append(time.perf_counter() - begin)
    return {name: statistics.median(each) for name, each in taken.items()}


def _run(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    main()
