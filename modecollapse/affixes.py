"""What nearly all of some texts begin or end with."""

from __future__ import annotations

from collections.abc import Sequence


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
