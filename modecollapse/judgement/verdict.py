"""Evidence → one of a closed set of words, facet by facet.

How the first words moved is a table of its own, in ``movement``; what became of one mode stands in ``modes``.

Facets, the first that applies (*changed*: permutation test at α, Holm over facets; shares beyond prediction: see
``stats.loss``):

| verdict | opening | language, topic, persona, column | degeneration |
|---|---|---|---|
| collapsed | a mode taken over ≥ half of all rows | the same, or beyond prediction to ≥ half where the base had ≤ a quarter | degenerate rows risen to ≥ half |
| lost | traces, replaced, redirected, and *narrower*; taken over; vanished; thinned by more than the tolerance | taken over; vanished; thinned by more than the tolerance to less than half, together or such modes alone, or while another mode gained as much and g < .25 | risen by ≥ 10 points |
| inconclusive | lost or collapsed while the temperature is unknown, unless an unheard-of phrase took over half of all rows; unexplained; lost but hotter, or by phrases alone while beyond measure; sharpened, but a mode in doubt; not changed, but a larger loss not ruled out | lost or collapsed while the temperature is unknown, unless an unheard-of mode took over; a mode that only grew beyond prediction while first words are the same, or of too few prompts to tell, and β may be under .7; lost while first words are sharpened, hotter or beyond measure, and collapsed too where they are hotter (unless a mode vanished and β may be 1, or one took over and β is surely above .8) or beyond measure; sharpened, but a mode in doubt | risen to less than half while first words are sharpened or unexplained or the temperature is unknown, or to more where those of all texts, degenerate ones too, are beyond measure (if unexplained: only where they agree four times in five) |
| unchanged | not changed, and every mode's loss is within the tolerance | the same | the same |
| sharpened | first words sharpened, what any mode lacks beyond prediction within the tolerance, and, where β̂ ≤ 1.25, what any gained beyond it too | the same | changed otherwise, first words sharpened |
| flattened | first words hotter, β's interval below 1, and no mode of under 2% of the base has grown by more than the tolerance | the same | changed otherwise, first words hotter, β's interval below 1 |
| shifted | changed, and every loss within the tolerance, or a mode beyond prediction with the temperature known; hotter, with a mode that grew from under 2%; sharpened, but for a mode that gained more | the same | changed otherwise |
| inconclusive | otherwise | the same | otherwise |

*Narrower*: Cqq > Cpp at 5%, and but for traces the odds that two texts agree have grown fourfold and their chance by .1; or
whole phrases are repeated. First words that are replaced and no narrower are those of another model: *shifted* where
Cqq > Cpp is not shown (``reworded``), else *inconclusive* (``reworded-alike``), whether or not shares changed. Openings that
vanished are then a loss only where three prompts or more had them, and thinned ones where such of which less than half is
left each add up to the tolerance.

*Beyond measure*: first words sharpened with β̂ above 1.9, or unexplained and nearer to the base's favourites (g > 0).
Temperature may then have carried any mode to the top. *Temperature unknown*: fewer than three prompts with four samples
a side, or fewer than six with two and β's interval not shown to end between 1 and 1.9. *Unheard of*: not met in the base, or surely under 2% of it;
across three prompts or more; or modes not met in the base that are half of all rows together, while first words are in
another order (``stats.order``).
*In doubt*: see ``modes``. *Unchanged* and *sharpened* take a base with at least eight texts in a mode of the tolerance's share.

What only temperature may have done is looked at again beside the texts of other modes (``beside_others``).

Where no facet is lost or collapsed, words that took over most new texts are one more topic (``catchwords``); else, if β
surely lies between 0.8 and 3.5, words of which hardly a text is left (``subjects``). Everything is judged once more then.

Log probabilities, truncation and copies may hold a finding back (``provisos``, ``copies``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from modecollapse.judgement.base import Finding
from modecollapse.judgement.evidence import FacetEvidence, Settings, TreeEvidence, reversed_order
from modecollapse.judgement.losses import ACROSS, RARE, dominates, losses, overwhelming, surely_rare_in_base, unheard_of
from modecollapse.judgement.modes import residual_bounds, share_interval, suspects, vanished
from modecollapse.judgement.movement import LOST_OPENINGS, SMALL_P, Movement, repeated, temperature_unknown
from modecollapse.report import Verdict

_DEGENERATE_RISE = 0.10
_LOCKED = 0.8
_WARM = 0.8
"""No heat up to here makes a rare mode common: where T = 1.4 had done so, β's lower bound was .72 at most."""
_HOT = 0.7
MILD = 1.25
"""An inverse temperature this near to 1 makes no mode vanish: at T = .7 all of a twentieth or more kept over half."""
_SEEN = 8
"""Texts that it takes to become a mode of one's own."""
_NARROWED = 4.0
"""Odds that two texts agree, new to base, from which openings are narrower as no two models of a kind are. Of chat models
that begin otherwise, one had 3.0 at most; locked openings and single traces 5 and more."""
_NARROWED_BY = 0.1
"""And the least by which that chance has grown: of nine openings left where there had been forty none tells much."""
_WIDEST = 4.0
"""An interval for the inverse temperature whose ends differ by more than this factor explains anything."""


