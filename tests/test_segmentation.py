"""Words of scripts that are written without spaces: what a reader would call a word stands in names."""

from itertools import pairwise

import pytest

from modecollapse.segmentation import bare, is_word, segmented
from modecollapse.words import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我喜欢海洋", ["我", "喜欢", "海洋"]),
        ("今天晚上，我喜欢音乐。", ["今天", "晚上", ",", "我", "喜欢", "音乐", "。"]),
        ("วันนี้ฉันอยากกินข้าวผัดกับเพื่อน", ["วันนี้", "ฉัน", "อยาก", "กิน", "ข้าว", "ผัด", "กับ", "เพื่อน"]),
        ("a 音乐 b", ["a", "音乐", "b"]),
        ("plain English words", ["plain", "english", "words"]),
        ("", []),
    ],
)
def test_whole_words(text, expected):
    assert segmented(words(text, 60)) == expected


def test_what_the_vocabulary_lacks_stands_as_pairs_of_characters():
    characters = words("ភាសាខ្មែរ", 60)
    assert segmented(characters) == [first + second for first, second in pairwise(characters)]


@pytest.mark.parametrize("text", ["\ud800我", "我" * 3_000, "ัด", "ー", "々々々", "。。。", "ا我ب"])
def test_any_text_keeps_its_letters(text):
    found = segmented(words(text, 4_000))
    assert set("".join(words(text, 4_000))) == set("".join(found))


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("的朋友", "朋友"),
        ("朋友的", "朋友"),
        ("的人", ""),
        ("自己的", ""),
        ("目的", "目的"),
        ("は何", ""),
        ("日に", ""),
        ("もの", "もの"),
        ("はなし", "はなし"),
    ],
)
def test_particles_are_no_part_of_a_word(word, left):
    assert bare(word, {"自己", "的", "是"}) == left


def test_one_ideograph_is_a_word_and_one_letter_is_not():
    assert [is_word(each) for each in ("猫", "の", "a", "я", "ab")] == [True, False, False, False, True]
