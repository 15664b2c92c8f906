"""``baseline``: a base frozen for CI."""

from __future__ import annotations

from pathlib import Path

import click

from modecollapse.cli import options as shared
from modecollapse.cli.options import Options
from modecollapse.cli.output import check_paths, watching
from modecollapse.errors import ModecollapseError

ENDING = ".modes"

_EXAMPLES = """\
\b
Examples:
  modecollapse baseline base.jsonl -o base.modes
  modecollapse compare base.modes new.jsonl
"""


@click.command(epilog=_EXAMPLES, short_help="Freeze a base, so that CI needs none of its texts.")
@click.argument("base", metavar="BASE", type=shared.FILE)
@click.option("-o", "file", type=Path, required=True, metavar="FILE", help=f"Where to write the baseline ({ENDING}).")
@click.option("--with-texts", is_flag=True, help="Keep the texts as well, for examples in reports.")
@shared.facets
@shared.reading
@shared.encoding
@shared.quiet
@shared.debug
def baseline(base: str, file: Path, with_texts: bool, **options: Options) -> int:
    """Freeze the modes of BASE, and all that a comparison needs of it, into FILE: without its texts.

    compare takes the file in the place of BASE. What it holds, and what it gives away: docs/baseline.md.
    """
    from modecollapse.render.files import write_bytes
    from modecollapse.settings import load

    if file.suffix.lower() != ENDING:
        raise ModecollapseError("unknown-format", f"a baseline's file ends in {ENDING}", str(file))
    config = load(shared.settings(options))
    check_paths([base], [file], endings=[ENDING])
    from modecollapse.freezing import baseline as freeze

    with watching(options["quiet"]) as progress:
        frozen = freeze(base, texts=with_texts, config=config, progress=progress)
    write_bytes({file: frozen.to_bytes()})
    return 0
