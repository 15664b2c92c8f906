"""How the first words moved from base to new: what the word tree shows → one of a closed set of words.

The first that applies:

| movement | rule (one-sided tests over prompts, at least six) | what it means |
|---|---|---|
| unknown | fewer than six prompts with two samples a side, or worth fewer than six where seeds are shared | no statement about temperature |
| replaced | Cpq < Cpp and Cqq > Cpq, both at α | new texts agree with each other and not with the base |
| traces | whole phrases repeated, p ≤ .001, and g's lower bound not above .2; or U and R both more than 4 deviations above their nulls: the new favourites are not the base's likeliest words | new texts repeat single texts, or pile up on words the base does not favour |
| redirected | Cqq > Cpp at α and g's upper bound < .2 | concentrated, away from the base's likely words |
| sharpened | Cqq > Cpp at 5% and g's lower bound > .2, no whole phrases repeated, and β not surely that of the base: its interval holds 1 and lies within a tenth of it | what every escort with β > 1 does |
| unexplained | Cqq > Cpp at 5%, unless β is surely that of the base and g's lower bound above .2 | concentrated; never called sharpened |
| hotter | Cqq < Cpp at 5%, .2 < g < .8, β's interval not above 1.05, and no openings that grew by more than the tolerance beyond what flattening predicts | what every escort with β < 1 does |
| moved | Cqq < Cpp at 5% | spread out, not along the base |
| same | none of these; or Cqq > Cpp at 5% and g's lower bound > .2 while β is surely that of the base | |
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from modecollapse.judgement.evidence import TreeEvidence
from modecollapse.stats import collision, temperature, traces, verbatim

TRACES_Z = 4.0
SMALL_P = 0.05
_REPEATS_P = 0.001
_SHARPENING_DIRECTION = 0.2
_HOTTER_AT_MOST = 1.05
_NEAR = 1.1
"""With an interval for β as near to 1 as this, that holds it, first words that agree more do so for another reason: by
chance, as one time in twenty, or because modes are gone that began otherwise."""


class Movement(str, Enum):
    """How the first words moved from base to new."""

    UNKNOWN = "unknown"
    TRACES = "traces"
    REPLACED = "replaced"
    REDIRECTED = "redirected"
    SHARPENED = "sharpened"
    UNEXPLAINED = "unexplained"
    HOTTER = "hotter"
    MOVED = "moved"
    SAME = "same"


LOST_OPENINGS = {
    Movement.TRACES: "single-traces",
    Movement.REPLACED: "replaced",
    Movement.REDIRECTED: "redirected",
}


def movement(tree: TreeEvidence, alpha: float) -> Movement:
    """How the first words moved: the first rule of the table that applies."""
    if tree.prompts < collision.FEWEST_PROMPTS:
        return Movement.UNKNOWN
    low, high = tree.direction_bounds or (-np.inf, np.inf)
    along = low > _SHARPENING_DIRECTION
    if tree.replaced <= alpha:
        return Movement.REPLACED
    if single_traces(tree.unsupported, tree.repeats, along):
        return Movement.TRACES
    if along and repeated(tree.repeats):
        return Movement.UNEXPLAINED
    if tree.concentrated.p_value <= SMALL_P:
        if high < _SHARPENING_DIRECTION and tree.concentrated.p_value <= alpha:
            return Movement.REDIRECTED
        beta = tree.beta
        if along and beta is not None and beta.is_surely_within(_NEAR) and beta.low <= 1 <= beta.high:
            return Movement.SAME
        return Movement.SHARPENED if along else Movement.UNEXPLAINED
    # One comparison in twenty looks flattened by chance: the tree must not say otherwise.
    cooler = tree.beta is not None and tree.beta.high > _HOTTER_AT_MOST
    if tree.flattened.p_value <= SMALL_P and not cooler:
        along = tree.direction is not None and _SHARPENING_DIRECTION < tree.direction < 1 - _SHARPENING_DIRECTION
        return Movement.HOTTER if along else Movement.MOVED
    return Movement.SAME


def single_traces(unsupported: traces.Unsupported, repeats: verbatim.Repeats, along: bool = False) -> bool:
    """New texts repeat single texts, or their first words pile up where the base does not.

    A trace is one draw from the base: repeating it takes first words no closer to what the base favours. Where they
    surely went ``along``, repeated phrases alone are no proof of it.
    """
    if repeated(repeats) and not along:
        return True
    return min(unsupported.z, unsupported.reversal_z) > TRACES_Z


def repeated(repeats: verbatim.Repeats) -> bool:
    """Whole phrases come back beyond what one temperature per prompt allows."""
    return repeats.p_value <= _REPEATS_P


def undecided(tree: TreeEvidence, moved: Movement) -> bool:
    """Whether first words are concentrated, and may or may not have moved as one temperature moves them."""
    _, high = tree.direction_bounds or (-np.inf, np.inf)
    return moved is Movement.UNEXPLAINED and high >= _SHARPENING_DIRECTION and not repeated(tree.repeats)


def temperature_unknown(tree: TreeEvidence, moved: Movement) -> bool:
    """Whether first words can't say how far the temperature moved: it may be near 0.

    Few prompts give no direction, but where their samples are many they may still show that it moved little.
    """
    if tree.beta is None:
        return moved not in LOST_OPENINGS
    return moved is Movement.UNKNOWN and not 1 <= tree.beta.high <= temperature.HIGHEST
