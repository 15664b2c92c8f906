"""Where a corpus lies on a ladder: the base sampled at several temperatures, from the hottest rung to the coolest.

At a marginal mode (a topic, a persona) temperature is no escort, and no formula on the mode's share predicts what it
does. A ladder does: between two neighbouring rungs the base is taken to be a mixture of them. Rows drawn from both in
the right proportion are a sample of that mixture, so that every test against them is a test between two samples, with
the sampling error of rungs and new corpus in it.

The proportion is that of the least maximum mean discrepancy (Gretton et al. 2012) between mixture and new corpus, under
a kernel that counts the leading words that two texts of one prompt share. All its terms are averages over pairs of
texts, unbiased however few there are; a likelihood would need the unknown probabilities plugged in, one parameter per
word. Its interval is Fieller's (1954) for a ratio of means, prompts as units, without positions whose discrepancy is
surely larger than the least one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CHORD = 0.15
"""Part of a rung by which an interval is widened: a mixture is the chord of what temperature does, and modes run
through the arc at different speeds. Between T = 1 and .6, modes of probability .3 and .02 are up to .13 apart."""

_STEPS = 20
"""Positions tried between two rungs."""


@dataclass(frozen=True)
class Position:
    """A place on the ladder: 0 is the hottest rung, 1 the next one, 1.5 half-way to the third.

    ``low`` and ``high`` bound 95%, widened by ``CHORD`` inside the ladder. ``off`` is true where the corpus is surely
    beyond either end: then no rung, nor a mixture of any, is at its temperature. ``short`` is true where the interval
    reaches the coolest rung, so that it may be.
    """

    value: float
    low: float
    high: float
    off: bool
    short: bool

    def grid(self) -> list[float]:
        """The bounds, the estimate, and the rungs between the bounds."""
        inside = np.arange(np.ceil(self.low), np.floor(self.high) + 1)
        return sorted({self.low, self.value, self.high, *inside.tolist()})


def place(prompts: NDArray[np.integer], group: NDArray[np.integer], words: NDArray[np.integer]) -> Position | None:
    """The position of a new corpus among the rungs.

    ``prompts`` and ``group`` have shape ``(rows,)``; ``group`` is the row's rung, from 0, and the number of rungs for
    rows of the new corpus. ``words`` holds each row's first words, shape ``(rows, depth)``, -1 after the end. None
    where fewer than two rungs share two prompts with the new corpus, two texts each.
    """
    rungs = int(group.max(initial=0))
    agreement = _agreement(prompts, group, words, rungs + 1)
    if rungs < 2 or len(agreement) < 2:
        return None
    segments = [_Segment.between(agreement, rung) for rung in range(rungs - 1)]
    steps = np.linspace(0, 1, _STEPS + 1)
    at = np.concatenate([rung + steps for rung in range(rungs - 1)])
    distances = np.concatenate([part.distances(steps) for part in segments], axis=1)
    best = int(distances.mean(0).argmin())
    critical = float(stats.t.ppf(0.975, len(agreement) - 1))
    cooler_than = np.concatenate([_t(part.beyond(steps)) for part in segments])
    near = _t(distances - distances[:, [best]]) <= critical
    allowed = np.append(at[near & (np.abs(cooler_than) <= critical)], at[best])
    cooler = at[best] == rungs - 1 and cooler_than[-1] > critical
    hotter = at[best] == 0 and cooler_than[0] < -critical
    high = min(rungs - 1.0, float(allowed.max()) + CHORD)
    return Position(
        value=float(at[best]),
        low=max(0.0, float(allowed.min()) - CHORD),
        high=high,
        off=bool(cooler or hotter),
        short=high == rungs - 1,
    )


def _t(values: Floats) -> Floats:
    """t of the mean over prompts, along the first axis; 0 where nothing differs."""
    error = values.std(0, ddof=1) / np.sqrt(len(values))
    mean = values.mean(0)
    t: Floats = np.divide(mean, error, out=np.zeros_like(mean), where=error > 0)
    return t


@dataclass(frozen=True)
class _Segment:
    """Two neighbouring rungs: per prompt, ``along`` is ⟨q − a, b − a⟩, ``length`` ‖b − a‖², ``far`` ‖q − a‖²."""

    along: Floats
    length: Floats
    far: Floats

    @classmethod
    def between(cls, agreement: Floats, rung: int) -> _Segment:
        """``agreement`` has shape ``(prompts, groups, groups)``, the new corpus last."""
        a, b, q = rung, rung + 1, agreement.shape[1] - 1
        pair = {(i, j): agreement[:, i, j] for i in (a, b, q) for j in (a, b, q)}
        return cls(
            along=pair[b, q] - pair[a, q] - pair[a, b] + pair[a, a],
            length=pair[a, a] - 2 * pair[a, b] + pair[b, b],
            far=pair[q, q] - 2 * pair[a, q] + pair[a, a],
        )

    def beyond(self, share: Floats) -> Floats:
        """How far the new corpus lies on the cooler side of the mixture: shape ``(prompts, shares)``."""
        return self.along[:, None] - self.length[:, None] * share

    def distances(self, share: Floats) -> Floats:
        """Squared discrepancy between new corpus and mixture: shape ``(prompts, shares)``."""
        along, length = 2 * self.along[:, None] * share, self.length[:, None] * share**2
        return self.far[:, None] - along + length


def _agreement(
    prompts: NDArray[np.integer], group: NDArray[np.integer], words: NDArray[np.integer], groups: int
) -> Floats:
    """Mean kernel between the texts of any two groups, never of a text with itself: ``(prompts, groups, groups)``.

    Only prompts with two texts or more in every group.
    """
    _, prompt = np.unique(prompts, return_inverse=True)
    size = np.zeros((prompt.max(initial=-1) + 1, groups), dtype=np.int64)
    np.add.at(size, (prompt, group), 1)
    usable = (size >= 2).all(1)
    total = np.zeros((int(usable.sum()), groups, groups))
    if not usable.any():
        return total
    for depth in range(1, words.shape[1] + 1):
        # A text that has ended agrees with those that ended alike: -1 is a word as any other.
        frame = pd.DataFrame(words[:, :depth]).assign(prompt=prompt)
        child = frame.groupby(list(frame.columns), sort=True).ngroup().to_numpy()
        counts = np.zeros((child.max() + 1, groups))
        np.add.at(counts, (child, group), 1)
        of = np.zeros(len(counts), dtype=np.int64)
        of[child] = prompt
        total += _mean_agreement(counts, of, size)[usable]
    return total


def _mean_agreement(counts: Floats, prompt: Ints, size: Ints) -> Floats:
    """Share of pairs of texts that agree, per prompt and pair of groups."""
    prompts, groups = size.shape
    mean = np.zeros((prompts, groups, groups))
    for i in range(groups):
        for j in range(groups):
            products = counts[:, i] * (counts[:, j] - (i == j))
            pairs = size[:, i] * (size[:, j] - (i == j))
            mean[:, i, j] = np.bincount(prompt, weights=products, minlength=prompts) / np.maximum(pairs, 1)
    return mean


def mixture(prompts: NDArray[np.integer], rung: NDArray[np.integer], position: float, seed: int) -> Bools:
    """Rows that are a sample of the base at ``position`` on the ladder: as many of each prompt as its rungs allow.

    ``prompts`` and ``rung`` have shape ``(rows,)``; rows of ``rung`` -1 belong to none.
    """
    below = int(np.floor(position))
    share = position - below
    rng = np.random.default_rng(seed)
    hot, cool = rung == below, rung == below + 1
    size = int(prompts.max(initial=-1)) + 1
    hot_rows, cool_rows = (np.bincount(prompts[rows], minlength=size) for rows in (hot, cool))
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.fmin(hot_rows / (1 - share), np.where(share > 0, cool_rows / share, np.inf))
    # Rounded at random, so that the share holds on average however few rows a prompt has.
    wanted_cool = np.floor(whole * share + rng.random(size) * (share > 0))
    wanted_hot = np.floor(whole - whole * share + rng.random(size) * (share > 0))
    keys = rng.random(len(prompts))
    return _first(prompts, hot, wanted_hot, keys) | _first(prompts, cool, wanted_cool, keys)


def _first(prompts: NDArray[np.integer], among: Bools, wanted: Floats, keys: Floats) -> Bools:
    """The ``wanted`` rows of each prompt that have the smallest keys among those that are true in ``among``."""
    index = np.flatnonzero(among)
    index = index[np.lexsort((keys[index], prompts[index]))]
    own = prompts[index]
    rank = np.arange(len(index)) - np.searchsorted(own, own)
    chosen = np.zeros(len(prompts), dtype=bool)
    chosen[index[rank < wanted[own]]] = True
    return chosen
