"""Reasoning is no answer: what follows it is compared, and what was left out is said."""

import random

import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.corpus import read_corpus
from modecollapse.reasoning import without_reasoning
from modecollapse.report import Verdict
from tests.corpora import QUICK, made_up, write


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>\nOkay, a colour.\n</think>\n\nBlue.", "Blue."),
        ("  <thinking>Hm.</thinking>Blue.", "Blue."),
        ("<think>\n\n</think>\n\nBlue.", "Blue."),
        ("Okay, a colour.\n</think>\n\nBlue.", "Blue."),
        ("[THINK]Hm.[/THINK]Blue.", "Blue."),
        ("<think>Hm.</think>\n<answer>Blue.</answer>", "Blue."),
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Blue.<|return|>",
            "Blue.",
        ),
        ("<think>Hm, it never ends", ""),
        ("<think>One.</think> Write </think> to end it.", "Write </think> to end it."),
    ],
)
def test_what_follows_the_reasoning_is_the_answer(text, answer):
    assert without_reasoning(text) == answer


@pytest.mark.parametrize("text", ["Blue.", "", "Models write <think> and </think> around it.", "I think: blue."])
def test_a_text_without_reasoning_is_left_alone(text):
    assert without_reasoning(text) is None


def reasoned(rows, seed):
    rng = random.Random(seed)
    thoughts = ["Okay, the user wants a sentence.", "Hmm, let me see.", "The question is a simple one."]
    return [row | {"text": f"<think>\n{rng.choice(thoughts)}\n</think>\n\n{row['text']}"} for row in rows]


def test_a_model_that_reasons_first_has_lost_no_opening(tmp_path):
    base, new = (made_up(12, 20, seed) for seed in (1, 2))
    paths = write(tmp_path / "base.jsonl", base), write(tmp_path / "new.jsonl", reasoned(new, 3))
    report = compare(*paths, config=QUICK)
    told = [warning.message for warning in report.warnings if warning.code == "reasoning-left-out"]
    assert len(told) == 1
    assert told[0].startswith("240 of 240 texts of new")
    assert report.verdict not in {Verdict.LOST, Verdict.COLLAPSED}
    kept = compare(*paths, config=Config(**{**vars(QUICK), "keep_reasoning": True}))
    assert kept.verdict in {Verdict.LOST, Verdict.COLLAPSED}


def test_reasoning_that_never_ends_is_an_empty_answer_and_counted(tmp_path):
    rows = [{"prompt": "p", "text": "<think>On and on"}, {"prompt": "p", "text": "<think>Hm.</think>Blue."}]
    corpus = read_corpus(write(tmp_path / "c.jsonl", rows))
    assert list(corpus.texts) == ["", "Blue."]
    assert (corpus.reasoned, corpus.unanswered) == (2, 1)
    assert list(read_corpus(tmp_path / "c.jsonl", keep_reasoning=True).texts) == [row["text"] for row in rows]
