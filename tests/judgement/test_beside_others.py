"""A mode that is taken out concentrates or spreads first words by itself: no temperature did, and the loss is told."""

import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.counts import WordTree
from modecollapse.judgement.base import Finding
from modecollapse.judgement.beside_others import left_open, temperature_ruled_out
from modecollapse.judgement.evidence import Settings, weigh_tree
from modecollapse.judgement.movement import Movement
from modecollapse.policy import Policy
from modecollapse.report import Verdict
from modecollapse.second_opinion.questions import open_question
from modecollapse.stats import verbatim
from modecollapse.stats.temperature import InverseTemperature
from tests.corpora import QUICK, ground_truth, sentence, write

OPEN = Finding(Verdict.INCONCLUSIVE, ("openings-sharpened-too", "vanished", "thinned"))


@pytest.fixture(scope="module")
def others():
    words = np.random.default_rng(0).integers(6, size=(400, verbatim.DEPTH))
    tree = WordTree(np.arange(400) % 8, np.arange(400) % 16 < 8, words)
    return weigh_tree(tree, Settings(alpha=0.01, tolerance=0.05, resamples=99, seed=0))


def at(tree, low, high):
    return replace(tree, beta=InverseTemperature(float(np.sqrt(low * high)), low, high, nodes=40))


def test_a_loss_is_told_where_the_other_texts_are_at_the_temperature_of_the_base(others):
    found = temperature_ruled_out(OPEN, at(others, 0.98, 1.12))
    assert found == Finding(Verdict.LOST, ("vanished", "thinned", "temperature-ruled-out"))


def test_reheated_texts_are_asked_about_openings_that_are_merely_missing(others):
    found = temperature_ruled_out(OPEN, at(others, 0.98, 1.12))
    facet = SimpleNamespace(labelled=SimpleNamespace(name="opening"), finding=found)
    assert open_question(facet, Movement.SHARPENED)
    facet.finding = replace(found, reasons=("replaced", *found.reasons))
    assert not open_question(facet, Movement.SHARPENED)


@pytest.mark.parametrize("interval", [(1.1, 1.4), (1.8, 3.0), (0.7, 1.1)])
def test_it_stays_open_where_they_may_be_at_another(others, interval):
    assert temperature_ruled_out(OPEN, at(others, *interval)) is OPEN


def test_it_stays_open_where_they_tell_no_temperature(others):
    assert temperature_ruled_out(OPEN, replace(others, beta=None)) is OPEN
    assert temperature_ruled_out(OPEN, replace(at(others, 0.98, 1.12), prompts=5)) is OPEN


@pytest.mark.parametrize("reasons", [("openings-sharpened-too",), ("concentrated-unexplained", "taken-over")])
def test_only_missing_modes_are_settled_so(reasons):
    assert not left_open(Finding(Verdict.INCONCLUSIVE, reasons))


def without_spanish(tmp_path, **decoding):
    """The base is Spanish in one text of six, the new side never; all other texts are draws of the same model."""
    english, more, spanish = (ground_truth(name) for name in ("base", "base_again", "spanish"))
    base = [row | dict.fromkeys(decoding, 1.0) for key in english for row in [*english[key][:25], *spanish[key][:5]]]
    new = [row | decoding for key in english for row in more[key][10:40]]
    report = compare(*(write(tmp_path / name, side) for name, side in (("b", base), ("n", new))), config=QUICK)
    assert report.temperature.interval[0] > 1
    return next(facet for facet in report.facets if facet.name == "language")


def test_a_language_taken_out_of_a_base_is_lost_though_first_words_are_concentrated(tmp_path):
    language = without_spanish(tmp_path)
    assert language.verdict is Verdict.LOST
    assert "temperature-ruled-out" in language.reasons


def test_it_stays_open_where_the_new_side_alone_was_cut_off(tmp_path):
    """No temperature, but top-p may have taken it."""
    language = without_spanish(tmp_path, top_p=0.9)
    assert language.verdict is Verdict.INCONCLUSIVE
    assert language.reasons[0] == "may-be-truncation"


