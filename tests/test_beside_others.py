"""A mode that is taken out concentrates first words by itself: that is no sharpening, and the loss is told."""

from dataclasses import replace

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.counts import WordTree
from modecollapse.evidence import Settings, weigh_tree
from modecollapse.report import Verdict
from modecollapse.stats import verbatim
from modecollapse.stats.temperature import InverseTemperature
from modecollapse.verdict import Finding, beside_others, left_open
from tests.corpora import QUICK, ground_truth, write

OPEN = Finding(Verdict.INCONCLUSIVE, ("openings-sharpened-too", "vanished", "thinned"))


@pytest.fixture(scope="module")
def others():
    words = np.random.default_rng(0).integers(6, size=(400, verbatim.DEPTH))
    tree = WordTree(np.arange(400) % 8, np.arange(400) % 16 < 8, words)
    return weigh_tree(tree, Settings(alpha=0.01, tolerance=0.05, resamples=99, seed=0))


def at(tree, low, high):
    return replace(tree, beta=InverseTemperature(float(np.sqrt(low * high)), low, high, nodes=40))


def test_a_loss_is_told_where_the_other_texts_are_at_the_temperature_of_the_base(others):
    assert beside_others(OPEN, at(others, 0.98, 1.12)) == Finding(Verdict.LOST, ("vanished", "thinned", "others-stand"))


@pytest.mark.parametrize("interval", [(1.1, 1.4), (1.8, 3.0), (0.7, 1.1)])
def test_it_stays_open_where_they_may_be_at_another(others, interval):
    assert beside_others(OPEN, at(others, *interval)) is OPEN


def test_it_stays_open_where_they_tell_no_temperature(others):
    assert beside_others(OPEN, replace(others, beta=None)) is OPEN
    assert beside_others(OPEN, replace(at(others, 0.98, 1.12), prompts=5)) is OPEN


@pytest.mark.parametrize("reasons", [("openings-sharpened-too",), ("concentrated-unexplained", "taken-over")])
def test_only_missing_modes_are_settled_so(reasons):
    assert not left_open(Finding(Verdict.INCONCLUSIVE, reasons))


def test_a_language_taken_out_of_a_base_is_lost_though_first_words_are_concentrated(tmp_path):
    """The base is Spanish in one text of six, the new side never; all other texts are draws of the same model."""
    english, more, spanish = (ground_truth(name) for name in ("base", "base_again", "spanish"))
    base = [row for key in english for row in [*english[key][:25], *spanish[key][:5]]]
    new = [row for key in english for row in more[key][:30]]
    report = compare(*(write(tmp_path / name, side) for name, side in (("b", base), ("n", new))), config=QUICK)
    language = next(facet for facet in report.facets if facet.name == "language")
    assert report.temperature.interval[0] > 1
    assert language.verdict is Verdict.LOST
    assert "others-stand" in language.reasons
