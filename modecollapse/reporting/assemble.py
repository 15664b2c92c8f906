"""Findings → Report: shares with intervals, examples, tests in words. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modecollapse import gating
from modecollapse.config import FACETS, Config
from modecollapse.corpus import Corpus
from modecollapse.findings import may_have_lost
from modecollapse.forms import form_changes
from modecollapse.judgement.base import Judged, Judgement
from modecollapse.judgement.copies import Repeats
from modecollapse.judgement.evidence import Settings
from modecollapse.judgement.modes import judge_modes
from modecollapse.judgement.movement import Movement
from modecollapse.judgement.verdict import overall
from modecollapse.nesting import within
from modecollapse.pairing import Pair, Side
from modecollapse.rates import measured
from modecollapse.report import (
    Alike,
    Corpora,
    EffectiveModes,
    ErrorRates,
    Estimate,
    Example,
    Examples,
    FacetReport,
    ModeReport,
    ModeVerdict,
    Reach,
    Recovery,
    Report,
    ReportWarning,
    Share,
    TestResult,
    Verdict,
)
from modecollapse.reporting import wording
from modecollapse.reporting.corpus_map import corpus_map
from modecollapse.reporting.stating import examples, stated_share, stated_temperature, summary
from modecollapse.reporting.typical import Typicality
from modecollapse.second_opinion.elicited import REACHABLE
from modecollapse.second_opinion.wanted import samples_wanted
from modecollapse.stats import diversity, equivalence, power

_EXAMPLES = 2
_BOOTSTRAP = 400


def assemble(
    corpora: Mapping[str, Corpus],
    pair: Pair,
    judgement: Judgement,
    typical: Typicality,
    warnings: Sequence[ReportWarning],
    config: Config,
    provenance: Mapping[str, Any],
) -> Report:
    """The report of a comparison."""
    settings = Settings(config.alpha, config.tolerance, config.resamples, config.seed)
    facets = [_facet(name, judged, pair, judgement, typical, settings) for name, judged in judgement.facets.items()]
    facets = _with_followers(facets)
    changed = any(judged.p_value <= config.alpha for judged in judgement.facets.values())
    verdict = overall({facet.name: facet.verdict for facet in facets}, decisive(facets, config), changed)
    found = stated_temperature(judgement, pair)
    return Report(
        verdict=verdict,
        headline=wording.headline(verdict, facets, found, pair.sampled_at(Side.BASE)),
        gate=gating.evaluate(verdict, facets, config.gate),
        temperature=found,
        facets=facets,
        corpora=Corpora(**{side: summary(corpus) for side, corpus in corpora.items()}),
        warnings=list(warnings),
        config=config.to_dict(),
        provenance=provenance,
        samples_wanted=samples_wanted(pair, judgement, settings),
        error_rates=_error_rates(pair, {warning.code for warning in warnings}, judgement),
        map=corpus_map(judgement, pair, facets),
        form=form_changes(pair),
    )


def decisive(facets: Sequence[FacetReport], config: Config) -> list[str]:
    """The names of the facets that must be conclusive for the whole to be."""
    compared = {facet.name for facet in facets}
    return [
        *(name for name in config.gate.required if config.facets is None or name in compared),
        *(facet.name for facet in facets if facet.name not in FACETS),  # who names one asks for an answer on it
        # Nothing may be said to be sharpened alone while modes may be lost, even from a facet that need not be judged.
        *(facet.name for facet in facets if may_have_lost(facet) and facet.name not in config.gate.ignored_facets),
    ]


def _error_rates(pair: Pair, warned: Set[str], judgement: Judgement) -> ErrorRates | None:
    """Rates of the study at about this size: samples per prompt of the side that has fewer.

    None where the base's samples were surely not drawn one by one, as all of the study were.
    """
    seeds = judgement.dependence.get(Side.BASE)
    if seeds is not None and seeds.shared:
        return None
    # Whole texts of a large corpus are read anew each time: not where nothing was said of copies on either side.
    if "duplicate-samples" in warned and Repeats.read(pair, pair.matched, Side.BASE).many:
        return None
    sides = [pair.matched & (pair.side == side) for side in (Side.BASE, Side.NEW)]
    prompts = len(np.unique(pair.rows.prompts[sides[0]]))
    return measured(min(side.sum() for side in sides) / prompts, prompts) if prompts else None


def _facet(
    name: str, judged: Judged, pair: Pair, judgement: Judgement, typical: Typicality, settings: Settings
) -> FacetReport:
    finding = judged.finding
    verdicts = _mode_verdicts(judged, judgement, settings)
    every = [_mode(index, verdict, judged, pair, typical) for index, verdict in enumerate(verdicts)]
    modes = _nested(every, judged, pair)
    modes.sort(key=lambda mode: (-abs(mode.new_share.value - mode.base_share.value), mode.id))
    open_question = finding.verdict is Verdict.INCONCLUSIVE and (
        "too-few-samples" in finding.reasons or judged.samples_factor is not None
    )
    return FacetReport(
        name=name,
        verdict=finding.verdict,
        headline=wording.facet_headline(name, finding.verdict, finding.reasons, modes),
        evidence=judged.rests_on,
        reasons=list(finding.reasons),
        caused_by=judged.caused_by,
        follows=[],
        effective_modes=_effective_modes(judged, settings.seed),
        explained_fraction=_explained_fraction(judged),
        samples_needed=_samples_needed(judged, settings.tolerance) if open_question else None,
        tests=_tests(judged, judgement),
        modes=modes,
        alike=_alike(judged, pair),
    )


def _alike(judged: Judged, pair: Pair) -> list[Alike]:
    """Modes that say much the same, with the shares of their texts taken together; the largest mode first."""
    found = []
    share = judged.evidence.base_share + judged.evidence.new_share
    rows = _counted(judged, pair)
    for group in judged.labelled.alike:
        inside = np.isin(judged.labelled.labels, group).any(axis=1)
        shares = [
            stated_share(int((inside & rows & (pair.side == side)).sum()), int((rows & (pair.side == side)).sum()))
            for side in (Side.BASE, Side.NEW)
        ]
        ids = [judged.labelled.modes[mode].id for mode in sorted(group, key=lambda mode: (-share[mode], mode))]
        found.append(Alike(ids, *shares))
    return sorted(found, key=lambda each: (-abs(each.new_share.value - each.base_share.value), each.modes[0]))


def _counted(judged: Judged, pair: Pair) -> NDArray[np.bool_]:
    """The rows that the facet's table counts: of prompts of which both sides have some that take part."""
    rows = pair.matched & (pair.side <= Side.NEW) & judged.labelled.member
    base, new = (pair.rows.prompts[rows & (pair.side == side)] for side in (Side.BASE, Side.NEW))
    counted: NDArray[np.bool_] = rows & np.isin(pair.rows.prompts, np.intersect1d(base, new))
    return counted


