"""Ten answers of each of nine chat models to exam questions, at eleven temperatures (Renze & Guven 2024).

Of https://github.com/matthewrenze/jhu-llm-temperature, nine models and, for one of them, fifteen prompts and exams.
Nothing but the temperature differs, so that nothing is lost; halves at T = 1 differ in nothing at all.

Some of these models were asked where a cache, a seed or what was said before makes answers to one question copies of
each other even at T = 1. They are a kind of their own: where so many answers at T = 1 are copies that the program
warns of them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.chat_models.job import Answers, Job, halves
from modecollapse.facets.whole_text import WHOLE, copies
from modecollapse.judgement.copies import MANY

ZERO = "0.0"
COOLER, WARMER = ("0.9", "0.7", "0.5", "0.2", ZERO), (ZERO, "0.2", "0.5", "0.8")


def jobs(data: Path) -> Iterator[Job]:
    """See the module."""
    csv.field_size_limit(10**9)
    for usual in sorted((data / "data" / "responses").glob("* - temp-1.0.csv")):
        name = usual.name.removesuffix(" - temp-1.0.csv")
        files = {t: usual.with_name(f"{name} - temp-{t}.csv") for t in (*COOLER, *WARMER)}
        cooled = {t: _answers(file) for t, file in files.items() if file.exists()}
        yield from _of_model(name, _answers(usual), cooled)


def _of_model(name: str, at_one: Answers, cooled: Mapping[str, Answers]) -> Iterator[Job]:
    of_one = _copies(at_one)
    copied = ", copies at T = 1" if of_one >= MANY else ""
    yield Job(f"halves at T = 1{copied}", name, *halves(at_one, 0))
    for t in filter(cooled.__contains__, COOLER):
        kind = "T = 1 → 0" if t == ZERO else "T = 1 → .2 to .9"
        yield Job(f"{kind}{copied}", f"{name}, 1 ({of_one:.2f} copies) → {t}", at_one, cooled[t])
    for t in filter(cooled.__contains__, WARMER):
        kind = "T = 0 → 1" if t == ZERO else "T = .2 to .8 → 1"
        yield Job(f"{kind}{copied}", f"{name}, {t} ({_copies(cooled[t]):.2f} copies) → 1", cooled[t], at_one)


def _answers(file: Path) -> Answers:
    answers: Answers = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            answers[row["Problem ID"]].append(row["Text"])
    return answers


def _copies(answers: Answers) -> float:
    """Which part of the texts are copies, as the program counts them."""
    texts = [text for given in answers.values() for text in given]
    prompts = np.repeat(np.arange(len(answers)), [len(given) for given in answers.values()])
    return float(copies(prompts, WHOLE.read(texts)).mean())
