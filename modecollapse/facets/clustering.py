"""Clusters that depend on the rows alone: not on their order, a random start or the corpus a row came from.

Ward's method (1963) on a bounded sample gives the start, Lloyd's algorithm the centroids. Points are expected in
content-hash order, so that any prefix is a random sample that every run draws alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modecollapse.engine.threads import in_threads

Points = NDArray[np.float32]
Labels = NDArray[np.int32]

SMALLEST_MODE = 12
ROWS_PER_MODE = 40
WARD_ROWS = 2_500
"""Points from which Ward's method finds the start: its time grows with their square."""

WARD_ROWS_OF_HALF = WARD_ROWS // 2
"""The same where half of the rows are clustered again, to see what comes back."""

LLOYD_STEPS = 25
NEGLIGIBLE = 1e-9
"""Part of the sum of squares below which a gain is rounding: of a centroid where another one is already."""

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


def granularities(rows: int, base_rows: int, wanted: Sequence[int]) -> list[int]:
    """Those of the ``wanted`` numbers of clusters (ascending) at which a cluster is large enough on average.

    Where there are base rows they alone decide, as if there were as many of the other side: a mode of the base is not
    to go because fewer new texts were drawn. Where the first number is already too fine: one coarser number, or none
    if not even two clusters fit.
    """
    rows = 2 * base_rows or rows
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


