"""Reading corpora: what a user's file says must arrive, whole and in the right place, or be named as skipped."""

from __future__ import annotations

import gc
import gzip
import io
import json
import os
import random
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modecollapse.corpus import Corpus, Skipped, read_corpus
from modecollapse.errors import InputError

USER = {"role": "user", "content": "Name a colour."}
ROWS = [{"prompt_id": "a", "prompt": "Say A.", "text": "Ah"}, {"prompt_id": "b", "prompt": "Say B.", "text": "Bé 😀"}]


def lines_of(*rows: object) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.fixture
def read(tmp_path):
    def read_bytes(data: bytes, name: str = "rows.jsonl", **options) -> Corpus:
        path = tmp_path / name
        path.write_bytes(data)
        return read_corpus(path, **options)

    return read_bytes


@pytest.fixture
def read_rows(read):
    return lambda *rows, **options: read(lines_of(*rows), **options)


def pairs(corpus: Corpus) -> list[tuple[str, str]]:
    return list(zip(corpus.prompt_keys, corpus.texts, strict=True))


# What each tool writes, cut to what matters; then (prompt key, text) per generation, the prompt's text, the path taken.
DIALECTS = {
    "text": ({"prompt": "Q", "text": "A"}, [("Q", "A")], "Q", "text"),
    "output": ({"prompt": "Q", "output": "A"}, [("Q", "A")], "Q", "output"),
    "completion": (
        {"task_id": "HumanEval/0", "prompt": "Q", "completion": "A"},
        [("HumanEval/0", "A")],
        "Q",
        "completion",
    ),
    "response": ({"question": "Q", "response": "A"}, [("Q", "A")], "Q", "response"),
    "generation": ({"question_id": 81, "query": "Q", "generation": "A"}, [("81", "A")], "Q", "generation"),
    "generated_text": ({"inputs": "Q", "generated_text": "A"}, [("Q", "A")], "Q", "generated_text"),
    "reference next to generation": (
        {"instruction": "Q", "input": "", "output": "reference", "response": "A"},
        [("Q", "A")],
        "Q",
        "response",
    ),
    "source next to output": ({"text": "long source", "output": "A"}, [("", "A")], "", "output"),
    "alpaca": ({"instruction": "Q", "input": "X", "output": "A"}, [("Q\n\nX", "A")], "Q\n\nX", "output"),
    "alpaca-eval": (
        {"dataset": "helpful_base", "instruction": "Q", "output": "A", "generator": "m"},
        [("Q", "A")],
        "Q",
        "output",
    ),
    "openai chat": (
        {
            "id": "chatcmpl-1",
            "messages": [USER],
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": "red"}, "finish_reason": "stop"},
                {"index": 1, "message": {"role": "assistant", "content": "blue"}, "finish_reason": "stop"},
            ],
        },
        [("Name a colour.", "red"), ("Name a colour.", "blue")],
        "Name a colour.",
        "choices.*.message",
    ),
    "openai chat, refused": (
        {"prompt": "Q", "choices": [{"message": {"role": "assistant", "content": None, "refusal": "I can't."}}]},
        [("Q", "I can't.")],
        "Q",
        "choices.*.message",
    ),
    "openai completions": (
        {"prompt": "Q", "choices": [{"text": " A", "index": 0, "logprobs": None}]},
        [("Q", " A")],
        "Q",
        "choices.*.text",
    ),
    "openai batch": (
        {
            "id": "batch_req_1",
            "custom_id": "request-2",
            "response": {
                "status_code": 200,
                "body": {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}}]},
            },
            "error": None,
        },
        [("request-2", "Hello.")],
        "",
        "response.body.choices.*.message",
    ),
    "openai batch, responses": (
        {
            "custom_id": "r",
            "response": {
                "body": {
                    "output": [
                        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
                        {
                            "type": "message",
                            "role": "assistant",
                            "content": [{"type": "output_text", "text": "Hello."}],
                        },
                    ]
                }
            },
        },
        [("r", "Hello.")],
        "",
        "response.body.output",
    ),
    "anthropic batch": (
        {
            "custom_id": "r",
            "result": {
                "type": "succeeded",
                "message": {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "hm"},
                        {"type": "text", "text": "Hel"},
                        {"type": "text", "text": "lo."},
                    ],
                },
            },
        },
        [("r", "Hello.")],
        "",
        "result.message",
    ),
    "lm-evaluation-harness": (
        {
            "doc_id": 7,
            "doc": {"question": "2+2?"},
            "target": "4",
            "arguments": {"gen_args_0": {"arg_0": "Q: 2+2?\nA:", "arg_1": {"until": ["\n"]}}},
            "resps": [["It is 4", "Four"]],
            "filtered_resps": ["4"],
            "filter": "strict-match",
            "exact_match": 1.0,
        },
        [("7", "It is 4"), ("7", "Four")],
        "Q: 2+2?\nA:",
        "resps.*.*",
    ),
    "lm-evaluation-harness, older": (
        {"doc_id": 0, "doc": {}, "arguments": [["Q", {"until": []}]], "resps": [["A"]], "filtered_resps": ["A"]},
        [("0", "A")],
        "Q",
        "resps.*.*",
    ),
    "lm-evaluation-harness, answers only": (
        {"doc_id": 0, "target": "B", "filtered_resps": ["A"]},
        [("0", "A")],
        "",
        "filtered_resps.*",
    ),
    "vllm": (
        {
            "request_id": "17",
            "prompt": "Q",
            "prompt_token_ids": [1, 2],
            "outputs": [{"index": 0, "text": "A", "token_ids": [5]}, {"index": 1, "text": "B", "token_ids": [6]}],
        },
        [("Q", "A"), ("Q", "B")],
        "Q",
        "outputs.*.text",
    ),
    **{
        name: ({"prompt": "Q", name: ["A", "B"]}, [("Q", "A"), ("Q", "B")], "Q", f"{name}.*")
        for name in ("texts", "outputs", "responses", "completions", "generations", "text", "output", "response")
    },
    "objects in a list": (
        {"prompt": "Q", "generations": [{"text": "A"}, {"text": "B"}]},
        [("Q", "A"), ("Q", "B")],
        "Q",
        "generations.*.text",
    ),
    "pipeline, chat": (
        {"prompt": "Q", "generated_text": [USER, {"role": "assistant", "content": "red"}]},
        [("Q", "red")],
        "Q",
        "generated_text",
    ),
    "messages": (
        {"messages": [USER, {"role": "assistant", "content": "red"}]},
        [("Name a colour.", "red")],
        "Name a colour.",
        "messages",
    ),
    "messages, several turns": (
        {"messages": [{"role": "system", "content": "Be short."}, USER, {"role": "assistant", "content": "red"}]},
        [("system: Be short.\n\nuser: Name a colour.", "red")],
        "system: Be short.\n\nuser: Name a colour.",
        "messages",
    ),
    "sharegpt": (
        {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]},
        [("Q", "A")],
        "Q",
        "conversations",
    ),
    "messages as prompt": (
        {"prompt": [USER], "response": "red"},
        [("Name a colour.", "red")],
        "Name a colour.",
        "response",
    ),
    "messages hold the answer too": (
        {"messages": [USER, {"role": "assistant", "content": "red"}], "response": "red"},
        [("Name a colour.", "red")],
        "Name a colour.",
        "response",
    ),
    "answer options are no generations": (
        {"question": "Q", "choices": ["A", "B"], "output": "I say B"},
        [("Q", "I say B")],
        "Q",
        "output",
    ),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_gives_texts_and_prompts(read_rows, name):
    row, expected, prompt, path = DIALECTS[name]
    corpus = read_rows(row)
    assert pairs(corpus) == expected
    assert corpus.fields.text == path
    assert dict(corpus.prompt_texts) == {expected[0][0]: prompt}
    assert corpus.skipped == []


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("text", "plain"),
        ("openai chat", "openai"),
        ("openai batch", "openai-batch"),
        ("anthropic batch", "anthropic-batch"),
        ("lm-evaluation-harness", "lm-evaluation-harness"),
        ("vllm", "vllm"),
        ("texts", "several"),
        ("sharegpt", "chat"),
    ],
)
def test_dialect_is_named_as_its_users_know_it(read_rows, name, dialect):
    assert read_rows(DIALECTS[name][0]).fields.dialect == dialect


