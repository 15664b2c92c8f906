"""Length and layout are told beside the modes, and are no finding."""

import pytest

from modecollapse.comparison import compare
from modecollapse.facets.form import MARKS, form
from modecollapse.render import story
from modecollapse.report import Verdict
from tests.corpora import QUICK, made_up, write

TEXTS = {
    "lists": "Three:\n- one\n- two",
    "bold": "This is **so**.",
    "headings": "# Why\nBecause.",
    "code": "Call `print`.",
    "tables": "| a | b |\n|---|---|\n| 1 | 2 |",
    "emoji": "Fine \N{SMILING FACE WITH SMILING EYES}",
    "several paragraphs": "One.\r\n\r\nTwo.",
}


@pytest.mark.parametrize("mark", MARKS)
def test_each_mark_is_seen_alone(mark):
    length, *seen = form(TEXTS[mark])
    assert length == len(TEXTS[mark])
    assert [name for name, there in zip(MARKS, seen, strict=True) if there] == [mark]


def test_plain_prose_has_no_mark():
    assert form("Two * three is six, a | b; it's 3 - 2.\nNext line.")[1:] == [0] * len(MARKS)


def with_layout(rows, every):
    return [
        row | {"text": f"**{row['text']}**\n\nAnd so on, at some length."} if i % every == 0 else row
        for i, row in enumerate(rows)
    ]


def test_layout_that_went_is_told_and_nothing_is_lost(tmp_path):
    base, new = made_up(12, 20, 1), made_up(12, 20, 2)
    paths = write(tmp_path / "base.jsonl", with_layout(base, 2)), write(tmp_path / "new.jsonl", new)
    report = compare(*paths, config=QUICK)
    assert report.verdict not in {Verdict.LOST, Verdict.COLLAPSED}
    found = {one.name: one for one in report.form}
    assert (found["bold"].base, found["bold"].new) == (0.5, 0)
    assert found["bold"].change.interval == (-0.5, -0.5)  # the same in every prompt
    low, high = found["characters"].change.interval
    assert low < found["characters"].new / found["characters"].base < high < 1
    assert [line.split()[0] for line in story.form(report)] == ["characters", "bold", "several"]


def test_what_did_not_change_is_one_line(tmp_path):
    paths = [write(tmp_path / f"{seed}.jsonl", with_layout(made_up(12, 20, seed), 2)) for seed in (1, 2)]
    (line,) = story.form(compare(*paths, config=QUICK))
    assert line.startswith("As before: characters ")
    assert "bold 50% → 50%" in line
