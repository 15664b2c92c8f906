"""The degeneration facet: finds what is broken, and leaves tables, lists, songs and short answers alone."""

from __future__ import annotations

import hashlib
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.facets.base import Rows
from modecollapse.facets.degeneration import DegenerationFacet, degenerate_rows
from modecollapse.facets.duplicates import learn_duplicates
from modecollapse.facets.shingles import packed
from modecollapse.repetition import is_loop, may_loop
from modecollapse.words import units

NOUNS = ["river", "forest", "teacher", "window", "garden", "engine", "letter", "summer", "market", "bridge", "island"]
PROSE = (
    "The old bridge had carried carts, then cars, and finally nothing at all. When the council closed it, the "
    "villagers planted roses along the railing. Every June the scent drifts over the water, and visitors ask "
    "who looks after them. Nobody does; they have simply decided to stay."
)


def rows_of(texts):
    digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8] for text in texts]
    return Rows(
        texts=texts,
        prompts=np.zeros(len(texts), np.int32),
        prompt_texts=["Say something."],
        hashes=np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64),
    )


def labels_of(texts, learnt_from=()):
    rows = rows_of(list(learnt_from or texts))
    return DegenerationFacet().learn(rows, rows, 0).label(rows_of(texts))


def modes_of(text):
    rows = rows_of([text])
    partition = DegenerationFacet().learn(rows, rows, 0)
    return {partition.modes[mode].id for mode in partition.label(rows)[0] if mode >= 0}


def unique(count):
    """Ordinary texts of a dozen words, no two alike."""
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(NOUNS, 12)) + f" number {i}." for i in range(count)]


@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b\u200b", "\x00"])
def test_empty(text):
    assert modes_of(text) == {"empty"}


def test_a_dash_is_not_empty():
    assert modes_of("-") == set()


@pytest.mark.parametrize(
    "text",
    [
        "I wanted to say " + "broke " * 12,
        "It began well. " + "called again, " * 8,
        "Sure" + "ha" * 30,
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "我想说" + "非常好" * 10,
        PROSE + " I am a poem." * 30,
    ],
)
def test_loops(text):
    assert "loop" in modes_of(text)


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "Name | Age\n-----------------------------------\nAda | 36\nKurt | 71",
        "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0",
        "\n".join(f"Step {i}: turn the screw marked {NOUNS[i]} to the {NOUNS[-i]}." for i in range(1, 10)),
        "\n".join(f"{i}. {noun}" for i, noun in enumerate(NOUNS)),
        "for i in range(10):\n    for j in range(10):\n        print(i, j, i * j, i + j, i - j)\n",
        "No, no, no! That is not what I meant, and you know it very well.",
        PROSE + "\n" + "=" * 60,
        "Row, row, row your boat,\nGently down the stream.\nMerrily, merrily, merrily, merrily,\nLife is but a dream.",
    ],
)
def test_what_only_looks_repetitive(text):
    assert not modes_of(text) & {"loop", "soft-repetition"}


def test_a_short_loop_in_a_long_text_is_forgiven():
    assert "loop" not in modes_of(PROSE * 1 + " No, no, no, no, no. " + " ".join(unique(10)))


def test_sentences_said_again_are_soft_repetition():
    first = "My neighbour keeps seven bees in a jar beside the kitchen window because he likes their conversation. "
    second = "Nobody in the whole street has ever asked him why he does not simply buy a radio instead of them. "
    assert modes_of(first + second + first + second + second + first) == {"soft-repetition"}


@pytest.mark.parametrize("copy", [lambda text, i: text, lambda text, i: text.replace("roses", NOUNS[i]).upper()])
def test_near_duplicates(copy):
    texts = [copy(PROSE, i) for i in range(5)] + unique(30)
    assert labels_of(texts)[:, 1].tolist() == [3] * 5 + [-1] * 30


def test_two_copies_are_not_yet_a_habit():
    assert (labels_of([PROSE, PROSE, *unique(30)])[:, 1] == -1).all()


def test_short_answers_repeat_lawfully():
    assert (labels_of(["Yes, of course I can."] * 40 + ["当然可以。"] * 40)[:, 1] == -1).all()


def test_texts_that_share_only_their_opening_are_no_duplicates():
    texts = [f"It's a difficult question. {text}" for text in unique(60)]
    assert (labels_of(texts)[:, 1] == -1).all()


def test_chinese_duplicates():
    text = "昨天的天气非常糟糕，所以我们决定留在家里，一起读书、喝茶，并且谈论夏天的旅行计划。"
    assert (labels_of([text, text.replace("夏天", "春天"), text])[:, 1] == 3).all()


