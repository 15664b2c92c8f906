"""How long the statistics take, and how much memory: from labels to verdicts, on one core.

    OMP_NUM_THREADS=1 python -m benchmarks.speed [--prompts 1000] [--samples 50] [--modes 40]

Two corpora of made-up texts with a mode in a column, the new one a little sharper. Labels are given: no encoder, no
clustering, no language detection.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from modecollapse.corpus import read_corpus
from modecollapse.evidence import Settings
from modecollapse.facets.column import ColumnFacet
from modecollapse.facets.opening import OpeningFacet
from modecollapse.judging import judge
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, pair


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--modes", type=int, default=40)
    arguments = parser.parse_args()
    corpora = []
    with tempfile.TemporaryDirectory() as folder:
        for name, beta, seed in (("base", 1.0, 1), ("new", 1.3, 2)):
            path = Path(folder) / f"{name}.jsonl"
            write(path, arguments.prompts, arguments.samples, arguments.modes, beta, seed)
            corpora.append(read_corpus(path, columns=["mode"]))
    begin = time.perf_counter()
    joined = pair(*corpora)
    paired = time.perf_counter()
    labelled = {facet.name: _labelled(facet.name, facet, joined) for facet in (ColumnFacet("mode"), OpeningFacet())}
    # Every row takes part: that is all that the language facet is asked for.
    labelled["language"] = _labelled("language", ColumnFacet("mode"), joined)
    ready = time.perf_counter()
    settings = Settings(alpha=0.01, tolerance=0.05, resamples=1000, seed=0)
    found = judge(joined, labelled, ["column:mode", "opening"], settings)
    end = time.perf_counter()
    print(f"pairing {paired - begin:.1f} s, column and openings {ready - paired:.1f} s, testing {end - ready:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    verdicts = {name: facet.finding.verdict.value for name, facet in found.facets.items()}
    print(f"{verdicts}; peak memory {peak:,.0f} MB")


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
