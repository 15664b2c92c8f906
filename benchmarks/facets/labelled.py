"""Labelled files → rows as the facets see them, and the true label of each."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modecollapse.corpus import content_hashes
from modecollapse.embed import Vectors
from modecollapse.facets.base import Facet, Rows
from modecollapse.facets.language import LanguageFacet
from modecollapse.facets.registry import make_facet

FACETS = ("language", "topic", "persona")
"""Labels that a file may have, each measured in the facet of its name."""

BUCKET = 40
"""Rows of a prompt where the file has none that cross the label."""


@dataclass(frozen=True)
class Task:
    """One label of one file: ``truth`` has a label per row, ``prompted`` says what served as the prompt."""

    corpus: str
    facet: str
    rows: Rows
    truth: NDArray[np.str_]
    prompted: str

    def make(self) -> Facet:
        """A new facet of the kind that is measured."""
        return make_facet(self.facet)

    def take(self, index: NDArray[np.int64]) -> Task:
        """Some of the rows."""
        return replace(self, rows=self.rows.take(index), truth=self.truth[index])


def tasks(file: Path, embed: Callable[[Sequence[str]], Vectors]) -> list[Task]:
    """A task for each label of ``file`` that has at least two values."""
    found = [json.loads(line) for line in file.read_bytes().splitlines()]
    vectors = embed([row["text"] for row in found])
    named = [name for name in FACETS if len({row.get(name) for row in found} - {None}) > 1]
    return [_task(file.stem, name, found, vectors) for name in named]


def _task(corpus: str, label: str, found: Sequence[dict[str, Any]], vectors: Vectors) -> Task:
    truth = np.array([str(row[label]) for row in found])
    prompted, keys = _prompts(found, label, truth)
    names = sorted(set(keys))
    texts = [row["text"] for row in found]
    asked = {key: row.get("prompt") or key for key, row in zip(keys, found, strict=True)}
    rows = Rows(
        texts=texts,
        prompts=np.array([names.index(key) for key in keys], dtype=np.int32),
        prompt_texts=[asked[name] for name in names],
        hashes=content_hashes(keys, texts),
        vectors=vectors.take(np.arange(len(vectors))),
        metric=vectors.metric,
    )
    if label != "language":
        languages = LanguageFacet().learn(rows, rows, seed=0)
        rows = replace(rows, languages=languages.codes(languages.label(rows)))
    return Task(corpus, label, rows, truth, prompted)


def _prompts(found: Sequence[dict[str, Any]], label: str, truth: NDArray[np.str_]) -> tuple[str, list[str]]:
    """What the prompt is: the file's own where it meets most labels, else for personas the topic, else chance."""
    for name in ("prompt_id", *(["topic"] if label == "persona" else [])):
        keys = [str(row.get(name, "")) for row in found]
        if _crossed(np.array(keys), truth):
            return name, keys
    buckets = max(1, len(found) // BUCKET)
    return "chance", [f"bucket {zlib.crc32(row['text'].encode()) % buckets}" for row in found]


def _crossed(keys: NDArray[np.str_], truth: NDArray[np.str_]) -> bool:
    """Whether prompts have rows enough, and most labels."""
    sizes = np.unique(keys, return_counts=True)[1]
    met = [len(set(truth[keys == key])) for key in set(keys)]
    return bool(np.median(sizes) >= 8 and np.median(met) > len(set(truth)) / 2)
