"""No temperature reverses the order of words, and a reversal is told from chance."""

import numpy as np
import pytest
from scipy.stats import binomtest

from modecollapse.counts import Nodes
from modecollapse.stats.order import reversal

ALPHA = 0.01


def nodes(*counts):
    """Counts of base and new per node, each of shape ``(words,)``."""
    sizes = [len(base) for base, _ in counts]
    node = np.repeat(np.arange(len(counts)), sizes)
    base, new = (np.concatenate([np.asarray(pair[side]) for pair in counts]) for side in (0, 1))
    word = np.concatenate([np.arange(size) for size in sizes])
    return Nodes(node, word, base, new, np.arange(len(counts)), np.ones(len(counts), dtype=np.int64))


def sharpened(rng, texts, words, beta, cut=None):
    p = rng.dirichlet(np.full(words, 0.3))
    q = p**beta
    if cut is not None:
        q[np.argsort(-p)[cut:]] = 0
    return rng.multinomial(texts, p), rng.multinomial(texts, q / q.sum())


@pytest.mark.parametrize(("beta", "cut"), [(1, None), (0.3, None), (2, None), (30, None), (1, 5)])
@pytest.mark.parametrize(("texts", "words"), [(40, 5), (240, 40)])
def test_no_temperature_and_no_truncation_is_a_reversal(beta, cut, texts, words):
    rng = np.random.default_rng(0)
    alarms = [reversal(nodes(sharpened(rng, texts, words, beta, cut)), ALPHA) <= ALPHA for _ in range(200)]
    assert np.mean(alarms) <= ALPHA


def test_words_that_are_as_likely_as_each_other_are_no_reversal():
    rng = np.random.default_rng(1)
    even = np.ones(4) / 4
    found = [reversal(nodes((rng.multinomial(80, even), rng.multinomial(80, even))), 0.05) for _ in range(400)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05


def test_one_pair_is_two_sign_tests():
    expected = max(binomtest(20, 25, alternative="greater").pvalue, binomtest(15, 17, alternative="greater").pvalue)
    assert reversal(nodes(([20, 5], [2, 15])), ALPHA) == pytest.approx(2 * expected)  # either may have been the first
    assert reversal(nodes(([20, 5], [15, 2])), ALPHA) > 0.9


def test_another_language_is_a_reversal_though_no_word_of_it_leads():
    rng = np.random.default_rng(2)
    mine, theirs = rng.dirichlet(np.full(30, 0.5), size=2)
    nothing = np.zeros(30, dtype=np.int64)
    counts = (np.r_[rng.multinomial(200, mine), nothing], np.r_[nothing, rng.multinomial(200, theirs)])
    assert reversal(nodes(counts), ALPHA) < 1e-4


def test_more_nodes_ask_for_more():
    one = ([30, 0], [0, 30])
    same = ([30, 30], [30, 30])
    assert reversal(nodes(one), ALPHA) < reversal(nodes(one, *[same] * 20), ALPHA) <= ALPHA


def test_without_words_nothing_is_reversed():
    assert reversal(nodes(([3, 2], [2, 3])).take(np.array([False])), ALPHA) == 1.0
