"""Evidence → one of a closed set of words. The whole rule stands here.

How the first words moved is a table of its own, in ``movement``.

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
*In doubt*: a mode that is surely under half of what the usual
entropy allowance predicts, or (unless it is a bare word) of which surely less than a quarter is left, a loss beyond the
tolerance, of all texts or (where β̂ is 1.9 at most) of those of prompts whose answers it is not anyway; or words of which hardly a text is left (``subjects``). *Unchanged* and *sharpened* take a base with at least eight texts in a mode of the tolerance's share.

A *remainder* (texts in no language) may grow like any mode; it is never lost, and what only took its room has not grown.

Where *inconclusive* rests on vanished or thinned modes and first words that are sharpened or unexplained, these are
looked at again without the texts of the modes that are beyond prediction (a tenth to half of the base). It becomes *lost*
where β's interval then lies within 0.8 and 1.25 (``temperature-ruled-out``). A facet that is open for what temperature
may have done (``within-temperature``, ``new-side-hotter``), or merely *shifted*, is then weighed once more, beside the
temperature of those texts, and *lost* where modes vanished or thinned.

Where no facet is lost or collapsed, words that took over most new texts are one more topic (``catchwords``); else, if β
surely lies between 0.8 and 3.5, words of which hardly a text is left (``subjects``). Everything is judged once more then.

Where both sides have log probabilities, *sharpened* becomes inconclusive if one temperature surely explains less than a
quarter of how next tokens diverge, or the nearest is a higher one (95% intervals, six prompts, lists that hold 80% of
the new tokens).

Where a fifth or more of the base's texts are copies of others of their prompt, *collapsed* and *lost* become
inconclusive (``copied-base``), degeneration aside, unless half of the new texts are of a mode that the base hardly has;
from half on, in any case, and so do *shifted* and *flattened*. Where rows say that only the new side's tail was
cut off (top-p, top-k, min-p), *lost* by vanished or thinned modes alone becomes inconclusive (``may-be-truncation``).
Where half or more of the new texts are copies, degeneration aside: if the temperature is unknown, *collapsed* and *lost*
become inconclusive (``temperature-unknown``); if the base has not half as many copies, *sharpened* does (``copied-new``).
Where the chance that two texts of a prompt are copies rose by more than the tolerance (over prompts, at 5%), *unchanged*,
*shifted* and *flattened* openings become inconclusive (``copied-new``). Where the copies of one side seem to have been
taken out, every facet becomes inconclusive (``copies-left-out``), unless modes of which the base has no text take half of
the new texts. Where a baseline without texts could not be read as the new texts were, *collapsed*, *lost* and *shifted*
languages, topics and personas become inconclusive (``read-as-frozen``). Where nearly all new texts and hardly any of the base's end
with the same three words or more, topics that would pass become inconclusive (``ends-alike``). Where reasoning that does
not end leaves more of the new texts without an answer, by more than the tolerance, no facet passes (``unanswered``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from modecollapse.counts import CountTable
from modecollapse.judgement.evidence import FacetEvidence, Settings, TreeEvidence, reversed_order
from modecollapse.judgement.movement import LOST_OPENINGS, SMALL_P, Movement, repeated, temperature_unknown
from modecollapse.report import ModeVerdict, Verdict
from modecollapse.stats import collision, power, temperature

_DEGENERATE_RISE = 0.10
_LOCKED = 0.8
_WARM = 0.8
"""No heat up to here makes a rare mode common: where T = 1.4 had done so, β's lower bound was .72 at most."""
_HOT = 0.7
_MILD = 1.25
"""An inverse temperature this near to 1 makes no mode vanish: at T = .7 all of a twentieth or more kept over half."""
_SUSPECT_SHARE = 0.01
_RARE = 0.02
_SEEN = 8
"""Texts that it takes to become a mode of one's own."""
_ACROSS = 3
"""Prompts that it takes to see a mode across prompts."""
_LEFT = 0.25
"""Part of a mode's share below which it is as good as gone. Cooling to T = .5 left three tenths or more of every mode
of a tenth of the base; modes that were taken out left less than a tenth."""
_NARROWED = 4.0
"""Odds that two texts agree, new to base, from which openings are narrower as no two models of a kind are. Of chat models
that begin otherwise, one had 3.0 at most; locked openings and single traces 5 and more."""
_NARROWED_BY = 0.1
"""And the least by which that chance has grown: of nine openings left where there had been forty none tells much."""
_EXPLAINED = 0.25
_COVERED = 0.8
_WIDEST = 4.0
"""An interval for the inverse temperature whose ends differ by more than this factor explains anything."""


