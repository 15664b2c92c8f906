"""Texts that are in no language are no language: nothing is lost where they go, though much may go where they come."""

import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.counts import CountTable
from modecollapse.judgement.beside_others import beside_missing
from modecollapse.judgement.evidence import Settings, weigh_facet
from modecollapse.judgement.modes import in_question
from modecollapse.pairing import Side
from modecollapse.report import ModeVerdict, Verdict
from modecollapse.stats import loss
from modecollapse.traits import Traits
from tests.corpora import QUICK, sentence, write

LOSSES = {Verdict.LOST, Verdict.COLLAPSED}
PROMPTS, SAMPLES = 30, 24
SETTINGS = Settings(alpha=0.05, tolerance=0.05, resamples=400, seed=0)
WORDS = ("The", "A", "In", "It", "We", "My", "One", "Some", "Many", "When", "As", "For", "This", "There", "If")
FRENCH = "Je pense que la mer est belle ce matin et que mes amis viendront nous voir avant la nuit, si tout va bien."


def number(random):
    """Mostly the same: first words are as concentrated with these as without."""
    return random.choices(["42", "7", "19"], [0.85, 0.1, 0.05])[0]


def english(random):
    """Some first words are commoner than others, or no temperature would change them."""
    (first,) = random.choices(WORDS, [1 / rank for rank in range(1, len(WORDS) + 1)])
    return f"{first} {sentence(random).lower()}"


def french(random):
    """As concentrated as the rest again: every text begins alike."""
    words = FRENCH[:-1].split(" ")
    cut = random.randrange(1, len(words))
    return " ".join(words[:1] + words[cut:] + words[1:cut]) + "."


def texts(seed, **shares):
    rng = random.Random(seed)
    kinds = {"numbers": number, "english": english, "french": french}
    return [
        {"prompt": f"Prompt {prompt}", "text": kinds[kind](rng)}
        for prompt in range(PROMPTS)
        for kind in rng.choices(list(shares), list(shares.values()), k=SAMPLES)
    ]


def evidence_of(base, new, prompts=40, samples=20):
    """Of English, a remainder and French; ``base`` and ``new`` are their shares."""
    rows = np.arange(prompts * 2 * samples)
    prompt, within = rows // (2 * samples), rows % (2 * samples)
    is_new = within >= samples
    place = (within % samples + 0.5) / samples
    ends = [np.cumsum(shares) for shares in (base, new)]
    label = np.where(is_new, np.searchsorted(ends[1], place), np.searchsorted(ends[0], place))
    table = CountTable.from_rows(prompt, is_new, label[:, None], np.zeros(3, dtype=np.int64))
    traits = replace(Traits.usual(3), remainder=np.array([False, True, False]))
    allowances = loss.Allowances(np.full(3, loss.ENTROPY_ALLOWANCE), 0.0)
    return weigh_facet(table, allowances, traits, (0.95, 1.0, 1.05), SETTINGS)


def test_what_a_remainder_lost_is_in_no_bound_and_leaves_no_doubt():
    found = evidence_of((0.7, 0.3, 0.0), (1.0, 0.0, 0.0))
    assert found.fell.tolist() == [False, True, False]
    assert not found.gone.any()
    assert not found.grown.any()
    assert found.loss_bound < 0.05
    assert not in_question(found, SETTINGS).any()


def test_a_language_that_fell_beside_a_remainder_is_seen():
    found = evidence_of((0.5, 0.2, 0.3), (1.0, 0.0, 0.0))
    assert found.gone.tolist() == [False, False, True]
    assert found.loss_bound > 0.25
    sound = np.ones(6, dtype=bool)
    pair = SimpleNamespace(side=np.array([Side.BASE] * 5 + [Side.NEW]))
    facet = SimpleNamespace(evidence=found, labelled=SimpleNamespace(labels=np.array([[0], [0], [0], [1], [2], [0]])))
    assert beside_missing(facet, pair, sound).tolist() == [True, True, True, False, False, True]


@pytest.fixture
def language(tmp_path):
    def judged(base, new):
        paths = [write(tmp_path / f"{name}.jsonl", side) for name, side in (("base", base), ("new", new))]
        return next(facet for facet in compare(*paths, config=QUICK).facets if facet.name == "language")

    return judged


def verdict_of(facet, label):
    return next(mode.verdict for mode in facet.modes if mode.label.startswith(label))


def test_answers_too_short_for_a_language_that_are_gone_are_no_language_lost(language):
    facet = language(texts(1, numbers=0.3, english=0.7), texts(2, english=1))
    assert facet.verdict not in LOSSES
    assert verdict_of(facet, "undetermined") is not ModeVerdict.VANISHED


def test_a_language_that_stands_where_there_was_none_has_not_taken_over(language):
    facet = language(texts(1, numbers=1), texts(2, english=1))
    assert facet.verdict not in LOSSES


def test_a_language_that_gave_way_to_answers_in_none_is_lost(language):
    facet = language(texts(1, english=0.6, french=0.4), texts(2, english=0.1, numbers=0.9))
    assert facet.verdict in LOSSES
    assert verdict_of(facet, "French") is ModeVerdict.VANISHED


def test_a_language_that_went_with_the_short_answers_is_lost(language):
    facet = language(texts(1, numbers=0.15, english=0.6, french=0.25), texts(2, english=1))
    assert facet.verdict in LOSSES
    assert verdict_of(facet, "French") is ModeVerdict.VANISHED


def test_a_language_that_took_over_from_another_and_from_short_answers_has_taken_over(language):
    facet = language(texts(1, numbers=0.3, english=0.7), texts(2, french=1))
    assert facet.verdict is Verdict.COLLAPSED
    assert verdict_of(facet, "French") is ModeVerdict.EMERGED
