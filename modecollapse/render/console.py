"""Text for a terminal, or for a pipe: width, colour and the parts that results have in common."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from modecollapse.render.escape import one_line

UNBOUNDED = 10_000
EXAMPLE_WIDTH = 120
LABEL_WIDTH = 60
ROOMY = 100
NARROWEST = 60


@dataclass(frozen=True)
class View:
    """How to show a result.

    ``width`` is in cells, taken as 60 where it is less (tables would fall into letters); None means as wide as the
    content asks for.
    """

    width: int | None = None
    color: bool = False
    every_mode: bool = False
    details: bool = False

    @property
    def cells(self) -> int:
        """The width to lay out for."""
        return UNBOUNDED if self.width is None else max(self.width, NARROWEST)


def printed(blocks: Iterable[RenderableType], view: View) -> str:
    """The blocks as text ending in a line feed; escape sequences only for colour, and only where ``view`` asks."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=view.cells,
        force_terminal=view.color,
        color_system="standard" if view.color else None,
        no_color=not view.color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    for block in blocks:
        console.print(block)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def section(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    """A heading and its lines, indented; nothing where there are none."""
    if not lines:
        return
    yield from ("", Text(title, "bold"))
    for line in lines:
        yield Padding(Text(one_line(line)), (0, 0, 0, 2), expand=False)
