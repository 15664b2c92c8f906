"""Generated text is untrusted: every control character is shown, none is sent."""

from __future__ import annotations

import re
import unicodedata

# Zero-width (non-)joiners are spelling in Persian, Hindi and emoji; they move no cursor and reorder nothing.
_HARMLESS = "\u200c\u200d"
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_SUSPECT = re.compile(r"[^ -~]")
_NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)


def for_terminal(text: str) -> str:
    r"""``text`` with each control, bidirectional, invisible and surrogate character spelled out, as ``\x1b``.

    Newlines and tabs too: the result is one line.
    """
    return _SUSPECT.sub(lambda match: _spelled(match[0]), text)


def one_line(text: str) -> str:
    """``text`` for reading in one line: white space runs become a space, the rest as ``for_terminal``."""
    return for_terminal(" ".join(text.split()))


def for_page(text: str) -> str:
    """``text`` for a page that keeps line breaks: as ``for_terminal``, and what no HTML document may hold as well."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_NONCHARACTER.sub(lambda match: _escaped(match[0]), for_terminal(line)) for line in lines)


def for_json(document: str) -> str:
    r"""A JSON document whose strings hold no character that a terminal obeys: ``\u009b`` and so on instead.

    JSON itself already escapes those below U+0020; the line feeds between its values stay.
    """
    return _SUSPECT.sub(lambda match: _json_escape(match[0]), document)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN and character not in _HARMLESS


def _spelled(character: str) -> str:
    if not _is_hidden(character):
        return character
    return _escaped(character)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _json_escape(character: str) -> str:
    if character == "\n" or not _is_hidden(character):
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
