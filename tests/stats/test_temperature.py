import numpy as np
import pytest

from benchmarks.inverse_temperature import tree
from modecollapse.counts import WordTree
from modecollapse.stats import temperature
from tests.stats.simulate import escort, nodes, words


@pytest.mark.parametrize("beta", [0.7, 1.0, 1.4, 1.8])
def test_recovers_a_known_inverse_temperature(beta):
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        p = words(rng, 30, tail=1.3)
        found.append(temperature.estimate(nodes(rng, p, escort(p, beta), 60, 40)))
    assert sum(each.low <= beta <= each.high for each in found) >= 3
    assert [each.value for each in found] == pytest.approx([beta] * 4, rel=0.15)


@pytest.mark.parametrize("beta", [1.0, 1.67])
def test_trees_of_nearly_deterministic_and_nearly_flat_nodes_do_not_pull_towards_one(beta):
    """One measure shared by all nodes gave 1.55 where 1.67 is true, and 1.15 where 1."""
    found = [temperature.estimate(tree(np.random.default_rng(seed), 12, 20, 20, beta)) for seed in range(8)]
    assert np.mean([np.log(each.value) for each in found]) == pytest.approx(np.log(beta), abs=0.07)
    assert sum(each.low <= beta <= each.high for each in found) >= 6
    assert max(each.high / each.low for each in found) < 2


@pytest.mark.parametrize("beta", [0.7, 1.5])
def test_answers_of_a_few_names_do_not_pull_towards_one(beta):
    """Read as draws of an open vocabulary, ten names at T = .67 gave 1.27 (1.18 to 1.36)."""
    p = np.array([0.3, 0.2, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02])
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        each = np.array([rng.permutation(p) for _ in range(40)])
        found.append(temperature.estimate(nodes(rng, each, escort(each, beta), 50, 50)))
    assert sum(each.low <= beta <= each.high for each in found) >= 3
    assert max(each.high / each.low for each in found) < 2
    assert [each.value for each in found] == pytest.approx([beta] * 4, rel=0.15)


def test_swapping_the_sides_gives_the_reciprocal():
    rng = np.random.default_rng(12)
    p = words(rng, 12)
    there = nodes(rng, p, escort(p, 1.5), 40, 40)
    forward, backward = temperature.estimate(there), temperature.estimate(there.swapped())
    assert forward.value > 1
    assert (backward.value, backward.low, backward.high) == pytest.approx(
        (1 / forward.value, 1 / forward.high, 1 / forward.low)
    )


def test_greedy_decoding_is_at_least_twice_as_cold_and_stays_finite():
    rng = np.random.default_rng(14)
    p = words(rng, 20, tail=1.3)
    found = temperature.estimate(nodes(rng, p, escort(p, 200.0), 40, 40))
    assert found.value > temperature.HIGHEST
    assert found.low > 1.5
    assert np.isfinite(found.high)


def test_no_estimate_from_two_prompts():
    rng = np.random.default_rng(13)
    p = words(rng, 2)
    assert temperature.estimate(nodes(rng, p, p, 40, 40)) is None


def test_openings_that_never_vary_tell_no_temperature():
    prompts = np.repeat(np.arange(8), 20)
    repeated = WordTree(prompts, np.tile([False, True], 80), np.zeros((160, 1), dtype=np.int32))
    assert temperature.estimate(repeated.nodes(1, 2, 2)) is None
