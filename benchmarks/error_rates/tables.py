"""Results of the study → tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
from scipy.special import betaincinv

from benchmarks.error_rates.conditions import CONDITIONS, Condition
from benchmarks.error_rates.studies import Study
from modecollapse import __version__

Row = dict[str, Any]

_BAD = ("lost", "collapsed")
_PASSED = ("sharpened", "unchanged")


def page(rows: Sequence[Row], study: Study, made: date) -> str:
    """The whole page in Markdown, of a ``study`` that was finished on the day ``made``."""
    rows = sorted(rows, key=lambda row: (list(CONDITIONS).index(row["key"][0]), row["key"][1:]))
    what = (
        f"Version {__version__}, {made}: {len(rows)} comparisons, {study.how} Comparisons of one condition share "
        "their corpora, and their rows are dealt out anew by every seed: intervals (95%, Clopper–Pearson) are about "
        "this model and these prompts."
    )
    parts = [study.title, what, _goals(rows), _verdicts(rows), _precision(rows), _betas(rows), _removed(rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def cells(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rates that the tool quotes, by size: what ``modecollapse.rates`` reads."""
    kinds = {
        "false_losses": (("no change", "temperature", "truncation", "retrained"), _is_bad),
        "losses_found": (("loss 100%", "loss traces"), _found),
        "weak_losses_found": (("loss 30%",), _found),
    }
    found = []
    for samples, prompts in _sizes(rows):
        cell: dict[str, Any] = {"samples": samples, "prompts": prompts}
        for name, (wanted, right) in kinds.items():
            some = [
                row for row in rows if _condition(row).kind in wanted and tuple(row["key"][1:3]) == (samples, prompts)
            ]
            cell[name] = [sum(map(right, some)), len(some)]
        # A size at which something was not tried has no rates to quote.
        if all(cell[name][1] for name in kinds):
            found.append(cell)
    return found


def rate(found: int, tried: int) -> str:
    """``found/tried`` with its 95% interval."""
    if not tried:
        return "–"
    low = betaincinv(found, tried - found + 1, 0.025) if found else 0.0
    high = betaincinv(found + 1, tried - found, 0.975) if found < tried else 1.0
    return f"{found}/{tried} = {found / tried:.0%} ({low:.0%}–{high:.0%})"


def _goals(rows: Sequence[Row]) -> str:
    def kind(*names: str, sizes: Callable[[int, int], bool] = lambda samples, prompts: True) -> list[Row]:
        return [row for row in rows if _condition(row).kind in names and sizes(*row["key"][1:3])]

    def large(samples: int, prompts: int) -> bool:
        return samples >= 20 and prompts >= 40

    def largest(samples: int, prompts: int) -> bool:
        return samples >= 40 and prompts >= 40

    full = kind("loss 100%", "loss traces", sizes=large)
    losses = [row for row in rows if _condition(row).kind.startswith("loss") and "10%" not in _condition(row).kind]
    cool = [
        row
        for row in kind("temperature", "retrained", sizes=largest)
        if (_condition(row).beta or 2) > 1.4 and _cool(row)
    ]
    lines = [
        ("false *lost* or *collapsed*: no change", "≤ 1%", _share(kind("no change"), _is_bad)),
        ("– pure temperature, greedy, truncation", "≤ 2%", _share(kind("temperature", "truncation"), _is_bad)),
        ("– sharpened by retraining", "≤ 2%", _share(kind("retrained"), _is_bad)),
        ("full-strength loss found in its facet, 20+ × 40", "≥ 95%", _share(full, _found)),
        ("60% strength, 20+ × 40", "", _share(kind("loss 60%", sizes=large), _found)),
        ("30% strength, 20+ × 40", "≥ 80%", _share(kind("loss 30%", sizes=large), _found)),
        ("10% strength, 20+ × 40", "", _share(kind("loss 10%", sizes=large), _found)),
        ("loss (30% or more) called *sharpened* or *unchanged*, any size", "≤ 2%", _share(losses, _passed)),
        ("no change called *unchanged*, 40+ × 40", "≥ 80%", _share(kind("no change", sizes=largest), _is("unchanged"))),
        ("T ≤ .7 and retrained called *sharpened*, 40+ × 40", "≥ 90%", _share(cool, _is("sharpened"))),
        ("a mode of 15% removed: flagged, 20+ × 40", "≥ 90%", _share(kind("removed", sizes=large), _flagged)),
        (
            "first-person openings removed, or filtered in training: found, 20+ × 40",
            "",
            _share(kind("removed by filter", "removed by training", sizes=large), _found),
        ),
        ("the same mode kept: flagged, any size", "≤ 5%", _share(kind("kept"), _flagged)),
        (
            "a mode of 15% removed, then T = .7: called *sharpened* or *unchanged*, any size",
            "≤ 2%",
            _share(kind("removed and sharpened"), _passed),
        ),
    ]
    lines += [*_recoveries(rows), *_answers(rows)]
    tried = [line for line in lines if not line[-1].startswith("–")]
    body = [f"| {what} | {goal} | {found} |" for what, goal, found in tried]
    return "\n".join(["## Goals", "", "| | goal | measured |", "|---|---|---|", *body])


