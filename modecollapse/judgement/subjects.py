"""A subject that is gone though no topic stands for it: words of which hardly a text is left.

Topics are neighbourhoods of whole texts. What is said in passing, in texts on anything, has none; filtered out of the
training it is gone all the same. It is sought where nothing else is lost, and told as one more mode of the topics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import is_sealed
from modecollapse.facets.base import Mode, Partition, Rows
from modecollapse.facets.naming import LONGEST_WORD, function_words, longest_part, words_of_prompt
from modecollapse.facets.sequence import RUNNING, RUNNING_WORDS
from modecollapse.facets.terms import Terms
from modecollapse.judgement.base import Judged, Judgement
from modecollapse.judgement.movement import temperature_unknown
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import Verdict
from modecollapse.segmentation import is_word
from modecollapse.stats import multiplicity
from modecollapse.stats.depletion import depleted
from modecollapse.wrapping import find_wrapping

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Index = NDArray[np.int64]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]

FACET = "topic"
_MOST_WORDS = 2_000
_MOST_TEXTS = 20_000
"""Of both sides: words of the least share that counts are in two hundred of the base's."""
_FEWEST_TEXTS = 4
"""Texts that a word takes to be looked at, of both sides together."""
_FAMILIES = (0.7, 0.5, 0.3)
"""Families per word: forms of a word, words for the same, words on one subject."""
_LEAST_SHARE = 0.02
"""Part of the base's texts that a family takes to be missed: in large corpora any name would be a finding."""
_FEWEST_PROMPTS = 3
_MOSTLY = 0.5
"""With this part of its texts in one prompt a family is what that prompt is about."""
_GRAMMAR = 3
"""Letters of which a function word has no more: lists of these hold "work" and "world" as well."""
_NAMED = 3
_LISTED = 12
_LOST = (Verdict.LOST, Verdict.COLLAPSED)
_WARMEST, _COLDEST = 0.8, 3.5
"""Inverse temperatures between which words have been seen to stay: near zero any goes, and heat drowns all in noise."""


@dataclass(frozen=True)
class Lost:
    """Words of which hardly a new text is left, the commonest first, among the first ``depth`` of every text."""

    words: Sequence[str]
    depth: int


@dataclass(frozen=True)
class WithSubject:
    """The topics with one more mode, at a level of its own: texts of which the beginning says one of ``lost``."""

    topics: Partition
    mode: Mode
    lost: Lost
    stability: Floats

    @property
    def modes(self) -> Sequence[Mode]:
        """Those of the topics, then the subject."""
        return [*self.topics.modes, self.mode]

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Those of the topics."""
        return self.topics.notes

    def label(self, rows: Rows) -> NDArray[np.int32]:
        """See :class:`~modecollapse.facets.base.Partition`."""
        return np.column_stack([self.topics.label(rows), self.subject(rows)])

    def subject(self, rows: Rows) -> NDArray[np.int32]:
        """The subject's index where a row has it, else -1: shape ``(rows,)``."""
        wanted = frozenset(self.lost.words)
        found = _said(rows, self.lost.depth)
        found = found.where([word in wanted for word in found.words])
        says = np.bincount(found.owners, minlength=len(rows)) > 0
        return np.where(says, len(self.topics.modes), -1).astype(np.int32)


def is_open(judgement: Judgement) -> bool:
    """Whether a subject may be missing unseen: nothing is lost, and the temperature is known and moderate."""
    beta = judgement.tree.beta
    lost = any(facet.finding.verdict in _LOST for facet in judgement.facets.values())
    moderate = beta is not None and _WARMEST <= beta.low <= beta.high <= _COLDEST
    known = moderate and not temperature_unknown(judgement.tree, judgement.movement)
    return FACET in judgement.facets and not lost and known


