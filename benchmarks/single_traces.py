"""How often are single traces seen where there are none, and found where there are some? By simulation.

    python -m benchmarks.single_traces [--corpora 40] [--samples 20 40] [--prompts 12 40]

Truth is a tree of next-word distributions. Kind *lm*: drawn from the posterior given the words of `sample_data`'s base;
*ties*: two to seven nearly equal first words hold 70%; *flat*: 8–60 nearly equal first words. Base texts are drawn from
p; new ones from what ``CHANGES`` says at every node, or are copies of one text of p per traced prompt.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modecollapse.counts import WordTree
from modecollapse.judgement.evidence import _REPEAT_DRAWS, _TRACE_DRAWS
from modecollapse.judgement.movement import single_traces
from modecollapse.stats import pitman_yor, traces, verbatim
from modecollapse.words import encode_words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BASE = Path("sample_data/base.jsonl.gz")


def escort(beta: float) -> Callable[[Floats], Floats]:
    return lambda p: pitman_yor.escort(p[None], beta)[0]


def truncated(keep: Callable[[Floats], NDArray[np.bool_]]) -> Callable[[Floats], Floats]:
    def change(p: Floats) -> Floats:
        order = np.argsort(-p)
        q = np.zeros_like(p)
        kept = order[keep(p[order])]
        q[kept] = p[kept] / p[kept].sum()
        return q

    return change


CHANGES = {
    "no change": escort(1),
    "β .7": escort(0.7),
    "β 1.25": escort(1.25),
    "β 1.67": escort(1.67),
    "β 2.5": escort(2.5),
    "β 5": escort(5),
    "greedy": escort(np.inf),
    "top-p .9": truncated(lambda p: np.cumsum(p) - p < 0.9),
    "top-k 20": truncated(lambda p: np.arange(len(p)) < 20),
    "min-p .1": truncated(lambda p: p >= 0.1 * p[0]),
}
HETEROGENEOUS = "β log-normal around 1.5, σ .5"
TRACED = [(part, copies, beta) for part in (0.25, 0.5, 1.0) for copies in (0.2, 0.4, 0.6, 0.9) for beta in (1.0, 1.5)]


class Truth:
    """The tree of one language model, of which prompts are drawn."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        texts = defaultdict(list)
        with gzip.open(BASE, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                texts[row["prompt"]].append(row["text"])
        self.rows = [encode_words(group, verbatim.DEPTH)[0].astype(np.int64) for group in texts.values()]
        nodes = [list(_nodes(rows)) for rows in self.rows]
        self.root = pitman_yor.mixture([node[0] for node in nodes])
        self.later = pitman_yor.mixture([counts for node in nodes for counts in node[1:]])

    def prompt(
        self, base: int, new: int, change: Callable[[Floats], Floats], copies: float, rng: np.random.Generator
    ) -> tuple[Ints, Ints]:
        """Words of base and new texts, shapes ``(texts, DEPTH)``."""
        words = np.arange(base + new + 1)[:, None] * 1000 + 100_000 * np.arange(1, verbatim.DEPTH + 1)
        known = self.rows[rng.integers(len(self.rows))] if self.kind == "lm" else self.rows[0][:0]
        changed = (np.arange(len(words)) >= base) & (np.arange(len(words)) < base + new)
        stack = [(np.arange(len(words)), known, 0)]
        while stack:
            rows, known, depth = stack.pop()
            p, labels = self._next(known, depth, rng)
            word = np.where(
                changed[rows],
                rng.choice(len(p), size=len(rows), p=change(p)),
                rng.choice(len(p), size=len(rows), p=p),
            )
            words[rows, depth] = word
            for value in np.unique(word):
                below = rows[word == value]
                if len(below) > 1 and depth + 1 < verbatim.DEPTH:
                    followed = known[known[:, depth] == labels[value]] if value < len(labels) else known[:0]
                    stack.append((below, followed, depth + 1))
        texts = words[base : base + new]
        texts[rng.random(new) < copies] = words[-1]
        return words[:base], texts

    def _next(self, known: Ints, depth: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
        """A draw of p at a node, and the words of the sample data that its first entries stand for."""
        nothing = np.zeros(0, dtype=np.int64)
        if depth == 0 and self.kind != "lm":
            p = _ties(rng) if self.kind == "ties" else rng.normal(1, 0.02, rng.integers(8, 60)).clip(0.5)
            return p / p.sum(), nothing
        labels, counts = np.unique(known[:, depth][known[:, depth] >= 0], return_counts=True)
        return pitman_yor.posterior(self.later if depth else self.root, counts, 1, rng)[0], labels


def _ties(rng: np.random.Generator) -> Floats:
    words = rng.integers(2, 8)
    return np.concatenate([0.7 / words * rng.normal(1, 0.05, words).clip(0.5), np.full(30, 0.01)])


def _nodes(rows: Ints) -> Iterator[Ints]:
    """Word counts at the nodes that two texts or more pass through, the first one first."""
    stack = [(rows, 0)]
    while stack:
        rows, depth = stack.pop()
        rows = rows[rows[:, depth] >= 0]
        if len(rows) < 2:
            continue
        labels, counts = np.unique(rows[:, depth], return_counts=True)
        yield counts
        if depth + 1 < rows.shape[1]:
            stack += [(rows[rows[:, depth] == label], depth + 1) for label in labels]


def corpora(
    truth: Truth, change: str, beta: float, part: float, copies: float, prompts: int, samples: int, seed: int
) -> WordTree:
    """Base and new of one comparison."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(prompts):
        how = CHANGES[change] if change in CHANGES else escort(beta)
        if change == HETEROGENEOUS:
            how = escort(1.5 * np.exp(0.5 * rng.normal()))
        parts.append(truth.prompt(samples, samples, how, copies if rng.random() < part else 0.0, rng))
    return WordTree(
        prompts=np.repeat(np.arange(prompts), 2 * samples),
        new=np.tile(np.repeat([False, True], samples), prompts),
        words=np.concatenate([side for pair in parts for side in pair]),
    )


def found(tree: WordTree, seed: int) -> tuple[bool, bool, bool, float, float]:
    """Traces by either, by U, by repeats; U's z and the p-value of repeats."""
    opened = verbatim.unlocked(tree)
    first = opened.nodes(1, min_base=2, min_new=2)
    unsupported = traces.unsupported_concentration(first, _TRACE_DRAWS, seed)
    repeats = verbatim.repeats(opened, _REPEAT_DRAWS, seed)
    nothing = verbatim.Repeats(0.0, 0.0, 1.0, 0.0, 1.0)
    by_words, by_phrases = single_traces(unsupported, nothing), repeats.p_value <= 0.001
    return by_words or by_phrases, by_words, by_phrases, unsupported.z, repeats.p_value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=int, default=40)
    parser.add_argument("--samples", type=int, nargs="+", default=[5, 10, 20, 40, 60])
    parser.add_argument("--prompts", type=int, nargs="+", default=[6, 10, 12, 24, 40])
    parser.add_argument("--kinds", nargs="+", default=["lm", "ties", "flat"])
    parser.add_argument("--only", nargs="+", help='changes, or "traced"')
    arguments = parser.parse_args()
    nulls = [(change, 1.0, 0.0, 0.0) for change in (*CHANGES, HETEROGENEOUS)]
    traced = [("traced", beta, part, copies) for part, copies, beta in TRACED]
    cases = [case for case in nulls + traced if not arguments.only or case[0] in arguments.only]
    print("| truth | change | traced | copies | β | samples | prompts | either | U | repeats | largest z | least p |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for kind in arguments.kinds:
        truth = Truth(kind)
        for change, beta, part, copies in cases:
            for samples in arguments.samples:
                for prompts in arguments.prompts:
                    results = np.array(
                        [
                            found(corpora(truth, change, beta, part, copies, prompts, samples, seed), seed)
                            for seed in range(arguments.corpora)
                        ]
                    )
                    rates = " | ".join(f"{rate:.3f}" for rate in results[:, :3].mean(0))
                    extremes = f"{results[:, 3].max():.1f} | {results[:, 4].min():.4f}"
                    case = f"{kind} | {change} | {part} | {copies} | {beta} | {samples} | {prompts}"
                    print(f"| {case} | {rates} | {extremes} |", flush=True)


if __name__ == "__main__":
    main()
