"""The form of a text: how long it is and how it is laid out. Told beside the modes, and never one of them."""

from __future__ import annotations

import re

from modecollapse.facets.base import Reader, of_each
from modecollapse.facets.manner import CODE, EMOJI, HEADINGS, LISTS

MARKS = {
    "lists": LISTS,
    "bold": re.compile(r"\*\*\S|__\w"),
    "headings": HEADINGS,
    "code": CODE,
    "tables": re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE),
    "emoji": EMOJI,
    "several paragraphs": re.compile(r"\S[ \t\r]*\n[ \t\r]*\n\s*\S"),
}
"""What some texts have and others have not."""

_READ = 20_000


def form(text: str) -> list[int]:
    """The number of characters, then 1 or 0 for each of ``MARKS``, of which the first 20,000 characters tell."""
    head = text[:_READ]
    return [len(text), *(int(mark.search(head) is not None) for mark in MARKS.values())]


FORM = Reader("form", of_each(form), list[int])
