"""Reasoning is no answer: what follows it is compared, and what was left out is said."""

import random

import pytest

from modecollapse.comparison import compare
from modecollapse.config import Config
from modecollapse.corpus import read_corpus
from modecollapse.corpus.reasoning import without_reasoning
from modecollapse.errors import InputError
from modecollapse.freezing import baseline
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
        ("Okay.</think>\n\nBlue.", "Blue."),
        ("&lt;think&gt;Hm.&lt;/think&gt;Blue.", "Blue."),
        ("<think>One.</think> Write </think> to end it.", "Write </think> to end it."),
    ],
)
def test_what_follows_the_reasoning_is_the_answer(text, answer):
    assert without_reasoning(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "So:\n<think>\nHm.\n</think>\nis how.",
        "Blue.",
        "",
        "Models write <think> and </think> around it.",
        "I think: blue.",
    ],
)
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


UNFINISHED = "Hm. The question may have several sides, and I should weigh each, so"


@pytest.mark.parametrize("begun", ["<think>\n", ""], ids=["by the text", "by the prompt"])
def test_reasoning_that_does_not_end_is_no_answer_and_counted(tmp_path, begun):
    rows = [{"prompt": "p", "text": f"{begun}Hm, {word}.\n</think>\n\n{word}."} for word in ("Blue", "Red", "Green")]
    rows.insert(1, {"prompt": "p", "text": f"{begun}{UNFINISHED}"})
    rows.append({"prompt": "p", "text": f"{begun}Hm.\n</think>"})
    path = write(tmp_path / "c.jsonl", rows)
    corpus = read_corpus(path)
    assert list(corpus.texts) == ["Blue.", "Red.", "Green.", ""]
    assert corpus.lines.tolist() == [1, 3, 4, 5]
    assert [(row.line, row.reason) for row in corpus.skipped] == [(2, "reasoning that does not end")]
    assert corpus.rows == len(rows)
    assert (corpus.reasoning.texts, corpus.reasoning.unfinished, corpus.reasoning.unanswered) == (5, 1, 1)
    assert corpus.sha256 == read_corpus(write(tmp_path / "d.jsonl", [*rows[:1], *rows[2:]])).sha256
    assert list(read_corpus(path, keep_reasoning=True).texts) == [row["text"] for row in rows]


def test_reasoning_that_goes_round_in_circles_is_seen(tmp_path):
    rows = [{"prompt": "p", "text": f"<think>{word}</think>{word}"} for word in ("Blue.", "Red.")]
    looping = "<think>" + "Wait, let me see again. " * 30
    corpus = read_corpus(write(tmp_path / "c.jsonl", [*rows, {"prompt": "p", "text": looping}]))
    assert list(corpus.texts) == ["Blue.", "Red.", looping]
    assert not corpus.skipped


def test_direct_answers_beside_reasoning_that_prompts_begin_stay(tmp_path):
    """They are shorter than reasoning and answer together, and reasoning that a limit ended is not."""
    rows = [{"prompt": "p", "text": f"{UNFINISHED} on.\n</think>\n\n{word}."} for word in ("Blue", "Red")]
    answers = [{"prompt": "p", "text": f"{word} it is."} for word in ("Green", "Grey", "Black")]
    assert len(read_corpus(write(tmp_path / "c.jsonl", [*rows, *answers])).texts) == 5
    unfinished = [{"prompt": "p", "text": f"{UNFINISHED} {word}"} for word in ("on", "off", "out")]
    assert len(read_corpus(write(tmp_path / "c.jsonl", [*rows, *answers, *unfinished])).texts) == 5
    with pytest.raises(InputError, match="3 of 5 texts are reasoning that does not end"):
        read_corpus(write(tmp_path / "c.jsonl", [*rows, *unfinished]))


@pytest.mark.parametrize("prompted", [False, True], ids=["answers alone", "prompt and answer"])
def test_a_model_without_answers_is_not_compared(tmp_path, prompted):
    base = made_up(12, 20, 1)
    new = [
        row | {"text": f"{row['prompt'] * prompted}\n<think>\n{UNFINISHED} {row['text']}"} for row in made_up(12, 20, 2)
    ]
    paths = write(tmp_path / "base.jsonl", base), write(tmp_path / "new.jsonl", new)
    with pytest.raises(InputError, match="240 of 240 texts are reasoning that does not end") as caught:
        compare(*paths, config=QUICK)
    assert caught.value.code == "no-answers"


def test_a_model_whose_reasoning_is_often_too_long_has_lost_nothing(tmp_path):
    base, new = (reasoned(made_up(12, 20, seed), seed) for seed in (1, 2))
    for row in new[::3]:
        row["text"] = f"<think>\n{UNFINISHED}"
    paths = write(tmp_path / "base.jsonl", base), write(tmp_path / "new.jsonl", new)
    report = compare(*paths, config=QUICK)
    assert report.verdict is Verdict.INCONCLUSIVE, "what a third would have answered is not known"
    assert all("unanswered" in facet.reasons or facet.verdict is Verdict.INCONCLUSIVE for facet in report.facets)
    told = [warning.message for warning in report.warnings if warning.code == "reasoning-left-out"]
    assert "Of 80 the reasoning does not end" in told[-1]
    turned = compare(paths[1], paths[0], config=QUICK)
    assert not any("unanswered" in facet.reasons for facet in turned.facets)


def test_tokens_of_the_reasoning_do_not_stand_for_those_of_the_answer(tmp_path):
    rows = [row | {"token_ids": [1, 2]} for row in reasoned(made_up(2, 3, 1), 2)]
    path = write(tmp_path / "c.jsonl", rows)
    assert read_corpus(path).token_ids is None
    assert read_corpus(path, keep_reasoning=True).token_ids is not None


def test_answers_are_not_compared_with_reasoning_that_was_read_before(tmp_path):
    path = write(tmp_path / "c.jsonl", reasoned(made_up(6, 6, 1), 2))
    frozen = tmp_path / "base.mcbase"
    frozen.write_bytes(baseline(path, config=QUICK).to_bytes())
    kept = Config(**{**vars(QUICK), "keep_reasoning": True})
    for base in (frozen, read_corpus(path)):
        compare(base, path, config=QUICK)
        with pytest.raises(InputError, match="reasoning") as caught:
            compare(base, path, config=kept)
        assert caught.value.code == "other-reasoning"