def zstd_frames(data: bytes) -> bytes:
    half = len(data) // 2
    return b"".join(zstandard.ZstdCompressor().compress(part) for part in (data[:half], data[half:]))


PACKED = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "gzip members": lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
    "zstd": zstandard.ZstdCompressor().compress,
    "zstd frames": zstd_frames,
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "windows lines": lambda data: data.replace(b"\n", b"\r\n"),
    "blank lines": lambda data: b"\n \n" + data.replace(b"\n", b"\n\n"),
    "no last newline": lambda data: data.rstrip(),
    "array": lambda data: json.dumps([json.loads(line) for line in data.splitlines()]).encode(),
    "pretty array": lambda data: (
        b"\n" + json.dumps([json.loads(line) for line in data.splitlines()], indent=2).encode()
    ),
    "array after a byte order mark, gzip": lambda data: gzip.compress(
        b"\xef\xbb\xbf" + json.dumps([json.loads(line) for line in data.splitlines()]).encode()
    ),
}


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("source", ["file", "stdin"])
def test_each_packing_gives_the_same_rows(read, monkeypatch, packing, source):
    data = PACKED[packing](lines_of(*ROWS))
    if source == "file":
        corpus = read(data, "a name that tells nothing")
    else:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        corpus = read_corpus("-")
        assert corpus.name == "stdin"
    assert pairs(corpus) == [("a", "Ah"), ("b", "Bé 😀")]
    assert corpus.skipped == []


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_pipe_that_delivers_one_byte_at_a_time(monkeypatch, compress):
    class Drip(io.RawIOBase):
        rest = compress(lines_of(*ROWS))

        def readable(self):
            return True

        def readinto(self, buffer):
            size = min(1, len(self.rest))
            buffer[:size], self.rest = self.rest[:size], self.rest[size:]
            return size

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(Drip())))
    assert read_corpus("-").texts == ["Ah", "Bé 😀"]


