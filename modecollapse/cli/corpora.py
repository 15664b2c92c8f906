"""Commands on corpora that compare nothing, or not all of it: ``modes``, ``temperature`` and ``power``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modecollapse.cli import options as shared
from modecollapse.cli.options import Options
from modecollapse.cli.output import check_paths, deliver_result, watching

if TYPE_CHECKING:
    from modecollapse.config import Config

_JSON = (".json",)


@click.command(short_help="Count the modes of one corpus.")
@click.argument("corpus", metavar="CORPUS")
@shared.facets
@shared.reading
@shared.encoding
@shared.seed
@shared.as_json
@shared.json_files
@shared.every_mode
@shared.quiet
@shared.debug
def modes(corpus: str, **options: Options) -> int:
    """Count the modes of one CORPUS, per facet: their shares, their diversity, a typical text of each.

    The corpus is JSON Lines, plain, .gz or .zst; - is standard input.
    """
    config = _checked([corpus], options)
    from modecollapse.render.census import render
    from modecollapse.surveying import modes as run

    with watching(options["quiet"]) as progress:
        result = run(corpus, config=config, progress=progress)
    deliver_result(result, options, render)
    return 0


@click.command(short_help="Estimate how much sharper a new model is.")
@click.argument("base", metavar="BASE")
@click.argument("new", metavar="NEW")
@shared.reading
@shared.testing
@shared.as_json
@shared.json_files
@shared.quiet
@shared.debug
def temperature(base: str, new: str, **options: Options) -> int:
    """Estimate the inverse temperature of NEW against its BASE, and the temperature that should give the base back.

    The same figures as in the report of compare, without facets. Both are JSON Lines, plain, .gz or .zst; - is
    standard input.
    """
    config = _checked([base, new], options)
    from modecollapse.render.temperature import render
    from modecollapse.thermometer import temperature as run

    with watching(options["quiet"]) as progress:
        result = run(base, new, config=config, progress=progress)
    deliver_result(result, options, render)
    return 0


class Share(click.ParamType[float]):
    """A share between 0 and 1, or a percentage."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """As a number; fails where it is none, or beyond the bounds."""
        text = str(value).strip()
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = 0.0
        if not 0 < share < 1:
            self.fail(f"{text!r} is no share between 0% and 100%", param, ctx)
        return share


@click.command(short_help="Say which losses a base could reveal.")
@click.argument("base", metavar="BASE")
@click.option("--samples", type=click.IntRange(1), metavar="N", help="New samples per prompt.  [default: as the base]")
@click.option("--loss", type=Share(), metavar="P", help="Loss to state needed samples for.  [default: the tolerance]")
@shared.facets
@shared.reading
@shared.encoding
@shared.testing
@shared.as_json
@shared.json_files
@shared.every_mode
@shared.quiet
@shared.debug
def power(base: str, samples: int | None, loss: float | None, **options: Options) -> int:
    """Say which losses a comparison with BASE could reveal, before new samples are drawn.

    The base is JSON Lines, plain, .gz or .zst; - is standard input.
    """
    config = _checked([base], options)
    from modecollapse.planning import power as run
    from modecollapse.render.power import render

    with watching(options["quiet"]) as progress:
        result = run(base, samples=samples, loss=loss, config=config, progress=progress)
    deliver_result(result, options, render)
    return 0


def _checked(inputs: list[str], options: Options) -> Config:
    """The configuration, once nothing that the user typed can be wrong any more: imports that follow take seconds."""
    from modecollapse.settings import load

    config = load(shared.settings(options))
    check_paths(inputs, options["files"], _JSON)
    return config
