"""Seeds shared between prompts: found where they are, not seen where they are not, and paid for in the tests."""

import numpy as np
import pytest
from scipy import stats

from modecollapse.counts import CountTable
from modecollapse.stats import collision, resampling
from modecollapse.stats.exchangeability import dependence
from tests.stats import simulate


def corpus(rng, p, samples, shared):
    """Rows (prompt, number, word); the part ``shared`` of them draw by one seed per number, for all prompts."""
    own, common = rng.random((len(p), samples)), rng.random(samples)
    uniform = np.where(rng.random((len(p), samples)) < shared, common, own)
    words = [np.searchsorted(row.cumsum(), u * row.sum()) for row, u in zip(p, uniform, strict=True)]
    prompts, numbers = np.indices((len(p), samples))
    return prompts.ravel(), numbers.ravel(), np.concatenate(words)


def test_independent_samples_raise_no_alarm():
    rng = np.random.default_rng(1)
    found = [dependence(*corpus(rng, simulate.words(rng, 12), 15, 0.0), seed=0) for _ in range(100)]
    assert not any(each.shared for each in found)
    assert all(each.design_effect(1000) == 1 for each in found)
    below = sum(each.p_value <= 0.05 for each in found)
    assert below <= stats.binom.ppf(0.999, 100, 0.05)


@pytest.mark.parametrize("prompts", [12, 60])
def test_shared_seeds_are_found(prompts):
    rng = np.random.default_rng(2)
    found = dependence(*corpus(rng, simulate.words(rng, prompts), 20, 1.0), seed=0)
    assert found.shared
    assert found.design_effect(prompts) > prompts / 12


def test_one_seed_for_all_prompts_makes_them_one():
    rng = np.random.default_rng(3)
    alike = np.repeat(simulate.words(rng, 1), 30, axis=0)
    assert dependence(*corpus(rng, alike, 20, 1.0), seed=0).design_effect(30) == pytest.approx(30, rel=0.1)


def test_one_number_of_many_that_begins_alike_is_enough():
    """As met in a public corpus: one sample number opens with the same word in 143 of 200 prompts."""
    rng = np.random.default_rng(4)
    prompts, numbers, words = corpus(rng, simulate.words(rng, 200), 10, 0.0)
    words[np.flatnonzero(numbers == 7)[:143]] = 3
    assert dependence(prompts, numbers, words, seed=0).shared


def test_order_of_rows_decides_nothing():
    rng = np.random.default_rng(5)
    rows = np.array(corpus(rng, simulate.words(rng, 20), 10, 0.4))
    assert dependence(*rows, seed=0) == dependence(*rows[:, rng.permutation(rows.shape[1])], seed=0)


def test_unequal_numbers_of_samples_are_no_dependence():
    """Prompts of which only the first few samples stand in the file."""
    rng = np.random.default_rng(6)
    prompts, numbers, words = corpus(rng, simulate.words(rng, 20), 20, 0.0)
    kept = numbers < 4 + prompts
    assert not dependence(prompts[kept], numbers[kept], words[kept], seed=0).shared


def test_a_sorted_file_is_not_taken_for_shared_seeds():
    rng = np.random.default_rng(7)
    prompts, numbers, words = corpus(rng, simulate.words(rng, 20), 20, 0.0)
    order = np.lexsort((words, prompts))
    assert not dependence(prompts, numbers, words[order], seed=0, numbered=False).shared
    shared = corpus(rng, simulate.words(rng, 20), 20, 1.0)
    assert dependence(*shared, seed=0, numbered=False).shared


@pytest.mark.parametrize("changed", [3, 6, 11])
def test_a_file_put_together_from_parts_is_not_taken_for_shared_seeds(changed):
    rng = np.random.default_rng(8)
    prompts, numbers, words = corpus(rng, simulate.words(rng, 40), 20, 0.0)
    words[numbers < changed] = rng.integers(0, 4, size=(numbers < changed).sum())
    assert not dependence(prompts, numbers, words, seed=0).shared
    assert not dependence(prompts, numbers, words, seed=0, numbered=False).shared


@pytest.mark.parametrize("numbers", [[0, 0, 0, 0], [0, 1, 2, 3]], ids=["one number for all", "no number twice"])
def test_nothing_to_compare(numbers):
    found = dependence(np.array([0, 0, 1, 1]), np.array(numbers), np.array([5, 5, 5, 5]), seed=0)
    assert not found.shared


def test_whole_blocks_hold_the_level_that_single_rows_do_not():
    """Same model on both sides, seeds shared between prompts, unequal numbers of samples."""
    rng = np.random.default_rng(8)
    by_rows, by_blocks = [], []
    for seed in range(30):
        p = simulate.words(rng, 15, size=12)
        base, new = corpus(rng, p, 10, 1.0), corpus(rng, p, 7, 1.0)
        prompts, numbers, words = (np.concatenate(both) for both in zip(base, new, strict=True))
        side = np.arange(len(prompts)) >= len(base[0])
        for found, blocks in ((by_rows, None), (by_blocks, numbers + 100 * side)):
            table = CountTable.from_rows(prompts, side, words[:, None], np.zeros(12, dtype=int), blocks)
            found.append(resampling.permutation_test(table, 59, seed).p_value)
    most = stats.binom.ppf(0.999, 30, 0.05)
    assert sum(p_value <= 0.05 for p_value in by_rows) > most
    assert sum(p_value <= 0.05 for p_value in by_blocks) <= most


def test_a_change_in_most_blocks_is_still_found():
    rng = np.random.default_rng(9)
    p = simulate.words(rng, 20, size=12)
    base, new = corpus(rng, p, 20, 1.0), corpus(rng, p[:, ::-1], 20, 1.0)
    prompts, numbers, words = (np.concatenate(both) for both in zip(base, new, strict=True))
    side = np.arange(len(prompts)) >= len(base[0])
    table = CountTable.from_rows(prompts, side, words[:, None], np.zeros(12, dtype=int), numbers + 100 * side)
    change = resampling.permutation_test(table, 499, 0)
    assert change.p_value <= 0.01
    independent = CountTable.from_rows(prompts, side, words[:, None], np.zeros(12, dtype=int))
    assert (change.standard_error >= resampling.permutation_test(independent, 99, 0).standard_error).all()


def test_prompts_that_depend_on_each_other_count_for_fewer():
    rng = np.random.default_rng(10)
    p = simulate.words(rng, 30)
    plane = collision.plane(simulate.nodes(rng, p, simulate.escort(p[:, ::-1], 2.0), 20, 20))
    alone, together = (collision.greater(plane.qq, plane.pp, effect) for effect in (1.0, 4.0))
    assert together.t == pytest.approx(alone.t / 2)
    assert 0.05 > together.p_value > alone.p_value
    assert collision.replaced(plane, 4.0) > collision.replaced(plane)
    assert collision.direction_bounds(plane, design_effect=6.0) is None
