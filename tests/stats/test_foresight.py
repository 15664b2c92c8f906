"""A plan that promises what a comparison does not keep sends people home with too few samples."""

import numpy as np
import pytest

from modecollapse.counts import CountTable
from modecollapse.judgement.evidence import Settings, weigh_facet
from modecollapse.stats import foresight
from modecollapse.stats.loss import Allowances
from modecollapse.traits import Traits

PROMPTS, MODES, SETTINGS = 20, 8, Settings(alpha=0.01, tolerance=0.05, resamples=400, seed=0)
NONE = Allowances(np.zeros(MODES), 0.0)
BETAS = (0.95, 1.0, 1.05)


def base_counts(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
    p = rng.dirichlet(np.array([8, 6, 5, 4, 3, 2, 1, 0.3]), size=PROMPTS)
    return p, rng.multinomial(samples, p)


def table(base: np.ndarray, new: np.ndarray) -> CountTable:
    prompt, mode = np.divmod(np.arange(PROMPTS * MODES), MODES)
    return CountTable(prompt, mode[:, None], base.ravel(), new.ravel(), np.zeros(MODES, dtype=np.int64), PROMPTS)


def plan(base: np.ndarray, new_rows: int, stability: float = 1.0, betas: tuple = BETAS) -> foresight.Reach:
    rule = foresight.Rule(SETTINGS.alpha, SETTINGS.tolerance)
    return foresight.reach(table(base, base), new_rows, betas, NONE, np.full(MODES, stability), rule, draws=60, seed=0)


def removal(reach: foresight.Reach) -> np.ndarray:
    return reach.found[-1]


@pytest.mark.parametrize("mode", [4, 7])
def test_a_removal_is_found_about_as_often_as_promised(mode: int) -> None:
    rng = np.random.default_rng(mode)
    promised, found = [], []
    for _ in range(16):
        p, base = base_counts(rng, samples=8)
        without = p.copy()
        without[:, mode] = 0
        new = rng.multinomial(8, without / without.sum(1, keepdims=True))
        promised.append(plan(base, new_rows=8 * PROMPTS).found[-1, mode])
        evidence = weigh_facet(table(base, new), NONE, Traits.usual(MODES), BETAS, SETTINGS)
        found.append(evidence.gone[mode])
    assert abs(np.mean(promised) - np.mean(found)) <= 0.25


def test_more_samples_never_reveal_less() -> None:
    _, base = base_counts(np.random.default_rng(0), samples=20)
    few, many = plan(base, new_rows=100), plan(base, new_rows=2000)
    assert (removal(many) >= removal(few) - 0.02).all()
    assert np.nanmin(many.smallest_loss) < np.nanmin(few.smallest_loss)


def test_a_mode_of_four_texts_promises_nothing() -> None:
    base = np.full((PROMPTS, MODES), 5)
    base[:, 7] = 0
    base[:4, 7] = 1
    assert removal(plan(base, new_rows=10_000))[7] == 0
    assert np.isnan(plan(base, new_rows=10_000).smallest_loss[7])


def test_a_mode_that_comes_and_goes_promises_less_and_an_unstable_one_nothing():
    _, base = base_counts(np.random.default_rng(0), samples=20)
    solid, shaky, gone = (plan(base, new_rows=400, stability=each) for each in (1.0, 0.6, 0.5))
    assert removal(solid).max() > 0.9
    assert (removal(shaky) <= 0.4 * removal(solid) + 1e-9).all()
    assert not removal(gone).any()


def test_an_uncertain_temperature_promises_less():
    _, base = base_counts(np.random.default_rng(1), samples=20)
    known, unknown = plan(base, new_rows=200), plan(base, new_rows=200, betas=(0.6, 1.0, 1.6))
    assert (removal(unknown) <= removal(known) + 1e-9).all()
    assert removal(unknown).sum() < removal(known).sum()


def test_a_loss_that_fails_the_gate_is_one_that_is_found():
    _, base = base_counts(np.random.default_rng(2), samples=20)
    seen = plan(base, new_rows=400)
    assert (seen.lost <= seen.found + 1e-9).all()
    large, small = seen.share > 0.12, seen.share < 0.04
    assert (seen.lost[-1][large] > 0.8).all()
    assert (seen.lost[-1][small & (seen.share * 400 > 5)] < 0.5).all()
