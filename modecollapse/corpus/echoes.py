"""Prompts that stand in the texts, before the answers, as where whole sequences of tokens were decoded.

Answers that each begin with their question would be a template that another corpus has not, and no two prompts would
open alike. What stands before the prompt is nothing, or ends with a role or a tag ("user\\n"), and is the same in all
texts; then a role may follow ("assistant\\n"). Words of an answer stay: that all open alike is a finding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex

from modecollapse.corpus.reasoning import Reasoning, without_reasoning
from modecollapse.corpus.special_tokens import TAG
from modecollapse.texts import TextFile

MOST = 0.8
"""Part of a file's texts, at least, that hold their prompts where a program put these there."""

FEWEST_PROMPTS = 5
"""With fewer, what all texts begin with may be what they say."""

LONG = 30
"""Characters of a prompt that no answer begins with by itself: "Python" may, but hardly "What is Python good for?"."""

_ENDED = re.compile(r"[.?!:…。？！：]\Z")
_ASKED_LAST = "\nuser: "
"""Before the last message of a chat, in the text of its prompt."""

_FURTHEST, _LAST_LINE = 2_000, 100
"""Characters before the prompt, a system prompt say, and of the line that ends them."""

_TIMES = 8
"""How often a prompt is looked for in one text."""

ANSWERED_BY = {
    "user|human|用户": "assistant|model|bot|ai|gpt|助手",
    "instruction|prompt|input": "response|output|completion",
    "question|问题": "answer|回答",
    "q": "a",
}
"""Who asks, and who answers: "Answer:" is a role behind "Question:", and else what a model says."""

_BEFORE = regex.compile(
    rf"(?:.*[>\]])?\s*(?:\#+ *)?(?:{'|'.join(f'({asks})' for asks in ANSWERED_BY)}) *[:：]?(?:{TAG})*|.*(?:{TAG})",
    regex.IGNORECASE,
)
_TAGS = rf"(?:\s++|{TAG})*+"
_BETWEEN = [
    regex.compile(rf"{_TAGS}(?:(?:\#++ *+)?(?<!\w)(?:{answers}) *+(?:[:：]|\r?\n|(?=<\|)){_TAGS})?+", regex.IGNORECASE)
    for answers in ANSWERED_BY.values()
]
_NO_ROLE = regex.compile(_TAGS)
# Possessive: no text can make the matching slower than linear, or keep more than a place in memory.

_MOST_KINDS = 10_000
"""Different beginnings beyond which none is looked for: long conversations have one each, and memory is bounded."""


def before_prompts(prompts: Sequence[str], texts: Sequence[str]) -> str | None:
    """What stands before its prompt in most of the ``texts``, if anything does: in whatever order they come.

    A text that holds its prompt several times, as an example of another one say, counts for each.
    """
    found = Counter[str]()
    for prompt, text in zip(prompts, texts, strict=True):
        found.update(set(_before(prompt, text)))
        if len(found) > _MOST_KINDS:
            return None
    return max(found, key=lambda before: (found[before], before), default=None)


def answers(
    before: str, prompts: Sequence[str], texts: Sequence[str], reasoning: Reasoning
) -> tuple[TextFile, int, Reasoning]:
    """The ``texts`` without prompts, how many held theirs, and ``reasoning`` with what stood behind these."""
    bare, echoed = TextFile(), 0
    for prompt, text in zip(prompts, texts, strict=True):
        said = answer(before, prompt, text)
        echoed += said is not None
        if said is not None and without_reasoning(text) is None:
            reasoning, said = reasoning.and_of(said)
        bare.append(text if said is None else said)
    return bare, echoed, reasoning


def answer(before: str, prompt: str, text: str) -> str | None:
    """What follows ``before`` and the prompt; None where ``text`` does not begin with these, or may say so itself."""
    prompt = _last_message(prompt)
    if not prompt or not text.startswith(before + prompt) or (following := _following(before)) is None:
        return None
    end = len(before) + len(prompt)
    between = following.match(text, end)
    begin = between.end() if between else end
    apart = text[end : end + 1] in ("\n", "\r") or bool(text[end:begin].strip())
    return text[begin:] if apart or _ENDED.search(prompt) or len(prompt) >= LONG else None


def _before(prompt: str, text: str) -> Iterator[str]:
    asked, end = _last_message(prompt), 0
    for _ in range(_TIMES if asked else 0):
        place = text.find(asked, end, _FURTHEST + len(asked))
        if place < 0:
            return
        if answer(text[:place], prompt, text) is not None:
            yield text[:place]
        end = place + len(asked)


def _last_message(prompt: str) -> str:
    return prompt.rpartition(_ASKED_LAST)[2].strip()


@lru_cache(maxsize=64)
def _following(before: str) -> regex.Pattern[str] | None:
    """What may stand between prompt and answer; None where ``before`` is no template's.

    It is nothing, or ends with a tag, or with a role: on a line of its own, or with a colon.
    """
    said = before.rstrip()
    line = said.rpartition("\n")[2][-_LAST_LINE:]
    if not line:
        return _NO_ROLE
    found = _BEFORE.fullmatch(line)
    if found is None or not (line[-1] in ">]:：" or "\n" in before[len(said) :]):
        return None
    return _NO_ROLE if found.lastindex is None else _BETWEEN[found.lastindex - 1]
