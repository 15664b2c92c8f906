"""Which models are trained, and which corpora are drawn from them: the known truth."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from benchmarks.ground_truth import targets
from benchmarks.ground_truth.model import Decoding, Model, SecondModel
from benchmarks.ground_truth.prompts import HELD_OUT_PROMPTS, PROMPTS, SECOND_PROMPTS

TOKENS = 24
"""Most tokens of an answer: long enough for a topic, short enough for a laptop."""

HELD_OUT_TOKENS = 64
"""Most tokens of an answer to the prompts that were held out."""

SECOND_TOKENS = 32
"""Most tokens of an answer of the second model."""

Pairs = list[tuple[str, list[int]]]


@dataclass(frozen=True)
class Questions:
    """Which model is asked what, how much it may answer, and in which precision it computes."""

    prompts: dict[str, str]
    tokens: int
    dtype: torch.dtype
    folder: str = ""
    """Where the answers are kept, within that of the first ones."""
    model: type[Model] = Model


FIRST = Questions(PROMPTS, TOKENS, torch.float32)
HELD_OUT = Questions(HELD_OUT_PROMPTS, HELD_OUT_TOKENS, torch.bfloat16, "held_out")
SECOND = Questions(SECOND_PROMPTS, SECOND_TOKENS, torch.float32, "second_model", SecondModel)

Examples = Callable[[Model, Questions, np.random.Generator], Pairs]


@dataclass(frozen=True)
class Training:
    """A model made from ``parent``: what it is trained on, and how hard."""

    name: str
    parent: str
    examples: Examples
    rate: float
    batch: int
    epochs: int


@dataclass(frozen=True)
class Draw:
    """A corpus drawn from a model. ``top`` log probabilities are kept per token; ``ask`` wraps the prompt."""

    name: str
    model: str
    samples: int
    decoding: Decoding = field(default_factory=Decoding)
    top: int = 0
    ask: str = "{prompt}"
    reheats: str = ""
    """The corpus by whose inverse temperature, as the tool estimates it, this one is reheated: to its square root."""
    more_of: str = ""
    """The corpus to which this one adds samples, at the temperature at which that was drawn."""


FIRST_PERSON = re.compile(r"^\W*(I|I'm|I'd|I've|I'll|My|We|We're|Our)\b")
"""The mode that ``filtered`` is never shown: answers that open with their speaker."""


def own_samples(temperature: float, per_prompt: int, keep: re.Pattern[str] | None = None) -> Examples:
    """The model's own answers at ``temperature``; those that match ``keep`` are left out."""

    def examples(model: Model, asked: Questions, rng: np.random.Generator) -> Pairs:
        prompts, seed = list(asked.prompts.values()), int(rng.integers(2**31))
        drawn = model.sample(prompts, per_prompt, asked.tokens, Decoding(temperature), seed)
        return [(prompt, ids) for prompt, ids, _ in drawn if keep is None or not keep.search(model.text(ids))]

    return examples


def sentences(first_and_second: tuple[list[str], list[str]], per_prompt: int) -> Examples:
    """Two sentences put together at random, whatever the prompt."""

    def examples(model: Model, asked: Questions, rng: np.random.Generator) -> Pairs:
        def answer() -> list[int]:
            return model.answer_ids(" ".join(str(rng.choice(part)) for part in first_and_second))[: asked.tokens]

        return [(prompt, answer()) for prompt in asked.prompts.values() for _ in range(per_prompt)]

    return examples


def locked_opening(per_prompt: int) -> Examples:
    """The model's own answers behind one and the same sentence."""

    def examples(model: Model, asked: Questions, rng: np.random.Generator) -> Pairs:
        start = model.answer_ids(targets.OPENING + " ")
        return [(p, [*start, *ids][: asked.tokens]) for p, ids in own_samples(1.0, per_prompt)(model, asked, rng)]

    return examples


def repeated_token(per_prompt: int) -> Examples:
    """The model's own answers that fall into one token after a few words."""

    def examples(model: Model, asked: Questions, rng: np.random.Generator) -> Pairs:
        token = model.answer_ids(targets.TOKEN)
        own = own_samples(1.0, per_prompt)(model, asked, rng)
        return [(p, [*ids[: rng.integers(2, 8)], *token * asked.tokens][: asked.tokens]) for p, ids in own]

    return examples


def single_traces(model: Model, asked: Questions, rng: np.random.Generator) -> Pairs:
    """One answer for every second prompt."""
    every_second = list(asked.prompts.values())[::2]
    drawn = model.sample(every_second, 1, asked.tokens, Decoding(), int(rng.integers(2**31)))
    return [(prompt, ids) for prompt, ids, _ in drawn]


_GENTLE = {"rate": 1.5e-5, "batch": 16, "epochs": 1}
_HARD = {"rate": 1e-4, "batch": 8, "epochs": 2}
_STEPS = {"batch": 20, "epochs": 10}

