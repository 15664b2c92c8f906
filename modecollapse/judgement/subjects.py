"""A subject that is gone though no topic stands for it: words of which hardly a text is left.

Topics are neighbourhoods of whole texts. What is said in passing, in texts on anything, has none; filtered out of the
training it is gone all the same. It is sought where nothing else is lost, and told as one more mode of the topics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.base import Judged, Judgement
from modecollapse.judgement.movement import temperature_unknown
from modecollapse.judgement.vocabulary import (
    FACET,
    MOST_TEXTS,
    NAMED,
    Level,
    Texts,
    Words,
    common_depth,
    mode_of,
    with_words,
)
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import Verdict

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Index = NDArray[np.int64]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]

_FAMILIES = (0.7, 0.5, 0.3)
"""Families per word: forms of a word, words for the same, words on one subject."""
_LOST = (Verdict.LOST, Verdict.COLLAPSED)
_WARMEST, _COLDEST = 0.8, 3.5
"""Inverse temperatures between which words have been seen to stay: near zero any goes, and heat drowns all in noise."""


def nothing_lost(judgement: Judgement) -> bool:
    """Whether words may tell of a loss that no facet has shown."""
    lost = any(facet.finding.verdict in _LOST for facet in judgement.facets.values())
    return FACET in judgement.facets and not lost


def is_open(judgement: Judgement) -> bool:
    """Whether a subject may be missing unseen: nothing is lost, and the temperature is known and moderate."""
    beta = judgement.tree.beta
    moderate = beta is not None and _WARMEST <= beta.low <= beta.high <= _COLDEST
    return nothing_lost(judgement) and moderate and not temperature_unknown(judgement.tree, judgement.movement)


def with_lost_subject(
    labelled: Mapping[str, Labelled],
    judged: Mapping[str, Judged],
    inside: Pair,
    embed: Embed | None,
    alpha: float,
    design_effect: float,
) -> Labelled | None:
    """The topics with the subject that is gone as a further mode; None where none is.

    ``judged`` tells how far temperature may take a facet's modes, ``inside`` are the rows as facets read them
    (``read_inside``). ``embed`` gives unit vectors of words; without it every word is a family of its own. Words are
    tested at ``alpha`` (Holm over all families); rows that depend on each other count for less, by the
    ``design_effect``.
    """
    topic = labelled[FACET]
    lost = lost_words(inside, topic.member, embed, alpha, design_effect, list(_levels(labelled, judged)))
    if not lost.words:
        return None
    return with_words(topic, lost, replace(mode_of(lost.words, topic), subject=True), inside)


def _levels(labelled: Mapping[str, Labelled], judged: Mapping[str, Judged]) -> Iterator[Level]:
    for name, facet in labelled.items():
        least = np.zeros(len(facet.modes))
        if name in judged:
            evidence = judged[name].evidence
            least = np.divide(evidence.prediction.low, evidence.base_share, out=least, where=evidence.base_share > 0)
        yield from (Level(labels, least.clip(max=1)) for labels in facet.labels.T)


def lost_words(
    pair: Pair,
    member: Bools,
    embed: Embed | None,
    alpha: float,
    design_effect: float = 1.0,
    levels: Sequence[Level] = (),
) -> Words:
    """Words of which hardly a new text is left, of the rows that are ``member``.

    What temperature may have taken with a mode of one of the ``levels`` is no loss of its words.
    """
    compared = pair.bounded(member & pair.matched & (pair.side <= Side.NEW), MOST_TEXTS)
    index = np.flatnonzero(compared)
    depth = common_depth(pair, index)
    texts = Texts.read(pair, index, depth)
    levels = [replace(level, labels=level.labels[index]) for level in levels]
    return Words(texts.gone(_families(texts.words, embed), alpha, design_effect, levels), depth)


def _families(words: Sequence[str], embed: Embed | None) -> csr_array:
    """Words put together by their vectors at three granularities, or each alone: 0/1, ``(words, families)``.

    The smallest first. Average linkage (Sokal & Michener 1958), cut at so many families per word that no encoder's own
    scale matters.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse import csr_array

    if embed is None or len(words) < NAMED:
        return csr_array(np.eye(len(words)))
    joined = linkage(_distances(np.asarray(embed(words), dtype=np.float64)), "average")
    families = dict.fromkeys(
        tuple(np.flatnonzero(number == family).tolist())
        for share in _FAMILIES
        for number in [fcluster(joined, max(1, round(share * len(words))), "maxclust")]
        for family in range(1, number.max() + 1)
    )
    cells = np.array([(word, column) for column, family in enumerate(families) for word in family]).T
    return csr_array((np.ones(cells.shape[1]), tuple(cells)), shape=(len(words), len(families)))


def _distances(vectors: Floats) -> Floats:
    """Cosine distances of every two, condensed, from one matrix product: ten times as fast as pair by pair."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = (1 - unit @ unit.T)[np.triu_indices(len(unit), 1)].clip(min=0)
    return found
