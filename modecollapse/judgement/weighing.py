"""Labelled rows of base and new → evidence: first words, and the counts of each facet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.counts import CountTable, WordTree
from modecollapse.facets.sequence import FIRST_WORDS
from modecollapse.judgement.contexts import shared_contexts
from modecollapse.judgement.evidence import (
    WITHOUT_TEMPERATURE,
    FacetEvidence,
    NextTokens,
    Settings,
    TreeEvidence,
    among_dependent_prompts,
    weigh_facet,
    weigh_next_tokens,
    weigh_tree,
)
from modecollapse.judgement.movement import LOST_OPENINGS, Movement, movement
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.stats import loss, verbatim
from modecollapse.stats.exchangeability import Dependence, dependence
from modecollapse.words import encode

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class FirstWords:
    """What the first words show, before any facet is looked at.

    ``pair`` has its rows in blocks where they depend on each other between prompts, ``rows`` is the tree of those that
    are sound, ``betas`` are the inverse temperatures to allow for.
    """

    pair: Pair
    rows: WordTree
    tree: TreeEvidence
    movement: Movement
    dependence: Mapping[Side, Dependence]

    @property
    def betas(self) -> tuple[float, float, float]:
        """Inverse temperatures to allow for: (low, estimate, high)."""
        return _betas(self.tree, self.movement)

    def of(self, some: Bools, settings: Settings) -> TreeEvidence:
        """What ``some`` of the ``rows``, shape ``(rows,)``, show by themselves."""
        return _among_dependent(weigh_tree(self.rows.take(some), settings), self.dependence)

    def moved_beside(self, opening: FacetEvidence | None, settings: Settings) -> Movement:
        """The movement in the light of the ``opening`` facet, where that was weighed.

        Heat spreads texts over what the base already said; openings of its own are not heat.
        """
        hotter = self.movement is Movement.HOTTER
        if hotter and opening is not None and opening.gained_share() > settings.tolerance:
            return Movement.MOVED
        return self.movement


def first_words(pair: Pair, sound: Bools, settings: Settings) -> FirstWords:
    """How the first words of base and new compare, by the rows that are ``sound``."""
    rows = word_tree(pair, sound)
    tree = replace(weigh_tree(rows, settings), next_tokens=_next_tokens(pair, sound, settings))
    dependent = _dependence(pair, sound, rows, settings.seed)
    if any(found.shared for found in dependent.values()):
        pair = pair.in_blocks({side: found.shared for side, found in dependent.items()})
    tree = _among_dependent(tree, dependent)
    return FirstWords(pair, rows, tree, movement(tree, settings.alpha), dependent)


def _among_dependent(tree: TreeEvidence, dependent: Mapping[Side, Dependence]) -> TreeEvidence:
    """The evidence in the light of the side whose samples depend on each other most."""
    return among_dependent_prompts(tree, max(dependent.values(), key=lambda found: found.design_effect(tree.prompts)))


def _dependence(pair: Pair, sound: Bools, tree: WordTree, seed: int) -> dict[Side, Dependence]:
    """Whether samples of the same number depend on each other between prompts, per side."""
    found = {}
    for side in (Side.BASE, Side.NEW):
        numbers, given = pair.numbers(sound & (pair.side == side))
        own = tree.new == (side == Side.NEW)
        found[side] = dependence(tree.prompts[own], numbers, tree.words[own, 0].astype(np.int64), seed, numbered=given)
    return found


def word_tree(pair: Pair, member: Bools) -> WordTree:
    """The tree of first tokens where rows have token ids, else of first words."""
    index = np.flatnonzero(member)
    words: NDArray[np.integer]
    if pair.tokens is not None:
        words = pair.tokens[index]
    else:
        found = (row for rows in pair.rows.batches(index) for row in rows.read(FIRST_WORDS))
        words, _ = encode(found, verbatim.DEPTH)
    return WordTree(pair.rows.prompts[index].astype(np.int64), pair.side[index] == Side.NEW, words).past_shared()


def _next_tokens(pair: Pair, member: Bools, settings: Settings) -> NextTokens | None:
    """What log probabilities show, where rows have them."""
    if pair.logprobs is None:
        return None
    index = np.flatnonzero(member)
    new, temperatures = pair.side[index] == Side.NEW, pair.temperatures[index]
    contexts = shared_contexts(pair.logprobs.take(index), pair.rows.prompts[index].astype(np.int64), new)
    base_rungs, new_rungs = (np.unique(temperatures[side]) for side in (~new, new))
    base, new_one = (float(rungs[0]) if len(rungs) == 1 else np.nan for rungs in (base_rungs, new_rungs))
    return weigh_next_tokens(contexts, (base, new_one), settings)


def _betas(tree: TreeEvidence, moved: Movement) -> tuple[float, float, float]:
    """Inverse temperatures that the null hypothesis of the mode tests allows: (low, estimate, high).

    Where the first words moved as no temperature moves them, none is to be allowed for.
    """
    if moved in LOST_OPENINGS:
        return 1.0, 1.0, 1.0
    if tree.beta is None:
        return WITHOUT_TEMPERATURE
    if moved is Movement.UNKNOWN:
        least, usual, most = WITHOUT_TEMPERATURE
        return max(min(least, tree.beta.low), 0.25), usual, min(max(most, tree.beta.high), 12.0)
    low, high = float(np.clip(tree.beta.low, 0.25, 12)), float(np.clip(tree.beta.high, 0.25, 12))
    if tree.beta.unbounded:
        high = 12.0
    return min(low, 1.0) if moved is Movement.SAME else low, float(np.clip(tree.beta.value, low, high)), high


def weigh(
    facet: Labelled,
    pair: Pair,
    compared: Bools,
    tree: WordTree,
    sound: Bools,
    betas: tuple[float, float, float],
    settings: Settings,
) -> FacetEvidence:
    """Evidence from one facet's ``compared`` rows; ``tree`` is that of the ``sound`` ones, ``betas`` as in ``loss``."""
    table = count(facet, pair, compared & facet.member)
    change_table = None
    if facet.name == "opening":
        change_table = _with_first_words(facet, pair, tree, sound)
    return weigh_facet(table, allowances(facet), facet.traits, betas, settings, change_table)


