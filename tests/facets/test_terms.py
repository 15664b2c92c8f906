"""Words in a row as numbers are the words in a row."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.facets.terms import Terms

WORD = st.sampled_from(["a", "b", "c'd", "é", "字", "*", "🙂"])
DOCUMENTS = st.lists(st.lists(WORD, max_size=8), max_size=5)


def spelled(terms):
    """Per document, how often it has each term."""
    found = [Counter() for _ in range(terms.documents)]
    for number, owner in zip(terms.numbers.tolist(), terms.owners.tolist(), strict=True):
        found[owner][terms.spelled(number)] += 1
    return found


@given(DOCUMENTS)
def test_words_in_a_row_stay_inside_their_document(documents):
    terms = Terms.of(documents)
    assert terms.split() == documents
    expected = [
        Counter(" ".join(own[at : at + size]) for size in (1, 2, 3) for at in range(len(own) - size + 1))
        for own in documents
    ]
    assert spelled(terms.in_a_row(3)) == expected


@given(DOCUMENTS)
def test_a_term_has_its_number_and_one_that_stands_nowhere_has_none(documents):
    terms = Terms.of(documents).in_a_row(2)
    assert all(terms.numbered(terms.spelled(number)) == number for number in set(terms.numbers.tolist()))
    assert terms.numbered("nowhere a") == terms.numbered("a nowhere") == 0


@given(DOCUMENTS, st.sets(WORD), st.sets(WORD))
def test_each_group_masks_words_of_its_own(documents, first, second):
    terms, groups = Terms.of(documents), np.arange(len(documents)) % 2
    kept = np.array([[word in known for word in terms.words] for known in (first, second)]).reshape(2, -1)
    masked = terms.masked(kept.astype(bool), groups, "*")
    expected = [[word if word in (first, second)[i % 2] else "*" for word in own] for i, own in enumerate(documents)]
    assert masked.split() == expected


@given(DOCUMENTS, st.lists(st.lists(WORD, max_size=3), min_size=2, max_size=2))
def test_what_the_own_prompt_says_is_left_out_and_the_rest_stands_once(documents, prompts):
    terms, prompt = Terms.of(documents), (np.arange(len(documents)) % 2).astype(np.int32)
    found = terms.once().without(Terms.of(prompts), prompt)
    assert spelled(found) == [Counter(set(own) - set(prompts[i % 2])) for i, own in enumerate(documents)]


def test_many_prompts_of_many_words_are_told_apart():
    """A product of 32 bits would wrap from two thousand million cells on."""
    prompts = [[f"w{number}"] for number in range(50_000)]
    last = Terms.of([*prompts[:-1], ["w49999", "w3"]])
    assert last.once().without(Terms.of(prompts), np.arange(50_000, dtype=np.int32)).owners.tolist() == [49_999]


def test_more_words_than_have_numbers_in_a_row_are_refused():
    words = [str(number) for number in range(2_100_000)]
    with pytest.raises(OverflowError):
        Terms(words, np.array([1]), np.array([0]), 1).in_a_row(3)
