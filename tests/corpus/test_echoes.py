"""A prompt that stands before the answer is no opening, and what the model says first is."""

import random
import re
import time

import pytest

from modecollapse.comparison import compare
from modecollapse.corpus import read_corpus
from modecollapse.corpus.echoes import answer, before_prompts
from modecollapse.report import Verdict
from tests.corpora import QUICK, made_up, write

ASKED, SAID = "What is love?", "It is late.\nGo home"


def asked(seed):
    return [{**row, "prompt": f"{row['prompt']}?"} for row in made_up(8, 20, seed)]


TEMPLATES = [
    ("", " "),
    ("", "\n\n"),
    ("User: ", "\nAssistant: "),
    ("user\n", "\nassistant\n"),
    ("system\nYou are a helpful assistant\nuser\n", "\nassistant\n"),
    ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
    ("<s>[INST] ", " [/INST] "),
    ("### Instruction:\n", "\n\n### Response:\n"),
    ("<start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n"),
    (
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
]


@pytest.mark.parametrize(("before", "between"), TEMPLATES)
def test_the_answer_is_what_follows_the_prompt(before, between):
    assert answer(before, ASKED, f"{before}{ASKED}{between}{SAID}") == SAID


def test_a_prompt_without_an_end_is_known_by_what_follows():
    assert answer("", "Python", "Python\nA language.") == "A language."
    assert answer("", "Python", "Python<|im_end|>A language.") == "A language."
    assert answer("", "Once upon a time there was a king", "Once upon a time there was a king of Spain") == "of Spain"


@pytest.mark.parametrize(
    "said", ["It's a difficult question.", "Assistants are many: five", "Modelling is art", "AI is"]
)
def test_words_of_an_answer_stay(said):
    assert answer("", ASKED, f"{ASKED}\n{said}") == said


def test_a_role_behind_a_prompt_that_none_stands_before_is_said():
    assert answer("", ASKED, f"{ASKED}\nAnswer: no") == "Answer: no"
    assert answer("Question: ", ASKED, f"Question: {ASKED}\nAnswer: no") == "no"
    assert answer("Question: ", ASKED, f"Question: {ASKED}\nAnswer: A: no") == "A: no"
    assert answer("<s>[INST] ", ASKED, f"<s>[INST] {ASKED} [/INST] Answer: no") == "Answer: no"
    assert answer("user\n", ASKED, f"user\n{ASKED}\nassistant\nAnswer: no") == "Answer: no"
    assert answer("user\n", ASKED, f"user\n{ASKED}\nassistant\nA\nno") == "A\nno"
    assert answer("user\r\n", ASKED, f"user\r\n{ASKED}\r\nassistant\r\nno") == "no"


@pytest.mark.parametrize(
    ("before", "prompt", "text"),
    [
        ("", "Python", "Python is a language."),
        ("", "The sea", "The sea, the sea!"),
        ("", "The theory of relativity", "The theory of relativity is due to Einstein."),
        ("You asked: ", ASKED, f"You asked: {ASKED} It is late."),
        ("A good question: ", ASKED, f"A good question: {ASKED} It is late."),
        ("Let me think about it:\n\n", ASKED, f"Let me think about it:\n\n{ASKED}\nIt is late."),
    ],
)
def test_what_a_model_may_say_itself_is_no_echo(before, prompt, text):
    assert answer(before, prompt, text) is None


@pytest.mark.parametrize("text", ["Love is what it is", "what is love? It is", "", "What is lov"])
def test_a_text_without_its_prompt_stays(text):
    assert answer("", ASKED, text) is None
    assert answer("", " ", text) is None


def test_what_stands_before_most_prompts_is_found_in_any_order():
    rows = [("A?", "user\nA? No."), ("B?", "user\nB? No.")] * 40 + [("C?", "Well, no. C? What?"), ("D?", "")] * 10
    for seed in range(5):
        prompts, texts = zip(*random.Random(seed).sample(rows, len(rows)), strict=True)
        assert before_prompts(prompts, texts) == "user\n"


def test_prompts_that_are_examples_too_are_found_in_any_order(tmp_path):
    shots = "".join(f"Question: What is {i}?\nAnswer: {i}\n\n" for i in range(5))
    rows = [
        {"prompt": f"What is {i}?", "text": f"{shots}Question: What is {i}?\nAnswer: {sample} and {i}"}
        for i in range(10)
        for sample in range(4)
    ]
    for seed in range(8):
        corpus = read_corpus(write(tmp_path / "rows.jsonl", random.Random(seed).sample(rows, len(rows))))
        assert corpus.echoed == 40
        assert set(corpus.texts) == {f"{sample} and {i}" for i in range(10) for sample in range(4)}


def test_a_long_system_prompt_may_stand_before_them():
    before = "<|im_start|>system\n" + "You are helpful. " * 60 + "<|im_end|>\n<|im_start|>user\n"
    assert before_prompts(["A?"], [f"{before}A?<|im_end|>\n<|im_start|>assistant\nNo."]) == before


def test_the_last_message_of_a_chat_is_its_prompt(tmp_path):
    chat = [{"role": "system", "content": "You are helpful."}]
    rows = [
        {
            "messages": [*chat, {"role": "user", "content": row["prompt"]}],
            "text": f"system\nYou are helpful.\nuser\n{row['prompt']}\nassistant\n{row['text']}",
        }
        for row in asked(1)
    ]
    corpus = read_corpus(write(tmp_path / "chat.jsonl", rows), prompt_field="messages")
    assert corpus.echoed == 160
    assert list(corpus.texts) == [row["text"] for row in asked(1)]


@pytest.mark.parametrize(("before", "between"), TEMPLATES[:4])
def test_a_side_that_holds_its_prompts_has_lost_nothing(tmp_path, before, between):
    base, new = asked(1), asked(2)
    whole = [{**row, "text": f"{before}{row['prompt']}{between}{row['text']}"} for row in new]
    base, new, whole = (
        write(tmp_path / f"{name}.jsonl", rows) for name, rows in (("base", base), ("new", new), ("whole", whole))
    )
    plain, echoed = (compare(base, other, config=QUICK) for other in (new, whole))
    assert echoed.facets == plain.facets
    assert {warning.code for warning in echoed.warnings} - {warning.code for warning in plain.warnings} == {
        "prompts-in-texts"
    }
    assert read_corpus(whole).sha256 == read_corpus(new).sha256


def test_an_opening_behind_the_prompts_is_locked(tmp_path):
    base, new = asked(1), asked(2)
    for rows, opening in ((base, ""), (new, "It's a difficult question. ")):
        for row in rows:
            row["text"] = f"{row['prompt']}\n{opening}{row['text']}"
    report = compare(write(tmp_path / "base.jsonl", base), write(tmp_path / "new.jsonl", new), config=QUICK)
    assert report.verdict is Verdict.COLLAPSED
    assert "It's a difficult question" in report.headline


def test_prompts_are_left_out_where_most_texts_hold_theirs(tmp_path):
    more = {"embedding": [1.0, 2.0], "token_ids": [1, 2]}
    rows = [{**row, "text": f"{row['prompt']} {row['text']}", **more} for row in asked(1)]
    corpus = read_corpus(write(tmp_path / "all.jsonl", rows))
    assert corpus.echoed == len(corpus) == 160
    assert corpus.vectors is None
    assert corpus.token_ids is None
    bare = [{**row, "text": row["text"].removeprefix(row["prompt"] + " ")} for row in rows]
    corpus = read_corpus(write(tmp_path / "most.jsonl", rows[:130] + bare[130:]))
    assert corpus.echoed == 130
    assert list(corpus.texts) == [row["text"] for row in bare]
    corpus = read_corpus(write(tmp_path / "many.jsonl", rows[:100] + bare[100:]))
    assert corpus.echoed == 0
    assert corpus.vectors is not None
    few = read_corpus(write(tmp_path / "few.jsonl", rows[:60]))  # three prompts: what "Hello" is answered with
    assert few.echoed == 0


def test_the_order_of_rows_decides_nothing(tmp_path):
    rows = [{**row, "prompt_id": row["prompt"], "text": f"{row['prompt']}\n{row['text']}"} for row in asked(1)]
    rows[::20] = [{key: value for key, value in row.items() if key != "prompt"} for row in rows[::20]]
    rows[5::20] = [{**row, "text": f"user\n{row['text']}"} for row in rows[5::20]]
    found = set()
    for seed in range(8):
        corpus = read_corpus(write(tmp_path / "rows.jsonl", random.Random(seed).sample(rows, len(rows))))
        found.add((corpus.echoed, corpus.sha256))
    assert [echoed for echoed, _ in found] == [152]


def test_prompts_that_only_the_other_file_tells_are_left_out_too(tmp_path):
    base, new = ([{**row, "prompt_id": row["prompt"]} for row in asked(seed)] for seed in (1, 2))
    echoed = [[{**row, "text": f"{row['prompt']}\n{row['text']}"} for row in rows] for rows in (base, new)]
    for row in echoed[0]:
        del row["prompt"]
    reports = [
        compare(*(write(tmp_path / f"{side}.jsonl", rows) for side, rows in zip("bn", pair, strict=True)), config=QUICK)
        for pair in ((base, new), echoed)
    ]
    assert reports[0].facets == reports[1].facets


@pytest.mark.parametrize("filler", ["\n", " ", "a:", "#", "<|a|>", "assistant ", "\n\n#"])
def test_no_text_makes_it_slow(filler):
    text = filler * (1_000_000 // len(filler))
    began = time.perf_counter()
    before_prompts(["What?"] * 200, [f"{text[:1900]}xWhat?"] * 200)
    answer("user\n", "What?", f"user\nWhat?{text}x")
    assert time.perf_counter() - began < 5  # in a hundredth of that; where it is quadratic, in minutes


def test_reasoning_behind_a_prompt_is_none_of_the_answer(tmp_path):
    rows = [{**row, "text": f"{row['prompt']}\n<think>Hm.</think>\n{row['text']}"} for row in asked(1)]
    corpus = read_corpus(write(tmp_path / "all.jsonl", rows))
    assert list(corpus.texts) == [row["text"] for row in asked(1)]
    assert corpus.reasoning.texts == 160
    kept = read_corpus(tmp_path / "all.jsonl", keep_reasoning=True)
    assert kept.texts[0].startswith("<think>")
    rows = [{**row, "text": f"{row['prompt']}\nHm.\n</think>\n{row['text']}"} for row in asked(1)]
    assert read_corpus(write(tmp_path / "half.jsonl", rows), keep_reasoning=True).reasoning.texts == 160


PREFILLED = [
    ("<s>[INST] ", " [/INST] "),
    (
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
    ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\nSure, here is my answer: "),
    ("Q: ", "\nA:"),
    ("Q: ", "\nA: Let's think step by step. "),
    ("Instruction: ", "\nAnswer: "),
    ("### Question:\n", "\n\n### Response:\n"),
    ("User: ", "\nA: "),
    ("Continue the text.\nInput: ", " "),
]


@pytest.mark.parametrize("decoded", [False, True])
@pytest.mark.parametrize(("before", "behind"), PREFILLED)
def test_a_prompt_in_a_template_is_found_in_the_text_with_its_tokens_or_without(tmp_path, before, behind, decoded):
    rows = [{**row, "prompt": f"{before}{row['prompt']}{behind}"} for row in asked(1)]
    for row in rows:
        row["text"] = (re.sub(r"<\|.*?\|>|<s>", "", row["prompt"]) if decoded else row["prompt"]) + row["text"]
    corpus = read_corpus(write(tmp_path / "rows.jsonl", rows))
    assert corpus.echoed == 160
    assert list(corpus.texts) == [row["text"] for row in asked(1)]
