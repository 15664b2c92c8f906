"""Personas: who seems to speak, apart from what is spoken of.

No one representation serves both roles and registers, so there are two sources of modes, each at four granularities:
*voice* (the embedding and the words of a text against others of the same prompt) and *style* (what tells English
authors apart, and function words, marks and other habits, with the content masked). Where texts say the same in other
words (see ``counterparts``) there is a third, *tone*: all of these, against those that say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from modecollapse.engine.threads import in_threads
from modecollapse.facets.adjustment import Adjustment, Matrix, rows_with_own_mean
from modecollapse.facets.base import Mode, Rows
from modecollapse.facets.clustering import (
    WARD_ROWS_OF_HALF,
    Flats,
    Labels,
    Points,
    granularities,
    numbered,
    spread,
    stability,
    steady,
)
from modecollapse.facets.counterparts import Said, are_parallel_alike, is_parallel
from modecollapse.facets.identity import fresh_ids, inherit, matched
from modecollapse.facets.manner import STYLE_NAMES
from modecollapse.facets.naming import NAMING_ROWS, content_words, languages_of, name_modes
from modecollapse.facets.overlap import overlap_notes, too_few
from modecollapse.facets.projection import principal_components, shared_variation
from modecollapse.facets.reading import Reading
from modecollapse.facets.terms import Terms
from modecollapse.facets.wordspace import WordSpace, WordTable
from modecollapse.language_detection import UNDETERMINED

CUTS = (4, 8, 16, 32)
DIMENSIONS = 60
VOICE_DIRECTIONS = 100
STYLE_DIRECTIONS = 50
LEARNING_ROWS = 6_000
QUANTILES = 512
BESIDE = 0.5
"""How wide a block is that goes beside another one, in standard deviations of that: see ``Features.spreads``."""

BESIDE_VOICE = 0.4
"""How wide the blocks of style are beside those of a voice: together about half as wide as either."""

ENGLISH = 0.9
"""Part of the base that is in English from which its registers are heard."""

HEARD = 0.5
STANDS_OUT = 0.4
NO_VOICE = ("no-voice", "persona: too few samples per prompt to tell a voice from its subject; style alone is judged")


class Features(Protocol):
    """Learnt blocks of features."""

    @property
    def heard_in(self) -> str:
        """What the modes rest on, for a reader."""

    @property
    def spreads(self) -> tuple[float, ...]:
        """Per block, the standard deviation that it is brought to over all its columns, however many these are."""

    def blocks(self, reading: Reading) -> list[Matrix]:
        """One matrix ``(rows, width)`` per block."""

    def names(self, reading: Reading, labels: Labels, sizes: Sequence[int]) -> list[str]:
        """A name for each mode, level after level; see ``naming.name_modes``."""


@dataclass(frozen=True)
class Voice:
    """The embedding, and the words that are used whatever the prompt."""

    space: WordSpace
    heard_in: str = "its embedding and words against other answers to the same prompt"
    spreads: tuple[float, ...] = (1, 1)

    @classmethod
    def learn(cls, reading: Reading) -> Voice:
        """From words and prompts."""
        table = WordTable.count(reading.voice_words).across(reading.rows.prompts).common()
        return cls(WordSpace.learn(table, VOICE_DIRECTIONS))

    def blocks(self, reading: Reading) -> list[Matrix]:
        """See ``Features``."""
        if reading.rows.vectors is None:
            raise ValueError("the persona facet needs Rows.vectors")
        return [reading.rows.vectors.astype(np.float64), self.space.project(reading.voice_words)]

    def names(self, reading: Reading, labels: Labels, sizes: Sequence[int]) -> list[str]:
        """By words that are used whatever the prompt; where there are none, by the habits that stand out most."""
        rows = reading.rows
        documents = content_words(rows, echoed=False)
        spoken = set(WordTable.count(Terms.of([sorted(found) for found in documents])).across(rows.prompts).vocabulary)
        habits = _outstanding(_normal_scores(reading.style_counts, _quantiles(reading)), labels, sizes)
        return name_modes([spoken & found for found in documents], languages_of(rows), labels, sizes, kinds=habits)


@dataclass(frozen=True)
class Style:
    """Register (see ``register``) where the corpus is ``in_english``, and what is learnt from the corpus itself.

    That is sequences of function words and marks with the content masked (Stamatatos 2018), and habits counted by rule,
    as normal scores of their ranks among the learning sample, kept as ``quantiles``.
    """

    space: WordSpace
    quantiles: Matrix
    in_english: bool
    heard_in: str = "its function words, marks, habits and ways of putting things, content left aside"

    @classmethod
    def learn(cls, reading: Reading, in_english: bool) -> Style:
        """From words and languages."""
        space = WordSpace.learn(WordTable.count(reading.grammar_sequences).common(), STYLE_DIRECTIONS)
        return cls(space, _quantiles(reading), in_english)

    @property
    def spreads(self) -> tuple[float, ...]:
        """See ``Features``."""
        return (BESIDE, BESIDE, 1) if self.in_english else (1, 1)

    def blocks(self, reading: Reading) -> list[Matrix]:
        """See ``Features``."""
        own = [self.space.project(reading.grammar_sequences), self.habits(reading)]
        return [*own, reading.register] if self.in_english else own

    def names(self, reading: Reading, labels: Labels, sizes: Sequence[int]) -> list[str]:
        """By the habits that stand out most, with function words in brackets: "hedging, asking (can · might)"."""
        documents = [set(filter(_tells_grammar, masked)) for masked in reading.grammar_words]
        tags = _outstanding(self.habits(reading), labels, sizes)
        return name_modes(documents, languages_of(reading.rows), labels, sizes, tags)

    def habits(self, reading: Reading) -> Matrix:
        """Normal scores of the hand-made counts, ``(rows, len(STYLE_NAMES))``."""
        return _normal_scores(reading.style_counts, self.quantiles)


@dataclass(frozen=True)
class Tone:
    """Voice and style at once, for texts that are set against others that say the same."""

    voice: Voice
    style: Style
    heard_in: str = "its embedding, words and habits against other texts that say the same"

    @classmethod
    def learn(cls, reading: Reading, in_english: bool) -> Tone:
        """As voices and styles are learnt."""
        return cls(Voice.learn(reading), Style.learn(reading, in_english))

    @property
    def spreads(self) -> tuple[float, ...]:
        """See ``Features``."""
        return (*self.voice.spreads, *(BESIDE_VOICE * spread for spread in self.style.spreads))

    def blocks(self, reading: Reading) -> list[Matrix]:
        """See ``Features``."""
        return [*self.voice.blocks(reading), *self.style.blocks(reading)]

    def names(self, reading: Reading, labels: Labels, sizes: Sequence[int]) -> list[str]:
        """As styles are named."""
        return self.style.names(reading, labels, sizes)


def _tells_grammar(word: str) -> bool:
    """One letter of ASCII says little ("a", "s"); one of another script may be a word."""
    return word[0].isalpha() and (len(word) > 1 or not word.isascii())


def _quantiles(reading: Reading) -> Matrix:
    """Of each hand-made count, ``(quantiles, len(STYLE_NAMES))``."""
    return np.quantile(reading.style_counts, np.linspace(0, 1, min(QUANTILES, len(reading.rows))), axis=0)


def _normal_scores(counts: Matrix, quantiles: Matrix) -> Matrix:
    from scipy.special import ndtri

    scores = np.empty(counts.shape)
    for column, values in enumerate(counts.T):
        known = quantiles[:, column]
        ranks = np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")
        scores[:, column] = ndtri((ranks / 2 + 0.5) / (len(known) + 1))
    return scores


def _outstanding(habits: Matrix, labels: Labels, sizes: Sequence[int]) -> list[str]:
    """For each mode, level after level, the two habits furthest above those of all rows: "hedging, asking"; or ""."""
    modes = [level == mode for level, size in zip(labels.T, sizes, strict=True) for mode in range(size)]
    average = habits.mean(axis=0)
    above = [habits[inside].mean(axis=0) - average if inside.any() else 0 * average for inside in modes]
    return [
        ", ".join(STYLE_NAMES[i] for i in np.argsort(-by, kind="stable")[:2] if by[i] >= STANDS_OUT) for by in above
    ]


@dataclass(frozen=True)
class Source:
    """One way of hearing a persona: features, adjusted for prompt, length, formatting and language, and clusters.

    Of a tone, what texts have on average that say the same is taken from the features as well.
    """

    name: str
    features: Features
    adjustment: Adjustment
    said: Said | None
    directions: Points
    clusters: Flats

    @classmethod
    def learn(
        cls, name: str, reading: Reading, in_english: bool, fit: Callable[[Points], Flats]
    ) -> tuple[Source, Points]:
        """The source and the points of ``reading``, whose rows are in content-hash order."""
        features = _features(name, reading, in_english)
        blocks = features.blocks(reading)
        raw = np.concatenate(blocks, axis=1)
        adjustment = Adjustment.learn(raw, reading)
        left = adjustment.apply(raw, reading)
        said = Said.learn(left, reading.rows) if name == "tone" else None
        if said is not None:
            left = said.taken_from(left, reading.rows)
        scales = _brought_to(features.spreads, left, [block.shape[1] for block in blocks])
        components = principal_components(left * scales, DIMENSIONS) * scales
        shared = shared_variation(left @ components.T, reading.rows.prompts)
        directions = np.asarray(shared.T @ components, dtype=np.float32)
        points = np.asarray(left @ directions.T, dtype=np.float32)
        return cls(name, features, adjustment, said, directions, fit(points)), points

    def project(self, reading: Reading) -> Points:
        """Points of the rows read, float32 ``(rows, dimensions)``."""
        left = self.adjustment.apply(np.concatenate(self.features.blocks(reading), axis=1), reading)
        if self.said is not None:
            left = self.said.taken_from(left, reading.rows)
        return np.asarray(left @ self.directions.T, dtype=np.float32)


def _features(name: str, reading: Reading, in_english: bool) -> Features:
    if name == "voice":
        return Voice.learn(reading)
    return Style.learn(reading, in_english) if name == "style" else Tone.learn(reading, in_english)


def _brought_to(wanted: Sequence[float], values: Matrix, widths: Sequence[int]) -> Matrix:
    """Per column, the factor that gives each block of columns the standard deviation ``wanted``."""
    ends = np.cumsum(widths)[:-1]
    spreads = [np.sqrt(part.sum()) for part in np.split(values.var(axis=0), ends)]
    factors = [to / spread if spread > 1e-9 else 0.0 for to, spread in zip(wanted, spreads, strict=True)]
    return np.repeat(factors, widths)


@dataclass(frozen=True)
class PersonaPartition:
    """Learnt personas; a level is one granularity of one source. ``stability``: see ``clustering.stability``."""

    modes: Sequence[Mode]
    notes: Sequence[tuple[str, str]]
    stability: NDArray[np.float64]
    sources: Sequence[Source]

    def label(self, rows: Rows) -> Labels:
        """Index into ``modes`` per row and level, shape ``(rows, levels)``."""
        reading = Reading.of(rows)
        found = [source.clusters.label(source.project(reading)) for source in self.sources]
        labels = np.concatenate([np.empty((len(rows), 0), dtype=np.int32), *found], axis=1)
        return numbered(labels, [size for source in self.sources for size in source.clusters.sizes])


class PersonaFacet:
    """Voices, styles and, of texts that say the same, tones: each at four granularities, fewer where rows are few."""

    name = "persona"
    needs_vectors = True

    def learn(self, rows: Rows, anchor: Rows, seed: int) -> PersonaPartition:
        """See ``Facet.learn``."""
        rows, anchor = rows.take(rows.sample(LEARNING_ROWS)), anchor.take(anchor.sample(LEARNING_ROWS))
        counts = granularities(len(rows), len(anchor), CUTS)
        if not counts:
            return PersonaPartition((), (too_few("persona", len(rows), len(anchor)),), np.empty(0), ())
        reading = Reading.of(rows)
        base = Reading.of(anchor, known=reading)
        sources = _audible(reading, base)
        heard = in_threads(lambda name: _hear(name, reading, base, counts, seed), sources)
        levels = [level for source in heard for level in source.levels]
        return PersonaPartition(
            modes=[replace(mode, level=number) for number, level in enumerate(levels) for mode in level],
            notes=[*([] if "voice" in sources else [NO_VOICE]), *(note for one in heard for note in one.notes)],
            stability=np.concatenate([one.stability for one in heard]),
            sources=[one.source for one in heard],
        )


@dataclass(frozen=True)
class _Heard:
    """What one source brings to the partition; ``levels`` holds its modes."""

    source: Source
    levels: Sequence[Sequence[Mode]]
    notes: Sequence[tuple[str, str]]
    stability: NDArray[np.float64]


@dataclass(frozen=True)
class _Own:
    """The base's own personas: their labels of its rows and their ids, per granularity.

    ``steady`` has the labels of those alone that the base would give again.
    """

    labels: Labels
    steady: Labels
    ids: list[list[str]]

    @classmethod
    def learn(cls, name: str, base: Reading, in_english: bool, counts: Sequence[int], seed: int) -> _Own:
        """From the base alone, whatever it is compared with."""
        source, points = Source.learn(name, base, in_english, partial(spread, counts=counts))
        labels = source.clusters.label(points)
        ids = fresh_ids(source.clusters, points, base.rows.hashes, _prefixes(name))
        return cls(
            labels,
            steady(points, labels, lambda half: spread(points[half], counts, None, WARD_ROWS_OF_HALF), seed),
            ids,
        )


def _hear(name: str, reading: Reading, base: Reading, counts: Sequence[int], seed: int) -> _Heard:
    in_english = _is_english(base.rows if len(base.rows) else reading.rows)
    own = _Own.learn(name, base, in_english, counts, seed) if len(base.rows) else None
    place = matched(reading.rows.hashes, base.rows.hashes)
    known = None if own is None else np.where(place[:, None] >= 0, own.steady[place], -1)
    source, points = Source.learn(name, reading, in_english, partial(spread, counts=counts, known=known))
    labels = source.clusters.label(points)
    ids = fresh_ids(source.clusters, points, reading.rows.hashes, _prefixes(name))
    if own is not None:
        ids = inherit(ids, source.clusters.label(source.project(base)), own.ids, own.labels)
    again = partial(_spread_again, points=points, base_rows=place >= 0, known=known, counts=counts)
    return _Heard(
        source,
        _modes(source, reading, labels, ids),
        overlap_notes(name, reading.rows, labels),
        np.concatenate(stability(points, labels, again, seed)),
    )


def _spread_again(
    some: NDArray[np.int64],
    points: Points,
    base_rows: NDArray[np.bool_],
    known: Labels | None,
    counts: Sequence[int],
) -> Flats:
    """Clusters of ``some`` of the points, found as those of all of them are: from the base's own, where steady."""
    points, base_rows = points[some], base_rows[some]
    if known is None or not base_rows.any():
        return spread(points, counts, None, WARD_ROWS_OF_HALF)
    own = spread(points[base_rows], counts, None, WARD_ROWS_OF_HALF).label(points[base_rows])
    again = known[some]
    again[base_rows] = np.where(again[base_rows] >= 0, own, -1)
    return spread(points, counts, again, WARD_ROWS_OF_HALF)


