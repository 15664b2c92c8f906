"""The inverse temperature between two samples of a word tree.

At a node of the tree (a prompt and a prefix), token temperature T makes the next-word distribution exactly an escort of
the base's: q ∝ p^β with β = 1/T. Both p and q are unknown, and plugging the sample frequencies in for p overstates β
badly (3 to 6 times at ten samples a prompt). So p is integrated out. Counts are n ~ Poisson(N p) and
m ~ Poisson(M p^β / z), z the node's own normaliser, and the p of a node's words are those of a Pitman–Yor process
(Pitman & Yor 1997), unseen words included, taken as a Poisson process with the same mean measure. Nodes differ from
nearly deterministic to nearly flat: discount and concentration come from a mixture over a grid, whose weights are
estimated without a parametric form (NPMLE: Laird 1978). One measure for all nodes pulls β towards 1.

The likelihood is profiled with the base as p, and with the new side as p and 1/β. The two err on opposite sides; β is
where their sum, a composite likelihood, is largest, and its interval is the sandwich's with prompts as the independent
units (Lindsay 1988; Varin, Reid & Firth 2011), each prompt's influence taken by leaving it out (one-step jackknife).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from modecollapse.counts import Nodes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEPTH = 5
"""Words (or tokens) from the start that the tree reaches."""

HIGHEST = 1.9
"""Estimates above this may stand for any higher β (2.1 at ten samples for 2.5): texts alone then say "at least"."""

_MODEL_ERROR, _CLOSED_ERROR, _MOST_CLOSED = 0.1, 0.4, 0.5
"""Standard deviation of the bias over kinds of word trees, per unit of log β; at β = 1 there is none. The second is
added for closed vocabularies: times the part of the nodes that have one, up to the third."""

_STEP = 0.2
_MOST_STEPS = 12
"""log β is profiled at multiples of the step, up to so many on either side of 0 (β from 0.09 to 11)."""

_START_ITERATIONS, _ITERATIONS = 20, 8
"""EM iterations at β = 1 and at each further β, which starts from its neighbour."""

_LEAST_WEIGHT = 1e-4
"""No process of the grid is ever ruled out."""

_LOGIT: Floats = np.linspace(-10.8, 9.0, 64)
_LOG_P: Floats = special.log_expit(_LOGIT)
_P: Floats = np.exp(_LOG_P)


def _processes() -> tuple[Floats, Floats]:
    """Discount and concentration of each Pitman–Yor process of the grid.

    Those of a negative discount −a and a concentration K·a have K words and no other (a symmetric Dirichlet
    distribution; Pitman 2006, section 3.2), as answers that are names, letters or yes and no. An open vocabulary would
    draw their β half of the way to 1.
    """
    open_ended = np.meshgrid([0.02, 0.2, 0.4, 0.6, 0.8], np.geomspace(0.1, 100, 7), indexing="ij")
    words, even = (axis.ravel() for axis in np.meshgrid([2, 3, 4, 6, 10, 16, 32], [0.5, 1.0, 3.0, 10.0], indexing="ij"))
    discount, concentration = (axis.ravel() for axis in open_ended)
    return np.concatenate([discount, -even]), np.concatenate([concentration, words * even])


_DISCOUNT, _CONCENTRATION = _processes()


def _mean_measures() -> Floats:
    """Expected words per cell of ``_LOGIT`` under each process of the grid: shape ``(cells, processes)``."""
    log_constant = special.gammaln(_CONCENTRATION + 1) - special.gammaln(1 - _DISCOUNT)
    log_constant -= special.gammaln(_CONCENTRATION + _DISCOUNT)
    # The density of p times p (1 − p), as the cells are equally wide on the logit scale: no singularity at 1.
    log_density = log_constant - _DISCOUNT * _LOG_P[:, None]
    log_density += (_CONCENTRATION + _DISCOUNT) * special.log_expit(-_LOGIT)[:, None]
    measures: Floats = np.exp(log_density) * (_LOGIT[1] - _LOGIT[0])
    return measures


_MEASURES: Floats = _mean_measures()


@dataclass(frozen=True)
class InverseTemperature:
    """β with its 95% interval; exchanging the sides gives its reciprocal. ``nodes`` is how many it rests on."""

    value: float
    low: float
    high: float
    nodes: int

    @property
    def unbounded(self) -> bool:
        """Whether it is at least ``low``, as texts can't tell how far beyond ``HIGHEST`` it goes."""
        return self.value > HIGHEST

    def is_surely_within(self, factor: float) -> bool:
        """Whether the interval lies between 1 / ``factor`` and ``factor``."""
        return 1 / factor <= self.low and self.high <= factor


def estimate(nodes: Nodes) -> InverseTemperature | None:
    """β of the new side against the base. None where fewer than three prompts have a node with two words or more.

    A node at which every text goes on alike is the same at every temperature: it tells nothing.
    """
    varying = np.bincount(nodes.node, minlength=len(nodes)) >= 2
    prompts = len(np.unique(nodes.prompt[varying]))
    if prompts < 3:
        return None
    profile, closed = _profile(nodes)
    log_beta, spread = _peak(profile)
    error = _MODEL_ERROR + _CLOSED_ERROR * min(closed, _MOST_CLOSED)
    reach = np.hypot(stats.t.ppf(0.975, prompts - 1) * spread, stats.norm.ppf(0.975) * error * abs(log_beta))
    limit = _MOST_STEPS * _STEP
    low, value, high = np.exp(np.clip([log_beta - reach, log_beta, log_beta + reach], -limit, limit)).tolist()
    return InverseTemperature(value, low, high, len(nodes))


