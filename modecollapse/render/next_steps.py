"""What to do next, in sentences that every format shares."""

from __future__ import annotations

from collections.abc import Mapping

from modecollapse.gating import listed
from modecollapse.render.story import temperature as at
from modecollapse.report import Evidence, Report, SamplesWanted, Use, Verdict

_FEW_PROMPTS, _MOST_SAMPLES = 20, 1_000

_STRONGER = frozenset({Evidence.REHEATED, Evidence.ELICITED})
_BY_REASON: Mapping[str, str] = {
    "temperature-unknown": "Sample six prompts or more, at least four times each on both sides: then sharpening can be "
    "told from loss.",
    "new-side-hotter": "Sample the new model cooler: it looks hotter than the base, which can hide a loss.",
    "may-be-truncation": "Draw both corpora with the same top-p, top-k and min-p, best with none.",
    "ladder-too-short": "Add base samples at a lower temperature: the new side may lie beyond the coolest of them.",
    "reheated-too-hot": "Sample the new model again, less hot: its reheated texts scatter more than the base's.",
    "reheated-unlike": "Pass as --reheated texts of the same new model, to the same prompts: these differ from it "
    "as no heat explains.",
    "copied-base": "Draw the base again without a cache, above temperature 0 and with a seed of its own per request.",
    "copied-new": "Draw the new texts again without a cache, above temperature 0 and with a seed of its own per "
    "request: if they are copies again, the model repeats what it was trained on.",
    "copies-left-out": "Give all samples of both models, copies as well: without them no share is that of the model.",
    "read-as-frozen": "Freeze the base --with-texts, or compare with its texts: then both sides are read alike.",
    "unanswered": "Generate the new texts again with a higher limit of tokens, so that their reasoning ends.",
    "ends-alike": "Look at what all new texts end with: take it off the file where it is not the model's own; where it "
    "is, the model is locked to it.",
    "no-common-prompts": "Generate both corpora from the same prompts.",
    "openings-sharpened-too": "Add base samples at several temperatures, or --reheated: the openings are sharpened "
    "as well, and text alone can't tell the two apart here.",
    "reworded-alike": "Read what the new texts begin with (--all): if this is another model, not one trained from the "
    "base, other openings are no loss, and the gate need not require them (--required-facets).",
    "concentrated-unexplained": "Add base samples at several temperatures, or --reheated: these show whether "
    "temperature alone concentrated the new texts.",
}


def next_steps(report: Report) -> list[str]:
    """What would settle or repair what the report found, most useful first; empty where nothing needs doing."""
    steps = [_recovery(report), _more_samples(report), *_equal_temperature(report), *_by_reason(report)]
    return [step for step in steps if step]


def _recovery(report: Report) -> str | None:
    wanted, halfway = report.temperature.recovery_temperature, report.temperature.halfway
    if wanted.value is None or report.verdict is Verdict.UNCHANGED:
        return None
    if report.verdict in (Verdict.SHARPENED, Verdict.FLATTENED):
        return (
            f"Sample the new model at T = {at(wanted)} to give its openings the base's spread, no retraining needed. "
            f"If it was retrained, begin at {halfway:.2f}: the rest of its texts often takes less."
        )
    if report.temperature.evidence in _STRONGER or report.samples_wanted:
        return None
    return (
        f"Sample the new model at T = {at(wanted)}, or at {halfway:.2f} if it was retrained, and pass it by "
        "--reheated: modes that come back were sharpened, not lost."
    )


def _more_samples(report: Report) -> str | None:
    open_facets = {
        facet.name: facet.samples_needed
        for facet in report.facets
        if facet.verdict is Verdict.INCONCLUSIVE and facet.samples_needed
    }
    if not open_facets:
        return None
    many = max(open_facets.values())
    # With few prompts more samples tell ever more of these prompts, and little of the model.
    if many > _MOST_SAMPLES:
        here = report.corpora.base.prompts
        return f"Draw texts of more prompts: of these {here:,} it would take some {many:,} samples each on each side."
    instead = " (better: as many texts over more prompts)" if report.corpora.base.prompts < _FEW_PROMPTS else ""
    return f"Draw about {many:,} samples per prompt on each side{instead}: enough to judge {listed(list(open_facets))}."


_ADDED_AS: Mapping[Use, str] = {Use.LADDER: "added to the base's file", Use.REHEATED: "passed by --reheated"}


def _equal_temperature(report: Report) -> list[str]:
    """Each use in a sentence: rungs of one ladder belong together, a ladder and a reheated corpus do not."""
    ways = [[wanted for wanted in report.samples_wanted if wanted.use is use] for use in Use]
    ways = [way for way in ways if way]
    return [("Or d" if index else "D") + _draw(way) for index, way in enumerate(ways)]


def _draw(way: list[SamplesWanted]) -> str:
    first = way[0]
    temperatures = " and ".join(at(wanted.temperature) for wanted in way)
    return (
        f"raw about {first.samples_per_prompt:,} samples per prompt of the {first.model} model at T = {temperatures}, "
        f"{_ADDED_AS[first.use]}: this settles {listed(list(first.facets))}."
    )


def _by_reason(report: Report) -> list[str]:
    reasons = {reason for facet in report.facets if facet.verdict is Verdict.INCONCLUSIVE for reason in facet.reasons}
    told = (
        {"openings-sharpened-too", "concentrated-unexplained", "reheated-too-hot"} if report.samples_wanted else set()
    )
    return [step for reason, step in _BY_REASON.items() if reason in reasons - told]