def _nested(modes: Sequence[ModeReport], judged: Judged, pair: Pair) -> list[ModeReport]:
    """Each mode with the one that holds it: among the texts of both sides that are compared."""
    compared = pair.matched & (pair.side <= Side.NEW) & judged.labelled.member
    holders = within(judged.labelled.labels[compared], len(modes))
    return [replace(mode, within=modes[j].id if j >= 0 else None) for mode, j in zip(modes, holders, strict=True)]


def _samples_needed(judged: Judged, tolerance: float) -> int:
    evidence = judged.evidence
    samples = float(np.median(np.concatenate(evidence.table.totals()))) if evidence.table.n_prompts else 0.0
    if judged.samples_factor is not None:
        return equivalence.samples_for(judged.samples_factor, samples)
    return power.samples_needed(evidence.largest_error, tolerance, samples)


def _with_followers(facets: Sequence[FacetReport]) -> list[FacetReport]:
    """Each cause with the list of the facets that follow from it."""
    followers: dict[str, list[str]] = {}
    for facet in facets:
        if facet.caused_by:
            strongest = next((mode.id for mode in facet.modes if mode.verdict is not ModeVerdict.KEPT), "")
            followers.setdefault(facet.caused_by.rpartition(":")[0], []).append(f"{facet.name}:{strongest}")
    return [replace(facet, follows=followers.get(facet.name, [])) for facet in facets]


