"""All modes as comma-separated values (RFC 4180), for spreadsheets and data frames."""

from __future__ import annotations

import csv
import io
import math

from modecollapse.render.escape import for_csv
from modecollapse.render.table import COLUMNS, Cell, rows
from modecollapse.report import Report


def render(report: Report) -> str:
    """A header and a row per facet and mode, each ending in CRLF; empty where there is no value."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS)
    table.writeheader()
    table.writerows({name: _written(cell) for name, cell in row.items()} for row in rows(report))
    return out.getvalue()


def _written(cell: Cell) -> Cell:
    if isinstance(cell, float) and not math.isfinite(cell):
        return None  # as in JSON
    return for_csv(cell) if isinstance(cell, str) else cell
