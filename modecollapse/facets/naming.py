"""Names for modes: the few words that a mode's texts have and the others lack, in the texts' own language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import is_sealed
from modecollapse.facets.base import Reader, Rows, of_each
from modecollapse.segmentation import is_word, segmented, stretches, without_particles
from modecollapse.words import words

WORDS_IN_NAME = 3
MOST_WORDS = 6
LONGEST_WORD = 30
WORDS_READ = 120
NAMING_ROWS = 4_000
TYPICAL_SHARES = (0.1, 0.04)
PRIOR_WEIGHT = 500.0

_NOT_PROSE = re.compile(r"```.*?(?:```|\Z)|(?:https?://|www\.)\S+|&\w{1,8};|\x1b\[[0-9;]*[A-Za-z]", re.DOTALL)


def letter_words(text: str) -> list[str]:
    """Words made of letters, without markup, addresses and code."""
    return [word for word in segmented(_prose(text)) if word[0].isalpha()]


def words_of_prompt(text: str) -> set[str]:
    """What a text may echo of its prompt, whatever the words are cut from there."""
    return {word for word in stretches(_prose(text)) if word[0].isalpha()}


def _prose(text: str) -> list[str]:
    return words(_NOT_PROSE.sub(" ", text[: WORDS_READ * 40]), WORDS_READ)


def longest_part(word: str) -> str:
    """ "twilight" of "twilight's", "homme" of "l'homme"."""
    return max(word.split("'"), key=len) if "'" in word else word


def _stems(text: str) -> list[str]:
    return sorted({longest_part(word) for word in letter_words(text)})


STEMS = Reader(
    name="stems",
    read=of_each(_stems),
    kind=list[str],
    seal=lambda concealment, stems: concealment.named(stems),
)
"""Each word of a text once, without what an apostrophe joins to it."""


@lru_cache(maxsize=64)
def function_words(language: str) -> frozenset[str]:
    """Words of ``language`` (ISO 639-1) that carry grammar rather than content; empty where no list is known."""
    import stopwordsiso

    if not stopwordsiso.has_lang(language):
        return frozenset()
    listed = {word.lower().replace("’", "'") for word in stopwordsiso.stopwords(language)}
    return frozenset(listed | {part for word in listed for part in word.split("'")})


def languages_of(rows: Rows) -> NDArray[np.str_]:
    """The language of each row; English where the language facet has not run."""
    return np.full(len(rows), "en") if rows.languages is None else rows.languages


def content_words(rows: Rows, *, echoed: bool) -> list[set[str]]:
    """Per row, the words that say something: no function words, and those of its own prompt only where ``echoed``.

    What a text is about the prompt often says best; how it speaks the prompt does not say.
    """
    prompts = [set[str]() if echoed else words_of_prompt(text) for text in rows.prompt_texts]
    languages = languages_of(rows)
    spoken = frozenset().union(*(function_words(str(language)) for language in np.unique(languages)))
    found = []
    for stems, prompt, language in zip(rows.read(STEMS), rows.prompts, languages, strict=True):
        grammar = function_words(str(language)) or spoken
        said = {without_particles(word, grammar) for stem in stems if len(word := rows.revealed(stem)) <= LONGEST_WORD}
        found.append({w for w in said - grammar - prompts[prompt] if is_word(w)})
    return found


def name_modes(
    documents: Sequence[set[str]],
    languages: NDArray[np.str_],
    labels: NDArray[np.int32],
    sizes: Sequence[int],
    tags: Sequence[str] = (),
    kinds: Sequence[str] = (),
) -> list[str]:
    """One name per mode, all different: "sea · sailors · ocean". Modes are numbered level after level.

    ``documents`` holds the candidate words of each row, ``labels`` is ``(rows, levels)`` with modes numbered from 0 at
    each level, ``sizes`` the number of modes of each level. ``tags`` say in other words what a mode is, "" where they
    can't: with one its words stand in brackets. A mode whose texts share hardly a word is named by what else they have
    in common: its entry of ``kinds``, or where that is "" "in French, Spanish", "few words" (that say something) or
    "mixed".
    """
    table = _WordTable(documents)
    inside = [labels[:, level] == mode for level, count in enumerate(sizes) for mode in range(count)]
    words = [table.ranked(rows, languages) for rows in inside]
    given = kinds or [""] * len(words)
    kinds = [kind or _kind(rows, languages, table.sizes) for kind, rows in zip(given, inside, strict=True)]
    return _distinct(words, kinds, tags or [""] * len(words))


@dataclass(frozen=True)
class _Candidates:
    """Words for one name, most telling first, and whether they are typical of the mode or merely commoner there."""

    words: Sequence[str]
    typical: bool

    def name(self, count: int, kind: str, tag: str) -> str:
        chosen = " · ".join(self.words[:count])
        if self.typical:
            return f"{tag} ({chosen})" if tag else chosen
        return tag or (f"{kind} ({chosen})" if chosen else kind)


class _WordTable:
    """Which row has which word: a row counts a word once, so that a loop can't name its mode."""

    def __init__(self, documents: Sequence[set[str]]) -> None:
        from scipy.sparse import csr_array

        self.vocabulary = sorted(set().union(*documents)) if documents else []
        self.legible = np.array([not is_sealed(word) for word in self.vocabulary], dtype=bool)
        index = {word: i for i, word in enumerate(self.vocabulary)}
        self.sizes = np.array([len(document) for document in documents], dtype=np.int64)
        ends = np.concatenate([[0], np.cumsum(self.sizes)])
        columns = np.fromiter((index[word] for document in documents for word in sorted(document)), dtype=np.int64)
        shape = (len(documents), len(self.vocabulary))
        self.counts = csr_array((np.ones(len(columns)), columns, ends), shape=shape)

    def ranked(self, inside: NDArray[np.bool_], languages: NDArray[np.str_]) -> _Candidates:
        """Words for the rows ``inside``, compared with the other rows of the same language."""
        if not inside.any() or not self.vocabulary:
            return _Candidates((), typical=False)
        spoken = languages == _language_of_name(languages, inside)
        here = np.asarray(self.counts[inside & spoken].sum(axis=0)).ravel()
        there = np.asarray(self.counts[~inside & spoken].sum(axis=0)).ravel()
        score = log_odds(here, there)
        shares = here / (inside & spoken).sum(), there / max((~inside & spoken).sum(), 1)
        telling = self.legible & (score > 0) & (here >= 2) & (shares[0] > 1.5 * shares[1])
        # Rounded, as sums over another order of words (a baseline seals some) differ in the last digits.
        order = [i for i in np.argsort(-score.round(6), kind="stable") if telling[i]]
        typical = [i for least in TYPICAL_SHARES for i in order if shares[0][i] >= least]
        chosen = typical if len(set(typical)) >= 2 else order
        return _Candidates(_without_variants([self.vocabulary[i] for i in chosen]), chosen is typical)


