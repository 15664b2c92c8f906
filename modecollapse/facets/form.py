"""The form of a text: how long it is and how it is laid out. Told beside the modes, and never one of them."""

from __future__ import annotations

import re

from modecollapse.facets.base import Reader, of_each

LENGTH = "characters"
MARKS = {
    "lists": re.compile(r"^[ \t]{0,8}(?:[-*+•]|\d{1,3}[.)])[ \t]", re.MULTILINE),
    "bold": re.compile(r"\*\*\S|__\w"),
    "headings": re.compile(r"^#{1,6}[ \t]", re.MULTILINE),
    "code": re.compile(r"`"),
    "tables": re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE),
    "emoji": re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]"),
    "several paragraphs": re.compile(r"\S[ \t\r]*\n[ \t\r]*\n\s*\S"),
}
"""What some texts have and others have not."""

_READ = 20_000


def form(text: str) -> list[int]:
    """The number of characters, then 1 or 0 for each of ``MARKS``, of which the first 20,000 characters tell."""
    head = text[:_READ]
    return [len(text), *(int(mark.search(head) is not None) for mark in MARKS.values())]


FORM = Reader("form", of_each(form), list[int])
