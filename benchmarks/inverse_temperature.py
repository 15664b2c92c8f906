"""Is β right, and does its interval hold? Simulated word trees, and subsamples of corpora of known temperature.

    python -m benchmarks.inverse_temperature [--seeds 20] [--data DIR]

A simulated prompt has a tree of next-word distributions drawn from Pitman–Yor processes whose discount, concentration
and share of nearly deterministic nodes are its own; texts of both sides walk down it. *Closed*: answers that are one of
a few names, letters or yes and no, each prompt with an order of its own. DIR holds corpora of ``PAIRS``;
those that are missing are left out. With fewer than ten samples the first words alone are read. Where the estimate is
above ``HIGHEST`` the interval has no upper end, as in the report.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modecollapse.counts import Nodes, WordTree, stack
from modecollapse.stats import temperature

BETAS = (0.7, 1.0, 1.25, 1.67, 2.0, 2.5)
SIZES = ((10, 10, 12), (10, 10, 40), (20, 20, 10), (20, 20, 24), (40, 40, 24), (60, 40, 12))
"""Base and new samples per prompt, and prompts."""

PAIRS = {
    ("base", "base_again"): 1.0,
    ("base", "base_T0.8"): 1.25,
    ("base", "base_T0.6"): 1 / 0.6,
    ("base_T0.6", "base"): 0.6,
    ("base_T0.6", "base_T0.8"): 0.75,
    **{("base", f"T{t}"): 1 / t for t in (0.5, 0.7, 0.85, 1.2, 1.4)},
}
CLOSED = {
    "ten names": (0.3, 0.2, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02),
    "four letters": (0.4, 0.3, 0.2, 0.1),
    "yes, no, maybe": (0.5, 0.35, 0.15),
}
CLOSED_SIZES = ((10, 40), (20, 40), (50, 40), (40, 12))
"""Samples per prompt and side, and prompts."""
SUBSAMPLES = ((2, 40), (3, 40), (4, 40), (5, 40), (10, 40), (10, 12), (20, 12), (40, 12), (40, 10))
_WORDS = 1500

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    print("| base, new samples × prompts | true β | runs | median | bias of log β | coverage | mean width of log β |")
    print("|---|---|---|---|---|---|---|")
    for base, new, prompts in SIZES:
        for beta in BETAS:
            rngs = [np.random.default_rng([seed, base, prompts, round(100 * beta)]) for seed in range(arguments.seeds)]
            _print(f"{base}, {new} × {prompts}", beta, (tree(rng, prompts, base, new, beta) for rng in rngs))
    for name, p in CLOSED.items():
        for samples, prompts in CLOSED_SIZES:
            for beta in BETAS:
                rngs = [np.random.default_rng([seed, samples, prompts]) for seed in range(arguments.seeds)]
                drawn = (closed(rng, np.array(p), samples, prompts, beta) for rng in rngs)
                _print(f"{name}: {samples} × {prompts}", beta, drawn)
    if arguments.data:
        _real(arguments.data, arguments.seeds)


def _print(name: str, beta: float, trees: Iterable[Nodes]) -> None:
    found = [each for nodes in trees if len(nodes) and (each := temperature.estimate(nodes))]
    value = np.array([each.value for each in found])
    low, high = np.array([(each.low, each.high) for each in found]).T
    open_end = value > temperature.HIGHEST
    covered = (low <= beta) & (open_end | (beta <= high))
    bias, width = (np.log(value) - np.log(beta)).mean(), (np.log(high) - np.log(low)).mean()
    row = [name, f"{beta:.2f}", len(found), f"{np.median(value):.2f}", f"{bias:+.3f}", f"{covered.mean():.2f}"]
    print("|", " | ".join(map(str, [*row, f"{width:.2f}"])), "|", flush=True)


def tree(rng: np.random.Generator, prompts: int, base: int, new: int, beta: float) -> Nodes:
    """Nodes that at least eight base and four new texts pass, of simulated prompts with so many texts a side."""
    parts = [part for prompt in range(prompts) for part in _prompt(rng, prompt, base, new, beta)]
    return stack(parts)


def _prompt(rng: np.random.Generator, prompt: int, base: int, new: int, beta: float) -> list[Nodes]:
    discount, concentration, deterministic = rng.uniform(0.2, 0.7), np.exp(rng.normal(1, 1)), rng.uniform(0.1, 0.6)
    parts, ahead = list[Nodes](), [(1, base, new)]
    while ahead:
        depth, n, m = ahead.pop()
        p = _next_words(rng, depth, discount, concentration, deterministic)
        q = p**beta / (p**beta).sum()
        base_counts, new_counts = rng.multinomial(n, p), rng.multinomial(m, q)
        parts.append(_node(prompt, depth, base_counts, new_counts))
        if depth < temperature.DEPTH:
            on = np.flatnonzero((base_counts >= 8) & (new_counts >= 4))
            ahead += [(depth + 1, base_counts[word], new_counts[word]) for word in on]
    return parts


def closed(rng: np.random.Generator, p: Floats, samples: int, prompts: int, beta: float) -> Nodes:
    """One node a prompt, with answers of probabilities ``p`` in an order of its own, and the end after each."""
    parts = []
    for prompt in range(prompts):
        own = rng.permutation(p)
        tempered = own**beta / (own**beta).sum()
        base, new = rng.multinomial(samples, own), rng.multinomial(samples, tempered)
        ended = np.flatnonzero((base >= 8) & (new >= 4))
        parts += [_node(prompt, 1, base, new), *(_node(prompt, 2, base[[word]], new[[word]]) for word in ended)]
    return stack(parts)


def _next_words(
    rng: np.random.Generator, depth: int, discount: float, concentration: float, deterministic: float
) -> Floats:
    """Next-word probabilities by stick breaking: first words are flatter, later ones often nearly certain."""
    if depth == 1:
        concentration, deterministic = 4 * concentration, deterministic / 3
    else:
        concentration *= np.exp(rng.normal(0, 0.7))
    discount = float(np.clip(discount + rng.normal(0, 0.1), 0.05, 0.85))
    sticks = rng.beta(1 - discount, concentration + discount * np.arange(1, _WORDS + 1))
    p = sticks * np.cumprod(np.append(1.0, 1 - sticks[:-1]))
    if rng.random() < deterministic:
        first = rng.beta(6, 0.7)
        p = np.append(first, (1 - first) * p)
    p = np.maximum(p, 1e-12)
    scaled: Floats = p / p.sum()
    return scaled


def _node(prompt: int, depth: int, base: Ints, new: Ints) -> Nodes:
    word = np.flatnonzero(base + new)
    return Nodes(np.zeros_like(word), word, base[word], new[word], np.array([prompt]), np.array([depth]))


def _real(data: Path, seeds: int) -> None:
    there = {pair: beta for pair, beta in PAIRS.items() if all((data / f"{name}.jsonl").exists() for name in pair)}
    rows = {name: _rows(data, name) for pair in there for name in pair}
    for kind in ("words", "tokens"):
        for (base, new), beta in there.items():
            for samples, prompts in SUBSAMPLES:
                rngs = [np.random.default_rng([seed, samples, prompts]) for seed in range(seeds)]
                drawn = (_subsample(rng, rows[base], rows[new], samples, prompts, kind) for rng in rngs)
                _print(f"{base} → {new}, {kind}, {samples} × {prompts}", beta, drawn)


def _rows(data: Path, name: str) -> dict[str, list[tuple[str, list[int]]]]:
    """Text and token ids of each row, by prompt."""
    by_prompt = defaultdict(list)
    for line in (data / f"{name}.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        by_prompt[row["prompt"]].append((row["text"], row["token_ids"]))
    return by_prompt


def _subsample(
    rng: np.random.Generator,
    base: dict[str, list[tuple[str, list[int]]]],
    new: dict[str, list[tuple[str, list[int]]]],
    samples: int,
    prompts: int,
    kind: str,
) -> Nodes:
    from modecollapse.words import encode_words

    chosen = rng.permutation(sorted(base))[:prompts]
    drawn = [
        (prompt, side is new, *side[name][index])
        for prompt, name in enumerate(chosen)
        for side in (base, new)
        for index in rng.permutation(len(side[name]))[:samples]
    ]
    prompt, is_new, texts, tokens = zip(*drawn, strict=True)
    depth = temperature.DEPTH
    if kind == "words":
        codes = encode_words(list(texts), depth)[0]
    else:
        end = 1 + max(max(ids, default=0) for ids in tokens)
        codes = np.array([([*ids[:depth], end] + [-1] * depth)[:depth] for ids in tokens])
    word_tree = WordTree(np.array(prompt), np.array(is_new), codes)
    deep = [word_tree.nodes(level, 8, 4) for level in range(1, depth + 1)]
    found = [part for part in deep if len(part)]
    return stack(found) if found else word_tree.nodes(1, samples, samples)


if __name__ == "__main__":
    main()