def test_standard_input_stays_open(monkeypatch):
    stdin = io.BufferedReader(io.BytesIO(gzip.compress(lines_of(*ROWS))))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stdin))
    read_corpus("-")
    gc.collect()
    assert not stdin.closed


def test_bad_lines_are_named_by_line_and_reason(read):
    good = lines_of(ROWS[0])
    bad = [
        (b"{", "not JSON"),
        (b"[1, 2]", "not an object"),
        (b"null", "not an object"),
        (b'{"prompt_id": "a"}', "no text"),
        (b'{"prompt_id": "a", "text": null}', "no text"),
        (b'{"prompt_id": "a", "text": 3}', "text is not a string"),
        (b'{"prompt_id": "a", "text": "\xff"}', "invalid UTF-8"),
        (b'{"prompt_id": "a", "text": "x", "score": NaN}', "NaN or infinity"),
        (b'{"prompt_id": "a", "text": "x", "score": 1e999}', "NaN or infinity"),
        (b'{"prompt_id": "a", "text": "x", "deep": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"text": "x"}', "no prompt"),
        (b'{"prompt_id": "a", "output": "x", "response": "y"}', "several fields could be the text"),
    ]
    data = good + b"\n" + b"".join(line + b"\n" + good for line, _ in bad)
    corpus = read(data, max_bad=0.5)
    assert corpus.skipped == [Skipped(3 + 2 * i, reason) for i, (_, reason) in enumerate(bad)]
    assert corpus.lines.tolist() == [1, *range(4, 2 * len(bad) + 3, 2)]
    assert corpus.rows == 2 * len(bad) + 1


def test_bad_elements_of_an_array_are_named_by_their_place(read):
    data = b'[{"text": "a"},\n\n 3, {"text": "\xff"}, {"text": "b"}]'
    corpus = read(data, max_bad=0.5)
    assert corpus.skipped == [Skipped(2, "not an object"), Skipped(3, "invalid UTF-8")]
    assert corpus.lines.tolist() == [1, 4]


def test_array_with_what_only_python_writes_loses_no_more_than_that_element(read):
    corpus = read(b'[{"text": "a", "x": NaN}, {"text": "b\\ud800"}, {"text": "c"}]', max_bad=0.5)
    assert corpus.texts == ["b\ufffd", "c"]
    assert corpus.skipped == [Skipped(1, "NaN or infinity")]


