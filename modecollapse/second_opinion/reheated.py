"""The base against the new model sampled at the temperature that should undo the sharpening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.counts import CountTable
from modecollapse.facets.sequence import RUNNING_WORDS
from modecollapse.judgement.base import Judged, Judgement, Unlike
from modecollapse.judgement.beside_others import beside_missing
from modecollapse.judgement.evidence import FacetEvidence, Settings
from modecollapse.judgement.judging import judge
from modecollapse.judgement.modes import in_question, vanished
from modecollapse.judgement.movement import Movement
from modecollapse.judgement.weighing import allowances, count, first_words
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.report import Evidence, Verdict
from modecollapse.second_opinion import questions
from modecollapse.stats import equivalence, loss, unseen
from modecollapse.words import encode

_DRAWS = 50


def settle(
    pair: Pair, labelled: Mapping[str, Labelled], names: Sequence[str], judgement: Judgement, settings: Settings
) -> Judgement:
    """``judgement`` with what the reheated corpus settles; unchanged where there is none."""
    again = pair.side == Side.REHEATED
    recast = pair.recast(pair.side == Side.BASE, again)
    if not recast.matched.any():
        return judgement
    other = judge(recast, labelled, names, settings)
    sound = recast.bounded(recast.matched & (recast.side <= Side.NEW) & labelled["language"].member)
    hot = _too_hot(recast, sound, other.movement, settings)
    unlike = _unlike(pair, judgement.facets, other, settings)
    facets = {}
    contradictions = []
    for name, judged in judgement.facets.items():
        again = other.facets[name]
        contradiction = _contradiction(judged, again, settings)
        if hot and _too_hot_beside_missing(recast, sound, again, settings):
            facets[name] = _overheated(judged, again, other, judgement.movement, settings, clears=unlike is None)
        elif unlike is not None or contradiction is not None:
            facets[name] = _unrelated(judged, settings)
            contradictions += [contradiction] if contradiction is not None else []
        else:
            facets[name] = _settle(judged, again, other, judgement.movement, settings)
    # Too much heat takes modes away as another model does.
    doubt = unlike or next(iter(contradictions), None)
    return replace(judgement, facets=facets, unlike=None if hot else doubt)


def _unlike(pair: Pair, facets: Mapping[str, Judged], other: Judgement, settings: Settings) -> Unlike | None:
    """The mode that shows best that the reheated corpus is of another model than the new one, or to other prompts.

    Heat that gives texts no more than the base's spread moves shares from the new side's towards the base's: it leaves
    no mode with less than both have, and makes no text degenerate. Where it seems to have done so to more texts than
    twice the tolerance, whatever else is missing proves nothing. (To fewer it may: a mode that lost texts of another
    one, and that cooling raised to its old share again, comes back with less than both.)
    """
    cooler = pair.recast(pair.side == Side.NEW, pair.side == Side.REHEATED)
    found = []
    for name, judged in facets.items():
        facet, again = judged.labelled, other.facets[name]
        table = count(facet, cooler, cooler.matched & (cooler.side <= Side.NEW) & facet.member)
        if not table.n_modes or not table.n_prompts:
            continue
        if name == "degeneration":
            amiss = _newly_degenerate(table, again)
        else:
            amiss = _taken_away(table, again, other, settings)
        if amiss.sum() > 2 * settings.tolerance:
            mode = int(np.argmax(amiss))
            new, reheated = (float(side.share[mode]) for side in equivalence.standardised(table))
            found.append((float(amiss[mode]), Unlike(name, mode, new, reheated, everywhere=True)))
    return max(found, key=lambda each: each[0], default=(0.0, None))[1]


def _taken_away(table: CountTable, again: Judged, other: Judgement, settings: Settings) -> NDArray[np.float64]:
    """What each mode lacks of both base and new, of the level that lacks most: shape ``(modes,)``.

    ``table`` holds the counts of new and reheated texts. Each mode is asked about by itself, at 5%: doubt must come
    before proof, which asks about few modes. Where the texts are the new model's, none lacks more than the margin.
    """
    everything = again.labelled.stable
    of_base = _recovery(again, everything, other.betas, settings)
    new, reheated = equivalence.standardised(table)
    of_new, _ = equivalence.shortfall_bounds(new, reheated, 0.95)
    base = again.evidence.base_share
    beyond_base = of_base.low - _heat(again, other.betas, settings) > equivalence.margins(base, settings.tolerance)
    beyond_new = of_new > equivalence.margins(new.share, settings.tolerance)
    least = np.minimum(of_base.shortfall, new.share - reheated.share)
    short = np.where(everything & beyond_base & beyond_new, least, 0.0)
    by_level = np.bincount(table.levels, weights=short)
    return np.where(table.levels == by_level.argmax(), short, 0.0)


def _newly_degenerate(table: CountTable, again: Judged) -> NDArray[np.float64]:
    """How much more of the reheated texts is degenerate in each way than of the new ones, where base has as few."""
    new, reheated = equivalence.standardised(table)
    degenerate = (table.levels == 0) & (again.finding.verdict in questions.GONE)
    more: NDArray[np.float64] = np.where(degenerate, reheated.share - new.share, 0.0)
    return more


def _unrelated(judged: Judged, settings: Settings) -> Judged:
    """What a corpus of another model settles: nothing."""
    return questions.still_open(judged, "reheated-unlike", in_question(judged.evidence, settings))


def _too_hot_beside_missing(recast: Pair, sound: NDArray[np.bool_], again: Judged, settings: Settings) -> bool:
    """Whether what is too hot is so among the texts of other modes than are missing as well.

    Taking a mode out makes texts scatter by itself, where that mode's were more alike than others.
    """
    others = beside_missing(again, recast, sound)
    return others is None or _too_hot(recast, others, first_words(recast, others, settings).movement, settings)


def _too_hot(recast: Pair, some: NDArray[np.bool_], moved: Movement, settings: Settings) -> bool:
    """Whether reheated texts scatter more than the base's: by their first words, or by words that only one text says.

    A retrained model is no escort where it was not trained. Heat that gives its openings their spread back can make the
    rest of its texts a ramble, in which every mode of the base is missing.
    """
    if moved in (Movement.HOTTER, Movement.MOVED):
        return True
    index = np.flatnonzero(some)
    words, _ = encode((row for rows in recast.rows.batches(index) for row in rows.read(RUNNING_WORDS)), unseen.DEPTH)
    prompts = recast.rows.prompts[index].astype(np.int64)
    return unseen.scatters(prompts, recast.side[index] == Side.NEW, words, settings.alpha)


def _overheated(
    judged: Judged, again: Judged, other: Judgement, moved: Movement, settings: Settings, *, clears: bool
) -> Judged:
    """What a corpus that is too hot can settle: what came back all the same is back, and nothing is lost by it.

    Not even that unless it ``clears``: where it may be of another model.
    """
    asked = in_question(judged.evidence, settings)
    back = _recovery(again, asked, other.betas, settings)
    judged = replace(judged, recovery=replace(back, missing=np.zeros_like(back.missing)))
    if not questions.open_question(judged, moved) or not asked.any():
        return judged
    if clears and back.back[asked].all():
        return questions.cleared(judged, moved, "recovered", Evidence.REHEATED)
    return questions.still_open(judged, "reheated-too-hot", asked & ~back.back if clears else asked)


def _settle(judged: Judged, again: Judged, other: Judgement, moved: Movement, settings: Settings) -> Judged:
    asked = in_question(judged.evidence, settings)
    back = _recovery(again, asked, other.betas, settings)
    judged = replace(judged, recovery=back)
    finding = again.finding
    asked_about = questions.open_question(judged, moved)
    # Sharpening is undone by reheating: what is missing then is lost, however sharpened the first words looked.
    sharpened = judged.finding.verdict is Verdict.SHARPENED
    if finding.verdict in questions.GONE and (asked_about or sharpened):
        # Text alone may have asked about none of the modes that are gone for good.
        also = _recovery(again, asked | again.evidence.gone, other.betas, settings)
        return questions.lost(replace(judged, recovery=also), finding.verdict, "not-recovered", Evidence.REHEATED)
    if not asked_about:
        return judged
    if _missing(judged.evidence, back, asked, settings.tolerance):
        return questions.lost(judged, Verdict.LOST, "not-recovered", Evidence.REHEATED)
    sound = finding.verdict is not Verdict.INCONCLUSIVE or set(finding.reasons) == {"too-few-samples"}
    settled = back.back[asked].all() if asked.any() else finding.verdict is not Verdict.INCONCLUSIVE
    if sound and settled:
        return questions.cleared(judged, moved, "recovered", Evidence.REHEATED)
    return questions.still_open(judged, "recovery-undecided", asked & ~back.back, back.samples_factor)


def _contradiction(judged: Judged, again: Judged, settings: Settings) -> Unlike | None:
    """A mode that shows that reheated texts in which the facet is lost are of another model, however few they are.

    Of another they are where the new side kept every mode that is gone there, and lacks every one that took over there:
    heat does neither. The mode is the one whose share differs most from that of the new side.
    """
    evidence, then = judged.evidence, again.evidence
    named = [*np.flatnonzero(then.gone).tolist(), *then.taken_over]
    if again.finding.verdict not in questions.GONE or not named:
        return None
    fell = evidence.base_share - evidence.new_share
    margin = equivalence.margins(evidence.base_share, settings.tolerance)
    if (fell > margin)[then.gone].any() or (-fell > margin)[then.taken_over].any():
        return None
    mode = max(named, key=lambda mode: abs(evidence.new_share[mode] - then.new_share[mode]))
    new, reheated = float(evidence.new_share[mode]), float(then.new_share[mode])
    return Unlike(judged.labelled.name, mode, new, reheated, everywhere=False)


def _missing(evidence: FacetEvidence, back: equivalence.Recovery, asked: NDArray[np.bool_], tolerance: float) -> bool:
    """Modes in question surely stay missing: one that vanished, or as much of others as makes a facet lost."""
    missing = asked & back.missing
    short = evidence.most(np.where(missing, back.shortfall, 0.0))
    return any(vanished(evidence, int(mode)) for mode in np.flatnonzero(missing)) or short > tolerance


def _recovery(
    again: Judged, asked: NDArray[np.bool_], betas: tuple[float, float, float], settings: Settings
) -> equivalence.Recovery:
    table = again.evidence.table
    heat = _heat(again, betas, settings)
    return equivalence.recovery(table, heat, settings.tolerance, asked, settings.alpha)


def _heat(again: Judged, betas: tuple[float, float, float], settings: Settings) -> NDArray[np.float64]:
    """Share that each mode may lack because the corpus is still cooler (or by now hotter) than the base.

    The temperature that reheating took is an estimate; what is left of it is estimated anew from the reheated corpus.
    """
    evidence, allowed = again.evidence, allowances(again.labelled)
    tau = np.minimum(allowed.modes, loss.USUAL_ALLOWANCE)
    lowest = evidence.base_share.copy()
    for beta in {betas[0], betas[2]} - {1.0}:
        share = loss.predict(evidence.table, (beta, beta, beta), allowed, _DRAWS, settings.seed).share
        odds = np.exp(-tau * abs(beta - 1))
        lowest = np.minimum(lowest, share * odds / (1 - share + share * odds))
    heat: NDArray[np.float64] = evidence.base_share - lowest
    return heat
