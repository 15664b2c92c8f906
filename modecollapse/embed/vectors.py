"""The embedding step: each distinct text once, from the cache where it has been before."""

from __future__ import annotations

import mmap
from array import array
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from modecollapse import scratch
from modecollapse.embed.cache import EmbeddingCache
from modecollapse.embed.encoder import Encoder, metric
from modecollapse.engine.base import ONE_PROCESS, Engine
from modecollapse.errors import ModelError
from modecollapse.progress import Progress

STEP = 2048  # texts between two reports of progress, and what an interrupted run loses at most
MOST_IN_MEMORY = 256 << 20
"""Bytes of vectors beyond which they lie on disk."""

Index = NDArray[np.int64]


class Vectors:
    """Unit vectors of many texts, held as float16: in memory, or in a temporary file where they are very many.

    A baseline keeps them as they are held here, so that with it a comparison sees the vectors that its texts have.
    """

    def __init__(self, rows: int, dimensions: int, metric: str = "") -> None:
        """``rows`` zero vectors, to be filled by an encoder with that ``metric`` (see ``encoder.metric``).

        Raises ``ModecollapseError`` where the disk has no room for them.
        """
        self.metric = metric
        self._map: mmap.mmap | None = None
        size = 2 * rows * dimensions
        if size <= MOST_IN_MEMORY:
            self._values = np.zeros((rows, dimensions), dtype=np.float16)
            return
        self._map = scratch.mapped(size)
        self._values = np.frombuffer(self._map, dtype=np.float16).reshape(rows, dimensions)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and dimensions."""
        rows, dimensions = self._values.shape
        return rows, dimensions

    def __len__(self) -> int:
        return len(self._values)

    def put(self, index: Index, vectors: NDArray[np.floating]) -> None:
        """Keep the ``vectors`` of the rows at ``index``, ``(rows, dimensions)``."""
        self._values[index] = vectors
        self._forget()

    def take(self, index: Index) -> NDArray[np.float32]:
        """Those of the rows at ``index``, made of unit length again; zeros stay zeros."""
        found = self.held(index).astype(np.float32)
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        np.divide(found, norms, out=found, where=norms > 0)
        return found

    def held(self, index: Index) -> NDArray[np.float16]:
        """Those of the rows at ``index`` as they are held: of unit length but for the rounding."""
        found: NDArray[np.float16] = self._values[index]
        self._forget()
        return found

    def _forget(self) -> None:
        """Let the system have the memory of the file's pages: they are read again when they are needed."""
        if self._map is not None and hasattr(self._map, "madvise"):
            self._map.madvise(mmap.MADV_DONTNEED)


def embed(
    texts: Sequence[str], encoder: Encoder, cache: EmbeddingCache | None, progress: Progress
) -> NDArray[np.float32]:
    """Unit vectors of ``texts``, ``(len(texts), dimensions)``; see ``embed_all``."""
    vectors = embed_all(texts, encoder, cache, progress)
    return vectors.take(np.arange(len(vectors)))


def embed_all(
    texts: Sequence[str],
    encoder: Encoder,
    cache: EmbeddingCache | None,
    progress: Progress,
    engine: Engine = ONE_PROCESS,
) -> Vectors:
    """Unit vectors of ``texts``, some at a time: neither texts nor vectors need fit into memory.

    Other processes or machines of the ``engine`` load the ``encoder`` by its name: it must be one that has one.

    A vector depends on its text and the encoder alone: components are held as float16 (an error of 5e-4 of each at
    most), whether they come from the cache or not, which also takes away most of what differs between machines. A
    text that an encoder has nothing to say about (a zero vector) gets the vector with all components equal.
    Raises ``ModelError`` where the encoder does not give one finite vector per text.
    """
    first, of_first = _distinct(texts)
    progress.stage("embedding", len(first))
    vectors: Vectors | None = None
    begun: deque[_Part] = deque()

    def missing() -> Iterator[list[str]]:
        for start in range(0, len(first), STEP):
            begun.append(_Part.of(first[start : start + STEP], texts, encoder, cache))
            yield begun[-1].missing

    for fresh in engine.map(_encoded, encoder, missing(), -(-len(first) // STEP)):
        part = begun.popleft()
        found = part.whole(fresh)
        if cache and part.missing:
            cache.put(encoder.fingerprint, part.missing, fresh)
        vectors = vectors or Vectors(len(texts), found.shape[1], metric(encoder))
        vectors.put(part.index, found)
        progress.advance(len(part.index))
    if vectors is None:
        return Vectors(0, 0)
    again = np.flatnonzero(of_first != np.arange(len(texts)))
    for start in range(0, len(again), STEP):
        index = again[start : start + STEP]
        vectors.put(index, vectors.take(of_first[index]))
    return vectors


def truncated(texts: Sequence[str], encoder: Encoder, engine: Engine = ONE_PROCESS) -> int:
    """How many of ``texts`` are longer than the ``encoder`` reads."""
    starts = range(0, len(texts), STEP)
    return sum(engine.map(_truncated, encoder, (texts[start : start + STEP] for start in starts), len(starts)))


def _truncated(encoder: Encoder, texts: Sequence[str]) -> int:
    return encoder.truncated(texts)


def _distinct(texts: Sequence[str]) -> tuple[Index, Index]:
    """Where each distinct text stands first, and for each text where it does."""
    coded = (text.encode("utf-8", "surrogatepass") for text in texts)
    hashes = array("Q", (int.from_bytes(blake2b(text, digest_size=8).digest(), "little") for text in coded))
    _, first, number = np.unique(np.frombuffer(hashes, dtype=np.uint64), return_index=True, return_inverse=True)
    return np.sort(first), first[number]


@dataclass(frozen=True)
class _Part:
    """Some distinct texts: where they stand, the vectors that the cache knows, and those texts that it does not."""

    index: Index
    texts: list[str]
    known: Mapping[str, NDArray[np.float16]]
    missing: list[str]

    @classmethod
    def of(cls, index: Index, texts: Sequence[str], encoder: Encoder, cache: EmbeddingCache | None) -> _Part:
        some = [texts[i] for i in index.tolist()]
        known = cache.get(encoder.fingerprint, some) if cache else {}
        return cls(index, some, known, [text for text in some if text not in known])

    def whole(self, fresh: NDArray[np.float16]) -> NDArray[np.float16]:
        """Vectors of all the texts, where ``fresh`` are those of the missing ones."""
        if len(self.missing) == len(self.texts):
            return fresh
        vectors = {**self.known, **dict(zip(self.missing, fresh, strict=True))}
        return np.stack([vectors[text] for text in self.texts])


def _encoded(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float16]:
    if not texts:
        return np.empty((0, 0), dtype=np.float16)
    vectors = encoder.encode(texts)
    if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
        raise ModelError(
            "bad-vectors", f"{encoder.name} does not give one finite vector per text", hint="use another --embedder"
        )
    return _unit(vectors).astype(np.float16)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    vectors = np.where(vectors.any(axis=1, keepdims=True), vectors, np.float32(1))
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / norms).astype(np.float32)
    return unit
