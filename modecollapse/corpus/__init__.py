"""From files to the generations of one model, as the model said them."""

from modecollapse.corpus.base import Corpus, Fields, Frozen, Skipped, content_hashes
from modecollapse.corpus.prompts import answers_alone, asked_otherwise, framed_otherwise, matched_to
from modecollapse.corpus.reading import read_corpus

__all__ = [
    "Corpus",
    "Fields",
    "Frozen",
    "Skipped",
    "answers_alone",
    "asked_otherwise",
    "content_hashes",
    "framed_otherwise",
    "matched_to",
    "read_corpus",
]
