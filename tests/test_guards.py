"""What a corpus may be like without being what the tests assume: said, and never made a finding of."""

import random
from dataclasses import replace

import numpy as np
import pytest

from modecollapse.compare import compare
from modecollapse.report import Verdict
from tests.corpora import QUICK, sentence, write

LOSSES = {Verdict.LOST, Verdict.COLLAPSED}
OPENING = replace(QUICK, facets=("opening",), required_facets=("opening",))


@pytest.fixture
def against(tmp_path):
    def comparison(base, new, config=OPENING):
        paths = [write(tmp_path / f"{side}.jsonl", rows) for side, rows in (("base", base), ("new", new))]
        return compare(*paths, config=config)

    return comparison


def codes(report):
    return [warning.code for warning in report.warnings]


def facet(report, name):
    return next(facet for facet in report.facets if facet.name == name)


# Seeds shared between prompts

OPENINGS = tuple(f"{sentence(random.Random(i), 2)[:-1]} indeed, " for i in range(12))


def seeded(prompts, samples, seed, sample_field=True):
    """Each prompt prefers other openings; sample j of every prompt is drawn with the same uniform number."""
    shares = np.random.default_rng(0).dirichlet(np.full(len(OPENINGS), 0.5), size=prompts) + 0.02
    uniform, rng = np.random.default_rng(seed).random(samples), random.Random(seed)
    return [
        {"prompt": f"Prompt {i}", "text": OPENINGS[opening] + sentence(rng)} | ({"sample": j} if sample_field else {})
        for i, share in enumerate(shares)
        for j, opening in enumerate(np.searchsorted(share.cumsum() / share.sum(), uniform).tolist())
    ]


@pytest.mark.parametrize("sample_field", [True, False])
def test_shared_seeds_are_told_and_are_no_change(against, sample_field):
    report = against(*(seeded(20, 12, seed, sample_field) for seed in (1, 2)))
    assert codes(report).count("shared-seeds") == 2
    assert facet(report, "opening").verdict is Verdict.INCONCLUSIVE
    assert facet(report, "opening").tests[0].p_value > 0.01


def test_row_order_decides_nothing_where_samples_are_numbered(against):
    base, new = seeded(12, 10, 1), seeded(12, 10, 2)
    shuffled = [random.Random(seed).sample(rows, len(rows)) for seed, rows in ((3, base), (4, new))]
    one, other = against(base, new), against(*shuffled)
    assert "shared-seeds" in codes(one)
    assert facet(one, "opening").tests == facet(other, "opening").tests
    assert one.temperature == other.temperature


def test_a_locked_opening_is_found_despite_shared_seeds(against):
    base = seeded(20, 12, 1)
    locked = [row | {"text": f"As ever, dear friend: {row['text']}"} for row in seeded(20, 12, 2)]
    report = against(base, locked)
    assert "shared-seeds" in codes(report)
    assert report.verdict is Verdict.COLLAPSED
