"""What a model writes before it answers: ``<think> … </think>`` and its like.

Two samples of one prompt hardly ever reason in the same words, so that openings, topics and personas of the whole would
be those of the reasoning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAGS = ("think", "thinking", "thought", "reasoning", "seed:think")
_PAIRS = [
    *((f"<{tag}>", f"</{tag}>") for tag in _TAGS),
    *((f"&lt;{tag}&gt;", f"&lt;/{tag}&gt;") for tag in _TAGS),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
]
"""How reasoning begins and ends, in the order in which they are looked for."""

_BEGUN_BY_THE_PROMPT = re.compile(r"</think>[ \t\r]*(?=\n|\Z)")
"""Chat templates may end with the opening tag: the text has the closing one alone, at the end of a line."""

_AROUND_ANSWERS = re.compile(
    r"\A\s*(?:<answer>|<\|begin_of_solution\|>)|(?:</answer>|<\|end_of_solution\|>|<\|return\|>|<\|end\|>)\s*\Z"
)


@dataclass(frozen=True)
class Reasoning:
    """How many ``texts`` of a corpus begin with reasoning, whether it was ``kept``, and how many have no answer."""

    texts: int = 0
    kept: bool = False
    unanswered: int = 0


def without_reasoning(text: str) -> str | None:
    """The answer that follows the reasoning; None where ``text`` has none. "" where the reasoning does not end."""
    begin = text[:80].lstrip()
    for opening, closing in _PAIRS:
        if begin.startswith(opening):
            _, found, answer = text.partition(closing)
            return _bare(answer) if found else ""
    end = _BEGUN_BY_THE_PROMPT.search(text) if "</think>" in text else None
    if end is None or "<think>" in text[: end.start()]:  # an answer may show such tags
        return None
    return _bare(text[end.end() :])


def _bare(answer: str) -> str:
    return _AROUND_ANSWERS.sub("", answer).strip()