@dataclass(frozen=True)
class Finding:
    """A facet's verdict with its reason codes."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()

    @property
    def of_missing_modes(self) -> bool:
        """Whether it rests on modes that are missing, and on nothing that came up or was replaced."""
        return set(self.reasons) <= {"vanished", "thinned", "temperature-ruled-out"}

    @property
    def of_a_rise(self) -> bool:
        """Whether it rests on nothing but a mode that was there and grew."""
        return set(self.reasons) == {"dominates"}


def judge_opening(
    evidence: FacetEvidence, changed: bool, tree: TreeEvidence, moved: Movement, settings: Settings
) -> Finding:
    """The opening facet: the word tree decides, then the opening phrases."""
    loss = _loss(evidence, settings)
    # Greedy decoding brings a phrase of one text in a thousand to a sixth of all, in no model so far to half.
    if changed and loss and temperature_unknown(tree, moved) and not _no_temperature(evidence, tree, settings):
        return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown", *loss))
    if changed and evidence.taken_over and _dominates(evidence):
        return Finding(Verdict.COLLAPSED, ("taken-over",))
    if moved in LOST_OPENINGS:
        return _worded_otherwise(evidence, loss if changed else (), tree, moved, settings)
    if changed and loss:
        if moved is Movement.HOTTER:
            return Finding(Verdict.INCONCLUSIVE, ("new-side-hotter", *loss))
        if _immeasurable(tree, moved):
            return Finding(Verdict.INCONCLUSIVE, (_OPEN_BECAUSE[moved], *loss))
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
    habits = evidence.gone & (evidence.displaced_by < 0) & ((base > 0).sum(axis=0) >= _ACROSS)
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
    loss = _loss(evidence, settings) if changed else ()
    dominated = changed and _dominates(evidence)
    if dominated:
        loss = loss or ("dominates",)
    untold = not _unheard_of(evidence) and not _no_temperature(evidence, tree, settings)
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
            return Finding(Verdict.INCONCLUSIVE, (_OPEN_BECAUSE[moved], *loss))
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


def _unheard_of(evidence: FacetEvidence, part: float = 0.0) -> bool:
    """A mode that took over, across prompts, is not just rare in the base, but not met at all or surely rare.

    Of those that have such a ``part`` of the new texts. Not one word of thousands: near zero a rare one may come up.
    """
    base, _ = evidence.table.by_mode()
    rows = int(evidence.table.base.sum())
    modes = [mode for mode in evidence.taken_over if not evidence.traits.catchword[mode]]
    counts = [int(base[:, mode].sum()) for mode in modes if evidence.new_share[mode] >= part]
    rare = any(count == 0 or share_interval(count, rows)[1] < _RARE for count in counts)
    return rare and evidence.table.n_prompts >= _ACROSS


def overwhelming(evidence: FacetEvidence) -> bool:
    """Half of all new texts or more, across prompts, are of a mode that the base hardly has, if at all."""
    return _unheard_of(evidence, 0.5)


def _no_temperature(evidence: FacetEvidence, tree: TreeEvidence, settings: Settings) -> bool:
    """Overwhelming across prompts; or, of few prompts, by modes together, where first words have another order too.

    These modes were not met in the base at all: of several prompts taken for one, cooling changes the order as well, and
    brings rare modes of a hot base to the top.
    """
    return overwhelming(evidence) or (reversed_order(tree, settings.alpha) and unheard_of(evidence))


def unheard_of(evidence: FacetEvidence) -> bool:
    """Half of all new texts or more are of modes that took over and of which the base has no text."""
    base, _ = evidence.table.by_mode()
    caught = evidence.traits.catchword
    new_ones = [mode for mode in evidence.taken_over if base[:, mode].sum() == 0 and not caught[mode]]
    unmet = np.zeros_like(evidence.new_share)
    unmet[new_ones] = evidence.new_share[new_ones]
    return evidence.most(unmet) >= 0.5


def judge_at_equal_temperature(evidence: FacetEvidence, changed: bool, settings: Settings) -> Finding:
    """A facet against the base at the new corpus's own temperature: nothing is left for temperature to explain."""
    loss = _loss(evidence, settings) if changed else ()
    dominated = changed and _dominates(evidence)
    if loss or dominated:
        return Finding(Verdict.COLLAPSED if dominated else Verdict.LOST, loss or ("dominates",))
    return _unchanged(evidence, settings)


