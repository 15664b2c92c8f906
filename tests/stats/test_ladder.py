"""Where a corpus lies on a ladder of temperatures, and the rows that stand for that place."""

import numpy as np
import pytest

from modecollapse.stats import ladder
from tests.stats.simulate import escort, words

PROMPTS, SAMPLES = 12, 30


def draw(rng, p, samples=SAMPLES):
    """First words of ``samples`` texts a prompt: prompts and words, each of shape (rows,)."""
    drawn = [rng.choice(p.shape[1], size=samples, p=row) for row in p]
    return np.repeat(np.arange(len(p)), samples), np.concatenate(drawn)


def placed(rng, *shares):
    """The position of the last corpus among those before it."""
    drawn = [draw(rng, p) for p in shares]
    prompts, first = (np.concatenate(column) for column in zip(*drawn, strict=True))
    group = np.repeat(np.arange(len(shares)), PROMPTS * SAMPLES)
    return ladder.place(prompts, group, first[:, None])


def test_interval_holds_the_temperature_between_two_rungs():
    """T = .8 between T = 1 and T = .6 is .4 to .5 of the way, depending on the mode."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(20):
        p = words(rng, PROMPTS)
        found = placed(rng, p, escort(p, 1 / 0.6), escort(p, 1 / 0.8))
        held += found.low <= 0.45 <= found.high and not found.off
    assert held >= 18


def test_finds_the_right_pair_of_rungs():
    rng = np.random.default_rng(1)
    p = words(rng, PROMPTS)
    rungs = [escort(p, beta) for beta in (1.0, 1.6, 2.6)]
    values = [placed(rng, *rungs, escort(p, 2.1)).value for _ in range(10)]
    assert 1.2 < np.median(values) < 1.9


def test_a_corpus_cooler_or_hotter_than_every_rung_is_off_the_ladder():
    rng = np.random.default_rng(2)
    p = words(rng, PROMPTS)
    assert placed(rng, escort(p, 1.5), escort(p, 2.0), escort(p, 8.0)).off
    assert placed(rng, escort(p, 1.5), escort(p, 2.0), escort(p, 0.5)).off
    assert not placed(rng, p, escort(p, 2.0), p).off


def test_no_place_with_a_single_rung_or_prompt():
    rng = np.random.default_rng(3)
    p = words(rng, PROMPTS)
    assert placed(rng, p, p) is None
    prompts, first = draw(rng, p[:1])
    group = np.arange(SAMPLES) % 3
    assert ladder.place(prompts, group, first[:, None]) is None


@pytest.mark.parametrize("position", [0.0, 0.3, 0.5, 1.0])
def test_mixture_has_the_share_of_the_cooler_rung_that_its_position_says(position):
    prompts = np.repeat(np.arange(300), 12)
    rung = np.tile([0] * 5 + [1] * 4 + [-1] * 3, 300)
    chosen = ladder.mixture(prompts, rung, position, seed=0)
    assert not chosen[rung == -1].any()
    assert (rung[chosen] == 1).mean() == pytest.approx(position, abs=0.02)
    if position in (0.0, 1.0):
        assert chosen.sum() == (rung == position).sum()
