"""Small corpora for tests: made up, or from ``sample_data``; and vectors of their words in place of an encoder's."""

import json
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from stopwordsiso import stopwords

from benchmarks.ground_truth import corpora
from modecollapse.config import Config
from modecollapse.corpus import read_corpus
from modecollapse.policy import Policy
from modecollapse.words import words

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"
WITHOUT_ENCODER = ("language", "opening", "degeneration")
QUICK = Config(facets=WITHOUT_ENCODER, gate=Policy(required_facets=("language", "opening")))

_WORDS = (
    *("the", "a", "sea", "ship", "river", "mountain", "dog", "cat", "walks", "runs", "sings", "slowly", "quickly"),
    *("over", "under", "bright", "dark", "old", "new", "friend", "question", "answer", "love", "time", "world"),
    *("life", "story", "garden", "window", "letter", "winter", "morning", "city", "road", "bird"),
)


def sentence(rng, length=12):
    return " ".join(rng.choice(_WORDS) for _ in range(length)).capitalize() + "."


def made_up(prompts, samples, seed, **fields):
    """Rows of sentences at random: one distribution, whatever the prompt."""
    rng = random.Random(seed)
    return [
        {"prompt": f"Prompt {prompt}", "text": sentence(rng), **fields}
        for prompt in range(prompts)
        for _ in range(samples)
    ]


def write(path, rows):
    """``rows`` as JSON Lines; lone surrogates stay, as ``json`` escapes them."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@cache
def sample(name):
    """A corpus of ``sample_data``."""
    return read_corpus(SAMPLE_DATA / f"{name}.jsonl.gz")


@cache
def ground_truth(name):
    """Rows of a ground-truth corpus (``benchmarks/ground_truth``) by prompt."""
    found = {}
    for row in corpora.read(corpora.PACKED, name):
        kept = {field: row[field] for field in ("prompt_id", "prompt", "text")}
        found.setdefault(row["prompt_id"], []).append(kept)
    return found


def with_vectors(*corpora, dimensions=256, fewest_texts=5):
    """The corpora with a random projection of the content words that they have in common as their embeddings."""
    function_words = stopwords("en")
    found = [[set(words(text, 80)) - function_words for text in corpus.texts] for corpus in corpora]
    counts = Counter(word for texts in found for text in texts for word in text if word.isalpha() and len(word) > 2)
    axes = {word: _axis(word, dimensions) for word in sorted(counts) if counts[word] >= fewest_texts}
    return [
        replace(corpus, vectors=_unit(texts, axes, dimensions)) for corpus, texts in zip(corpora, found, strict=True)
    ]


def _axis(word, dimensions):
    seed = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return np.random.default_rng(seed).standard_normal(dimensions)


def _unit(texts, axes, dimensions):
    sums = [sum((axes[word] for word in sorted(text & axes.keys())), _axis("", dimensions) * 1e-3) for text in texts]
    vectors = np.array(sums, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