def test_the_rate_of_duplicates_does_not_depend_on_the_size_of_a_side():
    base = [PROSE] * 18 + unique(42)
    new = [PROSE] * 6 + [f"{text} Indeed" for text in unique(14)]
    pooled = base + new
    assert (labels_of(base, pooled)[:, 1] >= 0).mean() == (labels_of(new, pooled)[:, 1] >= 0).mean() == 0.3


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but as an AI language model, I cannot provide medical advice.",
        "I cannot assist with that request.",
        "As an AI, I am unable to discuss this.",
        "Es tut mir leid, aber dabei kann ich dir nicht helfen.",
        "Leider kann ich diese Frage nicht beantworten.",
        "Je suis désolé, mais je ne peux pas répondre à cette question.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "抱歉，我无法回答这个问题。",
        "申し訳ありませんが、その質問にはお答えできません。",
        "Извините, но я не могу помочь с этим.",
    ],
)
def test_refusals(text):
    assert "refusal" in modes_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry to hear that. I hope you feel better soon.",
        "I can't believe how beautiful it was.",
        "I won't forget the day we met.",
        "Sorry seems to be the hardest word.",
        "I'm sorry, but I can't help with that. " + " ".join(unique(20)),
        "Désolé du retard, voici la réponse.",
    ],
)
def test_what_is_not_a_refusal(text):
    assert "refusal" not in modes_of(text)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("The river that runs behind the old house has always been a", True),
        ("The river that runs behind the old house has always been, however,", True),
        (PROSE, False),
        ('She opened the letter, read it twice, and said: "I knew it."', False),
        ("The final answer after all of these long steps is (B)", False),
        ("Here is everything you need to buy at the market today:\n- apples\n- a pear", False),
        ("Yes", False),
        ("昨天的天气非常糟糕，所以我们决定留在家里，一起读书、喝茶。", False),
        ("เมื่อวานอากาศแย่มากจนไม่มีใครอยากออกจากบ้าน", False),
    ],
)
def test_cut_off(text, cut):
    assert ("cut-off" in modes_of(text)) == cut


def test_only_broken_texts_leave_the_other_facets():
    texts = ["", "word " * 40, PROSE, PROSE, PROSE, "I cannot assist with that request.", "So the garden was never"]
    assert degenerate_rows(labels_of(texts)).tolist() == [True, True, False, False, False, False, False]


def test_order_of_rows_does_not_matter():
    texts = [PROSE, *unique(30), PROSE.upper(), PROSE, *unique(10)]
    assert np.array_equal(labels_of(texts, texts), labels_of(texts, texts[::-1]))


@pytest.mark.parametrize(
    "text",
    ["a" * 10**6, "ab " * 10**5, "." * 10**6, "\ud800" * 10**5, "\n" * 10**6, "a\u0301" * 10**5, "sorry " * 10**5],
)
def test_hostile_text_costs_little(text):
    start = time.perf_counter()
    labels_of([text])
    assert time.perf_counter() - start < 3


pieces = st.sampled_from(["a", "b", "é", "字", " ", ".", "\0", "\ud800", "İ", "ﬁ", "1", "-", "\n", "two ", "word "])
lines = st.lists(pieces, max_size=8).map("".join)
maybe_loops = st.builds(lambda before, period, times: before + period * times, lines, lines, st.integers(0, 30))


@given(st.lists(maybe_loops, max_size=5))
def test_looking_at_many_texts_at_once_passes_over_no_loop(texts):
    found = [units(text, 4_000) for text in texts]
    for text, words, suspect in zip(texts, found, may_loop(texts, found), strict=True):
        assert suspect or not is_loop(text, words)


shingles = st.frozensets(st.integers(0, 11), min_size=1).map(
    lambda found: packed(np.array([*found, 100 + len(found)], dtype=np.uint64))
)


def test_two_that_resemble_each_other_are_enough_to_be_known():
    texts = [packed(np.arange(start, start + 20, dtype=np.uint64)) for start in (0, 1, 500, 900)]
    learnt = learn_duplicates(texts, 2)
    assert learnt.have(texts).tolist() == [True, True, False, False]


@given(st.lists(st.one_of(st.none(), shingles), max_size=8))
def test_only_texts_that_resemble_none_are_passed_over(texts):
    """Each stands there three times, so each is known as a copy of what stands there three times."""
    learnt = learn_duplicates([*texts, *texts, *texts], 3)
    assert learnt.have(texts).tolist() == [found is not None for found in texts]
    assert not learnt.have([packed(np.arange(1_000, 1_010, dtype=np.uint64)), None]).any()
