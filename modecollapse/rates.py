"""How often the verdict was wrong at about this sample size, in the study on corpora of known truth.

``error_rates.json`` beside this module is written by ``python -m benchmarks.error_rates --write``.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from modecollapse.report import ErrorRates, Tally

_ABOUT = 1.1
"""A prompt or a sample that is missing takes no comparison to another size."""


def measured(samples: float, prompts: int) -> ErrorRates | None:
    """Rates of the largest size studied with at most about ``samples`` per prompt and side and as many ``prompts``.

    None where the study has no corpora as small as these.
    """
    samples, most_prompts = _ABOUT * samples, _ABOUT * prompts
    smaller = [rates for rates in _study() if rates.samples <= samples and rates.prompts <= most_prompts]
    return max(smaller, key=lambda rates: (rates.samples * rates.prompts, rates.prompts), default=None)


@cache
def _study() -> tuple[ErrorRates, ...]:
    table = json.loads(files("modecollapse").joinpath("error_rates.json").read_text(encoding="utf-8"))
    return tuple(
        ErrorRates(
            samples=cell["samples"],
            prompts=cell["prompts"],
            false_losses=Tally(*cell["false_losses"]),
            losses_found=Tally(*cell["losses_found"]),
            weak_losses_found=Tally(*cell["weak_losses_found"]),
        )
        for cell in table
    )
