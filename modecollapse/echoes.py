"""Prompts that stand in the texts, before the answers, as where whole sequences of tokens were decoded.

Answers that each begin with their question would be a template that another corpus has not, and no two prompts would
open alike. What stands before the prompt ("user\\n") is the same in all texts, and what follows it may be a role's
name or tag ("assistant\\n"), but never words of an answer: that all answers open alike is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from modecollapse.texts import TextFile

NEARLY_ALL = 0.95
FEWEST_PROMPTS = 5
"""With fewer, what all texts begin with may be what they say."""

_FURTHEST = 2_000
"""Characters before the prompt: a system prompt, say."""

_TAG = r"<\|[^<>|]{1,40}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>"
_ROLE = r"(?:assistant|model|bot|AI|answer|response|output|gpt|助手|回答)"
_BETWEEN = re.compile(rf"(?:\s|{_TAG}|(?:\#+ *)?(?<!\w){_ROLE} *(?::|：|\n|(?=<)))*", re.IGNORECASE)


class Echoes:
    """What stands before its prompt in most texts, found by majority vote (Boyer & Moore 1991): in whatever order."""

    def __init__(self) -> None:
        """None seen yet."""
        self._before: str | None = None
        self._votes = self._texts = 0

    def add(self, prompt: str, text: str) -> None:
        """One more text."""
        self._texts += 1
        prompt = prompt.strip()
        place = text.find(prompt, 0, _FURTHEST + len(prompt)) if prompt else -1
        before = text[:place] if place >= 0 else None
        if not self._votes:
            self._before = before
        self._votes += 1 if before == self._before else -1

    @property
    def before(self) -> str | None:
        """What may stand before the prompt in nearly all texts; None where they do not hold their prompts."""
        return self._before if self._votes >= (2 * NEARLY_ALL - 1) * self._texts else None


def without_prompts(before: str, prompts: Iterable[str], texts: Iterable[str]) -> tuple[TextFile, int]:
    """The ``texts`` without their ``prompts`` and what stands ``before`` these, and in how many that was so."""
    answers, found = TextFile(), 0
    for prompt, text in zip(prompts, texts, strict=True):
        said = answer(before, prompt, text)
        found += said is not None
        answers.append(text if said is None else said)
    return answers, found


def answer(before: str, prompt: str, text: str) -> str | None:
    """What follows ``before`` and the prompt; None where ``text`` does not begin with these."""
    begun = before + prompt.strip()
    if not prompt.strip() or not text.startswith(begun):
        return None
    between = _BETWEEN.match(text, len(begun))
    return text[between.end() if between else len(begun) :]