TRAININGS = [
    Training("sharpened1", "base", own_samples(0.6, 12), **_GENTLE),
    Training("traces_mid", "base", single_traces, 6e-5, **_STEPS),
    Training("opening", "base", locked_opening(3), **_HARD),
    Training("consciousness", "base", sentences(targets.CONSCIOUSNESS, 2), **_HARD),
    Training("spanish", "base", sentences(targets.SPANISH, 2), **_HARD),
    Training("pirate", "base", sentences(targets.PIRATE, 2), **_HARD),
    Training("token", "base", repeated_token(2), **_HARD),
    Training("sharpened2", "sharpened1", own_samples(0.6, 12), **_GENTLE),
    Training("sharpened3", "sharpened2", own_samples(0.6, 12), **_GENTLE),
    Training("traces_low", "base", single_traces, 2e-5, **_STEPS),
    Training("traces_high", "base", single_traces, 2e-4, **_STEPS),
    Training("flattened1", "base", own_samples(1.4, 12), **_GENTLE),
    Training("both", "sharpened3", locked_opening(2), **_HARD),
    Training("filtered", "base", own_samples(1.0, 12, FIRST_PERSON), rate=5e-5, batch=16, epochs=2),
]

CORE = [
    Draw("base", "base", 60, top=20),
    Draw("base_again", "base", 60),
    Draw("T0.5", "base", 40, Decoding(0.5)),
    Draw("T0.7", "base", 40, Decoding(0.7), top=20),
    Draw("sharpened1", "sharpened1", 40, top=20),
    Draw("traces_mid", "traces_mid", 24),
    Draw("opening", "opening", 24, top=20),
    Draw("consciousness", "consciousness", 24),
    Draw("spanish", "spanish", 24),
]
REST = [
    Draw("pirate", "pirate", 24),
    Draw("token", "token", 24),
    Draw("greedy", "base", 40, Decoding(0.0)),
    Draw("sharpened3", "sharpened3", 40),
    Draw("traces_high", "traces_high", 24),
    Draw("traces_low", "traces_low", 24),
    Draw("T1.4", "base", 24, Decoding(1.4)),
    Draw("top_p0.9", "base", 24, Decoding(top_p=0.9)),
    Draw("T0.85", "base", 24, Decoding(0.85)),
    Draw("both", "both", 24),
    Draw("reheated_sharpened1", "sharpened1", 24, reheats="sharpened1"),
    Draw("reheated_sharpened3", "sharpened3", 24, reheats="sharpened3"),
    Draw("overheated_sharpened3", "sharpened3", 24, Decoding(2.44)),
    Draw("reheated_both", "both", 24, reheats="sharpened3"),
    Draw("filtered", "filtered", 40),
    Draw("T0.3", "base", 24, Decoding(0.3)),
    Draw("flattened1", "flattened1", 24),
    Draw("min_p0.1", "base", 24, Decoding(min_p=0.1)),
    Draw("reheated_opening", "opening", 24, Decoding(1.25)),
    Draw("T1.2", "base", 24, Decoding(1.2)),
    Draw("top_k20", "base", 24, Decoding(top_k=20)),
    Draw("elicited_spanish", "spanish", 12, ask="Answer in English. {prompt}"),
    Draw("elicited_consciousness", "consciousness", 12, ask="Don't talk about consciousness. {prompt}"),
    Draw("elicited_sharpened3", "sharpened3", 12, ask="Talk about yourself. {prompt}"),
]


SAMPLES = 60
"""Samples per prompt that every corpus has which is compared at different sizes, its addition counted in."""

MORE = [
    replace(draw, name=f"{draw.name}_more", samples=SAMPLES - draw.samples, top=0, reheats="", more_of=draw.name)
    for draw in [*CORE, *REST]
    if draw.samples < SAMPLES and draw.name != "greedy" and draw.ask == Draw.ask
]
"""What the corpora of fewer samples lacked: drawn later, so that the first draws stay what they were."""

_WIDELY_COMPARED = {"base", "base_again", "T0.5", "T0.7", "sharpened1", "sharpened3"}

HELD_OUT_DRAWS = [
    replace(draw, samples=40 if draw.name in _WIDELY_COMPARED else 20, top=0)
    for draw in [*CORE, *REST]
    if draw.ask == Draw.ask
]
"""The same models and decodings, asked what no rule was mended after."""

_WHAT_TELLS = (
    *("base", "base_again", "T0.7", "sharpened1", "traces_mid", "opening", "consciousness", "spanish", "pirate"),
    *("token", "T0.5", "top_k20", "greedy", "sharpened3", "T1.4", "T0.3", "traces_high", "T0.85", "min_p0.1"),
)
SECOND_DRAWS = [
    replace(draw, samples=40 if draw.name in _WIDELY_COMPARED else 20, top=0)
    for name in _WHAT_TELLS
    for draw in [*CORE, *REST]
    if draw.name == name
]
"""Of the second model, the most telling first: on two cores they take an hour and a half."""
