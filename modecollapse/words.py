"""Words: the one rule by which openings, the word tree and repetitions cut a text.

A word is a run of letters (with inner apostrophes and hyphens), a number, one sign of sentence punctuation (a run of
the same sign counts once) or a symbol such as an emoji. Scripts written without spaces (Han, kana, Thai, Lao, Khmer,
Burmese) are cut by character. Quotation marks, brackets, dashes and markup are not words. HTML's character references
(``&quot;``) are what they stand for. Everything is in Unicode form NFKC and lower case.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import unescape
from itertools import islice

import numpy as np
import regex
from numpy.typing import NDArray

END = ""
"""Stands for the end of a text in the vocabulary of :func:`encode`; no word is empty."""

NUMBER = "0000"
"""Stands for every date, every time, and every other number of more than three digits."""

_LONGEST = 40
_USUAL = 9  # characters that a word and the space after it hardly ever exceed on average
_CUT_BY_THE_END = 2  # words that may read otherwise where a text is cut: "3." of "3.14" is a number and a stop
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTERS = rf"[\p{{L}}\p{{M}}--[{_UNSPACED}]]{{1,{_LONGEST}}}+"
# Possessive quantifiers and bounded repeats: no text can make the matching slower than linear.
_STOPS = ".!?,;:،؛؟।॥。、・…¡¿"
_RUNS = "|".join(rf"[{sign}]++" for sign in _STOPS)
_WORD = regex.compile(
    rf"""
      [{_UNSPACED}]\p{{M}}{{0,8}}+
    | \p{{N}}{{1,{_LONGEST}}}+(?:[.,]\p{{N}}{{1,{_LONGEST}}}+){{0,8}}+
    | {_LETTERS}(?:['\-]{_LETTERS}){{0,3}}+
    | {_RUNS}
    | [\p{{So}}\p{{Sc}}%&@+=]\p{{M}}{{0,4}}+
    """,
    regex.VERBOSE | regex.VERSION1,
)
_ASCII_WORD = re.compile(
    rf"[0-9]{{1,{_LONGEST}}}(?:[.,][0-9]{{1,{_LONGEST}}}){{0,8}}"
    rf"|[A-Za-z]{{1,{_LONGEST}}}(?:['\-][A-Za-z]{{1,{_LONGEST}}}){{0,3}}"
    r"|\.+|!+|\?+|,+|;+|:+|[$%&@+=]"
)
"""The same for texts in ASCII, four times as fast."""
_BETWEEN_WORDS = str.maketrans(dict.fromkeys("“”„«»‹›–—−•", " "))
_HALF_A_WORD = regex.compile(rf"[{_UNSPACED}]\p{{M}}{{0,8}}+", regex.VERSION1)
_REFERENCE = re.compile(r"&#?[A-Za-z0-9]{1,8};")
_OF_A_BLOCK, _OF_A_LINE = (
    re.compile(rf"</?(?:{names})(?:\s[^<>=]{{1,40}}=[^<>]{{0,200}})?\s?/?>", re.IGNORECASE)
    for names in (
        "blockquote|body|br|center|div|h[1-6]|hr|html|li|ol|p|pre|table|tbody|td|th|thead|tr|ul",
        "a|abbr|b|cite|code|del|em|font|i|img|q|s|small|span|strong|sub|sup|u",
    )
)
_TAG = regex.compile(r"</?[A-Za-z|][^<>]{0,200}+>")
_LONG_NUMBER = regex.compile(
    r"""
      (?<!\p{N}[\-/.,:]?)
      (?: \p{N}{1,4}([\-/.])\p{N}{1,2}\1\p{N}{1,4} | \p{N}\p{N}:\p{N}\p{N}(?::\p{N}\p{N})? )
      (?![\-/.,:]?\p{N})
    | \p{N}(?:[.,]?\p{N}){3,}+
    """,
    regex.VERBOSE | regex.VERSION1,
)
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "‑": "-", "‐": "-", "\u00ad": None})
_DECORATION = regex.compile(r"[*_`#]++")
_SPACE = regex.compile(r"\s++")


def words(text: str, limit: int) -> list[str]:
    """The first ``limit`` words of ``text``, dates, times and numbers of more than three digits written as ``0000``.

    A rating or a count is an answer; a date tells when it was given, and long numbers are hardly ever the same twice.
    Reads at most 40 characters per word asked for, so that the cost does not depend on the length of the text.
    """
    return _cut(_LONG_NUMBER.sub(NUMBER, _readable(text, limit)), limit)


def units(text: str, limit: int) -> list[str]:
    """As :func:`words`, with all numbers as they stand: of two invoices, one does not repeat the other."""
    return _cut(_readable(text, limit), limit)


def _cut(readable: str, limit: int) -> list[str]:
    if not readable.isascii():
        readable = readable.translate(_BETWEEN_WORDS)
    pattern = _ASCII_WORD if readable.isascii() else _WORD
    found: list[str] = pattern.findall(readable[: _USUAL * limit])
    if len(found) < limit + _CUT_BY_THE_END and len(readable) > _USUAL * limit:
        found = pattern.findall(readable)
    # No word holds a zero byte, and next to one each is put into lower case as if it stood alone.
    written = "\0".join(found[:limit]).lower().split("\0") if found else []
    return [unit[0] if unit[0] in _STOPS else unit for unit in written]


def spelling(text: str, count: int) -> str:
    """The first ``count`` words as a reader knows them: in their own letter case, with what stands between them."""
    readable = _readable(text, count)
    found = list(islice(_WORD.finditer(readable), count))
    if not found:
        return ""
    span = _DECORATION.sub("", readable[found[0].start() : found[-1].end()])
    return str(_SPACE.sub(" ", span)).strip()


def dereferenced(text: str) -> str:
    """``text`` with what HTML's character references (``&quot;``) stand for."""
    return _REFERENCE.sub(lambda reference: unescape(reference.group()), text) if "&" in text else text


def without_html(text: str) -> str:
    """``text`` as a browser shows it: without the tags of HTML, and with what its character references stand for."""
    shown = _OF_A_LINE.sub("", _OF_A_BLOCK.sub("\n", text)) if "<" in text else text
    return dereferenced(text if shown == text else shown.strip())


@lru_cache(maxsize=65_536)
def weight(word: str) -> float:
    """How much of a word it is: punctuation 0, a character of a script without spaces ½, everything else 1."""
    if word[:1] in _STOPS or not _WORD.fullmatch(word):
        return 0.0
    return 0.5 if _HALF_A_WORD.fullmatch(word) else 1.0


def encode_words(texts: Sequence[str], depth: int) -> tuple[NDArray[np.int32], list[str]]:
    """The first ``depth`` words of each text as indices into a sorted vocabulary; see :func:`encode`."""
    return encode([words(text, depth) for text in texts], depth)


def encode(found: Iterable[list[str]], depth: int) -> tuple[NDArray[np.int32], list[str]]:
    """The first ``depth`` of the words ``found`` in each text as indices into a sorted vocabulary.

    Returns indices of shape ``(texts, depth)`` and the vocabulary. A text that ends before ``depth`` words has
    :data:`END` after its last word and -1 after that: the end of a text is a symbol like any other. The vocabulary
    holds the same words in the same order whatever the order of the texts.
    """
    met = {END: 0}  # numbered as they come: the words of all texts are never held together
    flat = array("i")
    for row in found:
        ended = [*row[:depth], END][:depth]
        flat.extend(met.setdefault(word, len(met)) for word in ended)
        flat.extend([-1] * (depth - len(ended)))
    vocabulary = sorted(met)
    rank = np.empty(len(met) + 1, dtype=np.int32)
    rank[[met[word] for word in vocabulary]] = np.arange(len(met))
    rank[-1] = -1
    return rank[np.frombuffer(flat, dtype=np.int32)].reshape(-1, depth), vocabulary


def _readable(text: str, limit: int) -> str:
    """The head of the text that can hold ``limit`` words, without tags and character references, in NFKC."""
    head = text.lstrip()[: _LONGEST * (limit + 4)]
    untagged = _TAG.sub(" ", head) if "<" in head else head
    untagged = dereferenced(untagged)
    if untagged.isascii():
        return untagged  # as it is in NFKC, and without any of these apostrophes
    return unicodedata.normalize("NFKC", untagged).translate(_APOSTROPHES)
