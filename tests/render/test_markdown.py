"""The Markdown as a reader of GitHub's dialect takes it: what is on the page, and what does not fit."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from modecollapse.render.markdown import LONGEST, render
from modecollapse.report import ModeVerdict, ReportWarning, SkippedRow, Verdict
from tests.render.readers import inline, live_in
from tests.render.test_formats import REPORTS
from tests.reports import ALL, facet, hostile, mode, steady

GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
FOLD = "<details>"


def tables(text):
    """All tables: rows of cells, as text."""
    found, cell = [], False
    for token in GFM.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("td_open", "th_open"):
            cell = True
        elif token.type == "inline" and cell:
            found[-1][-1].append("".join(part.content for part in inline([token])).replace("\N{NO-BREAK SPACE}", " "))
            cell = False
    return found


def row(text, start):
    return next(row for table in tables(text) for row in table if row[0] == start)


def above_the_fold(text):
    return text.split(FOLD)[0]


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("collapsed", "### modecollapse: collapsed, the gate fails"),
        ("sharpened", "### modecollapse: sharpened, the gate passes"),
        ("inconclusive", "### modecollapse: inconclusive, the gate is inconclusive"),
    ],
)
def test_begins_with_verdict_and_gate(name, heading):
    report = ALL[name]()
    text = render(report)
    assert text.splitlines()[0] == heading
    assert f"**Gate: {report.gate.outcome.value}.** {report.gate.reasons[0]}" in text
    assert "Evidence: the texts alone." in text


def test_facets_stand_in_a_table_beneath_their_cause():
    table = tables(render(ALL["collapsed"]()))[0]
    assert [row[0] for row in table] == ["facet", "language", "persona", "opening", "└ topic", "degeneration"]
    assert row(render(ALL["collapsed"]()), "└ topic")[1:] == [
        "lost",
        "21.4 → 6.0",
        "One topic grew to 45% of texts. (follows from opening “it's a difficult question.”)",
    ]


def test_changed_modes_are_told_with_a_text_of_either_side():
    text = above_the_fold(render(ALL["collapsed"]()))
    assert row(text, "certainly!")[1:5] == ["35% → 0.4%", "41% (38–44%)", "23", "vanished"]
    assert row(text, "certainly!")[5].startswith("base: Certainly! Here are five ideas")
    assert "new: It's a difficult question." in row(text, "it's a difficult question.")[5]
    assert "here is" not in text


def test_what_temperature_explains_is_folded():
    text = render(ALL["sharpened"]())
    assert "sea · sailors · ocean" not in above_the_fold(text)
    assert row(text, "sea · sailors · ocean")[4] == "absent-sharpened"
    assert "T = 1.43 (1.31–1.57)" in above_the_fold(text)


def test_fold_holds_every_other_mode_corpora_and_tests():
    report = ALL["collapsed"]()
    text = render(report)
    fold = text[text.index(FOLD) : text.index("</details>")]
    assert row(fold, "here is")[-1] == "kept"
    assert row(fold, "question · answer · depends")[-1] == "amplified"
    assert row(fold, "new")[1:5] == ["new.jsonl", "1,440", "3", "24"]
    assert "`permutation_test`: p 0.0005" in fold
    assert "`new.jsonl:9`: not JSON" in fold
    every = {row[0] for table in tables(text) for row in table}
    assert {each.label for facet in report.facets for each in facet.modes} <= every


def test_displaced_modes_are_not_mistaken_for_lost_ones():
    took = mode("the winner", ModeVerdict.EMERGED, 0, 0.8)
    made_room = mode("made room", ModeVerdict.VANISHED, 0.3, 0.0, 0.3, displaced_by="the-winner")
    text = render(replace(ALL["lost"](), facets=(facet("opening", Verdict.COLLAPSED, "", modes=(made_room, took)),)))
    assert "made room" not in above_the_fold(text)
    assert "opening: 1 changed mode (1 displaced by another)" in above_the_fold(text)
    assert row(text, "made room")[-1] == "the winner"


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_in_it_comes_to_life(name):
    text = render(REPORTS[name]())
    tokens = GFM.parse(text)
    assert live_in(tokens) == []
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert blocks == ["<details>\n<summary>Other modes, corpora and tests</summary>", "</details>"]
    kinds = {token.type.removesuffix("_open") for token in tokens if token.type.endswith("_open")}
    assert kinds <= {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item"}
    assert all(len(row) == len(table[0]) for table in tables(text) for row in table)


def test_hostile_text_is_readable():
    """Every word of it is there, in a cell of its own."""
    text = "a|b `c` <script> </details> @mention #123 ![img](http://x.y) **d** _e_ ]]> \\|"
    assert row(render(hostile(text)), text)[3] == "vanished"


LONG = "the same words again and again "
MANY = [
    mode(f"{number} {LONG * 9}", ModeVerdict.THINNED, 0.1, 0, texts=(LONG * 20, LONG * 20)) for number in range(700)
]
HUGE = {
    "modes": {"facets": (*steady("language"), facet("topic", Verdict.LOST, LONG, modes=tuple(MANY)))},
    "facets": {
        "facets": tuple(facet(f"column:{n} {LONG}", Verdict.LOST, LONG * 20, modes=MANY[:9]) for n in range(300))
    },
    "warnings": {"warnings": tuple(ReportWarning(f"code-{number}", LONG * 30) for number in range(500))},
    "headline": {"headline": "`*| " * 100_000},
    "everything hostile": vars(hostile("`|*" * 20_000)),
}


@pytest.mark.parametrize("name", HUGE)
def test_whatever_the_report_it_fits_a_comment_and_says_what_is_left_out(name):
    report = replace(ALL["lost"](), **HUGE[name])
    text = render(report)
    assert len(text) <= LONGEST < 65_536
    assert f"modecollapse: {report.verdict.value}, the gate fails" in text.splitlines()[0]
    assert "**Gate: fail.**" in text
    assert "| topic |" in text or name != "warnings"
    assert text.count("<details>") == text.count("</details>") <= 1
    assert live_in(GFM.parse(text)) == []
    if name in ("modes", "facets", "warnings"):
        assert re.search(r"^\*\*Left out\*\*, as a comment holds no more: \d", text, re.MULTILINE)


def test_the_least_important_is_left_out_first():
    text = render(replace(ALL["collapsed"](), **HUGE["modes"]))
    shown = len(re.findall(r"^\| \d+ the same", text, re.MULTILINE))
    left_out = re.search(r"(\d+) of (\d+) other modes of topic", text)
    assert int(left_out[1]) + shown == 700  # six are told above the fold
    assert int(left_out[2]) == 694
    for part in ("#### Next", "#### Warnings", "#### topic: changed modes", "#### Corpora", "#### Tests"):
        assert part in text


def test_skipped_lines_do_not_fill_the_page():
    report = ALL["unchanged"]()
    new = replace(report.corpora.new, skipped=[SkippedRow(line, "not JSON") for line in range(1000)])
    text = render(replace(report, corpora=replace(report.corpora, new=new)))
    assert len(re.findall("not JSON", text)) == 20
    assert "- and 980 more" in text
