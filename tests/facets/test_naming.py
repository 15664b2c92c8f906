from __future__ import annotations

import numpy as np
import pytest

from modecollapse.facets.base import Rows
from modecollapse.facets.naming import content_words, letter_words, log_odds, name_modes


def rows_of(texts, prompts=("",), languages=None):
    return Rows(
        texts=texts,
        prompts=np.zeros(len(texts), dtype=np.int32),
        prompt_texts=list(prompts),
        hashes=np.arange(len(texts), dtype=np.uint64),
        languages=None if languages is None else np.asarray(languages),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>Bold</b> and `code` at https://a.example/x?y", ["bold", "and", "code", "at"]),
        ("\x1b[31mred\x1b[0m [bold]rich[/bold]", ["red", "bold", "rich", "bold"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("我喜欢海洋", ["我", "喜欢", "海洋"]),
        ("It’s 12 o'clock", ["it's", "o'clock"]),
        ("::error::\u202egnorw 🙂", ["error", "gnorw"]),
    ],
)
def test_words(text, expected):
    assert letter_words(text) == expected


def test_a_long_text_costs_no_more_than_a_bounded_one():
    assert len(letter_words("sea " * 1_000_000)) <= 1_000


def test_content_words_leave_out_grammar_and_what_the_prompt_said():
    rows = rows_of(["The sea wasn't calm, and the pirate's animal swam."], ["Name an animal."])
    (found,) = content_words(rows, echoed=False)
    assert content_words(rows, echoed=True) == [found | {"animal"}]
    assert found == {"sea", "calm", "pirate", "swam"}


def test_what_the_prompt_said_is_left_out_however_it_is_cut():
    """A prompt's word stands with a particle there (的故事) and without one in the answer."""
    rows = rows_of(["猫很可爱，这个故事没有结尾。"], ["写一个关于海洋的故事"], ["zh"])
    (found,) = content_words(rows, echoed=False)
    assert "猫" in found and "可爱" in found
    assert "故事" not in found
    assert "故事" in content_words(rows, echoed=True)[0]


def test_particles_are_no_part_of_names():
    (found,) = content_words(rows_of(["我的朋友是日本人。"], languages=["zh"]), echoed=False)
    assert "朋友" in found and "日本人" in found
    assert not any("的" in word or "是" in word for word in found)


def test_undetermined_rows_leave_out_the_grammar_of_every_language_about():
    rows = rows_of(["la mer et le ciel"] * 3, languages=["fr", "fr", "und"])
    assert content_words(rows, echoed=False)[2] == {"mer", "ciel"}


def test_log_odds_rank_by_evidence_not_by_ratio():
    """Five to nothing is a larger ratio than 300 to 100, but weaker evidence (Monroe et al. 2008, section 3.5)."""
    frequent, rare, even = log_odds(np.array([300.0, 5.0, 400.0]), np.array([100.0, 0.0, 400.0]))
    assert frequent > rare > even


def test_a_word_in_one_row_only_names_nothing():
    """A loop that repeats a word a thousand times is one row."""
    documents = [{"sea", "ship"}] * 20 + [{"sea", "ship", "token"}] + [{"bread", "oven"}] * 20
    labels = np.repeat([0, 1], [21, 20])[:, None].astype(np.int32)
    first, second = name_modes(documents, np.full(41, "en"), labels, [2])
    assert set(first.split(" · ")) == {"sea", "ship"}
    assert set(second.split(" · ")) == {"bread", "oven"}


def test_forms_of_one_word_are_named_once():
    documents = [{"sailor", "sailors", "sailing", "ocean"}] * 20 + [{"bread"}] * 20
    labels = np.repeat([0, 1], 20)[:, None].astype(np.int32)
    name = name_modes(documents, np.full(40, "en"), labels, [2])[0]
    assert "ocean" in name and sum(part.startswith("sail") for part in name.split(" · ")) == 1


def test_modes_without_typical_words_say_so():
    documents = [{f"word{i}"} for i in range(40)]
    labels = np.repeat([0, 1], 20)[:, None].astype(np.int32)
    assert name_modes(documents, np.full(40, "en"), labels, [2]) == ["mixed", "mixed (2)"]
    assert name_modes(documents, np.full(40, "en"), labels, [2], ["hedging", ""]) == ["hedging", "mixed"]


def test_modes_without_typical_words_are_named_by_what_else_they_share():
    documents = [{f"word{i}", f"other{i}", f"third{i}"} for i in range(40)]
    labels = np.repeat([0, 1, 1, 1], 10)[:, None].astype(np.int32)
    languages = np.array(["fr"] * 6 + ["mixed"] * 4 + ["en"] * 30)
    assert name_modes(documents, languages, labels, [2]) == ["in French, several languages", "mixed"]
    many = np.array(["en"] * 4 + ["fr", "de", "es", "it", "pt", "nl"] + ["en"] * 30)
    assert name_modes(documents, many, labels, [2]) == ["mixed", "mixed (2)"]  # three languages are three in ten
    short = [{f"word{i}"} if i < 10 else document for i, document in enumerate(documents)]
    assert name_modes(short, np.full(40, "en"), labels, [2]) == ["few words", "mixed"]
    assert name_modes(short, np.full(40, "en"), labels, [2], kinds=["asking", ""]) == ["asking", "mixed"]


def test_words_stand_in_brackets_behind_a_tag():
    documents = [{"can", "might"}] * 20 + [{"you", "your"}] * 20
    labels = np.repeat([0, 1], 20)[:, None].astype(np.int32)
    names = name_modes(documents, np.full(40, "en"), labels, [2], ["hedging", ""])
    assert names == ["hedging (can · might)", "you · your"]
