"""Labels → findings: weigh each facet's counts, apply the rules, and trace what follows from what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from modecollapse.contexts import shared_contexts
from modecollapse.counts import CountTable, WordTree
from modecollapse.evidence import (
    WITHOUT_TEMPERATURE,
    FacetEvidence,
    NextTokens,
    Settings,
    TreeEvidence,
    among_dependent_prompts,
    shares,
    weigh_facet,
    weigh_next_tokens,
    weigh_tree,
)
from modecollapse.facets.sequence import FIRST_WORDS
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import Evidence, Verdict
from modecollapse.stats import equivalence, loss, multiplicity, temperature, verbatim
from modecollapse.stats.exchangeability import Dependence, dependence
from modecollapse.verdict import (
    LOST_OPENINGS,
    Finding,
    Movement,
    beside_others,
    held_back,
    judge_degeneration,
    judge_opening,
    judge_shares,
    left_open,
    movement,
    on_copies,
    on_new_copies,
    on_truncation,
    temperature_unknown,
)
from modecollapse.words import encode

_WEIGHT_OF_CAUSE = {"language": 2.0, "opening": 2.0}
"""A language or an opening explains a topic sooner than the reverse, unless the topic took twice as many rows."""

MOSTLY_COPIES = 0.5
"""A base of which this part are copies supports no loss."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """One facet, weighed and judged. ``p_value`` is that of *any change*, Holm-adjusted over the facets.

    ``rests_on`` names the evidence that settled the finding. ``ladder`` is that against the base at the new corpus's
    own temperature, ``recovery`` what came back in the reheated corpus, ``reach`` 95% bounds of each mode's share among
    elicited rows, each of shape ``(modes,)``; ``samples_factor`` how many times the samples would settle what is open.
    """

    labelled: Labelled
    evidence: FacetEvidence
    finding: Finding
    p_value: float
    caused_by: str | None = None
    rests_on: Evidence = Evidence.TEXT
    ladder: FacetEvidence | None = None
    recovery: equivalence.Recovery | None = None
    reach: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    samples_factor: float | None = None


@dataclass(frozen=True)
class Judgement:
    """All that the report is made from."""

    tree: TreeEvidence
    movement: Movement
    betas: tuple[float, float, float]
    facets: Mapping[str, Judged]
    dependence: Mapping[Side, Dependence] = field(default_factory=dict)


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


def judge(pair: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], settings: Settings) -> Judgement:
    """Weigh and judge the facets of ``names`` on base (side 0) and new (side 1) rows of matched prompts."""
    compared = pair.matched & (pair.side <= Side.NEW)
    sound = pair.bounded(compared & labelled["language"].member)
    words = first_words(pair, sound, settings)
    pair, tree, betas = words.pair, words.tree, words.betas
    weighed = {name: weigh(labelled[name], pair, compared, words.rows, sound, betas, settings) for name in names}
    moved = words.moved_beside(weighed.get("opening"), settings)
    adjusted = multiplicity.holm(np.array([weighed[name].change.p_value for name in names]))
    p_values = dict(zip(names, adjusted.tolist(), strict=True))
    judged = {
        name: Judged(
            labelled[name],
            weighed[name],
            held_back(
                _find(
                    name, labelled[name], weighed[name], p_values[name] <= settings.alpha, tree, moved, pair, settings
                ),
                tree,
            ),
            p_values[name],
        )
        for name in names
    }
    judged = {name: _beside_others(facet, words, sound, settings) for name, facet in judged.items()}
    judged = _allowing_for_copies(judged, pair, compared, temperature_unknown(tree, moved))
    if pair.truncated:
        judged = {name: replace(facet, finding=on_truncation(facet.finding)) for name, facet in judged.items()}
    replaced_beside = partial(_replaced_beside, words, sound, settings)
    return Judgement(tree, moved, betas, _traced(judged, pair, compared, moved, replaced_beside), words.dependence)


_SET_ASIDE = (0.1, 0.5)
"""The part of the base that lost modes may be, if the others are to speak for the temperature.

