import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from modecollapse.stats import diversity, multiplicity, power


def test_hill_number_counts_equal_modes():
    assert diversity.hill_number(np.array([[0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0]])) == pytest.approx([4, 1])


def test_hill_interval_holds_the_value_and_widens_when_prompts_disagree():
    alike, apart = np.full((8, 4), 5), np.kron(np.eye(4, dtype=int), [[20], [0]])
    value, low, high = diversity.hill_interval(apart, 200, 0)
    assert low <= value <= high
    assert high - low > np.ptp(diversity.hill_interval(alike, 200, 0)[1:])


def test_holm_by_hand():
    assert multiplicity.holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_that_of_statsmodels(p_values):
    found = multiplicity.holm(np.array(p_values, dtype=np.float64))
    expected = multipletests(p_values, method="holm")[1] if p_values else []
    assert found.tolist() == pytest.approx(list(expected))


def test_false_discovery_by_hand():
    assert multiplicity.false_discovery(np.array([0.01, 0.02, 0.9])) == pytest.approx([0.03, 0.03, 0.9])


def test_four_times_the_samples_halve_the_detectable_loss():
    now = power.samples_needed(0.02, 0.05, 20)
    assert power.samples_needed(0.04, 0.05, 20) == pytest.approx(4 * now, abs=4)


def test_never_asks_for_fewer_samples_than_there_are():
    assert power.samples_needed(0.001, 0.05, 20) == 21
