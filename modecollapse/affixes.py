"""What nearly all of some texts begin or end with: a greeting, a tag, a signature, a number of each text's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

NEARLY_ALL = 0.95

_LONGEST = 40
_NUMBERED = rf"(?<![A-Za-z0-9])(?=[A-Za-z]{{0,{_LONGEST}}}[0-9])[A-Za-z0-9]{{1,{_LONGEST}}}(?![A-Za-z0-9])"
"""A number, a part of a date or an id: in each text it may be another."""
_ANY_NUMBER = "0"

_FURTHEST = 2_000
"""Characters that a frame has at most: looking for the end of a sentence takes the square of it."""

_PART_OF_A_SENTENCE = re.compile(r"[\w'’ ]+\Z")
_SENTENCE = re.compile(r"(?:^|(?<=\s))[A-ZÀ-ÖØ-ÞΑ-ΩА-Я0-9][^\n]*[.!?)\]]\s*\Z")
"""Behind texts of which some end without a mark, so that what they have in common begins in its middle."""


@dataclass(frozen=True)
class Affix:
    """What texts begin (end, where ``last``) with; "0" in ``text`` stands for whatever number, date or id."""

    text: str
    last: bool

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = _NUMBERED.join(map(re.escape, self.text.split(_ANY_NUMBER)))
        return re.compile(rf"(?:{words})\Z" if self.last else words)

    def found(self, text: str) -> str:
        """What of it ``text`` has, as it stands there; "" where it has not."""
        if self.last:
            longest = len(self.text) + _LONGEST * self.text.count(_ANY_NUMBER)
            found = self._pattern.search(text, max(0, len(text) - longest))
        else:
            found = self._pattern.match(text)
        return found.group() if found else ""

    def around(self, text: str) -> bool:
        """Whether ``text`` has it."""
        return bool(self.found(text))

    def off(self, text: str) -> str:
        """``text`` without it."""
        length = len(self.found(text))
        bare = text[: len(text) - length] if self.last else text[length:]
        return bare.strip() if length else text


def frame_before(texts: Sequence[str]) -> Affix:
    """The longest that nearly all of ``texts`` begin with, up to a mark or the end of a line: a part of no sentence."""
    common = common_beginning([numbers_alike(text[:_FURTHEST]) for text in texts], NEARLY_ALL)
    return Affix(_PART_OF_A_SENTENCE.sub("", common), last=False)


def frame_behind(texts: Sequence[str]) -> Affix:
    """The same of their ends, from a mark, a line or a sentence on."""
    common = common_ending([numbers_alike(text[-_FURTHEST:]) for text in texts], NEARLY_ALL)
    ending = _PART_OF_A_SENTENCE.sub("", common[::-1])[::-1]
    sentence = None if any(map(str.isalpha, ending)) else _SENTENCE.search(common)
    return Affix(sentence.group() if sentence else ending, last=True)


def numbers_alike(text: str) -> str:
    """``text`` with the same in place of each number."""
    return re.sub(_NUMBERED, _ANY_NUMBER, text)


def common_beginning(texts: Sequence[str], part: float) -> str:
    """The longest that the ``part`` of ``texts`` begin with; more than half of them, or it hangs on their order."""
    middle = sorted(texts)[len(texts) // 2]  # what most have, the middle one has
    shared = sorted(_shared(text, middle) for text in texts)
    return middle[: shared[int((1 - part) * len(shared))]]


def common_ending(texts: Sequence[str], part: float) -> str:
    """The same of their ends."""
    return common_beginning([text[::-1] for text in texts], part)[::-1]


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin alike with."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(place for place in range(length) if one[place] != other[place])
