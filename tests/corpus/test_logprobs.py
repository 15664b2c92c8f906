"""Log probabilities of every tool arrive as the same numbers; hostile ones are counted and cost no row."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modecollapse.corpus import read_corpus
from modecollapse.corpus.logprobs import DEPTH, MOST, LogprobsGathered, MalformedError, positions_of
from tests.corpora import write

# Two tokens, 7 and 3. At the first place 5 is likelier; at the second 3 is the likeliest.
COMPACT = [[[7, -2.0], [5, -0.5], [7, -2.0]], [[3, -0.1], [3, -0.1], [9, -4.0]]]
VLLM = [
    {
        "7": {"logprob": -2.0, "rank": 2, "decoded_token": "b"},
        "5": {"logprob": -0.5, "rank": 1, "decoded_token": "a"},
        "4": {"logprob": -3.0, "rank": 3, "decoded_token": "d"},
    },
    {
        "3": {"logprob": -0.1, "rank": 1, "decoded_token": "c"},
        "9": {"logprob": -4.0, "rank": 2, "decoded_token": "e"},
    },
]
CHAT = {
    "content": [
        {
            "token": "b",
            "logprob": -2.0,
            "bytes": [98],
            "top_logprobs": [
                {"token": "a", "logprob": -0.5, "bytes": [97]},
                {"token": "b", "logprob": -2.0, "bytes": [98]},
            ],
        },
        {
            "token": "c",
            "logprob": -0.1,
            "bytes": [99],
            "top_logprobs": [{"token": "c", "logprob": -0.1, "bytes": [99]}],
        },
    ],
    "refusal": None,
}
COMPLETIONS = {
    "tokens": ["b", "c"],
    "token_logprobs": [-2.0, -0.1],
    "top_logprobs": [{"a": -0.5, "b": -2.0, "d": -3.0}, {"c": -0.1, "e": -4.0}],
}


def values(position):
    return [value for _, value in position[1]]


@pytest.mark.parametrize("shape", [COMPACT, VLLM, CHAT, COMPLETIONS], ids=["compact", "vllm", "chat", "completions"])
def test_every_shape_tells_the_same(shape):
    first, second = positions_of(shape)
    assert values(first)[:2] == [-0.5, -2.0]
    assert values(second)[0] == -0.1
    assert first[1][1][0] == first[0]  # the sampled token is the second of the list
    assert second[1][0][0] == second[0]


def test_ids_are_ids_and_strings_are_never_taken_for_ids():
    assert [position[0] for position in positions_of(COMPACT)] == [7, 3]
    assert [position[0] for position in positions_of(VLLM)] == [7, 3]
    assert positions_of([{"token_id:7": -0.5, "8": -1.0}])[0][0] == 7
    assert all(position[0] > 2**31 for position in positions_of({"tokens": ["7"], "top_logprobs": [{"7": -0.5}]}))


def test_what_was_drawn_does_not_decide_what_is_listed():
    """Tools that list the sampled token beside the best ones: 2 is not among the two best."""
    listed = [{"2": {"logprob": -9.0, "rank": 40}, "5": {"logprob": -0.5}, "4": {"logprob": -3.0}}]
    [(sampled, top)] = positions_of(listed)
    assert sampled == 2
    assert [key for key, _ in top] == [5, 4]


def test_the_row_s_token_ids_name_the_sampled_token():
    assert positions_of(VLLM, token_ids=[4, 9])[0][0] == 4


def test_parts_of_one_character_are_told_apart_by_their_bytes():
    content = [{"token": "�", "bytes": [240 + i], "top_logprobs": []} for i in range(2)]
    assert len({position[0] for position in positions_of({"content": content})}) == 2


def test_tokens_that_cannot_come_are_not_listed():
    """-9999 and -inf stand for a probability of zero."""
    [(_, listed)] = positions_of([[[1, -0.2], [1, -0.2], [2, -9999.0], [3, -math.inf], [4, -(10**400)]]])
    assert [key for key, _ in listed] == [1]


def test_a_refusal_has_none():
    assert positions_of({"content": None, "refusal": []}) == []


HOSTILE = [
    "text",
    7,
    [7],
    [[[1, math.nan], [1, math.nan]]],
    [[[1, -1.0], [1, math.inf]]],
    [[[1, -1.0], [1, 10**400]]],
    [[[1, -1.0], [1, 0.5]]],
    [[[1, -1.0], [1, True]]],
    [[[1, -1.0], [1, None]]],
    [[[-1, -1.0], [1, -1.0]]],
    [[[2**40, -1.0], [1, -1.0]]],
    [[[1, -1.0], [1, -0.1], [2, -0.1]]],  # two tokens of nine tenths each
    [{"9" * 6000: {"logprob": -1.0}, "x": {}}],
    {"tokens": ["a"], "top_logprobs": "b"},
    {"tokens": [None], "top_logprobs": [{}]},
    {"content": [{"token": "a", "bytes": [999], "top_logprobs": []}]},
    {"content": [{"token": "a", "top_logprobs": [7]}]},
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_malformed_values_are_refused_as_such(value):
    with pytest.raises(MalformedError):
        positions_of(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["content", "tokens", "top_logprobs", "logprob", "token", "7", "x"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(JSON, JSON)
def test_nothing_crashes_the_reader(value, token_ids):
    gathered = LogprobsGathered()
    gathered.append(COMPACT, None)
    gathered.append(value, token_ids)
    found = gathered.gathered()
    assert len(found) == 2
    assert found.starts[-1] == len(found.keys) == len(found.log_p)
    assert (found.log_p <= 0).all()
    assert (found.log_p > -60).all()


def test_rows_keep_theirs_whatever_stands_between(tmp_path):
    rows = [
        {"prompt": "p", "text": "none"},
        {"prompt": "p", "text": "b c", "logprobs": COMPACT},
        {"prompt": "p", "text": "bad", "logprobs": [[[1, 3.0], [1, 3.0]]]},
        {"prompt": "p", "text": "one token", "logprobs": COMPACT[1:]},
    ]
    corpus = read_corpus(write(tmp_path / "rows.jsonl", rows))
    assert len(corpus) == 4
    assert corpus.malformed_logprobs == 1
    assert corpus.logprobs.sampled[:, :3].tolist() == [[-1, -1, -1], [7, 3, -1], [-1, -1, -1], [3, -1, -1]]
    turned = corpus.logprobs.take(np.array([3, 1, 0]))
    assert turned.sampled[:, 0].tolist() == [3, 7, -1]
    entries, owner = turned.entries(np.array([1 * DEPTH, 0, 2 * DEPTH]))
    assert turned.keys[entries].tolist() == [5, 7, 3, 9]
    assert owner.tolist() == [0, 0, 1, 1]


def test_each_generation_of_a_line_has_its_own(tmp_path):
    choices = [
        {"index": 0, "text": "b", "logprobs": COMPLETIONS},
        {"index": 1, "text": "x", "logprobs": {"tokens": ["x"], "top_logprobs": [{"x": -0.1}]}},
    ]
    found = read_corpus(write(tmp_path / "rows.jsonl", [{"prompt": "p", "choices": choices}])).logprobs
    assert len(set(found.sampled[:, 0].tolist())) == 2
    assert (found.sampled[:, 1] >= 0).tolist() == [True, False]


def test_memory_does_not_grow_with_the_texts():
    long = [[[1, -3.0], *([i, -5.0] for i in range(60))]] * 500
    gathered = LogprobsGathered()
    for _ in range(10):
        gathered.append(long, None)
    assert len(gathered.gathered().keys) == 10 * DEPTH * MOST


def test_a_corpus_without_log_probabilities_holds_none(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"prompt": "p", "text": "a", "logprobs": None}) + "\n" for _ in range(3)))
    corpus = read_corpus(path)
    assert corpus.logprobs is None
    assert corpus.malformed_logprobs == 0
