"""Which language a text is in: py3langid's probabilities, held to what its script allows.

The identifier knows over a hundred languages and takes many short English texts for Pidgin, Bikol or Hebrew. The
script settles most of that: a text in Latin letters is never Hebrew, a text in kana is Japanese.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice

import numpy as np
import regex
from numpy.typing import NDArray

from modecollapse.language_model import language_model

FOLDED = {"wuu": "zh", "ary": "ar", "arz": "ar", "pcm": "en", "hbo": "he", "nb": "no"}
"""Varieties that the identifier can't tell from their neighbour on text of this length, with that neighbour."""

LONGEST_TEXT = 4_000
LONGEST_READING = 1_500
"""Characters that say which language a text is in."""

UNDETERMINED = "und"
CERTAIN = 0.7
CERTAIN_LETTERS = 20
SCRIPT_LETTERS = 5
DECISIVE = 1e-4  # a language less likely than this wins against no other, however common it is
_LETTERS_PER_IDEOGRAPH = 3  # what one takes to write a word of
_DENSE = frozenset({"CJK", "KANA", "HANGUL"})
_KANA_SHARE = 0.1
_NO_LETTERS = bytes(byte for byte in range(256) if not chr(byte).isalpha() or byte > 127)
_NOT_PROSE = regex.compile(
    r"""
      (?P<fence>```|~~~)(?:(?!(?P=fence)).)*+(?:(?P=fence)|\Z)   # a code block, closed or cut off
    | `[^`\n]{1,200}+`
    | </?[A-Za-z!|][^<>]{0,200}+>
    | (?:https?://|www\.)\S{1,2000}+
    | [\w.+-]{1,64}+@[\w-]{1,63}+\.[\w.]{2,63}+
    | \\[A-Za-z]{1,20}+
    """,
    regex.VERBOSE | regex.DOTALL,
)
_SIGNS_OF_OTHER = ("`", "~~~", "<", "://", "www.", "@", "\\")
"""One of these stands in whatever ``_NOT_PROSE`` finds."""


@dataclass(frozen=True)
class Language:
    """What a reader calls a language, and the scripts it is written in (as Unicode names its letters; KANA is both)."""

    name: str
    scripts: frozenset[str]


@dataclass(frozen=True)
class Reading:
    """What the identifier makes of a text.

    ``letters`` counts letters, an ideograph as three; ``probabilities`` sum to 1 over the languages that the text's
    main script can be (empty where it has no letter).
    """

    letters: int
    probabilities: Mapping[str, float]

    @property
    def decided_by_script(self) -> bool:
        """Whether the script leaves one language only."""
        return len(self.probabilities) == 1

    @property
    def best(self) -> tuple[str, float]:
        """The most probable language and its probability; ``("und", 0.0)`` where there is none."""
        return max(self.probabilities.items(), key=lambda item: (item[1], item[0]), default=(UNDETERMINED, 0.0))

    @property
    def certain(self) -> str:
        """The language where it is certain without knowing what other texts are in, else "und"."""
        code, probability = self.best
        if self.decided_by_script:
            return code if self.letters >= SCRIPT_LETTERS else UNDETERMINED
        return code if probability >= CERTAIN and self.letters >= CERTAIN_LETTERS else UNDETERMINED


def prose(text: str) -> str:
    """The first 4,000 characters of ``text`` without code, addresses, tags and TeX commands."""
    read = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])
    # The search takes longer than all the rest, and most texts have nothing of the kind.
    return str(_NOT_PROSE.sub(" ", read)) if any(sign in read for sign in _SIGNS_OF_OTHER) else read


def letters(prose: str) -> int:
    """Letters of ``prose``, an ideograph as three."""
    return sum(_scripts(prose).values())


def readings(texts: Sequence[str]) -> list[Reading]:
    """What the identifier makes of texts as they come."""
    return read_all([prose(text)[:LONGEST_READING] for text in texts])


def read_all(proses: Sequence[str]) -> list[Reading]:
    """What the identifier makes of each prose: linear in its length, the same on every machine.

    Languages are left out that are too unlikely to decide anything.
    """
    begun = [_by_script(prose) for prose in proses]
    found: list[Mapping[str, float]] = [
        dict.fromkeys(possible, 1.0) if len(possible) < 2 else {} for _, possible in begun
    ]
    for codes, indices, among in _undecided(proses, begun):
        for index, probabilities in zip(indices, _that_decide(codes, among), strict=True):
            found[index] = probabilities
    return [Reading(counted, probabilities) for (counted, _), probabilities in zip(begun, found, strict=True)]


