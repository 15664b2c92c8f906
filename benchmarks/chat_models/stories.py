"""Short texts by a chat model about people of eight groups (Lee, Montgomery & Lai 2024).

Of https://github.com/lee-messi/Homogeneity-Bias-in-LLMs, four draws of some 13,000 texts: thirteen forms (a story, a
biography, …) times four ethnic groups times two genders. The form stands for the prompt, so that who a text is about is
what the model chose; then a group can be taken out of another draw. The base is the first draw, another one is new:

* *another draw*: nothing was lost;
* *one of eight, one of four, one of two groups gone*.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.chat_models.job import Answers, Job

SAMPLES = (20, 60, 200)
"""Of each form and side."""

Texts = list[dict[str, str]]


def jobs(data: Path) -> Iterator[Job]:
    """See the module."""
    draws = [_read(data / "Data" / "Original" / f"generated_text_{number}.csv") for number in range(1, 5)]
    for samples in SAMPLES:
        base = _sample(draws[0], samples, 0)
        for number, draw in enumerate(draws[1:], 2):
            yield Job(f"another draw, {samples} samples", f"draw {number}", base, _sample(draw, samples, number))
        for fields, of in ((("gender",), "two"), (("race",), "four"), (("race", "gender"), "eight")):
            for group in sorted({_group(text, fields) for text in draws[1]}):
                left = [text for text in draws[1] if _group(text, fields) != group]
                kind = f"one of {of} groups gone, {samples} samples"
                yield Job(kind, " ".join(group), base, _sample(left, samples, 1))


def _group(text: dict[str, str], fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(text[field] for field in fields)


def _read(file: Path) -> Texts:
    with file.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def _sample(texts: Texts, samples: int, seed: int) -> Answers:
    """So many texts of each form."""
    forms: Answers = defaultdict(list)
    for text in texts:
        forms[text["format"]].append(text["text"])
    rng = random.Random(seed)
    return {form: rng.sample(given, samples) for form, given in sorted(forms.items())}
