"""What can be told of a corpus once all of its prompts are known: which stand in the texts, and which are a base's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from modecollapse.corpus.base import Corpus, content_hashes, sha256_of
from modecollapse.corpus.echoes import FEWEST_PROMPTS, MOST, answers, before_prompts
from modecollapse.corpus.templates import without_template

_MOST = 0.5
"""Part of the prompts of the side that has fewer from which it is their names that differ, not they."""


def answers_alone(corpus: Corpus, prompt_texts: Mapping[str, str]) -> Corpus:
    """``corpus`` without the prompts where most texts hold theirs (see :mod:`modecollapse.corpus.echoes`).

    ``prompt_texts`` maps prompt keys to texts. What else is known of a row is of prompt and answer together, and is
    left out as well.
    """
    asked = {key: text for key in corpus.prompt_keys if (text := prompt_texts.get(key))}
    if len(asked) < FEWEST_PROMPTS:
        return corpus
    bare = dict(zip(asked, without_template(list(asked.values())), strict=True))
    prompts = [bare.get(key, "") for key in corpus.prompt_keys]
    before = before_prompts(prompts, corpus.texts)
    if before is None:
        return corpus
    texts, echoed, reasoning = answers(before, prompts, corpus.texts, corpus.reasoning)
    if echoed < MOST * len(corpus):
        return corpus
    settings = {name: values.tolist() for name, values in corpus.decoding.items()}
    settings["temperature"] = corpus.temperatures.tolist()
    return replace(
        corpus,
        texts=texts,
        hashes=content_hashes(corpus.prompt_keys, texts),
        vectors=None,
        token_ids=None,
        logprobs=None,
        sha256=sha256_of(corpus.prompt_keys, corpus.prompt_texts, texts, settings, None),
        echoed=echoed,
        reasoning=reasoning,
    )


def matched_to(base: Corpus, corpus: Corpus) -> Corpus:
    """``corpus`` with the keys that ``base`` has for most of its prompts, if those ask the same under other keys."""
    theirs, ours = _prompts(base), _prompts(corpus)
    known = _by_content(theirs)
    keys = {key: known[asked] for asked, key in _by_content(ours).items() if asked in known}
    framed = [key for key in keys if keys[key] != key]
    matched = (theirs.keys() & ours.keys()).difference(framed)
    if len(framed) <= max(len(matched), _MOST * min(len(theirs), len(ours))):
        return corpus
    # An id that stands for another prompt there is none of this one.
    keys |= {key: ours[key] for key in ours if key not in keys and key in theirs}
    renamed = [keys.get(key, key) for key in corpus.prompt_keys]
    return replace(
        corpus,
        prompt_keys=renamed,
        prompt_texts={keys.get(key, key): text for key, text in corpus.prompt_texts.items()},
        hashes=content_hashes(renamed, corpus.texts),
        framed=len(framed),
    )


def asked_otherwise(base: Corpus, corpus: Corpus) -> list[str]:
    """The keys that both have, for prompts whose texts differ by more than a template, in order."""
    theirs, ours = (
        dict(zip(prompts, without_template(list(prompts.values())), strict=True))
        for prompts in (_prompts(base), _prompts(corpus))
    )
    told = (key for key in theirs.keys() & ours.keys() if base.prompt_texts.get(key) and corpus.prompt_texts.get(key))
    return sorted(key for key in told if theirs[key] != ours[key])


def _prompts(corpus: Corpus) -> dict[str, str]:
    return {key: corpus.prompt_texts.get(key) or key for key in corpus.prompt_keys}


def _by_content(prompts: Mapping[str, str]) -> dict[str, str]:
    """The key of each prompt by what it asks, where no other one of the corpus asks the same."""
    asked = without_template(list(prompts.values()))
    times = Counter(asked)
    return {what: key for what, key in zip(asked, prompts, strict=True) if what and times[what] == 1}
