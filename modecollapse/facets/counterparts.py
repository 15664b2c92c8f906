"""Texts that say much the same in other words: what sets one apart from its counterparts is how it says it.

A prompt fixes what is said only where it asks for one thing. Under a prompt as wide as a book, or none, what a text
says varies far more than how it says it, and no tone can be heard. But where most things are said several times, as
verses are in three translations, each of them can stand in for the prompt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Rows
from modecollapse.facets.naming import languages_of

Matrix = NDArray[np.float64]

SAME = 0.5
"""Cosine, seen from the mean of all texts, from which two say the same."""

COPY = 0.995
"""And from which they are copies, of which one shows nothing beside the other."""

LIKE = 0.4
MOST_ALIKE = 7
ROWS_PER_ALIKE = 300
"""A text has a handful of others with a cosine of ``LIKE`` where counterparts are all that is like it, and one more in
so many rows on the same subject. Where a cloud of texts is alike, each has many more."""

PARALLEL = 0.5
AS_OFTEN = 0.8
ASKED = 500


def is_parallel(base: Rows) -> bool:
    """Whether most texts have counterparts, far nearer than all others, and not just what else answers their prompt.

    Asked of the first ``ASKED`` rows, which are in content-hash order and so a random sample.
    """
    asked = np.arange(min(ASKED, len(base)))
    return len(asked) > 1 and bool(_paralleled(base, asked).mean() >= PARALLEL)


def are_parallel_alike(rows: Rows, of_base: NDArray[np.bool_]) -> bool:
    """Whether texts of both sides have counterparts, on either side, about as often.

    Beside others that say the same a text is near their mean, and any other text is not: if one side's texts stood
    alone, that would be a tone of theirs. Rows that are on both sides count as the base's.
    """
    base, new = (np.flatnonzero(side)[:ASKED] for side in (of_base, ~of_base))
    return len(new) == 0 or bool(_paralleled(rows, new).mean() >= AS_OFTEN * _paralleled(rows, base).mean())


def _paralleled(rows: Rows, asked: NDArray[np.int64]) -> NDArray[np.bool_]:
    cosines = _cosines(rows, asked)
    same, alike = (((cosines >= least) & (cosines < COPY)).sum(axis=1) for least in (SAME, LIKE))
    of_prompt = np.bincount(rows.prompts)[rows.prompts[asked]]
    few = (same >= 1) & (alike <= MOST_ALIKE + len(rows) // ROWS_PER_ALIKE)
    return np.asarray(few & (2 * (same + 1) <= of_prompt))


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
        centre, groups = _vectors(rows).mean(axis=0), _groups(rows)
        directions = _unit(_vectors(rows) - centre)
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


def _groups(rows: Rows) -> NDArray[np.int64]:
    """A number for each text, ``(rows,)``, the same for those that say the same: average linkage, cut at ``SAME``.

    It joins none without a pair of texts as near as that, so it is done within what such pairs connect.
    """
    from scipy.cluster.hierarchy import average, fcluster
    from scipy.sparse import csr_array, vstack
    from scipy.sparse.csgraph import connected_components

    blocks = np.array_split(np.arange(len(rows)), len(rows) // ASKED + 1)
    near = vstack([csr_array((_cosines(rows, some) >= SAME).astype(np.int8)) for some in blocks])
    connected = connected_components(near, directed=False)[1]
    directions = _unit(_vectors(rows) - _vectors(rows).mean(axis=0))
    groups = np.arange(len(rows))
    for members in np.split(np.argsort(connected, kind="stable"), np.cumsum(np.bincount(connected))[:-1]):
        if len(members) > 1:
            apart = 1 - directions[members] @ directions[members].T
            joins = average(apart[np.triu_indices(len(members), 1)].clip(min=0))
            groups[members] = members[fcluster(joins, 1 - SAME, "distance") - 1]
    return groups


def _cosines(rows: Rows, some: NDArray[np.int64]) -> Matrix:
    """Of ``some`` texts with all, ``(some, rows)``, as seen from the mean; -1 with itself and with other languages."""
    vectors, languages = _vectors(rows), np.unique(languages_of(rows), return_inverse=True)[1]
    directions = _unit(vectors - vectors.mean(axis=0))
    cosines = np.where(languages[some][:, None] == languages, directions[some] @ directions.T, -1)
    cosines[np.arange(len(some)), some] = -1
    return cosines


def _vectors(rows: Rows) -> Matrix:
    if rows.vectors is None:
        raise ValueError("counterparts are found by Rows.vectors")
    return rows.vectors.astype(np.float64)


def _unit(vectors: Matrix) -> Matrix:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))
