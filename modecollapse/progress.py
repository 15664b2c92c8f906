"""Progress as an observer: the library reports, the command line decides whether anyone sees it."""

from __future__ import annotations

from typing import Protocol


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
