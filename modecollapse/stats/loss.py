"""Is a mode's loss more than sharpening explains?

Null hypothesis: in every prompt the new shares are an escort of the base's, q ∝ p^β, with β anywhere in its interval,
and the mode's odds may fall by a further factor exp(−τ|β − 1|). That factor is the entropy effect: a mode that holds
many texts shrinks faster under token temperature than its share tells, q_k ∝ p_k^β · exp(−(β−1) H_β(texts | k)); τ = 0
at nodes of the word tree, where the escort is exact.

p is integrated over its posterior given the base's counts (Dirichlet, centred on the pooled shares): plugging the
sample shares in for p would reject far too often. The new count is a Poisson-binomial; its tail is bounded by the
binomial of the same mean (Hoeffding 1956), which errs on the side of no finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from modecollapse.counts import CountTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENTROPY_ALLOWANCE = 3.5
"""τ on marginal modes. Measured on a real temperature ladder: up to 3.2 for topics that hold the noisiest texts."""

USUAL_ALLOWANCE = 1.5
"""τ that most marginal modes stay within. A mode far below even this prediction is not to be passed over in silence."""

REST_ALLOWANCE = 8.0
"""The same for the rest of a level that lumps thousands of phrases: log of how many it may hold."""

FEWEST_TEXTS = 5
"""A mode with fewer texts is not tested: no count of the new side would be surprising."""

_CONCENTRATIONS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
"""Prior rows per mode and prompt. Large where prompts are alike: too small a prior would overstate sharpened shares."""


@dataclass(frozen=True)
class Allowances:
    """τ of each mode, shape ``(modes,)``, and of the rest: rows of a level that are in none of its modes."""

    modes: Floats
    rest: float


@dataclass(frozen=True)
class Prediction:
    """What sharpening predicts for each mode's share of the new rows. All arrays have shape ``(modes,)``.

    ``share`` is the middle, ``low`` and ``high`` bound 95% over the posterior, β's interval and the entropy allowance.
    ``usual_low`` is the lower bound under the smaller allowance that most modes stay within. ``p_fewer`` and
    ``p_more`` are one-sided p-values of the observed count; ``tested`` says which modes have enough texts.
    """

    share: Floats
    low: Floats
    high: Floats
    usual_low: Floats
    p_fewer: Floats
    p_more: Floats
    tested: NDArray[np.bool_]


def predict(
    table: CountTable,
    betas: tuple[float, float, float],
    allowances: Allowances,
    draws: int,
    seed: int,
) -> Prediction:
    """Predict the new shares from the base's under sharpening, and test each mode against the prediction.

    ``betas`` is β's estimate between the bounds of its interval: (low, estimate, high).
    """
    low_beta, middle, high_beta = betas
    grid = sorted({low_beta, *np.geomspace(low_beta, high_beta, 5).tolist(), high_beta})
    _, new = table.by_mode()
    observed, rows = new.sum(0), int(table.new.sum())
    least, centre, most = (
        predicted_shares(table, betas, allowances, direction, draws, seed)
        for direction, betas in ((-1, grid), (0, [middle]), (1, grid))
    )
    usual = Allowances(np.minimum(allowances.modes, USUAL_ALLOWANCE), allowances.rest)
    usually_least = predicted_shares(table, [low_beta, high_beta], usual, -1, draws, seed)
    base, _ = table.by_mode()
    return Prediction(
        share=np.median(centre[0], axis=0),
        low=np.quantile(least, 0.025, axis=1).min(0),
        high=np.quantile(most, 0.975, axis=1).max(0),
        usual_low=np.quantile(usually_least, 0.025, axis=1).min(0),
        p_fewer=np.asarray(stats.binom.cdf(observed, rows, least)).mean(1).max(0),
        p_more=np.asarray(stats.binom.sf(observed - 1, rows, most)).mean(1).max(0),
        tested=base.sum(0) + observed >= FEWEST_TEXTS,
    )


def predicted_shares(
    table: CountTable, betas: list[float], allowances: Allowances, direction: int, draws: int, seed: int
) -> Floats:
    """Predicted shares of the new rows over β and posterior draws, shape ``(betas, draws, modes)``.

    ``direction`` +1 uses the allowances to raise each mode's share, -1 to lower it, 0 not at all.
    """
    values = np.zeros((len(betas), draws, table.n_modes))
    weight = table.totals()[1] / max(1, int(table.new.sum()))
    for level in range(table.labels.shape[1]):
        modes = np.flatnonzero(table.levels == level)
        for some, log_p in _posterior(table, modes, draws, seed + level):
            for index, beta in enumerate(betas):
                # Sharpening can only take from a rest of many phrases, flattening only give to it.
                towards_rest = (1 - beta) * allowances.rest
                rest = min(0.0, towards_rest) if direction > 0 else max(0.0, towards_rest) * -direction
                tilt = direction * abs(beta - 1) * allowances.modes[modes]
                block = values[index, some]
                block[:, modes] = _mean_share(log_p, beta, tilt, rest, weight)
    return values


def _mean_share(log_p: Floats, beta: float, tilt: Floats, rest: float, weight: Floats) -> Floats:
    """The escort's share of each mode of all new rows, odds multiplied by exp(tilt), the rest by exp(rest).

    ``log_p`` has shape ``(draws, prompts, modes + 1)``, the result ``(draws, modes)``.
    """
    log_q = beta * log_p
    log_q[..., -1] += rest
    q = np.exp(log_q - log_q.max(-1, keepdims=True))
    q = q[..., :-1] / q.sum(-1, keepdims=True)
    if tilt.any():
        factor = np.exp(tilt)
        q = q * factor / (1 - q + q * factor)
    # Rounding may carry a sum over prompts beyond one, and a binomial has no such probability.
    share: Floats = np.minimum(np.einsum("p,dpm->dm", weight, q), 1.0)
    return share


_BLOCK = 2_000_000
"""Numbers of a block of posterior draws: bounds memory however many prompts there are."""


def _posterior(table: CountTable, modes: Ints, draws: int, seed: int) -> Iterator[tuple[slice, Floats]]:
    """Draws of log p given the base counts, in blocks of shape ``(draws, prompts, modes + 1 for the rest)``."""
    base, _ = table.by_mode()
    rest = table.totals()[0] - base[:, modes].sum(1)
    counts = np.column_stack([base[:, modes], rest]).astype(float)
    strength = _concentration(counts, _normalised(counts.sum(0)))
    rng = np.random.default_rng(seed)
    # What prompts have in common is itself only known from these prompts: Bayesian bootstrap (Rubin 1981).
    priors = _normalised(len(counts) * rng.dirichlet(np.ones(len(counts)), size=draws) @ counts)
    step = max(1, _BLOCK // max(1, counts.size))
    for begin in range(0, draws, step):
        block = slice(begin, min(begin + step, draws))
        gamma = rng.standard_gamma(counts + strength * priors[block, None, :])
        gamma = np.maximum(gamma, 1e-300)
        yield block, np.log(gamma / gamma.sum(-1, keepdims=True))


def _normalised(counts: Floats) -> Floats:
    shares: Floats = (counts + 0.5) / (counts + 0.5).sum(-1, keepdims=True)
    return shares


def _concentration(counts: Floats, prior: Floats) -> float:
    """How alike the prompts are: the concentration with the largest Dirichlet-multinomial likelihood."""
    best, best_value = _CONCENTRATIONS[0], -np.inf
    for a in _CONCENTRATIONS:
        scale = a * len(prior) * prior
        total = counts.sum(1)
        value = float(
            (special.gammaln(counts + scale) - special.gammaln(scale)).sum()
            + (special.gammaln(scale.sum()) - special.gammaln(total + scale.sum())).sum()
        )
        if value > best_value:
            best, best_value = a * len(prior), value
    return best
