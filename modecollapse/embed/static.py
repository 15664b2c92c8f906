"""The fast encoder: one vector per word piece, summed. For corpora on which a network would take too long."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from modecollapse.embed.pieces import PieceTokenizer
from modecollapse.embed.weights import BRANCH, CHUNKS, MAX_TOKENS, WIDTH, WINDOWS, universal
from modecollapse.engine.threads import in_threads

VERSION = 3  # of our own arithmetic: count up whenever the same weights would give other vectors
BLOCK = 128
DECIMALS = 5
"""Of a piece's vector, whose entries are of the order of one. Libraries multiply a row otherwise at another place of a
block: not by more than the last digits of a double, which are cut off here."""
TEXTS = 4096

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]


class StaticEncoder:
    """What the default encoder's network sees of each word piece by itself, summed over the text.

    The network (see ``embed.universal``) sums features of pieces in their windows; here every piece stands alone in its
    window, so that it has one vector wherever it occurs, and a text takes one sparse product. Needs no torch.
    ``benchmarks.facets --encoder fast`` measures what that costs in modes found.
    """

    name = "fast"
    max_tokens = MAX_TOKENS
    metric = "fast"

    @cached_property
    def fingerprint(self) -> str:
        """Over weights, tokenizer, cut and arithmetic."""
        digest = hashlib.sha256(f"{self.name} {VERSION} {MAX_TOKENS}".encode())
        for file in ("weights.npz", "sp.model"):
            digest.update(universal(file).read_bytes())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, ``(len(texts), 512)``."""
        parts = [self._sums(texts[start : start + TEXTS]) for start in range(0, len(texts), TEXTS)]
        vectors = np.concatenate([np.empty((0, WIDTH), dtype=np.float32), *parts])
        unit: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def truncated(self, texts: Sequence[str]) -> int:
        """How many of ``texts`` have more than 256 pieces."""
        return self._tokenizer.truncated([_cased(text) for text in texts if len(text) > MAX_TOKENS - 2], MAX_TOKENS)

    def _sums(self, texts: Sequence[str]) -> Matrix:
        from scipy.sparse import csr_array

        tokens = self._tokenizer.encode([_cased(text) for text in texts], MAX_TOKENS)
        pieces = np.concatenate([np.array(found, dtype=np.int32) for found in tokens])
        ends = np.cumsum([0, *map(len, tokens)])
        places, vectors = self._table.look_up(pieces)
        # Summed piece by piece in the order of the text: a text has the same vector in any company.
        weights = csr_array((np.ones(len(places), dtype=np.float32), places, ends), shape=(len(texts), len(vectors)))
        return np.asarray(weights @ vectors, dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> PieceTokenizer:
        return PieceTokenizer(universal("sp.model"))

    @cached_property
    def _table(self) -> _PieceVectors:
        return _PieceVectors()


class _PieceVectors:
    """The vector of each piece, computed when the piece is first met."""

    def __init__(self) -> None:
        with np.load(universal("weights.npz"), allow_pickle=False) as arrays:
            self._weights = {name: arrays[name].astype(np.float64) for name in arrays.files if name[0] != "q"}
            first = arrays["q1"]
            quantised = np.empty((len(first), CHUNKS, WIDTH), dtype=first.dtype)
            for chunk in range(CHUNKS):
                quantised[:, chunk] = arrays[f"q{chunk + 1}"]
        self._quantised = quantised.reshape(-1, WIDTH)
        self._vectors = np.empty((0, WIDTH), dtype=np.float32)
        self._places = np.full(len(self._quantised), -1, dtype=np.int32)
        self._known = 0
        self._lock = Lock()

    def look_up(self, pieces: NDArray[np.int32]) -> tuple[NDArray[np.int32], Matrix]:
        """The place of each of ``pieces`` among vectors ``(places, 512)``, and these."""
        with self._lock:
            unmet = np.unique(pieces[self._places[pieces] < 0])
            if len(unmet):
                met = np.concatenate(in_threads(self._alone, list(_blocks(unmet))))
                # The vectors first: whoever is interrupted here leaves no place without one.
                self._vectors = np.concatenate([self._vectors[: self._known], met[: len(unmet)]])
                self._places[unmet] = self._known + np.arange(len(unmet))
                self._known += len(unmet)
            return self._places[pieces], self._vectors

    def _alone(self, pieces: NDArray[np.int32]) -> Matrix:
        weights, chunk = self._weights, pieces % CHUNKS
        raw = self._quantised[pieces] * weights["scale"][chunk, None] + weights["lo"][chunk, None]
        projected = np.concatenate([raw @ weights[f"proj{n}"] + weights[f"proj_b{n}"] for n, _ in WINDOWS], axis=1)
        gain, bias = (np.concatenate([weights[f"{name}{n}"] for n, _ in WINDOWS]) for name in ("ln_g", "ln_b"))
        inputs = np.split(self._normal(projected, gain, bias), len(WINDOWS), axis=1)
        branches = [self._convolve(part, *window) for part, window in zip(inputs, WINDOWS, strict=True)]
        features = self._normal(np.concatenate([raw, *branches], axis=1), weights["ln_g"], weights["ln_b"])
        found: Floats = features @ weights["cnn_W"] + weights["cnn_b"]
        return found.round(DECIMALS).astype(np.float32)

    def _convolve(self, inputs: Floats, places: int, left: int) -> Floats:
        """Two convolutions whose windows hold nothing but the piece itself."""
        for layer in (1, 2):
            centre = self._weights[f"w{layer}_{places}"].reshape(places, BRANCH, BRANCH)[left]
            inputs = np.maximum(inputs @ centre + self._weights[f"b{layer}_{places}"], 0) + inputs
        return inputs

    def _normal(self, values: Floats, gain: Floats, bias: Floats) -> Floats:
        """Layer normalisation over all columns."""
        centred = values - values.mean(axis=1, keepdims=True)
        deviation = np.sqrt(values.var(axis=1, keepdims=True) + self._weights["eps"])
        normal: Floats = centred / deviation * gain + bias
        return normal


def _cased(text: str) -> str:
    """``text``, in small letters where it has no others than capitals: these have pieces of their own, or hardly any.

    A network sees past that. Here a text that is shouted would lie far from what it says, and be taken for a subject.
    """
    return text.lower() if text.isupper() else text


def _blocks(pieces: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Blocks of one size: libraries choose their kernels by shape."""
    filled = np.concatenate([pieces, np.zeros(-len(pieces) % BLOCK, dtype=np.int32)])
    yield from filled.reshape(-1, BLOCK)
