"""Commands on saved reports: no model and no corpora are needed."""

from __future__ import annotations

import click

from modecollapse.cli import options as shared
from modecollapse.cli.options import Options
from modecollapse.cli.output import (
    Output,
    check_paths,
    chosen_format,
    color,
    deliver,
    print_json,
    print_out,
    read_report,
    status,
)


@click.command(short_help="Show a saved report.")
@click.argument("report", metavar="REPORT")
@shared.report_output
@shared.debug
def show(report: str, **options: Options) -> int:
    """Show a saved REPORT (- is standard input). Exits 0 whatever the report says."""
    output = Output.of(options)
    check_paths([report], output.files)
    deliver(read_report(report), output)
    return 0


@click.command(short_help="Apply a policy to a saved report.")
@click.argument("report", metavar="REPORT")
@shared.policy
@shared.as_json
@click.option("--format", "format", type=click.Choice(["terminal", "json"]), help="What to print.")
@shared.debug
def gate(report: str, exit_zero: bool, **options: Options) -> int:
    """Apply the policy to a saved REPORT (- is standard input): no model, no corpora.

    What neither options, environment nor configuration file sets is taken from the report.
    """
    import dataclasses

    from modecollapse.gating import evaluate
    from modecollapse.settings import load

    check_paths([report])
    saved = read_report(report)
    policy = load(shared.settings(options), saved=saved.config).gate
    judged = dataclasses.replace(saved, gate=evaluate(saved.verdict, saved.facets, policy))
    if chosen_format(options) == "json":
        print_json({"verdict": judged.verdict, "headline": judged.headline, "gate": judged.gate})
    else:
        from modecollapse.render.terminal import render_gate

        print_out(render_gate(judged, color=color()))
    return status(judged, exit_zero)
