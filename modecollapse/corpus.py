"""Reading generations: JSON Lines in the usual dialects → Corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Skipped:
    """A line that could not be used. ``line`` counts from 1 (for a JSON array: the element)."""

    line: int
    reason: str


@dataclass(frozen=True)
class Fields:
    """Which fields of a row were taken, as dotted paths (None: not there)."""

    text: str
    prompt: str | None
    temperature: str | None
    dialect: str


@dataclass(frozen=True)
class Corpus:
    """Generations of one model. Sequences have one entry per generation that can be used, in file order.

    ``prompt_keys`` identify the prompt (its ``prompt_id``, or its text), ``prompt_texts`` maps each key to the text
    (may be empty). ``lines`` are line numbers of the file. ``temperatures`` is NaN and ``samples`` -1 where unknown;
    ``decoding`` holds top_p, top_k and min_p where rows give them, NaN elsewhere. ``vectors`` only where every row
    has an ``embedding``. ``token_ids`` only where every row has them. ``sha256`` is over the rows' content in hash order, so
    that it does not depend on row order; ``skipped`` names each unusable line.
    """

    name: str
    texts: Sequence[str]
    prompt_keys: Sequence[str]
    prompt_texts: Mapping[str, str]
    lines: NDArray[np.int64]
    temperatures: NDArray[np.float64]
    samples: NDArray[np.int64]
    decoding: Mapping[str, NDArray[np.float64]]
    vectors: NDArray[np.float32] | None
    token_ids: Sequence[NDArray[np.int32]] | None
    columns: Mapping[str, Sequence[str | None]]
    rows: int
    skipped: Sequence[Skipped]
    fields: Fields
    sha256: str

    def __len__(self) -> int:
        return len(self.texts)
