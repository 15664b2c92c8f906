"""Work on a Ray cluster: the one that ``RAY_ADDRESS`` names, or one of Ray's own on this machine."""

from __future__ import annotations

import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from modecollapse.engine.base import Item, Result, Shared, on_one_thread
from modecollapse.errors import ConfigError

RETRIES = 5
"""Times that a task is run again whose machine has died."""

_PATIENCE = 10  # seconds

AHEAD = 3
"""Tasks that are handed out per core: enough to keep all busy, few enough to be held here."""


class RayTasks:
    """A task per item. Every machine of the cluster needs this program, in the same version."""

    def __init__(self) -> None:
        """Join the cluster, or start one. Raises ``ConfigError`` where Ray is not installed or does not answer."""
        try:
            ray: Any = import_module("ray")
        except ImportError as error:
            raise ConfigError("no-ray", "Ray is not installed", hint='pip install "modecollapse[ray]"') from error
        self._ray = ray
        if not ray.is_initialized():
            address = os.environ.get("RAY_ADDRESS")
            try:
                _check_reachable(address or "")
                ray.init(address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
            except (OSError, ValueError, TypeError) as error:
                reason = str(error).strip().partition("\n")[0]
                hint = "check that it runs, and RAY_AUTH_MODE; on one of its machines RAY_ADDRESS=auto will do"
                raise ConfigError("no-cluster", f"no Ray cluster at {address}: {reason}", hint=hint) from error

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item], count: int
    ) -> Iterator[Result]:
        """See ``Engine.map``; an item whose machine dies is done again on another."""
        held = self._ray.put(shared)
        run = self._ray.remote(num_cpus=1, max_retries=RETRIES)(on_one_thread)
        running: deque[Any] = deque()
        for item in items:
            running.append(run.remote(function, held, item))
            if len(running) >= AHEAD * max(1, int(self._ray.cluster_resources().get("CPU", 1))):
                yield self._result(running.popleft())
        while running:
            yield self._result(running.popleft())

    def _result(self, task: Any) -> Any:  # noqa: ANN401 - whatever the function gives
        try:
            return self._ray.get(task)
        except self._ray.exceptions.RayTaskError as error:
            # What the function raised, as it would have been raised here.
            raise error.cause from error


def _check_reachable(address: str) -> None:
    """Raises ``OSError`` where nobody answers at ``host:port``: Ray itself would try for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if port.isdecimal():
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
