"""Progress as an observer: the library reports, the command line decides whether anyone sees it."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
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


@dataclass
class Stage:
    """What one stage took. ``peak_bytes`` is the most resident memory of the process up to its end, where known."""

    name: str
    seconds: float = 0.0
    items: int = 0
    peak_bytes: int | None = None

    def to_dict(self) -> dict[str, float | int | str | None]:
        """As JSON takes it, with the rate."""
        rate = self.items / self.seconds if self.items and self.seconds else None
        return {**asdict(self), "seconds": round(self.seconds, 3), "items_per_second": rate and round(rate, 1)}


class Stopwatch:
    """Passes on what it is told, and keeps how long each stage took."""

    def __init__(self, watcher: Progress) -> None:
        """Time what ``watcher`` is told."""
        self._watcher, self._began = watcher, time.perf_counter()
        self.stages: list[Stage] = []

    def stage(self, name: str, total: int | None = None) -> None:
        """End the stage before it, and pass ``name`` on."""
        self.stop()
        self.stages.append(Stage(name))
        self._watcher.stage(name, total)

    def advance(self, items: int) -> None:
        """Count ``items``, and pass them on."""
        if self.stages:
            self.stages[-1].items += items
        self._watcher.advance(items)

    def stop(self) -> None:
        """End the current stage."""
        now = time.perf_counter()
        if self.stages:
            self.stages[-1].seconds = now - self._began
            self.stages[-1].peak_bytes = peak_memory()
        self._began = now


def peak_memory() -> int | None:
    """The most resident memory that this process has had, in bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, Linux KiB: getrusage(2)


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
