"""Learn ``modecollapse/facets/register.npz``: directions that tell English authors, eras and tones apart.

    python -m benchmarks.register --sources DIR [--held-out AUTHOR …] [--out FILE]

DIR holds git clones, one folder ``owner+name`` (or ``owner+name/repo``) per repository of ``docs/learnt.md``, which
has their commits and licences. No text is kept, only weights of common words, word endings and marks. ``--held-out``
leaves authors out, to measure on them.
"""

from __future__ import annotations

import argparse
import html
import io
import random
import re
import subprocess
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, diags_array, hstack
from sklearn.preprocessing import normalize

from modecollapse.facets.manner import style_counts
from modecollapse.facets.register import CLIPPED, DIRECTIONS, FILE, features
from modecollapse.facets.terms import Terms
from modecollapse.words import units

LENGTHS = (15, 25, 40, 60, 100)
"""Words after which a passage ends with the sentence: short answers are to be told apart as well as long ones."""

SHORTEST, LONGEST = 12, 150
OF_A_BOOK, OF_AN_AUTHOR = 900, 1_200
FEWEST_PASSAGES = 80
FEWEST_AUTHORS = 15
FEWEST_PASSAGES_OF_SEQUENCES, FEWEST_AUTHORS_OF_SEQUENCES = 500, 25
NAMES = 3
"""A word that is capitalised this much oftener within sentences than not is a name."""

RIDGE = 3.0
SAME = {
    "arthur-conan-doyle": "doyle", "charles-dickens": "dickens", "g-k-chesterton": "chesterton",
    "henry-fielding": "fielding", "robert-louis-stevenson": "stevenson", "rudyard-kipling": "kipling",
    "william-morris": "morris",
}  # fmt: skip
_SENTENCE = re.compile(r'(?<=[.!?;”"])\s+')
_PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'"})
_MARKUP = re.compile(r"```.*?```|^---$.*?^---$|<[^>]+>|[`*]|^#.*?$|^\[[^\]]*\]: .*?$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")

Found = Iterator[tuple[str, str, list[str]]]
"""Author, book, paragraphs."""


@dataclass(frozen=True)
class Clone:
    """Files of a git repository at HEAD."""

    folder: Path

    def files(self) -> list[str]:
        return [name for name in self._git("ls-tree", "-r", "--name-only", "-z", "HEAD").decode().split("\0") if name]

    def read(self, name: str) -> bytes:
        return self._git("show", f"HEAD:{name}")

    def text(self, name: str) -> str:
        return self.read(name).decode("utf-8", "replace")

    def _git(self, *arguments: str) -> bytes:
        return subprocess.run(["git", "-C", str(self.folder), *arguments], capture_output=True, check=False).stdout


def paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text)


def novels(clone: Clone) -> Found:
    for file in clone.files():
        if file.startswith("corpus/"):
            yield Path(file).stem.split("_")[0].lower(), file, paragraphs(clone.text(file))


def standard_ebook(clone: Clone) -> Found:
    """One book; a translator is the author of a translation."""
    name = next(part for part in (clone.folder.name, clone.folder.parent.name) if "+" in part).split("+")[1]
    author, title, *translator = name.split("_")
    who = author if author == "lewis-carroll" else "~".join([*translator, author])
    skipped = re.compile("colophon|imprint|titlepage|uncopyright|endnotes|loi|dramatis")
    found = []
    for file in clone.files():
        if "/text/" in file and not skipped.search(file):
            body = re.sub(r"<head>.*?</head>|<h\d.*?</h\d>", "", clone.text(file), flags=re.DOTALL)
            found += re.findall(r"<p[^>]*>(.*?)</p>", body.replace("<br/>", "\n"), flags=re.DOTALL)
    yield SAME.get(who, who), title, [html.unescape(re.sub(r"<[^>]+>", "", one)) for one in found]


def speeches(clone: Clone) -> Found:
    """Inaugural addresses and messages on the state of the union, by thirty years."""
    for kind in ("inaugural", "state_union"):
        with zipfile.ZipFile(io.BytesIO(clone.read(f"packages/corpora/{kind}.zip"))) as packed:
            for name in packed.namelist():
                year = re.search(r"/(\d{4})-.*\.txt$", name)
                if year:
                    yield f"{kind} {int(year[1]) // 30 * 30}", name, paragraphs(packed.read(name).decode("latin1"))


def pages(author: str) -> Callable[[Clone], Found]:
    def found(clone: Clone) -> Found:
        for file in clone.files():
            if file.endswith(".md"):
                yield author, file, paragraphs(_LINK.sub(r"\1", _MARKUP.sub("", clone.text(file))))

    return found


SOURCES: list[tuple[str, Callable[[Clone], Found]]] = [
    ("computationalstylistics+100_english_novels", novels),
    ("computationalstylistics+A_Small_Collection_of_British_Fiction", novels),
    ("standardebooks+*", standard_ebook),
    ("nltk+nltk_data", speeches),
    ("rust-lang+book", pages("rust book")),
    ("18F+18f.gsa.gov", pages("18f")),
    ("rust-lang+rfcs", pages("rust rfcs")),
    ("simonw+til", pages("simonw")),
]


def passages(found: Sequence[str]) -> list[str]:
    """Paragraphs cut at ends of sentences, at lengths drawn from ``LENGTHS``."""
    cut = []
    for paragraph in found:
        words: list[str] = []
        wanted = random.choice(LENGTHS)
        for sentence in _SENTENCE.split(" ".join(paragraph.translate(_PLAIN).replace("--", "—").split())):
            words += sentence.split()
            if len(words) >= wanted:
                cut.append(" ".join(words[:LONGEST]))
                words, wanted = [], random.choice(LENGTHS)
        cut.append(" ".join(words))
    return [passage for passage in cut if len(passage.split()) >= SHORTEST]


