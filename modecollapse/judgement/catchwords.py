"""Words that took over though no topic stands for them: hardly a base text says one, and most new texts do.

A name in every story, a phrase in the middle or at the end of every answer: topics are neighbourhoods of whole texts,
and openings their first words. No temperature brings up a word that the base hardly ever says, in prompt after prompt:
in the corpora of known truth, down to greedy decoding and after three rounds of training on own samples, none that a
hundredth of the base's texts had came to more than a tenth of the new ones (``benchmarks.catchwords``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats
from scipy.sparse import csr_array

from modecollapse.facets.overlap import LENGTH
from modecollapse.judgement.vocabulary import (
    FACET,
    LISTED,
    Bools,
    Index,
    Texts,
    Words,
    common_depth,
    mode_of,
    with_words,
)
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side
from modecollapse.segmentation import unspaced, written_out

_RARE = 0.01
"""Part of the base's texts that any of the words may have."""
_COMMON = 0.2
"""Part of the new texts that each of them must have, twice what temperature has brought about."""
_MOST = 0.5
"""Part of the new texts that must say one of them, and of the prompts to which some do."""
_LAST_WORDS = 20
_WHOLE, _ABOUT_AS_LONG = 500, 1.5
_MOST_TEXTS = 4_000
"""Of both sides: a word that half of the new ones say is in hundreds."""
_UNMET = 0.03
"""What the words' share of the base is surely below (95%): with fewer texts nothing tells that one was not there."""
_NAMING_TEXTS = 500
_FEWEST_PROMPTS = 6
"""Of four prompts, one in forty had shown a word after three rounds of training on own samples."""


def with_catchwords(
    labelled: Mapping[str, Labelled], inside: Pair, alpha: float, design_effect: float
) -> Labelled | None:
    """The topics with the texts that say words that took over as a further mode; None where none did.

    ``inside`` are the rows as facets read them (``read_inside``). Words are tested at ``alpha`` (Holm over all); rows
    that depend on each other count for less, by the ``design_effect``.
    """
    topic = labelled[FACET]
    found = catchwords(inside, topic.member, alpha, design_effect)
    if not found.words and not inside.rows.known:  # a baseline keeps the ends that many texts share, and no others
        found = catchwords(inside, topic.member, alpha, design_effect, at_the_end=True)
    if not found.words:
        return None
    mode = mode_of(found.words, topic, _names(found.words, inside, topic.member))
    return with_words(topic, found, replace(mode, catchword=True), inside)


def _names(words: Sequence[str], pair: Pair, member: Bools) -> list[str]:
    """What a reader calls them: whole words in place of characters of unspaced scripts, each once."""
    if all(word.isascii() for word in words):
        return list(words)
    new = np.flatnonzero(member & pair.matched & (pair.side == Side.NEW))[:_NAMING_TEXTS]
    texts = [text for rows in pair.rows.batches(new) for text in rows.texts]
    named = [written_out(word, texts) if unspaced(word) else word for word in words[:LISTED]]
    return list(dict.fromkeys([*named, *words[LISTED:]]))


def catchwords(
    pair: Pair, member: Bools, alpha: float, design_effect: float = 1.0, *, at_the_end: bool = False
) -> Words:
    """Words that took over, of the rows that are ``member``; none where they are not half of the new texts together.

    Sought at the beginning of the texts, as far as a comparison reads these, or ``at_the_end``.
    """
    compared = pair.bounded(member & pair.matched & (pair.side <= Side.NEW), _MOST_TEXTS)
    index = np.flatnonzero(compared)
    depth = -_LAST_WORDS if at_the_end else _depth(pair, index)
    # What is gone of the new words in the base: the same test, with the sides changed over.
    turned = pair.recast(compared & (pair.side == Side.NEW), compared & (pair.side == Side.BASE))
    texts = Texts.read(turned, index, depth)
    words = texts.gone(csr_array(np.eye(len(texts.words))), alpha, design_effect, least=_COMMON)
    return Words(_together(texts, words), depth)


def _depth(pair: Pair, index: Index) -> int:
    """Words that are read of a text: nearly all where both sides have them and are about as long."""
    lengths = np.array([length for rows in pair.rows.batches(index) for length in rows.read(LENGTH)], dtype=np.int64)
    medians = [np.median(own) for side in (Side.BASE, Side.NEW) if (own := lengths[pair.side[index] == side]).size]
    alike = len(medians) > 1 and max(medians) <= _ABOUT_AS_LONG * min(medians)
    return _WHOLE if alike and not pair.rows.known else common_depth(pair, index)


def _together(texts: Texts, words: list[str]) -> list[str]:
    """Those of ``words`` that hardly a base text says one of, the commonest first, if most new texts do."""
    base, new = (texts.said[np.flatnonzero(side)] for side in (texts.new, ~texts.new))
    chosen: list[str] = []
    said_before, said_now = np.zeros(base.shape[0], dtype=bool), np.zeros(new.shape[0], dtype=bool)
    for word in words:
        column = texts.words.index(word)
        before, now = (side[:, [column]].toarray().ravel() > 0 for side in (base, new))
        if (said_before | before).mean() <= _RARE:
            chosen.append(word)
            said_before, said_now = said_before | before, said_now | now
    met = int(said_before.sum())
    surely_rare = stats.beta.ppf(0.95, met + 1, max(1, len(said_before) - met)) < _UNMET
    most = len(said_now) > 0 and said_now.mean() >= _MOST
    return chosen if surely_rare and most and _across(texts, said_now) else []


def _across(texts: Texts, said: Bools) -> bool:
    """Whether they are said in answer to most prompts."""
    prompts: Index = texts.prompts[~texts.new].astype(np.int64)
    asked, answered = len(np.unique(prompts)), len(np.unique(prompts[said]))
    return answered >= max(_FEWEST_PROMPTS, _MOST * asked)