def _mode(index: int, verdict: ModeVerdict, judged: Judged, pair: Pair, typical: Typicality) -> ModeReport:
    evidence, mode = judged.evidence, judged.labelled.modes[index]
    base, new = (side[:, index] for side in evidence.table.by_mode())
    base_total, new_total = evidence.table.totals()
    prediction = evidence.prediction
    displacer = int(evidence.displaced_by[index])
    return ModeReport(
        id=mode.id,
        label=mode.label,
        description=mode.rule,
        verdict=verdict,
        base_share=stated_share(int(base.sum()), int(base_total.sum())),
        new_share=stated_share(int(new.sum()), int(new_total.sum())),
        predicted_share=Share(
            float(prediction.share[index]), (float(prediction.low[index]), float(prediction.high[index]))
        ),
        p_value=float(min(1.0, 2 * min(prediction.p_fewer[index], prediction.p_more[index]))),
        q_value=float(evidence.q_values[index]),
        minimum_detectable_share=float(power.minimum_detectable(evidence.change.standard_error[index])),
        prompts_affected=int((np.abs(new / new_total - base / base_total) >= 0.1).sum()),
        level=mode.level,
        displaced_by=judged.labelled.modes[displacer].id if displacer >= 0 else None,
        reheated_share=_side_share(judged, pair, Side.REHEATED, index),
        elicited_share=_side_share(judged, pair, Side.ELICITED, index),
        ladder_share=_ladder_share(judged, index),
        recovery=_recovery(judged, index),
        shortfall=_shortfall(judged, index),
        reach=_reach(judged, index),
        examples=Examples(
            _examples(judged, pair, typical, Side.BASE, index), _examples(judged, pair, typical, Side.NEW, index)
        ),
    )


def _mode_verdicts(judged: Judged, judgement: Judgement, settings: Settings) -> list[ModeVerdict]:
    """The modes' verdicts: by text, or by better evidence where there is any."""
    by_text = judge_modes(judged.evidence, judgement.movement, settings)
    on_ladder = by_text if judged.ladder is None else judge_modes(judged.ladder, Movement.SAME, settings)
    return [
        _mode_verdict(judged, index, *verdicts) for index, verdicts in enumerate(zip(by_text, on_ladder, strict=True))
    ]


def _mode_verdict(judged: Judged, index: int, verdict: ModeVerdict, on_ladder: ModeVerdict) -> ModeVerdict:
    change = float(judged.evidence.new_share[index] - judged.evidence.base_share[index])
    if _recovery(judged, index) is Recovery.RECOVERED and verdict.fell(change):
        return ModeVerdict.RECOVERED
    if judged.ladder is not None and judged.ladder.gone[index]:
        return on_ladder
    if _recovery(judged, index) is Recovery.NOT_RECOVERED and "not-recovered" in judged.finding.reasons:
        return verdict if verdict is ModeVerdict.VANISHED else ModeVerdict.THINNED
    if verdict in (ModeVerdict.UNDECIDED, ModeVerdict.CHANGED) and "within-ladder" in judged.finding.reasons:
        return ModeVerdict.SHARPENED
    return verdict


def _ladder_share(judged: Judged, mode: int) -> Share | None:
    if judged.ladder is None:
        return None
    prediction = judged.ladder.prediction
    return Share(float(judged.ladder.base_share[mode]), (float(prediction.low[mode]), float(prediction.high[mode])))


def _recovery(judged: Judged, mode: int) -> Recovery | None:
    if judged.recovery is None:
        return None
    if judged.recovery.back[mode]:
        return Recovery.RECOVERED
    return Recovery.NOT_RECOVERED if judged.recovery.missing[mode] else Recovery.UNDECIDED


def _shortfall(judged: Judged, mode: int) -> Estimate | None:
    back = judged.recovery
    if back is None:
        return None
    return Estimate(float(back.shortfall[mode]), (float(back.low[mode]), float(back.high[mode])))


def _reach(judged: Judged, mode: int) -> Reach | None:
    if judged.reach is None:
        return None
    low, high = judged.reach
    if low[mode] >= REACHABLE:
        return Reach.REACHABLE
    return Reach.NOT_REACHABLE if high[mode] < REACHABLE else Reach.UNDECIDED


def _members(judged: Judged, pair: Pair, side: int, mode: int) -> NDArray[np.bool_]:
    labels = judged.labelled.labels[:, judged.labelled.modes[mode].level]
    found: NDArray[np.bool_] = (labels == mode) & (pair.side == side) & judged.labelled.member
    return found


def _side_share(judged: Judged, pair: Pair, side: int, mode: int) -> Share | None:
    rows = int(((pair.side == side) & judged.labelled.member).sum())
    return stated_share(int(_members(judged, pair, side, mode).sum()), rows) if rows else None