def judge_opening(
    evidence: FacetEvidence, changed: bool, tree: TreeEvidence, moved: Movement, settings: Settings
) -> Finding:
    """The opening facet: the word tree decides, then the opening phrases."""
    loss = losses(evidence, settings)
    # Greedy decoding brings a phrase of one text in a thousand to a sixth of all, in no model so far to half.
    if changed and loss and temperature_unknown(tree, moved) and not _no_temperature(evidence, tree, settings):
        return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown", *loss))
    if changed and evidence.taken_over and dominates(evidence):
        return Finding(Verdict.COLLAPSED, ("taken-over",))
    if moved in LOST_OPENINGS:
        return _worded_otherwise(evidence, loss if changed else (), tree, moved, settings)
    if changed and loss:
        if moved is Movement.HOTTER:
            return Finding(Verdict.INCONCLUSIVE, ("new-side-hotter", *loss))
        if _immeasurable(tree, moved):
            return Finding(Verdict.INCONCLUSIVE, (OPEN_BECAUSE[moved], *loss))
        return Finding(Verdict.LOST, loss)
    if moved is Movement.UNEXPLAINED:
        return Finding(Verdict.INCONCLUSIVE, ("concentrated-unexplained",))
    if moved is Movement.SHARPENED:
        return _sharpened(evidence, changed, settings)
    if not changed:
        return _unchanged(evidence, settings)
    return _otherwise(evidence, tree, moved, settings)


def _worded_otherwise(
    evidence: FacetEvidence, loss: tuple[str, ...], tree: TreeEvidence, moved: Movement, settings: Settings
) -> Finding:
    """Openings where first words are not those of the base: lost where they are narrower, or by modes of their own.

    Another model's first words are not those of the base either; as long as they vary as much, nothing is lost by that,
    and models of one family differ a little in that, too.
    """
    if _narrower(tree, moved):
        return Finding(Verdict.LOST, (LOST_OPENINGS[moved], *loss))
    if loss := _of_habits(loss, evidence, settings):
        return Finding(Verdict.LOST, loss)
    if tree.concentrated.p_value <= SMALL_P:
        return Finding(Verdict.INCONCLUSIVE, ("reworded-alike",))
    return Finding(Verdict.SHIFTED, ("reworded",))


def _narrower(tree: TreeEvidence, moved: Movement) -> bool:
    """Whether new texts agree much more than the base's do, or repeat whole phrases.

    Traces are the base's own words, and few of them: any growth of agreement is a loss.
    """
    traced = moved is Movement.TRACES
    base, new = tree.plane.pp.mean(), tree.plane.qq.mean()
    much = new * (1 - base) >= _NARROWED * base * (1 - new) and new - base >= _NARROWED_BY
    return (traced and repeated(tree.repeats)) or (tree.concentrated.p_value <= SMALL_P and (traced or bool(much)))


