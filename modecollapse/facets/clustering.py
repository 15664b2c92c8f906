"""Clusters that depend on the rows alone: not on their order, a random start or the corpus a row came from.

Ward's method (1963) on a bounded sample gives the start, Lloyd's algorithm the centroids. Points are expected in
content-hash order, so that any prefix is a random sample that every run draws alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Labels = NDArray[np.int32]

SMALLEST_MODE = 12
ROWS_PER_MODE = 40
WARD_ROWS = 2_500
LLOYD_STEPS = 25
RESAMPLES = 5


@dataclass(frozen=True)
class Tree:
    """Micro-clusters and the larger clusters that they add up to.

    ``centroids`` is float32 ``(micro, dimensions)``; ``ancestors`` int32 ``(micro, levels)`` numbers the cluster of
    each level, from 0, that a micro-cluster belongs to.
    """

    centroids: Points
    ancestors: Labels

    def label(self, points: Points) -> Labels:
        """The cluster of each point at each level, int32 ``(points, levels)``: that of the nearest micro-centroid."""
        return self.ancestors[nearest(points, self.centroids)]

    @property
    def sizes(self) -> list[int]:
        """Number of clusters of each level."""
        return [int(level.max()) + 1 for level in self.ancestors.T]

    def parent(self, level: int, cluster: int) -> int | None:
        """Number (level after level) of the cluster of the level before that holds this one."""
        if level == 0:
            return None
        within = self.ancestors[self.ancestors[:, level] == cluster, level - 1]
        return int(within[0]) + sum(self.sizes[: level - 1])


def numbered(labels: Labels, sizes: Sequence[int]) -> Labels:
    """Labels that count clusters level after level instead of from 0 at each."""
    return np.asarray(labels + np.cumsum([0, *sizes[:-1]]), dtype=np.int32)


@dataclass(frozen=True)
class Flats:
    """Clusterings of several granularities side by side, each with its own centroids ``(clusters, dimensions)``."""

    centroids: Sequence[Points]

    def label(self, points: Points) -> Labels:
        """The cluster of each point at each granularity, int32 ``(points, levels)``: that of the nearest centroid."""
        return np.stack([nearest(points, centroids) for centroids in self.centroids], axis=1)

    @property
    def sizes(self) -> list[int]:
        """Number of clusters of each granularity."""
        return [len(centroids) for centroids in self.centroids]


def granularities(rows: int, wanted: Sequence[int]) -> list[int]:
    """Those of the ``wanted`` numbers of clusters (ascending) at which a cluster is large enough on average.

    Where the first is already too fine for so few rows: one coarser number, or none if not even two clusters fit.
    """
    fitting = [count for count in wanted if count * ROWS_PER_MODE <= rows]
    return fitting or [count for count in [rows // ROWS_PER_MODE] if count > 1]


def nearest(points: Points, centroids: Points) -> Labels:
    """Index of the centroid nearest to each point, int32 ``(points,)``."""
    half_norms = (centroids**2).sum(axis=1) / 2
    labels = np.empty(len(points), dtype=np.int32)
    for start in range(0, len(points), 8_192):
        batch = slice(start, start + 8_192)
        labels[batch] = np.argmin(half_norms - points[batch] @ centroids.T, axis=1)
    return labels


def ward_lloyd(points: Points, counts: Sequence[int]) -> list[Points]:
    """For each of ``counts``, centroids of at most so many clusters of at least ``SMALLEST_MODE`` points each."""
    from scipy.cluster.hierarchy import fcluster, ward

    sample = points[:WARD_ROWS]
    joins = ward(sample.astype(np.float64)) if len(sample) > 1 else None
    found = []
    for count in counts:
        clusters = max(1, min(count, len(sample) // SMALLEST_MODE))
        start = np.zeros(len(sample)) if joins is None else fcluster(joins, clusters, criterion="maxclust")
        found.append(_dissolve_tiny(points, means(sample, start.astype(np.int32))))
    return found


def _dissolve_tiny(points: Points, centroids: Points) -> Points:
    while True:
        centroids, sizes = _lloyd(points, centroids)
        if len(centroids) == 1 or sizes.min() >= SMALLEST_MODE:
            return centroids
        centroids = np.delete(centroids, sizes.argmin(), axis=0)


def _lloyd(points: Points, centroids: Points) -> tuple[Points, NDArray[np.int64]]:
    labels = nearest(points, centroids)
    for _ in range(LLOYD_STEPS):
        centroids = means(points, labels)
        moved = nearest(points, centroids)
        if np.array_equal(moved, labels):
            break
        labels = moved
    sizes = np.bincount(labels, minlength=len(centroids))
    return centroids[sizes > 0], sizes[sizes > 0]


def means(points: Points, labels: Labels) -> Points:
    """Mean point of each label in use, float32 ``(labels in use, dimensions)``, in the order of the labels."""
    from scipy.sparse import csr_array

    index = np.unique(labels, return_inverse=True)[1]
    sums = csr_array((np.ones(len(points)), (index, np.arange(len(points))))) @ points.astype(np.float64)
    return np.asarray(sums / np.bincount(index)[:, None], dtype=np.float32)


def spread(points: Points, counts: Sequence[int]) -> Flats:
    """Clusters of each of the granularities ``counts``, found independently."""
    return Flats(ward_lloyd(points, counts))


def grow(points: Points, cuts: Sequence[int], micro: int) -> Tree:
    """Micro-clusters joined by Ward's criterion with their sizes as weights, cut at each of ``cuts`` (ascending)."""
    (centroids,) = ward_lloyd(points, [micro])
    sizes = np.bincount(nearest(points, centroids), minlength=len(centroids))
    members = [[i] for i in range(len(centroids))]
    centres, weights = centroids.astype(np.float64), sizes.astype(np.float64)
    ancestors = np.zeros((len(centroids), len(cuts)), dtype=np.int32)
    for level in reversed(range(len(cuts))):
        while len(members) > cuts[level]:
            centres, weights = _join_closest(centres, weights, members)
        for cluster, micros in enumerate(members):
            ancestors[micros, level] = cluster
    return Tree(centroids, ancestors)


