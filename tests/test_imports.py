"""Imports go one way, and the two waists stay narrow. Read with ``ast``: imports inside functions count as well."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import modecollapse

ROOT = Path(modecollapse.__file__).parent

ORDER = [
    "modecollapse",
    "errors",
    "quantities",
    "affixes",
    "render.escape",
    "progress",
    "words",
    "repetition",
    "concealment",
    "scratch",
    "strata",
    "traits",
    "texts",
    "language_model",
    "language_detection",
    "report",
    "results",
    "schema",
    "rates",
    "toml",
    "policy",
    "config",
    "settings",
    "sources",
    "engine",
    "corpus",
    "embed",
    "segmentation",
    "facets",
    "frozen",
    "pairing",
    "ahead",
    "limits",
    "wrapping",
    "labelling",
    "forms",
    "paraphrases",
    "counts",
    "stats",
    "judgement",
    "second_opinion",
    "findings",
    "nesting",
    "gating",
    "explanation",
    "changes",
    "reporting",
    "comparison",
    "freezing",
    "surveying",
    "thermometer",
    "planning",
    "recall",
    "keeping",
    "render",
    "cli",
    "__main__",
]
"""Modules and packages; each imports only what stands before it, or its own package."""


def _name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "modecollapse"


def _imported(path):
    """Modules of this program that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == "modecollapse":
                yield _module(rest)


def _module(dotted):
    """The module that a dotted name lies in: the name itself, or what it is taken from."""
    while dotted and dotted not in FILES:
        dotted = dotted.rpartition(".")[0]
    return dotted or "modecollapse"


FILES = {_name(path): path for path in sorted(ROOT.rglob("*.py"))}
IMPORTS = {name: set(_imported(path)) - {name} for name, path in FILES.items()}
IMPORTS["modecollapse"] = set()  # the public face, which imports nothing before it is asked for a name


def _unit(name):
    return name if name in ORDER else name.partition(".")[0]


def _all_that(name, found=None):
    """Everything that a module imports, directly or not."""
    found = set() if found is None else found
    for other in IMPORTS[name] - found:
        found.add(other)
        _all_that(other, found)
    return found


def test_every_module_has_its_place():
    assert {_unit(name) for name in FILES} == set(ORDER)


@pytest.mark.parametrize("name", FILES)
def test_imports_go_one_way(name):
    place = ORDER.index(_unit(name))
    back = [other for other in IMPORTS[name] if _unit(other) != _unit(name) and ORDER.index(_unit(other)) > place]
    assert not back, f"{name} imports {back}, which stands after it"


def test_no_circles_inside_a_package():
    list(TopologicalSorter(IMPORTS).static_order())


def test_statistics_see_counts_alone():
    allowed = {"counts", "strata", "modecollapse"} | {name for name in FILES if name.startswith("stats")}
    for name in FILES:
        if name.startswith("stats"):
            assert _all_that(name) <= allowed


def test_a_saved_report_needs_no_corpus_and_no_model_to_be_shown_or_gated():
    for name in FILES:
        if name.startswith("render") or name == "gating":
            units = {_unit(other) for other in _all_that(name)}
            assert units.isdisjoint({"corpus", "embed", "facets", "stats", "counts", "comparison"}), name


def test_facets_know_no_statistics():
    for name in FILES:
        if name.startswith("facets"):
            assert {_unit(other) for other in _all_that(name)}.isdisjoint({"stats", "counts", "pairing"}), name