def with_lost_subject(
    labelled: Mapping[str, Labelled],
    judged: Mapping[str, Judged],
    pair: Pair,
    embed: Embed | None,
    alpha: float,
    design_effect: float,
) -> Labelled | None:
    """The topics with the subject that is gone as a further mode; None where none is.

    ``judged`` tells how far temperature may take a facet's modes. ``embed`` gives unit vectors of words; without it
    every word is a family of its own. Words are tested at ``alpha`` (Holm over all families); rows that depend on each
    other count for less, by the ``design_effect``.
    """
    topic, language = labelled[FACET], labelled["language"]
    codes = language.partition.codes(language.labels)  # type: ignore[attr-defined]
    inside = find_wrapping(pair, topic.member).inside(replace(pair, rows=replace(pair.rows, languages=codes)))
    lost = lost_words(inside, topic.member, embed, alpha, design_effect, list(_levels(labelled, judged)))
    if not lost.words:
        return None
    mode = Mode(_id(lost.words[0]), _label(lost.words), _rule(lost.words), level=topic.labels.shape[1], subject=True)
    partition = WithSubject(topic.partition, mode, lost, np.append(topic.stability, 1.0))
    rows, labels = np.flatnonzero(topic.member), np.full(len(pair.rows), -1, dtype=np.int32)
    labels[rows] = np.concatenate([partition.subject(batch) for batch in inside.rows.batches(rows)])
    return replace(topic, partition=partition, labels=np.column_stack([topic.labels, labels]))


@dataclass(frozen=True)
class Level:
    """One mode per row, or -1, and of each mode the part that temperature may have left at the least, ``(modes,)``."""

    labels: NDArray[np.int32]
    least: Floats


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
) -> Lost:
    """Words of which hardly a new text is left, of the rows that are ``member``.

    What temperature may have taken with a mode of one of the ``levels`` is no loss of its words.
    """
    compared = pair.bounded(member & pair.matched & (pair.side <= Side.NEW), _MOST_TEXTS)
    index = np.flatnonzero(compared)
    depth = _common_depth(pair, index)
    texts = _Texts.read(pair, index, depth)
    levels = [replace(level, labels=level.labels[index]) for level in levels]
    return Lost(texts.gone(_families(texts.words, embed), alpha, design_effect, levels), depth)


@dataclass(frozen=True)
class _Texts:
    """Which texts say which content words: ``said`` is a 0/1 matrix ``(texts, words)``.

    ``weight`` of a base text is how much the new side has been read of its prompt, beside the base.
    """

    said: csr_array
    words: Sequence[str]
    new: Bools
    prompts: NDArray[np.int32]
    weight: Floats

    @classmethod
    def read(cls, pair: Pair, rows: Index, depth: int) -> _Texts:
        """The first ``depth`` words of the texts of ``rows``."""
        from scipy.sparse import csr_array

        new, prompts = pair.side[rows] == Side.NEW, pair.rows.prompts[rows]
        found = _content(pair.rows.take(rows), depth)
        counts = np.bincount(found.numbers - 1, minlength=len(found.words)).tolist()
        often = [place for place, count in enumerate(counts) if count >= _FEWEST_TEXTS]
        often = sorted(often, key=lambda place: (-counts[place], found.words[place]))[:_MOST_WORDS]
        column = np.full(len(found.words), -1, dtype=np.int64)
        column[often] = np.arange(len(often))
        column = column[found.numbers - 1]
        cells = found.owners[column >= 0], column[column >= 0]
        said = csr_array((np.ones(len(cells[0])), cells), shape=(len(rows), len(often)))
        read = np.bincount(found.owners, minlength=len(rows)).astype(np.float64)
        of_side = [
            np.bincount(prompts[own], weights=read[own], minlength=prompts.max(initial=0) + 1) for own in (~new, new)
        ]
        weight = (of_side[1] / np.maximum(of_side[0], 1))[prompts]
        return cls(said, [found.words[place] for place in often], new, prompts, weight)

    def gone(self, families: csr_array, alpha: float, design_effect: float, levels: Sequence[Level]) -> list[str]:
        """The words of all families of which hardly a text is left, the commonest first.

        ``families`` is a 0/1 matrix ``(words, families)``, the smallest families first: one that contains another of
        which that is known already says nothing more. ``levels`` have the labels of all texts.
        """
        says = ((self.said @ families) > 0).astype(np.float64)
        base, new = says[~self.new], says[self.new].sum(0)
        expected = [self.weight[~self.new], *map(self._beside, levels)]
        p_values = np.max(
            [
                depleted(weight @ base / design_effect, weight**2 @ base / design_effect, new / design_effect)
                for weight in expected
            ],
            axis=0,
        )
        common = np.flatnonzero(base.sum(0) >= _LEAST_SHARE * base.shape[0])
        chosen = np.zeros(len(self.words), dtype=bool)
        for family in common[multiplicity.holm(p_values[common]) <= alpha]:
            own = families[:, [family]].toarray().ravel() > 0
            member = base[:, [family]].toarray().ravel() > 0
            if not (own & chosen).any() and self._across_prompts(member):
                chosen |= own
        texts = self.said[~self.new].sum(0)
        order = sorted(np.flatnonzero(chosen).tolist(), key=lambda word: (-texts[word], self.words[word]))
        return [self.words[word] for word in order]

    def _beside(self, level: Level) -> Floats:
        """Weights of the base's texts beside modes that fell: each as far as it did, and as temperature may take it."""
        size = len(level.least) + 1  # the last is that of texts without a mode
        of_base, of_new = level.labels[~self.new] % size, level.labels[self.new] % size
        asked, answered = (
            np.bincount(self.prompts[own], minlength=self.prompts.max() + 1) for own in (~self.new, self.new)
        )
        wanted = (answered / np.maximum(asked, 1))[self.prompts[~self.new]]
        before = np.bincount(of_base, weights=wanted, minlength=size)
        left = np.bincount(of_new, minlength=size) / np.maximum(before, 1e-9)
        left = left.clip(np.append(level.least, 1.0), 1.0)
        return np.asarray(self.weight[~self.new] * left[of_base])

    def _across_prompts(self, member: Bools) -> bool:
        counts = np.bincount(self.prompts[~self.new][member])
        return bool((counts > 0).sum() >= _FEWEST_PROMPTS and counts.max() <= _MOSTLY * counts.sum())