def _join_closest(
    centres: NDArray[np.float64], weights: NDArray[np.float64], members: list[list[int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Join the pair whose union adds least to the sum of squares. ``members`` is changed in place."""
    norms = (centres**2).sum(axis=1)
    squared = norms[:, None] + norms[None, :] - 2 * centres @ centres.T
    cost = squared * weights[:, None] * weights[None, :] / (weights[:, None] + weights[None, :])
    np.fill_diagonal(cost, np.inf)
    first, second = sorted(int(i) for i in np.unravel_index(cost.argmin(), cost.shape))
    total = weights[first] + weights[second]
    centres[first] = (weights[first] * centres[first] + weights[second] * centres[second]) / total
    weights[first] = total
    members[first] += members.pop(second)
    return np.delete(centres, second, axis=0), np.delete(weights, second)


def jaccard(these: Labels, those: Labels) -> NDArray[np.float64]:
    """Jaccard overlap of every cluster of one labelling with every cluster of another, of the same points."""
    from scipy.sparse import coo_array

    shape = (int(these.max(initial=-1)) + 1, int(those.max(initial=-1)) + 1)
    both = coo_array((np.ones(len(these)), (these, those)), shape=shape).toarray()
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.asarray(both / np.maximum(union, 1))


def stability(
    points: Points, labels: Labels, fit: Callable[[Points], Tree | Flats], seed: int
) -> list[NDArray[np.float64]]:
    """How well each cluster of ``fit`` is found again on half of the points: per level, one value per cluster.

    The mean over half samples of the largest Jaccard overlap with a refitted cluster, over all points (Hennig 2007,
    "Cluster-wise assessment of cluster stability"). From about .75 a cluster is solid, below .5 it comes and goes.
    """
    found = [np.zeros(int(level.max(initial=-1)) + 1) for level in labels.T]
    random = np.random.default_rng(seed)
    for _ in range(RESAMPLES):
        half = np.sort(random.choice(len(points), size=len(points) // 2, replace=False))
        again = fit(points[half]).label(points)
        for level in range(labels.shape[1]):
            found[level] += jaccard(labels[:, level], again[:, level]).max(axis=1) / RESAMPLES
    return found
