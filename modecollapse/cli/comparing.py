"""``compare``: the main job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from modecollapse.cli import options as shared
from modecollapse.cli.options import Options
from modecollapse.cli.output import Output, check_paths, deliver, status, watching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modecollapse.config import Config
    from modecollapse.progress import Stage
    from modecollapse.report import Report

_EXAMPLES = """\
\b
Examples:
  modecollapse compare base.jsonl new.jsonl
  modecollapse compare base.jsonl.gz new.jsonl.gz --facet language --facet opening
  modecollapse compare base.jsonl new.jsonl --reheated new-at-1.4.jsonl
  modecollapse compare base.jsonl new.jsonl -q --json -o report.json
"""


@click.command(epilog=_EXAMPLES, short_help="Compare a retrained model with its base.")
@click.argument("base", metavar="BASE", type=shared.FILE)
@click.argument("new", metavar="NEW", type=shared.FILE)
@shared.facets
@click.option("--reheated", metavar="FILE", type=shared.FILE, help="The new model at the recovery temperature.")
@click.option("--elicited", metavar="FILE", type=shared.FILE, help="The new model, asked for the lost modes.")
@shared.reading
@shared.encoding
@shared.testing
@shared.policy
@shared.report_output
@click.option("--timings", is_flag=True, help="Say what each stage took, and keep it in the report.")
@shared.quiet
@shared.debug
def compare(base: str, new: str, reheated: str | None, elicited: str | None, timings: bool, **options: Options) -> int:
    """Compare generations of a retrained model, NEW, with those of its BASE.

    Both are JSON Lines, plain, .gz or .zst; - is standard input.
    """
    from modecollapse.settings import load

    output, config = Output.of(options), load(shared.settings(options))
    inputs = [name for name in (base, new, reheated, elicited) if name is not None]
    check_paths(inputs, output.files)
    report = _compared((base, new, reheated, elicited), config, options["quiet"], timings)
    deliver(report, output)
    return status(report, options["exit_zero"])


def _compared(sources: tuple[str, str, str | None, str | None], config: Config, quiet: bool, timings: bool) -> Report:
    """The report: of an earlier run where nothing that it depends on has changed, else computed."""
    from modecollapse import recall

    key = recall.key(dict(zip(("base", "new", "reheated", "elicited"), sources, strict=True)), config)
    report = recall.get(config, key) if key and not timings else None
    if report is not None:
        if not quiet and sys.stderr.isatty():
            click.echo("Same files and settings as before: report of the earlier run (--no-cache for anew).", err=True)
        return report
    # Only now, when nothing that the user typed can be wrong any more: this import takes seconds.
    from modecollapse.comparison import compare as run
    from modecollapse.progress import Stopwatch

    base, new, reheated, elicited = sources
    with watching(quiet) as progress:
        watch = Stopwatch(progress)
        report = run(base, new, reheated=reheated, elicited=elicited, config=config, progress=watch)
    watch.stop()
    if key:
        recall.put(config, key, report)
    return _timed(report, watch.stages, quiet) if timings else report


def _timed(report: Report, stages: Sequence[Stage], quiet: bool) -> Report:
    """The report with what its stages took, which is also said on stderr."""
    from dataclasses import replace

    from modecollapse.render.timings import lines

    timings = [stage.to_dict() for stage in stages]
    if not quiet:
        click.echo("\n".join(lines(stages)), err=True)
    return replace(report, provenance={**report.provenance, "timings": timings})
