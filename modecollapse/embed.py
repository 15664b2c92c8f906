"""Encoders: anything with one ``encode`` method. (The bundled default and the cache come next.)"""

from __future__ import annotations

from collections.abc import Sequence
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

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, shape ``(len(texts), dimensions)``."""
