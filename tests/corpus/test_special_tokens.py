"""Tokens that a decoder left around a text are not what the model said, and padding is no loop."""

import random
import time

import pytest

from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.corpus.special_tokens import without_special_tokens
from modecollapse.report import Verdict
from tests.corpora import QUICK, made_up, write

SAID = "It is late.\nGo home"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "</s><pad><pad><pad>"),
        ("", "<|endoftext|>" * 40),
        ("", "<|im_end|>\n<|endoftext|><|endoftext|>"),
        ("<pad> <pad> <s> ", " </s>"),
        ("[CLS] ", " [SEP] [PAD] [PAD]"),
        ("<|begin_of_text|>", "<|eot_id|>"),
        ("<bos>", "<end_of_turn>\n<eos>"),
        ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"),
        ("[gMASK]<sop>", ""),
        ("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>"),
        ("<pad><pad><s>", "</s><pad>"),
    ],
)
def test_what_stands_around_a_text_is_left_out(before, after):
    assert without_special_tokens(f"{before}{SAID}{after}") == SAID


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        f"  {SAID}\n",
        "",
        "a < b > c [see below]",
        "The tag <s> strikes text.",
        "Call f<T>(x) -> list[int]",
        "Where it ends, write </s> or <|im_end|>.",
        "<|im_start|>assistant\nIt is late.",
        "<think>Hm.</think>",
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>It is late.",
        "[INST] What is love? [/INST] No.",
        "let run x = x |> f <|> g",
        "f x = g <| h |>",
        "Use HTML: <s>old</s>",
        "The capital of France is [MASK]",
        "<unk> is the unknown token.",
        "12 [Sep]",
        "It is late. " + "[/INST] " * 30 + "[/INST]",
        "It is late. " + "<|im_start|>" * 30,
        "It is late. " + "<extra_id_0> " * 30 + "<extra_id_0>",
    ],
)
def test_what_a_text_says_itself_stays(text):
    assert without_special_tokens(text) == text


def test_nothing_but_special_tokens_is_an_empty_text():
    assert without_special_tokens("<s> </s>\n<pad><pad>") == ""


@pytest.mark.parametrize(
    "text", ["<pad>" * 90_000 + "a", "a" + "<pad> " * 90_000, " " * 500_000 + "a", "[" * 500_000, "<|" + "pad" * 90_000]
)
def test_no_text_takes_long(text):
    begin = time.monotonic()
    without_special_tokens(text)
    assert time.monotonic() - begin < 5


def padded(rows, seed, whole=False):
    rng = random.Random(seed)
    for row in rows:
        text = f"<s>{row['prompt']}?\n{row['text']}" if whole else row["text"]
        yield {**row, "text": "<pad>" * (whole * rng.randrange(30)) + text + "</s>" + "<pad>" * rng.randrange(60)}


@pytest.mark.parametrize("whole", [False, True])
def test_a_side_decoded_with_special_tokens_has_lost_nothing(tmp_path, whole):
    base, new = ([{**row, "prompt": f"{row['prompt']}?"} for row in made_up(8, 20, seed)] for seed in (1, 2))
    rows = {"base": base, "new": new, "padded": list(padded(new, 3))}
    if whole:
        rows["padded"] = [{**row, "prompt": f"{row['prompt']}?"} for row in padded(made_up(8, 20, 2), 3, whole=True)]
    base, new, decoded = (write(tmp_path / f"{name}.jsonl", of) for name, of in rows.items())
    plain, raw = (compare(base, other, config=QUICK) for other in (new, decoded))
    assert plain.verdict not in (Verdict.LOST, Verdict.COLLAPSED)
    assert raw.facets == plain.facets
    told = {warning.code for warning in raw.warnings} - {warning.code for warning in plain.warnings}
    assert told == {"rewritten-texts", "prompts-in-texts"} if whole else {"rewritten-texts"}
    assert read_corpus(decoded).sha256 == read_corpus(new).sha256


def test_a_model_that_says_nothing_but_its_end_has_collapsed(tmp_path):
    base = made_up(8, 20, 1)
    new = [{**row, "text": "</s>" * 30} for row in made_up(8, 20, 2)]
    report = compare(write(tmp_path / "base.jsonl", base), write(tmp_path / "new.jsonl", new), config=QUICK)
    assert report.verdict is Verdict.COLLAPSED
    assert "empty" in report.headline


def test_token_ids_with_padding_are_not_compared_with_such_without(tmp_path):
    def rows(seed, padding):
        for row in made_up(8, 20, seed):
            words = row["text"].rstrip(".").lower().split()
            ids = [0] * padding + [sum(map(ord, word)) for word in words]
            yield {**row, "text": "<pad>" * padding + row["text"], "token_ids": ids}

    files = [write(tmp_path / f"{name}.jsonl", rows(seed, pad)) for name, seed, pad in (("base", 1, 0), ("new", 2, 3))]
    assert read_corpus(files[0]).token_ids is not None
    assert read_corpus(files[1]).token_ids is None
    assert compare(*files, config=QUICK).verdict not in (Verdict.LOST, Verdict.COLLAPSED)


@pytest.mark.parametrize("token", [" [/INST]", "<|im_start|>"])
def test_a_model_that_repeats_what_begins_a_turn_has_collapsed(tmp_path, token):
    base = made_up(8, 20, 1)
    new = [{**row, "text": row["text"] + token * 30 * (i % 2)} for i, row in enumerate(made_up(8, 20, 2))]
    report = compare(write(tmp_path / "base.jsonl", base), write(tmp_path / "new.jsonl", new), config=QUICK)
    assert report.verdict in (Verdict.LOST, Verdict.COLLAPSED)
    assert "loops" in report.headline


def test_quotations_with_end_tokens_are_quotations(tmp_path):
    rows = [
        {**row, "text": f'"{row["text"]}"' if i % 10 < 7 else f"{row['text']}</s>"}
        for i, row in enumerate(made_up(5, 20, 1))
    ]
    corpus = read_corpus(write(tmp_path / "rows.jsonl", rows))
    assert [text[0] == '"' for text in corpus.texts] == [i % 10 < 7 for i in range(100)]
    assert corpus.rewritten == 30
