"""Any encoder that sentence-transformers can load."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modecollapse.embed.pieces import encodable
from modecollapse.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PROMPTS = ("clustering", "query")  # of those that a model comes with, the first that is not empty


class ModelEncoder:
    """A model by its folder, or by its name on the Hugging Face hub. Code that comes with a model is never run.

    On processors that multiply bfloat16 by themselves (AMX, AVX-512 BF16), products are of such numbers, and all else
    of float32: more than twice as fast, at a cosine of .9999 to the vectors in float32 alone (``benchmarks.encoders``).
    """

    def __init__(self, name: str) -> None:
        """Load it. Raises ``ModelError`` where that fails, offline for instance."""
        folder = Path(name).expanduser()
        self.name = folder.name if folder.is_dir() else name
        self._model = _load(name, folder)
        self._prompt = _prompt(self._model, self.name)
        bfloat16 = self._model.device.type == "cpu" and _multiplies_bfloat16()
        self.arithmetic = "bfloat16" if bfloat16 else "float32"

    @property
    def max_tokens(self) -> int | None:
        """The model's own limit."""
        limit = self._model.max_seq_length
        return None if limit is None or math.isinf(limit) else int(limit)

    @cached_property
    def fingerprint(self) -> str:
        """Over weights, vocabulary, modules, cut and prompt: the same wherever the model was loaded from, or runs."""
        import torch

        digest = hashlib.sha256(repr((self._model, self.max_tokens, self._prompt)).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        vocabulary: dict[str, int] = getattr(self._model.tokenizer, "get_vocab", dict)()
        digest.update(repr(sorted(vocabulary.items())).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, ``(len(texts), dimensions)``."""
        import torch

        with torch.autocast("cpu", torch.bfloat16, enabled=self.arithmetic == "bfloat16"):
            vectors: NDArray[np.float32] = self._model.encode(
                [encodable(text) for text in texts],
                prompt=self._prompt,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return vectors.astype(np.float32)

    def truncated(self, texts: Sequence[str]) -> int:
        """How many of ``texts``, with the model's prompt, have more tokens than it looks at."""
        if self.max_tokens is None or not texts:
            return 0
        prompted = [(self._prompt or "") + encodable(text) for text in texts]
        tokens = self._model.tokenizer(prompted, truncation=False, padding=False, verbose=False)["input_ids"]
        return sum(len(ids) > self.max_tokens for ids in tokens)


def _multiplies_bfloat16() -> bool:
    """Whether products of bfloat16 are quicker here: without a unit for them they take longer than those of float32."""
    import torch

    capabilities = getattr(torch.cpu, "get_capabilities", dict[str, bool])()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


def _load(name: str, folder: Path) -> SentenceTransformer:
    if re.match(r"[/~.]|\w:\\", name) and not folder.is_dir():
        raise ModelError("no-model", f"there is no model folder {name}", hint="check --embedder")
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder) if folder.is_dir() else name)
    except Exception as error:  # what a loader raises depends on the model's files, the hub's client and the network
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelError(
            "no-model",
            f"sentence-transformers can't load {name}: {reason}",
            hint="check the name; without a network, give the model's folder",
        ) from error


def _prompt(model: SentenceTransformer, name: str) -> str | None:
    """What to put before each text: the model's own prompt, or the one that E5 models were trained with."""
    if model.default_prompt_name:
        return model.prompts[model.default_prompt_name]
    own = next((model.prompts[kind] for kind in PROMPTS if model.prompts.get(kind)), None)
    return own or ("query: " if re.search(r"\be5\b", name.lower()) else None)