def _recoveries(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """What reheated corpora settle. Modes counted are those of the tolerance's share of the base or more."""
    reheated = [row for row in rows if _condition(row).reheated and row["key"][1] >= 20]
    sound = [row for row in reheated if _condition(row).kind == "reheated" and not _condition(row).facet]
    true = [row for row in reheated if _condition(row).kind == "truly reheated"]
    hot = [row for row in reheated if _condition(row).kind == "overheated"]
    other = [row for row in reheated if _condition(row).kind == "reheated by mistake"]
    locked = [row for row in reheated if _is_locked_and_reheated(row)]
    gone = [
        row for row in reheated if _condition(row).kind == "removed, sharpened and reheated" and row["key"][2] >= 40
    ]
    return [
        ("T = .7, reheated to the base itself: modes called *recovered*, 20 × 40", "≥ 95%", _back(true, 20)),
        ("– 40 × 40", "≥ 95%", _back(true, 40)),
        ("retrained, reheated: modes called *recovered*, 20 × 40", "≥ 95%", _back(sound, 20)),
        ("– 40 × 40", "≥ 95%", _back(sound, 40)),
        ("reheated, too hot or not: false *lost* or *collapsed*", "≤ 2%", _share([*true, *sound, *hot], _is_bad)),
        (
            "– another model's texts by mistake: false *lost* or *collapsed*, 20+ samples",
            "≤ 2%",
            _share(other, _is_bad),
        ),
        ("locked, reheated: *lost* or *collapsed*, 20+ samples", "≥ 95%", _share(locked, _is_bad)),
        (
            "– modes of the locked facet called *recovered*, any size",
            "≤ 5%",
            _recovered(row["facets"][_condition(row).facet] for row in rows if _is_locked_and_reheated(row)),
        ),
        (
            "a mode of 15% removed, then T = .7, reheated: found in its facet, 20+ × 40",
            "≥ 90%",
            _share(gone, _found),
        ),
    ]


def _answers(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """What the texts of a model show that was asked for what it lost: of its facet, whether that can be reached."""

    def said(reason: str, kind: str) -> str:
        asked = [row for row in rows if _condition(row).kind == kind and min(row["key"][1:3]) >= 10]
        return _share(asked, lambda row: reason in row["facets"][_condition(row).facet]["reasons"])

    return [
        (
            "asked for what it lost, and answers as the base does: *reachable*, 10+ × 10+",
            "",
            said("reachable", "asked well"),
        ),
        ("– and answers as ever: *not reachable*", "", said("not-reachable", "asked in vain")),
        ("– the models themselves, asked: *not reachable*", "", said("not-reachable", "elicited")),
        ("– *reachable*", "", said("reachable", "elicited")),
        (
            "asked or not, still *lost* or *collapsed*",
            "",
            _share([row for row in rows if _condition(row).elicited], _is_bad),
        ),
    ]


def _is_locked_and_reheated(row: Row) -> bool:
    return bool(_condition(row).facet) and _condition(row).kind == "reheated"


def _back(rows: Sequence[Row], samples: int) -> str:
    return _recovered(
        facet for row in rows if tuple(row["key"][1:3]) == (samples, 40) for facet in row["facets"].values()
    )


def _recovered(facets: Iterable[dict[str, Any]]) -> str:
    counts: Counter[str] = Counter()
    for facet in facets:
        counts.update(facet["recovery"])
    return f"{rate(counts['recovered'], sum(counts.values()))}; not recovered {counts['not-recovered']}"


def _cool(row: Row) -> bool:
    return "1.4" not in row["key"][0] and row["key"][0] != "greedy"


def _condition(row: Row) -> Condition:
    return CONDITIONS[row["key"][0]]


def _is(word: str) -> Callable[[Row], bool]:
    return lambda row: bool(row["verdict"] == word)


def _is_bad(row: Row) -> bool:
    return row["verdict"] in _BAD


def _passed(row: Row) -> bool:
    return row["verdict"] in _PASSED


def _found(row: Row) -> bool:
    return row["facets"][_condition(row).facet]["verdict"] in _BAD


def _flagged(row: Row) -> bool:
    facet = row["facets"][_condition(row).facet]
    return facet["gone"] > 0 or facet["verdict"] in _BAD


def _share(rows: Sequence[Row], right: Callable[[Row], bool]) -> str:
    return rate(sum(map(right, rows)), len(rows))


def _sizes(rows: Iterable[Row]) -> list[tuple[int, int]]:
    return sorted({tuple(row["key"][1:3]) for row in rows}, key=lambda size: (size[1], size[0]))


def _verdicts(rows: Sequence[Row]) -> str:
    """Verdict counts by condition and size."""
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[tuple(row["key"][:3])][row["verdict"]] += 1
    sizes = _sizes(rows)
    lines = [
        "## Verdicts",
        "",
        "Samples per prompt and side × prompts.",
        "",
        "| | " + " | ".join(f"{samples} × {prompts}" for samples, prompts in sizes) + " |",
        "|" + "---|" * (len(sizes) + 1),
    ]
    for name in dict.fromkeys(row["key"][0] for row in rows):
        cells = [
            ", ".join(f"{word} {count}" for word, count in counts[(name, *size)].most_common()) or "–" for size in sizes
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _precision(rows: Sequence[Row]) -> str:
    """Of all comparisons that got a verdict, how many deserved it: every condition counts alike."""
    lines = ["## Precision of each word", "", "| verdict | given | deserved |", "|---|---|---|"]
    for word in ("unchanged", "sharpened", "flattened", "shifted", "lost", "collapsed", "inconclusive"):
        given = [row for row in rows if row["verdict"] == word]
        right = [row for row in given if word in _condition(row).deserves]
        # No condition is a mere shift, and an open question is never wrong.
        said = "–" if word in ("shifted", "inconclusive") else rate(len(right), len(given))
        lines.append(f"| {word} | {len(given)} | {said} |")
    return "\n".join(lines)


def _betas(rows: Sequence[Row]) -> str:
    """Bias and coverage of the inverse temperature, by samples per prompt, ten prompts and more."""
    groups = defaultdict(list)
    for row in rows:
        truth = _condition(row).beta
        if truth is not None and row["beta"] is not None and row["key"][2] >= 10:
            groups[row["key"][0], row["key"][1]].append(row)
    lines = [
        "## The inverse temperature",
        "",
        "An interval without an upper end (*at least*) covers whatever is above its lower one.",
        "",
        "| | samples | true β | median β̂ | interval covers | median width |",
        "|---|---|---|---|---|---|",
    ]
    for (name, samples), some in groups.items():
        truth = float(_condition(some[0]).beta or 1)
        low = np.array([row["interval"][0] for row in some])
        # No upper end: "at least".
        high = np.array([np.inf if row["interval"][1] is None else row["interval"][1] for row in some])
        # Log probabilities are rounded: half a percent is no error.
        covered = int(((low <= 1.005 * truth) & (0.995 * truth <= high)).sum())
        median = np.median([row["beta"] for row in some])
        lines.append(
            f"| {name} | {samples} | {truth:.2f} | {median:.2f} | {rate(covered, len(some))} "
            f"| {'–' if np.isinf(np.median(high)) else f'{np.median(high - low):.2f}'} |"
        )
    return "\n".join(lines) if groups else ""


def _removed(rows: Sequence[Row]) -> str:
    """Removed modes: how often the facet flags a mode."""
    groups = defaultdict(list)
    for row in rows:
        if _condition(row).kind.startswith(("removed", "kept")):
            groups[row["key"][0], row["key"][1], row["key"][2]].append(row)
    lines = [
        "## One removed mode",
        "",
        "| | samples × prompts | flagged in its facet | verdicts |",
        "|---|---|---|---|",
    ]
    for (name, samples, prompts), some in groups.items():
        words = Counter(row["verdict"] for row in some)
        said = ", ".join(f"{word} {count}" for word, count in words.most_common())
        lines.append(f"| {name} | {samples} × {prompts} | {_share(some, _flagged)} | {said} |")
    return "\n".join(lines) if groups else ""
