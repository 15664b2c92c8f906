"""A terminal as every command sees it: width, colour, the colour of each word, sections of lines."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from modecollapse.render.escape import for_log, one_line
from modecollapse.report import ModeVerdict, Outcome, Verdict

UNBOUNDED = 10_000
EXAMPLE_WIDTH = 120
LABEL_WIDTH = 60
ROOMY = 100
NARROWEST = 60

_STYLES: Mapping[str, str] = {
    Verdict.UNCHANGED: "green",
    Verdict.SHARPENED: "cyan",
    Verdict.FLATTENED: "cyan",
    Verdict.SHIFTED: "yellow",
    Verdict.LOST: "bold red",
    Verdict.COLLAPSED: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
    ModeVerdict.VANISHED: "bold red",
    ModeVerdict.THINNED: "red",
    ModeVerdict.EMERGED: "yellow",
    ModeVerdict.AMPLIFIED: "yellow",
    ModeVerdict.CHANGED: "magenta",
    ModeVerdict.UNDECIDED: "magenta",
    ModeVerdict.ABSENT_SHARPENED: "cyan",
    ModeVerdict.RECOVERED: "green",
    Outcome.PASS: "bold green",
    Outcome.FAIL: "bold red",
    Outcome.INCONCLUSIVE: "bold magenta",
}


@dataclass(frozen=True)
class View:
    """How to show a report.

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
    """``blocks`` as text ending in a line feed; escape sequences only for colour, and only where ``view`` asks."""
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
    return "".join(for_log(line).rstrip() + "\n" for line in out.getvalue().splitlines())


def word(key: str, shown: str | None = None) -> Text:
    """A verdict or outcome in its colour; ``shown`` stands in its place."""
    return Text(shown or str(getattr(key, "value", key)), _STYLES.get(key, ""))


def section(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    """A title with ``lines`` beneath it, each escaped; nothing where there are none."""
    if not lines:
        return
    yield from ("", Text(title, "bold"))
    for line in lines:
        yield Padding(Text(one_line(line)), (0, 0, 0, 2), expand=False)
