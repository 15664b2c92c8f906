"""What makes a facet lost: findings by name, each told once however many modes hold the same texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from modecollapse.report import FacetReport, ModeReport, ModeVerdict, Verdict

LOST = (ModeVerdict.THINNED, ModeVerdict.VANISHED)
OPEN = (ModeVerdict.CHANGED, ModeVerdict.UNDECIDED)
UNTOLD = (*OPEN, ModeVerdict.UNDETECTABLE, ModeVerdict.UNSTABLE, ModeVerdict.ABSENT_SHARPENED)
"""Verdicts of a mode that may be lost for all these texts tell."""

RISEN = (ModeVerdict.AMPLIFIED, ModeVerdict.EMERGED)
BY_NO_MODE = ("single-traces", "replaced", "redirected", "degenerate")
"""Reasons of a loss that stand for a finding of their own: no mode is it."""

HOLDS = 0.9
"""Part of a mode's texts that the mode which holds it has: neighbouring granularities are learnt one by one."""
TAKEN_OVER = 0.1
"""Gain of share from which a mode of which the base has hardly a text has taken over (``docs/report.md``)."""
BY_A_RISE = {"taken-over", "dominates"}
_MAY_BE_LOSS = {"vanished", "thinned", "temperature-unknown", "within-temperature"}
"""Reasons of an open facet: modes are surely missing, or it surely changed where first words tell no temperature, or
that of the base."""


def findings(facet: FacetReport) -> list[str]:
    """What makes a facet lost, gravest first: each as ``facet:mode-id``, or ``facet:reason`` where no mode is it.

    A mode that lost, or gained, no more than the one that holds it is no finding beside that.
    """
    risen = [mode for mode in facet.modes if mode.verdict in RISEN and mode.displaced_by is None]
    risen = [mode for mode in risen if mode.new_share.value - mode.base_share.value >= TAKEN_OVER]
    lost = [mode for mode in facet.modes if mode.verdict in LOST and mode.displaced_by is None]
    found = outermost([*(risen if BY_A_RISE & set(facet.reasons) else []), *lost], facet.modes)
    if not found and not facet.caused_by and facet.verdict in (Verdict.LOST, Verdict.COLLAPSED):
        found = outermost(risen, facet.modes)  # what is lost made room for what rose
    names = [*(reason for reason in facet.reasons if reason in BY_NO_MODE), *(mode.id for mode in found)]
    return [f"{facet.name}:{name}" for name in names]


def may_have_lost(facet: FacetReport) -> bool:
    """Whether a facet surely changed, and a doubt, mostly about the temperature, keeps that from being a loss.

    Modes are missing, if not of many texts together; or shares changed, and first words do not say that one did.
    Heat takes from every large mode: where the new side is hotter, only such modes count as are missing by more.
    """
    if facet.verdict is not Verdict.INCONCLUSIVE:
        return False
    missing = "new-side-hotter" not in facet.reasons and any(
        mode.verdict in LOST and mode.displaced_by is None for mode in facet.modes
    )
    return missing or not _MAY_BE_LOSS.isdisjoint(facet.reasons)


def open_findings(facet: FacetReport) -> list[str]:
    """The modes of which nobody can tell whether they are lost, where a facet ``may_have_lost`` some.

    Or whether they took over, if that is a reason; others only have the room that these made.
    """
    if not may_have_lost(facet):
        return []
    found = [mode for mode in facet.modes if mode.verdict in OPEN and mode.displaced_by is None]
    if BY_A_RISE.isdisjoint(facet.reasons):
        found = [mode for mode in found if mode.new_share.value < mode.base_share.value]
    return [f"{facet.name}:{mode.id}" for mode in outermost(found, facet.modes)]


def outermost(found: Sequence[ModeReport], modes: Sequence[ModeReport]) -> list[ModeReport]:
    """Those of ``found``, modes of one facet, whose change no other of them accounts for."""
    by_id, chosen = {mode.id: mode for mode in modes}, {mode.id for mode in found}
    return [mode for mode in found if not any(holder.id in chosen for holder in _accounting(mode, by_id))]


def covering(finding: str, facet: FacetReport) -> Iterator[str]:
    """The finding itself, then those of modes that hold it and account for its change, or have nearly its texts."""
    yield finding
    by_id = {mode.id: mode for mode in facet.modes}
    mode = by_id.get(finding.removeprefix(f"{facet.name}:"))
    for holder in [mode, *_accounting(mode, by_id)] if mode else []:
        yield f"{facet.name}:{holder.id}"
        large = (each for each in facet.modes if _texts(each) >= HOLDS * _texts(holder))
        same = (each for each in large if any(around.id == holder.id for around in _holders(each, by_id)))
        yield from (f"{facet.name}:{each.id}" for each in same)


def is_covered(finding: str, facet: FacetReport, by: Set[str]) -> bool:
    """Whether the change of the finding is accounted for by one that is named in ``by``."""
    return any(name in by for name in covering(finding, facet))


def _accounting(mode: ModeReport, modes: Mapping[str, ModeReport]) -> Iterator[ModeReport]:
    """The modes that hold ``mode``, smallest first, as far as they moved as far as it did, by its 95% interval.

    A topic that vanished within a larger one that only thinned out is news; within one that vanished it is not.
    """
    return (holder for holder in _holders(mode, modes) if _accounts(holder, mode))


def _holders(mode: ModeReport, modes: Mapping[str, ModeReport]) -> Iterator[ModeReport]:
    seen = {mode.id}
    while mode.within is not None and mode.within in modes and mode.within not in seen:
        mode = modes[mode.within]
        seen.add(mode.id)
        yield mode


def _accounts(holder: ModeReport, mode: ModeReport) -> bool:
    before, after = _expected(holder), holder.new_share.value
    expected = _expected(mode)
    low, high = mode.new_share.interval
    if mode.new_share.value > expected:
        return holder.base_share.count == 0 or (after > before and low * before <= after * expected)
    return after < before and high * before >= after * expected


def _texts(mode: ModeReport) -> int:
    return (mode.base_share.count or 0) + (mode.new_share.count or 0)


def _expected(mode: ModeReport) -> float:
    return (mode.predicted_share or mode.base_share).value
