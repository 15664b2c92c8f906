"""The manner of a text, counted by hand-made rules: how it is written (style), how long and how formatted it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log1p

CHARACTERS_READ = 1_000

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
_SENTENCE_END = frozenset(".!?。！？؟।॥")
_CONTRACTION = re.compile(r"\w['’](?:s|re|ve|ll|d|t|m)\b", re.IGNORECASE)
_ASCII_CAPITAL = re.compile("[A-Z]")
EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")

STYLE_NAMES = (*_LEXICON, *_SIGNS, "contracting", "emoji", "capitals", "long sentences", "long words", "varied words")


IN_ENGLISH = [STYLE_NAMES.index(name) for name in _LEXICON]
"""Places of the habits that are told by English words, and mean nothing in another language."""


def style_counts(text: str, units: Sequence[str]) -> list[float]:
    """Rates per word and means of a text and its ``units`` (words), one for each of ``STYLE_NAMES``."""
    text = text[:CHARACTERS_READ]
    spoken = [unit for unit in units if unit[0].isalnum()]
    total = max(len(spoken), 1)
    sentences = max(sum(unit[0] in _SENTENCE_END for unit in units), 1)
    habits = Counter(habit for unit in spoken for habit in _HABITS_OF.get(unit, ()))
    return [
        *(habits[name] / total for name in _LEXICON),
        *(sum(map(text.count, signs)) / total for signs in _SIGNS.values()),
        len(_CONTRACTION.findall(text)) / total,
        len(EMOJI.findall(text)) / total,
        _capitals(text) / max(len(text), 1),
        len(spoken) / sentences,
        sum(map(len, spoken)) / total,
        len(set(spoken[:60])) / max(len(spoken[:60]), 1),
    ]


def _capitals(text: str) -> int:
    return len(_ASCII_CAPITAL.findall(text)) if text.isascii() else sum(map(str.isupper, text))


LISTS = re.compile(r"^\s{0,8}(?:[-*+•]|\d{1,3}[.)])\s", re.MULTILINE)
HEADINGS = re.compile(r"^#{1,6}\s", re.MULTILINE)
CODE = re.compile(r"`")
_FORMATS = (LISTS, re.compile(r"\*\*|__"), HEADINGS, re.compile(r"\n"), CODE, re.compile(r"\|"))


FORM_FEATURES = 2 + len(_FORMATS)


def length_and_format(text: str) -> list[float]:
    """What persona modes must not be: log length (and its square), and how much list, bold, heading, line and code."""
    length = log1p(len(text))
    return [length, length**2, *(log1p(len(mark.findall(text))) for mark in _FORMATS)]
