"""The inverse temperature between two samples of a word tree.

At a node of the tree (a prompt and a prefix), token temperature T makes the next-word distribution exactly an escort of
the base's: q ∝ p^β with β = 1/T. Both p and q are unknown, and plugging the sample frequencies in for p overstates β
badly (3 to 6 times at ten samples a prompt). So p is integrated out: counts are n ~ Poisson(N p) and
m ~ Poisson(M p^β / z), z the node's own normaliser, and the p of all words of all nodes come from one measure that is
estimated without a parametric form (NPMLE: Kiefer & Wolfowitz 1956; Laird 1978), unseen words included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from modecollapse.counts import Nodes

Floats = NDArray[np.float64]

BETAS: Floats = np.exp(np.linspace(np.log(0.2), np.log(12.0), 42))
"""Inverse temperatures at which the likelihood is profiled."""

DEPTH = 5
"""Words (or tokens) from the start that the tree reaches."""

HIGHEST = 2.0
"""Above this the estimate is too low: texts alone then say "at least"."""

_WIDEN = 1.6
"""The bootstrap keeps the mixing measure fixed, so its spread is too small: widened by this factor (calibrated)."""

_ATOMS: Floats = np.exp(np.linspace(np.log(2e-4), 0.0, 40))


@dataclass(frozen=True)
class InverseTemperature:
    """β with its 95% interval. ``symmetric`` is the mean log β of both directions: it changes sign with the sides."""

    value: float
    low: float
    high: float
    symmetric: float
    nodes: int


def estimate(nodes: Nodes, resamples: int, seed: int) -> InverseTemperature | None:
    """β of the new side against the base. None where fewer than three prompts have a node with two words or more.

    A node at which every text goes on alike is the same at every temperature: it tells nothing.
    Interval by the bootstrap over prompts on the log scale, with a t quantile.
    """
    varying = nodes.prompt[np.bincount(nodes.node, minlength=len(nodes)) >= 2]
    if len(np.unique(varying)) < 3:
        return None
    forward = profile(nodes)
    prompts = len(forward.values)
    value = forward.best()
    backward = profile(nodes.swapped()).best()
    weights = np.random.default_rng(seed).multinomial(prompts, np.full(prompts, 1 / prompts), size=resamples)
    spread = float(np.std([np.log(forward.best(weight)) for weight in weights]))
    reach = _WIDEN * float(stats.t.ppf(0.975, prompts - 1)) * spread
    symmetric = 0.5 * (np.log(value) - np.log(backward))
    return InverseTemperature(
        value=value,
        low=float(np.exp(np.log(value) - reach)),
        high=float(np.exp(np.log(value) + reach)),
        symmetric=float(symmetric),
        nodes=len(nodes),
    )


@dataclass(frozen=True)
class Profile:
    """Log-likelihood of each prompt at each of ``BETAS``: ``values`` has shape ``(prompts, betas)``."""

    values: Floats

    def best(self, weights: Floats | None = None) -> float:
        """The maximum-likelihood β, refined by a parabola through the best three grid points, prompts weighted."""
        total = self.values.sum(0) if weights is None else weights @ self.values
        return _vertex(total)


def _vertex(values: Floats) -> float:
    top = int(np.argmax(values))
    x = np.log(BETAS)
    if top in (0, len(values) - 1):
        return float(BETAS[top])
    low, mid, high = values[top - 1 : top + 2]
    shift = 0.5 * (low - high) / (low - 2 * mid + high)
    return float(np.exp(x[top] + shift * (x[1] - x[0])))


def profile(nodes: Nodes, iterations: int = 25) -> Profile:
    """Profile the log-likelihood over β.

    Starts each β from the mixing measure found at its neighbour, going outwards from β = 1.
    """
    prompts, prompt = np.unique(nodes.prompt, return_inverse=True)
    values = np.empty((len(prompts), len(BETAS)))
    middle = int(np.argmin(np.abs(np.log(BETAS))))
    start = _Fit.begin(nodes)
    for _ in range(4):
        start = start.improve(1.0, iterations)
    for path in (range(middle, len(BETAS)), range(middle - 1, -1, -1)):
        fit = start
        for index in path:
            fit = fit.improve(float(BETAS[index]), iterations)
            values[:, index] = np.bincount(prompt, weights=fit.by_node, minlength=len(prompts))
    return Profile(values)


@dataclass(frozen=True)
class _Fit:
    """A mixing measure (expected words per node at each atom) and each node's normaliser, fitted by EM at one β."""

    nodes: Nodes
    measure: Floats
    scale: Floats
    by_node: Floats

    @classmethod
    def begin(cls, nodes: Nodes) -> _Fit:
        base_total, new_total = nodes.totals()
        share = (nodes.base + nodes.new) / (base_total + new_total)[nodes.node]
        nearest = np.abs(np.log(share)[:, None] - np.log(_ATOMS)).argmin(1)
        measure = np.bincount(nearest, minlength=len(_ATOMS)) / max(1, len(nodes)) + 1e-3
        return cls(nodes, measure, np.ones(len(nodes)), np.zeros(len(nodes)))

    def improve(self, beta: float, iterations: int) -> _Fit:
        nodes = self.nodes
        base_total, new_total = (total.astype(float) for total in nodes.totals())
        powered = _ATOMS**beta
        measure, scale = self.measure, self.scale
        log_base = nodes.base[:, None] * np.log(_ATOMS) - base_total[nodes.node, None] * _ATOMS
        log_new_power = nodes.new[:, None] * np.log(powered)
        first = np.searchsorted(nodes.node, np.arange(len(nodes)))
        for _ in range(iterations):
            rate = (scale * new_total)[:, None] * powered
            log_joint = log_base + log_new_power + (nodes.new * np.log(scale * new_total)[nodes.node])[:, None]
            log_joint -= rate[nodes.node]
            log_joint += np.log(measure)
            peak = log_joint.max(1, keepdims=True)
            joint = np.exp(log_joint - peak)
            mass = joint.sum(1, keepdims=True)
            posterior = joint / mass
            unseen = np.exp(-base_total[:, None] * _ATOMS - rate)
            expected = np.add.reduceat(posterior, first)
            log_likelihood = (np.log(mass) + peak)[:, 0]
            by_node = np.bincount(nodes.node, weights=log_likelihood, minlength=len(nodes)).astype(float)
            by_node -= ((1 - unseen) * measure).sum(1)
            measure = expected.sum(0) / (1 - unseen).sum(0) + 1e-12
            scale = new_total / (new_total * ((expected + unseen * measure) @ powered))
        return _Fit(nodes, measure, scale, by_node)
