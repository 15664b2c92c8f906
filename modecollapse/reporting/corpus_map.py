"""The map of both corpora: where texts lie, for a picture. No verdict rests on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.base import Judgement
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import CorpusMap, FacetReport, MapPoints, ModeVerdict

FACET = "topic"
EXTENT = 1_000

_UNCHANGED = (ModeVerdict.KEPT, ModeVerdict.UNDETECTABLE, ModeVerdict.UNSTABLE)


def corpus_map(judgement: Judgement, pair: Pair, facets: Sequence[FacetReport]) -> CorpusMap | None:
    """Texts of both sides in the plane of the topics, with the modes of the level that changed most; or None."""
    facet = next((facet for facet in facets if facet.name == FACET), None)
    labelled = judgement.facets[FACET].labelled if facet else None
    if facet is None or labelled is None or labelled.places is None:
        return None
    places, new = labelled.places, pair.side[labelled.places.rows] == Side.NEW
    points = _scaled(_turned(places.points, new))
    of_level, mode = _modes(labelled, places.rows, _level(facet))
    base_points, new_points = (
        MapPoints(points[side, 0].tolist(), points[side, 1].tolist(), mode[side].tolist()) for side in (~new, new)
    )
    width, height = points.max(axis=0).tolist()
    return CorpusMap(FACET, of_level, width, height, base_points, new_points)


def _level(facet: FacetReport) -> int:
    """That of the mode whose share changed most, among those with a finding of their own where there are any."""
    found = (mode for mode in facet.modes if mode.verdict not in _UNCHANGED and mode.displaced_by is None)
    return next(found, facet.modes[0]).level


def _modes(labelled: Labelled, rows: NDArray[np.int64], level: int) -> tuple[list[str], NDArray[np.int64]]:
    """Ids of the modes of one level, and each row's place among them."""
    index = np.flatnonzero(labelled.levels == level)
    number = np.full(len(labelled.modes) + 1, -1)
    number[index] = np.arange(len(index))
    return [labelled.modes[i].id for i in index.tolist()], number[labelled.labels[rows, level]]


def _turned(points: NDArray[np.float32], new: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Principal components have no sign of their own: the new side goes to the right, and up."""
    shift = points[new].mean(axis=0) - points[~new].mean(axis=0)
    return np.asarray(points * np.where(shift < 0, -1, 1), dtype=np.float32)


def _scaled(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """Whole numbers from 0, in one unit for both axes."""
    points = points - points.min(axis=0)
    return np.asarray(np.rint(points * (EXTENT / max(float(points.max()), 1e-9))), dtype=np.int64)
