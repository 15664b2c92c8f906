"""Words that took over most texts: does temperature bring any up, and is one name for all found?

    python -m benchmarks.catchwords [--seeds 3] [--jobs 2] [--write]

Corpora are those that come with the repository (``benchmarks/ground_truth``). *Nothing brought up*: words that
``catchwords.catchwords`` finds between two draws of a model, or where only temperature, truncation or small steps on
own samples lie between them, in answers to some of the prompts. *Brought up*: in the middle of all texts somebody is
named, of two dozen names in the base, of one or three in a part of the new ones. Rows and prompts are dealt out anew by
every seed. ``--write`` puts the tables into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.document import put
from benchmarks.ground_truth import corpora

NAMES = {corpora.PACKED: "first prompts", corpora.HELD_OUT: "held out"}
UNHARMED = [
    *("base_again", "T0.85", "T0.7", "T0.5", "T0.3", "greedy", "T1.2", "T1.4", "top_p0.9", "top_k20", "min_p0.1"),
    *("sharpened1", "sharpened3", "flattened1", "reheated_sharpened1", "reheated_sharpened3", "filtered"),
]
PROMPTS, SAMPLES = (3, 6, 10, 40), (5, 20)
MANY_NAMES = [
    f"{name}{end}" for name in ("An", "Be", "Cla", "Da", "E", "Fe", "Ga", "Hu") for end in ("ra", "lin", "ton")
]
NEW_NAMES = ("Elara", "Orin", "Sola")
ALPHA = 0.01


class Draw(NamedTuple):
    """A comparison in which words may have been brought up: ``names`` new names in a ``part`` of the new texts."""

    data: Path
    new: str
    prompts: int
    samples: int
    seed: int
    names: int = 0
    part: float = 1.0


def _nothing_brought_up(pool: ProcessPoolExecutor, seeds: Sequence[int]) -> Iterator[str]:
    yield "| nothing brought up | prompts | comparisons | words found to have taken over |"
    yield "|---|---|---|---|"
    for data, prompts in product(NAMES, PROMPTS):
        draws = [Draw(data, name, prompts, samples, seed) for name, samples, seed in product(UNHARMED, SAMPLES, seeds)]
        found = list(pool.map(words_brought_up, draws))
        told = [f"{draw.new}: {', '.join(words[:3])}" for draw, words in zip(draws, found, strict=True) if words]
        aside = f" ({'; '.join(told)})" if told else ""
        yield f"| {NAMES[data]} | {prompts} | {len(draws)} | {len(told)}{aside} |"


def _brought_up(pool: ProcessPoolExecutor, seeds: Sequence[int]) -> Iterator[str]:
    parts = (1.0, 0.7, 0.4)
    yield f"| brought up | prompts × samples | {' | '.join(f'in {part:.0%} of the texts' for part in parts)} |"
    yield "|---" * (2 + len(parts)) + "|"
    for names, asked, samples in product((1, 3), PROMPTS[1:], SAMPLES):
        cells = []
        for part in parts:
            draws = [
                Draw(data, new, asked, samples, seed, names, part)
                for data, new, seed in product(NAMES, ("base_again", "T0.7"), seeds)
            ]
            found = [
                bool({name.lower() for name in NEW_NAMES} & set(words)) for words in pool.map(words_brought_up, draws)
            ]
            cells.append(f"{sum(found)}/{len(found)}")
        yield f"| {'one name' if names == 1 else f'{names} names'} | {asked} × {samples} | {' | '.join(cells)} |"


def words_brought_up(draw: Draw) -> Sequence[str]:
    """Words that took over, by the method itself, whatever the facets say."""
    from modecollapse.corpus import read_corpus
    from modecollapse.judgement.catchwords import catchwords
    from modecollapse.pairing import pair

    rng = np.random.default_rng(draw.seed)
    base, new = corpora.by_prompt(draw.data, "base"), corpora.by_prompt(draw.data, draw.new)
    asked = rng.permutation(sorted(base.keys() & new.keys()))[: draw.prompts]
    names = (MANY_NAMES, NEW_NAMES[: draw.names]) if draw.names else ((), ())
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{side}.jsonl" for side in ("base", "new")]
        for path, rows, said, part in zip(paths, (base, new), names, (1.0, draw.part), strict=True):
            drawn = [rows[key][row] for key in asked for row in rng.permutation(len(rows[key]))[: draw.samples]]
            told = ({**row, "text": _with_name(row["text"], said, part, rng)} for row in drawn)
            lines = (json.dumps({key: row[key] for key in ("prompt_id", "prompt", "text")}) for row in told)
            path.write_text("\n".join(lines), encoding="utf-8")
        joined = pair(*map(read_corpus, paths))
    joined = replace(joined, rows=replace(joined.rows, languages=np.full(len(joined.rows), "en")))
    return catchwords(joined, np.ones(len(joined.rows), dtype=bool), ALPHA).words


def _with_name(text: str, names: Sequence[str], part: float, rng: np.random.Generator) -> str:
    words = text.split()
    middle = min(len(words) // 2, 10)
    return (
        " ".join([*words[:middle], str(rng.choice(names)), *words[middle:]]) if names and rng.random() < part else text
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    seeds = range(arguments.seeds)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        page = "\n\n".join("\n".join(table(pool, seeds)) for table in (_nothing_brought_up, _brought_up))
    print(page)
    if arguments.write:
        put("catchwords", page)


if __name__ == "__main__":
    main()
