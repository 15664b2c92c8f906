"""Is a mode back? Error rates at the edge of the margin, and no mode back that is not."""

import numpy as np
import pytest

from modecollapse.counts import CountTable
from modecollapse.stats import equivalence

PROMPTS, TOLERANCE, RUNS = 12, 0.05, 200


def table(rng, base, again, samples=40):
    """One mode whose share differs by prompt, on average ``base`` and ``again``."""
    spread = rng.beta(4, 4, size=PROMPTS)
    counts = [rng.binomial(samples, share * spread / spread.mean()) for share in (base, again)]
    with_and_without = [np.column_stack([count, samples - count]).ravel() for count in counts]
    prompts, labels = np.repeat(np.arange(PROMPTS), 2), np.tile([0, -1], PROMPTS)[:, None]
    return CountTable(prompts, labels, *with_and_without, levels=np.zeros(1, dtype=int), n_prompts=PROMPTS)


def rates(base, again, heat=0.0, samples=40):
    """How often the mode is back, and how often missing."""
    rng = np.random.default_rng(0)
    one = np.ones(1, dtype=bool)
    found = [
        equivalence.recovery(table(rng, base, again, samples), np.array([heat]), TOLERANCE, one, alpha=0.01)
        for _ in range(RUNS)
    ]
    return np.mean([each.back[0] for each in found]), np.mean([each.missing[0] for each in found])


@pytest.mark.parametrize(("base", "margin"), [(0.04, 0.02), (0.1, 0.05), (0.3, 0.05)])
def test_errors_at_the_edge_of_the_margin(base, margin):
    back, missing = rates(base, base - margin)
    assert back <= 0.08
    assert missing <= 0.03


@pytest.mark.parametrize("base", [0.04, 0.1, 0.3])
def test_what_came_back_is_never_missing(base):
    _, missing = rates(base, base)
    assert missing == 0


@pytest.mark.parametrize(("base", "left"), [(0.04, 0.0), (0.2, 0.02), (0.3, 0.05)])
def test_a_locked_mode_is_never_back(base, left):
    """A mode of four per cent is within five points of nothing at all."""
    back, missing = rates(base, left)
    assert back == 0
    assert missing >= (0.4 if base < 0.05 else 0.9)


def test_too_little_heat_is_no_loss():
    assert rates(0.3, 0.18)[1] > 0.5
    assert rates(0.3, 0.18, heat=0.1)[1] < 0.05


def test_the_samples_asked_for_are_enough():
    rng = np.random.default_rng(1)
    factors = [equivalence.planned_factor(table(rng, 0.1, 0.0), TOLERANCE)[0] for _ in range(50)]
    samples = round(40 * float(np.median(factors)))
    back, _ = rates(0.1, 0.1, samples=samples)
    assert back == pytest.approx(0.8, abs=0.1)


def test_a_mode_not_seen_in_the_base_is_not_in_question():
    back, missing = rates(0.0, 0.0)
    assert (back, missing) == (0, 0)
