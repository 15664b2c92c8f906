"""Trees with known truth: every node's words from a power law; new texts by an escort of it, or copies of one text."""

import numpy as np
import pytest

from modecollapse.counts import WordTree
from modecollapse.stats import verbatim
from tests.stats.simulate import escort

LOCKED_WORDS = 2


def _tree(rng, prompts, samples, beta, copies=0.0, traced=1.0, spread=0.0, locked=0):
    """Base and new texts; ``locked`` words that never vary stand before the first open one."""
    sides = []
    for _ in range(prompts):
        own = beta * np.exp(spread * rng.normal())
        p = {}
        base, new = (_texts(rng, samples, b, p) for b in (1.0, own))
        if rng.random() < traced:
            new[rng.random(samples) < copies] = _texts(rng, 1, 1.0, p)
        sides += [np.column_stack([np.zeros((samples, locked), int), texts]) for texts in (base, new)]
    words = np.concatenate(sides)[:, : verbatim.DEPTH]
    return WordTree(
        np.repeat(np.arange(prompts), 2 * samples), np.tile(np.repeat([False, True], samples), prompts), words
    )


def _texts(rng, samples, beta, p):
    """Texts of ``DEPTH`` words; the node of each prefix is drawn when first met and kept in ``p``."""
    texts = np.zeros((samples, verbatim.DEPTH), dtype=np.int64)
    for text in texts:
        for depth in range(verbatim.DEPTH):
            node = tuple(text[:depth])
            if node not in p:
                p[node] = rng.dirichlet(np.arange(1, 16) ** -1.0)
            text[depth] = rng.choice(15, p=escort(p[node][None], beta)[0])
    return texts


@pytest.mark.parametrize("locked", [0, LOCKED_WORDS])
def test_copies_in_half_of_the_prompts_are_found(locked):
    tree = _tree(np.random.default_rng(1), 12, 15, 1.3, copies=0.5, traced=0.5, locked=locked)
    assert verbatim.repeats(verbatim.unlocked(tree), 2000, 0).p_value <= 0.001


@pytest.mark.parametrize(("beta", "spread"), [(1.0, 0.0), (1.7, 0.0), (1.5, 0.5), (3.0, 0.0), (6.0, 0.0), (40.0, 0.0)])
def test_no_temperature_is_called_a_repeat(beta, spread):
    tree = _tree(np.random.default_rng(2), 12, 15, beta, spread=spread)
    assert verbatim.repeats(verbatim.unlocked(tree), 2000, 0).p_value > 0.001


def test_a_phrase_that_the_base_repeats_too_is_no_trace():
    tree = _tree(np.random.default_rng(3), 12, 15, 1.0)
    texts = tree.words.reshape(12, 2, 15, -1)
    texts[:, :, :6] = texts[:, :1, :1]
    assert verbatim.repeats(verbatim.unlocked(tree), 2000, 0).repeated == 0


def test_nothing_to_compare():
    none = WordTree(np.zeros(0, int), np.zeros(0, bool), np.zeros((0, verbatim.DEPTH), int))
    assert verbatim.repeats(verbatim.unlocked(none), 100, 0).p_value == 1


def test_locked_words_are_taken_off_where_the_base_is_locked_whatever_the_new_texts_say():
    words = np.array([[7, 1, 2], [7, 1, 3], [7, 4, 5], [8, 1, 1], [9, 1, 1], [9, 2, 1], [5, 3, 1]])
    new = np.array([False, False, False, True, False, False, True])
    tree = verbatim.unlocked(WordTree(np.array([0, 0, 0, 0, 1, 1, 1]), new, words))
    first = [tree.words[tree.prompts == prompt, 0].tolist() for prompt in (0, 1)]
    assert first == [[1, 1, 4], [1, 2]]
