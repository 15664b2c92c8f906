"""From rows with log probabilities to what they say: a model whose every distribution is known, read through a file."""

import numpy as np
import pytest

from benchmarks.known_model import base, locked, next_token, rows, sharpened
from modecollapse.corpus import read_corpus
from modecollapse.judgement.contexts import shared_contexts
from modecollapse.judgement.evidence import Settings, weigh_next_tokens
from modecollapse.pairing import Side, pair
from tests.corpora import write

SETTINGS = Settings(alpha=0.01, tolerance=0.05, resamples=100, seed=0)
PROMPTS, SAMPLES = 8, 15


@pytest.fixture
def contexts_of(tmp_path):
    def through_files(base_rows, new_rows):
        found = pair(
            *(read_corpus(write(tmp_path / f"{i}.jsonl", side)) for i, side in enumerate((base_rows, new_rows)))
        )
        return shared_contexts(found.logprobs, found.rows.prompts.astype(np.int64), found.side == Side.NEW)

    return through_files


def weighed(contexts, base_temperature=1.0, new_temperature=1.0):
    return weigh_next_tokens(contexts, (base_temperature, new_temperature), SETTINGS)


def test_first_contexts_hold_the_known_distributions(contexts_of):
    found = contexts_of(rows(base, 3, 10, 1), rows(sharpened(2.0), 3, 10, 2))
    first = np.flatnonzero(found.base_texts == 10)
    assert len(first) == 3
    for context in first:
        p = next_token(int(found.prompt[context]), ())
        best = np.sort(p)[::-1][:20]
        listed = found.base[(found.context == context) & ~np.isnan(found.base)]
        assert np.sort(listed)[::-1] == pytest.approx(best, rel=1e-3)
        assert found.new[found.context == context].max() == pytest.approx((p**2 / (p**2).sum()).max(), rel=1e-3)


def test_order_of_the_rows_decides_nothing(contexts_of):
    one, two = rows(base, 4, 10, 1), rows(locked(0.5, 3), 4, 10, 2)
    there, back = contexts_of(one, two), contexts_of(one[::-1], two[::-1])
    for name in ("context", "base", "new", "base_count", "new_count", "prompt", "base_texts", "new_texts"):
        assert np.array_equal(getattr(there, name), getattr(back, name), equal_nan=name in ("base", "new"))


def test_a_mixture_of_two_models_is_their_mean(contexts_of):
    """Half of the new rows always open with one token that the base hardly knows, and say so."""
    mixed = [*rows(base, 3, 10, 2), *rows(locked(1.0, 200), 3, 10, 3)]
    found = contexts_of(rows(base, 3, 20, 1), mixed)
    for context in np.flatnonzero(found.base_texts == 20):
        of = found.context == context
        assert np.nanmax(found.new[of & np.isnan(found.base)]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("after", [False, True])
def test_cooler_sampling_is_the_same_temperature_whichever_lists_the_service_writes(contexts_of, after):
    new = rows(base, PROMPTS, SAMPLES, 2, temperature=0.6, after=after)
    found = weighed(contexts_of(rows(base, PROMPTS, SAMPLES, 1), new), new_temperature=0.6)
    assert found.scales[1] == pytest.approx(1.0 if after else 1 / 0.6)
    assert found.escort.beta.value == pytest.approx(1 / 0.6, rel=0.02)
    assert found.escort.explained.low > 0.9


def test_lists_that_the_texts_were_not_drawn_from_are_not_used(contexts_of):
    new = rows(base, PROMPTS, SAMPLES, 2, temperature=0.4)
    found = weighed(contexts_of(rows(base, PROMPTS, SAMPLES, 1), new), new_temperature=np.nan)
    assert found.scales[1] is None
    assert found.escort is None


def test_base_alone_with_log_probabilities(contexts_of):
    new = rows(sharpened(1.6), PROMPTS, SAMPLES, 2, logprobs=False)
    found = weighed(contexts_of(rows(base, PROMPTS, SAMPLES, 1), new))
    assert found.known == (True, False)
    assert found.escort.beta.low < 1.6 < found.escort.beta.high
    assert found.escort.p_value > 0.01


def test_ids_against_strings_tell_nothing(contexts_of):
    named = [{"tokens": ["a"], "top_logprobs": [{"a": -0.1, "b": -3.0}]}] * SAMPLES
    new = [{"prompt": f"Prompt {i}", "text": "a", "logprobs": value} for i in range(4) for value in named]
    assert contexts_of(rows(base, 4, SAMPLES, 1), new) is None


def test_one_row_s_lies_do_not_decide(contexts_of):
    honest = rows(base, PROMPTS, SAMPLES, 1)
    lying = [*rows(base, PROMPTS, SAMPLES, 2), {**honest[0], "logprobs": [[[7, -1.0], [7, 4.0]]]}]
    found = weighed(contexts_of(honest, lying))
    assert found.escort.beta.value == pytest.approx(1, abs=0.01)


def test_zero_probabilities_as_minus_infinity_lose_no_row(tmp_path):
    drawn = rows(locked(1.0, 3), 2, 5, 1)
    corpus = read_corpus(write(tmp_path / "rows.jsonl", drawn))
    assert "-Infinity" in (tmp_path / "rows.jsonl").read_text(encoding="utf-8")
    assert (len(corpus), corpus.malformed_logprobs) == (10, 0)
    broken = replace_first_value(drawn[0], float("nan"))
    corpus = read_corpus(write(tmp_path / "rows.jsonl", [*drawn, broken]))
    assert (len(corpus), corpus.malformed_logprobs) == (11, 1)


def replace_first_value(row, value):
    first, *rest = row["logprobs"]
    return {**row, "text": "other", "logprobs": [[first[0], [first[1][0], value], *first[2:]], *rest]}
