"""Corpora side by side: what is matched, what is left out, and that the order of a file decides nothing."""

from dataclasses import replace

import numpy as np
import pytest

from modecollapse.corpus import content_hashes, read_corpus
from modecollapse.pairing import TOKENS, Side, pair
from tests.corpora import made_up, write


@pytest.fixture
def read(tmp_path):
    """Rows as a corpus, through a file as a user's are."""

    def through_a_file(rows, **options):
        return read_corpus(write(tmp_path / "rows.jsonl", rows), **options)

    return through_a_file


def rows(*texts, prompt="p", **fields):
    return [{"prompt": prompt, "text": text, **fields} for text in texts]


def contents(pair):
    return [
        (pair.prompt_keys[prompt], text, int(side), int(line))
        for prompt, text, side, line in zip(pair.rows.prompts, pair.rows.texts, pair.side, pair.lines, strict=True)
    ]


def test_every_row_keeps_its_side_and_line(read):
    found = pair(
        read(rows("one", "two")), read(rows("three")), reheated=read(rows("four")), elicited=read(rows("five"))
    )
    assert sorted(contents(found), key=lambda row: (row[2], row[3])) == [
        ("p", "one", Side.BASE, 1),
        ("p", "two", Side.BASE, 2),
        ("p", "three", Side.NEW, 1),
        ("p", "four", Side.REHEATED, 1),
        ("p", "five", Side.ELICITED, 1),
    ]


def test_prompts_of_one_side_are_named_and_not_matched(read):
    base = read([*rows("a", prompt="both"), *rows("b", prompt="base only")])
    new = read([*rows("c", prompt="both"), *rows("d", prompt="new only")])
    found = pair(base, new)
    assert (found.only_base, found.only_new) == (["base only"], ["new only"])
    assert {text for text, matched in zip(found.rows.texts, found.matched, strict=True) if matched} == {"a", "c"}


def test_order_of_the_files_decides_nothing(read):
    base, new = made_up(3, 4, seed=1), made_up(3, 4, seed=2)
    one, other = pair(read(base), read(new)), pair(read(base[::-1]), read(new[::-1]))
    assert one.rows.texts == other.rows.texts
    assert one.rows.prompts.tolist() == other.rows.prompts.tolist()
    assert one.side.tolist() == other.side.tolist()
    assert one.rows.prompt_texts == other.rows.prompt_texts


def test_hash_tells_prompt_from_text():
    hashes = content_hashes(["ab", "a", ""], ["c", "bc", "abc"])
    assert len(set(hashes.tolist())) == 3


def test_lone_surrogates_of_a_file_can_be_hashed(read):
    found = pair(read(rows("a \ud800", prompt="\udfff")), read(rows("b", prompt="\udfff")))
    assert found.matched.all()


def test_vectors_only_where_all_have_them_alike(read):
    three, two = read(rows("a", embedding=[1.0, 0, 0])), read(rows("b", embedding=[0.0, 1]))
    assert pair(three, three).rows.vectors.shape == (2, 3)
    assert pair(three, two).rows.vectors is None
    assert pair(three, read(rows("c"))).rows.vectors is None


def test_vectors_follow_their_rows(read):
    base, new = read(rows("a", embedding=[1.0, 0])), read(rows("b", embedding=[0.0, 1]))
    found = pair(base, new)
    by_text = dict(zip(found.rows.texts, found.rows.vectors.tolist(), strict=True))
    assert by_text == {"a": [1.0, 0.0], "b": [0.0, 1.0]}


def test_column_missing_on_one_side(read):
    found = pair(read(rows("a", role="cook"), columns=["role"]), read(rows("b")))
    assert dict(zip(found.rows.texts, found.rows.columns["role"], strict=True)) == {"a": "cook", "b": None}


def test_tokens_end_with_a_symbol_that_no_token_is(read):
    base, new = read(rows("a", token_ids=[7, 3])), read(rows("b", token_ids=list(range(TOKENS + 1))))
    found = dict(zip(pair(base, new).rows.texts, pair(base, new).tokens.tolist(), strict=True))
    assert found["b"] == list(range(TOKENS))
    assert found["a"][:2] == [7, 3]
    assert found["a"][2] not in (-1, *found["b"])
    assert set(found["a"][3:]) == {-1}


def test_largest_token_id(read):
    assert pair(read(rows("a", token_ids=[2**31 - 1])), read(rows("b", token_ids=[1]))).tokens is not None


def test_no_tokens_where_a_side_has_none(read):
    assert pair(read(rows("a", token_ids=[1])), read(rows("b"))).tokens is None


def test_ladder_compares_at_the_new_temperature(read):
    base = read([*rows("cool", temperature=0.6), *rows("hot", "hotter", temperature=1.0)])
    assert _parts(pair(base, read(rows("new", temperature=0.6)))) == {
        "cool": Side.BASE,
        "new": Side.NEW,
    } | dict.fromkeys(("hot", "hotter"), Side.RUNG)
    assert _parts(pair(base, read(rows("new")))) == {"cool": Side.RUNG, "new": Side.NEW} | dict.fromkeys(
        ("hot", "hotter"), Side.BASE
    )


def test_same_mixture_of_temperatures_is_compared_as_a_whole(read):
    both = [*rows("cool", temperature=0.6), *rows("hot", "hotter", temperature=1.0)]
    assert Side.RUNG not in _parts(pair(read(both), read(both))).values()


def _parts(pair):
    return dict(zip(pair.rows.texts, map(Side, pair.side.tolist()), strict=True))


def test_recast_matches_prompts_anew(read):
    base = read([*rows("a", prompt="p"), *rows("b", prompt="q")])
    found = pair(base, read(rows("c", prompt="p")), reheated=read(rows("d", prompt="q")))
    again = found.recast(found.side == Side.BASE, found.side == Side.REHEATED)
    assert {text for text, matched in zip(again.rows.texts, again.matched, strict=True) if matched} == {"b", "d"}
    assert np.array_equal(again.side == Side.NEW, found.side == Side.REHEATED)


def test_prompt_text_of_either_side(read):
    base = replace(read([{"prompt_id": "1", "prompt": "What?", "text": "a"}]), prompt_texts={"1": ""})
    assert pair(base, read([{"prompt_id": "1", "prompt": "What?", "text": "b"}])).rows.prompt_texts == ["What?"]
