"""The map of both corpora: what it claims to show must be what was counted."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.policy import Policy
from tests.corpora import QUICK, sample, with_vectors

TOPICS = Config(facets=("topic",), gate=Policy(required_facets=("topic",)), resamples=200, alpha=0.05)


@pytest.fixture(scope="module")
def corpora():
    return with_vectors(sample("base"), sample("topic_locked"), dimensions=48)


@pytest.fixture(scope="module")
def report(corpora):
    return compare(*corpora, config=TOPICS)


def test_as_many_texts_of_either_side_within_the_plane(report):
    found = report.map
    assert len(found.base.x) == len(found.new.x) == 288  # all there are of the smaller side
    assert max(found.width, found.height) == 1000
    for side in (found.base, found.new):
        assert len(side.x) == len(side.y) == len(side.mode)
        assert min(side.x) >= 0 and max(side.x) <= found.width
        assert min(side.y) >= 0 and max(side.y) <= found.height


def test_points_of_a_mode_are_its_share(report):
    """Of the smaller side every text is on the map, so nothing is left to chance."""
    modes = {mode.id: mode for mode in report.facets[0].modes}
    shown = Counter(report.map.modes[number] for number in report.map.new.mode)
    for mode_id in report.map.modes:
        assert shown[mode_id] == modes[mode_id].new_share.count
    assert len({modes[mode_id].level for mode_id in report.map.modes}) == 1


def test_texts_of_a_mode_lie_together(report):
    """Modes are regions of the space: on average nearer to their own centre than to that of the others."""
    points = np.array([report.map.new.x, report.map.new.y]).T
    mode = np.array(report.map.new.mode)
    largest = Counter(mode.tolist()).most_common(1)[0][0]
    own, others = points[mode == largest], points[mode != largest]
    gap = np.linalg.norm(own - own.mean(axis=0), axis=1), np.linalg.norm(own - others.mean(axis=0), axis=1)
    assert gap[0].mean() < gap[1].mean()


def test_the_new_side_goes_right_and_up(report):
    for axis in ("x", "y"):
        assert np.mean(getattr(report.map.new, axis)) >= np.mean(getattr(report.map.base, axis))


def test_order_of_rows_moves_no_point(corpora, report):
    turned = [_reversed(corpus) for corpus in corpora]
    assert compare(*turned, config=TOPICS).map == report.map


def _reversed(corpus):
    columns = {
        name: tuple(value[::-1]) if isinstance(value, list | tuple) else value[::-1]
        for name in ("texts", "hashes", "prompt_keys", "prompt_texts", "lines", "temperatures", "samples", "vectors")
        if (value := getattr(corpus, name)) is not None and len(value) == len(corpus)
    }
    return replace(corpus, **columns)


def test_no_text_is_on_the_map_and_it_stays_small(report):
    document = json.loads(report.to_json())["map"]
    columns = [column for side in ("base", "new") for column in document[side].values()]
    assert {type(value) for column in columns for value in column} == {int}
    assert len(json.dumps(document)) < 20_000


def test_no_map_without_topics():
    assert compare(sample("base"), sample("topic_locked"), config=QUICK).map is None