def _examples(judged: Judged, pair: Pair, typical: Typicality, side: int, mode: int) -> list[Example]:
    """The most typical of the mode's texts that are compared."""
    rows = np.flatnonzero(_members(judged, pair, side, mode) & pair.matched)
    return examples(pair, typical.order(rows), _EXAMPLES)


def _effective_modes(judged: Judged, seed: int) -> EffectiveModes | None:
    table = judged.evidence.table
    if not table.n_modes or not table.n_prompts:
        return None
    finest = table.levels == np.bincount(table.levels).argmax()
    sides = [diversity.hill_interval(side[:, finest], _BOOTSTRAP, seed) for side in table.by_mode()]
    base, new = (Estimate(value, (low, high)) for value, low, high in sides)
    predicted = float(diversity.hill_number(judged.evidence.prediction.share[finest]))
    return EffectiveModes(base, new, Estimate(predicted))


def _explained_fraction(judged: Judged) -> float | None:
    """How much of the change in shares lies within what sharpening predicts, at the level that changed most."""
    evidence = judged.evidence
    if judged.finding.verdict is Verdict.UNCHANGED or not evidence.table.n_modes:
        return None
    change = np.bincount(evidence.table.levels, weights=np.abs(evidence.new_share - evidence.base_share))
    level = int(change.argmax())
    if change[level] < 0.02:
        return None
    outside = np.maximum(evidence.prediction.low - evidence.new_share, 0)
    outside += np.maximum(evidence.new_share - evidence.prediction.high, 0)
    return float(np.clip(1 - outside[evidence.table.levels == level].sum() / change[level], 0, 1))


def _tests(judged: Judged, judgement: Judgement) -> list[TestResult]:
    change = judged.evidence.change
    tests = [
        TestResult(
            name="stats.resampling.permutation_test",
            null="within each prompt, base and new rows are exchangeable (Holm-adjusted over facets)",
            statistic=change.largest_z,
            p_value=judged.p_value,
        )
    ]
    return [*tests, *_tree_tests(judgement)] if judged.labelled.name == "opening" else tests


def _tree_tests(judgement: Judgement) -> list[TestResult]:
    tree = judgement.tree
    low, high = tree.direction_bounds or (None, None)
    means = {
        name: float(side.mean()) if len(side) else None
        for name, side in (("Cpp", tree.plane.pp), ("Cpq", tree.plane.pq), ("Cqq", tree.plane.qq))
    }
    return [
        TestResult(
            name="stats.collision.replaced",
            null="Cpq ≥ Cpp or Cqq ≤ Cpq over prompts, as under every escort and every truncation",
            statistic=tree.direction,
            p_value=tree.replaced,
            detail={**means, "direction_low": low, "direction_high": high, "movement": judgement.movement.value},
        ),
        TestResult(
            name="stats.collision.greater",
            null="new texts agree with each other no more than base texts do (Cqq ≤ Cpp)",
            statistic=tree.concentrated.t,
            p_value=tree.concentrated.p_value,
        ),
        TestResult(
            name="stats.traces.unsupported_concentration",
            null="every prompt is sharpened by whatever temperature raises the statistic most",
            statistic=tree.unsupported.z,
            p_value=None,
            detail={"U": tree.unsupported.value, "null_mean": tree.unsupported.null_mean},
        ),
        *_order_tests(judgement),
        *_known_tests(judgement),
    ]


def _order_tests(judgement: Judgement) -> list[TestResult]:
    """Of few prompts, which give no temperature."""
    p_value = judgement.tree.reversal
    null = "new texts favour the first words of a prompt in the base's order, as at every temperature and truncation"
    return (
        [] if p_value is None else [TestResult(name="stats.order.reversal", null=null, statistic=None, p_value=p_value)]
    )


def _known_tests(judgement: Judgement) -> list[TestResult]:
    """The fit of one temperature to log probabilities, where rows have them."""
    found = judgement.tree.next_tokens.escort if judgement.tree.next_tokens else None
    if found is None:
        return []
    low, high = (None, None) if found.explained is None else (found.explained.low, found.explained.high)
    return [
        TestResult(
            name="stats.escort.fit" if found.p_value is None else "stats.escort.fit_counts",
            null="every next-token distribution of new is that of the base, raised to one power",
            statistic=found.beta.value,
            p_value=found.p_value,
            detail={
                "divergence": found.divergence,
                "residual": found.residual,
                "explained_low": low,
                "explained_high": high,
                "contexts": len(found.residuals),
                "prompts": found.prompts,
                "covered": found.covered,
            },
        )
    ]