def held_back(finding: Finding, tree: TreeEvidence) -> Finding:
    """*Sharpened* only where log probabilities, if there are any, do not say otherwise. Only ever weakens a finding."""
    if finding.verdict is Verdict.SHARPENED and contradicted(tree):
        return Finding(Verdict.INCONCLUSIVE, ("concentrated-unexplained",))
    return finding


def contradicted(tree: TreeEvidence) -> bool:
    """Next tokens, by distributions known to their cut, surely diverge otherwise than one lower temperature makes them.

    It explains less than a quarter, or the nearest temperature is a higher one.
    """
    found = tree.next_tokens.escort if tree.next_tokens else None
    if found is None or found.explained is None or found.p_value is not None:
        return False
    known = found.prompts >= collision.FEWEST_PROMPTS and found.covered >= _COVERED
    return known and (found.explained.high < _EXPLAINED or found.beta.high < 1)


def left_open(finding: Finding) -> bool:
    """Whether modes are missing, and only a concentration of first words keeps that from being called a loss."""
    return finding.verdict is Verdict.INCONCLUSIVE and bool(
        set(finding.reasons) & {"vanished", "thinned"} and set(finding.reasons) & set(_OPEN_BECAUSE.values())
    )


def beside_others(finding: Finding, others: TreeEvidence) -> Finding:
    """A loss that is ``left_open``, in the light of the first words of the texts in ``others``: all but the lost modes.

    Losing modes concentrates first words by itself. A temperature would have sharpened the other texts as well: where
    they are surely near that of the base, none took the modes away.
    """
    if not at_the_base(others):
        return finding
    lost = (reason for reason in finding.reasons if reason not in _OPEN_BECAUSE.values())
    return Finding(Verdict.LOST, (*lost, "temperature-ruled-out"))


def at_the_base(others: TreeEvidence) -> bool:
    """Whether the first words of these texts are surely near the temperature of the base."""
    beta = others.beta
    told = others.prompts >= collision.FEWEST_PROMPTS and beta is not None
    return told and beta is not None and 1 / _MILD <= beta.low <= beta.high <= _MILD


def spread_open(finding: Finding) -> bool:
    """Whether first words that are spread out, or tell little of temperature, may be why missing modes are no loss."""
    open_because = {"within-temperature", "new-side-hotter"} & {*finding.reasons}
    return finding == Finding(Verdict.SHIFTED) or (finding.verdict is Verdict.INCONCLUSIVE and bool(open_because))


def beside_others_again(finding: Finding, evidence: FacetEvidence, settings: Settings) -> Finding:
    """A finding that is ``spread_open``, where the texts in none of the missing modes are surely ``at_the_base``.

    A mode of many texts that begin alike spreads first words when it goes, as heat does. ``evidence`` is what the
    facet shows beside the temperature of the others, which took nothing away.
    """
    lost = tuple(reason for reason in _loss(evidence, settings) if reason in ("vanished", "thinned"))
    return Finding(Verdict.LOST, (*lost, "temperature-ruled-out")) if lost else finding


def on_copies(finding: Finding, *, mostly: bool) -> Finding:
    """A finding against a base of which many texts are copies: of a cache or of a temperature near 0, who can tell.

    Shares and agreement would read differently in either case, so they support no loss; nor, where the base is
    ``mostly`` copies, that there is none.
    """
    open_then = (Verdict.LOST, Verdict.COLLAPSED, *((Verdict.SHIFTED, Verdict.FLATTENED) if mostly else ()))
    if finding.verdict in open_then:
        return Finding(Verdict.INCONCLUSIVE, ("copied-base", *finding.reasons))
    return finding