Top-p .9, of which rows often say nothing, cuts off up to a tenth and leaves the others as they were.
"""


def _beside_others(facet: Judged, words: FirstWords, sound: Bools, settings: Settings) -> Judged:
    """A loss that concentrated first words left open, settled by those of the texts in none of the lost modes."""
    if not left_open(facet.finding):
        return facet
    lost = np.flatnonzero(facet.evidence.gone & (facet.evidence.displaced_by < 0))
    others: Bools = ~np.any(np.isin(facet.labelled.labels[sound], lost), axis=1)
    least, most = _SET_ASIDE
    if not least < 1 - others[~words.rows.new].mean() <= most:
        return facet
    return replace(facet, finding=beside_others(facet.finding, words.of(others, settings)))


def _allowing_for_copies(judged: Mapping[str, Judged], pair: Pair, compared: Bools, unknown: bool) -> dict[str, Judged]:
    """Findings where either side is mostly copies; ``unknown`` says that no temperature could be estimated."""
    if copied_share(pair, compared, Side.BASE) >= MOSTLY_COPIES:
        judged = _weakened(judged, on_copies)
    if unknown and copied_share(pair, compared, Side.NEW) >= MOSTLY_COPIES:
        judged = _weakened(judged, on_new_copies)
    return dict(judged)


def _weakened(judged: Mapping[str, Judged], weaken: Callable[[Finding], Finding]) -> dict[str, Judged]:
    """Findings as ``weaken`` leaves them, degeneration aside."""
    return {
        name: facet if name == "degeneration" else replace(facet, finding=weaken(facet.finding))
        for name, facet in judged.items()
    }


def copied_share(pair: Pair, compared: Bools, side: Side) -> float:
    """Which part of the texts of one side repeat another one of their prompt word for word."""
    from modecollapse.facets.duplicates import WHOLE, copies

    index = np.flatnonzero(compared & (pair.side == side))
    if len(np.unique(pair.rows.hashes[index])) == len(index):
        return 0.0  # no text of a prompt stands there twice
    whole = [text for rows in pair.rows.batches(index) for text in rows.read(WHOLE)]
    return float(copies(pair.rows.prompts[index], whole).mean())


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
    return WordTree(pair.rows.prompts[index].astype(np.int64), pair.side[index] == Side.NEW, words)


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
    if tree.beta.value > temperature.HIGHEST:
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
    return weigh_facet(table, allowances(facet), facet.stable, betas, settings, change_table)


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


def _find(
    name: str,
    facet: Labelled,
    evidence: FacetEvidence,
    changed: bool,
    tree: TreeEvidence,
    moved: Movement,
    pair: Pair,
    settings: Settings,
) -> Finding:
    if evidence.table.n_prompts == 0:
        return Finding(Verdict.INCONCLUSIVE, ("all-degenerate" if pair.matched.any() else "no-common-prompts",))
    if name == "opening":
        return judge_opening(evidence, changed, tree, moved, settings)
    if name == "degeneration":
        return judge_degeneration(
            evidence,
            changed,
            degenerate_shares(facet, pair),
            moved,
            settings,
            tree,
            partial(_tree_of_all, pair, settings),
        )
    return judge_shares(evidence, changed, tree, moved, settings)


def _tree_of_all(pair: Pair, settings: Settings) -> tuple[TreeEvidence, Movement]:
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


def _replaced_beside(words: FirstWords, sound: Bools, settings: Settings, others: Bools) -> bool:
    """Whether the first words of the texts in ``others`` are no longer those of the base either."""
    return movement(words.of(others[sound], settings), settings.alpha) in LOST_OPENINGS


def _traced(
    judged: dict[str, Judged], pair: Pair, compared: Bools, moved: Movement, replaced_beside: Callable[[Bools], bool]
) -> dict[str, Judged]:
    """One cause, told once: a facet whose loss is mostly that of another facet's mode only follows.

    Modes that took over come first: what made room for them was not lost by itself. ``replaced_beside`` says of some
    rows whether their first words are replaced as well.
    """
    takers = _culprits(judged, _taken)
    if moved is Movement.TRACES and "opening" in takers and takers["opening"].distance < _ONE_PHRASE:
        # Many traces and no one phrase: whatever else moved, moved because the texts are copies.
        return {name: _copied(name, facet) for name, facet in judged.items()}
    traced = dict(judged)
    for culprits in (takers, _culprits(judged, _gone)):
        stronger: set[str] = set()
        for cause in sorted(culprits, key=lambda name: -culprits[name].distance * _WEIGHT_OF_CAUSE.get(name, 1.0)):
            if traced[cause].caused_by:
                continue
            stronger.add(cause)
            source, culprit = judged[cause].labelled, culprits[cause]
            mode = culprit.mode
            others = ~np.isin(source.labels[:, source.levels[mode]], culprit.modes)
            for name, facet in traced.items():
                may_follow = facet.finding.verdict in _MOVED and not facet.caused_by and name not in stronger
                if not may_follow or _left_without(facet, pair, compared, others) >= _OWN_LOSS:
                    continue
                if name != "opening" or moved not in LOST_OPENINGS or not replaced_beside(others):
                    traced[name] = replace(facet, caused_by=f"{cause}:{source.modes[mode].id}")
    return traced


def _copied(name: str, facet: Judged) -> Judged:
    follows = name != "opening" and facet.finding.verdict in _MOVED
    return replace(facet, caused_by="opening:single-traces") if follows else facet


_ONE_PHRASE = 0.25
"""A phrase that took less than this share of all rows is one trace among several, not the cause."""

_LEAST_CAUSE = 0.05
"""A mode that moved by less than this part of all rows explains no other facet."""

_OWN_LOSS = 0.25
"""A facet that keeps less than this part of its loss without another facet's mode has no loss of its own."""

