"""Does it matter how texts are written down, or after how many tokens they were cut off?

    python -m benchmarks.written [--jobs 2] [--write]

Corpora of known truth (``benchmarks.ground_truth``, prompts that were held out, 20 samples of 40 prompts), of which one
side alone is treated: answers cut off after some words, as a limit of tokens does, or written down otherwise, as other
programs do. None of that is a loss: what had lost nothing has lost nothing then, and what had lost modes still has.
``--write`` puts the table into ``docs/method.md``.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from itertools import product

from benchmarks.chat_models.job import Answers, Job, answers, run
from modecollapse.corpus.escapes import LETTER_OF_BYTE

SAMPLES = 20
_BATCH = 60  # words of the longest text
_STOCK = "I'm sorry, but I can't help with that request."
UNHARMED = ("base_again", "T0.7", "T1.4", "sharpened1")
HARMED = ("opening", "consciousness", "pirate", "traces_high")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "—": "-", "–": "-", "…": "..."})
_WORDS = re.compile(r"\S+")


Treatment = Callable[[str, str], str]
"""The text that a prompt and its answer become."""


def _cut(words: int) -> Treatment:
    def cut(_: str, text: str) -> str:
        ends = [word.end() for word in _WORDS.finditer(text)]
        return text if len(ends) <= words else text[: ends[words - 1]]

    return cut


def _padded(before: str, text: str, after: str) -> str:
    """As the longest text of a batch has it, with ``skip_special_tokens=False``."""
    missing = max(0, _BATCH - len(text.split()))
    return f"{before * missing}{text}{after * missing}"


def _chat(prompt: str, text: str) -> str:
    return f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n{text}"


def _number(text: str) -> int:
    return zlib.crc32(text.encode()) % 1_000


def _reasoned(_: str, text: str) -> str:
    """Behind reasoning that a limit of tokens ended before the answer in two texts of five."""
    return f"<think>\nHm, {text[:40]}" + ("" if _number(text) < 400 else f"\n</think>\n\n{text}")


TREATMENTS: Mapping[str, Treatment] = {
    "as they are": lambda _, text: text,
    "cut off after 10 words": _cut(10),
    "cut off after 20 words": _cut(20),
    "behind their prompts": lambda prompt, text: f"{prompt} {text}",
    "as a chat with their prompts": _chat,
    "escaped twice": lambda _, text: json.dumps(text),
    r"`\n` for the end of a line": lambda _, text: text.replace("\n", "\\n"),
    "byte-level pieces (`ĠIn`)": lambda _, text: "".join(LETTER_OF_BYTE[byte] for byte in text.encode()),
    "SentencePiece's pieces (`▁In`)": lambda _, text: "▁" + text.replace(" ", "▁"),
    "`</s>` and padding behind them": lambda _, text: _padded("", f"{text}</s>", "<pad>"),
    "padding and prompts before them": lambda prompt, text: _padded("<pad>", f"<s>{prompt} {text}</s>", ""),
    "accents apart (NFD)": lambda _, text: unicodedata.normalize("NFD", text),
    "straight quotation marks, short dashes": lambda _, text: text.translate(_STRAIGHT),
    "all in one line": lambda _, text: " ".join(text.split()),
    "without Markdown": lambda _, text: re.sub(r"[*`#_]+", "", text),
    "behind reasoning, two of five unfinished": _reasoned,
    "in small letters": lambda _, text: text.lower(),
    "without punctuation": lambda _, text: re.sub(r"[^\w\s]", "", text),
}
LIMITS = [name for name in TREATMENTS if name.startswith("cut off")]


def _jobs() -> Iterator[Job]:
    base = answers("base", SAMPLES)
    for kind, names in (("nothing lost", UNHARMED), ("modes lost", HARMED)):
        for treatment, name in product(TREATMENTS, names):
            yield Job(f"{kind}, new {treatment}", name, base, _treated(answers(name, SAMPLES), treatment))
        for treatment, name in product(LIMITS, names):
            yield Job(f"{kind}, base {treatment}", name, _treated(base, treatment), answers(name, SAMPLES))
        for name in names:
            stocked = _stocked(base), _stocked(answers(name, SAMPLES))
            yield Job(f"{kind}, base without its copies", name, _distinct(stocked[0]), stocked[1])
            yield Job(f"{kind}, new without its copies", name, stocked[0], _distinct(stocked[1]))


def _stocked(given: Answers) -> Answers:
    """Three of five answers are the same refusal."""
    return {prompt: [_STOCK if _number(text) < 600 else text for text in texts] for prompt, texts in given.items()}


def _distinct(given: Answers) -> Answers:
    return {prompt: list(dict.fromkeys(texts)) for prompt, texts in given.items()}


def _treated(given: Answers, treatment: str) -> Answers:
    return {prompt: [TREATMENTS[treatment](prompt, text) for text in texts] for prompt, texts in given.items()}


if __name__ == "__main__":
    run(__doc__, _jobs(), "written")
