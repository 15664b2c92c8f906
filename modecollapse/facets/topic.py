"""Topics: regions of the embedding, as a tree of four granularities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Mode, Rows
from modecollapse.facets.clustering import (
    WARD_ROWS_OF_HALF,
    Known,
    Labels,
    Points,
    Tree,
    granularities,
    grow,
    nearest,
    numbered,
    stability,
    steady,
)
from modecollapse.facets.identity import fresh_ids, inherit, matched
from modecollapse.facets.metric import metric
from modecollapse.facets.naming import NAMING_ROWS, content_words, languages_of, name_modes
from modecollapse.facets.overlap import overlap_notes, too_few
from modecollapse.facets.projection import principal_components

CUTS = (4, 8, 16, 32)
MICRO_CLUSTERS = 96
DIMENSIONS = 50
LEARNING_ROWS = 20_000
LANGUAGE_ROWS = 20
UNREAD_SPREAD = 0.4  # Hindi and Vietnamese have .25 and .35 of the spread of languages that the default encoder knows


@dataclass(frozen=True)
class Space:
    """Embeddings without their language: minus the mean of the row's language, then principal components.

    Components of what the encoder's metric for subjects makes of them, where there is one (see ``facets.metric``).
    ``language_means`` has the languages with enough rows for a mean; rows of others lose the mean of all, under "".
    ``unread`` languages are those that the encoder can't tell the texts of apart.
    """

    language_means: Mapping[str, Points]
    components: Points
    unread: frozenset[str]

    @classmethod
    def learn(cls, rows: Rows) -> Space:
        """From the embeddings and languages of ``rows``."""
        vectors, languages = _vectors(rows), languages_of(rows)
        names, counts = np.unique(languages, return_counts=True)
        centres = {str(name): vectors[languages == name].mean(axis=0) for name in names[counts >= LANGUAGE_ROWS]}
        spreads = {name: float(vectors[languages == name].var(axis=0).sum()) for name in centres}
        unread = frozenset(name for name in spreads if spreads[name] < UNREAD_SPREAD * max(spreads.values()))
        centres[""] = vectors.mean(axis=0)
        space = cls(centres, metric(rows.metric) if rows.metric else np.eye(vectors.shape[1], dtype=np.float32), unread)
        components = principal_components(space.project(rows)[space.reads(rows)], DIMENSIONS)
        return replace(space, components=np.asarray(components @ space.components, dtype=np.float32))

    def reads(self, rows: Rows) -> NDArray[np.bool_]:
        """Which rows are in a language that the encoder reads."""
        return ~np.isin(languages_of(rows), sorted(self.unread))

    def project(self, rows: Rows) -> Points:
        """Points of ``rows``, float32 ``(rows, dimensions)``."""
        points = _vectors(rows) - self.language_means[""]
        languages = languages_of(rows)
        for name, centre in self.language_means.items():
            points[languages == name] += self.language_means[""] - centre
        return np.asarray(points @ self.components.T, dtype=np.float32)


def _vectors(rows: Rows) -> Points:
    if rows.vectors is None:
        raise ValueError("the topic facet needs Rows.vectors")
    return rows.vectors


@dataclass(frozen=True)
class TopicPartition:
    """Learnt topics. ``stability`` has one value per mode, from 0 to 1 (see ``clustering.stability``)."""

    modes: Sequence[Mode]
    notes: Sequence[tuple[str, str]]
    stability: NDArray[np.float64]
    space: Space | None
    tree: Tree | None

    def label(self, rows: Rows) -> Labels:
        """Index into ``modes`` per row and level, shape ``(rows, levels)``: the nearest micro-cluster's ancestors.

        -1 where the row is in a language that the encoder can't read.
        """
        if self.space is None or self.tree is None:
            return np.empty((len(rows), 0), dtype=np.int32)
        labels = numbered(self.tree.label(self.space.project(rows)), self.tree.sizes)
        labels[~self.space.reads(rows)] = -1
        return labels

    def place(self, rows: Rows) -> Points:
        """Where ``rows`` lie in the plane of the first two principal components, ``(rows, 2)``: for a picture.

        A plane that sets the topics apart (linear discriminants) would lie about how far apart they are.
        """
        if self.space is None:
            return np.zeros((len(rows), 2), dtype=np.float32)
        points = self.space.project(rows)[:, :2]
        return np.pad(points, ((0, 0), (0, 2 - points.shape[1])))


class TopicFacet:
    """What a text is about.

    Embeddings, freed of their language, form micro-clusters (Ward's method, then Lloyd's); size-weighted Ward joins
    these into a tree that is cut at 4, 8, 16 and 32 topics, fewer where rows are few, and one in eight more beside the
    base's own (see ``clustering.with_free``).
    """

    name = "topic"
    needs_vectors = True

    def learn(self, rows: Rows, anchor: Rows, seed: int) -> TopicPartition:
        """See ``Facet.learn``."""
        rows, anchor = rows.take(rows.sample(LEARNING_ROWS)), anchor.take(anchor.sample(LEARNING_ROWS))
        if not granularities(len(rows), len(anchor), CUTS):
            return TopicPartition((), (too_few("topic", len(rows), len(anchor)),), np.empty(0), None, None)
        space = Space.learn(rows)
        rows = rows.take(np.flatnonzero(space.reads(rows)))
        anchor = anchor.take(np.flatnonzero(space.reads(anchor)))
        cuts = granularities(len(rows), len(anchor), CUTS)
        if not cuts:
            notes = (too_few("topic", len(rows), len(anchor)), *_unread_notes(space))
            return TopicPartition((), notes, np.empty(0), None, None)
        own = _Own.learn(anchor, cuts, seed) if len(anchor) else None
        place = matched(rows.hashes, anchor.hashes)
        points = space.project(rows)
        known = None if own is None else own.known(place)
        tree = grow(points, cuts, MICRO_CLUSTERS, known)
        labels = tree.label(points)
        ids = fresh_ids(tree, points, rows.hashes, _PREFIXES)
        if own is not None:
            ids = inherit(ids, tree.label(space.project(anchor)), own.ids, own.tree.label(own.points))
        again = partial(_grow_again, points=points, base_rows=place >= 0, known=known, cuts=cuts)
        return TopicPartition(
            _modes(rows, labels, tree, ids),
            (*_unread_notes(space), *overlap_notes("topic", rows, labels)),
            np.concatenate(stability(points, labels, again, seed)),
            space,
            tree,
        )


@dataclass(frozen=True)
class _Own:
    """The base's own topics, in a space of its own: where its rows lie, their tree, and ids per level.

    ``steady`` has the micro-cluster of each row, or -1 where a topic that it belongs to is not found again.
    """

    points: Points
    tree: Tree
    ids: list[list[str]]
    steady: Labels

    @classmethod
    def learn(cls, base: Rows, cuts: Sequence[int], seed: int) -> _Own:
        """From the base alone, whatever it is compared with."""
        points = Space.learn(base).project(base)
        tree = grow(points, cuts, MICRO_CLUSTERS)
        found = steady(points, tree.label(points), lambda half: _grow_half(points[half], cuts), seed)
        micro = np.where((found >= 0).all(axis=1), nearest(points, tree.centroids), -1)
        return cls(points, tree, fresh_ids(tree, points, base.hashes, _PREFIXES), micro)

    def known(self, place: NDArray[np.int64]) -> Known:
        """What it says of rows, of which each has the ``place`` of a base row or -1."""
        return Known(np.where(place >= 0, self.steady[place], -1), self.tree)


def _grow_again(
    some: NDArray[np.int64], points: Points, base_rows: NDArray[np.bool_], known: Known | None, cuts: Sequence[int]
) -> Tree:
    """The tree of ``some`` of the points, grown as that of all of them is: from the base's own, where steady."""
    points, base_rows = points[some], base_rows[some]
    if known is None or not base_rows.any():
        return _grow_half(points, cuts)
    tree = _grow_half(points[base_rows], cuts)
    micro = known.micro[some]
    micro[base_rows] = np.where(micro[base_rows] >= 0, nearest(points[base_rows], tree.centroids), -1)
    return _grow_half(points, cuts, Known(micro, tree))


def _grow_half(points: Points, cuts: Sequence[int], known: Known | None = None) -> Tree:
    return grow(points, cuts, MICRO_CLUSTERS, known, WARD_ROWS_OF_HALF)


_PREFIXES = [str(cut) for cut in CUTS]


def _unread_notes(space: Space) -> list[tuple[str, str]]:
    languages = ", ".join(sorted(space.unread))
    message = f"topic: the encoder can't tell texts in {languages} apart; they have no topic"
    return [("unread-language", message)] if languages else []


def _modes(rows: Rows, labels: Labels, tree: Tree, ids: Sequence[Sequence[str]]) -> list[Mode]:
    some = rows.take(np.arange(min(NAMING_ROWS, len(rows))))  # in content-hash order: a random sample
    names = iter(name_modes(content_words(some, echoed=True), languages_of(some), labels[: len(some)], tree.sizes))
    return [
        Mode(
            id=mode_id,
            label=next(names),
            rule=f"its embedding is nearest to this topic, one of {len(level_ids)}",
            level=level,
            parent=tree.parent(level, cluster),
        )
        for level, level_ids in enumerate(ids)
        for cluster, mode_id in enumerate(level_ids)
    ]
