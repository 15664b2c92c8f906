"""The manner of a text, counted by hand-made rules: how it is written (style), how long and how formatted it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import log1p

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.terms import Terms

CHARACTERS_READ = 1_000
VARIED_WORDS = 60

_LEXICON = {
    "first person": "i me my mine myself i'm i've i'd i'll",
    "we": "we us our ours ourselves we're we've we'll let's",
    "addressing you": "you your yours yourself you're you've you'll thou thee thy ye",
    "he, she, they": "he him his she her hers they them their theirs",
    "hedging": "can could may might perhaps maybe possibly probably seem seems likely often usually generally",
    "emphatic": "very really so absolutely totally truly definitely completely never always ever must indeed",
    "negating": "no not never none nothing nobody nor don't doesn't didn't can't won't isn't aren't wasn't couldn't",
    "connecting": "however therefore moreover furthermore additionally thus hence consequently overall firstly finally",
    "archaic": "thou thee thy thine hath doth ye unto shalt art wilt thereof behold lo",
    "informal": "gonna wanna gotta yeah hey okay ok kinda stuff guys lol yep nope cool awesome dude ain't",
    "interjecting": "ah oh wow alas aye arr ugh hmm ha haha hey well",
    "courteous": "please thank thanks sorry welcome glad appreciate grateful pleased sir madam dear",
    "telling": "was were had did said went came saw knew took told asked",
}
_HABITS_OF: dict[str, list[str]] = {}
for _habit, _listed in _LEXICON.items():
    for _word in _listed.split():
        _HABITS_OF.setdefault(_word, []).append(_habit)
_SIGNS = {
    "exclaiming": "!！¡",
    "asking": "?？؟¿",
    "commas": ",،、，;；",
    "colons": ":：",
    "trailing off": "…",
    "quoting": '"“”«»„「」',
    "dashes": "–—",
    "brackets": "()（）",
}
_ASCII_SIGNS = {name: "".join(filter(str.isascii, signs)) for name, signs in _SIGNS.items()}
_SENTENCE_END = frozenset(".!?。！？؟।॥")
_CONTRACTION = re.compile(r"\w['’](?:s|re|ve|ll|d|t|m)\b", re.IGNORECASE)
_NO_CAPITALS = bytes(byte for byte in range(256) if not 65 <= byte <= 90)
EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")

STYLE_NAMES = (*_LEXICON, *_SIGNS, "contracting", "emoji", "capitals", "long sentences", "long words", "varied words")


IN_ENGLISH = [STYLE_NAMES.index(name) for name in _LEXICON]
"""Places of the habits that are told by English words, and mean nothing in another language."""


def style_counts(texts: Sequence[str], units: Terms) -> NDArray[np.float64]:
    """Rates per word and means of each text and its ``units`` (words, one by one): ``(texts, len(STYLE_NAMES))``."""
    heads = [text[:CHARACTERS_READ] for text in texts]
    words, owners, size = units.numbers - 1, units.owners, units.documents
    is_word = np.array([word[0].isalnum() for word in units.words], dtype=bool)
    is_end = np.array([word[0] in _SENTENCE_END for word in units.words], dtype=bool)
    lengths = np.array([len(word) for word in units.words], dtype=np.int64)
    spoken, speakers = words[is_word[words]], owners[is_word[words]]
    total = np.bincount(speakers, minlength=size).clip(min=1)
    sentences = np.bincount(owners[is_end[words]], minlength=size).clip(min=1)
    beginning = _places_within(speakers) < VARIED_WORDS
    said = np.unique(speakers[beginning] * len(is_word) + spoken[beginning]) // max(len(is_word), 1)
    begun = np.bincount(speakers[beginning], minlength=size).clip(min=1)
    return np.column_stack(
        [
            _habits(units.words, spoken, speakers, size) / total[:, None],
            np.array([_signs(head) for head in heads]).reshape(size, len(_SIGNS)) / total[:, None],
            np.array([_contractions(head) for head in heads]) / total,
            np.array([0 if head.isascii() else len(EMOJI.findall(head)) for head in heads]) / total,
            np.array([_capitals(head) / max(len(head), 1) for head in heads]),
            np.bincount(speakers, minlength=size) / sentences,
            np.bincount(speakers, weights=lengths[spoken], minlength=size) / total,
            np.bincount(said, minlength=size) / begun,
        ]
    )


def _places_within(owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which word of its text each is, from 0; ``owners`` ascend."""
    places = np.arange(len(owners))
    first = np.diff(owners, prepend=-1) != 0
    return places - np.maximum.accumulate(np.where(first, places, 0))


def _habits(
    words: Sequence[str], spoken: NDArray[np.int64], speakers: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    """How often each habit of the lexicon shows, ``(texts, habits)``."""
    names = list(_LEXICON)
    shows = np.zeros((len(words), len(names)), dtype=bool)
    for place, word in enumerate(words):
        for habit in _HABITS_OF.get(word, ()):
            shows[place, names.index(habit)] = True
    some = np.any(shows, axis=1)[spoken]
    found = shows[spoken[some]]
    own = speakers[some]
    columns = [np.bincount(own[column], minlength=size) for column in found.T]
    return np.array(columns, dtype=np.float64).T


def _signs(text: str) -> list[int]:
    signs = _ASCII_SIGNS if text.isascii() else _SIGNS
    return [sum(map(text.count, own)) for own in signs.values()]


def _contractions(text: str) -> int:
    return len(_CONTRACTION.findall(text)) if "'" in text or "’" in text else 0


def _capitals(text: str) -> int:
    if text.isascii():
        return len(text.encode("ascii").translate(None, _NO_CAPITALS))
    return sum(map(str.isupper, text))


LISTS = re.compile(r"^\s{0,8}(?:[-*+•]|\d{1,3}[.)])\s", re.MULTILINE)
HEADINGS = re.compile(r"^#{1,6}\s", re.MULTILINE)
CODE = re.compile(r"`")
_SIGNS_OF_FORMAT = ("\n", "`", "|")
FORM_FEATURES = 2 + 3 + len(_SIGNS_OF_FORMAT)


def length_and_format(text: str) -> list[float]:
    """What persona modes must not be: log length (and its square), and how much list, bold, heading, line and code."""
    length = log1p(len(text))
    lists, headings = (len(mark.findall(text)) for mark in (LISTS, HEADINGS))
    bold, (lines, code, bars) = text.count("**") + text.count("__"), map(text.count, _SIGNS_OF_FORMAT)
    return [length, length**2, *map(log1p, (lists, bold, headings, lines, code, bars))]
