"""The documented error rates are those of the recorded comparisons, and so are the ones that a report quotes."""

import json
from pathlib import Path

import pytest

from benchmarks.error_rates import records, studies, tables

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("study", [studies.FIRST, studies.HELD_OUT, studies.SECOND_MODEL], ids=lambda study: study.name)
def test_every_table_is_made_of_the_records(study):
    rows, made = records.load(study)
    assert tables.page(rows, study, made) == (ROOT / study.page).read_text(encoding="utf-8")


def test_a_report_quotes_the_records():
    quoted = json.loads((ROOT / "modecollapse" / "error_rates.json").read_text(encoding="utf-8"))
    assert quoted == tables.cells(records.load(studies.FIRST)[0])
