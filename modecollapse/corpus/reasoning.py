"""What a model writes before it answers: ``<think> … </think>`` and its like.

Two samples of one prompt hardly ever reason in the same words, so that openings, topics and personas of the whole would
be those of the reasoning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_TAGS = ("think", "thinking", "thought", "reasoning", "seed:think")
_PAIRS = [
    *((f"<{tag}>", f"</{tag}>") for tag in _TAGS),
    *((f"&lt;{tag}&gt;", f"&lt;/{tag}&gt;") for tag in _TAGS),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
]
"""How reasoning begins and ends."""

_BEGUN = re.compile(rf"\s{{,80}}(?:{'|'.join(f'({re.escape(opening)})' for opening, _ in _PAIRS)})")

_BEGUN_BY_THE_PROMPT = re.compile(r"</think>[ \t\r]*(?=\n|\Z)")
"""Chat templates may end with the opening tag: the text has the closing one alone, at the end of a line."""

_AROUND_ANSWERS = re.compile(
    r"\A\s*(?:<answer>|<\|begin_of_solution\|>)|(?:</answer>|<\|end_of_solution\|>|<\|return\|>|<\|end\|>)\s*\Z"
)


@dataclass(frozen=True)
class Reasoning:
    """What is known of the reasoning in a corpus.

    How many ``texts`` begin with it, themselves or in their prompt (``prompted``), whether it was ``kept``, behind how
    many that end it no answer follows (``unanswered``), and in how many it does not end (``unfinished``), which are
    no answers and are left out.
    """

    texts: int = 0
    kept: bool = False
    unanswered: int = 0
    unfinished: int = 0
    prompted: int = 0

    def and_of(self, text: str) -> tuple[Reasoning, str]:
        """This with ``text`` counted, and what of it is compared: all where it has none, or none that ends."""
        if is_unfinished(text):
            return replace(self, texts=self.texts + 1, unfinished=self.unfinished + 1), text
        answer = without_reasoning(text)
        if answer is None:
            return self, text
        unanswered, prompted = self.unanswered + (not answer), self.prompted + (_BEGUN.match(text) is None)
        found = replace(self, texts=self.texts + 1, unanswered=unanswered, prompted=prompted)
        return found, text if self.kept else answer


def put_back(text: str) -> str:
    """``text`` with the beginning of the reasoning that its prompt holds."""
    return f"{_PAIRS[0][0]}\n{text}"


def is_unfinished(text: str) -> bool:
    """Whether ``text`` begins with reasoning and ends before it does, as where a limit of tokens ended it."""
    begun = _BEGUN.match(text)
    return begun is not None and _closing(begun) not in text


def without_reasoning(text: str) -> str | None:
    """The answer that follows the reasoning; None where ``text`` has none, or none that ends."""
    if begun := _BEGUN.match(text):
        _, found, answer = text.partition(_closing(begun))
        return _bare(answer) if found else None
    end = _BEGUN_BY_THE_PROMPT.search(text) if "</think>" in text else None
    if end is None or "<think>" in text[: end.start()]:  # an answer may show such tags
        return None
    return _bare(text[end.end() :])


def _closing(begun: re.Match[str]) -> str:
    return _PAIRS[(begun.lastindex or 1) - 1][1]


def _bare(answer: str) -> str:
    return _AROUND_ANSWERS.sub("", answer).strip()