def test_first_line_that_is_a_list_is_a_bad_line_of_json_lines(read):
    corpus = read(b'["header"]\n' + lines_of(*ROWS), max_bad=0.5)
    assert corpus.skipped == [Skipped(1, "not an object")]
    assert corpus.lines.tolist() == [2, 3]


def test_more_bad_lines_than_allowed_is_an_error_that_names_them(read):
    data = lines_of(*[ROWS[0]] * 98) + b"{\n{\n"
    with pytest.raises(InputError) as caught:
        read(data)
    assert caught.value.code == "too-many-bad-lines"
    assert caught.value.line == 99
    assert "2 of 100" in caught.value.message
    assert "line 100: not JSON" in caught.value.message
    assert len(read(data, max_bad=0.02)) == 98


def test_share_of_bad_lines_counts_lines_not_generations(read):
    data = lines_of(*[{"prompt": "Q", "texts": ["a"] * 50}] * 49) + b"{\n"
    with pytest.raises(InputError, match="1 of 50 lines"):
        read(data)


def test_missing_generation_among_several_is_skipped_alone(read_rows):
    row = {
        "prompt": "Q",
        "choices": [{"message": {"content": None, "tool_calls": []}}, {"message": {"content": "red"}}],
    }
    corpus = read_rows(row, max_bad=1)
    assert corpus.texts == ["red"]
    assert corpus.skipped == [Skipped(1, "no text")]
    assert corpus.rows == 2


def test_empty_text_is_a_text(read_rows):
    assert read_rows({"prompt": "Q", "text": ""}, {"prompt": "Q", "text": "x"}).texts == ["", "x"]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\xef\xbb\xbf", b"[]", gzip.compress(b"", mtime=0), b"{}\n", b'{"a": 1}\n', b"hello\n"]
)
def test_file_without_a_usable_row_is_an_error(read, data):
    with pytest.raises(InputError) as caught:
        read(data, max_bad=1)
    assert caught.value.code == "no-usable-row"
    assert "rows.jsonl" in str(caught.value)


def packed_rows() -> bytes:
    noise = random.Random(3)
    return lines_of(*({"text": f"{noise.random()}"} for _ in range(2000)))


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress, zstd_frames])
@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_truncated_compression_is_an_error_not_a_short_corpus(read, compress, kept):
    packed = compress(packed_rows())
    with pytest.raises(InputError) as caught:
        read(packed[: int(len(packed) * kept)])
    assert caught.value.code == "damaged-compression"
    assert caught.value.hint


def test_truncated_array_is_an_error_not_bad_lines(read):
    with pytest.raises(InputError) as caught:
        read(json.dumps(ROWS, indent=1).encode()[:-20])
    assert caught.value.code == "malformed-array"


@pytest.mark.parametrize("head", [b"PAR1", b"PK\x03\x04", b"BZh9", b"\xfd7zXZ\x00", "\ufefftext".encode("utf-16")])
def test_other_formats_are_named(read, head):
    with pytest.raises(InputError) as caught:
        read(head + b"\x00" * 100)
    assert caught.value.code == "unsupported-format"
    assert caught.value.hint


def test_missing_file_and_directory(tmp_path):
    for path, code in [
        (tmp_path / "no.jsonl", "file-not-found"),
        (tmp_path, "is-a-directory"),
        ("a\0b", "cannot-read"),
    ]:
        with pytest.raises(InputError) as caught:
            read_corpus(path)
        assert caught.value.code == code
        assert caught.value.file
        assert caught.value.hint


def test_file_that_may_not_be_read(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path / "rows.jsonl")
    assert caught.value.code == "permission-denied"


def test_fields_by_dotted_path(read_rows):
    row = {"a": {"b": [{"c": "A"}]}, "meta": {"q.id": 3, "t": 0.5, "judge": "calm"}, "text": "not this"}
    corpus = read_rows(
        row, text_field="a.b.0.c", prompt_field="meta.q.id", temperature_field="meta.t", columns=["meta.judge"]
    )
    assert pairs(corpus) == [("3", "A")]
    assert corpus.temperatures.tolist() == [0.5]
    assert corpus.columns == {"meta.judge": ["calm"]}
    assert (corpus.fields.text, corpus.fields.prompt, corpus.fields.temperature) == ("a.b.0.c", "meta.q.id", "meta.t")


