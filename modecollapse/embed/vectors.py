"""The embedding step: each distinct text once, from the cache where it has been before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modecollapse.embed.cache import EmbeddingCache
from modecollapse.embed.encoder import Encoder
from modecollapse.errors import ModelError
from modecollapse.progress import Progress

STEP = 2048  # texts between two reports of progress, and what an interrupted run loses at most


def embed(
    texts: Sequence[str], encoder: Encoder, cache: EmbeddingCache | None, progress: Progress
) -> NDArray[np.float32]:
    """Unit vectors of ``texts``, ``(len(texts), dimensions)``.

    A vector depends on its text and the encoder alone: components are held as float16 (an error of 5e-4 of each at
    most), whether they come from the cache or not, which also takes away most of what differs between machines. A
    text that an encoder has nothing to say about (a zero vector) gets the vector with all components equal.
    Raises ``ModelError`` where the encoder does not give one finite vector per text.
    """
    distinct = sorted(set(texts), key=lambda text: (len(text), text))
    progress.stage("embedding", len(distinct))
    known = cache.get(encoder.fingerprint, distinct) if cache else {}
    progress.advance(len(known))
    rows = dict(known)
    missing = [text for text in distinct if text not in known]
    for start in range(0, len(missing), STEP):
        part = missing[start : start + STEP]
        found = _encoded(part, encoder)
        if cache:
            cache.put(encoder.fingerprint, part, found)
        rows.update(zip(part, found, strict=True))
        progress.advance(len(part))
    if not rows:
        return np.empty((0, 0), dtype=np.float32)
    return _unit(np.stack([rows[text] for text in texts]).astype(np.float32))


def _encoded(texts: Sequence[str], encoder: Encoder) -> NDArray[np.float16]:
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
