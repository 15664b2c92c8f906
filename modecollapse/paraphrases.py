"""Openings in other words for much the same: judged one by one, and shown together as well.

Average linkage (Sokal & Michener 1958) of the phrases' vectors, within a language, cut at a mean cosine that belongs to
the encoder. It knows likeness, not truth ("Yes, it is" and "No, it is" are alike): no verdict rests on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from modecollapse.facets.opening import OpeningPartition
from modecollapse.labelling import Labelled

Floats = NDArray[np.float32]


def paraphrases(
    opening: Labelled, language: Labelled, embed: Callable[[Sequence[str]], Floats], cosine: float
) -> list[list[int]]:
    """Modes of ``opening`` that say much the same, two or more each: indices in rising order, none within another.

    ``embed`` gives unit vectors, shape ``(phrases, dimensions)``; ``cosine`` is the mean between the phrases of any two
    parts of a group, at least.
    """
    assert isinstance(opening.partition, OpeningPartition)
    phrases = opening.partition.phrases
    if len(phrases) < 2:
        return []
    vectors = embed([opening.modes[mode].label for mode in phrases])
    clusters = alike(vectors, _languages(opening, language)[phrases], cosine)
    groups = (
        [mode for mode, own in zip(phrases, clusters, strict=True) if own == each] for each in np.unique(clusters)
    )
    apart = (_outermost(group, opening) for group in groups)
    return sorted(group for group in apart if len(group) > 1)


def alike(vectors: Floats, languages: NDArray[np.int64], cosine: float) -> NDArray[np.int32]:
    """A number for each phrase, the same for those that say much the same: shape ``(phrases,)``, two or more."""
    distance = np.clip(1 - vectors.astype(np.float64) @ vectors.T, 0, 2)  # equal vectors may round to less than 0
    distance[languages[:, None] != languages] = 2.0
    joined = linkage(distance[np.triu_indices(len(vectors), 1)], "average")
    clusters: NDArray[np.int32] = fcluster(joined, 1 - cosine, "distance")
    return clusters


def _languages(opening: Labelled, language: Labelled) -> NDArray[np.int64]:
    """The commonest language of each mode's texts, as an index: shape ``(modes,)``."""
    found = np.full(len(opening.modes), -1, dtype=np.int64)
    for mode, level in enumerate(opening.levels.tolist()):
        spoken = language.labels[opening.labels[:, level] == mode, 0]
        spoken = spoken[spoken >= 0]
        if len(spoken):
            found[mode] = np.bincount(spoken).argmax()
    return found


def _outermost(group: Sequence[int], opening: Labelled) -> list[int]:
    """Those of a group that no other of it contains."""
    return [mode for mode in group if not set(_around(mode, opening)) & set(group)]


def _around(mode: int, opening: Labelled) -> list[int]:
    outer, around = opening.modes[mode].parent, list[int]()
    while outer is not None:
        around.append(outer)
        outer = opening.modes[outer].parent
    return around