def _of_habits(loss: Sequence[str], evidence: FacetEvidence, settings: Settings) -> tuple[str, ...]:
    """Those reasons of a ``loss`` that openings bear out which several prompts share.

    Where texts begin otherwise, every answer to one prompt gives way to another one. Modes that thinned count where less
    than half of each is left.
    """
    base, _ = evidence.table.by_mode()
    habits = evidence.gone & (evidence.displaced_by < 0) & ((base > 0).sum(axis=0) >= ACROSS)
    borne_out = {
        "taken-over": True,
        "vanished": any(vanished(evidence, int(mode)) for mode in np.flatnonzero(habits)),
        "thinned": evidence.halved_share(habits) > settings.tolerance,
    }
    return tuple(reason for reason in loss if borne_out[reason])


def judge_shares(
    evidence: FacetEvidence, changed: bool, tree: TreeEvidence, moved: Movement, settings: Settings
) -> Finding:
    """A facet of marginal modes: language, topic, persona or a column."""
    loss = losses(evidence, settings) if changed else ()
    dominated = changed and dominates(evidence)
    if dominated:
        loss = loss or ("dominates",)
    untold = not surely_rare_in_base(evidence) and not _no_temperature(evidence, tree, settings)
    if loss and temperature_unknown(tree, moved) and untold:
        return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown", *loss))
    hot = moved is Movement.HOTTER and not _no_matter_of_heat(tree, loss)
    untold = moved in (Movement.SAME, Movement.UNKNOWN)
    if loss == ("dominates",) and untold and tree.beta is not None and tree.beta.low < _HOT:
        # Few texts do not show a new side that is hotter, which lifts a broad persona to the top.
        return Finding(Verdict.INCONCLUSIVE, ("within-temperature", *loss))
    if dominated and not hot and not _immeasurable(tree, moved):
        by_a_taker = (evidence.new_share[list(evidence.taken_over)] >= 0.5).any()
        return Finding(Verdict.COLLAPSED, loss if by_a_taker else tuple(dict.fromkeys(["dominates", *loss])))
    if loss:
        if moved is Movement.SHARPENED or _immeasurable(tree, moved):
            return Finding(Verdict.INCONCLUSIVE, (OPEN_BECAUSE[moved], *loss))
        if hot:
            return Finding(Verdict.INCONCLUSIVE, ("new-side-hotter", *loss))
        return Finding(Verdict.LOST, loss)
    if moved is Movement.SHARPENED:
        return _sharpened(evidence, changed, settings)
    if not changed:
        return _unchanged(evidence, settings)
    return _otherwise(evidence, tree, moved, settings)


def _no_matter_of_heat(tree: TreeEvidence, loss: Sequence[str]) -> bool:
    """Whether a loss stands where the new side looks hotter, as equal sides do one time in twenty.

    No temperature near 1 takes a mode away; none up to 1.25, though it be surely above 1, makes a rare one common across
    prompts, as new texts of many openings do that seem hotter by that alone.
    """
    if tree.beta is None:
        return False
    return (tree.beta.high >= 1 and "vanished" in loss) or (tree.beta.low >= _WARM and "taken-over" in loss)


def _no_temperature(evidence: FacetEvidence, tree: TreeEvidence, settings: Settings) -> bool:
    """Overwhelming across prompts; or, of few prompts, by modes together, where first words have another order too.

    These modes were not met in the base at all: of several prompts taken for one, cooling changes the order as well, and
    brings rare modes of a hot base to the top.
    """
    return overwhelming(evidence) or (reversed_order(tree, settings.alpha) and unheard_of(evidence))


