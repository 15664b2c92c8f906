"""Everything that is read off texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from modecollapse.facets.base import Reader


@cache
def readers() -> Mapping[str, Reader[Any]]:
    """All that the program's own facets and tests read off a text, by name; imports them."""
    from modecollapse.facets import (
        degeneration,
        form,
        language,
        naming,
        opening,
        overlap,
        reading,
        sequence,
        surface,
        whole_text,
    )

    found: list[Reader[Any]] = [
        *(whole_text.WHOLE, overlap.LENGTH, sequence.FIRST_WORDS, sequence.RUNNING_WORDS, opening.HEAD),
        *(language.READING, language.STRETCHES, degeneration.CONDITION, degeneration.SHINGLES),
        *(naming.STEMS, reading.MANNER, form.FORM, surface.SURFACE, surface.FRONT, surface.TAIL),
    ]
    return {reader.name: reader for reader in found}


_OF_FACET: Mapping[str, Sequence[str]] = {
    "language": ("language", "language_of_stretches"),
    "degeneration": ("condition", "shingles"),
    "persona": ("manner",),
    "opening": ("first_words",),
}
_OF_TESTS = ("whole_text", "first_words", "running_words", "form")


def readers_of(facet: str) -> list[Reader[Any]]:
    """What takes the facet long to read off every text; nothing of a column or a facet of another package."""
    return [readers()[name] for name in _OF_FACET.get(facet, ())]


def readers_of_comparison(facets: Sequence[str]) -> list[Reader[Any]]:
    """What takes a comparison by ``facets`` long to read off every text."""
    # Which rows are sound, and in which language, is asked of every comparison.
    names = dict.fromkeys(
        chain(_OF_TESTS, *(_OF_FACET.get(facet, ()) for facet in ("degeneration", "language", *facets)))
    )
    return [readers()[name] for name in names]
