"""Independent readers of what is rendered: the runner of GitHub Actions, and a forge that makes Markdown a page."""

import re

from modecollapse.render.escape import one_line

COMMANDS = {"error", "warning", "notice", "debug", "add-mask", "stop-commands", "group", "set-output", "add-matcher"}


def workflow_command(line):
    """What the runner takes a line for (its ``ActionCommand``): name, properties and data; None for mere output."""
    return _by_colons(line) or _by_brackets(line)


def _by_colons(line):
    stripped = line.lstrip()
    end = stripped.find("::", 2)
    if not stripped.startswith("::") or end < 0:
        return None
    name, _, rest = stripped[2:end].partition(" ")
    if name.lower() not in COMMANDS:
        return None
    pairs = [pair.split("=", 1) for pair in rest.strip().split(",") if pair]
    properties = {pair[0]: _unescaped(pair[1], "%0D", "%0A", "%3A", "%2C", "%25") for pair in pairs if len(pair) == 2}
    return name, properties, _unescaped(stripped[end + 2 :], "%0D", "%0A", "%25")


def _by_brackets(line):
    """The older form, anywhere in a line; those of Azure Pipelines and TeamCity begin alike."""
    found = re.search(r"##(?:vso|teamcity)?\[([^\]]*)", line)
    return (found[1], {}, line[found.end() :]) if found else None


def _unescaped(text, *escapes):
    for escape in escapes:
        text = text.replace(escape, chr(int(escape[1:], 16)))
    return text


def message(text):
    """The text of an annotation: as everywhere, save that no two colons stand side by side."""
    return re.sub(":(?=:)", lambda _: r"\x3a", one_line(text))


def inline(tokens):
    """What the blocks among ``tokens`` hold."""
    for token in tokens:
        if token.type == "inline":
            yield from token.children


def rendered_text(tokens):
    """What a reader sees of each block: the text between markup, code included, as it reads without double spaces."""
    blocks = [token for token in tokens if token.type == "inline"]
    return [" ".join("".join(part.content for part in inline([block])).split()) for block in blocks]


_LIVE = re.compile(
    r"@[a-z0-9]|#\d|\b[a-z]\w*-\d|https?:|ftp:|www\.|:[\w+-]+:|\$|\b[0-9a-f]{7,40}\b|<|\[|\\", re.IGNORECASE
)
"""What a forge makes a link, a mention, an emoji or a formula of, outside of code."""

STRUCTURE = {"text", "code_inline", "softbreak", "strong_open", "strong_close", "em_open", "em_close", "html_inline"}
OURS = {"<br>"}


def live_in(tokens):
    """Everything in inline Markdown that a page would make more of than text and code."""
    return [found for block in tokens if block.type == "inline" for found in _live(list(inline([block])))]


def _live(tokens):
    odd = [token.type for token in tokens if token.type not in STRUCTURE]
    html = [token.content for token in tokens if token.type == "html_inline" and token.content not in OURS]
    # Code stands for a border here: what a forge looks for does not reach across it.
    text = "".join(token.content if token.type == "text" else "\0" for token in tokens)
    return [*odd, *html, *_LIVE.findall(text)]
