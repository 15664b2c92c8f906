"""A plan that promises what a comparison does not keep sends people home with too few samples."""

import numpy as np
import pytest

from modecollapse.counts import CountTable
from modecollapse.evidence import Settings, weigh_facet
from modecollapse.stats import foresight
from modecollapse.stats.loss import Allowances

PROMPTS, MODES, SETTINGS = 20, 8, Settings(alpha=0.01, tolerance=0.05, resamples=400, seed=0)
NONE = Allowances(np.zeros(MODES), 0.0)
BETAS = (0.95, 1.0, 1.05)


def base_counts(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
    p = rng.dirichlet(np.array([8, 6, 5, 4, 3, 2, 1, 0.3]), size=PROMPTS)
    return p, rng.multinomial(samples, p)


def table(base: np.ndarray, new: np.ndarray) -> CountTable:
    prompt, mode = np.divmod(np.arange(PROMPTS * MODES), MODES)
    return CountTable(prompt, mode[:, None], base.ravel(), new.ravel(), np.zeros(MODES, dtype=np.int64), PROMPTS)


def plan(base: np.ndarray, new_rows: int) -> foresight.Reach:
    return foresight.reach(
        table(base, base), new_rows, BETAS, NONE, np.ones(MODES, dtype=bool), SETTINGS.alpha, draws=60, seed=0
    )


@pytest.mark.parametrize("mode", [4, 7])
def test_a_removal_is_found_about_as_often_as_promised(mode: int) -> None:
    rng = np.random.default_rng(mode)
    promised, found = [], []
    for _ in range(16):
        p, base = base_counts(rng, samples=8)
        without = p.copy()
        without[:, mode] = 0
        new = rng.multinomial(8, without / without.sum(1, keepdims=True))
        promised.append(plan(base, new_rows=8 * PROMPTS).removal_power[mode])
        evidence = weigh_facet(table(base, new), NONE, np.ones(MODES, dtype=bool), BETAS, SETTINGS)
        found.append(evidence.gone[mode])
    assert abs(np.mean(promised) - np.mean(found)) <= 0.25


def test_more_samples_never_reveal_less() -> None:
    _, base = base_counts(np.random.default_rng(0), samples=20)
    few, many = plan(base, new_rows=100), plan(base, new_rows=2000)
    assert (many.removal_power >= few.removal_power - 0.02).all()
    assert np.nanmin(many.smallest_loss) < np.nanmin(few.smallest_loss)


def test_a_mode_of_four_texts_promises_nothing() -> None:
    base = np.full((PROMPTS, MODES), 5)
    base[:, 7] = 0
    base[:4, 7] = 1
    assert plan(base, new_rows=10_000).removal_power[7] == 0
    assert np.isnan(plan(base, new_rows=10_000).smallest_loss[7])
