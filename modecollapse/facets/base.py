"""What every facet has in common: it learns modes from a bounded sample, then labels any batch of rows.

*Learning* is blind to which corpus a row came from; the sides only enter the tests. *Labelling* uses nothing but the
learnt partition, so rows can stream through it, on one machine or many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import Concealment
from modecollapse.texts import take

T = TypeVar("T")

BATCH = 4_096
"""Rows looked at together: what is read off more of them is never held at once."""


class Unread(Enum):
    """What is still to be read: a member of an enumeration is itself in every process."""

    UNREAD = "unread"


UNREAD: Any = Unread.UNREAD
"""Stands in ``Rows.known`` where something is to be read off the text."""


def _as_it_is(concealment: Concealment, value: T) -> T:
    return value


@dataclass(frozen=True)
class Reader(Generic[T]):
    """Something that is read off texts, one answer for each.

    The program's own facets see texts through readers alone, so that a baseline can keep what was read in place of the
    texts: JSON of the type ``kind``, without what its ``Concealment`` hides. ``seal`` hides it in the texts of the new
    side as well, where it is compared with them; ``keep`` in the baseline alone.
    """

    name: str
    read: Callable[[Sequence[str]], list[T]]
    kind: Any
    seal: Callable[[Concealment, T], T] = _as_it_is
    keep: Callable[[Concealment, T], T] = _as_it_is


def _taken(named: Mapping[str, Sequence[T]], index: NDArray[np.int64]) -> dict[str, list[T]]:
    places = index.tolist()
    return {name: [values[i] for i in places] for name, values in named.items()}


def of_each(read: Callable[[str], T]) -> Callable[[Sequence[str]], list[T]]:
    """``read`` for many texts, one after the other."""
    return lambda texts: [read(text) for text in texts]


@dataclass(frozen=True)
class Rows:
    """A batch of rows as a facet sees them. All sequences have one entry per row; order carries no meaning.

    ``prompts`` holds indices into ``prompt_texts``; ``vectors`` is float32 ``(rows, dimensions)``, each of unit length,
    or None where no facet in play asks for it; ``metric`` names what tells subjects among them (``facets.metric``), ""
    where that is not known. ``languages`` holds the language facet's label of each row ("en", "und",
    "mixed" …), once that facet has run. ``hashes`` is a content hash of prompt and text (stable across runs, machines
    and corpora): the only thing to sort or sample by. ``columns`` are the user's own labels (``--facet column:NAME``).
    Rows of a baseline have no text; ``known`` holds what was read off it, by the reader's name, and ``concealment``
    what hides words of the others likewise. ``ahead`` holds what has been read off all of them already (``ahead``).
    """

    texts: Sequence[str]
    prompts: NDArray[np.int32]
    prompt_texts: Sequence[str]
    hashes: NDArray[np.uint64]
    vectors: NDArray[np.float32] | None = None
    metric: str = ""
    languages: NDArray[np.str_] | None = None
    columns: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    known: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    ahead: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    concealment: Concealment | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, index: NDArray[np.int64]) -> Rows:
        """The rows at ``index`` (integers), in that order."""
        return replace(
            self,
            texts=take(self.texts, index),
            prompts=self.prompts[index],
            hashes=self.hashes[index],
            vectors=None if self.vectors is None else self.vectors[index],
            languages=None if self.languages is None else self.languages[index],
            columns=_taken(self.columns, index),
            known=_taken(self.known, index),
            ahead=_taken(self.ahead, index),
        )

    def batches(self, index: NDArray[np.int64], size: int = BATCH) -> Iterator[Rows]:
        """The rows at ``index``, some at a time: what is read off all of them need not be held at once."""
        for start in range(0, len(index), size):
            yield self.take(index[start : start + size])

    def read(self, reader: Reader[T]) -> list[T]:
        """What ``reader`` reads off each text, or has read off it before."""
        if reader.name in self.ahead:
            return list(self.ahead[reader.name])
        known = self.known.get(reader.name)
        if known is None:
            return [self._sealed(reader, value) for value in reader.read(self.texts)]
        unread = [text for text, before in zip(self.texts, known, strict=True) if before is UNREAD]
        fresh = iter(reader.read(unread))
        return [self._sealed(reader, next(fresh)) if before is UNREAD else before for before in known]

    def revealed(self, word: str) -> str:
        """A word that a reader gave, as its text has it."""
        return word if self.concealment is None else self.concealment.revealed(word)

    def _sealed(self, reader: Reader[T], value: T) -> T:
        return value if self.concealment is None else reader.seal(self.concealment, value)

    def sample(self, size: int) -> NDArray[np.int64]:
        """Indices of at most ``size`` rows in content-hash order: the same rows whatever their order."""
        return np.argsort(self.hashes, kind="stable")[:size]


@dataclass(frozen=True)
class Mode:
    """One mode of a facet.

    ``id`` is stable: the same base gives the same id with another new corpus (kebab-case ASCII, without the facet's
    name). ``label`` is what a reader sees; ``rule`` says in a sentence how a text gets this mode. Modes of one
    ``level`` are disjoint; a facet may cut at several granularities or nest modes, each granularity a level.
    ``parent`` is the index of the mode of a coarser level that contains this one, if any. ``node`` is true where the
    mode is a node of the word tree (a prefix), at which temperature is exactly an escort distribution, ``bare`` where
    it says little by itself, so that another one rather is the finding, ``subject`` where it is told by words of which
    hardly a text is left (``subjects``), ``catchword`` where by words that took over (``catchwords``), ``remainder``
    where it holds the texts that have no mode of this facet: it can grow at the cost of others, but nothing is lost
    where it shrinks.
    """

    id: str
    label: str
    rule: str
    level: int = 0
    parent: int | None = None
    node: bool = False
    bare: bool = False
    subject: bool = False
    catchword: bool = False
    remainder: bool = False


class Partition(Protocol):
    """Learnt modes, small and serialisable, with the rule that labels rows."""

    @property
    def modes(self) -> Sequence[Mode]:
        """All modes, of all levels."""

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Warnings for the report, as (stable kebab-case code, message)."""

    def label(self, rows: Rows) -> NDArray[np.int32]:
        """Index into ``modes`` per row and level, shape ``(rows, levels)``; -1 where a row has no mode at a level."""


class Facet(Protocol):
    """A way of cutting generations into modes. Never computes a p-value."""

    @property
    def name(self) -> str:
        """``language``, ``topic``, ``persona``, ``opening``, ``degeneration`` or ``column:NAME``."""

    @property
    def needs_vectors(self) -> bool:
        """Whether ``Rows.vectors`` must be given."""

    def learn(self, rows: Rows, anchor: Rows, seed: int) -> Partition:
        """Learn modes from ``rows``: a bounded sample of both corpora, blind to the side.

        ``anchor`` is a bounded sample of the base alone and serves one purpose: modes that the base has take their ids
        from it, so that ids do not depend on the new corpus.
        """
