"""Words of scripts that are written without spaces: what a reader would call a word stands in names."""

from itertools import pairwise

import pytest

from modecollapse import segmentation
from modecollapse.facets.sequence import RUNNING_WORDS
from modecollapse.segmentation import is_word, segmented, stretches, without_particles, written_out
from modecollapse.words import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我喜欢海洋", ["我", "喜欢", "海洋"]),
        ("今天晚上，我喜欢音乐。", ["今天", "晚上", ",", "我", "喜欢", "音乐", "。"]),
        ("วันนี้ฉันอยากกินข้าวผัดกับเพื่อน", ["วันนี้", "ฉัน", "อยาก", "กิน", "ข้าว", "ผัด", "กับ", "เพื่อน"]),
        ("猫很可爱。", ["猫", "很", "可爱", "。"]),  # a word beside a particle, and one that the vocabulary lacks
        ("幸せとタマゴ海", ["幸せ", "と", "タマ", "マゴ", "海"]),
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


@pytest.mark.parametrize("text", ["我喜欢音乐" * 600, "ัด", "ーー", "々々々", "かがみ", "วันนี้ฉัน", "ဘာစားချင်လဲ"])
def test_pieces_hold_every_character_once_and_in_order(text):
    run = words(text, 4_000)
    assert "".join(segmentation._pieces(run)) == "".join(run)


@pytest.mark.parametrize("text", ["\ud800我", "ا我ب", "\u0e31\u0e31\u0e31", "我" * 5_000])
def test_any_text_can_be_cut(text):
    assert segmented(words(text, 4_000))


@pytest.mark.parametrize(
    ("word", "left"),
    [
        *(("的朋友", "朋友"), ("朋友的", "朋友"), ("去了海", "去了海"), ("自己的", ""), ("是一个", ""), ("天是", "天")),
        *(("目的", "目的"), ("は何", "何"), ("海を", "海"), ("もの", "もの"), ("はなし", "はなし"), ("自己", "")),
        *(("日本", "日本"), ("自由", "自由"), ("sea", "sea"), ("", ""), ("的" * 3_000, "的" * 2_998)),
    ],
)
def test_particles_are_no_part_of_a_word(word, left):
    """Chinese function words of one character are part of many other words: 日本 is not made of grammar."""
    assert without_particles(word, {"自己", "一个", "的", "是", "日", "本", "自", "由"}) == left


def test_all_that_a_text_may_echo():
    assert {"故事", "海洋", "的故事", "about"} <= set(stretches(words("写一个关于海洋的故事 about it", 60)))


def test_running_words_are_whole_words():
    (found,) = RUNNING_WORDS.read(["今天我喜欢音乐。"])
    assert found == ["今天", "我", "喜欢", "音乐", "。"]


def test_one_ideograph_is_a_word_and_one_letter_is_not():
    assert [is_word(each) for each in ("猫", "の", "a", "я", "ab")] == [True, False, False, False, True]


def test_a_character_is_written_out_as_the_word_that_texts_have_around_it():
    texts = ["他说欧娜来了", "欧娜很好。", "我们看见欧娜", "没有"]
    assert written_out("娜", texts) == written_out("欧", texts) == "欧娜"
    assert written_out("来", ["来了", "又来", "来"]) == "来"
    assert written_out("无", texts) == "无"


def test_a_phrase_in_all_texts_is_no_name():
    """The longest stretch that they share would begin and end anywhere in it."""
    texts = [f"{before}艾莉丝王国的森林里住着一只狐狸和他" for before in ("从前", "昨天", "听说")]
    assert written_out("狐", texts) == "狐狸"
