"""The test that hardly a text is left: its error rate at the border of its null hypothesis, and its weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modecollapse.stats.depletion import KEPT, depleted


def p_value(base, new, weights=None):
    weights = np.ones(len(base)) if weights is None else np.asarray(weights)
    return float(depleted(np.array([weights @ base]), np.array([weights**2 @ base]), np.array([float(new)]))[0])


def test_equal_weights_give_the_conditional_binomial():
    assert p_value([30.0], 4) == pytest.approx(stats.binom.cdf(4, 34, KEPT / (1 + KEPT)))


@pytest.mark.parametrize("spread", [0.0, 0.8])
def test_the_level_holds_where_just_a_third_is_left(spread):
    """Prompts of unequal weight included; Poisson counts are the worst case."""
    rng = np.random.default_rng(0)
    weights = rng.uniform(1 - spread, 1 + spread, 20)
    rejected = [
        p_value(base, rng.poisson(KEPT * 4 * weights.sum()), weights) <= 0.05
        for base in rng.poisson(4, size=(4_000, 20)).astype(float)
    ]
    assert 0.01 <= np.mean(rejected) <= 0.055


@given(base=st.integers(0, 500), new=st.integers(0, 500))
def test_it_takes_a_base_that_had_it_and_more_left_is_less_evidence(base, new):
    found = p_value([float(base)], new)
    assert 0 <= found <= 1
    assert p_value([float(base)], new + 1) >= found - 1e-12
    if base * KEPT <= new:
        assert found > 0.3