def on_new_copies(finding: Finding, *, unknown: bool, alone: bool) -> Finding:
    """A finding against a new side that is mostly copies; ``alone`` says that the base has not half as many.

    With the temperature ``unknown`` all of it may be one text each: what a few texts have in common is no mode of a
    model, and decoding near zero gives just these. Where first words tell one, it is that of the first words: no
    temperature but one near zero repeats whole texts, nor do a model that learnt one text a prompt, or a cache, look
    otherwise where the base's likeliest words begin that text.
    """
    if unknown and finding.verdict in (Verdict.LOST, Verdict.COLLAPSED):
        return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown", *finding.reasons))
    if alone and finding.verdict is Verdict.SHARPENED:
        return Finding(Verdict.INCONCLUSIVE, ("copied-new", *finding.reasons))
    return finding


def on_risen_copies(finding: Finding) -> Finding:
    """The openings where two new texts of a prompt are copies much more often: what passes there is left open.

    Of some prompts hardly more than one text may be left, which no mean over all prompts shows. Nor can it be called a
    loss: a cache does the same. A lower temperature as well, where first words say so.
    """
    if finding.verdict in (Verdict.UNCHANGED, Verdict.SHIFTED, Verdict.FLATTENED):
        return Finding(Verdict.INCONCLUSIVE, ("copied-new", *finding.reasons))
    return finding


def on_copies_left_out(finding: Finding) -> Finding:
    """A finding where the copies of one side were taken out: its shares are no longer those of the model."""
    if finding.verdict is Verdict.INCONCLUSIVE:
        return finding
    return Finding(Verdict.INCONCLUSIVE, ("copies-left-out", *finding.reasons))


def on_reading(finding: Finding, unlike: bool, ends_alike: bool) -> Finding:
    """A finding where texts were not read as they stand.

    Where a baseline without texts could not be read as the new side was, what changed may be that. Where nearly all new
    texts end with the same words, these were left out: to a model that says so itself that is no *unchanged*.
    """
    if unlike and finding.verdict in (Verdict.LOST, Verdict.COLLAPSED, Verdict.SHIFTED):
        return Finding(Verdict.INCONCLUSIVE, ("read-as-frozen", *finding.reasons))
    return _passing_no_more(finding, "ends-alike") if ends_alike else finding


def on_unanswered(finding: Finding) -> Finding:
    """A finding where more of the new texts than of the base's have no answer, by more than the tolerance.

    What they would have answered may be a mode that is lost: nothing passes.
    """
    return _passing_no_more(finding, "unanswered")


def _passing_no_more(finding: Finding, reason: str) -> Finding:
    if finding.verdict in (Verdict.LOST, Verdict.COLLAPSED, Verdict.INCONCLUSIVE):
        return finding
    return Finding(Verdict.INCONCLUSIVE, (reason, *finding.reasons))


def on_truncation(finding: Finding) -> Finding:
    """A finding where only the new side's tail was cut off: what is missing may be in the tail.

    A new mode, a replacement or single traces stay: cutting off keeps the order of what is left.
    """
    if finding.verdict is Verdict.LOST and finding.of_missing_modes:
        return Finding(Verdict.INCONCLUSIVE, ("may-be-truncation", *finding.reasons))
    return finding


def _immeasurable(tree: TreeEvidence, moved: Movement) -> bool:
    """Whether temperature may have gone further than texts can tell, and so have carried any mode to the top.

    First words are sharpened without a bound; or they are concentrated on what the base favours, and nobody knows why.
    """
    if moved is Movement.SHARPENED:
        return tree.beta is None or tree.beta.unbounded
    return moved is Movement.UNEXPLAINED and tree.direction is not None and tree.direction > 0