def gathered(sources: Path) -> dict[str, list[str]]:
    """Passages by author."""
    written: dict[str, list[str]] = defaultdict(list)
    for pattern, read in SOURCES:
        for folder in sorted(sources.glob(pattern)):
            clone = Clone(folder / "repo" if (folder / "repo").exists() else folder)
            for author, _, found in read(clone):
                cut = passages(found)
                written[author] += random.sample(cut, min(OF_A_BOOK, len(cut)))
    return {
        author: random.sample(cut, min(OF_AN_AUTHOR, len(cut)))
        for author, cut in sorted(written.items())
        if len(cut) >= FEWEST_PASSAGES
    }


def names(texts: Iterable[str]) -> set[str]:
    """Words with a capital within sentences."""
    capital, small = Counter[str](), Counter[str]()
    for text in texts:
        for word in re.findall(r"(?<![.!?\"'—] )(?<!^)\b[A-Za-z][a-z'\-]+", text):
            (capital if word[0].isupper() else small)[word.lower()] += 1
    return {word for word in capital if capital[word] > NAMES * small[word]}


def common(documents: Sequence[Sequence[str]], authors: NDArray[np.int64], passages: int, by: int) -> list[str]:
    """What stands in so many passages, by so many authors."""
    rows, used = Counter[str](), defaultdict[str, set[int]](set)
    for document, author in zip(documents, authors.tolist(), strict=True):
        for feature in set(document):
            rows[feature] += 1
            used[feature].add(author)
    return sorted(feature for feature in rows if rows[feature] >= passages and len(used[feature]) >= by)


def weighted(documents: Sequence[Sequence[str]], known: Sequence[str]) -> tuple[csr_array, NDArray[np.float64]]:
    """TF-IDF as in ``Register``, and the IDF."""
    places = {feature: place for place, feature in enumerate(known)}
    found = [[places[feature] for feature in document if feature in places] for document in documents]
    ends = np.cumsum([0, *map(len, found)])
    flat = np.array([place for one in found for place in one], dtype=np.int64)
    counts = csr_array((np.ones(len(flat)), flat, ends), shape=(len(found), len(known)))
    counts.sum_duplicates()
    idf = np.log((1 + len(found)) / (1 + np.bincount(counts.indices, minlength=len(known)))) + 1
    counts.data = (1 + np.log(counts.data)) * idf[counts.indices]
    return csr_array(normalize(counts)), idf


def discriminants(points: csr_array, authors: NDArray[np.int64]) -> NDArray[np.float64]:
    """``(features, DIRECTIONS)``: authors count alike, and scatter by 1 within themselves. A ridge shrinks rare words.

    With S the scatter within authors and B the centred means of C authors (over √C), directions solve B'B w = λ S w.
    They lie in the span of the solutions of S A = B', so that an eigenproblem of size C is enough.
    """
    count = int(authors.max()) + 1
    weights = 1 / np.bincount(authors)[authors] / count
    means = np.stack([np.asarray(points[authors == one].mean(axis=0)).ravel() for one in range(count)])
    within = (points.T @ (diags_array(weights) @ points)).toarray() - means.T @ means / count
    within[np.diag_indices_from(within)] += RIDGE * np.diag(within).mean()
    between = (means - means.mean(axis=0)) / np.sqrt(count)
    solved = cho_solve(cho_factor(within, lower=True, overwrite_a=True), between.T)
    values, vectors = np.linalg.eigh(between @ solved)
    order = np.argsort(-values)[:DIRECTIONS]
    return np.asarray(solved @ vectors[:, order] / np.sqrt(values[order]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--held-out", nargs="*", default=[], metavar="AUTHOR")
    parser.add_argument("--out", type=Path, default=FILE)
    arguments = parser.parse_args()
    random.seed(0)
    written = {author: cut for author, cut in gathered(arguments.sources).items() if author not in arguments.held_out}
    authors = np.repeat(np.arange(len(written)), [len(cut) for cut in written.values()])
    texts = [passage for cut in written.values() for passage in cut]
    read = [units(text, LONGEST) for text in texts]
    words, sequences = zip(*map(features, read), strict=True)
    named = names(texts)
    known = [word for word in common(words, authors, FEWEST_PASSAGES, FEWEST_AUTHORS) if word not in named]
    together = common(sequences, authors, FEWEST_PASSAGES_OF_SEQUENCES, FEWEST_AUTHORS_OF_SEQUENCES)
    habits = np.sqrt(style_counts(texts, Terms.of(read)))
    habit_means, habit_scales = habits.mean(axis=0), habits.std(axis=0) + 1e-9
    scaled = ((habits - habit_means) / habit_scales).clip(-CLIPPED, CLIPPED) / np.sqrt(habits.shape[1])
    parts = [weighted(words, known), weighted(sequences, together)]
    points = csr_array(hstack([*(part for part, _ in parts), csr_array(scaled)]))
    print(len(written), "authors,", len(texts), "passages,", points.shape[1], "features")
    directions = discriminants(points, authors)
    scales = (np.abs(directions).max(axis=1) / 127 + 1e-12).astype(np.float32)
    kept = np.round(directions / scales[:, None]).astype(np.int8)
    np.savez_compressed(
        arguments.out,
        features=np.frombuffer("\n".join([*known, *together]).encode(), dtype=np.uint8),
        idf=np.concatenate([idf for _, idf in parts]).astype(np.float32),
        directions=kept,
        scales=scales,
        habit_means=habit_means.astype(np.float32),
        habit_scales=habit_scales.astype(np.float32),
        centre=(points.mean(axis=0) @ (kept * scales[:, None].astype(np.float64))).astype(np.float32),
    )


if __name__ == "__main__":
    main()
