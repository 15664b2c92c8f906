"""All modes as JSON Lines: the rows of the CSV as one object each."""

from __future__ import annotations

from modecollapse.render.escape import for_json
from modecollapse.render.table import rows
from modecollapse.report import Report, encode


def render(report: Report) -> str:
    """A line per facet and mode, with the same keys in the same order; null where there is no value."""
    return "".join(for_json(encode(row, indent=None)) + "\n" for row in rows(report))
