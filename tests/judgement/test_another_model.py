"""A new model that begins its answers otherwise than the base: nothing is lost by that as long as they vary as much."""

import random

import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.policy import Policy
from modecollapse.report import ModeVerdict, Verdict
from tests.corpora import sentence, write

PROMPTS, SAMPLES = 20, 20
CONFIG = Config(facets=("opening",), gate=Policy(required_facets=()), resamples=400)
LETTERS = "bdfgklmnprstvz"


def corpus(model, seed, weights, sure=0.0, samples=SAMPLES):
    """Answers whose first words are those of ``model``, others for every prompt, drawn by ``weights``."""
    rng, words = random.Random(seed), random.Random(model)
    rows = []
    for prompt in range(PROMPTS):
        own = ["".join(words.choice(LETTERS) + words.choice("aeiou") for _ in range(3)).title() for _ in weights]
        for _ in range(samples):
            first = "Sure!" if rng.random() < sure else rng.choices(own, weights)[0]
            rows.append({"prompt": f"Prompt {prompt}", "text": f"{first} {sentence(rng)}"})
    return rows


@pytest.fixture
def opening(tmp_path):
    def judged(base, new):
        paths = [write(tmp_path / f"{side}.jsonl", rows) for side, rows in (("base", base), ("new", new))]
        report = compare(*paths, config=CONFIG)
        return report, next(facet for facet in report.facets if facet.name == "opening")

    return judged


VARIED = [5, 3, 2, 2, 1, 1]


@pytest.mark.parametrize("samples", [10, 20, 100])
def test_other_first_words_that_vary_as_much_are_no_loss(opening, samples):
    """However many samples prove that answers to single prompts have gone."""
    report, facet = opening(corpus("a", 1, VARIED, samples=samples), corpus("b", 2, VARIED, samples=samples))
    assert (facet.verdict, facet.reasons) == (Verdict.SHIFTED, ["reworded"])
    assert report.headline.startswith("Shifted, nothing lost")


def test_single_answers_that_vanished_are_no_loss_however_sure_it_is(opening):
    """An answer of a tenth of one prompt's texts is surely gone at sixty samples, and not at twenty."""
    _, facet = opening(corpus("a", 1, [8, 1, 1], samples=60), corpus("b", 2, [8, 1, 1], samples=60))
    assert {mode.verdict for mode in facet.modes} & {ModeVerdict.VANISHED, ModeVerdict.THINNED}
    assert (facet.verdict, facet.reasons) == (Verdict.SHIFTED, ["reworded"])


def test_nine_openings_a_prompt_are_not_hardly_any(opening):
    """Their odds of agreement are four times those of forty."""
    _, facet = opening(corpus("a", 1, [1] * 40, samples=60), corpus("b", 2, [1] * 9, samples=60))
    assert (facet.verdict, facet.reasons) == (Verdict.INCONCLUSIVE, ["reworded-alike"])


def test_other_first_words_that_are_somewhat_more_alike_leave_it_open(opening):
    _, facet = opening(corpus("a", 1, VARIED), corpus("b", 2, [5, 3, 2]))
    assert (facet.verdict, facet.reasons) == (Verdict.INCONCLUSIVE, ["reworded-alike"])


def test_other_first_words_that_are_always_the_same_are_a_loss(opening):
    _, facet = opening(corpus("a", 1, VARIED), corpus("b", 2, [1]))
    assert facet.verdict is Verdict.LOST
    assert "replaced" in facet.reasons


def test_a_habit_of_the_base_is_lost_whatever_the_other_words_are(opening):
    report, facet = opening(corpus("a", 1, VARIED, sure=0.3), corpus("b", 2, VARIED))
    assert facet.verdict is Verdict.LOST
    assert "Sure!" in report.headline
    assert "replaced" not in facet.reasons
