"""What is compared is what was said, however the file has it written down."""

import json

import pytest

from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.corpus.escapes import as_said
from modecollapse.report import Verdict
from tests.corpora import QUICK, made_up, write

SAID = 'He said "no".\n\nThe sea: 你好 😀, it\'s fine.\nAnd so on'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (json.dumps(SAID), SAID),
        (json.dumps(SAID)[1:-1], SAID),
        (json.dumps(SAID, ensure_ascii=False), SAID),
        ('"' + json.dumps(SAID)[1:-1], '"' + SAID),
        (SAID.replace("\n", "\\n"), SAID),
        ("▁" + SAID.replace(" ", "▁").replace("\n", "<0x0A>"), SAID),
        ("▁" + SAID.replace(" ", "▁").replace("😀", "<0xF0><0x9F><0x98><0x80>"), SAID),
        ("▁-", "-"),
        ("ItĠisĠlate.ĊGoodĠnight", "It is late.\nGood night"),
        ("ĠCafÃ©Ġnoir", "Café noir"),
        ("ä½łå¥½", "你好"),
        ("ä½łå¥½ä½", "你好"),
    ],
)
def test_a_text_is_read_as_what_was_said(written, said):
    assert as_said(written) == said


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        "",
        r"The gradient $\nabla f \neq \theta$ is \text{small}.",
        r"print('\n') ends a line, and so does `\n`.",
        r"C:\new\users",
        r"In Python, \n is the newline and \theta is TeX.",
        "（>▁‹）好",
        "(▁_▁)",
        r"In Python `\u00e9` is é",
        'He wrote "\\nothing" there',
        "A line\nand \\n as well as \\u00e9",
        "Ġanni",
        "Ġorġ u Ġanni marru",
        "▁▂▃▅▇▁",
        "café",
        "Übergrößenträger",
        "naïveté",
        '"Quoted."',
        "\\",
        "\u200d👩\u200d🚀",
    ],
)
def test_a_text_that_is_as_it_was_said_stays(text):
    assert as_said(text) == text


@pytest.mark.parametrize(
    "written",
    [r"\ud83d", r"hi \ud83d there \ude00", r"\u0000 and \uZZZZ", '"\\u0041', "\\n", '"\\n"', "▁a<0xFF>", "ĠĊ"],
)
def test_no_text_stops_the_reading(tmp_path, written):
    rows = [*made_up(5, 10, 1), {"prompt": "P", "text": written}]
    assert len(read_corpus(write(tmp_path / "rows.jsonl", rows))) == 51


def test_a_side_that_was_escaped_twice_has_lost_nothing(tmp_path):
    base, new = ([{**row, "text": f"“{row['text']}”\n\nÖl."} for row in made_up(8, 40, seed)] for seed in (1, 2))
    twice = [{**row, "text": json.dumps(row["text"])} for row in new]
    base, new, twice = (
        write(tmp_path / f"{name}.jsonl", rows) for name, rows in (("base", base), ("new", new), ("twice", twice))
    )
    plain, escaped = (compare(base, other, config=QUICK) for other in (new, twice))
    assert plain.verdict not in (Verdict.LOST, Verdict.COLLAPSED)
    assert escaped.facets == plain.facets
    codes = [{warning.code for warning in report.warnings} for report in (plain, escaped)]
    assert codes[1] - codes[0] == {"rewritten-texts"}
    assert [read_corpus(file).rewritten for file in (new, twice)] == [0, 320]
    assert read_corpus(twice).sha256 == read_corpus(new).sha256


def test_quotation_marks_are_jsons_where_many_texts_of_a_file_are_escaped_as_well(tmp_path):
    rows = made_up(5, 20, 1)
    for row in rows[::3]:
        row["text"] += "\n\nA second paragraph."
    rows[1]["text"] += ' He said "no",\nthen went.'
    said = [row["text"] for row in rows]
    quoted = [{**row, "text": json.dumps(row["text"])} for row in rows]
    corpus = read_corpus(write(tmp_path / "all.jsonl", quoted))
    assert list(corpus.texts) == said
    assert corpus.rewritten == 100
    assert (corpus.hashes == read_corpus(write(tmp_path / "none.jsonl", rows)).hashes).all()
    mostly_quotations = [*quoted[:1], *(row for row in quoted if "\\" not in row["text"])]
    corpus = read_corpus(write(tmp_path / "quotations.jsonl", mostly_quotations))
    assert [text[0] == '"' for text in corpus.texts] == [False] + [True] * 65
    assert corpus.rewritten == 1
    dialogue = [{**row, "text": f'"{row["text"]}" she said, "{row["text"]}"'} for row in rows]
    corpus = read_corpus(write(tmp_path / "dialogue.jsonl", dialogue))
    assert list(corpus.texts) == [row["text"] for row in dialogue]


def test_reasoning_that_was_escaped_is_left_out(tmp_path):
    rows = [{**row, "text": json.dumps(f"<think>Hm.\nOkay.</think>\n{row['text']}")} for row in made_up(5, 20, 1)]
    corpus = read_corpus(write(tmp_path / "all.jsonl", rows))
    assert corpus.reasoning.texts == 100
    assert list(corpus.texts) == [row["text"] for row in made_up(5, 20, 1)]


@pytest.mark.parametrize(("escaped", "told"), [(5, False), (6, True)])
def test_a_few_escaped_texts_are_not_worth_a_warning(tmp_path, escaped, told):
    rows = made_up(5, 20, 1)
    for row in rows[:escaped]:
        row["text"] = row["text"] + "\\n\\nAnd so on."
    files = [write(tmp_path / f"{name}.jsonl", given) for name, given in (("base", made_up(5, 20, 2)), ("new", rows))]
    codes = [warning.code for warning in compare(*files, config=QUICK).warnings]
    assert ("rewritten-texts" in codes) is told
