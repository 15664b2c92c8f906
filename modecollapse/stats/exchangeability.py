"""Are the samples of a corpus independent between prompts?

A generator that starts every prompt from the same list of random seeds makes sample j of one prompt resemble sample j
of the others. Prompts are then no independent units, and a test over prompts finds differences that chance made.

H0: within each prompt, sample numbers are exchangeable. Numbers are permuted within prompts; the statistic is how far
first words agree between prompts at the same number, each prompt's own shares p̂ taken off:

    T = Σ_j Σ_w (Σ_i [sample j of prompt i begins with w] − p̂_iw)²

Rows that were put together from parts, or sorted, are set apart from it: neighbouring numbers are then alike.

T over its mean under H0 is the design effect of an average over these prompts, 1 + (prompts − 1) ρ (Kish 1965). No
more is drawn once H0 is plainly not rejected (Besag & Clifford 1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.001
"""The guard's own level: it looks at every corpus, and a false alarm costs power."""

_SORTED = 0.01
_RESAMPLES = 999
_ENOUGH = 10
"""Permutations at least as far as the data after which no more are drawn."""

_MOST_PROMPTS = 64
_MOST_NUMBERS = 32
"""Prompts and sample numbers looked at: a dependence that matters shows in these."""


@dataclass(frozen=True)
class Dependence:
    """p-value of *sample numbers are exchangeable within prompts*, and ρ, the correlation between prompts."""

    p_value: float = 1.0
    correlation: float = 0.0

    @property
    def shared(self) -> bool:
        """Whether samples of the same number depend on each other."""
        return self.p_value <= LEVEL

    def design_effect(self, prompts: int) -> float:
        """By how much the variance of an average over so many prompts is larger than if they were independent."""
        return max(1.0, 1 + (prompts - 1) * self.correlation) if self.shared else 1.0


def dependence(prompts: Ints, numbers: Ints, words: Ints, seed: int, numbered: bool = True) -> Dependence:
    """Test one corpus. Each array has shape ``(rows,)``: the prompt, the sample number, the first word (any code).

    ``numbered`` is false where the numbers are but places in a file: rows may be sorted or stand in groups there, and
    then places tell nothing of seeds. The result depends on rows and ``seed``, not on the order of the rows.
    """
    rows = _looked_at(np.column_stack([prompts, numbers, words]).astype(np.int64), seed)
    if not len(rows):
        return Dependence()
    layout = _Layout.of(rows)
    rng = np.random.default_rng(seed)
    observed = layout.agreement(layout.words)
    drawn: list[float] = []
    while len(drawn) < _RESAMPLES and sum(far >= observed - 1e-9 for far in drawn) < _ENOUGH:
        drawn.append(layout.agreement(layout.words[layout.within_prompts(rng)]))
    as_far = sum(far >= observed - 1e-9 for far in drawn)
    p_value = as_far / len(drawn) if as_far == _ENOUGH else (1 + as_far) / (1 + len(drawn))
    if p_value <= LEVEL and (layout.in_parts(rng) or (not numbered and layout.in_some_order(rng))):
        return Dependence()
    excess = observed / max(float(np.mean(drawn)), 1e-9) - 1
    return Dependence(p_value, float(np.clip(excess / layout.prompts.max(), 0, 1)))


def _looked_at(rows: Ints, seed: int) -> Ints:
    """Rows, in a fixed order, of numbers that stand in two prompts or more, in prompts with two such rows or more."""
    chosen = np.random.default_rng(seed).permutation(np.unique(rows[:, 0]))[:_MOST_PROMPTS]
    rows = rows[np.isin(rows[:, 0], chosen)]
    numbers, standing = np.unique(np.unique(rows[:, :2], axis=0)[:, 1], return_counts=True)
    shared = numbers[standing >= 2]
    commonest = shared[np.argsort(-standing[standing >= 2], kind="stable")][:_MOST_NUMBERS]
    rows = rows[np.isin(rows[:, 1], commonest)]
    several, samples = np.unique(rows[:, 0], return_counts=True)
    rows = rows[np.isin(rows[:, 0], several[samples >= 2])]
    return rows[np.lexsort(rows.T[::-1])] if len(np.unique(rows[:, 0])) >= 2 else rows[:0]


