"""Facets at work: learn each facet's modes from a bounded sample of both corpora, then label every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.ahead import read_ahead
from modecollapse.embed.vectors import Vectors
from modecollapse.engine import ONE_PROCESS, Engine
from modecollapse.errors import ConfigError
from modecollapse.facets.base import BATCH, Mode, Partition, Rows
from modecollapse.facets.readers import readers_of
from modecollapse.facets.registry import make_facet
from modecollapse.pairing import Pair, Side
from modecollapse.progress import Progress
from modecollapse.texts import take
from modecollapse.traits import Traits
from modecollapse.wrapping import find_wrapping

LEARNING_SAMPLE = 20_000
"""Rows that a facet learns from: time and memory of learning do not grow with the corpora."""


MAPPED_ROWS = 500
"""Rows of either side that a map shows: more would cover each other."""


@dataclass(frozen=True)
class Places:
    """Where some rows lie in a plane: ``rows`` are their indices, ``points`` has shape ``(rows, 2)``."""

    rows: NDArray[np.int64]
    points: NDArray[np.float32]


@dataclass(frozen=True)
class Labelled:
    """One facet's modes and the labels of every row, shape ``(rows, levels)``; ``member`` rows take part in it.

    ``places`` is there where the facet knows a plane. ``alike`` are modes that say much the same, as indices. ``notes``
    are warnings of what was done with the texts before the facet saw them; ``unlike`` says that those of one side could
    not be read as those of the other were, ``ends_alike`` that what nearly all new ones end with was left out.
    """

    name: str
    partition: Partition
    labels: NDArray[np.int32]
    member: NDArray[np.bool_]
    places: Places | None = None
    alike: Sequence[Sequence[int]] = ()
    notes: Sequence[tuple[str, str]] = ()
    unlike: bool = False
    ends_alike: bool = False

    @property
    def modes(self) -> Sequence[Mode]:
        """The facet's modes."""
        return self.partition.modes

    @property
    def levels(self) -> NDArray[np.int64]:
        """The level of each mode, shape ``(modes,)``."""
        return np.array([mode.level for mode in self.modes], dtype=np.int64)

    @property
    def stability(self) -> NDArray[np.float64]:
        """How well each mode is found again when the facet is learnt from half of the rows, shape ``(modes,)``.

        A Jaccard overlap; 1 where a facet does not learn its modes from the texts' likeness.
        """
        found = getattr(self.partition, "stability", None)
        return np.ones(len(self.modes)) if found is None else np.asarray(found, dtype=np.float64)

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Which modes come back when the facet is learnt from half of the rows, shape ``(modes,)``."""
        return self.stability >= _STABLE

    @property
    def holders(self) -> NDArray[np.int64] | None:
        """The mode that holds each one whole, as an index, ``(modes,)``, -1 for none; None where levels do not nest."""
        found: NDArray[np.int64] | None = getattr(self.partition, "holders", None)
        return found

    @property
    def traits(self) -> Traits:
        """What sets modes apart from each other, beside their texts."""
        bare, subject, catchword, remainder = (
            np.array(given, dtype=bool)
            for given in (
                [mode.bare for mode in self.modes],
                [mode.subject for mode in self.modes],
                [mode.catchword for mode in self.modes],
                [mode.remainder for mode in self.modes],
            )
        )
        prefix = np.full(len(self.modes), self.name == "opening")
        return Traits(self.stable, ~bare, subject, catchword, remainder, prefix, self.holders)


_STABLE = 0.5
"""Jaccard similarity over resamples below which a cluster is dissolved rather than found again (Hennig 2007)."""


def label_all(
    pair: Pair,
    names: Sequence[str],
    embed: Callable[[Sequence[str]], Vectors],
    seed: int,
    progress: Progress,
    engine: Engine = ONE_PROCESS,
) -> dict[str, Labelled]:
    """Label every row by every facet of ``names``, in the order in which they depend on each other.

    Degeneration first: degenerate rows leave the other facets. Language next: topics are learnt with it. Language,
    topic and persona see texts without what stands around all of one side's (``wrapping``). ``embed`` is called once,
    with the texts that take part, and only where a facet asks for vectors.
    """
    from modecollapse.facets.degeneration import degenerate_rows

    everything = np.ones(len(pair.rows), dtype=bool)
    read = prepared("degeneration", pair, progress, engine)
    labelled = {"degeneration": label("degeneration", read, everything, seed, progress, engine)}
    sound = ~degenerate_rows(labelled["degeneration"].labels)
    treatment = find_wrapping(pair, sound)
    inside = treatment.inside(pair)
    read = prepared("language", inside, progress, engine)
    spoken = label("language", read, sound, seed, progress, engine)
    unlike = bool(treatment.as_frozen)
    labelled["language"] = replace(spoken, notes=treatment.notes, unlike=unlike)
    codes = spoken.partition.codes(spoken.labels)  # type: ignore[attr-defined]
    pair, inside = (replace(each, rows=replace(each.rows, languages=codes)) for each in (pair, inside))
    own_languages = _told_by_base_alone(read, codes, sound, seed, engine)
    for name in names:
        if name in labelled:
            continue
        reads_inside = make_facet(name).needs_vectors
        if reads_inside and inside.rows.vectors is None and inside.vectors is None:
            inside = replace(inside, vectors=_embedded(inside, sound, embed))
        member = np.ones(len(sound), dtype=bool) if name.startswith("column:") else sound
        read = prepared(name, inside if reads_inside else pair, progress, engine)
        found = label(name, read, member, seed, progress, engine, own_languages)
        if reads_inside:
            alike = treatment.ends_alike and name == "topic"
            found = replace(found, notes=treatment.notes, unlike=unlike, ends_alike=alike)
        labelled[name] = found
    return labelled


def _told_by_base_alone(
    pair: Pair, languages: NDArray[np.str_], member: NDArray[np.bool_], seed: int, engine: Engine
) -> NDArray[np.str_]:
    """Languages of all rows, but those that the base's own modes are learnt from as the base alone would have them.

    Whether a short text is English may hang on the other corpus. The base's own modes must not, or three such texts in
    seven hundred give it another clustering and all its modes other ids.
    """
    from modecollapse.facets.language import LanguageFacet

    index = _sampled(pair.rows, member & pair.matched & (pair.side == Side.BASE))
    base = read_ahead(pair.rows.take(index), readers_of("language"), engine)
    partition = LanguageFacet().learn(base, base, seed)
    own = partition.codes(partition.label(base))
    languages = languages.astype(np.result_type(languages, own))
    languages[index] = own
    return languages


def _embedded(pair: Pair, sound: NDArray[np.bool_], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """Vectors of the rows that take part, those of a baseline as it has them; zeros for others, which no facet sees."""
    held = np.zeros(len(sound), dtype=bool) if pair.encoded is None else pair.encoded.any(axis=1)
    index = np.flatnonzero(sound & ~held)
    found = embed(take(pair.rows.texts, index)) if len(index) or pair.encoded is None else None
    if found is not None and len(found) == len(sound):
        return found
    dimensions = [known.shape[1] for known in (found, pair.encoded) if known is not None]
    vectors = Vectors(len(sound), dimensions[0], "" if found is None else found.metric)
    if pair.encoded is not None:
        vectors.put(np.flatnonzero(held), pair.encoded[held])
    for some in np.array_split(np.arange(len(index)), len(index) // BATCH + 1):
        if found is not None:
            vectors.put(index[some], found.take(some))
    return vectors


def prepared(name: str, pair: Pair, progress: Progress, engine: Engine = ONE_PROCESS) -> Pair:
    """A stage begins: ``pair`` with what the facet reads off texts at hand, where these are few enough for that."""
    progress.stage(f"finding modes: {name}")
    return replace(pair, rows=read_ahead(pair.rows, readers_of(name), engine))


def label(
    name: str,
    pair: Pair,
    member: NDArray[np.bool_],
    seed: int,
    progress: Progress,
    engine: Engine = ONE_PROCESS,
    spoken: NDArray[np.str_] | None = None,
) -> Labelled:
    """Learn the modes of one facet from the rows of base and new that are ``member``, and label every ``member``.

    ``engine`` does the labelling. ``spoken`` are the languages by which the base's own modes are learnt, if not those
    of the rows.
    """
    compared = member & pair.matched & (pair.side <= Side.NEW)
    anchor = pair if spoken is None else replace(pair, rows=replace(pair.rows, languages=spoken))
    partition = make_facet(name).learn(
        pair.batch(_sampled(pair.rows, compared)),
        anchor.batch(_sampled(pair.rows, compared & (pair.side == Side.BASE))),
        seed,
    )
    batches = np.split(np.flatnonzero(member), range(BATCH, int(member.sum()), BATCH))
    labels = np.full((len(pair.rows), 1 + max((mode.level for mode in partition.modes), default=-1)), -1, np.int32)
    labelled = engine.map(_label, partition, map(pair.batch, batches), len(batches))
    for batch, given in zip(batches, labelled, strict=True):
        found = _checked(name, partition, given, len(batch))
        labels[batch, : found.shape[1]] = found
        progress.advance(len(batch))
    return Labelled(name, partition, labels, member, _places(partition, pair, labels, compared))


def _places(partition: Partition, pair: Pair, labels: NDArray[np.int32], compared: NDArray[np.bool_]) -> Places | None:
    """Where the first labelled rows of both sides lie, as many of either, so that both look equally dense."""
    place: Callable[[Rows], NDArray[np.float32]] | None = getattr(partition, "place", None)
    if place is None or not labels.shape[1]:
        return None
    sides = [np.flatnonzero(compared & (labels[:, 0] >= 0) & (pair.side == side)) for side in (Side.BASE, Side.NEW)]
    rows = np.concatenate([side[: min(MAPPED_ROWS, *map(len, sides))] for side in sides])
    return Places(rows, place(pair.batch(rows))) if len(rows) else None


def _label(partition: Partition, rows: Rows) -> NDArray[np.int32]:
    return partition.label(rows)


def _checked(name: str, partition: Partition, given: NDArray[np.int32], rows: int) -> NDArray[np.int32]:
    """The labels that the partition has ``given``; a facet of another package may give anything."""
    labels = np.asarray(given)
    levels = np.array([mode.level for mode in partition.modes], dtype=np.int64)
    if labels.ndim != 2 or len(labels) != rows or labels.dtype.kind != "i":
        raise ConfigError("bad-plugin", f"facet {name!r} must label rows with integers of shape (rows, levels)")
    for level, column in enumerate(labels.T):
        used = np.unique(column[column != -1])
        if len(used) and (used.min() < 0 or used.max() >= len(levels) or (levels[used] != level).any()):
            raise ConfigError("bad-plugin", f"facet {name!r} labels rows with modes that level {level} has not")
    return labels.astype(np.int32)


def _sampled(rows: Rows, member: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Indices of at most ``LEARNING_SAMPLE`` of the rows, the first by content hash."""
    index = np.flatnonzero(member)
    return index[np.argsort(rows.hashes[index], kind="stable")[:LEARNING_SAMPLE]]