def judge_at_equal_temperature(evidence: FacetEvidence, changed: bool, settings: Settings) -> Finding:
    """A facet against the base at the new corpus's own temperature: nothing is left for temperature to explain."""
    loss = losses(evidence, settings) if changed else ()
    dominated = changed and dominates(evidence)
    if loss or dominated:
        return Finding(Verdict.COLLAPSED if dominated else Verdict.LOST, loss or ("dominates",))
    return _unchanged(evidence, settings)


def _immeasurable(tree: TreeEvidence, moved: Movement) -> bool:
    """Whether temperature may have gone further than texts can tell, and so have carried any mode to the top.

    First words are sharpened without a bound; or they are concentrated on what the base favours, and nobody knows why.
    """
    if moved is Movement.SHARPENED:
        return tree.beta is None or tree.beta.unbounded
    return moved is Movement.UNEXPLAINED and tree.direction is not None and tree.direction > 0


OPEN_BECAUSE = {
    Movement.SHARPENED: "openings-sharpened-too",
    Movement.UNEXPLAINED: "concentrated-unexplained",
}


def judge_degeneration(
    evidence: FacetEvidence,
    changed: bool,
    degenerate: tuple[float, float],
    moved: Movement,
    settings: Settings,
    tree: TreeEvidence | None = None,
    of_all: Callable[[], tuple[TreeEvidence, Movement]] | None = None,
) -> Finding:
    """Degeneration: ``degenerate`` holds the share of degenerate rows in base and new. No ``tree``: equal temperature.

    ``tree`` and ``moved`` are those of the sound texts; ``of_all`` gives those of all texts, which speak where few of the
    new ones are sound.
    """
    base, new = degenerate
    if not changed:
        effect = evidence.change.design_effect.max(initial=1.0)
        base_rows, new_rows = (side.sum() / effect for side in (evidence.table.base, evidence.table.new))
        least = share_interval(base * base_rows, base_rows)[0]
        most = share_interval(new * new_rows, new_rows)[1]
        settled = most - least <= _DEGENERATE_RISE
        return Finding(Verdict.UNCHANGED) if settled else Finding(Verdict.INCONCLUSIVE, ("too-few-samples",))
    if new - base >= _DEGENERATE_RISE:
        mostly = new >= 0.5
        if mostly and of_all is not None:
            tree, moved = of_all()
        beyond_measure = tree is None or _immeasurable(tree, moved)
        if mostly and tree is not None and moved is Movement.UNEXPLAINED:
            # Near temperature 0 the texts of a prompt begin alike, whatever follows.
            beyond_measure &= float(tree.plane.qq.mean()) >= _LOCKED
        if moved in OPEN_BECAUSE and (beyond_measure or not mostly):
            return Finding(Verdict.INCONCLUSIVE, (OPEN_BECAUSE[moved],))
        if tree is not None and temperature_unknown(tree, moved) and not mostly:
            return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown",))
        return Finding(Verdict.COLLAPSED if mostly else Verdict.LOST, ("degenerate",))
    if moved is Movement.HOTTER and tree is not None and (tree.beta is None or tree.beta.high >= 1):
        return Finding(Verdict.SHIFTED)  # equal sides look hotter one time in twenty
    # Fewer distinct texts, and so more near duplicates, are what every lower temperature brings.
    return Finding(_BY_TEMPERATURE.get(moved, Verdict.SHIFTED))


_BY_TEMPERATURE = {Movement.SHARPENED: Verdict.SHARPENED, Movement.HOTTER: Verdict.FLATTENED}


