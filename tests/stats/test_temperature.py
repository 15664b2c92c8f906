import numpy as np
import pytest

from modecollapse.counts import WordTree
from modecollapse.stats import temperature
from tests.stats.simulate import escort, nodes, words


@pytest.mark.parametrize("beta", [0.7, 1.0, 1.4, 1.8])
def test_recovers_a_known_inverse_temperature(beta):
    rng = np.random.default_rng(11)
    p = words(rng, 30, tail=1.3)
    found = temperature.estimate(nodes(rng, p, escort(p, beta), 60, 40), 100, 0)
    assert found.low <= beta <= found.high
    assert found.value == pytest.approx(beta, rel=0.15)


def test_swapping_the_sides_mirrors_the_sign():
    rng = np.random.default_rng(12)
    p = words(rng, 12)
    there = nodes(rng, p, escort(p, 1.5), 40, 40)
    forward, backward = temperature.estimate(there, 50, 0), temperature.estimate(there.swapped(), 50, 0)
    assert forward.symmetric > 0
    assert backward.symmetric == pytest.approx(-forward.symmetric)


def test_no_estimate_from_two_prompts():
    rng = np.random.default_rng(13)
    p = words(rng, 2)
    assert temperature.estimate(nodes(rng, p, p, 40, 40), 50, 0) is None


def test_openings_that_never_vary_tell_no_temperature():
    prompts = np.repeat(np.arange(8), 20)
    tree = WordTree(prompts, np.tile([False, True], 80), np.zeros((160, 1), dtype=np.int32))
    assert temperature.estimate(tree.nodes(1, 2, 2), 50, 0) is None
