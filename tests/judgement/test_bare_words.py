"""One word may be an opening. It says little by itself, and must accuse nobody of what a temperature explains."""

import random

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.findings import findings
from modecollapse.policy import Policy
from modecollapse.report import ModeVerdict, Verdict
from tests.corpora import sentence, write

CONFIG = Config(facets=("opening",), gate=Policy(required_facets=()), resamples=400)
OTHERS = ("One", "Two", "My", "This", "Some", "Every", "Such")
PROMPTS = 12


def rows(openings, seed, samples=40):
    """Texts that begin by the shares of ``openings``; the rest by other words, some more common than others.

    (Were they all as common, no temperature would change them, and none could be told.)
    """
    rng = random.Random(seed)
    rest, law = 1 - sum(openings.values()), [1 / rank for rank in range(1, len(OTHERS) + 1)]
    shares = {**openings, **{word: rest * part / sum(law) for word, part in zip(OTHERS, law, strict=True)}}
    return [
        {"prompt": f"Prompt {prompt}", "text": f"{start} {sentence(rng).lower()}"}
        for prompt in range(PROMPTS)
        for start in rng.choices(list(shares), list(shares.values()), k=samples)
    ]


@pytest.fixture
def opening(tmp_path):
    def judged(base, new):
        paths = [write(tmp_path / f"{name}.jsonl", side) for name, side in (("base", base), ("new", new))]
        return compare(*paths, config=CONFIG).facets[0]

    return judged


def test_a_word_that_is_never_said_first_any_more_is_lost(opening):
    facet = opening(rows({"I": 0.13, "A": 0.2}, 1), rows({"A": 0.23}, 2))
    assert facet.verdict is Verdict.LOST
    assert [name for name in findings(facet) if name.startswith("opening:i-")] == findings(facet)


def test_a_common_word_that_grew_to_half_is_no_collapse(opening):
    """Beside a phrase that came up it had been, as whatever grew to half of all texts was."""
    facet = opening(rows({"The": 0.2, "A": 0.19}, 1), rows({"The": 0.58, "In summary,": 0.12, "A": 0.09}, 2))
    assert facet.verdict is not Verdict.COLLAPSED


def test_the_phrase_that_came_up_is_the_finding_and_not_its_first_word(opening):
    facet = opening(
        rows({"I": 0.07, "The": 0.3}, 1), rows({"I think that": 0.35, "I believe that": 0.3, "The": 0.1}, 2)
    )
    modes = {mode.label: mode for mode in facet.modes}
    assert facet.verdict in {Verdict.LOST, Verdict.COLLAPSED}
    assert modes["I think that"].displaced_by is None
    assert modes["I"].displaced_by is not None


def test_what_two_phrases_lost_adds_up_though_only_one_begins_with_a_mode(opening):
    """Neither is a loss beyond the tolerance by itself."""
    base = rows({"I think": 0.055, "I": 0.1, "Yes,": 0.055, "The": 0.2}, 1, samples=300)
    facet = opening(base, rows({"I think": 0.005, "I": 0.14, "Yes,": 0.005, "The": 0.21}, 2, samples=300))
    assert (facet.verdict, facet.reasons) == (Verdict.LOST, ["thinned"])


WORDS = ("The", "A", "In", "It", "We", "My", "One", "Some", "Many", "When", "As", "For", "This", "There", "If", "Life")


def escort(temperature, seed, samples=40):
    """First words of a model that is sampled at a temperature: another distribution for each prompt."""
    model, draws = np.random.default_rng(0), np.random.default_rng(seed)
    found = []
    for prompt in range(PROMPTS):
        logits = (-0.8 * np.log(np.arange(1, len(WORDS) + 1)) + model.normal(0, 0.5, len(WORDS))) / temperature
        p = np.exp(logits - logits.max())
        rng = random.Random(seed * 100 + prompt)
        first = draws.choice(len(WORDS), samples, p=p / p.sum())
        found += [{"prompt": f"Prompt {prompt}", "text": f"{WORDS[word]} {sentence(rng).lower()}"} for word in first]
    return found


@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_a_word_that_a_low_temperature_takes_is_not_in_doubt(opening, temperature):
    facet = opening(escort(1.0, 1), escort(temperature, 2))
    assert facet.verdict is Verdict.SHARPENED
    assert not {mode.verdict for mode in facet.modes} & {ModeVerdict.VANISHED, ModeVerdict.THINNED}
