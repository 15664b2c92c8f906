"""Rows with known topics, made by hand: vectors around one centre per topic, texts with the topic's own words."""

from __future__ import annotations

import hashlib

import numpy as np

from modecollapse.facets.base import Rows

TOPICS = {
    "sea": ["ocean", "sailor", "ship", "harbour", "waves"],
    "kitchen": ["bread", "oven", "butter", "recipe", "flour"],
    "money": ["bank", "loan", "interest", "savings", "cash"],
    "music": ["guitar", "melody", "concert", "singer", "rhythm"],
    "space": ["rocket", "planet", "orbit", "galaxy", "comet"],
    "winter": ["snow", "skates", "frost", "icicle", "sleigh"],
    "court": ["judge", "trial", "verdict", "lawyer", "jury"],
    "garden": ["tulip", "soil", "hedge", "compost", "roots"],
}
DIMENSIONS = 24


def topical(counts: dict[str, int], seed: int, prompts: int = 6, noise: float = 0.12) -> tuple[Rows, np.ndarray]:
    """``counts`` rows per topic, shuffled, and the topic of each row."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(len(TOPICS), DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    topics = random.permutation([name for name, count in counts.items() for _ in range(count)])
    texts = []
    for topic in topics:
        first, second, third = random.choice(TOPICS[topic], size=3, replace=False)
        texts.append(f"There is the {first} and a **{second}**, which was with the {third} {random.integers(10**9)}.")
    vectors = centres[[list(TOPICS).index(topic) for topic in topics]]
    vectors = vectors + random.normal(size=(len(texts), DIMENSIONS)) * noise
    return rows(texts, vectors, random.integers(0, prompts, size=len(texts)), prompts), topics


def rows(texts, vectors, prompts, how_many, languages=None) -> Rows:
    vectors = np.asarray(vectors, dtype=np.float32)
    return Rows(
        texts=list(texts),
        prompts=np.asarray(prompts, dtype=np.int32),
        prompt_texts=[f"Tell me something, number {i}." for i in range(how_many)],
        hashes=np.array([digest(f"{p}|{t}") for p, t in zip(prompts, texts, strict=True)], dtype=np.uint64),
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        languages=np.full(len(texts), "en") if languages is None else np.asarray(languages),
    )


def digest(text: str) -> int:
    return int(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(), 16)


def join(first: Rows, second: Rows) -> Rows:
    return Rows(
        texts=[*first.texts, *second.texts],
        prompts=np.concatenate([first.prompts, second.prompts]),
        prompt_texts=first.prompt_texts,
        hashes=np.concatenate([first.hashes, second.hashes]),
        vectors=np.concatenate([first.vectors, second.vectors]),
        languages=np.concatenate([first.languages, second.languages]),
    )
