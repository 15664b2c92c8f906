"""The opening facet: one collapse is one mode, told as people would say it."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from modecollapse.facets.base import Rows
from modecollapse.facets.opening import OpeningFacet

NOUNS = [
    "river",
    "forest",
    "teacher",
    "window",
    "garden",
    "engine",
    "letter",
    "summer",
    "market",
    "bridge",
    "island",
    "doctor",
    "silver",
    "canyon",
]


def rows_of(texts, prompts=None, prompt_texts=("Say something.", "Say more.")):
    prompts = np.arange(len(texts)) % len(prompt_texts) if prompts is None else np.asarray(prompts)
    digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8] for text in texts]
    return Rows(
        texts=texts,
        prompts=prompts.astype(np.int32),
        prompt_texts=prompt_texts,
        hashes=np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64),
    )


def varied(count, start=""):
    """Texts that share no opening beyond ``start``."""
    return [f"{start}{NOUNS[i % 14]} {NOUNS[(i // 14) % 14]} {NOUNS[(i * 5) % 14]} {i}" for i in range(count)]


def learn(texts, **kwargs):
    rows = rows_of(texts, **kwargs)
    return OpeningFacet().learn(rows, rows, 0)


def test_varied_texts_have_no_modes():
    partition = learn(varied(90))
    assert partition.modes == []
    assert (partition.label(rows_of(["Anything at all."])) == -1).all()


def test_a_locked_sentence_is_one_mode_with_its_own_spelling():
    texts = varied(60, "It's a difficult question. ") + varied(60)
    partition = learn(texts)
    assert [mode.label for mode in partition.modes] == ["It's a difficult question."]
    labels = partition.label(rows_of(texts))
    assert (labels[:60] == 0).all()
    assert (labels[60:] == -1).all()


def test_markup_case_and_typographic_apostrophes_are_the_same_opening():
    partition = learn(varied(60, "It's a difficult question. ") + varied(60))
    texts = [
        "**It’s a difficult question.** So",
        "IT'S A DIFFICULT QUESTION. No",
        "# It's a difficult question.",
        "It's a",
    ]
    assert partition.label(rows_of(texts))[:, 0].tolist() == [0, 0, 0, -1]


def test_one_common_word_is_a_mode_that_says_little_by_itself():
    """A model that never says "I" first any more has lost a way to open, however little the word says."""
    partition = learn(varied(50, "I ") + varied(50, "Certainly! ") + varied(50))
    assert {(mode.label, mode.node, mode.bare) for mode in partition.modes} == {
        ("Certainly!", True, False),
        ("I", True, True),
    }


def test_below_a_bare_word_the_whole_phrase_must_say_something():
    """ "I think" says more than "I"; "Yes, the" no more than "Yes," does, which is a whole phrase by itself."""
    texts = varied(40, "I think ") + varied(40, "I hope ") + varied(40, "Yes, the ") + varied(40, "Yes, a ")
    partition = learn(texts)
    around = {mode.label: holder for mode, holder in zip(partition.modes, partition.holders, strict=True)}
    word = [mode.label for mode in partition.modes].index("I")
    assert around == {"I": -1, "I think": word, "I hope": word, "Yes,": -1}


def test_one_character_may_be_a_bare_word():
    texts = [f"我{rest}" for rest in ("是", "不", "也", "很", "想", "来", "看", "说") * 5] + varied(40)
    assert [(mode.label, mode.bare) for mode in learn(texts).modes] == [("我", True)]


def test_nested_openings_know_what_contains_them():
    texts = varied(40, "As an AI model ") + varied(40, "As an old sailor ") + varied(20)
    modes = learn(texts).modes
    by_label = {mode.label: mode for mode in modes}
    outer, inner = by_label["As an"], by_label["As an AI model"]
    assert (outer.level, outer.parent) == (0, None)
    assert inner.level == 1
    assert modes[inner.parent] is outer
    labels = learn(texts).label(rows_of(texts[:1]))
    assert [modes[mode].label for mode in labels[0]] == ["As an", "As an AI model"]


def test_whole_short_answers_are_one_mode():
    texts = ["I don't know."] * 30 + varied(30)
    assert [mode.label for mode in learn(texts).modes] == ["I don't know."]


def test_chinese_openings_do_not_crumble():
    starts = ["春天", "夏夜", "秋风", "冬雪", "高山", "河流", "老师", "学生", "城市", "乡村"]
    texts = [f"这是一个困难的问题。{start}{i}" for i, start in enumerate(starts * 4)]
    modes = learn(texts + [f"{start}很美" for start in starts]).modes
    assert [mode.label for mode in modes] == ["这是一个困难的问题。"]
    assert modes[0].id.isascii()


def test_openings_of_prompts_are_marked():
    prompts = ("What is the meaning of life?", "Write a poem.", "Name a fruit.")
    texts = varied(30, "The meaning of life ") + varied(30, "O gentle reader ") + varied(30)
    rules = {m.label: m.rule for m in learn(texts, prompts=np.repeat([0, 1, 2], 30), prompt_texts=prompts).modes}
    assert "restates the prompt" in rules["The meaning of life"]
    assert "100% of its texts answer one prompt" in rules["O gentle reader"]


def test_ids_do_not_depend_on_the_other_texts_or_their_order():
    texts = varied(60, "It's a difficult question. ") + varied(60)
    more = varied(60, "Sure, I can help. ")
    first, second = learn(texts), learn((texts + more)[::-1])
    assert {mode.id for mode in first.modes} <= {mode.id for mode in second.modes}
    assert learn(texts).modes == learn(texts[::-1]).modes


@pytest.mark.parametrize("text", ["", "a" * 10**6, "\ud800" * 20, "<think>" * 10**5, "\u0301" * 10**5])
def test_hostile_text_can_be_learnt_and_labelled(text):
    texts = [text] * 20 + varied(40, "It's a difficult question. ")
    labels = learn(texts).label(rows_of(texts))
    assert labels.shape[0] == 60
    assert (labels[20:, 0] >= 0).all()
