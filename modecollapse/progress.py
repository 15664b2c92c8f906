"""Progress as an observer: the library reports, the command line decides whether anyone sees it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import ProgressColumn, Task


class Progress(Protocol):
    """Told of each stage as it goes; never told of results."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage named ``name`` begins; ``total`` items are expected, if known."""

    def advance(self, items: int) -> None:
        """``items`` more are done in the current stage."""


class Silent:
    """Nobody watches."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, items: int) -> None:
        """Say nothing."""


class OnTerminal:
    """One line on stderr for the current stage, gone when the work is: a context manager."""

    def __init__(self) -> None:
        """Load rich, here and not above: ``--help`` and scripts do without."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            _pace(),
            console=Console(stderr=True),
            transient=True,
        )

    def __enter__(self) -> OnTerminal:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def stage(self, name: str, total: int | None = None) -> None:
        """Show ``name`` in place of the stage before it."""
        from modecollapse.render.escape import for_terminal

        for task in self._progress.task_ids:
            self._progress.remove_task(task)
        self._progress.add_task(for_terminal(name), total=total)

    def advance(self, items: int) -> None:
        """Move the bar of the current stage."""
        for task in self._progress.task_ids:
            self._progress.advance(task, items)


def _pace() -> ProgressColumn:
    """Items per second and the time that is left, where a stage knows how many items there are."""
    from datetime import timedelta

    from rich.progress import ProgressColumn
    from rich.text import Text

    class Pace(ProgressColumn):
        max_refresh = 0.5

        def render(self, task: Task) -> Text:
            if not task.total or not task.speed or task.time_remaining is None or task.finished:
                return Text("")
            return Text(f"{task.speed:,.0f}/s, {timedelta(seconds=int(task.time_remaining))} left", "dim")

    return Pace()
