"""Sequences of texts that take hardly any memory: large ones lie in a temporary file, and are read when asked for."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import getsizeof
from threading import Lock
from typing import IO, Any, overload

import numpy as np
from numpy.typing import NDArray

from modecollapse import scratch

MOST_IN_MEMORY = 64 << 20
"""Bytes of text beyond which a corpus lies on disk: looking up is slower there, and every time makes a new string."""


class _Sequence(Sequence[str]):
    """Indexed and compared as lists are; ``_text`` gives the text at a place from 0, ``_some`` those at several."""

    def _text(self, place: int) -> str:
        raise NotImplementedError

    def _some(self, places: range) -> Sequence[str]:
        return [self._text(place) for place in places]

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        places = range(len(self))[index]
        return self._text(places) if isinstance(places, int) else self._some(places)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(str.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]


class TextFile(_Sequence):
    """Texts in the order in which they were appended, in memory as long as they are few.

    See ``scratch`` for where they are otherwise.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._held: list[str] = []
        self._size = 0
        self._file: _Coded | None = None

    @classmethod
    def of(cls, texts: Iterable[str]) -> TextFile:
        """All of ``texts``."""
        file = cls()
        for text in texts:
            file.append(text)
        return file

    def append(self, text: str) -> None:
        """Add ``text`` after the others; raises ``ModecollapseError`` where the disk has no room for it."""
        self._size += getsizeof(text)
        if self._file is None and self._size > MOST_IN_MEMORY:
            self._file = _Coded()
            for held in self._held:
                self._file.append(held)
            self._held = []
        (self._held if self._file is None else self._file).append(text)

    def __len__(self) -> int:
        return len(self._held if self._file is None else self._file)

    def _text(self, place: int) -> str:
        return self._held[place] if self._file is None else self._file[place]

    def __reduce__(self) -> tuple[Any, ...]:
        return TextFile.of, (list(self),)


class _Coded:
    """Texts in a temporary file."""

    def __init__(self) -> None:
        with scratch.writing():
            self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as needed
        self._ends = array("q", [0])
        self._lock = Lock()

    def append(self, text: str) -> None:
        coded = text.encode("utf-8", "surrogatepass")
        with self._lock, scratch.writing():
            self._file.seek(self._ends[-1])
            self._file.write(coded)
        self._ends.append(self._ends[-1] + len(coded))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        begin, end = self._ends[place], self._ends[place + 1]
        with self._lock:
            self._file.seek(begin)
            coded = self._file.read(end - begin)
        return coded.decode("utf-8", "surrogatepass")


@dataclass(frozen=True, eq=False)
class Texts(_Sequence):
    """Some of the texts of several sequences, in any order: entry i is ``parts[part[i]][place[i]]``."""

    parts: Sequence[Sequence[str]]
    part: NDArray[np.int8]
    place: NDArray[np.int32]

    @classmethod
    def joined(cls, parts: Sequence[Sequence[str]]) -> Texts:
        """All of ``parts``, one after the other."""
        sizes = [len(texts) for texts in parts]
        return cls(
            parts,
            np.repeat(np.arange(len(parts), dtype=np.int8), sizes),
            np.concatenate([np.arange(size, dtype=np.int32) for size in sizes]),
        )

    def take(self, index: NDArray[np.int64]) -> Texts:
        """The texts at ``index``, in that order."""
        return Texts(self.parts, self.part[index], self.place[index])

    def __len__(self) -> int:
        return len(self.part)

    def __iter__(self) -> Iterator[str]:
        # Many texts are read at a time, and places of an array one by one take longer than the texts.
        return (self.parts[part][place] for part, place in zip(self.part.tolist(), self.place.tolist(), strict=True))

    def _text(self, place: int) -> str:
        text: str = self.parts[self.part[place]][self.place[place]]
        return text

    def _some(self, places: range) -> Sequence[str]:
        return self.take(np.array(places, dtype=np.int64))

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process gets these texts, not all that stand in the same files.
        return list, (list(self),)


@dataclass(frozen=True, eq=False)
class Altered(_Sequence):
    """``texts``, each as ``alter`` makes it when it is asked for."""

    texts: Sequence[str]
    alter: Callable[[str], str]

    def take(self, index: NDArray[np.int64]) -> Altered:
        """The texts at ``index``, in that order."""
        return Altered(take(self.texts, index), self.alter)

    def __len__(self) -> int:
        return len(self.texts)

    def _text(self, place: int) -> str:
        return self.alter(self.texts[place])

    def _some(self, places: range) -> Sequence[str]:
        return self.take(np.array(places, dtype=np.int64))

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


def take(texts: Sequence[str], index: NDArray[np.int64]) -> Sequence[str]:
    """The ``texts`` at ``index``, in that order, without reading them where they lie in a file."""
    return texts.take(index) if isinstance(texts, Texts | Altered) else [texts[i] for i in index.tolist()]
