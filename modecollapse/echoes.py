"""Prompts that stand in the texts, before the answers, as where whole sequences of tokens were decoded.

Answers that each begin with their question would be a template that another corpus has not, and no two prompts would
open alike. What stands before the prompt is nothing, or ends with a role or a tag ("user\\n"), and is the same in all
texts; then a role may follow ("assistant\\n"). Words of an answer stay: that all open alike is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import regex

from modecollapse.reasoning import Reasoning, without_reasoning
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

_TAG = r"<\|[^<>|]{1,40}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>"
_ASKS = r"(?:user|human|question|instruction|prompt|input|q|用户|问题)"
_ANSWERS = r"(?:assistant|model|bot|AI|answer|response|output|gpt|a|助手|回答)"
_BEFORE = regex.compile(rf"(?:.*(?:{_TAG})|(?:.*[>\]])?\s*(?:\#+ *)?{_ASKS} *[:：]?)", regex.IGNORECASE)
_TAGS = regex.compile(rf"(?:\s++|{_TAG})*+")
_TAGS_AND_ROLES = regex.compile(
    rf"(?:\s++|{_TAG}|(?:\#++ *+)?(?<!\w){_ANSWERS} *+(?:[:：\n]|(?=<)))*+", regex.IGNORECASE
)
# Possessive: no text can make the matching slower than linear, or keep more than a place in memory.


def before_prompts(prompts: Sequence[str], texts: Sequence[str]) -> str | None:
    """What stands before its prompt in most of the ``texts``, if anything does: by majority vote (Boyer & Moore 1991).

    More than half of the texts outvote the others in whatever order they come; whether it is so many is not counted.
    """
    leader: str | None = None
    votes = 0
    for prompt, text in zip(prompts, texts, strict=True):
        before = _before(prompt, text)
        if not votes:
            leader = before
        votes += 1 if before == leader else -1
    return leader


def answers(
    before: str, prompts: Sequence[str], texts: Sequence[str], reasoning: Reasoning
) -> tuple[TextFile, int, Reasoning]:
    """The ``texts`` without prompts, how many held theirs, and ``reasoning`` with what stood behind these."""
    bare, echoed = TextFile(), 0
    for prompt, text in zip(prompts, texts, strict=True):
        said = answer(before, prompt, text)
        echoed += said is not None
        reasoned = None if said is None or without_reasoning(text) is not None else without_reasoning(said)
        if reasoned is not None:
            unanswered = reasoning.unanswered + (not reasoned)
            reasoning = replace(reasoning, texts=reasoning.texts + 1, unanswered=unanswered)
            said = said if reasoning.kept else reasoned
        bare.append(text if said is None else said)
    return bare, echoed, reasoning


def answer(before: str, prompt: str, text: str) -> str | None:
    """What follows ``before`` and the prompt; None where ``text`` does not begin with these, or may say so itself."""
    prompt = _last_message(prompt)
    if not prompt or not text.startswith(before + prompt) or not _may_stand_before(before):
        return None
    end = len(before) + len(prompt)
    between = (_TAGS_AND_ROLES if before else _TAGS).match(text, end)
    begin = between.end() if between else end
    apart = text[end : end + 1] == "\n" or bool(text[end:begin].strip())
    return text[begin:] if apart or _ENDED.search(prompt) or len(prompt) >= LONG else None


def _before(prompt: str, text: str) -> str | None:
    asked = _last_message(prompt)
    place = text.find(asked, 0, _FURTHEST + len(asked)) if asked else -1
    return text[:place] if place >= 0 and answer(text[:place], prompt, text) is not None else None


def _last_message(prompt: str) -> str:
    return prompt.rpartition(_ASKED_LAST)[2].strip()


def _may_stand_before(before: str) -> bool:
    """Whether it is nothing, or ends with a tag or a role: on a line of its own, or with a colon."""
    said = before.rstrip()
    line = said.rpartition("\n")[2][-_LAST_LINE:]
    if not line:
        return True
    found = _BEFORE.fullmatch(line)
    return found is not None and (line[-1] in ">]:：" or "\n" in before[len(said) :])