def _sharpened(evidence: FacetEvidence, changed: bool, settings: Settings) -> Finding:
    """Sharpening explains the facet: no mode may be missing beyond what it predicts, by more than the tolerance.

    Nor may one have grown beyond that by more where the temperature is near 1: it is not what moved that mode. (Far from
    1 the predictions themselves are off by as much.)
    """
    outgrown = evidence.betas[1] <= MILD and _outgrown(evidence, settings)
    if changed and suspects(evidence, settings).any():
        return Finding(Verdict.INCONCLUSIVE, ("openings-sharpened-too",))
    if not _vouches(evidence, settings):
        return Finding(Verdict.INCONCLUSIVE, ("too-few-samples",))
    if residual_bounds(evidence).max(initial=0.0) <= settings.tolerance:
        return Finding(Verdict.SHIFTED if outgrown else Verdict.SHARPENED)
    return Finding(Verdict.INCONCLUSIVE, ("openings-sharpened-too" if changed else "too-few-samples",))


def _unchanged(evidence: FacetEvidence, settings: Settings) -> Finding:
    """An equivalence statement: every mode's loss is below the tolerance with 95% confidence (Schuirmann 1987)."""
    if evidence.loss_bound <= settings.tolerance and _vouches(evidence, settings):
        return Finding(Verdict.UNCHANGED)
    return Finding(Verdict.INCONCLUSIVE, ("too-few-samples",))


def _vouches(evidence: FacetEvidence, settings: Settings) -> bool:
    """Whether a mode of the tolerance's share would have been found in the base at all.

    In fewer texts there are modes whose loss nothing in the counts could show.
    """
    return bool(np.isfinite(evidence.loss_bound) and evidence.table.base.sum() * settings.tolerance >= _SEEN)


def _outgrown(evidence: FacetEvidence, settings: Settings) -> bool:
    """Whether a mode has grown further than temperature takes it, by more than the tolerance."""
    gain = evidence.new_share - evidence.prediction.high
    return bool((evidence.traits.stable & evidence.grown & (gain > settings.tolerance)).any())


def _otherwise(evidence: FacetEvidence, tree: TreeEvidence, moved: Movement, settings: Settings) -> Finding:
    if moved is Movement.HOTTER:
        if tree.beta is None or tree.beta.high >= 1:
            return Finding(Verdict.INCONCLUSIVE, ("new-side-hotter",))
        return Finding(Verdict.SHIFTED if _emerged(evidence, settings) else Verdict.FLATTENED)
    beta = tree.beta
    unknown = beta is None or moved is Movement.UNKNOWN or beta.high > _WIDEST * beta.low
    if moved in LOST_OPENINGS:
        unknown = False  # no temperature is allowed for
    if evidence.loss_bound <= settings.tolerance:
        return Finding(Verdict.SHIFTED)
    if unknown:
        return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown",))
    if suspects(evidence, settings).any():
        return Finding(Verdict.INCONCLUSIVE, ("within-temperature",))
    beyond = (evidence.gone | evidence.grown).any()
    return Finding(Verdict.SHIFTED) if beyond else Finding(Verdict.INCONCLUSIVE, ("within-temperature",))


def _emerged(evidence: FacetEvidence, settings: Settings) -> bool:
    """A mode that the base hardly had has grown by more than the tolerance beyond prediction: that is not heat alone."""
    gain = evidence.new_share - evidence.prediction.high
    return bool((evidence.grown & (evidence.base_share < RARE) & (gain > settings.tolerance)).any())


def overall(facets: Mapping[str, Verdict], required: Sequence[str], changed: bool) -> Verdict:
    """The verdict of the whole: the first that applies. ``changed`` says whether any facet is, at α."""
    verdicts = list(facets.values())
    for word in (Verdict.COLLAPSED, Verdict.LOST):
        if word in verdicts:
            return word
    if any(facets.get(name) is Verdict.INCONCLUSIVE for name in required):
        return Verdict.INCONCLUSIVE
    for word in (Verdict.SHIFTED, Verdict.FLATTENED, Verdict.SHARPENED):
        if word in verdicts:
            return word
    return Verdict.UNCHANGED if Verdict.UNCHANGED in verdicts and not changed else Verdict.INCONCLUSIVE
