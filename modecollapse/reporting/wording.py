"""Findings in words that a release engineer can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modecollapse.findings import BY_A_RISE, LOST, OPEN, RISEN, TAKEN_OVER
from modecollapse.quantities import percent
from modecollapse.report import FacetReport, ModeReport, ModeVerdict, Temperature, Verdict

REASONS: Mapping[str, str] = {
    "single-traces": "new texts repeat single samples that the base does not favour",
    "replaced": "new texts open alike, and not as the base does",
    "redirected": "new texts open alike, away from the base's likely openings",
    "reworded": "new texts open otherwise than the base does, and as variously",
    "reworded-alike": "new texts open otherwise than the base does, and more alike, as another model may",
    "taken-over": "a mode that was rare across the base's prompts now stands across them",
    "vanished": "at least one mode has vanished",
    "thinned": "modes fell far below what any fitted temperature predicts",
    "temperature-ruled-out": "the texts of other modes open at nearly the base's temperature, so none took these away",
    "degenerate": "degenerate texts have risen",
    "concentrated-unexplained": "new texts are more concentrated, and nothing shows that one temperature explains how",
    "openings-sharpened-too": "first words are purely sharpened, so text alone can't tell sharpening from loss here",
    "new-side-hotter": "the new side looks hotter than the base, which can hide or mimic a loss",
    "too-few-samples": "too few samples to rule out a loss beyond the tolerance",
    "temperature-unknown": "no temperature could be estimated, so what changed may be sharpening or loss",
    "within-temperature": "what changed could be temperature alone, yet the openings do not show one",
    "dominates": "one mode has grown to half of all texts or more, beyond any fitted temperature",
    "may-be-truncation": "only the new texts were drawn with their tail cut off, where what is missing may have been",
    "copied-base": "many texts of the base are copies of each other, so it can not show what was lost",
    "copied-new": "many new texts are copies of each other, as near temperature 0 or after training on few texts",
    "copies-left-out": "one side holds each text once, and the other repeats them, so shares can't be compared",
    "read-as-frozen": "the new texts are written otherwise, and a baseline without texts can't be read alike",
    "unanswered": "many new texts are reasoning that does not end, and what they would have answered is not seen",
    "ends-alike": "nearly all new texts end with the same words, put there by the model or by a tool",
    "all-degenerate": "no text is left on both sides that is not degenerate",
    "no-common-prompts": "no prompt stands on both sides",
    "within-ladder": "the base at the same temperature looks the same",
    "beyond-ladder": "the base at the same temperature still has what is missing",
    "ladder-undecided": "too few samples to compare with the base at the same temperature",
    "ladder-too-short": "the new side may be cooler than the coolest base samples",
    "recovered": "what is missing comes back in the reheated corpus",
    "not-recovered": "what is missing stays missing in the reheated corpus",
    "recovery-undecided": "too few reheated samples to tell whether what is missing comes back",
    "reheated-too-hot": "the reheated corpus is hotter than the base, so what is missing there proves nothing",
    "reheated-unlike": "the reheated corpus differs from the new one as no heat explains, so it proves nothing",
    "reachable": "the model can still say it when asked",
    "not-reachable": "the model does not say it even when asked",
}

_PLAIN: Mapping[Verdict, str] = {
    Verdict.UNCHANGED: "no change found, and any loss is within the tolerance",
    Verdict.SHARPENED: "as a lower temperature predicts",
    Verdict.FLATTENED: "as a higher temperature predicts",
    Verdict.SHIFTED: "shares moved beyond temperature; no mode is lost",
}
_PLAIN_OF_DEGENERATION: Mapping[Verdict, str] = {
    **_PLAIN,
    Verdict.UNCHANGED: "no change found, and a rise by ten points is ruled out",
    Verdict.SHIFTED: "rates moved, but texts that count as degenerate did not rise by ten points",
}
_SHIFTED_WITH_A_LOSS = "shares moved beyond temperature; what lost half or more is within the tolerance"


def facet_headline(name: str, verdict: Verdict, reasons: Sequence[str], modes: Sequence[ModeReport]) -> str:
    """One line on the facet ``name``: the strongest change first."""
    plain = (_PLAIN_OF_DEGENERATION if name == "degeneration" else _PLAIN).get(verdict, "")
    if name != "degeneration" and verdict is Verdict.SHIFTED and _halved(_lost(modes)):
        plain = _SHIFTED_WITH_A_LOSS
    words = "; ".join(REASONS[reason] for reason in reasons) or plain
    if name == "degeneration" and reasons:
        modes = _degenerate(modes)
    told = _strongest(verdict, modes, reasons) if verdict in _TOLD or reasons else None
    return f"{told}: {words}" if told and words else told or words


def _degenerate(modes: Sequence[ModeReport]) -> list[ModeReport]:
    """What makes a text degenerate, where any of it has grown: sentences that are cut off, or no longer, are not it."""
    found = [mode for mode in modes if mode.level == 0]
    return found if any(mode.verdict in _CHANGED and _gain(mode) > 0 for mode in found) else list(modes)


def _lost(modes: Sequence[ModeReport]) -> list[ModeReport]:
    return [mode for mode in modes if mode.verdict in LOST and mode.displaced_by is None]


def _halved(modes: Sequence[ModeReport]) -> list[ModeReport]:
    return [mode for mode in modes if mode.new_share.value < mode.base_share.value / 2]


_TOLD = (Verdict.LOST, Verdict.COLLAPSED, Verdict.SHIFTED)


def _strongest(verdict: Verdict, modes: Sequence[ModeReport], reasons: Sequence[str]) -> str | None:
    """The mode to name: the one that took over where one did, else the one that changed most.

    One that merely changed is no reason for any verdict but *inconclusive*.
    """
    found = [mode for mode in modes if mode.verdict in _CHANGED and mode.displaced_by is None]
    merely = [mode for mode in modes if mode.verdict is ModeVerdict.CHANGED and verdict is Verdict.INCONCLUSIVE]
    changed = found or merely
    if "dominates" in reasons and (
        half := [mode for mode in changed if mode.new_share.value >= 0.5 and _gain(mode) > 0]
    ):
        return _largest_change(half)
    taken = [mode for mode in changed if _was_rare(mode)]
    if "taken-over" in reasons:
        # Where none is left, it was one that rose with another, and that one had not been rare; or one that was where
        # a prompt asks for it.
        risen = [mode for mode in changed if mode.base_share.value <= 0.25 and _gain(mode) >= TAKEN_OVER]
        took_over = [mode for mode in modes if _was_rare(mode) and _gain(mode) >= TAKEN_OVER] or risen
        return _together(taken) if any(mode in took_over for mode in taken) else _largest_change(took_over or changed)
    # The phrase that single traces repeat tells more than the common word that is gone for it.
    if taken and "single-traces" in reasons:
        return _together(taken)
    if {"vanished", "thinned"} & set(reasons):
        missing = [mode for mode in modes if mode.verdict in LOST]
        changed = _halved(missing) or missing or changed
        return _told(_narrowest(_most_changed(changed), _lost(modes))) if changed else None
    return _largest_change(changed)


def _narrowest(mode: ModeReport, missing: Sequence[ModeReport]) -> ModeReport:
    """The mode within ``mode`` that is most of its loss, and of which less is left: “An Asian American”, not “An”."""
    within = [
        inner
        for inner in missing
        if inner.within == mode.id and _gain(inner) <= _MOST_OF * _gain(mode) and _left(inner) < _left(mode) / 2
    ]
    return _narrowest(_most_changed(within), missing) if within else mode


_MOST_OF = 0.5


def _left(mode: ModeReport) -> float:
    return mode.new_share.value / mode.base_share.value


def _together(modes: Sequence[ModeReport]) -> str:
    """The mode that gained most, and what it gained with the others of its level: one cause may be many phrases."""
    first = _most_changed(modes)
    level = [mode for mode in modes if mode.level == first.level]
    base, new = sum(mode.base_share.value for mode in level), sum(mode.new_share.value for mode in level)
    if new - first.new_share.value < _WORTH_TELLING:
        return _told(first)
    others = len(level) - 1
    return f"{_told(first)} (with {others} {'other' if others == 1 else 'others'} {percent(base)} → {percent(new)})"


_WORTH_TELLING = 0.05


def _was_rare(mode: ModeReport) -> bool:
    return mode.base_share.value < 0.02 < mode.new_share.value


def _gain(mode: ModeReport) -> float:
    return mode.new_share.value - mode.base_share.value


def _largest_change(modes: Sequence[ModeReport]) -> str | None:
    if not modes:
        return None
    return _told(_most_changed(modes))


def _most_changed(modes: Sequence[ModeReport]) -> ModeReport:
    return max(modes, key=lambda mode: (abs(_gain(mode)), mode.id))


def _told(mode: ModeReport) -> str:
    return f"“{mode.label}” {percent(mode.base_share.value)} → {percent(mode.new_share.value)}"


_CHANGED = (*LOST, *RISEN, ModeVerdict.UNDECIDED)

_NOUNS: Mapping[str, str] = {
    "language": "languages",
    "topic": "topics",
    "persona": "personas or tones",
    "opening": "openings",
    "degeneration": "degeneration",
}


def headline(
    verdict: Verdict, facets: Sequence[FacetReport], temperature: Temperature, base_temperature: float = 1.0
) -> str:
    """The verdict in a sentence that a person would say; ``base_temperature`` is what the base was sampled at."""
    at = at_temperature(temperature, base_temperature)
    by_verdict = {word: [facet for facet in facets if facet.verdict is word] for word in Verdict}
    if verdict in (Verdict.COLLAPSED, Verdict.LOST):
        said = _loss_headline(verdict, by_verdict)
    elif verdict is Verdict.INCONCLUSIVE:
        said = _inconclusive_headline(by_verdict[Verdict.INCONCLUSIVE])
    elif verdict is Verdict.SHIFTED:
        shifted = by_verdict[verdict]
        said = f"Shifted, {_small_loss(shifted)}: {_names(shifted)} changed beyond what a temperature explains."
        if any("reworded" in facet.reasons for facet in shifted):
            said += f" {REASONS['reworded'].capitalize()}."
    elif verdict is Verdict.SHARPENED:
        said = f"Sharpened, not collapsed: the new model is like the base at {at}."
    elif verdict is Verdict.FLATTENED:
        said = f"Flattened, not collapsed: the new model is like the base at {at}."
    elif _surely_another(temperature):
        said = (
            f"Unchanged modes: any loss is within the tolerance. Word by word, the new model is like the base at {at}."
        )
    else:
        said = "Unchanged: no difference found, and none of the modes found can have lost more than the tolerance."
    open_facets = [facet for facet in by_verdict[Verdict.INCONCLUSIVE] if verdict is not Verdict.INCONCLUSIVE]
    return f"{said} Not judged: {_names(open_facets)}." if open_facets else said


def _small_loss(facets: Sequence[FacetReport]) -> str:
    """What became of the modes that fell: fewer degenerate texts are no loss."""
    told = [facet for facet in facets if facet.name != "degeneration" and "reworded" not in facet.reasons]
    fallen = [mode for facet in told for mode in _lost(facet.modes)]
    if _halved(fallen):
        return f"what lost half or more is within the tolerance (largest fall: {_largest_change(fallen)})"
    return f"nothing lost, though some is rarer ({_largest_change(fallen)})" if fallen else "nothing lost"


def _surely_another(temperature: Temperature) -> bool:
    """Whether the new model is surely sharper or flatter than the base."""
    low, high = temperature.interval
    return temperature.inverse_temperature is not None and ((low or 0.0) > 1 or (high is not None and high < 1))


def _loss_headline(verdict: Verdict, by_verdict: Mapping[Verdict, Sequence[FacetReport]]) -> str:
    lost = [*by_verdict[Verdict.COLLAPSED], *by_verdict[Verdict.LOST]]
    roots = [facet for facet in lost if facet.caused_by is None] or lost
    # Where a mode spread to a tenth of all texts, no other need be gone.
    given_way = all(set(facet.reasons) == {"taken-over"} for facet in roots)
    word = "Collapsed" if verdict is Verdict.COLLAPSED else "Lost to modes that spread" if given_way else "Modes lost"
    told = "; ".join(f"{facet.name} – {facet.headline}" for facet in roots)
    return f"{word}: {told}."


def _inconclusive_headline(facets: Sequence[FacetReport]) -> str:
    reasons = sorted({reason for facet in facets for reason in facet.reasons})
    why = "; ".join(REASONS[reason] for reason in reasons)
    return f"Inconclusive for {listed([_with_what_is_missing(facet) for facet in facets])}: {why}."


def _with_what_is_missing(facet: FacetReport) -> str:
    """The facet, with the largest mode of which nobody can tell whether it is lost; or whether it took over."""
    modes = _degenerate(facet.modes) if facet.name == "degeneration" else facet.modes
    risen = [mode for mode in modes if mode.verdict in (*RISEN, *OPEN) and _gain(mode) > 0]
    if risen and (facet.name == "degeneration" or BY_A_RISE & set(facet.reasons)):
        return f"{_noun(facet)} ({_largest_change(risen)})"
    fallen = [mode for mode in facet.modes if mode.new_share.value < mode.base_share.value]
    missing = _largest_change([mode for mode in fallen if mode.verdict in (*LOST, *OPEN)])
    return f"{_noun(facet)} ({missing})" if missing else _noun(facet)


def _noun(facet: FacetReport) -> str:
    return _NOUNS.get(facet.name, facet.name)


def _names(facets: Sequence[FacetReport]) -> str:
    return listed([_noun(facet) for facet in facets])


def counted(number: int, facet: str) -> str:
    """So many modes of a facet, in words."""
    return f"{number:,} {kind(facet, several=number != 1)}"


def kind(facet: str, *, several: bool = False) -> str:
    """What a mode of a facet is, or what several are."""
    return _COUNTED.get(facet, (f"mode of {facet}", f"modes of {facet}"))[several]


_COUNTED: Mapping[str, tuple[str, str]] = {
    "language": ("language", "languages"),
    "topic": ("topic", "topics"),
    "persona": ("persona or tone", "personas or tones"),
    "opening": ("opening", "openings"),
}


def listed(names: Sequence[str]) -> str:
    """Names in a row: "a, b and c"; "nothing" where there are none."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "nothing"


def at_temperature(temperature: Temperature, base_temperature: float = 1.0) -> str:
    """The temperature of the base that the new model is like, with its interval."""
    if temperature.inverse_temperature is None:
        return "another temperature"
    low, high = temperature.interval
    base = base_temperature
    coolest = "at most " if high is None else f"{base / high:.2f}–"
    span = "" if low is None else f" ({coolest}{base / low:.2f})"
    return f"temperature {base / temperature.inverse_temperature:.2f}{span}"
