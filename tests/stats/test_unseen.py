"""The unseen mass: Good and Turing's estimate, and who scatters more."""

import numpy as np
import pytest

from modecollapse.stats import unseen


def texts(seed, temperature, prompts=12, samples=15, depth=30):
    """Word codes of texts from one power law per prompt."""
    rng = np.random.default_rng(seed)
    p = np.arange(1, 4001) ** (-1.1 / temperature)
    words = rng.choice(4000, size=(prompts * samples, depth), p=p / p.sum())
    return np.repeat(np.arange(prompts), samples), words


def pooled(base, new):
    prompts, words = (np.concatenate(pair) for pair in zip(base, new, strict=True))
    return prompts, np.arange(len(prompts)) >= len(base[0]), words


@pytest.mark.parametrize(("temperature", "expected"), [(1.0, False), (0.7, False), (1.3, True)])
def test_only_the_hotter_side_scatters(temperature, expected):
    found = [unseen.scatters(*pooled(texts(seed, 1.0), texts(seed + 50, temperature)), 0.01) for seed in range(20)]
    assert sum(found) == (20 if expected else 0)


def test_more_texts_on_one_side_are_no_heat():
    """Words that occur once get rarer the more is read: three times as many base texts must not look cooler."""
    found = [unseen.scatters(*pooled(texts(s, 1.0, samples=45), texts(s + 50, 1.0)), 0.01) for s in range(20)]
    assert not any(found)


def test_the_mass_is_the_share_of_running_words_said_in_one_text_alone():
    words = np.array([[1, 2, 2, -1], [1, 3, -1, -1], [4, 4, 1, -1], [5, -1, -1, -1]])
    base, new = unseen.unseen_mass(np.zeros(4, dtype=np.int64), np.array([False, False, True, True]), words)
    assert base.tolist() == [2 / 5]  # of 1 2 2 1 3: 2 and 3
    assert new.tolist() == [3 / 4]  # of 4 4 1 5: all of them


def test_a_prompt_on_one_side_only_is_left_out():
    prompts = np.array([0, 0, 1])
    base, new = unseen.unseen_mass(prompts, np.array([False, True, True]), np.array([[1], [2], [3]]))
    assert (len(base), len(new)) == (1, 1)