def _profile(nodes: Nodes) -> tuple[dict[int, Floats], float]:
    """Composite log-likelihood of each prompt, shape ``(prompts,)``, by steps of log β: the highest and its neighbours.

    Climbs from β = 1; each fit starts from the one beside it. Then the part of the nodes whose vocabulary is closed.
    """
    _, prompt = np.unique(nodes.prompt, return_inverse=True)
    fits = {0: [_Fit.begin(_Counts.of(side)).improve(0.0, _START_ITERATIONS) for side in (nodes, nodes.swapped())]}
    profile = {0: _by_prompt(fits[0], prompt)}
    while True:
        top = max(profile, key=lambda step: float(profile[step].sum()))
        ahead = [step for step in (top - 1, top + 1) if abs(step) <= _MOST_STEPS and step not in profile]
        if not ahead:
            return profile, float(np.mean([fit.weights[_DISCOUNT < 0].sum() for fit in fits[top]]))
        for step in ahead:
            forward, backward = fits[top]
            log_beta = step * _STEP
            fits[step] = [forward.improve(log_beta, _ITERATIONS), backward.improve(-log_beta, _ITERATIONS)]
            profile[step] = _by_prompt(fits[step], prompt)


def _by_prompt(fits: list[_Fit], prompt: Ints) -> Floats:
    return np.bincount(prompt, weights=sum(fit.by_node for fit in fits)).astype(float)


def _peak(profile: dict[int, Floats]) -> tuple[float, float]:
    """The vertex of the parabola through the highest step and its neighbours, and its standard error over prompts.

    At the end of the steps the last three are taken.
    """
    top = max(profile, key=lambda step: float(profile[step].sum()))
    middle = int(np.clip(top, 1 - _MOST_STEPS, _MOST_STEPS - 1))
    before, at, after = (profile[middle + side] for side in (-1, 0, 1))
    curvature = (2 * at - before - after) / _STEP**2
    slope = (after - before) / (2 * _STEP)
    if middle != top or curvature.sum() <= 0:
        return top * _STEP, np.inf
    shift = slope.sum() / curvature.sum()
    score = slope - shift * curvature
    without = score / (curvature.sum() - curvature)
    prompts = len(at)
    spread = np.sqrt((prompts - 1) / prompts * ((without - without.mean()) ** 2).sum())
    return top * _STEP + float(shift), float(spread)


@dataclass(frozen=True)
class _Counts:
    """Items of one direction, alike ones in the same node taken together: ``many`` of each, shape ``(items,)``."""

    node: Ints
    many: Floats
    new: Floats
    log_base: Floats
    base_total: Floats
    new_total: Floats
    first: Ints

    @classmethod
    def of(cls, nodes: Nodes) -> _Counts:
        items, many = np.unique(np.stack([nodes.node, nodes.base, nodes.new]), axis=1, return_counts=True)
        node, base, new = items
        base_total, new_total = (total.astype(float) for total in nodes.totals())
        return cls(
            node=node,
            many=many.astype(float),
            new=new.astype(float),
            log_base=base[:, None] * _LOG_P - base_total[node, None] * _P,
            base_total=base_total,
            new_total=new_total,
            first=np.searchsorted(node, np.arange(len(nodes))),
        )

    def by_node(self, values: Floats) -> Floats:
        """Sums over the items of each node of ``values``, shape ``(items, processes)``."""
        total: Floats = np.add.reduceat(values * self.many[:, None], self.first)
        return total


@dataclass(frozen=True)
class _Fit:
    """The processes' weights and each node's 1/z, fitted by EM at one β; ``by_node`` is the log-likelihood."""

    counts: _Counts
    weights: Floats
    scale: Floats
    by_node: Floats

    @classmethod
    def begin(cls, counts: _Counts) -> _Fit:
        nodes, processes = len(counts.first), _MEASURES.shape[1]
        return cls(counts, np.full(processes, 1 / processes), np.ones(nodes), np.zeros(nodes))

    def improve(self, log_beta: float, iterations: int) -> _Fit:
        fit = self
        for _ in range(iterations):
            fit = fit._step(np.exp(log_beta))
        return fit

    def _step(self, beta: float) -> _Fit:
        counts = self.counts
        powered = np.exp(beta * _LOG_P)
        rate = self.scale * counts.new_total
        log_joint = counts.log_base + (beta * counts.new)[:, None] * _LOG_P - (rate[:, None] * powered)[counts.node]
        peak = log_joint.max(1, keepdims=True)
        joint = np.exp(log_joint - peak)
        mass = joint @ _MEASURES
        unseen = np.exp(-counts.base_total[:, None] * _P - rate[:, None] * powered)
        log_items = np.log(mass) + peak + (counts.new * np.log(rate)[counts.node])[:, None]
        log_nodes = counts.by_node(log_items) - (1 - unseen) @ _MEASURES + np.log(self.weights)
        by_node = special.logsumexp(log_nodes, axis=1)
        member = np.exp(log_nodes - by_node[:, None])
        # E[Σ p^β] of each node: the words seen, and those not.
        normaliser = counts.by_node((joint * powered) @ _MEASURES / mass) + (unseen * powered) @ _MEASURES
        return _Fit(
            counts,
            weights=(member.mean(0) + _LEAST_WEIGHT) / (1 + _LEAST_WEIGHT * member.shape[1]),
            scale=1 / (member * normaliser).sum(1),
            by_node=by_node,
        )
