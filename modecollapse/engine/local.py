"""Work on all cores of this machine: in this process, and in others beside it."""

from __future__ import annotations

import pickle
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import current_process

from modecollapse.engine.base import ONE_PROCESS, Item, Result, Shared, on_one_thread
from modecollapse.errors import ModecollapseError

WORTH_A_PROCESS = 8
"""Items below which starting processes, which import numpy and more, takes longer than it saves."""

_WAITING = 2
"""Items that are handed to each process at a time: the one that it works on, and the next."""

_HELD = 8
"""Results per process that are kept until those of earlier items are there."""

_THEIR_ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # What they load, models that are read once, is no leak for which to begin them anew.
    "LOKY_MAX_MEMORY_LEAK_SIZE": "2e9",
}


@dataclass(frozen=True)
class Processes:
    """As many processes as there are ``workers``, this one included."""

    workers: int

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item], count: int
    ) -> Iterator[Result]:
        """See ``Engine.map``; few items are not worth it and stay here, as in a process that may have no others."""
        if self.workers < 2 or count < WORTH_A_PROCESS or current_process().daemon:
            return ONE_PROCESS.map(function, shared, items, count)
        return self._map(function, shared, items)

    def _map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Result]:
        """Items go to the other processes; while these have enough to do, this one takes the next itself.

        So it is no loss that the others take a second to start.
        """
        # Its processes need no guard around a caller's main module, as Python's own would.
        import cloudpickle
        from loky import get_reusable_executor

        others = self.workers - 1
        try:
            executor = get_reusable_executor(others, env=_THEIR_ENVIRONMENT, initializer=_left_to_the_first)
        except (ImportError, OSError):  # a sandbox without semaphores
            yield from ONE_PROCESS.map(function, shared, items, 0)
            return
        # Once, and before this process works with it: what it fills in meanwhile is no one else's.
        sent = cloudpickle.dumps(shared)

        def begun() -> Iterator[Future[Result]]:
            waiting: list[Future[Result]] = []
            for item in items:
                waiting = [future for future in waiting if not future.done()]
                if len(waiting) < _WAITING * others:
                    waiting.append(executor.submit(_with_sent, function, sent, item))
                    yield waiting[-1]
                else:
                    yield _done(function(shared, item))

        with warnings.catch_warnings():
            # It tells of every worker that had nothing to do for a while, or was begun anew to free its memory.
            warnings.filterwarnings("ignore", "A worker (stopped|was restarted)", UserWarning)
            try:
                yield from _in_order(begun(), _HELD * self.workers)
            except BrokenProcessPool as error:
                message = "a process that read or labelled texts was ended from outside, perhaps for want of memory"
                raise ModecollapseError("ended-process", message, hint="try --workers 1") from error
            except BaseException:
                # What they still work on nobody waits for; a process that was interrupted in a message never ends.
                executor.shutdown(kill_workers=True)
                raise


def _left_to_the_first() -> None:
    """An interrupt from the keyboard reaches all processes of a terminal; one of them ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _with_sent(function: Callable[[Shared, Item], Result], sent: bytes, item: Item) -> Result:
    return on_one_thread(function, pickle.loads(sent), item)


def _in_order(begun: Iterable[Future[Result]], most: int) -> Iterator[Result]:
    """Results in the order in which they were begun, each as soon as it and those before it are there.

    At most ``most`` are held: beyond that the first is waited for.
    """
    held: deque[Future[Result]] = deque()
    for future in begun:
        held.append(future)
        while held and (held[0].done() or len(held) > most):
            yield held.popleft().result()
    while held:
        yield held.popleft().result()


def _done(result: Result) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(result)
    return future