@pytest.mark.parametrize(
    "option", [{"text_field": "txet"}, {"prompt_field": "txet"}, {"temperature_field": "txet"}, {"columns": ["txet"]}]
)
def test_wrong_field_names_those_that_exist(read_rows, option):
    with pytest.raises(InputError) as caught:
        read_rows({"prompt": "Q", "text": "A", "meta": {"judge": "x"}}, **option)
    assert caught.value.code == "no-such-field"
    assert "txet" in caught.value.message
    assert "text" in caught.value.hint
    assert "meta.judge" in caught.value.hint


def test_the_field_that_is_likely_the_text_is_told_and_not_guessed(read_rows):
    """Where models answer benchmarks, "answer" is the reference: the same on both sides, whatever the model says."""
    rows = [{"qid": f"wish_{i // 2}", "subset": "BROAD", "answer": "I wish that it would rain."} for i in range(4)]
    with pytest.raises(InputError) as caught:
        read_rows(*rows)
    assert "--text-field (answer has the longest strings)" in caught.value.hint
    with pytest.raises(InputError) as caught:
        read_rows({"prompt": "Tell me, at some length, of your day.", "model_says": "No."})
    assert "(model_says has the longest strings)" in caught.value.hint
    assert read_rows(*rows, text_field="answer").prompt_keys == ["wish_0", "wish_0", "wish_1", "wish_1"]


