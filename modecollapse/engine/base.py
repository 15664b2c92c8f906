"""What every engine does: a function mapped over many items.

Whatever engine: the items are the same, each result depends on its item alone, and results come in the items' order.
So a report does not depend on the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")


class Engine(Protocol):
    """Maps a function over items."""

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item], count: int
    ) -> Iterator[Result]:
        """``function(shared, item)`` for each of the ``count`` items, in their order; few are held at a time."""


def on_one_thread(function: Callable[[Shared, Item], Result], shared: Shared, item: Item) -> Result:
    """``function(shared, item)``, as in the process that asks: more threads would sum in another order."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        return function(shared, item)


@dataclass(frozen=True)
class OneProcess:
    """Everything here and now."""

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item], count: int
    ) -> Iterator[Result]:
        """See ``Engine.map``."""
        return (function(shared, item) for item in items)


ONE_PROCESS = OneProcess()
