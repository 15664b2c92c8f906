"""Prompts that stand in the texts, before the answers, as where whole sequences of tokens were decoded.

Answers that each begin with their question would be a template that another corpus has not, and no two prompts would
open alike. What stands before the prompt is nothing, or ends with a role or a tag ("user\\n"), and is the same in all
texts; so may a role or a tag follow ("assistant\\n"). Words of an answer stay: that all open alike is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from modecollapse.texts import TextFile

NEARLY_ALL = 0.95
FEWEST_PROMPTS = 5
"""With fewer, what all texts begin with may be what they say."""

LONG = 30
"""Characters of a prompt that no answer begins with by itself: "Python" may, but hardly "What is Python good for?"."""

_ENDED = re.compile(r"[.?!:…。？！：]\Z")
_FURTHEST = 2_000
"""Characters before the prompt: a system prompt, say."""

_TAG = r"<\|[^<>|]{1,40}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>"
_ASKS = r"(?:user|human|question|instruction|prompt|input|q|用户|问题)"
_ANSWERS = r"(?:assistant|model|bot|AI|answer|response|output|gpt|a|助手|回答)"
_BEFORE = re.compile(rf"(?:\A|{_TAG}|(?:^|[>\]])\s*(?:\#+ *)?{_ASKS} *(?::|：|\n))\s*\Z", re.IGNORECASE | re.MULTILINE)
_BETWEEN = re.compile(rf"\A(?:\s|{_TAG}|(?:\#+ *)?(?<!\w){_ANSWERS} *(?::|：|\n|(?=<)))*", re.IGNORECASE)


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
        before = text[:place] if place >= 0 and answer(text[:place], prompt, text) is not None else None
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
    """What follows ``before`` and the prompt; None where ``text`` does not begin with these, or may say so itself."""
    prompt = prompt.strip()
    if not prompt or not text.startswith(before + prompt) or not _BEFORE.search(before):
        return None
    end = len(before) + len(prompt)
    rest = text[end:]
    said = _BETWEEN.sub("", rest, count=1)
    apart = len(said) < len(rest.lstrip()) or rest.startswith("\n")
    return said if apart or _ENDED.search(prompt) or len(prompt) >= LONG else None
