import numpy as np
import pytest

from modecollapse.stats import loss
from tests.stats.test_resampling import _table

NONE = loss.Allowances(modes=np.zeros(2), rest=0.0)


def test_prediction_is_the_escort_where_the_base_is_known_well():
    table = _table(np.array([[80_000, 20_000]]), np.array([[500, 500]]))
    prediction = loss.predict(table, (2.0, 2.0, 2.0), NONE, 50, 0)
    assert prediction.share == pytest.approx([0.64 / 0.68, 0.04 / 0.68], abs=0.003)


def test_prompts_are_sharpened_one_by_one_and_never_pooled():
    """Two prompts that answer opposite ways: pooled shares are even and stay so at any temperature."""
    table = _table(np.array([[9000, 1000], [1000, 9000]]), np.array([[100, 100], [100, 100]]))
    prediction = loss.predict(table, (3.0, 3.0, 3.0), NONE, 50, 0)
    assert prediction.share == pytest.approx([0.5, 0.5], abs=0.01)


def test_a_loss_that_sharpening_explains_is_no_finding():
    rng = np.random.default_rng(0)
    p = np.array([0.7, 0.3])
    q = p**2 / (p**2).sum()
    found = []
    for seed in range(100):
        table = _table(rng.multinomial(20, p, size=10), rng.multinomial(20, q, size=10))
        found.append(loss.predict(table, (2.0, 2.0, 2.0), NONE, 60, seed).p_fewer.min() <= 0.01)
    assert np.mean(found) <= 0.04


def test_a_mode_that_is_gone_is_found():
    table = _table(np.full((10, 2), [14, 6]), np.full((10, 2), [20, 0]))
    prediction = loss.predict(table, (0.9, 1.0, 1.2), loss.Allowances(np.full(2, 1.5), 0.0), 60, 0)
    assert prediction.p_fewer[1] < 1e-6
    assert prediction.low[1] > 0.05


def test_the_entropy_allowance_widens_the_prediction_and_only_away_from_one():
    table = _table(np.full((10, 2), [14, 6]), np.full((10, 2), [14, 6]))
    wide = loss.predict(table, (1.5, 1.5, 1.5), loss.Allowances(np.full(2, 1.5), 0.0), 60, 0)
    narrow = loss.predict(table, (1.5, 1.5, 1.5), NONE, 60, 0)
    at_one = loss.predict(table, (1.0, 1.0, 1.0), loss.Allowances(np.full(2, 1.5), 0.0), 60, 0)
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()
    assert at_one.low == pytest.approx(loss.predict(table, (1.0, 1.0, 1.0), NONE, 60, 0).low)


@pytest.mark.parametrize("prompts", range(2, 24))
def test_a_mode_that_has_everything_has_a_share_of_one_at_most(prompts):
    """Sums over prompts of unlike sizes may round beyond one, which no binomial takes."""
    rng = np.random.default_rng(prompts)
    rows = [np.column_stack([rng.integers(5, 30, prompts), np.zeros(prompts, dtype=int)]) for _ in range(2)]
    prediction = loss.predict(_table(*rows), (0.25, 4.0, 12.0), loss.Allowances(np.full(2, 3.5), 0.0), 60, 0)
    for values in (prediction.share, prediction.low, prediction.high, prediction.p_fewer, prediction.p_more):
        assert ((values >= 0) & (values <= 1)).all()


def test_nothing_to_predict_without_rows():
    prediction = loss.predict(_table(*np.zeros((2, 0, 2), dtype=int)), (1.0, 1.0, 1.0), NONE, 10, 0)
    assert not prediction.tested.any()
