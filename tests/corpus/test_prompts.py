"""Two models asked the same, each in its own template, are compared; those asked otherwise are not."""

import json
import random
import time
from dataclasses import replace

import pytest

from modecollapse.comparison import compare
from modecollapse.corpus.templates import template_of
from modecollapse.report import Verdict
from tests.corpora import QUICK, made_up, write

ASKED = ["What is love?", "What is art?", "Who are you?", "Tell me a joke:\nshort, please", "Explain tides."]

TEMPLATES = {
    "blanks": ("", " \n"),
    "begin token": ("<s>", ""),
    "ChatML": ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
    "ChatML, system": (
        "<|im_start|>system\nYou are helpful. Today is 30 Nov 2026.<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n<think>\n",
    ),
    "Llama 2": ("<s>[INST] ", " [/INST]"),
    "Llama 3": (
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "Gemma": ("<bos><start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n"),
    "Alpaca": ("Below is an instruction.\n\n### Instruction:\n", "\n\n### Response:\n"),
    "roles": ("system: You are helpful.\n\nuser: ", "\n\nassistant:"),
    "examples": ("Q: Why?\nA: Because.\n\nQ: ", "\nA:"),
}


def without_template(prompts):
    return [template_of(prompts).asked(prompt) for prompt in prompts]


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("asked", [ASKED, ASKED[:2]])
def test_a_prompt_is_what_stands_in_the_template(name, asked):
    before, behind = TEMPLATES[name]
    assert without_template([f"{before}{prompt}{behind}" for prompt in asked]) == asked


@pytest.mark.parametrize("name", ["blanks", "begin token", "ChatML", "Llama 2", "Llama 3", "Gemma"])
def test_of_a_lone_prompt_roles_and_tags_are_no_part(name):
    before, behind = TEMPLATES[name]
    for prompt in ASKED:
        assert without_template([f"{before}{prompt}{behind}"]) == [prompt]


def test_what_prompts_have_in_common_is_no_template():
    asked = ["Translate to French:\nsea", "Translate to French:\nsky", "Translate to French:\nsun"]
    assert without_template(asked) == asked
    assert without_template(ASKED[:2]) == ASKED[:2]


def test_one_prompt_without_the_template_does_not_hide_it():
    before, behind = TEMPLATES["ChatML"]
    framed = [f"{before}{prompt}{behind}" for prompt in ASKED]
    assert without_template([*framed, "Hello!"]) == [*ASKED, "Hello!"]


@pytest.mark.parametrize("blank", [" ", "\n"])
@pytest.mark.parametrize("many", [1, 2])
def test_no_prompts_take_long(blank, many):
    begin = time.monotonic()
    without_template([f"{i}<td>{blank * 100_000}x" for i in range(many)])
    assert time.monotonic() - begin < 5


def rows(seed, name=None, numbered=False):
    before, behind = TEMPLATES[name] if name else ("", "")
    found = [{**row, "prompt": f"{before}{row['prompt']}?{behind}"} for row in made_up(8, 20, seed)]
    return [{**row, "prompt_id": f"{seed}-{row['prompt']}"} for row in found] if numbered else found


def compared(folder, base, new):
    files = [write(folder / f"{name}.jsonl", given) for name, given in (("base", base), ("new", new))]
    report = compare(*files, config=QUICK)
    return report, {warning.code for warning in report.warnings}


@pytest.mark.parametrize(
    ("base", "new"),
    [
        (rows(1), rows(2, "ChatML")),
        (rows(1, "Alpaca"), rows(2, "Llama 3")),
        (rows(1, "ChatML, system"), rows(2)),
        (rows(1, numbered=True), rows(2, numbered=True)),
    ],
)
def test_models_asked_the_same_in_other_frames_are_compared(tmp_path, base, new):
    plain, codes = compared(tmp_path, rows(1), rows(2))
    framed, told = compared(tmp_path, base, new)
    assert framed.verdict is plain.verdict
    assert told - codes == {"prompts-framed-otherwise"}


def test_it_does_not_matter_in_which_order_rows_come(tmp_path):
    new = rows(2, "ChatML")
    reports = [compared(tmp_path, rows(1), given)[0] for given in (new, random.Random(1).sample(new, len(new)))]
    assert [facet.tests for facet in reports[0].facets] == [facet.tests for facet in reports[1].facets]


INSTRUCTED = "### Instruction:\nReply in {}.\n\n### Input:\n{}\n\n### Response:\n"


@pytest.mark.parametrize(
    ("base", "new", "words"),
    [
        ("Sum up:\n{}", "Tell:\n{}", None),
        (INSTRUCTED.format("English", "{}"), INSTRUCTED.format("German", "{}"), "english"),
        ("{}\nAnswer: in English, please.", "{}\nAnswer: in German, please.", "english"),
        ("User: {}", "User: English?\nAssistant: Yes.\nUser: {}", "english"),
        ("{}", "Q: Why?\nA: Because.\n\nQ: {}\nA:", "because"),
        ("system\nYou are a helpful assistant.\nuser\n{}", "system\nYou are a pirate.\nuser\n{}", "pirate"),
    ],
)
def test_prompts_that_ask_for_something_else_are_not_matched(tmp_path, base, new, words):
    rows = ([{**row, "prompt": frame.format(row["prompt"])} for row in made_up(8, 20, 1)] for frame in (base, new))
    report, codes = compared(tmp_path, *rows)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "unmatched-prompts" in codes
    told = [warning.message for warning in report.warnings if warning.code == "prompts-in-other-frames"]
    assert bool(told) is (words is not None)
    assert words is None or f"“{words}”" in told[0]


def test_a_field_that_is_named_is_the_prompt(tmp_path):
    base, new = ([{**row, "slot": f"{side} {row['prompt']}"} for row in rows(1)] for side in "ab")
    files = [write(tmp_path / f"{name}.jsonl", given) for name, given in (("base", base), ("new", new))]
    report = compare(*files, config=replace(QUICK, prompt_field="slot"))
    assert report.verdict is Verdict.INCONCLUSIVE


def test_prompts_that_match_as_they_are_stay_and_none_are_merged(tmp_path):
    raw = [{**row, "text": f"As a continuation: {row['text']}"} for row in rows(3)]
    base = [{**row, "prompt": f"User: {row['prompt']}"} for row in rows(1)]
    new = [{**row, "prompt": f"User: {row['prompt']}"} for row in rows(2)]
    plain, _ = compared(tmp_path, base, new)
    both, codes = compared(tmp_path, base, [*new, *raw])
    assert both.verdict is plain.verdict
    assert "prompts-framed-otherwise" not in codes


def test_one_more_prompt_is_no_other_text_of_the_rest(tmp_path):
    base, new = ([{**row, "prompt": f"User: {row['prompt']}"} for row in rows(seed)] for seed in (1, 2))
    _, codes = compared(tmp_path, base, [*new, {"prompt": "Hello!", "text": "Hello to you."}])
    assert "prompts-differ-by-text" not in codes


def test_the_same_rows_under_other_ids_are_the_same_rows(tmp_path):
    _, codes = compared(tmp_path, rows(1), [{**row, "prompt_id": f"z{row['prompt']}"} for row in rows(1)])
    assert "identical-corpora" in codes


def test_a_few_prompts_that_one_side_lacks_are_no_other_template(tmp_path):
    base, new = rows(1), [row for row in rows(2) if json.dumps(row["prompt"]) > json.dumps(rows(2)[0]["prompt"])]
    _, codes = compared(tmp_path, base, [*new, {"prompt": f" {base[0]['prompt']}", "text": "Well."}])
    assert "unmatched-prompts" in codes
    assert "prompts-framed-otherwise" not in codes


def test_ids_that_number_other_prompts_in_the_other_file_do_not_match_them(tmp_path):
    base, new = (
        [{**row, "prompt_id": order.index(row["prompt"])} for row in rows(seed)]
        for seed, order in (
            (1, [f"Prompt {i}?" for i in range(8)]),
            (2, [f"Prompt {i}?" for i in (3, 0, 6, 1, 7, 2, 5, 4)]),
        )
    )
    for one in (base, new):  # each prompt has words of its own: matched wrongly, all would differ
        for row in one:
            row["text"] = " ".join([row["prompt"].translate(str.maketrans("01234567", "abcdefgh"))] * 3 + [row["text"]])
    report, codes = compared(tmp_path, base, new)
    assert report.verdict is Verdict.UNCHANGED
    assert "prompts-framed-otherwise" in codes


@pytest.mark.parametrize(("asks", "told"), [("Bitte:", True), ("Please:", False)])
def test_ids_are_believed_and_other_words_pointed_out(tmp_path, asks, told):
    base, new = (
        [{**row, "prompt_id": row["prompt"], "prompt": f"{asked} {row['prompt']}"} for row in made_up(8, 20, seed)]
        for seed, asked in ((1, "Please:"), (2, asks))
    )
    _, codes = compared(tmp_path, base, new)
    assert not {"prompts-framed-otherwise", "unmatched-prompts"} & codes
    assert ("prompts-differ-by-text" in codes) is told


def test_a_template_of_one_side_is_no_other_text(tmp_path):
    base, new = ([{**row, "prompt_id": i // 20} for i, row in enumerate(of)] for of in (rows(1), rows(2, "ChatML")))
    _, codes = compared(tmp_path, base, new)
    assert not {"prompts-framed-otherwise", "prompts-differ-by-text"} & codes


def test_the_warning_shows_where_the_texts_of_an_id_differ(tmp_path):
    asked = "Tell me at some length what you think of a matter that nobody has thought of, and of "
    base, new = (
        [{**row, "prompt_id": row["prompt"], "prompt": asked + end} for row in made_up(8, 20, 1)]
        for end in ("cats", "dogs")
    )
    files = [write(tmp_path / f"{name}.jsonl", given) for name, given in (("base", base), ("new", new))]
    warnings = compare(*files, config=QUICK).warnings
    message = next(warning.message for warning in warnings if warning.code == "prompts-differ-by-text")
    assert "cats" in message
    assert "dogs" in message


def test_a_few_prompts_alike_among_others_are_not_matched(tmp_path):
    new = [{**row, "prompt": f"User: {row['prompt']}"} for row in rows(2)]
    for row in new[:80]:
        row["prompt"] = row["prompt"].replace("Prompt", "Another prompt")
    report, codes = compared(tmp_path, rows(1), new)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "prompts-framed-otherwise" not in codes
