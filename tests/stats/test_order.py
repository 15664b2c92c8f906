"""No temperature reverses the order of words, and a reversal is told from chance."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from modecollapse.counts import Nodes
from modecollapse.stats.order import overturned, reversal

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


def one_text_each(rng, prompts, beta, words):
    """First words of ``prompts`` that differ in what they favour, one text a side: letters, so that none shares one."""
    p = rng.dirichlet(np.full(words, 0.3), size=prompts) + rng.dirichlet(np.full(words, 0.5))
    q = (p / p.max(axis=1, keepdims=True)) ** beta
    sides = [[chr(97 + rng.choice(words, p=row / row.sum())) for row in side] for side in (p, q)]
    return (*sides, np.full(prompts, 1 / prompts))


@pytest.mark.parametrize("beta", [0.3, 1, 2, 30])
@pytest.mark.parametrize("prompts", [40, 400])
def test_no_temperature_overturns_the_order_of_many_prompts(beta, prompts):
    rng = np.random.default_rng(3)
    found = [overturned(*one_text_each(rng, prompts, beta, 12)) for _ in range(100)]
    assert np.mean([leader.p_value <= ALPHA for leader in found]) <= ALPHA


def test_every_prompt_favours_the_word_that_comes_to_the_top():
    """The hardest case: at each prompt two words that are as likely as each other, of which one comes to begin all."""
    rng = np.random.default_rng(4)
    found = [overturned(rng.choice(["a", "b"], 200).tolist(), ["b"] * 200, np.full(200, 1 / 200)) for _ in range(400)]
    assert np.mean([leader.p_value <= 0.05 for leader in found]) <= 0.07


def test_a_word_that_came_before_others_is_a_sign_test_and_a_test_of_means():
    base = ["the"] * 20 + [f"{chr(100 + i % 10)}{i}" for i in range(80)]
    found = overturned(base, ["certainly"] * 60, np.full(100, 0.01))
    by_means = norm.sf(0.2 / np.sqrt(0.2 * 0.8 / 100))
    assert found.p_value == pytest.approx(max(by_means, 0.5**20))
    assert (found.word, found.share, found.before) == ("certainly", 1.0, 0.2)


def test_what_may_share_its_first_token_counts_for_the_word():
    """“Certain” may lead to more words than “certainly”: cooling brings up the commonest after the commonest token."""
    base = ["the"] * 20 + ["cert"] * 20 + [f"{chr(101 + i % 10)}{i}" for i in range(60)]
    assert overturned(base, ["certainly"] * 60, np.full(100, 0.01)).p_value > 0.4


def test_prompts_weigh_as_they_do_in_the_new_texts():
    """A prompt that has many base texts and few new ones is no evidence of all the others."""
    base, new = ["a"] * 90 + ["b"] * 10, ["b"] * 11
    assert overturned(base, new, np.r_[np.full(90, 1 / 90 / 11), np.full(10, 1 / 11)]).p_value > 0.5
    assert overturned(base, new, np.full(100, 1 / 100)).p_value < ALPHA


def test_no_texts_have_no_leader():
    assert overturned([], ["a"], np.zeros(0)) is None and overturned(["a"], [], np.ones(1)) is None