@dataclass(frozen=True)
class _Layout:
    """Rows sorted by prompt and number, as dense codes; ``expected`` holds Σ_i p̂_iw, shape ``(numbers, words)``.

    Words of one prompt alone can't agree between prompts: they share code 0, which does not count.
    """

    prompts: Ints
    numbers: Ints
    words: Ints
    expected: Floats

    @classmethod
    def of(cls, rows: Ints) -> _Layout:
        _, prompts = np.unique(rows[:, 0], return_inverse=True)
        _, numbers = np.unique(rows[:, 1], return_inverse=True)
        words = _words_of_several(prompts, rows[:, 2])
        share = np.zeros((prompts.max() + 1, words.max() + 1))
        np.add.at(share, (prompts, words), 1.0)
        share /= share.sum(1, keepdims=True)
        samples = np.zeros((numbers.max() + 1, len(share)))
        np.add.at(samples, (numbers, prompts), 1.0)
        return cls(prompts, numbers, words, samples @ share)

    def within_prompts(self, rng: np.random.Generator) -> Ints:
        """Rows permuted within prompts."""
        order: Ints = np.argsort(self.prompts + rng.random(len(self.prompts)))
        return order

    def agreement(self, words: Ints) -> float:
        """T."""
        cells = np.bincount(self.numbers * self.expected.shape[1] + words, minlength=self.expected.size)
        apart = cells.reshape(self.expected.shape) - self.expected
        return float((apart[:, 1:] ** 2).sum())

    def in_parts(self, rng: np.random.Generator) -> bool:
        """Whether numbers differ from their neighbours no more than by chance: the file was put together from parts.

        Half of the rows from one model and then half from another are no shared seeds: these set a number apart from
        both of its neighbours. The statistic sums, over numbers, the smaller of the two distances between word counts;
        its null swaps neighbours within prompts. With two numbers there is nothing to tell parts by, and this is true.
        """
        observed = self._apart(self.numbers)
        drawn = []
        for _ in range(_RESAMPLES):
            places = self.numbers + rng.integers(2)
            partner = (places ^ 1) - (places - self.numbers)
            swap = rng.random((self.prompts.max() + 1, places.max() // 2 + 1))[self.prompts, places // 2] < 0.5
            swap &= (partner >= 0) & (partner <= self.numbers.max())
            drawn.append(self._apart(np.where(swap, partner, self.numbers)))
        return bool((1 + sum(far >= observed - 1e-9 for far in drawn)) / (1 + _RESAMPLES) > _SORTED)

    def _apart(self, numbers: Ints) -> float:
        """How far each number's word counts are from those of its nearer neighbour."""
        cells = np.bincount(numbers * self.expected.shape[1] + self.words, minlength=self.expected.size)
        counts = cells.reshape(self.expected.shape)[:, 1:]
        far = (np.diff(counts, axis=0) ** 2).sum(1)
        return float(np.minimum(far[1:], far[:-1]).sum())

    def in_some_order(self, rng: np.random.Generator) -> bool:
        """Whether neighbours within prompts begin alike more or less often than under one permutation for all prompts.

        One for all, since under shared seeds a chance likeness of two numbers stands in every prompt.
        """
        observed = self._alike(self.words)
        drawn = []
        for _ in range(_RESAMPLES):
            keys = rng.random(self.numbers.max() + 1)
            drawn.append(self._alike(self.words[np.lexsort((keys[self.numbers], self.prompts))]))
        beyond = np.array([[far >= observed, far <= observed] for far in drawn]).sum(0).min()
        return bool(2 * (1 + beyond) / (1 + _RESAMPLES) <= _SORTED)

    def _alike(self, words: Ints) -> int:
        same = (words[1:] == words[:-1]) & (self.prompts[1:] == self.prompts[:-1]) & (words[1:] > 0)
        return int(same.sum())


def _words_of_several(prompts: Ints, words: Ints) -> Ints:
    """Words that stand in two prompts or more, numbered from 1; 0 for all others."""
    pairs = np.unique(np.column_stack([prompts, words]), axis=0)
    found, standing = np.unique(pairs[:, 1], return_counts=True)
    several = found[standing >= 2]
    codes: Ints = np.where(np.isin(words, several), np.searchsorted(several, words) + 1, 0)
    return codes