def test_ids_that_may_number_rows_count_only_where_there_is_no_prompt(read_rows):
    rows = [{"qid": number, "prompt": "Q", "text": f"A{number}"} for number in range(3)]
    assert read_rows(*rows).prompt_keys == ["Q"] * 3
    assert read_rows(*({"qid": row["qid"] // 2, "text": row["text"]} for row in rows)).prompt_keys == ["0", "0", "1"]


def test_text_field_is_not_also_the_prompt(read_rows):
    assert read_rows({"input": "A"}, {"input": "B"}, text_field="input").prompt_keys == ["", ""]


def test_numbers_as_ids_match_however_they_were_written(read_rows):
    assert read_rows({"prompt_id": 7, "text": "a"}, {"prompt_id": 7.0, "text": "b"}).prompt_keys == ["7", "7"]


def test_no_prompt_at_all_is_one_prompt(read_rows):
    corpus = read_rows({"text": "a"}, {"text": "b"})
    assert corpus.prompt_keys == ["", ""]
    assert corpus.fields.prompt is None


def test_shape_of_most_rows_is_the_file_s_and_lone_others_are_read(read_rows):
    rows = [{"prompt": "Q", "output": "A", "text": "source"}, *[{"prompt": "Q", "text": "B", "output": None}] * 3]
    corpus = read_rows(*rows, {"prompt": "Q", "response": "C"})
    assert corpus.fields.text == "text"
    assert corpus.texts == ["source", "B", "B", "B", "C"]


def test_settings_from_row_and_from_sampling_parameters(read_rows):
    corpus = read_rows(
        {"text": "a", "temperature": 0.7, "top_p": 0.9, "sample": 4},
        {"text": "b", "sampling_params": {"temperature": 1, "top_k": 50, "min_p": 0.1}},
        {"text": "c", "temperature": "hot", "sample": -5},
    )
    np.testing.assert_array_equal(corpus.temperatures, [0.7, 1.0, np.nan])
    np.testing.assert_array_equal(corpus.decoding["top_p"], [0.9, np.nan, np.nan])
    np.testing.assert_array_equal(corpus.decoding["top_k"], [np.nan, 50, np.nan])
    np.testing.assert_array_equal(corpus.decoding["min_p"], [np.nan, 0.1, np.nan])
    assert corpus.samples.tolist() == [4, -1, -1]


def test_lists_beside_several_generations_are_shared_out(read_rows):
    corpus = read_rows(
        {
            "prompt": "Q",
            "texts": ["a", "b"],
            "temperature": [0.1, 0.2],
            "token_ids": [[1], [2, 3]],
            "judge": ["x", "y"],
        },
        columns=["judge"],
    )
    assert corpus.temperatures.tolist() == [0.1, 0.2]
    assert [ids.tolist() for ids in corpus.token_ids] == [[1], [2, 3]]
    assert corpus.columns == {"judge": ["x", "y"]}
    assert corpus.samples.tolist() == [0, 1]


def test_token_ids_of_a_row_are_not_given_to_each_of_its_texts(read_rows):
    assert read_rows({"prompt": "Q", "texts": ["a", "b"], "token_ids": [1, 2]}).token_ids is None


@pytest.mark.parametrize(
    "other", [{}, {"token_ids": None}, {"token_ids": [2**40]}, {"token_ids": [-1]}, {"token_ids": "1"}]
)
def test_token_ids_only_where_every_row_has_them(read_rows, other):
    assert read_rows({"text": "a", "token_ids": [1]}, {"text": "b", **other}).token_ids is None


def test_labels_are_strings(read_rows):
    rows = [{"text": "a", "judge": value} for value in ("x", 3, 3.0, 0.5, True, None, ["x", "y"], {"x": 1})]
    assert read_rows(*rows, columns=["judge"]).columns["judge"] == ["x", "3", "3", "0.5", "true", None, None, None]


def test_embeddings_become_unit_vectors(read_rows):
    corpus = read_rows({"text": "a", "embedding": [3, 4.0]}, {"text": "b", "embedding": [0, -2]})
    assert corpus.vectors.dtype == np.float32
    np.testing.assert_allclose(corpus.vectors, [[0.6, 0.8], [0, -1]], rtol=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"embedding": [1.0]},
        {"embedding": [0, 0]},
        {"embedding": [1e300, 1]},
        {"embedding": ["1", "2"]},
        {"embedding": []},
    ],
)
def test_embeddings_only_where_every_row_has_a_usable_one(read_rows, other):
    assert read_rows({"text": "a", "embedding": [1, 2]}, {"text": "b", **other}).vectors is None
    assert read_rows({"text": "b", **other}, {"text": "a", "embedding": [1, 2]}).vectors is None


def test_embeddings_are_not_kept_as_python_numbers(tmp_path):
    rows, dimensions = 1000, 384
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines_of({"text": "a", "embedding": [0.5] * dimensions}) * rows)
    tracemalloc.start()
    vectors = read_corpus(path).vectors
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert vectors.shape == (rows, dimensions)
    # The first hundred rows are looked at together; a float in a list takes 32 bytes, all of them 12 MB.
    assert peak < 2 * vectors.nbytes + 100 * dimensions * 32 + 1_000_000


def test_embeddings_of_several_generations(read_rows):
    corpus = read_rows({"prompt": "Q", "texts": ["a", "b"], "embedding": [[1, 0], [0, 1]]})
    assert corpus.vectors.tolist() == [[1, 0], [0, 1]]


def test_answer_filters_do_not_double_the_generations(read_rows):
    rows = [
        {"doc_id": i, "resps": [[f"answer {i}"]], "filtered_resps": [str(i)], "filter": name}
        for name in ("strict-match", "flexible-extract")
        for i in range(3)
    ]
    corpus = read_rows(*rows)
    assert corpus.texts == ["answer 0", "answer 1", "answer 2"]
    assert {skipped.reason for skipped in corpus.skipped} == {"repeats a generation under another filter"}


def test_equal_samples_are_kept(read_rows):
    assert len(read_rows(*[{"doc_id": 0, "resps": [["same"]], "filter": "none"}] * 3)) == 3


@pytest.mark.parametrize("seed", range(5))
def test_hash_is_that_of_the_rows_not_of_their_order(read_rows, seed):
    rows = [
        {"prompt_id": f"p{i % 5}", "prompt": f"wording {i % 3}", "text": f"t{i}", "temperature": i / 10}
        for i in range(30)
    ]
    shuffled = random.Random(seed).sample(rows, len(rows))
    one, other = read_rows(*rows), read_rows(*shuffled)
    assert one.sha256 == other.sha256
    assert list(one.prompt_texts.items()) == list(other.prompt_texts.items())