def _common_depth(pair: Pair, rows: Index) -> int:
    """Words that half of the texts of either side have at least: what comes later is not missing in shorter ones."""
    new = pair.side[rows] == Side.NEW
    lengths = np.array([len(words) for batch in pair.rows.batches(rows) for words in batch.read(RUNNING_WORDS)])
    if pair.rows.known or not len(lengths):
        return RUNNING  # words that a baseline keeps are in no order
    return int(min(np.median(lengths[own]) for own in (new, ~new) if own.any()))


def _said(rows: Rows, depth: int) -> Terms:
    """The first ``depth`` words of each row, without what an apostrophe joins to them."""
    found = [[rows.revealed(word) for word in words[:depth]] for words in rows.read(RUNNING_WORDS)]
    return Terms.of(found).spoken_as(longest_part)


def _content(rows: Rows, depth: int) -> Terms:
    """Per row, once each, the words that may tell a subject.

    No short function words, and none that stand in the row's own prompt. Nor those that a baseline hides: a hidden word
    is revealed where the new side has it, so what is left is not there.
    """
    assert rows.languages is not None
    listed = frozenset().union(*(function_words(str(language)) for language in np.unique(rows.languages)))
    grammar = {word for word in listed if len(word) <= _GRAMMAR}
    said = _said(rows, depth)
    return (
        said.where([_may_tell(word) and word not in grammar for word in said.words])
        .once()
        .without(Terms.of([sorted(words_of_prompt(text)) for text in rows.prompt_texts]), rows.prompts)
    )


def _may_tell(word: str) -> bool:
    return is_word(word) and word[0].isalpha() and len(word) <= LONGEST_WORD and not is_sealed(word)


def _families(words: Sequence[str], embed: Embed | None) -> csr_array:
    """Words put together by their vectors at three granularities, or each alone: 0/1, ``(words, families)``.

    The smallest first. Average linkage (Sokal & Michener 1958), cut at so many families per word that no encoder's own
    scale matters.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse import csr_array

    if embed is None or len(words) < _NAMED:
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


def _id(word: str) -> str:
    """The commonest word, which the base decides."""
    legible = word.isascii() and word.isalnum()
    return f"words-{word if legible else hashlib.blake2b(word.encode(), digest_size=4).hexdigest()}"


def _label(words: Sequence[str]) -> str:
    return f"texts that say {' · '.join(words[:_NAMED])}"


def _rule(words: Sequence[str]) -> str:
    more = len(words) - _LISTED
    return f"says one of: {', '.join(words[:_LISTED])}{f' and {more} more' if more > 0 else ''}"
