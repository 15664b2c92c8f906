"""What stands around all prompts of a file alike: a chat template, a system prompt with its date."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import regex

from modecollapse.corpus.echoes import ANSWERED_BY
from modecollapse.corpus.special_tokens import TAG

_ASKS, _ANSWERS = "|".join(("system", *ANSWERED_BY)), "|".join(ANSWERED_BY.values())
_FLAGS = regex.IGNORECASE | regex.MULTILINE
_LAST_BEFORE = regex.compile(rf"(?s:.*)(?:{TAG}|(?:^|(?<=[>\]]))(?:\#+ *)?(?:{_ASKS}) *[:：\n])", _FLAGS)
_FIRST_BEHIND = regex.compile(rf"\s*(?:{TAG}|^(?:\#+ *)?(?:{_ANSWERS}) *(?:[:：]|$))", _FLAGS)


def without_template(prompts: Sequence[str]) -> list[str]:
    """The ``prompts`` between the last role or tag that all begin with and the first that all end with."""
    before = _LAST_BEFORE.match(_shared_beginning(prompts))
    bare = [prompt[before.end() if before else 0 :] for prompt in prompts]
    ending = _shared_beginning([prompt[::-1] for prompt in bare])[::-1]
    behind = _FIRST_BEHIND.search(ending)
    length = len(ending) - behind.start() if behind else 0
    return [prompt[: len(prompt) - length].strip() for prompt in bare]


def _shared_beginning(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
