"""Ten answers of each of 24 chat models to a hundred prompts (NoveltyBench, Zhang et al. 2025).

Of https://github.com/novelty-bench/novelty-bench.github.io:

* *Halves*: five answers to each prompt against the other five. Nothing was lost.
* *Halves, a phrase in three of ten*: the same, and three new texts in ten begin with a sentence that was not there.
* *One maker*: each model against every other one of its maker. Nobody knows what was lost; the verdicts are there to
  be read, and the headlines of all are printed.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

from benchmarks.chat_models.job import Answers, Job, halves

SEEDS = range(2)
PHRASE, PART = "It's a difficult question.", 0.3


def jobs(data: Path) -> Iterator[Job]:
    """See the module."""
    makers: dict[str, dict[str, Answers]] = defaultdict(dict)
    for file in sorted(data.glob("eval/*/curated/*/*/generations.jsonl")):
        makers[file.parts[-3]][file.parts[-2]] = _answers(file)
    for models in makers.values():
        for name, answers in models.items():
            for seed in SEEDS:
                base, new = halves(answers, seed)
                yield Job("halves of one model's answers", name, base, new)
                yield Job("halves, a phrase in three of ten", name, base, _with_phrase(new, seed))
        for one, other in permutations(models, 2):
            yield Job("two models of one maker", f"{one} → {other}", models[one], models[other])


def _answers(file: Path) -> Answers:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {row["prompt"]: row["generations"] for row in rows}


def _with_phrase(answers: Answers, seed: int) -> Answers:
    rng = random.Random(seed)
    return {
        prompt: [f"{PHRASE} {text}" if rng.random() < PART else text for text in given]
        for prompt, given in answers.items()
    }
