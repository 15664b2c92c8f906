"""``cache``: what earlier runs left on the disk."""

from __future__ import annotations

import click

from modecollapse.cli import options as shared
from modecollapse.cli.options import Options
from modecollapse.cli.output import print_json

_EXAMPLES = """\
\b
Examples:
  modecollapse cache info
  modecollapse cache clear --cache-dir .cache/modecollapse
"""


@click.group(epilog=_EXAMPLES, short_help="Show or clear what earlier runs have kept.")
def cache() -> None:
    """Vectors of texts and reports of comparisons, kept so that nothing is computed twice.

    Vectors lie under a hash of their text, reports with their examples in full. All of it may go at any time.
    """


@cache.command(short_help="How much is kept, and where.")
@shared.cache_directory
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(as_json: bool, **options: Options) -> int:
    """Say how many vectors and reports are kept, how large they are and where."""
    from rich.filesize import decimal as size

    from modecollapse import keeping
    from modecollapse.render.escape import for_terminal
    from modecollapse.settings import load

    kept = keeping.kept(load(shared.settings(options)))
    if as_json:
        print_json(kept.to_dict())
        return 0
    click.echo(for_terminal(str(kept.directory)))
    click.echo(f"vectors  {kept.vectors:>9,}  {size(kept.vector_bytes):>8}  of at most {size(kept.most_vector_bytes)}")
    click.echo(f"reports  {kept.reports:>9,}  {size(kept.report_bytes):>8}  of at most {kept.most_reports:,} reports")
    return 0


@cache.command(short_help="Delete all of it.")
@shared.cache_directory
def clear(**options: Options) -> int:
    """Delete all vectors and reports that are kept; the next runs compute them anew."""
    from rich.filesize import decimal as size

    from modecollapse import keeping
    from modecollapse.settings import load

    gone = keeping.clear(load(shared.settings(options)))
    freed = size(gone.vector_bytes + gone.report_bytes)
    click.echo(f"Deleted {gone.vectors:,} vectors and {gone.reports:,} reports: {freed}.")
    return 0
