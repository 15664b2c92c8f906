"""Reasoning that does not end is no answer: a limit of tokens, most often, ended the text before the model had one."""

from __future__ import annotations

from dataclasses import replace

from modecollapse.corpus.base import Corpus
from modecollapse.corpus.reasoning import is_unfinished
from modecollapse.errors import InputError
from modecollapse.repetition import is_loop, is_softly_repetitive
from modecollapse.words import units

REASON = "reasoning that does not end"
_MOST = 0.5
_MOST_WORDS = 4_000


def finished(corpus: Corpus) -> Corpus:
    """``corpus`` without the rows that end before their reasoning does, but for those that go round in circles.

    Such a model is broken, and stays to be seen. Raises :class:`InputError` where most rows have no answer.
    """
    found = corpus.reasoning
    if not found.unfinished or found.kept:
        return corpus
    rows = [row for row, text in enumerate(corpus.texts) if is_unfinished(text) and not _goes_round(text)]
    if len(rows) > _MOST * len(corpus):
        message = f"{len(rows)} of {len(corpus)} texts are {REASON}: there is no answer to compare"
        hint = "generate with a higher limit of tokens, or compare the reasoning itself by --keep-reasoning"
        raise InputError("no-answers", message, corpus.name, hint=hint)
    return replace(corpus.without(rows, REASON), reasoning=replace(found, unfinished=len(rows)))


def _goes_round(text: str) -> bool:
    words = units(text, _MOST_WORDS)
    return is_loop(text, words) or is_softly_repetitive(text, words)