_OPEN_BECAUSE = {
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
        if moved in _OPEN_BECAUSE and (beyond_measure or not mostly):
            return Finding(Verdict.INCONCLUSIVE, (_OPEN_BECAUSE[moved],))
        if tree is not None and temperature_unknown(tree, moved) and not mostly:
            return Finding(Verdict.INCONCLUSIVE, ("temperature-unknown",))
        return Finding(Verdict.COLLAPSED if mostly else Verdict.LOST, ("degenerate",))
    if moved is Movement.HOTTER and tree is not None and (tree.beta is None or tree.beta.high >= 1):
        return Finding(Verdict.SHIFTED)  # equal sides look hotter one time in twenty
    # Fewer distinct texts, and so more near duplicates, are what every lower temperature brings.
    return Finding(_BY_TEMPERATURE.get(moved, Verdict.SHIFTED))


_BY_TEMPERATURE = {Movement.SHARPENED: Verdict.SHARPENED, Movement.HOTTER: Verdict.FLATTENED}


def _loss(evidence: FacetEvidence, settings: Settings) -> tuple[str, ...]:
    """Reason codes of each way in which the facet lost modes."""
    reasons = []
    if evidence.taken_over:
        reasons.append("taken-over")
    if any(vanished(evidence, int(mode)) for mode in np.flatnonzero(evidence.gone)):
        reasons.append("vanished")
    gone, tolerance = evidence.gone, settings.tolerance
    halved = evidence.new_share[gone].sum() < 0.5 * evidence.prediction.low[gone].sum()
    gave_way = evidence.lost_share(displaced=True) > tolerance and evidence.gained_share() > tolerance
    thinned = (evidence.lost_share() > tolerance and halved) or evidence.halved_share() > tolerance
    if thinned or (gave_way and _redirected(evidence)):
        reasons.append("thinned")
    return tuple(reasons)


def _redirected(evidence: FacetEvidence) -> bool:
    if evidence.direction is None:
        return False
    return bool(evidence.plane.qq.mean() > evidence.plane.pp.mean() and evidence.direction < 0.25)


def _dominates(evidence: FacetEvidence) -> bool:
    """One mode stands for half of all new rows, far beyond prediction, where the base was spread."""
    takers = np.zeros(len(evidence.grown), dtype=bool)
    takers[evidence.taken_over] = True
    takers |= evidence.grown & evidence.traits.telling & (evidence.base_share <= 0.25)
    return bool((evidence.new_share[takers] >= 0.5).any())


def vanished(evidence: FacetEvidence, mode: int) -> bool:
    """The 95% upper bound of the new share is under a tenth of the lowest prediction."""
    _, new = evidence.table.by_mode()
    effect = evidence.change.design_effect[mode]
    upper = share_interval(new[:, mode].sum() / effect, evidence.table.new.sum() / effect)[1]
    return bool(evidence.gone[mode] and upper < 0.1 * evidence.prediction.low[mode])


def share_interval(count: float, rows: float) -> tuple[float, float]:
    """95% interval of a share (Clopper & Pearson 1934). Where rows depend on each other: of the effective numbers."""
    if rows == 0:
        return 0.0, 1.0
    low = float(special.betaincinv(count, rows - count + 1, 0.025)) if count > 0 else 0.0
    high = float(special.betaincinv(count + 1, rows - count, 0.975)) if count < rows else 1.0
    return low, high


def _sharpened(evidence: FacetEvidence, changed: bool, settings: Settings) -> Finding:
    """Sharpening explains the facet: no mode may be missing beyond what it predicts, by more than the tolerance.

    Nor may one have grown beyond that by more where the temperature is near 1: it is not what moved that mode. (Far from
    1 the predictions themselves are off by as much.)
    """
    outgrown = evidence.betas[1] <= _MILD and _outgrown(evidence, settings)
    if changed and suspects(evidence, settings).any():
        return Finding(Verdict.INCONCLUSIVE, ("openings-sharpened-too",))
    if not _vouches(evidence, settings):
        return Finding(Verdict.INCONCLUSIVE, ("too-few-samples",))
    if _residual_bounds(evidence).max(initial=0.0) <= settings.tolerance:
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


def _residual_bounds(evidence: FacetEvidence) -> NDArray[np.float64]:
    """95% upper bound on each mode's loss below the lowest share that sharpening predicts, ``(modes,)``; a remainder: 0."""
    bounds = power.loss_upper_bound(evidence.prediction.low, evidence.new_share, evidence.change.standard_error)
    return np.where(evidence.traits.remainder, 0.0, bounds)


def in_question(evidence: FacetEvidence, settings: Settings) -> NDArray[np.bool_]:
    """Modes that text found missing or could not clear, shape ``(modes,)``: what better evidence is asked about."""
    unclear = _residual_bounds(evidence) > settings.tolerance
    found: NDArray[np.bool_] = evidence.traits.stable & (evidence.gone | suspects(evidence, settings) | unclear)
    return found


def suspects(evidence: FacetEvidence, settings: Settings) -> NDArray[np.bool_]:
    """Modes that temperature might have taken, but that are too nearly gone to be passed over, shape ``(modes,)``.

    Surely below half of the lowest share that the usual entropy allowance predicts; or surely less than a quarter of
    the base's share is left, and the loss is beyond the tolerance; or hardly a text is left that says its words.
    """
    _, new = evidence.table.by_mode()
    rows = int(evidence.table.new.sum())
    upper = np.array([share_interval(int(count), rows)[1] for count in new.sum(0)])
    usual, base = evidence.prediction.usual_low, evidence.base_share
    unusual = (usual >= _SUSPECT_SHARE) & (upper < 0.5 * usual)
    little_left = (upper < _LEFT * base) & (base - upper > settings.tolerance)
    if evidence.betas[1] <= temperature.HIGHEST:  # beyond, every mode is left where it is the likeliest alone
        little_left |= _little_left_where_it_may_go(evidence.table, settings.tolerance)
    surely = evidence.change.mode_p_values <= settings.alpha
    # The share of a bare word follows exactly from a temperature, near zero as well.
    found: NDArray[np.bool_] = unusual | (evidence.traits.telling & little_left & surely) | evidence.traits.depleted
    return found & evidence.traits.stable & ~evidence.traits.remainder


def _little_left_where_it_may_go(table: CountTable, tolerance: float) -> NDArray[np.bool_]:
    """Modes of which surely less than a quarter is left beside prompts whose answers they are anyway, ``(modes,)``.

    A language stays where it is asked in, on either side and whatever went elsewhere. So each text counts by the part of
    its prompt's texts, both sides together, that are not of the mode: by that part a stratum tells of a difference (Mantel
    & Haenszel 1959).
    """
    base, new = table.by_mode()
    base_rows, new_rows = table.totals()
    other = 1 - (base + new) / np.maximum(base_rows + new_rows, 1)[:, None]
    had = (other * base).sum(0) / max(1, int(base_rows.sum()))
    upper = np.array([share_interval(float(left), int(new_rows.sum()))[1] for left in (other * new).sum(0)])
    found: NDArray[np.bool_] = (upper < _LEFT * had) & (had - upper > tolerance)
    return found


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
    return bool((evidence.grown & (evidence.base_share < _RARE) & (gain > settings.tolerance)).any())


def judge_mode(evidence: FacetEvidence, mode: int, moved: Movement, settings: Settings) -> ModeVerdict:
    """What became of one mode."""
    tolerance = settings.tolerance
    base, new = evidence.base_share[mode], evidence.new_share[mode]
    base_counts, new_counts = (side[:, mode].sum() for side in evidence.table.by_mode())
    if evidence.gone[mode]:
        return ModeVerdict.VANISHED if vanished(evidence, mode) else ModeVerdict.THINNED
    if mode in evidence.taken_over or _told_as_grown(evidence, mode, moved, tolerance):
        return ModeVerdict.EMERGED if base_counts == 0 else ModeVerdict.AMPLIFIED
    if base_counts == 0 and new_counts == 0:
        return ModeVerdict.KEPT
    if suspects(evidence, settings)[mode]:
        return ModeVerdict.UNDECIDED
    if not evidence.traits.stable[mode]:
        return ModeVerdict.UNSTABLE
    if not evidence.prediction.tested[mode] or evidence.prediction.share[mode] * evidence.table.new.sum() < 3:
        if new_counts == 0 and moved is Movement.SHARPENED:
            return ModeVerdict.ABSENT_SHARPENED
        return ModeVerdict.UNDETECTABLE
    far, p_value = abs(new - base) > tolerance, evidence.change.mode_p_values[mode]
    by_temperature = {Movement.SHARPENED: ModeVerdict.SHARPENED, Movement.HOTTER: ModeVerdict.FLATTENED}
    if moved in by_temperature:
        return by_temperature[moved] if far or p_value <= SMALL_P else ModeVerdict.KEPT
    return ModeVerdict.CHANGED if far and p_value <= settings.alpha else ModeVerdict.KEPT


def _told_as_grown(evidence: FacetEvidence, mode: int, moved: Movement, tolerance: float) -> bool:
    """Grown, and not only because a rare mode that sharpening raised was met in the new corpus first."""
    gain = evidence.new_share[mode] - evidence.prediction.high[mode]
    return bool(evidence.grown[mode] and (moved is not Movement.SHARPENED or gain > tolerance))


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