def _kind(inside: NDArray[np.bool_], languages: NDArray[np.str_], words: NDArray[np.int64]) -> str:
    """What texts have in common that share hardly a word. ``words`` counts those of each row."""
    from modecollapse.language_detection import name

    spoken, counts = np.unique(languages[inside], return_counts=True)
    overall = np.array([(languages == language).mean() for language in spoken])
    shares = counts / max(inside.sum(), 1)
    foreign = [i for i in np.argsort(-shares, kind="stable") if shares[i] > 2 * overall[i]]
    named = foreign[:WORDS_IN_NAME]
    if shares[named].sum() > 0.5:
        codes = spoken[named].tolist()
        told = ", ".join(_SEVERAL if code == "mixed" else name(code) for code in codes if code != "und")
        return (f"in {told} or {_HARDLY_ANY}" if "und" in codes else f"in {told}") if told else _NO_PROSE
    return "few words" if inside.any() and np.median(words[inside]) < np.median(words) / 2 else "mixed"


_SEVERAL = "several languages"
_HARDLY_ANY = "hardly any language"
_NO_PROSE = "very short, numbers, emoji or code"


def _language_of_name(languages: NDArray[np.str_], inside: NDArray[np.bool_]) -> np.str_:
    """The commonest language of all, if the mode's rows speak it about as much as any other, else their own.

    English before one that is up to twice as common: the rest of the report is in it.
    """
    names, overall = np.unique(languages, return_counts=True)
    overall = np.where(names == "en", 2 * overall, overall)
    frequencies = np.array([(languages[inside] == name).sum() for name in names])
    return np.str_(names[np.where(2 * frequencies >= frequencies.max(), overall, 0).argmax()])


def log_odds(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds ratio of each word, in standard deviations, with an informative Dirichlet prior.

    Monroe, Colaresi & Quinn 2008, "Fightin' Words": the prior is the frequency of each word in both parts together,
    which draws rare words towards no difference.
    """
    both = here + there
    prior = PRIOR_WEIGHT * both / max(both.sum(), 1.0) + 1e-9
    total = prior.sum()
    odds = [np.log((part + prior) / np.maximum(part.sum() + total - part - prior, prior)) for part in (here, there)]
    return np.asarray((odds[0] - odds[1]) / np.sqrt(1 / (here + prior) + 1 / (there + prior)))


def _without_variants(ranked: Sequence[str], most: int = MOST_WORDS) -> list[str]:
    """The first words, without those that repeat an earlier one in another form: sailor, sailors, sailing."""
    kept: list[str] = []
    for word in ranked:
        if len(kept) == most:
            break
        if not any(_same_stem(word, other) for other in kept):
            kept.append(word)
    return kept


def _same_stem(word: str, other: str) -> bool:
    shared = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    return (shared >= 4 and shared >= max(len(word), len(other)) - 3) or word == other


def _distinct(ranked: Sequence[_Candidates], kinds: Sequence[str], tags: Sequence[str]) -> list[str]:
    """Each mode's first words; where that name is taken, with more words, and at last with a number."""
    names: list[str] = []
    taken: set[str] = set()
    for candidates, kind, tag in zip(ranked, kinds, tags, strict=True):
        longer = [candidates.name(count, kind, tag) for count in range(WORDS_IN_NAME, MOST_WORDS + 1)]
        numbered = [f"{longer[0]} ({number})" for number in range(2, len(ranked) + 2)]
        name = next(option for option in [*longer, *numbered] if option not in taken)
        taken.add(name)
        names.append(name)
    return names
