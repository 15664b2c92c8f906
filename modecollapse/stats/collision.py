"""The collision plane: sharpening or replacement, without an estimate of any probability.

For a prompt with next-word distributions p (base) and q (new), the chances that two texts agree,

    Cpp = Σ p²,    Cqq = Σ q²,    Cpq = Σ p q,

have unbiased estimates from counts. For every escort q ∝ p^β, and for every truncation to a top set, **Cpq lies between
Cpp and Cqq**: E_q[p] and E_q[q] are monotone in β. Sharpening moves new texts towards the base's own likely words; a
collapse moves them elsewhere. It is a theorem at nodes of the word tree, not for modes that hold many texts, and not
where some prompts are sharpened and others flattened.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from modecollapse.counts import Nodes

Floats = NDArray[np.float64]

FEWEST_PROMPTS = 6
"""Below this many prompts the tests here are not quoted: a t-test over so few units can't hold its level."""


@dataclass(frozen=True)
class Plane:
    """Collision estimates per prompt, each of shape ``(prompts,)``."""

    pp: Floats
    pq: Floats
    qq: Floats

    def __len__(self) -> int:
        return len(self.pp)

    def swapped(self) -> Plane:
        """The plane with the sides exchanged."""
        return Plane(self.qq, self.pq, self.pp)

    def direction(self) -> float | None:
        """g = log(Cpq/Cpp) / log(Cqq/Cpp): near ½ for a small change of temperature, ≤ 0 for replacement.

        None where the new side agrees with itself hardly more or less than the base does with itself, or where
        an average is not positive.
        """
        return _direction(self.pp.mean(), self.pq.mean(), self.qq.mean()) if len(self) else None


@dataclass(frozen=True)
class OneSided:
    """A one-sided test over prompts: the mean difference, its t statistic and p-value."""

    difference: float
    t: float
    p_value: float


def plane(nodes: Nodes) -> Plane:
    """Collision estimates of each prompt, its nodes weighted by the number of texts that pass through them.

    Nodes with fewer than two texts on a side give no estimate and are left out.
    """
    base_total, new_total = nodes.totals()
    nodes = nodes.take((base_total >= 2) & (new_total >= 2))
    base_total, new_total = (total.astype(float) for total in nodes.totals())

    def by_node(products: NDArray[np.int64]) -> Floats:
        return np.bincount(nodes.node, weights=products, minlength=len(nodes)).astype(np.float64)

    pp = by_node(nodes.base * (nodes.base - 1)) / (base_total * (base_total - 1))
    qq = by_node(nodes.new * (nodes.new - 1)) / (new_total * (new_total - 1))
    pq = by_node(nodes.base * nodes.new) / (base_total * new_total)
    _, prompt = np.unique(nodes.prompt, return_inverse=True)
    weight = np.minimum(base_total, new_total)
    total = np.bincount(prompt, weights=weight)
    return Plane(*(np.bincount(prompt, weights=weight * value) / total for value in (pp, pq, qq)))


def greater(larger: Floats, smaller: Floats, design_effect: float = 1.0) -> OneSided:
    """H0: the mean of ``larger`` is at most that of ``smaller``. One-sided paired t-test over prompts.

    Where prompts depend on each other, ``design_effect`` of them count for one. Where all differ by exactly as much, as
    when every text of a side begins alike, t is undefined and the sign test answers.
    """
    difference = larger - smaller
    mean = float(difference.mean()) if len(difference) else 0.0
    if len(difference) < 2:
        return OneSided(mean, 0.0, 1.0)
    effective = len(difference) / design_effect
    error = float(difference.std(ddof=1)) / np.sqrt(effective)
    if error <= 1e-9 * abs(mean):
        return OneSided(mean, 0.0, 0.5**effective if mean > 0 else 1.0)
    t = float(mean / error)
    return OneSided(mean, t, float(stats.t.sf(t, max(1.0, effective - 1))))


def replaced(plane: Plane, design_effect: float = 1.0) -> float:
    """p-value of replacement. H0: Cpq ≥ Cpp or Cqq ≤ Cpq, as under every escort.

    An intersection-union test: the larger of the two one-sided p-values (Berger 1982).
    """
    drops, agrees = (greater(side, plane.pq, design_effect) for side in (plane.pp, plane.qq))
    return max(drops.p_value, agrees.p_value)


def direction_bounds(plane: Plane, confidence: float = 0.95, design_effect: float = 1.0) -> tuple[float, float] | None:
    """Interval for g by the jackknife over prompts (one-sided bounds at ``confidence`` each). None where undefined."""
    n = len(plane)
    value = plane.direction()
    if value is None or n / design_effect < FEWEST_PROMPTS:
        return None
    sums = [side.sum() for side in (plane.pp, plane.pq, plane.qq)]
    left_out = [
        _direction(
            *((total - side[i]) / (n - 1) for total, side in zip(sums, (plane.pp, plane.pq, plane.qq), strict=True))
        )
        for i in range(n)
    ]
    if any(g is None for g in left_out):
        return None
    spread = np.array(left_out, dtype=float)
    error = float(np.sqrt(design_effect * (n - 1) / n * ((spread - spread.mean()) ** 2).sum()))
    reach = float(stats.t.ppf(confidence, n / design_effect - 1)) * error
    return value - reach, value + reach


def _direction(pp: float, pq: float, qq: float) -> float | None:
    if min(pp, pq, qq) <= 0 or abs(np.log(qq / pp)) < 0.05:
        return None
    return float(np.log(pq / pp) / np.log(qq / pp))
