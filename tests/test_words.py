"""Words: what a reader takes for the same opening must be the same words."""

from __future__ import annotations

import time

import numpy as np
import pytest

from modecollapse.words import END, encode_words, spelling, units, weight, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's a difficult question. I", ["it's", "a", "difficult", "question", ".", "i"]),
        ("**Certainly!** Here’s one", ["certainly", "!", "here's", "one"]),
        ("## <b>Sure</b>, in 1,995.", ["sure", ",", "in", "0000", "."]),
        (
            "&quot;Sure&quot; &amp; it&#39;s AT&T &nonsense;",
            ["sure", "&", "it's", "at", "&", "t", "&", "nonsense", ";"],
        ),
        ("ＦＵＬＬ width！！", ["full", "width", "!"]),
        ("当然！好", ["当", "然", "!", "好"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("🎉 Congratulations", ["🎉", "congratulations"]),
        ("", []),
        ("  \n\t", []),
    ],
)
def test_words_of(text, expected):
    assert words(text, 12) == expected


def test_thai_keeps_vowel_signs_with_their_letter():
    assert words("ดีมาก", 12)[0] == "ดี"


@pytest.mark.parametrize("text", ["1987", "1,299.99", "2026-11-29", "29.11.26", "11/29/2026", "12:30", "12:30:15"])
def test_dates_times_and_long_numbers_are_alike_in_words_only(text):
    assert words(f"on {text}, then", 9) == ["on", "0000", ",", "then"]
    assert "0000" not in units(f"on {text}, then", 9)


@pytest.mark.parametrize("text", ["7/10", "85 100", "1. 2. 3.", "3:16", "9.99", "½", "-5", "1/2/3/4"])
def test_numbers_that_are_answers_stand_as_they_are(text):
    assert words(text, 9) == units(text, 9)


def test_spelling_keeps_case_and_drops_markup():
    assert spelling("  **It's a   Difficult** question. And", 5) == "It's a Difficult question."


@pytest.mark.parametrize(("word", "expected"), [("the", 1), ("然", 0.5), ("ดี", 0.5), (".", 0), (",", 0), ("0", 1)])
def test_weight(word, expected):
    assert weight(word) == expected


def test_end_of_text_is_a_symbol():
    codes, vocabulary = encode_words(["a b", "", "a b c d"], 3)
    decoded = [[vocabulary[code] if code >= 0 else None for code in row] for row in codes]
    assert decoded == [["a", "b", END], [END, None, None], ["a", "b", "c"]]


def test_codes_do_not_depend_on_row_order():
    texts = ["b a", "zebra!", "a b", "", "日本 b"]
    codes, vocabulary = encode_words(texts, 4)
    reversed_codes, reversed_vocabulary = encode_words(texts[::-1], 4)
    assert vocabulary == reversed_vocabulary
    assert np.array_equal(codes, reversed_codes[::-1])


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**6,
        "<" * 10**6,
        "a-" * 10**6,
        "1." * 10**6,
        "1" * 10**6,
        "1-1-" * 10**6,
        "&a" * 10**6,
        "\u0301" * 10**6,
        "<a" * 10**6,
        " " * 10**6,
        "\ud800" * 10**6,
    ],
)
def test_hostile_text_costs_little(text):
    start = time.perf_counter()
    assert len(words(text, 12)) <= 12
    assert time.perf_counter() - start < 0.5
