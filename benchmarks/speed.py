"""How long the statistics take, and how much memory: from labels to verdicts, on one core.

    OMP_NUM_THREADS=1 python -m benchmarks.speed [--write]

Two corpora of made-up texts with a mode in a column, the new one a little sharper. Labels are given: no encoder, no
clustering, no language detection. Each size in a process of its own. ``--write`` puts the table into
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.document import BENCHMARKS, put
from modecollapse.corpus import read_corpus
from modecollapse.facets.column import ColumnFacet
from modecollapse.facets.opening import OpeningFacet
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.judging import judge
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, pair

SIZES = (
    (100, 50, 40, 1000),
    (1000, 50, 40, 1000),
    (1000, 50, 40, 2000),
    (1000, 50, 10, 1000),
    (1000, 50, 160, 1000),
    (1000, 200, 40, 1000),
    (5000, 50, 40, 1000),
)
"""Prompts, samples of each on either side, modes and resamples."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = ["| prompts | samples × 2 | modes | resamples | seconds | peak memory, MiB |", "|---|---|---|---|---|---|"]
    for size in SIZES:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds, peak = pool.apply(measured, size)
        prompts, samples, modes, resamples = size
        lines.append(f"| {prompts:,} | {samples} | {modes} | {resamples:,} | {seconds:.1f} | {peak:,.0f} |")
        print(lines[-1], flush=True)
    if arguments.write:
        put("statistics", "\n".join(lines), BENCHMARKS)


def measured(prompts: int, samples: int, modes: int, resamples: int) -> tuple[float, float]:
    """Seconds from labels to verdicts, and the process's peak memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        corpora = []
        for name, beta, seed in (("base", 1.0, 1), ("new", 1.3, 2)):
            path = Path(folder) / f"{name}.jsonl"
            write(path, prompts, samples, modes, beta, seed)
            corpora.append(read_corpus(path, columns=["mode"]))
    joined = pair(*corpora)
    labelled = {facet.name: _labelled(facet.name, facet, joined) for facet in (ColumnFacet("mode"), OpeningFacet())}
    # Every row takes part: that is all that the language facet is asked for.
    labelled["language"] = _labelled("language", ColumnFacet("mode"), joined)
    begin = time.perf_counter()
    judge(joined, labelled, ["column:mode", "opening"], Settings(0.01, 0.05, resamples, 0))
    return time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _labelled(name: str, facet: ColumnFacet | OpeningFacet, joined: Pair) -> Labelled:
    partition = facet.learn(joined.rows, joined.rows, 0)
    return Labelled(name, partition, partition.label(joined.rows), np.ones(len(joined.rows), dtype=bool))


def write(path: Path, prompts: int, samples: int, modes: int, beta: float, seed: int) -> None:
    """Texts of a first word that depends on the prompt, and of common words after it; each with a mode."""
    truth, rng = np.random.default_rng(0), np.random.default_rng(seed)
    common = np.arange(1, 2001) ** -1.1
    common /= common.sum()
    with path.open("w", encoding="utf-8") as out:
        for prompt in range(prompts):
            first, mode = (truth.dirichlet(np.full(size, 0.3)) ** beta for size in (30, modes))
            for _ in range(samples):
                words = [f"open{rng.choice(30, p=first / first.sum())}"]
                words += [f"word{word}" for word in rng.choice(2000, size=20, p=common)]
                row = {"prompt": f"prompt {prompt}", "text": " ".join(words)}
                out.write(json.dumps(row | {"mode": f"mode {rng.choice(modes, p=mode / mode.sum())}"}) + "\n")


if __name__ == "__main__":
    main()
