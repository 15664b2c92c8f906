"""Prompts that are the same but for what stands around them: a chat template, a system prompt with its date, an id.

Where none were matched but those that agree to the letter, two models asked the same in their own templates could not
be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

import regex

from modecollapse.corpus import Corpus, content_hashes
from modecollapse.echoes import ANSWERED_BY
from modecollapse.special_tokens import TAG

_ENOUGH = 0.5
"""Part of the prompts of the side that has fewer: where more are matched as they are, others are others."""

_ASKS, _ANSWERS = "|".join(("system", *ANSWERED_BY)), "|".join(ANSWERED_BY.values())
_FLAGS = regex.IGNORECASE | regex.MULTILINE
_LAST_BEFORE = regex.compile(rf"(?s:.*)(?:{TAG}|(?:^|(?<=[>\]]))(?:\#+ *)?(?:{_ASKS}) *[:：\n])", _FLAGS)
_FIRST_BEHIND = regex.compile(rf"\s*(?:{TAG}|^(?:\#+ *)?(?:{_ANSWERS}) *(?:[:：]|$))", _FLAGS)


def matched_to(base: Corpus, corpus: Corpus) -> Corpus:
    """``corpus`` with the keys that ``base`` has for prompts which ask the same; as it is where most are matched."""
    theirs, ours = _prompts(base), _prompts(corpus)
    fewest = _ENOUGH * min(len(theirs), len(ours))
    if len(theirs.keys() & ours.keys()) > fewest:
        return corpus
    known = _by_content(theirs)
    keys = {key: known[asked] for asked, key in _by_content(ours).items() if asked in known}
    framed = sum(key != theirs for key, theirs in keys.items())
    if not framed or len(keys) < fewest:
        return corpus
    renamed = [keys.get(key, key) for key in corpus.prompt_keys]
    return replace(
        corpus,
        prompt_keys=renamed,
        prompt_texts={keys.get(key, key): text for key, text in corpus.prompt_texts.items()},
        hashes=content_hashes(renamed, corpus.texts),
        framed=framed,
    )


def _prompts(corpus: Corpus) -> dict[str, str]:
    return {key: corpus.prompt_texts.get(key) or key for key in corpus.prompt_keys}


def _by_content(prompts: Mapping[str, str]) -> dict[str, str]:
    """The key of each prompt by what it asks, where no other one of the corpus asks the same."""
    asked = without_template(list(prompts.values()))
    times = Counter(asked)
    return {what: key for what, key in zip(asked, prompts, strict=True) if what and times[what] == 1}


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
