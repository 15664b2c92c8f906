import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from modecollapse.counts import CountTable
from modecollapse.stats import multiplicity, resampling


def _table(base, new):
    """base, new: (prompts, modes) of one level."""
    prompts, modes = base.shape
    return CountTable(
        prompts=np.repeat(np.arange(prompts), modes),
        labels=np.tile(np.arange(modes), prompts)[:, None],
        base=base.ravel(),
        new=new.ravel(),
        levels=np.zeros(modes, dtype=np.int64),
        n_prompts=prompts,
    )


def test_z_is_the_root_of_the_mantel_haenszel_statistic():
    rng = np.random.default_rng(3)
    base, new = rng.integers(1, 12, (6, 2)), rng.integers(1, 12, (6, 2))
    change = resampling.permutation_test(_table(base, new), 50, 0)
    tables = [np.array([b, n]) for b, n in zip(base, new, strict=True)]
    expected = StratifiedTable(tables).test_null_odds(correction=False).statistic
    assert change.z[0] ** 2 == pytest.approx(expected)
    assert change.z[0] == pytest.approx(-change.z[1])


def test_p_value_agrees_with_fishers_exact_test():
    base, new = np.array([[14, 6]]), np.array([[6, 14]])
    change = resampling.permutation_test(_table(base, new), 20_000, 0)
    exact = stats.fisher_exact([[14, 6], [6, 14]])[1]
    assert change.mode_p_values[0] == pytest.approx(exact, abs=0.004)


def test_holds_its_level_where_prompts_differ_and_nothing_changed():
    """Pooling these prompts would confuse what was asked with what was answered."""
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.full(8, 0.3), size=10)
    false = []
    for seed in range(200):
        base = np.array([rng.multinomial(30, row) for row in p])
        new = np.array([rng.multinomial(5 + 5 * (i % 3), row) for i, row in enumerate(p)])
        false.append(resampling.permutation_test(_table(base, new), 199, seed).p_value <= 0.05)
    assert np.mean(false) <= stats.binom.ppf(0.999, 200, 0.05) / 200


def test_standard_error_is_that_of_permuted_shares():
    rng = np.random.default_rng(7)
    base, new = rng.integers(0, 9, (5, 4)), rng.integers(0, 5, (5, 4)) + 1
    table = _table(base, new)
    error = resampling.permutation_test(table, 20, 0).standard_error
    weight = new.sum(1) / new.sum()
    differences = []
    for _ in range(4000):
        n = np.array([rng.multivariate_hypergeometric(b + m, m.sum()) for b, m in zip(base, new, strict=True)])
        rest = base + new - n
        differences.append(weight @ (n / n.sum(1, keepdims=True) - rest / rest.sum(1, keepdims=True)))
    assert error == pytest.approx(np.std(differences, axis=0), rel=0.06)


def test_few_rows_that_all_agree_are_no_certainty():
    """One row a side: the error of a share must not be zero; with many rows it must hardly matter."""
    few, many = (
        resampling.permutation_test(_table(*np.full((2, 1, 1), n)), 100, 0).standard_error[0] for n in (1, 500)
    )
    assert few > 0.3
    assert many < 0.005


def test_enough_resamples_for_the_smallest_p_value_to_pass():
    for tests in (1, 5, 12):
        resamples = resampling.fewest_resamples(0.01, tests)
        assert multiplicity.holm(np.array([2 / (1 + resamples), *np.ones(tests - 1)])).min() <= 0.01
