"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from modecollapse.config import FACETS
from modecollapse.render.formats import ENDINGS, FORMATS, TERMINAL
from modecollapse.report import Outcome, Verdict

FILE = click.Path(allow_dash=True)
"""A file that is read, or standard input: looked at by ``output.check_paths``, completed by shells."""

Command = Callable[..., Any]
Options = Any  # click passes options by name


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Options that several commands share, as one decorator."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _among(words: Sequence[str]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Completion of one of ``words``, or of the last in a comma-separated list."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [before + comma + word for word in words if word.startswith(last)]

    return complete


_facet_names = _among(FACETS)
_verdicts = _among([verdict.value for verdict in Verdict])
_outcomes = _among([outcome.value for outcome in Outcome])

as_json = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
quiet = click.option("-q", "--quiet", is_flag=True, help="No progress.")
debug = click.option("--debug", is_flag=True, help="Show the traceback of an error.")
report_output = together(
    as_json,
    click.option(
        "--format",
        "format",
        type=click.Choice([TERMINAL, *FORMATS]),
        help=f"What to print.  [default: {TERMINAL}]",
    ),
    click.option(
        "-o",
        "files",
        type=Path,
        multiple=True,
        metavar="FILE",
        help=f"Also write FILE, as its ending says ({' '.join(ENDINGS)}). Repeatable.",
    ),
    click.option("--all", "every_mode", is_flag=True, help="Show every mode, not only those that changed."),
    click.option("-v", "--verbose", "details", is_flag=True, help="Show tests and skipped lines as well."),
)
policy = together(
    click.option(
        "--required-facets",
        multiple=True,
        metavar="NAMES",
        shell_complete=_facet_names,
        help="Facets that must be conclusive.",
    ),
    click.option(
        "--fail-on",
        multiple=True,
        metavar="VERDICTS",
        shell_complete=_verdicts,
        help="Verdicts that fail.  [default: lost,collapsed]",
    ),
    click.option(
        "--ignored-facets",
        multiple=True,
        metavar="NAMES",
        shell_complete=_facet_names,
        help="Facets that count for nothing.",
    ),
    click.option("--max-loss", metavar="P", help="Largest loss of a mode that passes, in share of all texts."),
    click.option("--accepted-losses", metavar="FILE", type=click.Path(), help="Losses that are known and pass."),
    click.option(
        "--inconclusive",
        metavar="OUTCOME",
        shell_complete=_outcomes,
        help="Outcome of thin evidence: inconclusive, pass or fail.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit 0 whatever the gate says."),
)
reading = together(
    click.option("--text-field", metavar="PATH", help="Where the text is, as a dotted path."),
    click.option("--prompt-field", metavar="PATH", help="Where the prompt is."),
    click.option("--temperature-field", metavar="PATH", help="Where the temperature is."),
    click.option(
        "--keep-reasoning",
        is_flag=True,
        default=None,
        help="Compare what stands in <think> … </think> as well; it is left out otherwise.",
    ),
    click.option("--max-bad", metavar="P", help="Share of unusable lines that is an error.  [default: 1%]"),
)
facets = click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="NAME",
    shell_complete=_facet_names,
    help="Only this facet; column:NAME or a plug-in is added.",
)
cache_directory = click.option(
    "--cache-dir", metavar="DIR", type=click.Path(file_okay=False), help="Where embeddings are cached."
)
encoding = together(
    click.option("--embedder", metavar="NAME|PATH|fast", help="Sentence encoder.  [default: the bundled model]"),
    cache_directory,
    click.option(
        "--no-cache", "cache", flag_value=False, default=None, help="Compute everything anew and keep nothing."
    ),
    click.option("--engine", type=click.Choice(["local", "ray"]), help="Where the work runs.  [default: local]"),
    click.option("--workers", metavar="N", help="Processes that read and label texts.  [default: one per core]"),
)
seed = click.option("--seed", metavar="N", help="Seed of all resampling.  [default: 0]")
testing = together(
    click.option("--alpha", metavar="P", help="Overall error rate for a false 'lost'.  [default: 0.01]"),
    click.option("--tolerance", metavar="P", help="Change of share that doesn't matter.  [default: 5%]"),
    seed,
)
json_files = click.option(
    "-o", "files", type=Path, multiple=True, metavar="FILE.json", help="Also write the JSON to FILE.json. Repeatable."
)
every_mode = click.option("--all", "every_mode", is_flag=True, help="Show every mode.")


def settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are configuration and were given."""
    import dataclasses

    from modecollapse.config import Config
    from modecollapse.policy import Policy

    names = {each.name for part in (Config, Policy) for each in dataclasses.fields(part)}
    return {name: value for name, value in options.items() if name in names and value not in (None, ())}
