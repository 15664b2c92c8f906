"""One mode of a report, explained: what it is, what the tests say of it, and what would change its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modecollapse.errors import ModecollapseError
from modecollapse.findings import LOST, RISEN, covering, findings
from modecollapse.gating import loss_beyond_temperature
from modecollapse.quantities import percent
from modecollapse.report import FacetReport, ModeReport, ModeVerdict, Recovery, Report, Verdict, encode

_MEANING: Mapping[ModeVerdict, str] = {
    ModeVerdict.KEPT: "No change beyond the tolerance is shown.",
    ModeVerdict.SHARPENED: "Its share changed, and no further than the fitted temperature predicts.",
    ModeVerdict.FLATTENED: "Its share changed, and no further than a higher temperature predicts.",
    ModeVerdict.CHANGED: "Its share changed by more than the tolerance, and not surely further than some temperature "
    "would take it: no loss is shown, and none ruled out.",
    ModeVerdict.THINNED: "Its share is below the lowest that temperature predicts.",
    ModeVerdict.VANISHED: "None or nearly none is left: even the upper bound of its new share is under a tenth of the "
    "lowest that temperature predicts.",
    ModeVerdict.ABSENT_SHARPENED: "No new text has it, which is no surprise at this temperature: a higher one should "
    "bring it back.",
    ModeVerdict.RECOVERED: "It was missing, and is back in the better evidence: it was sharpened, not lost.",
    ModeVerdict.AMPLIFIED: "Its share is above the highest that temperature predicts.",
    ModeVerdict.EMERGED: "The base has no such text, and temperature alone can't bring it about.",
    ModeVerdict.UNDECIDED: "It is all but gone, and these texts can't tell whether sharpening or loss took it.",
    ModeVerdict.UNDETECTABLE: "It is too rare for samples of this size: nothing can be said of it.",
    ModeVerdict.UNSTABLE: "Learnt from half of the texts, it is not found again: nothing rests on it.",
}
_THINNED_BY_REHEATING = "Its share is below the base's at equal temperature: reheating does not bring it back."
_LEARNT = ("topic", "persona")
"""Facets whose modes are learnt from texts: one that the base lacks has an id of those that happened to be drawn."""
_NOT_FOR_LONG = (
    "# The next draw may give a mode that took over another id. If it is to stay, make this release the base.\n"
)


@dataclass(frozen=True)
class Explanation:
    """One mode in words. ``finding`` is its name as the gate knows it; the rest are sentences.

    ``acceptance`` is an entry for the file of accepted losses (TOML, its reason to be filled in, without which it is
    refused), where the mode is lost or one of those that make its facet fail.
    """

    finding: str
    facet: str
    facet_verdict: Verdict
    mode: ModeReport
    meaning: Sequence[str]
    evidence: Sequence[str]
    changes: Sequence[str]
    acceptance: str | None


def explain(report: Report, mode: str) -> Explanation:
    """The mode called ``mode``: ``facet:id``, an id, a label or a part of one, whichever names one mode alone.

    Raises ``ModecollapseError`` (``no-such-mode``, ``ambiguous-mode``) where it names none, or several.
    """
    facet, found = _find(report, mode)
    finding, told = f"{facet.name}:{found.id}", findings(facet)
    return Explanation(
        finding=finding,
        facet=facet.name,
        facet_verdict=facet.verdict,
        mode=found,
        meaning=list(_meaning(facet, found, report)),
        evidence=list(_evidence(facet, found, report)),
        changes=list(_changes(found, report)),
        acceptance=_acceptance_of(facet, found, report) if finding in told or found.verdict in LOST else None,
    )


def _find(report: Report, wanted: str) -> tuple[FacetReport, ModeReport]:
    every = [(facet, mode) for facet in report.facets for mode in facet.modes]
    exact = [(facet, mode) for facet, mode in every if wanted in (mode.id, f"{facet.name}:{mode.id}")]
    part = wanted.casefold()
    exact = exact or [(facet, mode) for facet, mode in every if part == mode.label.casefold()]
    named = exact or [(facet, mode) for facet, mode in every if part and part in mode.label.casefold()]
    if len(named) == 1:
        return named[0]
    shown = ", ".join(f"{facet.name}:{mode.id} “{mode.label}”" for facet, mode in (named or every)[:5])
    more = f" and {len(named or every) - 5} more" if len(named or every) > 5 else ""
    for facet in report.facets:
        if wanted in findings(facet):
            raise ModecollapseError(
                "no-such-mode",
                f"{wanted} is what was found in the facet as a whole, no mode of it: {facet.headline}",
                hint=f"to let it pass, put into the file of accepted losses: {_entry(wanted, report)}",
            )
    if named:
        raise ModecollapseError("ambiguous-mode", f"{wanted!r} names several modes", hint=f"{shown}{more}")
    hint = f"modes: {shown}{more}; show --all lists them" if every else "the report has no modes"
    raise ModecollapseError("no-such-mode", f"no mode is called {wanted!r}", hint=hint)


def _meaning(facet: FacetReport, mode: ModeReport, report: Report) -> Iterator[str]:
    never_back = mode.verdict is ModeVerdict.THINNED and mode.recovery is Recovery.NOT_RECOVERED
    yield _THINNED_BY_REHEATING if never_back else _MEANING[mode.verdict]
    labels = {each.id: each.label for each in facet.modes}
    if mode.displaced_by:
        taker = labels.get(mode.displaced_by, mode.displaced_by)
        yield f"“{taker}” took its place: of the texts that are left, it is not surely missing."
    if mode.within and mode.verdict in (*LOST, *RISEN):
        with_it = f"{facet.name}:{mode.within}" in covering(f"{facet.name}:{mode.id}", facet)
        ending = ", which changed no less: the two are one finding" if with_it else ", which changed less"
        yield f"Nine tenths of its texts or more are a part of “{labels.get(mode.within, mode.within)}”{ending}."
    if facet.caused_by:
        name, _, cause = facet.caused_by.rpartition(":")
        others = {each.id: each.label for other in report.facets if other.name == name for each in other.modes}
        yield f"All that changed in this facet follows from {name} “{others.get(cause, cause)}”."


def _evidence(facet: FacetReport, mode: ModeReport, report: Report) -> Iterator[str]:
    if mode.p_value is not None and mode.predicted_share is not None:
        yield (
            "If temperature alone acted, at whatever value its interval allows, a share so far from the prediction "
            f"would have p {_p(mode.p_value)}{_q(mode, facet)}."
        )
    for test in facet.tests[:1]:
        if test.p_value is not None:
            yield f"Any change at all in this facet, by permutation within prompts: p {_p(test.p_value)}."
    loss = loss_beyond_temperature(mode)
    if loss.value:
        low, high = (percent(bound or 0.0) for bound in loss.interval)
        yield f"Beyond what temperature predicts, {percent(loss.value)} of all texts are lost (95%: {low} to {high})."
    if mode.prompts_affected:
        prompts = f"{mode.prompts_affected:,} prompt{'s' if mode.prompts_affected > 1 else ''}"
        yield f"Its share moved by ten points or more in {prompts} of {report.corpora.new.prompts:,}."
    if mode.minimum_detectable_share is not None:
        least = percent(mode.minimum_detectable_share)
        yield f"The smallest change that these samples show four times in five: {least}."
    yield from _better_evidence(mode)


def _better_evidence(mode: ModeReport) -> Iterator[str]:
    if mode.ladder_share is not None:
        yield f"The base at the new side's own temperature has {percent(mode.ladder_share.value)} of it."
    if mode.reheated_share is not None:
        word = {
            Recovery.RECOVERED: "it is back",
            Recovery.NOT_RECOVERED: "it stays missing",
            Recovery.UNDECIDED: "which doesn't tell whether it is back",
        }
        said = f": {word[mode.recovery]}" if mode.recovery else ""
        yield f"The reheated texts have {percent(mode.reheated_share.value)} of it{said}."
    if mode.elicited_share is not None:
        said = f": {mode.reach.value.replace('-', ' ')} when asked for" if mode.reach else ""
        yield f"The texts that ask for it have {percent(mode.elicited_share.value)} of it{said}."


def _changes(mode: ModeReport, report: Report) -> Iterator[str]:
    """What would have to be seen for another verdict."""
    texts = report.corpora.new.used
    fallen = mode.verdict.fell(mode.new_share.value - mode.base_share.value)
    if fallen and mode.predicted_share is not None:
        least = mode.predicted_share.interval[0]
        more = round(least * texts) - (mode.new_share.count or 0)
        if more > 0:
            yield f"As predicted from {percent(least)} on: with about {more:,} more of the {texts:,} new texts."
    if mode.verdict in RISEN and mode.predicted_share is not None:
        most = mode.predicted_share.interval[1]
        yield f"As predicted with at most {percent(most)} of the new texts."
    wanted = report.temperature.recovery_temperature.value
    if fallen and mode.recovery is None:
        at = f" at T = {wanted:.2f}, or {wanted**0.5:.2f} if it was retrained" if wanted else ""
        yield f"Recovered, if the new model sampled hotter{at} and passed by --reheated has it again."
    if mode.verdict is ModeVerdict.UNDETECTABLE and mode.minimum_detectable_share is not None:
        yield f"Judged, from a base share of about {percent(mode.minimum_detectable_share)} on, or with more samples."


def _entry(finding: str, report: Report) -> str:
    """An accepted loss on one line."""
    return "; ".join(_acceptance(finding, report).splitlines())


def _acceptance_of(facet: FacetReport, mode: ModeReport, report: Report) -> str:
    entry = _acceptance(f"{facet.name}:{mode.id}", report)
    return _NOT_FOR_LONG + entry if mode.verdict in RISEN and facet.name in _LEARNT else entry


def _acceptance(finding: str, report: Report) -> str:
    made = str(report.provenance.get("created", ""))[:10]
    return f'[[accepted]]\nfinding = {encode(finding)}\nreason = ""\ndate = {made}\n'


def _p(value: float) -> str:
    return f"= {value:.2g}" if value >= 0.0001 else "< 0.0001"


def _q(mode: ModeReport, facet: FacetReport) -> str:
    if mode.q_value is None:
        return ""
    return f", and q {_p(mode.q_value)} among the {len(facet.modes)} modes of the facet (Benjamini and Hochberg)"
