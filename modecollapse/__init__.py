"""Tell lost modes from mere temperature sharpening in the generations of a retrained language model.

The public library: each name is imported when it is asked for, so that ``import modecollapse`` loads no numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modecollapse.changes import difference
    from modecollapse.comparison import compare
    from modecollapse.config import Config
    from modecollapse.corpus import Corpus, read_corpus
    from modecollapse.explanation import explain
    from modecollapse.freezing import baseline
    from modecollapse.gating import gate
    from modecollapse.planning import power
    from modecollapse.policy import Policy
    from modecollapse.render.formats import show
    from modecollapse.report import Report
    from modecollapse.surveying import modes
    from modecollapse.thermometer import temperature

__version__ = "0.1.0"

_HOME = {
    "compare": "comparison",
    "Config": "config",
    "Corpus": "corpus",
    "read_corpus": "corpus",
    "baseline": "freezing",
    "difference": "changes",
    "explain": "explanation",
    "gate": "gating",
    "modes": "surveying",
    "Policy": "policy",
    "power": "planning",
    "show": "render.formats",
    "Report": "report",
    "temperature": "thermometer",
}
"""The module in which each public name is defined."""

__all__ = [
    "Config",
    "Corpus",
    "Policy",
    "Report",
    "__version__",
    "baseline",
    "compare",
    "difference",
    "explain",
    "gate",
    "modes",
    "power",
    "read_corpus",
    "show",
    "temperature",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what a module holds
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
