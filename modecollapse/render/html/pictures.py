"""Where things lie in the pictures: numbers alone, the templates draw."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low

from modecollapse.report import CorpusMap, MapPoints, ModeReport, Report, Temperature

SHARES = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1)
"""Marks of the axis of shares."""

_INVERSE_TEMPERATURES = (0.1, 0.15, 0.25, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 8, 12, 16)
_NAMED = 4
"""Modes that the map colours: more colours could not be told apart."""


def position(share: float) -> float:
    """A share on its axis, in percent of the width: the square root, on which chance is equally wide everywhere."""
    return round(100 * math.sqrt(min(max(share, 0), 1)), 2)


@dataclass(frozen=True)
class TemperatureAxis:
    """The inverse temperature on a logarithmic axis that has 1 in it; positions in percent of the width."""

    value: float
    low: float
    high: float
    open_ended: bool
    one: float
    marks: Sequence[tuple[float, str]]


def temperature_axis(temperature: Temperature) -> TemperatureAxis | None:
    """The picture of the inverse temperature; None where there is none."""
    value, (low, high) = temperature.inverse_temperature, temperature.interval
    if value is None or value <= 0:
        return None
    low = value if low is None else max(low, 0.05)
    shown = (value, low, value if high is None else high)
    left, right = min(0.5, *shown) / 1.1, max(2, *shown) * 1.1

    def at(beta: float) -> float:
        return round(100 * math.log(beta / left) / math.log(right / left), 2)

    return TemperatureAxis(
        value=at(value),
        low=at(low),
        high=100 if high is None else at(high),
        open_ended=high is None,
        one=at(1),
        marks=[(at(mark), f"{mark:g}") for mark in _INVERSE_TEMPERATURES if left < mark < right],
    )


@dataclass(frozen=True)
class Cloud:
    """The texts of one side that have one mode: the map's mode number ``rank``, from 1; 0 for all the others."""

    rank: int
    points: Sequence[tuple[int, int]]

    @property
    def centre(self) -> tuple[int, int]:
        """The median of either coordinate."""
        return median_low([x for x, _ in self.points]), median_low([y for _, y in self.points])


@dataclass(frozen=True)
class Map:
    """The map as it is drawn: ``named`` modes in colour, each side as clouds, those of no name first."""

    width: int
    height: int
    named: Sequence[ModeReport]
    base: Sequence[Cloud]
    new: Sequence[Cloud]


def corpus_map(report: Report) -> Map | None:
    """The picture of the report's map; None where it has none."""
    given = report.map
    if given is None:
        return None
    modes = {mode.id: mode for facet in report.facets if facet.name == given.facet for mode in facet.modes}
    there = [modes[mode_id] for mode_id in given.modes if mode_id in modes]
    named = sorted(there, key=lambda mode: (-abs(mode.new_share.value - mode.base_share.value), mode.id))[:_NAMED]
    rank = {mode.id: 1 + index for index, mode in enumerate(named)}
    base, new = (list(_clouds(side, given, rank)) for side in (given.base, given.new))
    return Map(given.width, given.height, named, base, new)


def _clouds(side: MapPoints, given: CorpusMap, rank: dict[str, int]) -> Iterator[Cloud]:
    points: dict[int, list[tuple[int, int]]] = {}
    for x, y, mode in zip(side.x, side.y, side.mode, strict=False):
        known = rank.get(given.modes[mode], 0) if 0 <= mode < len(given.modes) else 0
        points.setdefault(known, []).append((x, given.height - y))
    yield from (Cloud(each, points[each]) for each in sorted(points))
