"""How many texts a second does each encoder take, beside plain ``SentenceTransformer.encode``?

    pip install -e '.[benchmark]'
    python -m benchmarks.encoders [--texts 2000] [--write]

Texts of some 75 English words, made of real answers as in ``benchmarks.growth``. Loading counts separately, and the
cosine is that to the vectors of the same model in plain ``SentenceTransformer.encode``, the lowest of all texts. What
each encoder is worth is measured by ``benchmarks.facets --encoder NAME``. ``--write`` puts the table into
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.against_bertopic import minilm
from benchmarks.document import BENCHMARKS, put
from benchmarks.growth import write
from modecollapse.embed import load_encoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "texts.jsonl", arguments.texts, "base")
        texts = [json.loads(line)["text"] for line in path.open(encoding="utf-8")]
    encoders: dict[str, Callable[[], Callable[[Sequence[str]], Any]]] = {
        "plain `SentenceTransformer.encode`, all-MiniLM-L6-v2": _plain,
        "`--embedder FOLDER`, all-MiniLM-L6-v2": lambda: load_encoder(str(minilm())).encode,
        "default": lambda: load_encoder("default").encode,
        "`--embedder fast`": lambda: load_encoder("fast").encode,
    }
    lines = ["| encoder | loading, seconds | texts/s | ratio | cosine |", "|---|---|---|---|---|"]
    plain, exact = None, np.empty((0, 0))
    for name, load in encoders.items():
        begin = time.perf_counter()
        encode = load()
        encode(texts[:1])
        loaded = time.perf_counter()
        vectors = np.asarray(encode(texts))
        rate = len(texts) / (time.perf_counter() - loaded)
        if plain is None:
            plain, exact = rate, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        same = vectors.shape == exact.shape
        cosine = f"{(vectors * exact).sum(1).min():.5f}" if same else ""
        lines.append(f"| {name} | {loaded - begin:.1f} | {rate:,.0f} | {rate / plain:.1f} | {cosine} |")
        print(lines[-1], flush=True)
    if arguments.write:
        put("encoders", "\n".join(lines), BENCHMARKS)


def _plain() -> Callable[[Sequence[str]], Any]:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(minilm())).encode


if __name__ == "__main__":
    main()
