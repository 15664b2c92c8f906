"""A model whose every next-token distribution is known, and corpora drawn from it with log probabilities."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Model = Callable[[Any, tuple[int, ...]], NDArray[np.float64]]

VOCABULARY = 300
WORDS = [f"w{i}" for i in range(VOCABULARY)]


@cache
def next_token(prompt: object, prefix: tuple[int, ...]) -> NDArray[np.float64]:
    """p at a context: a shuffled power law with gamma noise, drawn by a hash of the context."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(repr((prompt, prefix)).encode()).digest()[:8], "little"))
    law = np.arange(1, VOCABULARY + 1) ** -1.3 * rng.gamma(1.0, size=VOCABULARY)
    return rng.permutation(law / law.sum())


def base(prompt: object, prefix: tuple[int, ...]) -> NDArray[np.float64]:
    return next_token(prompt, prefix)


def sharpened(beta: float, noise: float = 0.0) -> Model:
    """An escort of the base; with ``noise`` on every log probability, as retraining leaves it."""

    @cache
    def model(prompt: object, prefix: tuple[int, ...]) -> NDArray[np.float64]:
        p = next_token(prompt, prefix)
        q = p**beta
        if noise:
            seed = int.from_bytes(hashlib.sha256(repr((prompt, prefix, "noise")).encode()).digest()[:8], "little")
            q = q * np.exp(noise * np.random.default_rng(seed).standard_normal(len(q)))
        return q / q.sum()

    return model


def locked(share: float, rank: int, beta: float = 1.0, tokens: int = 3) -> Model:
    """The same few tokens open a share of all texts: at each prompt those that stand at ``rank`` in the base."""
    cooler = sharpened(beta)

    @cache
    def model(prompt: object, prefix: tuple[int, ...]) -> NDArray[np.float64]:
        q = cooler(prompt, prefix)
        opening = ()
        for _ in range(tokens):
            opening += (int(np.argsort(-next_token(prompt, opening))[rank]),)
        if len(prefix) < tokens and prefix == opening[: len(prefix)]:
            kept = share if not prefix else 1.0
            return (1 - kept) * q + kept * np.eye(len(q))[opening[len(prefix)]]
        return q

    return model


def rows(
    model: Model,
    prompts: int,
    samples: int,
    seed: int,
    *,
    temperature: float = 1.0,
    after: bool = False,
    top: int = 20,
    length: int = 5,
    logprobs: bool = True,
    **fields: object,
) -> list[dict[str, Any]]:
    """Rows of ``model`` at ``temperature``; log probabilities as before temperature, or as drawn where ``after``."""
    rng = np.random.default_rng(seed)
    found = []
    for prompt in range(prompts):
        for _ in range(samples):
            ids, lists = [], []
            for _ in range(length):
                p = model(prompt, tuple(ids)) if len(ids) < 5 else next_token("any", tuple(ids[-1:]))
                drawn = p ** (1 / temperature)
                drawn = drawn / drawn.sum()
                token = int(rng.choice(len(p), p=drawn))
                with np.errstate(divide="ignore"):
                    shown = np.round(np.log(drawn if after else p), 4)
                best = np.argsort(-shown, kind="stable")[:top]
                lists.append([[token, float(shown[token])], *([int(i), float(shown[i])] for i in best)])
                ids.append(token)
            row = {"prompt": f"Prompt {prompt}", "text": " ".join(WORDS[i] for i in ids), "token_ids": ids, **fields}
            found.append(row | ({"logprobs": lists} if logprobs else {}))
    return found
