"""Modes as CSV and JSON Lines, as pandas, a spreadsheet and jq would read them."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from modecollapse.render.csv import render as render_csv
from modecollapse.render.jsonl import render as render_jsonl
from modecollapse.render.table import COLUMNS
from modecollapse.report import Estimate, ModeVerdict, Reach, Recovery, Share, Verdict
from tests.render.test_formats import EVIL, STARTS
from tests.reports import ALL, facet, hostile, mode

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


def frame(report):
    """As ``docs/formats.md`` says."""
    words = ["finding", "facet", "facet_caused_by", "id", "label", "displaced_by"]
    options = {"dtype": dict.fromkeys(words, str), "keep_default_na": False, "na_values": [""], "engine": "python"}
    return pd.read_csv(io.StringIO(render_csv(report)), **options)


def objects(report):
    return [json.loads(line) for line in render_jsonl(report).splitlines()]


def full():
    """A mode with every number there is, none of which ends early."""
    third = Share(1 / 3, (0.1 + 0.2, 2 / 3), 480)
    one = replace(
        mode("sea", ModeVerdict.VANISHED, 1 / 7, 1e-17, 1 / 9, displaced_by="land", level=2),
        **{"p_value": 5e-324, "q_value": 0.1, "reheated_share": third, "elicited_share": third, "ladder_share": third},
        **{"recovery": Recovery.NOT_RECOVERED, "shortfall": Estimate(2 / 3, (None, 1.0)), "reach": Reach.UNDECIDED},
    )
    return replace(ALL["lost"](), facets=(facet("topic", Verdict.LOST, "", modes=(one,)),))


@pytest.mark.parametrize("name", ALL)
def test_one_row_per_facet_and_mode_in_both(name):
    report = ALL[name]()
    expected = [
        (facet.name, facet.verdict.value, mode.id, mode.label) for facet in report.facets for mode in facet.modes
    ]
    assert [tuple(row[key] for key in ("facet", "facet_verdict", "id", "label")) for row in objects(report)] == expected
    table = frame(report)
    words = (table[key].fillna("") for key in ("facet", "facet_verdict", "id", "label"))
    assert list(zip(*words, strict=True)) == expected
    assert list(table.columns) == list(COLUMNS)
    assert all(list(row) == list(COLUMNS) for row in objects(report))


def test_numbers_read_back_exactly():
    report = full()
    one = report.facets[0].modes[0]
    row, (read,) = frame(report).iloc[0], objects(report)
    for name in ("base_share", "new_share", "predicted_share", "reheated_share", "elicited_share", "ladder_share"):
        share = getattr(one, name)
        for column, value in (
            (name, share.value),
            (f"{name}_low", share.interval[0]),
            (f"{name}_high", share.interval[1]),
        ):
            assert row[column] == read[column] == value
        if name != "predicted_share":
            assert row[f"{name}_count"] == read[f"{name}_count"] == share.count
    for name in ("p_value", "q_value", "minimum_detectable_share", "prompts_affected", "level"):
        assert row[name] == read[name] == getattr(one, name)
    assert (row.shortfall, read["shortfall"]) == (2 / 3, 2 / 3)
    assert (row.recovery, row.reach, row.displaced_by) == ("not-recovered", "undecided", "land")


def test_what_is_not_there_is_missing_and_no_text():
    report = ALL["lost"]()
    table = frame(report)
    for name in ("reheated_share", "shortfall", "recovery", "displaced_by", "facet_caused_by"):
        assert table[name].isna().all()
        assert {row[name] for row in objects(report)} == {None}


def test_not_a_number_is_missing():
    odd = replace(mode("sea", ModeVerdict.KEPT, 0.1, 0.1), p_value=float("nan"), q_value=float("inf"))
    report = replace(ALL["lost"](), facets=(facet("topic", Verdict.SHIFTED, "", modes=(odd,)),))
    assert frame(report)[["p_value", "q_value"]].isna().all(axis=None)
    assert [(row["p_value"], row["q_value"]) for row in objects(report)] == [(None, None)]


def test_ids_stay_words():
    modes = tuple(
        replace(mode(name, ModeVerdict.KEPT, 0.1, 0.1), id=name) for name in ("1", "007", "NA", "1e5", "true")
    )
    report = replace(ALL["lost"](), facets=(facet("column:role", Verdict.SHIFTED, "", modes=modes),))
    assert list(frame(report).id) == list(frame(report).label) == ["1", "007", "NA", "1e5", "true"]
    naive = pd.read_csv(io.StringIO(render_csv(report)))
    assert list(naive.finding) == [f"column:role:{mode.id}" for mode in modes]


def test_csv_is_as_the_standard_says():
    document = render_csv(hostile('a,"b"\nc'))
    assert document.endswith("\r\n")
    assert "\n" not in document.replace("\r\n", "")
    rows = list(csv.reader(io.StringIO(document, newline=""), strict=True))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert rows[1][list(COLUMNS).index("label")] == 'a,"b"\\nc'


@pytest.mark.parametrize("text", [*STARTS, EVIL, "'=1", " =1", "＝1"])
def test_no_cell_is_a_formula(text):
    for row in csv.reader(io.StringIO(render_csv(hostile(text)), newline="")):
        assert not [cell for cell in row if re.match(r"\s*[=+\-@＝＋－＠\t\r]", cell)]


def test_json_lines_keep_the_text_as_it_is():
    text = EVIL.replace("\ud800", "")
    assert {row["label"] for row in objects(hostile(text))} == {text}


def test_page_documents_every_column_in_its_order():
    listed = re.findall(
        r"^\| `(.+?)` \|", PAGE.read_text(encoding="utf-8").split("## CSV")[1].split("\n## ")[0], re.MULTILINE
    )
    names = [name for row in listed for name in row.split("`, `")]
    assert names == list(COLUMNS)