_LOSSES = (Verdict.LOST, Verdict.COLLAPSED)
_MOVED = (*_LOSSES, Verdict.SHIFTED)


@dataclass(frozen=True)
class _Culprit:
    """The ``mode`` of a facet that moved most, how far, and all ``modes`` of its level that moved far: its texts."""

    mode: int
    distance: float
    modes: NDArray[np.int64]


def _culprits(
    judged: Mapping[str, Judged], moved: Callable[[FacetEvidence], NDArray[np.float64]]
) -> dict[str, _Culprit]:
    """What ``moved`` in each facet that is lost; no facet in which nothing did.

    One topic that took over may be several clusters: what is left without one of them would still look changed.
    """
    found = {}
    for name, facet in judged.items():
        if facet.finding.verdict in _LOSSES and name != "degeneration":
            distance = moved(facet.evidence)
            if distance.max(initial=0.0) > _LEAST_CAUSE:
                mode, levels = int(distance.argmax()), facet.labelled.levels
                modes = np.flatnonzero((distance > _LEAST_CAUSE) & (levels == levels[mode]))
                found[name] = _Culprit(mode, float(distance.max()), modes)
    return found


def _taken(evidence: FacetEvidence) -> NDArray[np.float64]:
    """How many rows each mode took beyond prediction, as a part of all: where the base hardly had it."""
    gain = evidence.new_share - evidence.prediction.high
    return np.where(evidence.grown & (evidence.base_share <= 0.25), gain, 0.0)


def _gone(evidence: FacetEvidence) -> NDArray[np.float64]:
    """How many rows each mode lost beyond prediction, as a part of all: one that left the others as they were."""
    lost = evidence.prediction.low - evidence.new_share
    alone = evidence.gone & (evidence.displaced_by < 0) & (evidence.base_share <= 0.5)
    return np.where(alone, lost, 0.0)


def _left_without(facet: Judged, pair: Pair, compared: Bools, others: Bools) -> float:
    """How much of a facet's change in shares is left among ``others``, as a part of all, weighted by new rows.

    Of the modes that are beyond prediction, where there are any: the others move by chance.
    """
    kept = compared & others & facet.labelled.member
    before = facet.evidence
    table = count(facet.labelled, pair, kept)
    if table.n_prompts == 0:
        return 0.0
    base, new = shares(table)
    told = before.gone | before.grown
    told = told if told.any() else np.ones(len(told), dtype=bool)
    left = float(np.abs(new - base)[told].max(initial=0.0)) * int(table.new.sum()) / max(1, int(before.table.new.sum()))
    return left / max(1e-9, float(np.abs(before.new_share - before.base_share)[told].max(initial=0.0)))
