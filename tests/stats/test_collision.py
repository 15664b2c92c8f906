import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.counts import Nodes
from modecollapse.stats import collision
from tests.stats.simulate import escort, nodes, words

probabilities = st.lists(st.floats(1e-4, 1), min_size=2, max_size=12).map(lambda w: np.array(w) / np.sum(w))


@given(p=probabilities, beta=st.floats(0.05, 20))
def test_every_escort_lies_between(p, beta):
    q = escort(p[None], beta)[0]
    low, high = sorted([(p * p).sum(), (q * q).sum()])
    assert low - 1e-12 <= (p * q).sum() <= high + 1e-12


@given(p=probabilities, keep=st.integers(1, 12))
def test_every_truncation_lies_between(p, keep):
    q = np.where(np.argsort(np.argsort(-p)) < keep, p, 0)
    q = q / q.sum()
    assert (p * p).sum() - 1e-12 <= (p * q).sum() <= (q * q).sum() + 1e-12


def test_a_marginal_mode_can_break_the_order_under_pure_temperature():
    """Why the plane decides nothing on facets whose modes hold many texts: one sure text beside a thousand children."""
    leaves_p = np.concatenate([[0.1], np.full(1000, 0.9 / 1000)])
    leaves_q = escort(leaves_p[None], 2.0)[0]
    p, q = np.array([0.1, 0.9]), np.array([leaves_q[0], leaves_q[1:].sum()])
    assert (p * q).sum() < (p * p).sum()
    assert (q * q).sum() > (p * q).sum()


def _one_node(base, new):
    size = len(base)
    return Nodes(np.zeros(size, int), np.arange(size), np.array(base), np.array(new), np.zeros(1, int), np.ones(1, int))


def test_estimates_are_unbiased():
    """The expectation over every possible sample, by enumeration."""
    p, q, size = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.2, 0.6]), 3
    mean = np.zeros(3)
    for base in itertools.product(range(3), repeat=size):
        for new in itertools.product(range(3), repeat=size):
            chance = p[list(base)].prod() * q[list(new)].prod()
            plane = collision.plane(_one_node(np.bincount(base, minlength=3), np.bincount(new, minlength=3)))
            mean += chance * np.array([plane.pp[0], plane.pq[0], plane.qq[0]])
    assert mean == pytest.approx([(p * p).sum(), (p * q).sum(), (q * q).sum()])


def test_replacement_is_found_and_sharpening_is_not():
    rng = np.random.default_rng(0)
    p = words(rng, 24)
    locked = 0.2 * p + 0.8 * np.eye(40)[39]
    assert collision.replaced(collision.plane(nodes(rng, p, locked, 20, 20))) < 0.01
    false = [
        collision.replaced(collision.plane(nodes(rng, p, escort(p, beta), 20, 20))) <= 0.05
        for beta in (1.0, 1.5, 3.0, 60.0)
        for p in (words(rng, 24) for _ in range(25))
    ]
    assert np.mean(false) <= 0.05


def test_direction_tells_sharpening_from_a_lock():
    rng = np.random.default_rng(1)
    p = words(rng, 24)
    sharp = collision.direction_bounds(collision.plane(nodes(rng, p, escort(p, 1.6), 40, 40)))
    locked = collision.direction_bounds(collision.plane(nodes(rng, p, 0.2 * p + 0.8 * np.eye(40)[39], 40, 40)))
    assert sharp[0] > 0.2
    assert locked[1] < 0.2


def test_a_single_text_a_side_gives_no_estimate():
    assert len(collision.plane(_one_node([1, 0], [0, 5]))) == 0


@pytest.mark.parametrize(("larger", "smaller"), [(0.3, 0.2), (0.1, 0.05), (1.0, 0.0)])
def test_where_all_prompts_differ_by_as_much_the_sign_test_answers(larger, smaller):
    """t would be infinite or, by rounding, 10^15: six prompts that agree are 1 in 64."""
    found = collision.greater(np.full(6, larger), np.full(6, smaller))
    assert found.p_value == pytest.approx(1 / 64)
    assert collision.greater(np.full(6, smaller), np.full(6, larger)).p_value == 1
