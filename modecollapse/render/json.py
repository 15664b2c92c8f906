"""The report as JSON."""

from __future__ import annotations

from modecollapse.render.escape import for_json
from modecollapse.report import Report


def render(report: Report) -> str:
    """The report as JSON in a stable order, ending in a line feed, harmless to a terminal that shows it."""
    return for_json(report.to_json()) + "\n"
