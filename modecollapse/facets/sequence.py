"""The words of a text in the order in which it says them, as far as tests of openings and of scatter read."""

from __future__ import annotations

from modecollapse.facets.base import Reader, of_each
from modecollapse.segmentation import segmented
from modecollapse.words import words

FIRST, RUNNING = 18, 60

FIRST_WORDS = Reader(
    "first_words",
    of_each(lambda text: words(text, FIRST)),
    list[str],
    seal=lambda hidden, found: hidden.sequence(found),
)
"""The first words, in order: what openings and the word tree are made of."""

RUNNING_WORDS = Reader(
    "running_words",
    of_each(lambda text: segmented(words(text, RUNNING))),
    list[str],
    seal=lambda hidden, found: hidden.bag(found),
)
"""The words of the first part of a text, of which only the number of times each is said matters."""