def allowances(facet: Labelled) -> loss.Allowances:
    """Entropy allowances of a facet's modes: none at nodes of the word tree; openings leave a rest of many phrases."""
    nodes = np.array([mode.node for mode in facet.modes], dtype=bool)
    return loss.Allowances(
        modes=np.where(nodes, 0.0, loss.ENTROPY_ALLOWANCE),
        rest=loss.REST_ALLOWANCE if facet.name == "opening" else 0.0,
    )


def count(facet: Labelled, pair: Pair, rows: Bools) -> CountTable:
    """Count ``rows`` by prompt, mode and side."""
    blocks = None if pair.blocks is None else pair.blocks[rows]
    new = pair.side[rows] == Side.NEW
    return CountTable.from_rows(pair.rows.prompts[rows], new, facet.labels[rows], facet.levels, blocks)


def _with_first_words(facet: Labelled, pair: Pair, tree: WordTree, sound: Bools) -> CountTable:
    """The openings' table with the first word as a further level: what the test for any change looks at."""
    words, first = np.unique(tree.words[:, 0], return_inverse=True)
    level = facet.labels.shape[1]
    labels = np.column_stack([facet.labels[sound], first + len(facet.modes)])
    levels = np.concatenate([facet.levels, np.full(len(words), level)])
    blocks = None if pair.blocks is None else pair.blocks[sound]
    return CountTable.from_rows(tree.prompts, tree.new, labels, levels, blocks)


def tree_of_all(pair: Pair, settings: Settings) -> tuple[TreeEvidence, Movement]:
    """First words of all texts, degenerate ones included."""
    tree = weigh_tree(word_tree(pair, pair.bounded(pair.matched & (pair.side <= Side.NEW))), settings)
    return tree, movement(tree, settings.alpha)


def degenerate_shares(facet: Labelled, pair: Pair) -> tuple[float, float]:
    """Share of degenerate rows in base and new."""
    from modecollapse.facets.degeneration import degenerate_rows

    bad = degenerate_rows(facet.labels)
    sides = [pair.matched & (pair.side == side) for side in (Side.BASE, Side.NEW)]
    base, new = (float(bad[side].mean()) if side.any() else 0.0 for side in sides)
    return base, new
