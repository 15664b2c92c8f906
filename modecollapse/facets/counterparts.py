"""Texts that say much the same in other words: what sets one apart from its counterparts is how it says it.

A prompt fixes what is said only where it asks for one thing. Under a prompt as wide as a book, or none, what a text
says varies far more than how it says it, and no tone can be heard. But where most things are said several times, as
verses are in three translations, each of them can stand in for the prompt.

Texts that share a passage word for word are as near to each other, but say it in the same words, and show no tone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Rows
from modecollapse.facets.naming import languages_of
from modecollapse.facets.reading import Reading

Matrix = NDArray[np.float64]

SAME = 0.5
"""Cosine, seen from the mean of all texts, from which two say the same."""

COPY = 0.995
"""And from which they are copies, of which one shows nothing beside the other."""

PASSAGE = 15
"""Words in a row that two texts hardly share unless one repeats the other."""

LIKE = 0.4
MOST_ALIKE = 7
ROWS_PER_ALIKE = 300
"""A text has a handful of others with a cosine of ``LIKE`` where counterparts are all that is like it, and one more in
so many rows on the same subject. Where a cloud of texts is alike, each has many more."""

PARALLEL = 0.5
AS_OFTEN = 0.8
ASKED = 500


def is_parallel(base: Reading) -> bool:
    """Whether most texts have counterparts, far nearer than all others, and not just what else answers their prompt.

    Asked of the first ``ASKED`` rows, which are in content-hash order and so a random sample.
    """
    asked = np.arange(min(ASKED, len(base.rows)))
    return len(asked) > 1 and bool(_paralleled(base, asked).mean() >= PARALLEL)


def are_parallel_alike(reading: Reading, of_base: NDArray[np.bool_]) -> bool:
    """Whether texts of both sides have counterparts, on either side, about as often.

    Beside others that say the same a text is near their mean, and any other text is not: if one side's texts stood
    alone, that would be a tone of theirs. Rows that are on both sides count as the base's.
    """
    base, new = (np.flatnonzero(side)[:ASKED] for side in (of_base, ~of_base))
    return len(new) == 0 or bool(_paralleled(reading, new).mean() >= AS_OFTEN * _paralleled(reading, base).mean())


def _paralleled(reading: Reading, asked: NDArray[np.int64]) -> NDArray[np.bool_]:
    rows = reading.rows
    cosines = _cosines(rows, _seen_from_mean(rows), asked)
    same, alike = (((cosines >= least) & (cosines < COPY)) for least in (SAME, LIKE))
    of_prompt = np.bincount(rows.prompts)[rows.prompts[asked]]
    few = alike.sum(axis=1) <= MOST_ALIKE + len(rows) // ROWS_PER_ALIKE
    few &= 2 * (same.sum(axis=1) + 1) <= of_prompt
    ones, others = np.nonzero(same & few[:, None])
    found = np.zeros(len(asked), dtype=bool)
    found[ones[~_share_a_passage(reading, asked[ones], others)]] = True
    return found


def _share_a_passage(reading: Reading, ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether two texts have ``PASSAGE`` words in a row in common, shape ``(pairs,)``: by their grammar alone.

    That is all that is kept of a baseline's texts, and of so many words in a row it is as good as all, but in languages
    without lists of function words: there most texts seem to share one, and no tone is heard.
    """
    places, found = np.unique(np.concatenate([ones, others]), return_inverse=True)
    words = reading.take(places).grammar_words
    passages = [set(zip(*(each[start:] for start in range(PASSAGE)), strict=False)) for each in words]
    pairs = found.reshape(2, -1).T.tolist()
    return np.array([not passages[one].isdisjoint(passages[other]) for one, other in pairs], dtype=bool)


@dataclass(frozen=True)
class Said:
    """What is said more than once in some texts, and the features that those have on average that say it.

    ``centre`` is the mean vector, ``directions`` has a unit vector for each thing said, ``(said, dimensions)``, and
    ``means`` the features, ``(said, width)``.
    """

    centre: Matrix
    directions: Matrix
    means: Matrix

    @classmethod
    def learn(cls, features: Matrix, rows: Rows) -> Said:
        """From ``features`` of shape ``(rows, width)`` of rows among which some say the same."""
        centre, directions = _vectors(rows).mean(axis=0), _seen_from_mean(rows)
        groups = _groups(rows, directions)
        several = np.flatnonzero(np.bincount(groups) > 1)
        if not len(several):
            return cls(centre, np.zeros((1, len(centre))), features.mean(axis=0, keepdims=True))
        directions = _unit(np.array([directions[groups == group].mean(axis=0) for group in several]))
        nearest = cls(centre, directions, np.empty((0, 0))).nearest(rows)
        sums = np.zeros((len(several), features.shape[1]))
        np.add.at(sums, nearest, features)
        return cls(centre, directions, sums / np.maximum(np.bincount(nearest, minlength=len(several)), 1)[:, None])

    def nearest(self, rows: Rows) -> NDArray[np.int64]:
        """Which of the things said each text comes nearest to, ``(rows,)``."""
        return np.asarray((_unit(_vectors(rows) - self.centre) @ self.directions.T).argmax(axis=1))

    def taken_from(self, features: Matrix, rows: Rows) -> Matrix:
        """``features`` of ``rows``, less those that texts have on average that say the same."""
        return np.asarray(features - self.means[self.nearest(rows)])


def _groups(rows: Rows, directions: Matrix) -> NDArray[np.int64]:
    """A number for each text, ``(rows,)``, the same for those that say the same: average linkage, cut at ``SAME``.

    It joins none without a pair of texts as near as that, so it is done within what such pairs connect.
    """
    from scipy.cluster.hierarchy import average, fcluster
    from scipy.sparse import csr_array, vstack
    from scipy.sparse.csgraph import connected_components

    blocks = np.array_split(np.arange(len(rows)), len(rows) // ASKED + 1)
    near = vstack([csr_array((_cosines(rows, directions, some) >= SAME).astype(np.int8)) for some in blocks])
    connected = connected_components(near, directed=False)[1]
    groups = np.arange(len(rows))
    for members in np.split(np.argsort(connected, kind="stable"), np.cumsum(np.bincount(connected))[:-1]):
        if len(members) > 1:
            apart = 1 - directions[members] @ directions[members].T
            joins = average(apart[np.triu_indices(len(members), 1)].clip(min=0))
            groups[members] = members[fcluster(joins, 1 - SAME, "distance") - 1]
    return groups


def _cosines(rows: Rows, directions: Matrix, some: NDArray[np.int64]) -> Matrix:
    """Of ``some`` texts with all, ``(some, rows)``, as seen from the mean; -1 with itself and with other languages."""
    languages = np.unique(languages_of(rows), return_inverse=True)[1]
    cosines = np.where(languages[some][:, None] == languages, directions[some] @ directions.T, -1)
    cosines[np.arange(len(some)), some] = -1
    return cosines


def _seen_from_mean(rows: Rows) -> Matrix:
    """Unit vectors from the mean of all texts to each, ``(rows, dimensions)``."""
    vectors = _vectors(rows)
    return _unit(vectors - vectors.mean(axis=0))


def _vectors(rows: Rows) -> Matrix:
    if rows.vectors is None:
        raise ValueError("counterparts are found by Rows.vectors")
    return rows.vectors.astype(np.float64)


def _unit(vectors: Matrix) -> Matrix:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))
