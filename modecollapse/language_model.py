"""py3langid's model, asked about many texts at once.

The library walks through a text byte by byte in Python. Here the texts of a batch walk side by side, a vector operation
per byte; features and scores are the library's own (Lui & Baldwin 2012, "langid.py: An off-the-shelf language
identification tool"), to the last digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

BATCH = 1024

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class LanguageModel:
    """A naive Bayes classifier on the byte n-grams that a finite automaton finds.

    ``moves`` holds the state after each byte, 256 to a row, and ``rows`` where each state's row begins, as many states
    share one; ``found`` is the feature found in a state, or -1. ``weights`` has shape ``(features, classes)``, ``bias``
    ``(classes,)``; ``classes`` are language codes, some of them more than once.
    """

    moves: NDArray[np.integer]
    rows: NDArray[np.int64]
    found: NDArray[np.int64]
    weights: Matrix
    bias: Matrix
    classes: Sequence[str]

    @property
    def languages(self) -> list[str]:
        """The language of each column of ``probabilities``."""
        return list(dict.fromkeys(self.classes))

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """How likely each language is for each text, shape ``(texts, languages)``; rows sum to 1."""
        coded = [_coded(text) for text in texts]
        # Texts of like length walk together, or the longest would keep all others waiting.
        order = sorted(range(len(texts)), key=lambda i: len(coded[i]))
        likely = np.empty((len(texts), len(self.languages)), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            likely[part] = self._of_batch([coded[i] for i in part])
        return likely

    def _of_batch(self, texts: Sequence[bytes]) -> Matrix:
        from scipy.sparse import csr_array

        lengths = np.array([len(text) for text in texts])
        row, feature = (np.concatenate(part) for part in zip(*self._walk(texts, lengths), strict=True))
        seen = csr_array((np.ones(len(row), dtype=np.float32), (row, feature)), shape=(len(texts), len(self.weights)))
        seen.sum_duplicates()
        seen.data = np.log1p(seen.data)
        scores = np.asarray(seen @ self.weights + self.bias)
        scores[np.diff(seen.indptr) == 0] = 0  # nothing that tells: all alike
        scores /= np.sqrt(np.maximum(lengths, 1))[:, None].astype(np.float32)
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        return self._by_language(likely / likely.sum(axis=1, keepdims=True))

    def _walk(
        self, texts: Sequence[bytes], lengths: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Rows and the features found in them, place by place; ``texts`` in ascending order of length."""
        width = int(lengths.max(initial=0))
        read = np.frombuffer(b"".join(text.ljust(width, b"\0") for text in texts), dtype=np.uint8)
        columns = np.ascontiguousarray(read.reshape(len(texts), width).T).astype(np.int64)
        state = np.zeros(len(texts), dtype=np.int64)
        yield state[:0], state[:0]
        for place, column in enumerate(columns):
            first = int(np.searchsorted(lengths, place, side="right"))
            state = self.moves[self.rows[state[first - len(texts) :]] + column[first:]]
            feature = self.found[state]
            hit = np.flatnonzero(feature >= 0)
            yield hit + first, feature[hit]

    def _by_language(self, likely: Matrix) -> Matrix:
        """Columns of one language added up."""
        if len(self.languages) == len(self.classes):
            return likely
        number = {code: column for column, code in enumerate(self.languages)}
        summed = np.zeros((len(likely), len(number)), dtype=np.float32)
        for column, code in enumerate(self.classes):
            summed[:, number[code]] += likely[:, column]
        return summed


@cache
def language_model() -> LanguageModel:
    """The one that comes with py3langid."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    theirs = LanguageIdentifier.from_model_file(MODEL_FILE)
    return LanguageModel(
        moves=np.asarray(theirs.tk_nextmove),
        rows=np.asarray(theirs.tk_row, dtype=np.int64) << 8,
        found=np.asarray(theirs.tk_output, dtype=np.int64),
        weights=np.asarray(theirs.nb_ptc, dtype=np.float32),
        bias=np.asarray(theirs.nb_pc, dtype=np.float32),
        classes=list(theirs.nb_classes),
    )


def _coded(text: str) -> bytes:
    """As the library reads it: capitals alone tell nothing of the language."""
    return (text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")
