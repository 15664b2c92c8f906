"""What the stages of a comparison took, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.filesize import decimal

from modecollapse.progress import Stage
from modecollapse.render.escape import for_terminal


def lines(stages: Sequence[Stage]) -> Iterator[str]:
    """A line per stage: its name, seconds, items per second where it counts some, and the peak memory at its end."""
    width = max((len(for_terminal(stage.name)) for stage in stages), default=0)
    for stage in stages:
        told = stage.to_dict()
        rate = f"{told['items_per_second']:>9,.0f}/s" if told["items_per_second"] else " " * 11
        peak = "" if stage.peak_bytes is None else f"  peak {decimal(stage.peak_bytes)}"
        yield f"{for_terminal(stage.name):<{width}}  {stage.seconds:>8.2f} s  {rate}{peak}"
    yield f"{'all':<{width}}  {sum(stage.seconds for stage in stages):>8.2f} s"
