"""Encoders: anything with one ``encode`` method."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """What the report calls it."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors would: the key of the cache."""

    @property
    def max_tokens(self) -> int | None:
        """How much of a text is seen, in the encoder's own tokens. None: all of it."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, shape ``(len(texts), dimensions)``."""

    def truncated(self, texts: Sequence[str]) -> int:
        """How many of ``texts`` are longer than ``max_tokens``."""


class Named:
    """An encoder by its name: other processes and machines load it themselves, each once."""

    def __init__(self, key: str) -> None:
        """The one that ``load_encoder(key)`` gives."""
        self._key = key

    @property
    def name(self) -> str:
        """See ``Encoder``."""
        return _loaded(self._key).name

    @property
    def fingerprint(self) -> str:
        """See ``Encoder``."""
        return _loaded(self._key).fingerprint

    @property
    def max_tokens(self) -> int | None:
        """See ``Encoder``."""
        return _loaded(self._key).max_tokens

    @property
    def metric(self) -> str:
        """See ``metric``."""
        return metric(_loaded(self._key))

    @property
    def arithmetic(self) -> str:
        """See ``arithmetic``."""
        return arithmetic(_loaded(self._key))

    @property
    def paraphrase_cosine(self) -> float | None:
        """See ``paraphrase_cosine``."""
        return paraphrase_cosine(_loaded(self._key))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See ``Encoder``."""
        return _loaded(self._key).encode(texts)

    def truncated(self, texts: Sequence[str]) -> int:
        """See ``Encoder``."""
        return _loaded(self._key).truncated(texts)


def paraphrase_cosine(encoder: Encoder) -> float | None:
    """From which mean cosine on phrases say much the same; None where that is not known of an encoder."""
    cosine: float | None = getattr(encoder, "paraphrase_cosine", None)
    return cosine


def metric(encoder: Encoder) -> str:
    """Name of the metric that tells subjects among an encoder's vectors (``facets.metric``), "" where there is none."""
    name: str = getattr(encoder, "metric", "")
    return name


def arithmetic(encoder: Encoder) -> str:
    """The numbers that an encoder's products are of, on this machine: "float32", or "bfloat16"."""
    numbers: str = getattr(encoder, "arithmetic", "float32")
    return numbers


@lru_cache(maxsize=1)
def _loaded(key: str) -> Encoder:
    return load_encoder(key)


def load_encoder(name: str) -> Encoder:
    """The encoder called ``name``: "default", "fast", or a name or folder that sentence-transformers can load.

    Raises ``ModelError`` where there is no such encoder. Those two read their weights at the first use only.
    """
    if name == "default":
        from modecollapse.embed.bundled import BundledEncoder

        return BundledEncoder()
    if name == "fast":
        from modecollapse.embed.static import StaticEncoder

        return StaticEncoder()
    from modecollapse.embed.models import ModelEncoder

    return ModelEncoder(name)
