"""Escaped text, as independent readers of each format take it."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from modecollapse.render.escape import (
    for_annotation,
    for_annotation_property,
    for_csv,
    for_json,
    for_log,
    for_markdown,
    for_terminal,
    for_xml,
    one_line,
    shortened,
)
from tests.render.readers import live_in, message, rendered_text, workflow_command

LIVELY = (
    *(
        "`",
        "``",
        "|",
        "\\",
        "\\|",
        "*",
        "**",
        "_",
        "~~",
        "<",
        ">",
        "&",
        "&lt;",
        "&#64;",
        "[",
        "](",
        ")",
        "!",
        "![",
        "$",
        "$$",
    ),
    *(
        "@octocat",
        "#123",
        "GH-123",
        "org/repo#1",
        "http://x.y",
        "www.x.y",
        "a@b.cd",
        ":tada:",
        "::error::",
        "##[error]x",
    ),
    *(
        "</details>",
        "<script>",
        "<!--",
        "-->",
        "<br>",
        "---",
        "===",
        "- ",
        "+ ",
        "1. ",
        "# ",
        "> ",
        "- [ ] ",
        "[^1]",
        "]]>",
    ),
    *(
        "\n",
        "\r\n",
        "\t",
        " ",
        "\x00",
        "\x1b[2J",
        "\u202e",
        "\ud800",
        "\ufffe",
        "=1+1",
        "'",
        "a",
        "海",
        "%0A",
        "%",
        ",",
        ":",
        ":-:",
        ":-1:",
    ),
)
texts = st.one_of(st.text(st.characters(), max_size=30), st.lists(st.sampled_from(LIVELY), max_size=8).map("".join))
CONTEXTS = {
    "paragraph": "before: {}",
    "paragraph of its own": "{}",
    "bold": "**{}**: after",
    "bullet": "- {}",
    "heading": "#### {}: modes",
    "cell": "| a | b |\n| --- | --- |\n| {} | b |",
}
GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@settings(max_examples=400)
@example("0:-:", "paragraph")
@given(texts, st.sampled_from(list(CONTEXTS)))
def test_markdown_shows_the_text_and_does_nothing(text, context):
    escaped = for_markdown(text)
    assert "\n" not in escaped
    assume(escaped)  # nothing makes no paragraph
    found = GFM.parse(CONTEXTS[context].format(escaped))
    frame = rendered_text(GFM.parse(CONTEXTS[context].format("x")))
    assert rendered_text(found) == [part.replace("x", one_line(text), 1) if "x" in part else part for part in frame]
    assert live_in(found) == []


@pytest.mark.parametrize(
    "text",
    [
        "Collapsed: topic – “sea · sailors” 1.7% → 72%: a mode (rare in the base) has taken over.",
        "Sample the new model at T = 1.50 (1.35–1.68), or at 1.23 if it was retrained.",
        "naïve “quotes” – 海 · नमस्ते, 5e-06!",
    ],
)
def test_plain_prose_is_left_alone_in_markdown(text):
    assert for_markdown(text) == text


def test_code_ends_before_the_sign_of_a_sentence():
    assert for_markdown("in base.jsonl: see --all, or x_y.") == "in `base.jsonl`: see `--all`, or `x_y`."


@settings(max_examples=300)
@given(texts, texts)
def test_the_runner_reads_back_title_and_message(title, text):
    """As the runner itself parses a line: nothing is cut off, added or taken for another command."""
    line = f"::error title={for_annotation_property('t' + title)}::{for_annotation(text)}"
    name, properties, data = workflow_command(line)
    assert (name, list(properties)) == ("error", ["title"])
    assert properties["title"] == message("t" + title)
    assert data == message(text)
    assert "::" not in data
    assert workflow_command(data) is None


@settings(max_examples=300)
@given(texts)
def test_no_line_of_a_log_is_a_command(text):
    for line in (for_log(for_terminal(text)), for_log(f"  {one_line(text)}"), for_csv(text), for_xml(text)):
        assert workflow_command(line) is None


@settings(max_examples=300)
@given(texts)
def test_xml_holds_the_text(text):
    element = ElementTree.Element("e", a=for_xml(text))
    element.text = for_xml(text)
    read = ElementTree.fromstring(ElementTree.tostring(element, "utf-8"))
    assert read.text == (for_xml(text) or None)
    assert read.get("a") == for_xml(text)


@settings(max_examples=300)
@given(texts)
def test_no_cell_is_a_formula_and_the_guard_can_be_undone(text):
    cell = for_csv(text)
    assert not re.match(r"\s*[=+\-@\t\r]", cell)
    undone = cell[1:] if re.match(r"'[\s']*[=+\-@＝＋－＠]", cell) else cell
    assert undone == for_log(for_terminal(text))
    out = io.StringIO(newline="")
    csv.writer(out).writerow([cell, "next"])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [cell, "next"]


@pytest.mark.parametrize(
    "text", ["##[error]x", "##vso[task.setvariable variable=x]y", "##teamcity[buildStop]", "###[group]"]
)
def test_commands_of_build_systems_are_spelled_out(text):
    assert "##" + text.lstrip("#") not in for_terminal(text)
    assert for_terminal(text).replace(r"\x23", "#") == text
    document = for_json(f'{{"a": "{text}"}}')
    assert not re.search(r"##\w*\[", document)
    assert document.replace(r"\u0023", "#") == f'{{"a": "{text}"}}'


def test_markdown_headings_and_hashes_stay():
    assert for_terminal("## Title, C## and ##x") == "## Title, C## and ##x"


@given(texts, st.integers(min_value=2, max_value=20))
def test_shortened_text_says_so(text, most):
    shown = shortened(text, most)
    assert len(shown) <= most
    assert shown == one_line(text) or shown.endswith("…")