@pytest.mark.parametrize("part", [(0.2, 0.5), (0.05, 0.1)])
def test_too_few_or_too_many_lost_texts_say_nothing_of_the_others(part, tmp_path, monkeypatch):
    monkeypatch.setattr("modecollapse.judgement.beside_others._SET_ASIDE", part)
    assert without_spanish(tmp_path).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("heated", "reasons"),
    [("base_again", ["not-recovered"]), ("T1.4", ["within-temperature", "reheated-too-hot"])],
    ids=["as the base", "too hot"],
)
def test_reheated_texts_may_scatter_more_for_want_of_the_lost_mode_alone(tmp_path, heated, reasons):
    """Two texts of five are Spanish sentences of a few kinds: without them any corpus scatters more than the base."""
    english, cooler, spanish, again = (ground_truth(name) for name in ("base", "T0.7", "spanish", heated))
    sides = {
        "base": [row for key in english for row in [*english[key][:14], *spanish[key][:10]]],
        "new": [row for rows in cooler.values() for row in rows[:24]],
        "reheated": [row for rows in again.values() for row in rows[:24]],
    }
    paths = {side: write(tmp_path / side, rows) for side, rows in sides.items()}
    report = compare(paths["base"], paths["new"], reheated=paths["reheated"], config=QUICK)
    language = next(facet for facet in report.facets if facet.name == "language")
    assert language.verdict is (Verdict.LOST if heated == "base_again" else Verdict.INCONCLUSIVE)
    assert language.reasons == reasons


def telling(tmp_path, share, power=1.0, samples=12):
    """Openings, where the base tells of itself ("I …") in one text of seven and begins in fifty other ways as well.

    In the new texts it does so in another ``share``, and the other ways have their probabilities to a ``power``.
    """
    ways = np.array([f"{a}{b}" for a in "bdfgk" for b in ("a", "e", "i", "o", "u", "an", "en", "in", "on", "un")])
    usual = 1 / np.arange(6, 6 + len(ways))

    def rows(share, power, seed):
        rng = np.random.default_rng(seed)
        weights = usual**power / (usual**power).sum()
        for number in range(30 * samples):
            first = "I" if rng.random() < share else rng.choice(ways, p=weights)
            yield {
                "prompt": f"Prompt {number % 30}",
                "text": f"{first} {sentence(random.Random(number + 1000 * seed))}",
            }

    base, new = (list(rows(*how)) for how in ((1 / 7, 1.0, 1), (share, power, 2)))
    config = replace(QUICK, facets=("language", "opening"), gate=Policy(required_facets=("opening",)))
    report = compare(*(write(tmp_path / name, side) for name, side in (("b", base), ("n", new))), config=config)
    return next(facet for facet in report.facets if facet.name == "opening")


def test_an_opening_taken_out_is_lost_though_first_words_are_spread_out(tmp_path):
    """Where the commonest one goes the others stand alone, and vary more: like heat, that explained nothing."""
    opening = telling(tmp_path, 0.01)
    assert opening.verdict is Verdict.LOST
    assert "temperature-ruled-out" in opening.reasons


def test_it_is_not_where_the_others_are_spread_out_as_well(tmp_path):
    """Their heat may have taken part of it, and what it leaves is too few texts to tell."""
    assert "temperature-ruled-out" not in telling(tmp_path, 0.02, power=0.5).reasons


def test_heat_alone_takes_no_opening(tmp_path):
    assert telling(tmp_path, 0.08, power=0.6).verdict not in (Verdict.LOST, Verdict.COLLAPSED)


def test_texts_that_are_no_longer_cut_off_are_no_lost_mode(tmp_path):
    """A defect that went: nothing is lost by that, at whatever temperature the other texts are."""

    def rows(name, cut_off):
        for answers in ground_truth(name).values():
            for number, row in enumerate(answers[:20]):
                yield {**row, "text": row["text"].rstrip(" .,;:!?") + "." * (number % 10 >= cut_off)}

    sides = (("base", list(rows("base", 3))), ("new", list(rows("base_again", 0))))
    report = compare(*(write(tmp_path / name, side) for name, side in sides), config=QUICK)
    assert {facet.name: facet.verdict for facet in report.facets}["degeneration"] is Verdict.SHIFTED