def ward_lloyd(
    points: Points, counts: Sequence[int], starts: Sequence[Points] | None = None, ward_rows: int = WARD_ROWS
) -> list[Settled]:
    """For each of ``counts`` at most so many clusters of at least ``SMALLEST_MODE`` points each.

    Lloyd's method begins at the means of clusters that Ward's method finds among the first ``ward_rows``. Where there
    are ``starts`` (centroids, one array per count) it begins at those, and at such of Ward's means as explain most of
    what they leave.
    """
    from scipy.cluster.hierarchy import fcluster, ward

    sample = points[:ward_rows].astype(np.float64)
    joins = ward(sample) if len(sample) > 1 else None
    found = []
    for i, count in enumerate(counts):
        clusters = max(1, min(count, len(sample) // SMALLEST_MODE))
        labels = np.zeros(len(sample)) if joins is None else fcluster(joins, clusters, criterion="maxclust")
        candidates = means(points[:ward_rows], labels.astype(np.int32))
        begun = starts is not None and len(starts[i]) > 0
        start = _with_best(sample, starts[i], candidates, clusters) if starts is not None and begun else candidates
        found.append(_settled(points, start))
    return found


@dataclass(frozen=True)
class Settled:
    """Where Lloyd's method ended: float32 ``(clusters, dimensions)``, and which of the starts each cluster was."""

    centroids: Points
    starts: NDArray[np.int64]


def _with_best(sample: NDArray[np.float64], start: Points, candidates: Points, count: int) -> Points:
    """``start`` and, up to ``count`` in all, those candidates that lower the sum of squares most, one by one."""
    nearest_start = _squared(sample, start).min(axis=1)
    distances = _squared(sample, candidates)
    negligible = NEGLIGIBLE * float((sample**2).sum())
    chosen: list[int] = []
    while len(start) + len(chosen) < count:
        gains = np.maximum(nearest_start[:, None] - distances, 0).sum(axis=0)
        best = int(gains.argmax())
        if gains[best] <= negligible:
            break
        chosen.append(best)
        nearest_start = np.minimum(nearest_start, distances[:, best])
    return np.concatenate([start, candidates[chosen]])


def _squared(points: NDArray[Any], centroids: NDArray[Any]) -> NDArray[np.float64]:
    """Squared distances, ``(points, centroids)``."""
    points, centres = points.astype(np.float64), centroids.astype(np.float64)
    products = points @ centres.T
    return np.asarray((points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * products)


def _settled(points: Points, centroids: Points) -> Settled:
    origin = np.arange(len(centroids))
    while True:
        centroids, sizes = _lloyd(points, centroids)
        used = sizes > 0
        if used.sum() == 1 or sizes[used].min() >= SMALLEST_MODE:
            return _in_use(points, Settled(centroids[used], origin[used]))
        used[np.flatnonzero(used)[sizes[used].argmin()]] = False
        centroids, origin = centroids[used], origin[used]


def _in_use(points: Points, settled: Settled) -> Settled:
    """Without centroids that are no point's nearest: of two in one place, rounding says which has the points there."""
    used = np.bincount(nearest(points, settled.centroids), minlength=len(settled.centroids)) > 0
    return settled if used.all() else _in_use(points, Settled(settled.centroids[used], settled.starts[used]))


def _lloyd(points: Points, centroids: Points) -> tuple[Points, NDArray[np.int64]]:
    """Centroids in place, and how many points each has; one without any stays where it was."""
    labels = nearest(points, centroids)
    for _ in range(LLOYD_STEPS):
        used = np.bincount(labels, minlength=len(centroids)) > 0
        centroids = centroids.copy()
        centroids[used] = means(points, labels)
        moved = nearest(points, centroids)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return centroids, np.bincount(labels, minlength=len(centroids))


def means(points: Points, labels: Labels) -> Points:
    """Mean point of each label in use, float32 ``(labels in use, dimensions)``, in the order of the labels."""
    from scipy.sparse import csc_array

    sizes = np.bincount(labels)
    used = sizes > 0
    index = (np.cumsum(used) - 1)[labels]
    rows = len(points)
    member = csc_array((np.ones(rows), index, np.arange(rows + 1)), shape=(int(used.sum()), rows))
    return np.asarray(member @ points.astype(np.float64) / sizes[used, None], dtype=np.float32)


FREE = 8


def with_free(counts: Sequence[int]) -> list[int]:
    """How many clusters a joint clustering has where the base's own has ``counts``.

    One more in eight: they begin wherever they fit best, the others where the base's are.
    """
    return [count + max(1, count // FREE) for count in counts]


def spread(points: Points, counts: Sequence[int], known: Labels | None = None, ward_rows: int = WARD_ROWS) -> Flats:
    """Clusters of each of the granularities ``counts``, found independently.

    ``known`` are labels of some of the points ``(points, granularities)``, -1 for others, by a clustering of theirs. It
    is kept as far as it fits all points, and there are clusters beside it (see ``with_free``).
    """
    if known is None:
        return Flats([settled.centroids for settled in ward_lloyd(points, counts, None, ward_rows)])
    starts = [_means_of_known(points, level) for level in known.T]
    return Flats([settled.centroids for settled in ward_lloyd(points, with_free(counts), starts, ward_rows)])


def _means_of_known(points: Points, labels: Labels) -> Points:
    if not (labels >= 0).any():
        return points[:0]
    return means(points[labels >= 0], labels[labels >= 0])


@dataclass(frozen=True)
class Known:
    """What is known of some points: the micro-cluster of each in ``tree``, a clustering of theirs, or -1."""

    micro: Labels
    tree: Tree


def grow(
    points: Points, cuts: Sequence[int], micro: int, known: Known | None = None, ward_rows: int = WARD_ROWS
) -> Tree:
    """Micro-clusters joined by Ward's criterion with their sizes as weights, cut at each of ``cuts`` (ascending).

    What is ``known`` of some points is kept as far as it fits all: micro-clusters begin where its are, and those that
    its tree holds together or apart stay so. There are others beside them (see ``with_free``); these alone are joined,
    to them or to each other.
    """
    starts = None if known is None else [_means_of_known(points, known.micro)]
    (micro, *cuts) = [micro, *cuts] if known is None else with_free([micro, *cuts])
    (settled,) = ward_lloyd(points, [micro], starts, ward_rows)
    centroids = settled.centroids
    sizes = np.bincount(nearest(points, centroids), minlength=len(centroids))
    held = _held(settled, known, len(cuts))
    groups = Groups.of(centroids, sizes)
    ancestors = np.zeros((len(centroids), len(cuts)), dtype=np.int32)
    for level in reversed(range(len(cuts))):
        groups = groups.held_together(held[:, level]).joined(cuts[level])
        for cluster, members in enumerate(groups.members):
            ancestors[members, level] = cluster
    return Tree(centroids, ancestors)


def _held(settled: Settled, known: Known | None, levels: int) -> Labels:
    """Per micro-cluster and level, the known cluster that it is part of, or -1: ``(micro, levels)``."""
    held = np.full((len(settled.centroids), levels), -1, dtype=np.int32)
    if known is not None:
        used = np.unique(known.micro[known.micro >= 0])
        of_known = settled.starts < len(used)
        held[of_known] = known.tree.ancestors[used[settled.starts[of_known]]]
    return held


@dataclass(frozen=True)
class Groups:
    """Clusters of micro-clusters: ``centres`` is ``(groups, dimensions)``; those that are ``free`` may be joined."""

    centres: NDArray[np.float64]
    weights: NDArray[np.float64]
    members: list[list[int]]
    free: NDArray[np.bool_]

    @classmethod
    def of(cls, centroids: Points, sizes: NDArray[np.int64]) -> Groups:
        """Each micro-cluster by itself."""
        alone = [[i] for i in range(len(centroids))]
        return cls(centroids.astype(np.float64), sizes.astype(np.float64), alone, np.ones(len(alone), dtype=bool))

    def held_together(self, held: Labels) -> Groups:
        """Groups with members of the same known cluster as one. ``held``: per micro-cluster that cluster, or -1."""
        owners = [max(held[i] for i in members) for members in self.members]
        keys = [(owner, -1) if owner >= 0 else (-1, i) for i, owner in enumerate(owners)]
        order = list(dict.fromkeys(keys))
        merged = [[i for i, key in enumerate(keys) if key == wanted] for wanted in order]
        weights = np.array([self.weights[part].sum() for part in merged])
        centres = [
            self.weights[part] @ self.centres[part] / weight for part, weight in zip(merged, weights, strict=True)
        ]
        members = [[micro for i in part for micro in self.members[i]] for part in merged]
        return Groups(np.array(centres), weights, members, np.array([owner < 0 for owner, _ in order]))

    def joined(self, count: int) -> Groups:
        """At most ``count`` groups where free ones allow it: the pair goes first that adds least to the squares."""
        found = self
        while len(found.members) > count and found.free.any() and len(found.members) > 1:
            found = found._closest_joined()
        return found

    def _closest_joined(self) -> Groups:
        cost = _squared(self.centres, self.centres) * self.weights[:, None] * self.weights
        cost /= self.weights[:, None] + self.weights
        cost[~self.free[:, None] & ~self.free] = np.inf
        np.fill_diagonal(cost, np.inf)
        first, second = sorted(int(i) for i in np.unravel_index(cost.argmin(), cost.shape))
        centres, weights, free = self.centres.copy(), self.weights.copy(), self.free.copy()
        total = weights[first] + weights[second]
        centres[first] = (weights[first] * centres[first] + weights[second] * centres[second]) / total
        weights[first], free[first] = total, free[first] and free[second]
        members = [[*part, *self.members[second]] if i == first else part for i, part in enumerate(self.members)]
        kept = np.arange(len(members)) != second
        del members[second]
        return Groups(centres[kept], weights[kept], members, free[kept])


def jaccard(these: Labels, those: Labels) -> NDArray[np.float64]:
    """Jaccard overlap of every cluster of one labelling with every cluster of another, of the same points."""
    from scipy.sparse import coo_array

    shape = (int(these.max(initial=-1)) + 1, int(those.max(initial=-1)) + 1)
    both = coo_array((np.ones(len(these)), (these, those)), shape=shape).toarray()
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.asarray(both / np.maximum(union, 1))


def stability(
    points: Points, labels: Labels, fit: Callable[[NDArray[np.int64]], Tree | Flats], seed: int
) -> list[NDArray[np.float64]]:
    """How well each cluster is found again on half of the points: per level, one value per cluster.

    ``fit`` clusters the points of the given indices as ``points`` were clustered. The mean over half samples of the
    largest Jaccard overlap with a refitted cluster, over all points (Hennig 2007, "Cluster-wise assessment of cluster
    stability"). From about .75 a cluster is solid, below .5 it comes and goes.
    """
    found = [np.zeros(int(level.max(initial=-1)) + 1) for level in labels.T]
    random = np.random.default_rng(seed)
    halves = [np.sort(random.choice(len(points), len(points) // 2, replace=False)) for _ in range(RESAMPLES)]
    for again in in_threads(lambda half: fit(half).label(points), halves):
        for level in range(labels.shape[1]):
            found[level] += jaccard(labels[:, level], again[:, level]).max(axis=1) / RESAMPLES
    return found


STEADY = 0.5
"""Stability from which a cluster of the base's own is a start for the joint clustering.

One that comes and goes with the sample fits the base's sample better than any other draw: a joint clustering that began
there differed between sides of one corpus in 20% of tests at a nominal 10%."""


def steady(points: Points, labels: Labels, fit: Callable[[NDArray[np.int64]], Tree | Flats], seed: int) -> Labels:
    """``labels``, with -1 for points of clusters that are not found again; see ``stability`` for the arguments."""
    found = stability(points, labels, fit, seed)
    return np.stack(
        [np.where(values[level] >= STEADY, level, -1) for level, values in zip(labels.T, found, strict=True)], axis=1
    )
