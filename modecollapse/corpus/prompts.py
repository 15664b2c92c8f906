"""What can be told of a corpus once all of its prompts are known: which stand in the texts, and which are a base's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from modecollapse.corpus.base import Corpus, content_hashes
from modecollapse.corpus.echoes import FEWEST_PROMPTS, MOST, answers, before_prompts
from modecollapse.corpus.special_tokens import without_beginning
from modecollapse.corpus.templates import template_of, without_tags
from modecollapse.corpus.unfinished import finished

_MOST = 0.5
"""Part of the prompts of the side that has fewer from which it is their names that differ, not they."""


def answers_alone(corpus: Corpus, prompt_texts: Mapping[str, str]) -> Corpus:
    """``corpus`` without the prompts where most texts hold theirs, and without rows that have no answer.

    ``prompt_texts`` maps prompt keys to texts. What else is known of a row is of prompt and answer together, and is
    left out as well (see :mod:`modecollapse.corpus.echoes`). Raises ``InputError`` as ``finished`` does.
    """
    return finished(_without_prompts(corpus, prompt_texts))


def _without_prompts(corpus: Corpus, prompt_texts: Mapping[str, str]) -> Corpus:
    asked = {key: text for key in corpus.prompt_keys if (text := prompt_texts.get(key))}
    if len(asked) < FEWEST_PROMPTS:
        return corpus
    as_written = [{key: without_beginning(text) for key, text in asked.items()}]
    untagged = {key: without_tags(text) for key, text in asked.items()}
    if untagged != asked:  # each way of writing takes a look at every text
        as_written.append(untagged)
    for written in as_written:
        found = _without(corpus, [written.get(key, "") for key in corpus.prompt_keys])
        if found is not None:
            return found
    return corpus


def _without(corpus: Corpus, prompts: list[str]) -> Corpus | None:
    """``corpus`` without its ``prompts``, one per row; None where fewer than most texts hold theirs."""
    before = before_prompts(prompts, corpus.texts)
    if before is None:
        return None
    texts, echoed, reasoning = answers(before, prompts, corpus.texts, corpus.reasoning)
    if echoed < MOST * len(corpus):
        return None
    return replace(
        corpus,
        texts=texts,
        hashes=content_hashes(corpus.prompt_keys, texts),
        vectors=None,
        token_ids=None,
        logprobs=None,
        echoed=echoed,
        reasoning=reasoning,
    ).summed()


def matched_to(base: Corpus, corpus: Corpus) -> Corpus:
    """``corpus`` with the keys that ``base`` has for most of its prompts, if those ask the same under other keys.

    Not where what stands around them says something else: that is part of what is asked.
    """
    alike = _Alike.find(base, corpus)
    if not alike.others or alike.said_otherwise:
        return corpus
    ours = _prompts(corpus)
    # An id that stands for another prompt there is none of this one.
    taken = _prompts(base).keys() - alike.same
    keys = {key: alike.others.get(key, ours[key] if key in taken else key) for key in ours}
    renamed = [keys[key] for key in corpus.prompt_keys]
    return replace(
        corpus,
        prompt_keys=renamed,
        prompt_texts={keys.get(key, key): text for key, text in corpus.prompt_texts.items()},
        hashes=content_hashes(renamed, corpus.texts),
        framed=len(alike.others),
    )


def framed_otherwise(base: Corpus, corpus: Corpus) -> tuple[int, list[str]]:
    """How many prompts of ``corpus`` ask what prompts of ``base`` do, but for words around all of them; and those."""
    alike = _Alike.find(base, corpus)
    return (len(alike.others), sorted(alike.said_otherwise)) if alike.said_otherwise else (0, [])


def asked_otherwise(base: Corpus, corpus: Corpus) -> list[str]:
    """The keys that both have, for prompts whose texts differ by more than a template, in order."""
    told = base.prompt_texts.keys() & corpus.prompt_texts.keys()
    theirs, ours = ({key: text for key in told if (text := one.prompt_texts[key])} for one in (base, corpus))
    unlike = sorted(key for key in theirs.keys() & ours.keys() if theirs[key].strip() != ours[key].strip())
    if not unlike:
        return []
    here, there = template_of(list(theirs.values())), template_of(list(ours.values()))
    return [key for key in unlike if here.asked(theirs[key]) != there.asked(ours[key])]


@dataclass(frozen=True)
class _Alike:
    """Prompts of two corpora that ask the same: ``same`` keys of both, ``others`` by key of the second one.

    There are no ``others`` where they are fewer than most. ``said_otherwise`` are words that stand around the prompts
    of one corpus alone.
    """

    same: frozenset[str]
    others: Mapping[str, str]
    said_otherwise: frozenset[str]

    @classmethod
    def find(cls, base: Corpus, corpus: Corpus) -> _Alike:
        theirs, ours = _prompts(base), _prompts(corpus)
        if theirs == ours:  # the usual case, which is not to take long
            return cls(frozenset(ours), {}, frozenset())
        there, here = template_of(list(theirs.values())), template_of(list(ours.values()))
        asked_there = {key: there.asked(text) for key, text in theirs.items()}
        asked_here = {key: here.asked(text) for key, text in ours.items()}
        both = theirs.keys() & ours.keys()
        same = {key for key in both if asked_there[key] == asked_here[key] or theirs[key].strip() == ours[key].strip()}
        known = dict(_once(asked_there, same))
        others = {key: known[what] for what, key in _once(asked_here, same) if what in known}
        if len(others) <= _MOST * min(len(theirs), len(ours)):
            others = {}
        return cls(frozenset(same), others, frozenset(there.says_otherwise(here)))


def _once(asked: Mapping[str, str], but: set[str]) -> Iterator[tuple[str, str]]:
    """What a prompt asks, and its key: of those ``but`` some, where no other one asks the same."""
    times = Counter(asked.values())
    return ((what, key) for key, what in asked.items() if what and key not in but and times[what] == 1)


def _prompts(corpus: Corpus) -> dict[str, str]:
    return {key: corpus.prompt_texts.get(key) or key for key in corpus.prompt_keys}
