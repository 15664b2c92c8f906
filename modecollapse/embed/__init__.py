"""Texts to unit vectors: encoders, the cache of what they gave, and the step that uses both."""

from modecollapse.embed.cache import EmbeddingCache
from modecollapse.embed.encoder import Encoder, Named, arithmetic, load_encoder, metric, paraphrase_cosine
from modecollapse.embed.vectors import Vectors, embed, embed_all, truncated

__all__ = [
    "EmbeddingCache",
    "Encoder",
    "Named",
    "Vectors",
    "arithmetic",
    "embed",
    "embed_all",
    "load_encoder",
    "metric",
    "paraphrase_cosine",
    "truncated",
]
