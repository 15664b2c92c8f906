"""The documented error rates are those of the recorded comparisons, and so are the ones that a report quotes."""

import json
from pathlib import Path

import pytest

from benchmarks.error_rates import records, tables

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(("page", "held_out"), [("error_rates.md", False), ("error_rates_held_out.md", True)])
def test_every_table_is_made_of_the_records(page, held_out):
    rows, made = records.load(held_out)
    assert tables.page(rows, held_out, made) == (ROOT / "docs" / page).read_text(encoding="utf-8")


def test_a_report_quotes_the_records():
    quoted = json.loads((ROOT / "modecollapse" / "error_rates.json").read_text(encoding="utf-8"))
    assert quoted == tables.cells(records.load(held_out=False)[0])
