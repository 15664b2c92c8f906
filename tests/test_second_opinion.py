"""What a reheated corpus settles; on sample data, so that the truth is known."""

import pytest

from modecollapse.comparison import compare
from modecollapse.report import Evidence, Verdict
from tests.corpora import QUICK, SAMPLE_DATA


@pytest.fixture(scope="module")
def sharpened_and():
    def comparison(reheated):
        paths = [SAMPLE_DATA / f"{name}.jsonl.gz" for name in ("base", "base_T0.6", reheated)]
        return compare(paths[0], paths[1], reheated=paths[2], config=QUICK)

    return comparison


def _opening(report):
    return next(facet for facet in report.facets if facet.name == "opening")


def test_a_reheated_corpus_that_gives_the_base_back_leaves_sharpened(sharpened_and):
    report = sharpened_and("base_again")
    assert report.verdict is Verdict.SHARPENED
    assert report.corpora.reheated.used == 720


def test_a_locked_corpus_is_no_reheating_of_a_model_that_is_not(sharpened_and):
    """The new side begins with "The" as often as the base, and never with what all of the reheated texts begin with."""
    report = sharpened_and("opening_locked")
    assert report.verdict is Verdict.SHARPENED
    assert _opening(report).evidence is Evidence.TEXT
    assert "odd-reheated" in {warning.code for warning in report.warnings}
