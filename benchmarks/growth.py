"""How time and memory grow with the number of rows: whole comparisons, each in a process of its own.

    python -m benchmarks.growth [--rows 10000 100000 1000000] [--write]

Rows of both corpora together. Each text is made of four answers that a real model gave to one prompt
(``benchmarks/ground_truth``), some 75 words, with a number of its own at the end, so that no two are alike and no cache
helps. Both corpora are made of the same answers: nothing has changed. ``--write`` puts the table into
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.document import BENCHMARKS, put
from benchmarks.ground_truth import corpora

SIDES = ("base", "new")
ANSWERS = ("base", "base_again")
JOINED = 4  # answers in a text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--embedder", default="fast")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    runs = []
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as folder:
            files = [write(Path(folder) / f"{side}.jsonl", rows // 2, side) for side in SIDES]
            runs.append(compared(files, "--embedder", arguments.embedder))
        print(rows, f"{runs[-1].seconds:.0f} s, {runs[-1].peak_bytes / 2**20:,.0f} MiB, {runs[-1].verdict}", flush=True)
        for stage in runs[-1].stages:
            print(f"    {stage['name']:40} {stage['seconds']:8.1f} s {stage['items_per_second'] or 0:10,.0f}/s")
    if arguments.write:
        put("growth", table(arguments.rows, runs), BENCHMARKS)


def write(path: Path, rows: int, side: str) -> Path:
    """A corpus of ``rows`` rows made of real answers, no two of them alike."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in _made(rows, side))
    return path


def _made(rows: int, side: str) -> Iterator[dict[str, Any]]:
    answers, asked = defaultdict(list), {}
    for row in (row for name in ANSWERS for row in corpora.read(corpora.PACKED, name)):
        answers[row["prompt_id"]].append(row["text"])
        asked[row["prompt_id"]] = row["prompt"]
    random = np.random.default_rng([SIDES.index(side), rows])
    keys, first = sorted(answers), rows * SIDES.index(side)
    for number in range(rows):
        key = keys[number % len(keys)]
        chosen = random.integers(len(answers[key]), size=JOINED)
        text = " ".join(answers[key][i] for i in chosen.tolist())
        yield {
            "prompt_id": key,
            "prompt": asked[key],
            "text": f"{text} {first + number}",
            "sample": number // len(keys),
        }


@dataclass(frozen=True)
class Run:
    """One comparison: wall-clock seconds, most memory of its processes together, and its stages.

    Memory is the proportional set size: what processes share counts once.
    """

    seconds: float
    peak_bytes: int
    verdict: str
    stages: list[dict[str, Any]]


def compared(files: list[Path], *options: str, cache: Path | None = None) -> Run:
    """What ``modecollapse compare`` takes for two files, with ``cache`` as its cache or without any."""
    command = [sys.executable, "-m", "modecollapse", "compare", *map(str, files), *options]
    command += ["--cache-dir", str(cache)] if cache else ["--no-cache"]
    command += ["--timings", "--json", "--exit-zero", "-q"]
    begin, peak = time.monotonic(), 0
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(0.25)
        seconds = time.monotonic() - begin
        out.seek(0)
        report = json.load(out)
    return Run(seconds, peak, report["verdict"], report["provenance"]["timings"])


def _memory(pid: int) -> int:
    """Bytes that a process and its descendants hold; Linux only. One that has just ended counts for nothing."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(_memory(int(child)) for child in children)


def table(rows: list[int], runs: list[Run]) -> str:
    """Rows, seconds, memory and the share of time that each stage takes."""
    lines = ["| rows | seconds | rows/s | peak memory, MiB | slowest stages |", "|---|---|---|---|---|"]
    for count, run in zip(rows, runs, strict=True):
        slowest = sorted(run.stages, key=lambda stage: -stage["seconds"])[:4]
        told = ", ".join(f"{stage['name']} {stage['seconds']:.0f} s" for stage in slowest)
        lines.append(
            f"| {count:,} | {run.seconds:.0f} | {count / run.seconds:,.0f} | {run.peak_bytes / 2**20:,.0f} | {told} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
