"""How a text is written down, and what it ends with: what tells whether the texts of one side stand in a frame."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from modecollapse.affixes import numbers_alike
from modecollapse.concealment import Concealment
from modecollapse.facets.base import Reader, of_each
from modecollapse.words import without_html


class Writing(NamedTuple):
    """A way in which a text may be written: whether one ``is_so``, and how to make any text ``alike``."""

    is_so: Callable[[str], bool]
    alike: Callable[[str], str]


_MARKS = re.compile(r"[^\w\s]+")

WRITINGS: Mapping[str, Writing] = {
    "without a capital letter": Writing(lambda text: text == text.lower() and text != text.upper(), str.lower),
    "in capital letters alone": Writing(lambda text: text == text.upper() and text != text.lower(), str.lower),
    "without punctuation": Writing(lambda text: _MARKS.search(text) is None, lambda text: _MARKS.sub("", text)),
}

SIZE, ESCAPED = 0, 1
"""Columns of ``surface``; one for each of ``WRITINGS`` follows."""


def surface(text: str) -> list[int]:
    """Bytes of UTF-8, then 1 or 0: whether it holds HTML, and whether it is written in each way."""
    said = without_html(text)
    flags = [said != text, *(writing.is_so(said) for writing in WRITINGS.values())]
    return [len(text.encode("utf-8", "surrogatepass")), *map(int, flags)]


SURFACE = Reader("surface", of_each(surface), list[int])

TAIL_CHARACTERS, _WORDS = 300, 12
_FIRST, _LAST = re.compile(r"\s*\S+"), re.compile(r"\S+\s*")
_MARKS_BEFORE, _MARKS_BEHIND = re.compile(r"\s*[^\w\s]*"), re.compile(r"[^\w]*\Z")


def outer_words(text: str, *, last: bool) -> list[str]:
    """What stands between blanks at the beginning of a text, or at its end (``last``): there the last first."""
    return _LAST.findall(text)[: -_WORDS - 1 : -1] if last else _FIRST.findall(text)[:_WORDS]


def _shared_front(concealment: Concealment, front: str) -> str:
    """As far as enough texts begin alike, and the marks behind that."""
    said = outer_words(front, last=False)
    depth = concealment.shared_at(said, last=False)
    marks = _MARKS_BEFORE.match(said[depth]) if depth < len(said) else None
    return "".join(said[:depth]) + (marks.group() if marks else "")


def _shared_tail(concealment: Concealment, tail: str) -> str:
    """As far as enough texts end alike, and the marks before that."""
    said = outer_words(tail, last=True)
    depth = concealment.shared_at(said, last=True)
    marks = _MARKS_BEHIND.search(said[depth]) if depth < len(said) else None
    return (marks.group() if marks else "") + "".join(said[:depth][::-1])


FRONT = Reader("front", of_each(lambda text: numbers_alike(text[:TAIL_CHARACTERS])), str, keep=_shared_front)
TAIL = Reader("tail", of_each(lambda text: numbers_alike(text[-TAIL_CHARACTERS:])), str, keep=_shared_tail)


def shares_written(surfaces: Sequence[Sequence[int]]) -> dict[str, float]:
    """Which part of the texts each way of writing is that of."""
    columns = list(zip(*surfaces, strict=True))[ESCAPED + 1 :] or [()] * len(WRITINGS)
    return {name: sum(column) / max(1, len(column)) for name, column in zip(WRITINGS, columns, strict=True)}
