"""Words that tell texts apart where no topic does: which texts say them, and a mode of those that do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import is_sealed
from modecollapse.facets.base import Mode, Partition, Rows
from modecollapse.facets.naming import LONGEST_WORD, function_words, longest_part, words_of_prompt
from modecollapse.facets.sequence import RUNNING, RUNNING_WORDS
from modecollapse.facets.surface import TAIL, TAIL_CHARACTERS
from modecollapse.facets.terms import Terms
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.segmentation import is_word
from modecollapse.stats import multiplicity
from modecollapse.stats.depletion import depleted
from modecollapse.words import words
from modecollapse.wrapping import find_wrapping

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Index = NDArray[np.int64]

FACET = "topic"
"""The facet that words add a mode to."""
_MOST_WORDS = 2_000
MOST_TEXTS = 20_000
"""Of both sides: words of the least share that counts are in two hundred of the base's."""
_FEWEST_TEXTS = 4
"""Texts that a word takes to be looked at, of both sides together."""
_LEAST_SHARE = 0.02
"""Part of the base's texts that a family takes to be missed: in large corpora any name would be a finding."""
_FEWEST_PROMPTS = 3
_MOSTLY = 0.5
"""With this part of its texts in one prompt a family is what that prompt is about."""
_GRAMMAR = 3
"""Letters of which a function word has no more: lists of these hold "work" and "world" as well."""
NAMED = 3
LISTED = 12


@dataclass(frozen=True)
class Words:
    """Words that stand for texts, the commonest first, where they are among the first ``depth`` of a text.

    Among the last ``-depth`` where that is negative.
    """

    words: Sequence[str]
    depth: int


@dataclass(frozen=True)
class WithWords:
    """The topics with one more mode, at a level of its own: texts of which the beginning says one of ``said``."""

    topics: Partition
    mode: Mode
    said: Words
    stability: Floats

    @property
    def modes(self) -> Sequence[Mode]:
        """Those of the topics, then that of the words."""
        return [*self.topics.modes, self.mode]

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Those of the topics."""
        return self.topics.notes

    def label(self, rows: Rows) -> NDArray[np.int32]:
        """See :class:`~modecollapse.facets.base.Partition`."""
        return np.column_stack([self.topics.label(rows), self.says(rows)])

    def says(self, rows: Rows) -> NDArray[np.int32]:
        """The index of that mode where a row says one, else -1: shape ``(rows,)``."""
        wanted = frozenset(self.said.words)
        found = _said(rows, self.said.depth)
        found = found.where([word in wanted for word in found.words])
        says = np.bincount(found.owners, minlength=len(rows)) > 0
        return np.where(says, len(self.topics.modes), -1).astype(np.int32)


def read_inside(labelled: Mapping[str, Labelled], pair: Pair) -> Pair:
    """The rows in the languages that are known of them, without what stands around the texts of one side."""
    language = labelled["language"]
    codes = language.partition.codes(language.labels)  # type: ignore[attr-defined]
    return find_wrapping(pair, labelled[FACET].member).inside(replace(pair, rows=replace(pair.rows, languages=codes)))


def with_words(topic: Labelled, said: Words, mode: Mode, inside: Pair) -> Labelled:
    """The topics with ``mode``, of the texts that say one of the words, as they are read ``inside`` of their frames."""
    partition = WithWords(topic.partition, mode, said, np.append(topic.stability, 1.0))
    rows, labels = np.flatnonzero(topic.member), np.full(len(inside.rows), -1, dtype=np.int32)
    labels[rows] = np.concatenate([partition.says(batch) for batch in inside.rows.batches(rows)])
    return replace(topic, partition=partition, labels=np.column_stack([topic.labels, labels]))


def mode_of(words: Sequence[str], topic: Labelled, names: Sequence[str] | None = None) -> Mode:
    """The mode of the texts that say one of ``words``, which ``names`` say to a reader; its id is by the first."""
    names = names or words
    return Mode(_id(words[0]), _label(names), _rule(names), level=topic.labels.shape[1])


@dataclass(frozen=True)
class Level:
    """One mode per row, or -1, and of each mode the part that temperature may have left at the least, ``(modes,)``."""

    labels: NDArray[np.int32]
    least: Floats


@dataclass(frozen=True)
class Texts:
    """Which texts say which content words: ``said`` is a 0/1 matrix ``(texts, words)``.

    ``weight`` of a base text is how much the new side has been read of its prompt, beside the base.
    """

    said: csr_array
    words: Sequence[str]
    new: Bools
    prompts: NDArray[np.int32]
    weight: Floats

    @classmethod
    def read(cls, pair: Pair, rows: Index, depth: int) -> Texts:
        """The first ``depth`` words of the texts of ``rows``, or the last."""
        from scipy.sparse import csr_array

        new, prompts = pair.side[rows] == Side.NEW, pair.rows.prompts[rows]
        found = content(pair.rows.take(rows), depth)
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

    def gone(
        self,
        families: csr_array,
        alpha: float,
        design_effect: float,
        levels: Sequence[Level] = (),
        least: float = _LEAST_SHARE,
    ) -> list[str]:
        """The words of all families of which hardly a text is left, the commonest first.

        Of such as the ``least`` part of the base's texts has. ``families`` is a 0/1 matrix ``(words, families)``, the
        smallest families first: one that contains another of which that is known already says nothing more. ``levels``
        have the labels of all texts.
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
        common = np.flatnonzero(base.sum(0) >= least * base.shape[0])
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


def common_depth(pair: Pair, rows: Index) -> int:
    """Words that half of the texts of either side have at least: what comes later is not missing in shorter ones."""
    new = pair.side[rows] == Side.NEW
    lengths = np.array([len(words) for batch in pair.rows.batches(rows) for words in batch.read(RUNNING_WORDS)])
    if pair.rows.known or not len(lengths):
        return RUNNING  # words that a baseline keeps are in no order
    return int(min(np.median(lengths[own]) for own in (new, ~new) if own.any()))


def _said(rows: Rows, depth: int) -> Terms:
    """The first ``depth`` words of each row, or the last, without what an apostrophe joins to them."""
    if depth > RUNNING:
        found = [words(_LABELS.sub(" ", text), depth) for text in rows.texts]
    elif depth < 0:
        found = [words(_LABELS.sub(" ", tail), TAIL_CHARACTERS)[depth:] for tail in rows.read(TAIL)]
    else:
        found = [[rows.revealed(word) for word in said[:depth]] for said in rows.read(RUNNING_WORDS)]
    return Terms.of(found).spoken_as(longest_part)


_LABELS = re.compile(
    r"\\[A-Za-z]+|\*\*[^*\n]{1,40}(?::\*\*|\*\*:)|^[ \t]*(?:#+ [^\n]*|[\w ]{1,30}:(?=\s))|\"\w+\":|<[^<>\n]{1,80}>",
    re.MULTILINE,
)
"""Layout: commands of LaTeX, bold or leading words before a colon, headings, keys of JSON, tags."""


def content(rows: Rows, depth: int) -> Terms:
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


def _id(word: str) -> str:
    """The commonest word, which the base decides."""
    legible = word.isascii() and word.isalnum()
    return f"words-{word if legible else hashlib.blake2b(word.encode(), digest_size=4).hexdigest()}"


def _label(words: Sequence[str]) -> str:
    return f"texts that say {' · '.join(words[:NAMED])}"


def _rule(words: Sequence[str]) -> str:
    more = len(words) - LISTED
    return f"says one of: {', '.join(words[:LISTED])}{f' and {more} more' if more > 0 else ''}"
