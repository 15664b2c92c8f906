from dataclasses import replace

import numpy as np
import pytest

from modecollapse.stats import escort
from modecollapse.stats.escort import Contexts
from tests.stats.simulate import escort as sharpen
from tests.stats.simulate import words


def contexts(rng, p, q, top=20, base=20, new=20, prompts=None):
    """One context per row of p and q, each side known to its ``top`` most likely tokens."""
    parts = []
    for number, (row_p, row_q) in enumerate(zip(p, q, strict=True)):
        listed_p, listed_q = (np.isin(np.arange(len(row)), np.argsort(-row)[:top]) for row in (row_p, row_q))
        items = np.flatnonzero(listed_p | listed_q)
        n, m = rng.multinomial(base, row_p)[items], rng.multinomial(new, row_q)[items]
        known_p = np.where(listed_p[items], row_p[items], np.nan)
        known_q = np.where(listed_q[items], row_q[items], np.nan)
        parts.append((np.full(len(items), number), known_p, known_q, n, m))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    prompt = np.arange(len(p)) if prompts is None else prompts
    return Contexts(*columns, prompt, np.full(len(p), base), np.full(len(p), new))


@pytest.mark.parametrize("top", [3, 20])
@pytest.mark.parametrize("beta", [0.5, 1.3, 2.5, 6.0])
def test_an_escort_is_found_whatever_lies_beyond_the_cut(beta, top):
    """Two thirds of the mass may lie beyond; lumped into one "other" the same data would say .8 where 1.5 is true."""
    rng = np.random.default_rng(31)
    p = words(rng, 12, size=300)
    found = escort.fit(contexts(rng, p, sharpen(p, beta), top), (1.0, 1.0), 100, 0)
    assert found.beta.value == pytest.approx(beta, rel=0.01)
    assert found.explained.low > 0.99
    assert found.residuals.max() < 1e-3


def test_what_one_temperature_explains_is_the_pythagorean_share():
    """By hand: KL(q ‖ p) minus the smallest KL(q ‖ p^β), searched for on a fine grid, all tokens listed."""
    rng = np.random.default_rng(32)
    p = words(rng, 8, size=30)
    q = sharpen(p, 1.6) * np.exp(0.6 * rng.standard_normal(p.shape))
    q /= q.sum(1, keepdims=True)
    grid = np.linspace(1, 2.5, 3001)
    kl = [(q * np.log(q / sharpen(p, beta))).sum() for beta in grid]
    found = escort.fit(contexts(rng, p, q, top=30), (1.0, 1.0), 100, 0)
    assert found.beta.value == pytest.approx(grid[np.argmin(kl)], rel=2e-3)
    assert found.divergence == pytest.approx(kl[0] / 8, rel=1e-3)
    assert found.explained.value == pytest.approx(1 - min(kl) / kl[0], abs=2e-3)
    assert found.covered == pytest.approx(1)


@pytest.mark.parametrize("rank", [1, 15, 250])
def test_a_locked_opening_is_not_explained_even_where_the_base_never_lists_it(rank):
    rng = np.random.default_rng(33)
    p = words(rng, 12, size=300)
    opening = np.argsort(-p, axis=1)[:, rank]
    q = 0.2 * sharpen(p, 1.3) + 0.8 * np.eye(300)[opening]
    drawn = contexts(rng, p, q)
    assert escort.fit(drawn, (1.0, 1.0), 100, 0).explained.high < 0.5
    by_counts = escort.fit_counts(drawn, 100, 0)
    assert by_counts.explained.high < 0.5
    assert by_counts.p_value < 0.02


def test_no_divergence_is_split_into_nothing():
    """Rounded to four digits and computed twice, equal distributions differ a little: nothing there to explain."""
    rng = np.random.default_rng(34)
    p = words(rng, 12, size=300)
    q = p * np.exp(0.02 * rng.standard_normal(p.shape))
    found = escort.fit(contexts(rng, p, q / q.sum(1, keepdims=True)), (1.0, 1.0), 100, 0)
    assert found.explained is None
    assert found.beta.value == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("beta", [0.7, 1.0, 1.5, 3.0])
def test_counts_of_new_tokens_find_the_same_power(beta):
    rng = np.random.default_rng(35)
    p = words(rng, 40, size=300)
    found = escort.fit_counts(contexts(rng, p, sharpen(p, beta)), 100, 0)
    assert found.beta.low < beta < found.beta.high
    assert found.beta.value == pytest.approx(beta, rel=0.12)


@pytest.mark.parametrize("samples", [2, 20])
@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_the_fit_of_true_escorts_is_rejected_no_more_often_than_stated(beta, samples):
    """At 10%, of 20: more than 6 would come twice in a thousand."""
    rng = np.random.default_rng(36)
    p_values = []
    for seed in range(20):
        p = words(rng, 8, size=100)
        p_values.append(escort.fit_counts(contexts(rng, p, sharpen(p, beta), new=samples), 19, seed).p_value)
    assert sum(p <= 0.1 for p in p_values) <= 6


@pytest.mark.parametrize("power", [1.0, 1 / 0.6])
def test_tokens_tell_whether_the_lists_are_those_they_were_drawn_from(power):
    rng = np.random.default_rng(37)
    p = words(rng, 30, size=300)
    drawn = contexts(rng, p, sharpen(p, power))
    raw = replace(drawn, base_count=drawn.new_count, base_texts=drawn.new_texts)
    found = escort.sampling(raw, 100, 0)
    assert found.low < power < found.high
    assert found.high - found.low < 0.6


def test_lists_written_before_temperature_are_raised_to_it():
    rng = np.random.default_rng(38)
    p = words(rng, 12, size=300)
    found = escort.fit(contexts(rng, p, p), (1.0, 2.0), 100, 0)
    assert found.beta.value == pytest.approx(2, rel=0.01)


def test_an_unlisted_token_stands_at_the_most_it_can_have():
    context = np.array([0, 0, 0, 1, 1, 1, 1])
    given = np.array([0.6, 0.3, np.nan, 0.9, 0.1, np.nan, np.nan])
    assert escort.completed(given, context) == pytest.approx([0.6, 0.3, 0.1, 0.9, 0.1, 0, 0])


def test_flat_lists_and_two_prompts_tell_no_temperature():
    rng = np.random.default_rng(39)
    flat = np.full((12, 20), 0.05)
    assert escort.fit(contexts(rng, flat, flat), (1.0, 1.0), 50, 0) is None
    p = words(rng, 6)
    two = np.array([0, 0, 0, 1, 1, 1])
    assert escort.fit(contexts(rng, p, sharpen(p, 2), prompts=two), (1.0, 1.0), 50, 0) is None


def test_contexts_of_one_prompt_are_one_unit():
    """The same prompt met again is no new evidence: the interval must not shrink as if it were."""
    rng = np.random.default_rng(40)
    p = words(rng, 6, size=50)
    q = sharpen(p, 1.5) * np.exp(0.5 * rng.standard_normal(p.shape))
    q /= q.sum(1, keepdims=True)
    once = escort.fit(contexts(rng, p, q), (1.0, 1.0), 400, 0)
    again = contexts(rng, np.tile(p, (5, 1)), np.tile(q, (5, 1)), prompts=np.tile(np.arange(6), 5))
    repeated = escort.fit(again, (1.0, 1.0), 400, 0)
    assert np.log(repeated.beta.high / repeated.beta.low) == pytest.approx(np.log(once.beta.high / once.beta.low))
