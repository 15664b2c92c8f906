"""Has anything changed? Permutation of the side labels within prompts.

Where samples of the same number depend on each other between prompts (``stats.exchangeability``), the rows of one
number and side are a block, and one random order of the blocks holds for all prompts: in each prompt the rows of the
first blocks become its new side, as many as it has. With equal numbers of samples that is one swap for all prompts;
with unequal ones a prompt that lacks a block passes over it, and keeps its own numbers of rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from modecollapse.counts import CountTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ROWS = 100_000
"""Rows that are permuted: a change of share among them has a standard error of a third of a per cent at most."""

_CHUNK = 32_000_000
"""Entries of the side matrix held at once, in bytes: bounds memory however many rows there are."""


@dataclass(frozen=True)
class Change:
    """Result of the permutation test of a facet.

    ``p_value`` is for the facet, ``z`` and ``mode_p_values`` (adjusted over the facet's modes, Westfall & Young 1993)
    have shape ``(modes,)``; z > 0 where the new side has more. ``standard_error`` is that of each mode's new share
    under the null hypothesis, shape ``(modes,)``, and ``design_effect``, same shape, how many times the variance is
    larger than with independent rows: 1 unless rows depend on each other between prompts.
    """

    p_value: float
    largest_z: float
    distance: float
    z: Floats
    mode_p_values: Floats
    standard_error: Floats
    design_effect: Floats

    def first(self, modes: int) -> Change:
        """The same result with the arrays cut to the first ``modes`` modes."""
        return replace(
            self,
            z=self.z[:modes],
            mode_p_values=self.mode_p_values[:modes],
            standard_error=self.standard_error[:modes],
            design_effect=self.design_effect[:modes],
        )


def permutation_test(table: CountTable, resamples: int, seed: int) -> Change:
    """H0: within each prompt, base and new rows are exchangeable; where ``table`` has blocks, whole blocks are.

    Two statistics: the largest \\|z\\| of the modes' stratified hypergeometric counts, and the squared distance
    between the sides' shares per prompt. p = min(1, 2·min of both), each as (1 + b) / (1 + B).

    Of very many rows a random part stands for all, as large a part of each prompt and side: the test keeps its level,
    and a change that so many rows don't show is far below any tolerance.
    """
    table = table.thinned(MOST_ROWS, seed)
    strata = _Strata.of(table)
    expected, variance = _hypergeometric(table)
    observed_new, observed_distance = strata.statistics(strata.new[:, None])
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    z = np.where(variance > 0, (observed_new[:, 0] - expected) / deviation, 0.0)
    new_total = max(1, int(table.new.sum()))
    largest, distance, squares = [], [], np.zeros(table.n_modes)
    for sides in strata.permuted(resamples, seed):
        new, far = strata.statistics(sides)
        permuted = np.where(variance[:, None] > 0, np.abs(new - expected[:, None]) / deviation[:, None], 0.0)
        squares += (permuted**2).sum(1)
        largest.append(permuted.max(0, initial=0.0))
        distance.append(far)
    top, far = np.concatenate(largest), np.concatenate(distance)
    slack = 1e-9
    mode_p = (1 + (top[None, :] >= np.abs(z)[:, None] - slack).sum(1)) / (1 + resamples)
    p_largest = float(mode_p.min(initial=1.0))
    p_distance = float((1 + (far >= observed_distance[0] - slack).sum()) / (1 + resamples))
    design_effect = np.ones(table.n_modes) if table.blocks is None else np.maximum(1.0, squares / resamples)
    return Change(
        p_value=min(1.0, 2 * min(p_largest, p_distance)),
        largest_z=float(np.abs(z).max(initial=0.0)),
        distance=float(observed_distance[0]),
        z=z,
        mode_p_values=mode_p,
        standard_error=_share_error(table, variance, new_total) * np.sqrt(design_effect),
        design_effect=design_effect,
    )


def fewest_resamples(alpha: float, tests: int) -> int:
    """Resamples at which the smallest p-value there can be, 2 / (1 + B), passes ``alpha`` after Holm over ``tests``."""
    return math.ceil(2 * tests / alpha)


def _share_error(table: CountTable, variance: Floats, new_total: int) -> Floats:
    """Standard error of the difference new − base of each mode's share (prompts weighted by their new rows).

    Never smaller than that of a mode not seen at all (Agresti & Caffo 2000): that a few rows all agree is no certainty.
    """
    base_total, all_new = table.totals()
    total = base_total + all_new
    base, new = table.by_mode()
    share = (base + new) / np.maximum(total, 1)[:, None]
    spread = share * (1 - share) * (total / np.maximum(total - 1, 1))[:, None]
    per_prompt = spread * (1 / base_total + 1 / all_new)[:, None]
    error: Floats = np.sqrt((per_prompt * (all_new / new_total)[:, None] ** 2).sum(0))
    unseen = sum((rows + 1) / (rows + 2) ** 3 for rows in (int(base_total.sum()), int(all_new.sum())))
    return np.maximum(error, np.sqrt(unseen))


def _hypergeometric(table: CountTable) -> tuple[Floats, Floats]:
    """Mean and variance of each mode's new count when the sides are permuted within prompts."""
    base, new = table.by_mode()
    base_total, new_total = (total[:, None].astype(float) for total in table.totals())
    total = base_total + new_total
    both = base + new
    mean = new_total * both / total
    variance = mean * (1 - both / total) * base_total / np.maximum(total - 1, 1)
    return mean.sum(0), variance.sum(0)


@dataclass(frozen=True)
class _Strata:
    """The rows of a table, prompt by prompt, and all that a resample is computed with.

    ``new``, ``prompt`` and ``block`` have shape ``(rows,)``; the others describe (prompt, mode) *pairs* that occur:
    ``to_pair``, ``(pairs, rows)``, says which rows belong to each, ``to_mode``, ``(modes, pairs)``, of which mode it
    is, ``both`` has its rows of either side, and ``base_total`` and ``new_total`` those of its prompt, ``(pairs, 1)``.
    """

    new: NDArray[np.bool_]
    prompt: Ints
    block: Ints | None
    to_pair: sparse.csr_matrix
    to_mode: sparse.csr_matrix
    both: Floats
    base_total: Floats
    new_total: Floats

    @classmethod
    def of(cls, table: CountTable) -> _Strata:
        cells, side = table.rows()
        order = np.argsort(table.prompts[cells], kind="stable")
        cells, side = cells[order], side[order]
        row, level = np.nonzero(table.labels[cells] >= 0)
        pair, number = np.unique(
            table.prompts[cells[row]] * np.int64(table.n_modes) + table.labels[cells[row], level], return_inverse=True
        )
        prompt, mode = np.divmod(pair, max(1, table.n_modes))
        # Counts below 2^24 are exact in single precision, and half as much to move.
        ones = np.ones(len(row), dtype=np.float32)
        base_total, new_total = (total[prompt, None].astype(np.float64) for total in table.totals())
        return cls(
            new=side,
            prompt=table.prompts[cells],
            block=None if table.blocks is None else np.unique(table.blocks[cells], return_inverse=True)[1],
            to_pair=sparse.csr_matrix((ones, (number, row)), shape=(len(pair), len(cells))),
            to_mode=sparse.csr_matrix((np.ones(len(pair)), (mode, np.arange(len(pair)))), (table.n_modes, len(pair))),
            both=np.bincount(number, minlength=len(pair))[:, None].astype(np.float64),
            base_total=base_total,
            new_total=new_total,
        )

    def statistics(self, sides: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """New counts of each mode, shape ``(modes, resamples)``, and the distance, ``(resamples,)``."""
        new = np.asarray(self.to_pair @ sides.astype(np.float32), dtype=np.float64)
        difference = new / self.new_total - (self.both - new) / self.base_total
        return np.asarray(self.to_mode @ new), (difference**2).sum(0)

    def permuted(self, resamples: int, seed: int) -> Iterator[NDArray[np.bool_]]:
        """Side labels permuted within prompts, by whole blocks, in chunks of shape ``(rows, resamples)``."""
        rng = np.random.default_rng(seed)
        groups = list(_of_like_size(self.prompt))
        becomes_new = np.bincount(self.prompt, weights=self.new).astype(np.int64)
        chunk = max(1, min(resamples, _CHUNK // max(1, 16 * len(self.new))))
        for begin in range(0, resamples, chunk):
            sides = np.empty((min(chunk, resamples - begin), len(self.new)), dtype=bool)
            for resample in sides:
                # In each prompt the rows with the smallest of random keys become the new side.
                keys = _keys(rng, len(self.new), self.block)
                largest = np.empty(len(becomes_new))
                for prompts, rows in groups:
                    ordered = np.sort(np.append(keys, np.inf)[rows], axis=1)
                    largest[prompts] = ordered[np.arange(len(prompts)), becomes_new[prompts] - 1]
                resample[:] = keys <= largest[self.prompt]
            yield sides.T


def _of_like_size(prompt: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Prompts whose numbers of rows differ by less than two times, and the indices of their rows, ``(prompts, most)``.

    Rows of one prompt stand together in ``prompt``. Where one has fewer than the most, an index is -1.
    """
    sizes = np.bincount(prompt)
    starts = np.cumsum(sizes) - sizes
    doublings = np.frexp(sizes)[1]
    for doubling in np.unique(doublings[sizes > 0]):
        prompts = np.flatnonzero((doublings == doubling) & (sizes > 0))
        place = np.arange(sizes[prompts].max())
        rows = np.where(place < sizes[prompts, None], starts[prompts, None] + place, -1)
        yield prompts, rows


def _keys(rng: np.random.Generator, rows: int, block: Ints | None) -> Floats:
    """Random numbers from 0 to 1, one per row; rows of one block all but share theirs."""
    own = rng.random(rows)
    return own if block is None else 0.999 * rng.random(int(block.max(initial=0)) + 1)[block] + 1e-9 * own
