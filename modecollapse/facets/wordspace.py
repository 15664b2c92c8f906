"""Texts as points by the words that they use: TF-IDF and its leading directions (latent semantic analysis)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import sealed
from modecollapse.facets.terms import Terms

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SPREAD = 0.5
FEWEST_ROWS = 5
LARGEST_VOCABULARY = 3_000
SVD_STEPS = 4


@dataclass(frozen=True)
class WordSpace:
    """A learnt vocabulary, its inverse document frequencies, and directions ``(dimensions, words)``."""

    vocabulary: tuple[str, ...]
    idf: NDArray[np.float64]
    directions: NDArray[np.float64]

    @classmethod
    def learn(cls, table: WordTable, dimensions: int) -> WordSpace:
        """From counted documents; the randomised SVD has a fixed seed."""
        from sklearn.utils.extmath import randomized_svd

        rows, width = table.counts.shape
        idf = np.log((1 + rows) / (1 + table.rows_with)) + 1
        kept = min(dimensions, rows, width)
        if not kept:
            return cls(table.vocabulary, idf, np.empty((0, width)))
        weighted = _weights(table.counts, idf)
        directions = randomized_svd(weighted, kept, n_iter=SVD_STEPS, random_state=0)[2]
        return cls(table.vocabulary, idf, directions)

    def project(self, terms: Terms) -> NDArray[np.float64]:
        """Points ``(documents, dimensions)``."""
        import pandas as pd

        numbers = np.array([terms.numbered(term) for term in self.vocabulary], dtype=np.int64)
        known = np.flatnonzero(numbers)
        if not len(known) or not terms.documents:
            return np.zeros((terms.documents, len(self.directions)))
        places = pd.Index(numbers[known]).get_indexer(pd.Index(terms.numbers))
        counts = _counts(terms, np.where(places >= 0, known[places], -1), len(self.vocabulary))
        return np.asarray(_weights(counts, self.idf) @ self.directions.T)


def _counts(terms: Terms, places: NDArray[np.int64], width: int) -> csr_array:
    """How often each word of a vocabulary stands in each document, sparse ``(documents, width)``.

    ``places`` are the ``terms`` as places in the vocabulary, -1 for those that are not in it.
    """
    from scipy.sparse import csr_array

    known = places >= 0
    cells = (terms.owners[known], places[known])
    return csr_array((np.ones(len(cells[0])), cells), shape=(terms.documents, width))


def _weights(counts: csr_array, idf: NDArray[np.float64]) -> csr_array:
    """TF-IDF with logarithmic term frequency, rows of unit length, sparse ``(documents, words)``."""
    from sklearn.preprocessing import normalize

    weighted = counts.copy()
    weighted.data = (1 + np.log(weighted.data)) * idf[weighted.indices]
    normalised: csr_array = normalize(weighted)
    return normalised


@dataclass(frozen=True)
class WordTable:
    """Occurrences of words in documents, sparse ``(documents, words)``; ``vocabulary`` has an order of its own."""

    counts: csr_array
    vocabulary: tuple[str, ...]

    @classmethod
    def count(cls, terms: Terms) -> WordTable:
        """The terms of ``FEWEST_ROWS`` documents and more."""
        import pandas as pd

        places, numbers = pd.factorize(terms.numbers)
        # Most sequences of words stand in one document: they are put aside before anything is built of them.
        often = np.bincount(places, minlength=len(numbers)) >= FEWEST_ROWS
        kept = np.where(often, np.cumsum(often) - 1, -1)[places]
        vocabulary = tuple(map(terms.spelled, numbers[often].tolist()))
        table = cls(_counts(terms, kept, len(vocabulary)), vocabulary)
        return table.keep(table.rows_with >= FEWEST_ROWS)._sorted()

    def _sorted(self) -> WordTable:
        """In the order of the words' seals: the randomised SVD depends on it, and a baseline has rare words sealed."""
        seals = [(sealed(word), word) for word in self.vocabulary]
        order = sorted(range(len(seals)), key=seals.__getitem__)
        return WordTable(self.counts[:, order], tuple(self.vocabulary[i] for i in order))

    @property
    def rows_with(self) -> NDArray[np.int64]:
        """Number of documents that have each word."""
        return np.bincount(self.counts.indices, minlength=len(self.vocabulary))

    def keep(self, chosen: NDArray[np.bool_]) -> WordTable:
        """Only some of the words."""
        kept = np.flatnonzero(chosen)
        return WordTable(self.counts[:, kept], tuple(self.vocabulary[i] for i in kept))

    def common(self) -> WordTable:
        """The words of most documents."""
        ranked = np.argsort(-self.rows_with, kind="stable")
        return self.keep(np.isin(np.arange(len(ranked)), ranked[:LARGEST_VOCABULARY]))

    def across(self, prompts: NDArray[np.int32]) -> WordTable:
        """Words of the speaker rather than of the subject: as chance would have it, spread over prompts.

        n rows drawn at random would have some number of prompts; a word in n rows needs ``SPREAD`` of that, and two
        prompts where there are several.
        """
        from scipy.sparse import csr_array

        sizes = np.bincount(prompts)
        ones = np.ones(len(prompts))
        of_prompt = csr_array((ones, (prompts, np.arange(len(prompts)))), shape=(len(sizes), len(prompts)))
        found = np.bincount((of_prompt @ self.counts).indices, minlength=len(self.vocabulary))
        shares, repeats = np.unique(sizes[sizes > 0] / len(prompts), return_counts=True)
        expected = (1 - (1 - shares) ** self.rows_with[:, None]) @ repeats
        return self.keep((found >= SPREAD * expected) & (found >= min(2, (sizes > 0).sum())))
