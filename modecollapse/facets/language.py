"""The language facet: one mode per language, and two more for texts that have none or two.

Two passes. The first accepts what is certain by itself. The second decides the rest (short texts, close relatives)
among the languages that the first found in the two corpora together, the common ones likelier. Learning yields that
list and its priors; labelling uses nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import regex
from numpy.typing import NDArray

from modecollapse.facets.base import Mode, Reader, Rows
from modecollapse.language_detection import (
    FOLDED,
    LONGEST_READING,
    UNDETERMINED,
    Reading,
    letters,
    likeliest,
    name,
    prose,
    readings,
)

MIXED = "mixed"

LEARNING_ROWS = 20_000
LISTED_SHARE = 0.005
LISTED_TEXTS = 3
LIKELY = 0.9
WINDOW_LETTERS = 40
WINDOW_CHARACTERS = 60
MOST_WINDOWS = 8
MIXED_SHARE = 0.25

_SENTENCE = regex.compile(r"[^.!?。！？।\n]{1,240}+[.!?。！？।\n]*+|[.!?。！？।\n]++")


@dataclass(frozen=True)
class Stretch:
    """Part of a text: its letters, and its likeliest language with the probability."""

    letters: int
    language: str
    probability: float


def _read_stretches(texts: Sequence[str]) -> list[list[Stretch]]:
    """The language of some stretches of each text; none where it is too short to hold two languages."""
    cut = [_windows(readable) for readable in map(prose, texts)]
    found = iter(likeliest([window for windows in cut for window in windows]))
    return [[Stretch(*one) for one in islice(found, len(windows))] for windows in cut]


def _windows(readable: str) -> list[str]:
    """At most ``MOST_WINDOWS`` stretches of whole sentences (a language seldom changes inside one), evenly spread.

    None where the text is too short to hold two languages.
    """
    if letters(readable[:LONGEST_READING]) < 2 * WINDOW_LETTERS:
        return []
    windows = [""]
    for sentence in _SENTENCE.findall(readable):
        if len(windows[-1]) >= WINDOW_CHARACTERS:
            windows.append("")
        windows[-1] += sentence
    if len(windows) <= MOST_WINDOWS:
        return windows
    return [windows[i] for i in np.linspace(0, len(windows) - 1, MOST_WINDOWS).round().astype(int)]


READING = Reader("language", readings, Reading)
STRETCHES = Reader("language_of_stretches", _read_stretches, list[Stretch])


@dataclass(frozen=True)
class LanguagePartition:
    """Languages met in learning: ``found`` counts the texts of each that were certain, among ``texts``."""

    modes: Sequence[Mode]
    notes: Sequence[tuple[str, str]]
    found: Mapping[str, int]
    texts: int

    @property
    def listed(self) -> frozenset[str]:
        """The languages common enough for a doubtful text to be given to them."""
        enough = max(LISTED_TEXTS, LISTED_SHARE * self.texts)
        return frozenset(code for code, count in self.found.items() if count >= enough)

    def label(self, rows: Rows) -> NDArray[np.int32]:
        """See :class:`~modecollapse.facets.base.Partition`; one level."""
        index = {mode.id: i for i, mode in enumerate(self.modes)}
        listed = self.listed
        found = zip(rows.read(READING), rows.read(STRETCHES), strict=True)
        labels = [index.get(self._code(whole, parts, listed), index[UNDETERMINED]) for whole, parts in found]
        return np.array(labels, dtype=np.int32).reshape(-1, 1)

    def codes(self, labels: NDArray[np.int32]) -> NDArray[np.str_]:
        """The labels as codes ("en", "und", "mixed" …), shape ``(rows,)``: what ``Rows.languages`` holds."""
        return np.array([mode.id for mode in self.modes], dtype=np.str_)[labels[:, 0]]

    def _code(self, whole: Reading, parts: Sequence[Stretch], listed: frozenset[str]) -> str:
        code = whole.certain
        if code == UNDETERMINED:
            code = self._likely(whole, listed)
        return MIXED if _is_mixed(parts, listed | {code}) else code

    def _likely(self, reading: Reading, listed: frozenset[str]) -> str:
        """Pass 2: the language of a doubtful text, by its probability times the square root of its share.

        The best language that is not on the list competes (with half a text if none was found) but cannot win.
        """
        scores = {
            code: probability * ((self.found.get(code, 0) + 0.5) / (self.texts + 1)) ** 0.5
            for code, probability in reading.probabilities.items()
        }
        rival = max((score for code, score in scores.items() if code not in listed), default=0.0)
        best = max(scores.keys() & listed, key=lambda code: (scores[code], code), default=UNDETERMINED)
        total = rival + sum(scores[code] for code in scores.keys() & listed)
        return best if best in listed and scores[best] >= LIKELY * total else UNDETERMINED


@dataclass(frozen=True)
class LanguageFacet:
    """Cuts generations by language."""

    name: str = "language"
    needs_vectors: bool = False

    def learn(self, rows: Rows, anchor: Rows, seed: int) -> LanguagePartition:
        """Languages found in ``rows``; their ids are ISO 639 codes, so neither ``anchor`` nor ``seed`` is used."""
        certain = [reading.certain for reading in rows.take(rows.sample(LEARNING_ROWS)).read(READING)]
        found = Counter(code for code in certain if code != UNDETERMINED)
        return LanguagePartition(_modes(found), (), dict(sorted(found.items())), len(certain))


def _modes(counts: Counter[str]) -> list[Mode]:
    modes = [Mode(code, name(code), _rule(code)) for code in sorted(counts)]
    return [
        *modes,
        Mode(
            UNDETERMINED,
            "undetermined (short, code, emoji)",
            "too short or too strange to tell; code, numbers and emoji",
            remainder=True,
        ),
        Mode(MIXED, "mixed languages", f"a second language holds at least {MIXED_SHARE:.0%} of the text"),
    ]


def _rule(code: str) -> str:
    folded = [name(variety) for variety, into in FOLDED.items() if into == code]
    return f"identified as {name(code)}" + (f" ({', '.join(folded)} counted in)" if folded else "")


def _is_mixed(parts: Sequence[Stretch], known: frozenset[str]) -> bool:
    """Whether the second of the ``known`` languages holds enough of the text, in letters."""
    held: Counter[str] = Counter()
    for part in parts:
        if part.probability >= LIKELY and part.letters >= WINDOW_LETTERS and part.language in known:
            held[part.language] += part.letters
    return len(held) > 1 and held.most_common(2)[1][1] >= MIXED_SHARE * sum(part.letters for part in parts)
