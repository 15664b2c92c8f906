"""Generated text is untrusted: whatever the reader of a format would obey is shown, none of it is sent."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

# Zero-width (non-)joiners are spelling in Persian, Hindi and emoji; they move no cursor and reorder nothing.
_HARMLESS = "\u200c\u200d"
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_SUSPECT = re.compile(r"[^ -~]")
_NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)
_BUILD_COMMAND = re.compile(r"##(?=\w*\[)")
"""Begins a command of GitHub Actions (``##[error]``), Azure Pipelines or TeamCity, wherever in a line it stands."""


def for_terminal(text: str) -> str:
    r"""``text`` with each control, bidirectional, invisible and surrogate character spelled out, as ``\x1b``.

    Newlines and tabs too: the result is one line. So is what a build system would take for a command, as ``#\x23[``.
    """
    return _BUILD_COMMAND.sub(r"#\\x23", _SUSPECT.sub(lambda match: _spelled(match[0]), text))


def one_line(text: str) -> str:
    """``text`` for reading in one line: white space runs become a space, the rest as ``for_terminal``."""
    return for_terminal(" ".join(text.split()))


def for_page(text: str) -> str:
    """``text`` for a page that keeps line breaks: as ``for_terminal``, and what no HTML document may hold as well."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(for_log(_without_noncharacters(for_terminal(line))) for line in lines)


def shortened(text: str, most: int) -> str:
    """``text`` as ``one_line``, of ``most`` characters: an ellipsis stands for what is cut off."""
    shown = one_line(text)
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"


def for_log(line: str) -> str:
    r"""A line of output that GitHub Actions takes for no command: ``::`` at its beginning spelled out, as ``\x3a:``."""
    return re.sub(r"^(\s*):(?=:)", r"\1\\x3a", line)


def for_markdown(text: str) -> str:
    """``text`` as one line of GitHub-flavoured Markdown that shows it and does nothing else, in a table cell too.

    Words that hold more than letters, digits and plain punctuation become code, where no link, image, mention, emoji,
    formula or HTML comes to life. A bar stands beside the code, as inside of it a table needs it escaped, and a
    paragraph must not have it so.
    """
    words = one_line(text).split(" ")
    plain = [_PLAIN.fullmatch(word) is not None and not _LIVE.search(word) for word in words]
    plain[0] = plain[0] and not _BULLET.fullmatch(words[0])
    runs = groupby(zip(plain, words, strict=True), key=lambda pair: pair[0])
    joined = ((is_plain, " ".join(word for _, word in run)) for is_plain, run in runs)
    return " ".join(run if is_plain else r"\|".join(map(_as_code, run.split("|"))) for is_plain, run in joined)


_PLAIN = re.compile(r"""(?:[^\x00-\x7f]|[A-Za-z0-9.,;?'"()/+=-]|(?<=\d)%|[:!](?=\W*$))*""")
_LIVE = re.compile(r":.*:|www\.|\w\w\.[a-z]{2}|^--\w|\b[a-z]\w*-\d|\b[0-9a-f]{7,}\b", re.IGNORECASE)
"""What a forge makes something of all the same: emoji, rules of tables, hosts, keys of issues, commits.

Options read better as code.
"""
_BULLET = re.compile(r"[-+=]+|\d+[.)]")
_CLOSED = re.compile(r"^([^:].*[^:.,;])[:.,;]$")
"""Words and the sign of a sentence behind them, which is no part of the code."""


def _as_code(words: str) -> str:
    content = _CLOSED.sub(r"\1", words.strip())
    if not content:
        return words
    fence = "`" * (max(map(len, re.findall("`+", content)), default=0) + 1)
    space = " " if "`" in (content[0], content[-1]) else ""
    return words.replace(content, f"{fence}{space}{content}{space}{fence}", 1)


def for_workflow_log(text: str) -> str:
    r"""``text`` as one line in which GitHub Actions finds no command, wherever it is cut: ``::`` as ``\x3a:``."""
    return re.sub(":(?=:)", r"\\x3a", one_line(text))


def for_annotation(text: str) -> str:
    """``text`` as a line of the message of a workflow command of GitHub Actions."""
    return for_workflow_log(text).replace("%", "%25")


def for_annotation_property(text: str) -> str:
    """``text`` as the value of a property of a workflow command, such as a title."""
    return for_annotation(text).replace(":", "%3A").replace(",", "%2C")


def for_xml(text: str) -> str:
    r"""``text`` as one line that XML 1.0 can hold, in which no log finds a command; the writer escapes the markup."""
    return for_log(_without_noncharacters(one_line(text)))


def for_csv(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula: an apostrophe stands before what would be one.

    To undo it, take one apostrophe away where apostrophes and spaces are followed by ``=``, ``+``, ``-`` or ``@``.
    """
    shown = for_log(for_terminal(text))
    return f"'{shown}" if _FORMULA.match(shown) else shown


_FORMULA = re.compile(r"[\s']*[=+\-@＝＋－＠]")


def for_json(document: str) -> str:
    r"""A JSON document whose strings hold nothing that a terminal or build system obeys: ``\u009b`` and so on instead.

    JSON itself already escapes those below U+0020; the line feeds between its values stay.
    """
    return _BUILD_COMMAND.sub(r"#\\u0023", _SUSPECT.sub(lambda match: _json_escape(match[0]), document))


def _without_noncharacters(text: str) -> str:
    return _NONCHARACTER.sub(lambda match: _escaped(match[0]), text)


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