def _prefixes(name: str) -> list[str]:
    return [f"{name}-{cut}" for cut in CUTS]


def _audible(reading: Reading, base: Reading) -> list[str]:
    """A voice can be told from its subject only by other texts of the same prompt, a tone by others that say the same.

    The ``base`` must say most things in several ways by itself, and the other side's texts have counterparts as often.
    """
    voiced = rows_with_own_mean(reading.rows).mean() >= HEARD
    if not len(base.rows):
        toned = is_parallel(reading)
    else:
        of_base = matched(reading.rows.hashes, base.rows.hashes) >= 0
        toned = is_parallel(base) and are_parallel_alike(reading, of_base)
    return [*(["voice"] if voiced else []), "style", *(["tone"] if toned else [])]


def _is_english(rows: Rows) -> bool:
    """Whether hardly a row is in another language: beside registers of English, those would be one style."""
    languages = languages_of(rows)
    known = languages[languages != UNDETERMINED]
    return bool(len(known)) and float((known == "en").mean()) >= ENGLISH


def _modes(source: Source, reading: Reading, labels: Labels, ids: Sequence[Sequence[str]]) -> list[list[Mode]]:
    names = iter(source.features.names(reading.head(NAMING_ROWS), labels[:NAMING_ROWS], source.clusters.sizes))
    return [
        [
            Mode(
                id=mode_id,
                label=f"{source.name}: {next(names)}",
                rule=f"of {len(level)} {source.name}s found, this one is nearest: {source.features.heard_in}",
            )
            for mode_id in level
        ]
        for level in ids
    ]
