"""Openings in other words for the same are shown together, and judged apart."""

import html
import random

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.facets.base import Mode
from modecollapse.facets.opening import OpeningPartition
from modecollapse.labelling import Labelled
from modecollapse.paraphrases import alike, paraphrases
from modecollapse.policy import Policy
from modecollapse.render.formats import show
from modecollapse.report import Verdict
from tests.corpora import sentence, write


def labelled(prefixes, labels, parents):
    modes = [
        Mode(
            *(str(i), " ".join(prefix), ""),
            level=0 if parents[i] is None else 1,
            parent=parents[i],
            bare=len(prefix) == 1,
        )
        for i, prefix in enumerate(prefixes)
    ]
    return Labelled(
        "opening", OpeningPartition(modes, [], prefixes), np.array(labels, np.int32), np.ones(len(labels), bool)
    )


def spoken(*languages):
    return Labelled("language", None, np.array(languages, np.int32)[:, None], np.ones(len(languages), bool))


ALL_ALIKE = lambda phrases: np.tile(np.array([[1.0, 0.0]], np.float32), (len(phrases), 1))  # noqa: E731


def test_a_group_holds_no_opening_within_another_and_none_of_one_word():
    opening = labelled(
        [("a", "b"), ("a", "b", "c", "d"), ("e", "f"), ("the",)], [[0, 1], [2, -1], [3, -1]], [None, 0, None, None]
    )
    assert paraphrases(opening, spoken(0, 0, 0), ALL_ALIKE, 0.7) == [[0, 2]]


def test_openings_in_two_languages_are_no_paraphrases():
    opening = labelled([("a", "b"), ("e", "f"), ("g", "h")], [[0], [1], [2]], [None] * 3)
    assert paraphrases(opening, spoken(0, 1, 0), ALL_ALIKE, 0.7) == [[0, 2]]


def test_phrases_that_an_encoder_can_not_tell_apart_are_alike():
    """Emoji have one vector, and its product with itself may round to more than 1."""
    vectors = np.tile(np.array([[0.6, 0.8000001]], np.float32), (3, 1))
    assert len(set(alike(vectors, np.zeros(3, np.int64), 0.7))) == 1


def test_fewer_than_two_phrases_ask_no_encoder():
    assert paraphrases(labelled([("a", "b"), ("the",)], [[0], [1]], [None] * 2), spoken(0, 0), None, 0.7) == []


@pytest.fixture(scope="module")
def reworded(tmp_path_factory):
    """Two texts of five open with a remark: in the base with one, in the new side with another that says the same."""

    def rows(remark, seed):
        rng = random.Random(seed)
        return [
            {"prompt": f"Prompt {prompt}", "text": f"{remark if number < 16 else ''} {sentence(rng)}".strip()}
            for prompt in range(10)
            for number in range(40)
        ]

    folder = tmp_path_factory.mktemp("reworded")
    config = Config(facets=("opening", "topic"), gate=Policy(required_facets=()), cache_dir=str(folder))
    base = write(folder / "base.jsonl", rows("It's a difficult question.", 1))
    return compare(base, write(folder / "new.jsonl", rows("That is a challenging question.", 2)), config=config)


def test_a_remark_in_other_words_is_lost_and_yet_seen_to_be_there(reworded):
    opening = next(facet for facet in reworded.facets if facet.name == "opening")
    labels = {mode.id: mode.label for mode in opening.modes}
    group = opening.alike[0]
    assert opening.verdict in {Verdict.LOST, Verdict.COLLAPSED}
    assert {labels[mode] for mode in group.modes} == {"It's a difficult question.", "That is a challenging question."}
    assert (group.base_share.value, group.new_share.value) == (0.4, 0.4)


@pytest.mark.parametrize("format_name", ["terminal", "markdown", "html", "junit"])
def test_every_page_says_so(reworded, format_name):
    shown = " ".join(show(reworded, format_name).split())
    assert "are much alike; together 40% → 40%" in html.unescape(shown)
