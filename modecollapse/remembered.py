"""What has been read off a text, kept for the next who asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 32_768


class Remembered(Generic[T]):
    """Reads many texts, and remembers as many as modes are learnt from: these are asked for several times."""

    def __init__(self, read: Callable[[Sequence[str]], list[T]]) -> None:
        """Of each text, by ``read``."""
        self._read = read
        self._known: dict[str, T] = {}

    def __call__(self, texts: Sequence[str]) -> list[T]:
        """What is read off each text."""
        texts = list(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        fresh = dict(zip(missing, self._read(missing), strict=True))
        found = [fresh[text] if text in fresh else self._known[text] for text in texts]
        if len(self._known) + len(fresh) > _MOST:
            self._known.clear()
        self._known.update(islice(fresh.items(), _MOST))
        return found
