"""Texts to word pieces, by the sentencepiece model that the bundled encoder was trained with.

The sentencepiece library rather than the weights package's own tokenizer, which is 20 times slower and gives a mark to
each character of an unknown run (emoji, scripts outside the 16 languages) where training gave one to the whole run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

LONGEST_PIECE = 16  # characters, by the model's own training settings
START, END = 1, 2
_BLANK = "\u2581"
"""Stands for a space in a piece."""


class PieceTokenizer:
    """Cuts texts into piece ids between two boundary marks."""

    def __init__(self, model: Path) -> None:
        """Read the sentencepiece model at ``model``."""
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_file=str(model))

    def encode(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """At most ``limit`` ids per text, both marks included."""
        return [[START, *pieces[: limit - 2], END] for pieces in self._cut(texts, limit)]

    def pieces(self, text: str) -> list[tuple[str, bool]]:
        """The pieces of ``text`` as they are written, and whether each is in the vocabulary."""
        ids, written = (self._processor.encode(encodable(text), out_type=kind) for kind in (int, str))
        unknown = self._processor.unk_id()
        shown = ((piece.replace(_BLANK, ""), number != unknown) for number, piece in zip(ids, written, strict=True))
        return [(piece, known) for piece, known in shown if piece]

    def truncated(self, texts: Sequence[str], limit: int) -> int:
        """How many of ``texts`` have more than ``limit`` ids."""
        longest = _characters(limit)
        return sum(
            len(pieces) > limit - 2 or len(text) > longest
            for text, pieces in zip(texts, self._cut(texts, limit), strict=True)
        )

    def _cut(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        longest = _characters(limit)
        pieces: list[list[int]] = self._processor.encode([encodable(text[:longest]) for text in texts])
        return pieces


def encodable(text: str) -> str:
    """``text`` with a question mark for each lone surrogate: tokenizers take nothing that UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _characters(limit: int) -> int:
    """Characters that are looked at: four times what the pieces can hold, as runs of blanks count for one."""
    return 4 * LONGEST_PIECE * limit
