"""Texts that were written down otherwise than they were said.

Some files hold texts that were escaped once too often (``\\n`` for a line's end, ``\\u4f60`` for a letter), or pieces
of a tokenizer put together as they are (``ĠIn``, ``▁In``, ``<0x0A>``). Words cut from these are not the model's. Each
text tells by itself, so that what is read hangs neither on the order of rows nor on the other corpus. Only of quotation
marks around a text without any escape does the whole file tell whether they are JSON's.
"""

from __future__ import annotations

import json
import re

_ESCAPED = re.compile(r"""(?<![`'"(\[\\])\\n(?=\\n|[^\sa-z`'")\]\\])|(?<![`'\\])\\u[0-9a-fA-F]{4}""")
r"""A line's end before something else than a small letter, or a letter: not TeX (``\nabla``), nor what is said of
``\n`` or quoted to print it."""

_ESCAPE = re.compile(r"""(?:\\u[0-9a-fA-F]{4})+|\\[n"'/\\]|\\[rt](?![a-z])""")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}

_PIECES = re.compile(r"\A▁(?![▁-█]|\Z)|▁[^\W_]")
"""Of SentencePiece; beside other blocks the same sign is a bar of a chart, between marks a mouth."""

_BROKEN = "\N{REPLACEMENT CHARACTER}"
_HALVES = re.compile("[\ud800-\udfff]")
_BYTES = re.compile(r"(?:<0x[0-9A-F]{2}>)+")

_SEEN = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_UNSEEN = [byte for byte in range(0x100) if byte not in _SEEN]
LETTER_OF_BYTE = dict(zip((*_SEEN, *_UNSEEN), map(chr, (*_SEEN, *range(0x100, 0x100 + len(_UNSEEN)))), strict=True))
"""By which letter byte-level vocabularies write each byte (Radford et al., "Language Models are Unsupervised Multitask
Learners", 2019): what is seen as it is, the others in their order from U+0100 on."""

_BYTE_OF = {letter: byte for byte, letter in LETTER_OF_BYTE.items()}


def as_said(text: str) -> str:
    """``text`` as it was said: itself where nothing shows that it was written down otherwise."""
    if "\\" in text and "\n" not in text and _ESCAPED.search(text):
        text = _ESCAPE.sub(_stands_for, text) if (string := _string(text)) is None else string
    if " " not in text and not text.isascii():
        if _PIECES.search(text):
            return _BYTES.sub(_spelt, text.replace("▁", " ")).removeprefix(" ")
        text = _of_bytes(text) or text
    return text


def is_quoted(text: str) -> bool:
    """Whether ``text`` is a string of JSON from its first character to its last."""
    return _string(text) is not None


def read_as_json(text: str) -> str:
    """What ``text`` stands for as a string of JSON; itself where it is none."""
    return text if (string := _string(text)) is None else string


def _string(text: str) -> str | None:
    if len(text) < 2 or not text[0] == text[-1] == '"':
        return None
    try:
        return _whole(json.loads(text))
    except ValueError:
        return None


def _stands_for(escape: re.Match[str]) -> str:
    found = escape.group()
    return _whole(json.loads(f'"{found}"')) if found[1] == "u" else _SIMPLE.get(found[1], found[1])


def _whole(text: str) -> str:
    """``text`` with a mark for each half of a character: JSON may escape one alone, where a text was cut."""
    return _HALVES.sub(_BROKEN, text)


def _of_bytes(pieces: str) -> str | None:
    """What letters of a byte-level vocabulary spell; None where they may be letters: one Ġ may begin a Maltese name."""
    if not _BYTE_OF.keys() >= set(pieces):
        return None
    text = bytes(map(_BYTE_OF.__getitem__, pieces)).decode("utf-8", "replace")
    text = text.rstrip(_BROKEN)  # the last letter may be cut off
    shown = pieces.count("Ġ") + pieces.count("Ċ") > 1 or not text.isascii()
    return text.removeprefix(" ") if shown and _BROKEN not in text else None


def _spelt(found: re.Match[str]) -> str:
    return bytes.fromhex(found.group().replace("<0x", "").replace(">", "")).decode("utf-8", "replace")