def likeliest(proses: Sequence[str]) -> list[tuple[int, str, float]]:
    """Of each prose its letters, and what ``Reading.best`` is of it."""
    begun = [_by_script(prose) for prose in proses]
    found = [(counted, next(iter(possible), UNDETERMINED), float(len(possible))) for counted, possible in begun]
    for codes, indices, among in _undecided(proses, begun):
        # The last of equals, as they stand in alphabetical order.
        best = among.shape[1] - 1 - among[:, ::-1].argmax(axis=1)
        for index, column, probability in zip(indices, best.tolist(), among.max(axis=1).tolist(), strict=True):
            found[index] = (begun[index][0], codes[column] if probability else UNDETERMINED, probability)
    return found


def _undecided(
    proses: Sequence[str], begun: Sequence[tuple[int, frozenset[str]]]
) -> Iterator[tuple[list[str], list[int], NDArray[np.float64]]]:
    """Languages, places and probabilities ``(places, languages)`` of the proses that a script leaves several to."""
    places = defaultdict(list)
    for index, (_, possible) in enumerate(begun):
        if len(possible) > 1:
            places[possible].append(index)
    for possible, indices in places.items():
        likely = language_model().probabilities([proses[i] for i in indices])
        yield sorted(possible), indices, _among(possible, likely)


def _by_script(prose: str) -> tuple[int, frozenset[str]]:
    """How many letters, and which languages the main script leaves possible."""
    scripts = _scripts(prose)
    counted = sum(scripts.values())
    return counted, _written_in(_main_script(scripts)) if counted else frozenset()


@cache
def languages() -> Mapping[str, Language]:
    """Every language with a name, by its ISO 639 code."""
    table = json.loads(files("modecollapse").joinpath("languages.json").read_text(encoding="utf-8"))
    return {code: Language(entry["name"], frozenset(entry["scripts"])) for code, entry in table.items()}


def name(code: str) -> str:
    """The language's name in English, or the code itself."""
    known = languages().get(code)
    return known.name if known else code


def _scripts(text: str) -> Mapping[str, int]:
    """Letters of each script, ideographs counted as several."""
    if text.isascii():
        latin = len(text.encode("ascii").translate(None, _NO_LETTERS))
        return {"LATIN": latin} if latin else {}
    found: Counter[str] = Counter()
    for character, count in Counter(text).items():
        script = _script(character)
        if script:
            found[script] += count * (_LETTERS_PER_IDEOGRAPH if script in _DENSE else 1)
    return found


@cache
def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    script = unicodedata.name(character, "").split(" ")[0]
    return "KANA" if script in {"HIRAGANA", "KATAKANA"} else script


def _main_script(scripts: Mapping[str, int]) -> str:
    """The script of most letters; Japanese writes most of its letters in Han, so a tenth of kana is enough."""
    if len(scripts) == 1:
        return next(iter(scripts))
    joined = Counter(scripts)
    kana, han = joined["KANA"], joined["CJK"]
    del joined["KANA"], joined["CJK"]
    joined["KANA" if kana > _KANA_SHARE * (kana + han) else "CJK"] = kana + han
    return max(joined, key=lambda script: (joined[script], script))


@cache
def _written_in(script: str) -> frozenset[str]:
    return frozenset(FOLDED.get(code, code) for code, entry in languages().items() if script in entry.scripts)


def _among(possible: frozenset[str], likely: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities of the ``possible`` languages, in alphabetical order, that sum to 1 for each text."""
    among = likely.astype(np.float64) @ _belongs(possible)
    among /= np.maximum(among.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return np.asarray(among)


def _that_decide(codes: Sequence[str], among: NDArray[np.float64]) -> list[dict[str, float]]:
    """Per text, the probabilities of those languages that can decide anything."""
    # Two at least: a single one would mean that the script decides.
    second = np.partition(among, -2, axis=1)[:, -2:-1]
    kept = (among >= np.minimum(second, DECISIVE)) & (among > 0)
    names = (codes[column] for column in np.nonzero(kept)[1].tolist())
    entries = zip(names, among[kept].tolist(), strict=True)
    return [dict(islice(entries, count)) for count in kept.sum(axis=1).tolist()]


@cache
def _belongs(possible: frozenset[str]) -> NDArray[np.float64]:
    """Which of the model's languages, varieties folded, is which of the ``possible`` ones, in alphabetical order."""
    folded = np.array([FOLDED.get(code, code) for code in language_model().languages])
    return np.array([folded == code for code in sorted(possible)], dtype=np.float64).T
