import numpy as np
import pytest

from modecollapse.stats import traces
from tests.stats.simulate import escort, nodes, words


def _traced(rng, p, copies):
    """Each prompt repeats one draw of its own."""
    drawn = np.array([rng.choice(len(row), p=row) for row in p])
    return (1 - copies) * p + copies * np.eye(p.shape[1])[drawn]


@pytest.mark.parametrize("samples", [5, 10, 40])
def test_single_traces_are_found(samples):
    rng = np.random.default_rng(21)
    p = words(rng, 24)
    found = traces.unsupported_concentration(nodes(rng, p, _traced(rng, p, 0.9), 20, samples), 100, 0)
    assert min(found.z, found.reversal_z) > 4


@pytest.mark.parametrize("beta", [1.0, 1.7, 4.0, 60.0])
@pytest.mark.parametrize("tail", [0.2, 1.0])
def test_no_escort_is_called_a_trace_not_even_greedy_decoding(beta, tail):
    rng = np.random.default_rng(22)
    z = []
    for seed in range(4):
        p = words(rng, 24, tail=tail)
        z.append(traces.unsupported_concentration(nodes(rng, p, escort(p, beta), 20, 20), 100, seed).z)
    assert max(z) < 4


@pytest.mark.parametrize("tied", [2, 4, 40])
def test_greedy_decoding_of_nearly_tied_words_is_not_called_a_trace(tied):
    rng = np.random.default_rng(23)
    p = np.where(np.arange(40) < tied, 1 / tied, 0.005) * rng.normal(1, 0.03, (24, 40))
    p /= p.sum(1, keepdims=True)
    for seed in range(4):
        tree = nodes(rng, p, np.eye(40)[p.argmax(1)], 40, 20)
        found = traces.unsupported_concentration(tree, 100, seed)
        assert min(found.z, found.reversal_z) < 4
