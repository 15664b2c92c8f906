"""Every value that a comparison runs with, and which values can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

from modecollapse.errors import ConfigError
from modecollapse.policy import Policy, take_types
from modecollapse.report import Verdict

FACETS = ("language", "topic", "persona", "opening", "degeneration")
COLUMN = "column:"
ENGINES = ("local", "ray")
_MAKE_NO_DIFFERENCE = ("cache_dir", "engine", "workers")
DEFAULT_ENCODER = "universal-sentence-encoder-multilingual-3"
"""What ``embedder = "default"`` stands for; see ``embed.bundled``."""

PLUGINS = "modecollapse.facets"
"""The entry-point group in which a package names facets of its own; see ``docs/facets.md``."""


@dataclass(frozen=True)
class Config:
    """Every value that a comparison runs with.

    ``facets`` None means all of them; ``columns`` are fields of the rows compared as facets besides, ``plugins`` facets
    that other packages add. Field names are dotted paths, None where they are to be found. ``alpha`` is the overall
    error rate for a false *lost*; ``tolerance`` and ``max_bad`` are shares between 0 and 1. ``resamples`` is raised
    where ``alpha`` and the number of facets need more. ``keep_reasoning``: what a model reasons before its answer is
    compared, too. ``engine`` says where the work runs, ``workers`` in how many processes (None: one per core): both
    make no difference to what is found. Raises ``ConfigError`` where a value can't be used.
    """

    facets: tuple[str, ...] | None = None
    columns: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    embedder: str = "default"
    text_field: str | None = None
    prompt_field: str | None = None
    temperature_field: str | None = None
    keep_reasoning: bool = False
    cache: bool = True
    cache_dir: Path | None = None
    alpha: float = 0.01
    tolerance: float = 0.05
    resamples: int = 1000
    seed: int = 0
    engine: str = "local"
    workers: int | None = None
    max_bad: float = 0.01
    gate: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        take_types(self)
        for part in (self, self.gate, *self.gate.facet.values()):
            for key, value in vars(part).items():
                check(key, value, key)

    def to_dict(self) -> dict[str, Any]:
        """The values as the report holds them: JSON-able, in a fixed order, without paths."""
        import msgspec

        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _MAKE_NO_DIFFERENCE}
        if re.match(r"[/~.]|\w:\\", self.embedder):
            values["embedder"] = re.split(r"[/\\]", self.embedder.rstrip("/\\"))[-1]
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(values))
        return plain


def check(key: str, value: object, spelled: str) -> None:
    """Raises ``ConfigError`` where ``value`` can't stand for ``key``, which its user wrote as ``spelled``."""
    find = _CHECKS.get(key)
    problem = find(value) if find and value is not None else None
    if problem:
        raise ConfigError("bad-value", f"{spelled} {problem}")


def _share(value: float, *, ends: bool = False) -> str | None:
    fine = 0 <= value <= 1 if ends else 0 < value < 1
    return None if fine else f"must lie between 0 and 1, not {value:g}"


def _at_least(least: int, value: int) -> str | None:
    return None if value >= least else f"must be at least {least}, not {value}"


def _facet_names(names: Iterable[str]) -> str | None:
    unknown = [name for name in names if name not in FACETS and not (name.startswith(COLUMN) and name != COLUMN)]
    return _unknown_plugins(unknown)


def _unknown_plugins(names: Sequence[str]) -> str | None:
    if not names:
        return None
    installed = installed_plugins()
    unknown = [name for name in names if name not in installed]
    known = ", ".join([*FACETS, *installed])
    return f"can't hold {unknown[0]!r}: facets are {known} and column:NAME" if unknown else None


def installed_plugins() -> tuple[str, ...]:
    """Names of the facets that installed packages add, in alphabetical order. Loads none of them."""
    from importlib.metadata import entry_points

    return tuple(sorted({entry.name for entry in entry_points(group=PLUGINS)} - set(FACETS)))


def _chosen_facets(names: Sequence[str]) -> str | None:
    unknown = [name for name in names if name not in FACETS]
    if unknown:
        kind = "columns" if unknown[0].startswith(COLUMN) else "plugins"
        return f"holds {', '.join(FACETS)}, not {unknown[0]!r}: that goes into {kind}"
    return None if names else "can't be empty"


def _not_inconclusive(verdicts: Sequence[Verdict]) -> str | None:
    # Thin evidence has a setting and an exit status of its own; in fail_on it would exit 1.
    return (
        "can't hold 'inconclusive': that is what inconclusive = \"fail\" is for"
        if (Verdict.INCONCLUSIVE in verdicts)
        else None
    )


_CHECKS: Mapping[str, Callable[[Any], str | None]] = {
    "facets": _chosen_facets,
    "plugins": _unknown_plugins,
    "required_facets": _facet_names,
    "ignored_facets": _facet_names,
    "facet": _facet_names,
    "accepted_facets": _facet_names,
    "fail_on": _not_inconclusive,
    "alpha": _share,
    "tolerance": _share,
    "max_loss": partial(_share, ends=True),
    "max_bad": partial(_share, ends=True),
    "resamples": partial(_at_least, 100),
    "seed": partial(_at_least, 0),
    "workers": partial(_at_least, 1),
    "engine": lambda name: None if name in ENGINES else f"can't be {name!r}: engines are {', '.join(ENGINES)}",
}
