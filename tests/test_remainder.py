"""Texts that are in no language are no language: nothing is lost where they go, though much may go where they come."""

import random

import pytest

from modecollapse.comparison import compare
from modecollapse.report import ModeVerdict, Verdict
from tests.corpora import QUICK, sentence, write

LOSSES = {Verdict.LOST, Verdict.COLLAPSED}
PROMPTS, SAMPLES = 30, 24
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
