"""What is said of one mode where nothing tells a temperature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from modecollapse.counts import CountTable
from modecollapse.judgement.evidence import Settings, weigh_facet
from modecollapse.judgement.modes import judge_modes
from modecollapse.judgement.movement import Movement
from modecollapse.report import ModeVerdict
from modecollapse.stats import loss
from modecollapse.traits import Traits

SETTINGS = Settings(alpha=0.01, tolerance=0.05, resamples=999, seed=0)
PROMPTS = 3_000
UNKNOWN = (0.25, 1.0, 12.0)
"""Inverse temperatures where nothing tells one: a mode that is gone may have been cooled away."""


def one_sample_each(base, new):
    """Evidence on a mode that ``base`` and ``new`` of the prompts' single texts have."""
    prompts, side = np.tile(np.arange(PROMPTS), 2), np.repeat([False, True], PROMPTS)
    random = np.random.default_rng(0)
    has = np.concatenate([random.permutation(PROMPTS) < count for count in (base, new)])
    table = CountTable.from_rows(prompts, side, np.where(has, 0, -1)[:, None], np.zeros(1, dtype=np.int64))
    allowances = loss.Allowances(np.full(1, loss.ENTROPY_ALLOWANCE), 0.0)
    return weigh_facet(table, allowances, Traits.usual(1), UNKNOWN, SETTINGS)


@pytest.mark.parametrize(
    ("base", "new", "expected"),
    [
        (120, 0, ModeVerdict.CHANGED),  # a 25th, all of it gone
        (300, 210, ModeVerdict.KEPT),  # three points fewer, within the tolerance, and most of it left
        (300, 300, ModeVerdict.KEPT),
    ],
)
def test_what_is_gone_has_changed_however_small_it_was(base, new, expected):
    evidence = one_sample_each(base, new)
    assert not evidence.gone.any()
    assert judge_modes(evidence, Movement.UNKNOWN, SETTINGS) == [expected]


def test_texts_that_depend_on_each_other_show_no_mode_to_be_gone():
    """Thirty texts drawn with one seed are worth one: of four that a hundred would have, none is no surprise."""
    evidence = one_sample_each(120, 0)
    dependent = replace(evidence, change=replace(evidence.change, design_effect=np.full(1, 30.0)))
    assert judge_modes(dependent, Movement.UNKNOWN, SETTINGS) == [ModeVerdict.KEPT]