@pytest.mark.parametrize("change", [{"text": "other"}, {"prompt_id": "c"}, {"temperature": 0.5}, {"top_p": 0.5}])
def test_hash_changes_with_the_rows(read_rows, change):
    assert read_rows(*ROWS).sha256 != read_rows(ROWS[0], {**ROWS[1], **change}).sha256


def test_hash_counts_repeated_rows(read_rows):
    assert read_rows(*ROWS).sha256 != read_rows(*ROWS, ROWS[0]).sha256


def test_whatever_was_read_can_be_written(read):
    data = b'{"prompt": "\\udc80", "text": "a\\ud800b \\ud83d\\ude00", "tag": "\\udfff"}\n'
    corpus = read(data, columns=["tag"])
    assert corpus.texts == ["a\ufffdb 😀"]
    for text in (*corpus.texts, *corpus.prompt_keys, *corpus.prompt_texts.values(), *corpus.columns["tag"]):
        text.encode()


def test_name_has_no_directory_and_obeys_no_terminal(read):
    name = "ro\x1b[31mws\u202e.jsonl"
    corpus = read(lines_of(*ROWS), name)
    assert corpus.name == "ro[31mws.jsonl"
    with pytest.raises(InputError) as caught:
        read(b"", name)
    assert caught.value.file.endswith(f"{os.sep}ro[31mws.jsonl")


def test_hostile_field_names_in_an_error_are_printable_and_few(read_rows):
    row = {"\x1b]0;x\x07" + "long" * 100: 1, **{f"field{i}": i for i in range(1000)}}
    with pytest.raises(InputError) as caught:
        read_rows(row)
    assert caught.value.hint.isprintable()
    assert len(caught.value.hint) < 3000


NAMES = [
    "text",
    "output",
    "outputs",
    "response",
    "body",
    "choices",
    "message",
    "messages",
    "content",
    "role",
    "type",
    "prompt",
    "prompt_id",
    "instruction",
    "input",
    "resps",
    "arguments",
    "doc_id",
    "filter",
    "temperature",
    "sampling_params",
    "token_ids",
    "embedding",
    "sample",
    "index",
    "judge",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner | st.sampled_from(["assistant", "user", "text", "message"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)
HEADS = st.sampled_from(
    [b"", b"[", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b'{"text": "a"}\n', b'{"text": "']
)
ANYTHING = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)


def assert_read_or_refused(corpus_of) -> None:
    try:
        corpus = corpus_of()
    except InputError as error:
        assert error.code
        assert error.file
        return
    assert len(corpus) == len(corpus.prompt_keys) == len(corpus.lines) == corpus.rows - len(corpus.skipped)
    assert set(corpus.prompt_keys) <= set(corpus.prompt_texts)
    "".join(corpus.texts).encode()


@ANYTHING
@given(head=HEADS, data=st.binary(max_size=200), packing=st.sampled_from(sorted({"plain", "gzip", "zstd"})))
def test_any_bytes_are_read_or_refused(read, head, data, packing):
    assert_read_or_refused(lambda: read(PACKED[packing](head + data), max_bad=1))


@ANYTHING
@given(rows=st.lists(JSON, max_size=5), as_array=st.booleans())
def test_any_json_is_read_or_refused(read, rows, as_array):
    data = json.dumps(rows).encode() if as_array else b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    assert_read_or_refused(lambda: read(data, columns=["judge"], max_bad=1))
    assert_read_or_refused(lambda: read(data, text_field="output.0.text", prompt_field="body", max_bad=1))


@pytest.mark.parametrize("depth", [50, 300, 480, 900, 5000])
def test_deep_nesting_is_refused_not_a_crash(read, depth):
    parts = '{"type": "message", "content": [' * depth + "]}" * depth
    assert_read_or_refused(
        lambda: read(f'{{"text": [{parts}], "prompt": [{parts}]}}\n{{"text": "a"}}\n'.encode(), max_bad=1)
    )
    assert_read_or_refused(lambda: read(f'[{{"text": [{parts}], "x": NaN}}, {{"text": "a"}}]'.encode(), max_bad=1))
