"""Learn the metrics in which texts on one subject lie near each other, and keep them.

    python -m benchmarks.metric --repositories DIR [--write]

DIR holds a checkout OWNER/NAME of every repository that ``docs/learnt.md`` lists, with commits and licences. Printed is
the adjusted mutual information of topics with the labels of each family of corpora, by a metric that is learnt on all
families but this one, and without any. ``--write`` puts the metrics of all where the program finds them.

Within-class covariance normalisation (Hatch et al. 2006), half shrunk to the identity, then discriminants weighed by a
power of the ratio of their variance between classes to that within. Both halves and the power were chosen on families
that were left out; the result hardly depends on them.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import lzma
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from modecollapse.corpus import content_hashes
from modecollapse.embed import EmbeddingCache, embed, load_encoder
from modecollapse.facets import metric
from modecollapse.facets.base import Rows
from modecollapse.facets.language import LanguageFacet
from modecollapse.facets.topic import Space, TopicFacet
from modecollapse.progress import Silent

ENCODERS = ("default", "fast")
SHRUNK = 0.5
"""Of the covariance within classes, to the identity; and of that between them, to that of all texts."""
POWER = 0.35
FEWEST, MOST, MOST_ROWS = 15, 400, 4_000
"""Texts of a class, and of a corpus."""
SCORED = 2_000

CATEGORIES = {
    "cs": ["CL", "CR", "DB", "GR", "HC", "NI", "RO", "SE", "SD", "CY", "GT", "PL"],
    "econ": ["GN", "EM"],
    "eess": ["SP"],
    "math": ["GR", "ST", "LO", "HO"],
    "physics": ["ao-ph", "bio-ph", "ed-ph", "flu-dyn", "geo-ph", "hist-ph", "med-ph", "plasm-ph", "soc-ph", "space-ph"],
    "q-bio": ["NC", "PE", "GN"],
    "q-fin": ["PM", "ST"],
    "stat": ["AP"],
}
"""Of arXiv, by their group."""
NO_SUBJECT = {
    *("general", "newest", "rated", "people", "for-kids", "world", "brain-teasers", "hobbies", "celebrities"),
    *("Professional", "Science", "Social", "Citizenship"),
}
LANGUAGES = {
    "xsid": ["ar", "da", "de", "en", "id", "it", "ja", "kk", "nl", "sr", "tr", "zh"],
    "xquad": ["ar", "de", "en", "es", "hi", "ru", "th", "tr", "vi", "zh"],
}
SENTENCE = re.compile(r"(?<=[.!?。！？؟])\s+|(?<=[。！？])|\n+")
QUOTED = re.compile(r"^\s*[>|:]|.*(writes|wrote):|In article|^\s*[-=_*]{3}")

Text = tuple[str, str]
"""A text and its class."""
Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    csv.field_size_limit(1 << 30)
    read = {name: _sampled(texts) for name, texts in _corpora(arguments.repositories)}
    learnt = {}
    for key in ENCODERS:
        corpora = [_Labelled.of(name, texts, key) for name, texts in read.items()]
        for family in sorted({corpus.family for corpus in corpora}):
            found = _learnt([corpus for corpus in corpora if corpus.family != family])
            for corpus in corpora:
                if corpus.family == family:
                    scores = [corpus.score(matrix) for matrix in (None, found)]
                    print(f"{key}, {corpus.name}: {scores[0]:.2f} without, {scores[1]:.2f} by the others", flush=True)
        learnt[key] = _learnt(corpora)
    if arguments.write:
        metric.save(learnt)


def _corpora(folder: Path) -> Iterator[tuple[str, list[Text]]]:
    """By name: what stands before the first space is the family."""
    yield "trivia", list(_trivia(folder / "uberspot/OpenTriviaQA/categories"))
    file = folder / "PolyAI-LDN/task-specific-datasets/banking_data/train.csv"
    yield "banking", [(row["text"], row["category"]) for row in _table(file.read_text(encoding="utf-8"), ",")]
    yield "assistant hwu", list(_intents(folder / "jianguoz/Few-Shot-Intent-Detection/Datasets/HWU64"))
    yield "assistant xsid", list(_xsid(folder / "mainlp/xsid/data/xSID-0.4"))
    papers = list(_papers(folder / "staeiou/arxiv_archive/processed_data/20190101/per_category"))
    yield "arxiv titles", [(title, category) for title, _, category in papers[1::2]]
    yield "arxiv abstracts", [(part, category) for _, text, category in papers[::2] for part in _parts(text)]
    yield "newsgroups", list(_posts(folder / "bahbbc/dataMining20NewsGroup/20news-bydate"))
    yield "exams", list(_exams(folder / "mhardalov/exams-qa/data/exams/multilingual"))
    articles = [_json(folder / f"google-deepmind/xquad/xquad.{language}.json") for language in LANGUAGES["xquad"]]
    titles = [article["title"] for article in articles[LANGUAGES["xquad"].index("en")]["data"]]
    yield "articles xquad", [text for found in articles for text in _articles(found, titles)]
    japanese = [_json(folder / f"yahoojapan/JGLUE/datasets/jsquad-v1.3/{n}-v1.3.json") for n in ("valid", "test")]
    yield "articles jsquad", [text for found in japanese for text in _articles(found)]


def _json(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def _table(text: str, delimiter: str) -> Iterable[dict[str, str]]:
    return csv.DictReader(io.StringIO(text), delimiter=delimiter)


def _parts(text: str, most: int = 2) -> Iterator[str]:
    """Runs of one to six sentences, the lengths by the text's own."""
    sentences = [part.strip() for part in SENTENCE.split(text) if part and len(part.strip()) >= 12]
    for _ in range(most):
        if sentences:
            length = (1, 1, 1, 2, 3, 6)[len(sentences[0]) % 6]
            yield " ".join(sentences[:length])[:1200]
            sentences = sentences[length:]


def _trivia(folder: Path) -> Iterator[Text]:
    for file in sorted(folder.iterdir()):
        text = file.read_text(encoding="utf-8", errors="replace")
        for number, (question, answer) in enumerate(re.findall(r"#Q (.*?)\n\^ (.*?)\n", text, re.DOTALL)):
            said = f" {answer}" if number % 2 and answer not in ("True", "False") else ""
            yield question.replace("\n", " ") + said, file.name


def _intents(folder: Path) -> Iterator[Text]:
    for part in ("train", "valid", "test"):
        texts, labels = ((folder / part / name).read_text(encoding="utf-8") for name in ("seq.in", "label"))
        scenarios = (label.split("_")[0] for label in labels.splitlines())
        yield from zip(texts.splitlines(), scenarios, strict=True)


def _xsid(folder: Path) -> Iterator[Text]:
    for language in LANGUAGES["xsid"]:
        for part in ("valid", "test"):
            text = (folder / f"{language}.{part}.conll").read_text(encoding="utf-8")
            for said, intent in re.findall(r"# text: (.*?)\n# intent: (\S+)", text):
                yield said, intent.split("/")[0]


def _papers(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Title, abstract and category, every second for titles."""
    for category in (f"{group}.{name}" for group, names in CATEGORIES.items() for name in names):
        text = lzma.decompress((folder / f"{category}.tsv.xz").read_bytes()).decode("utf-8", "replace")
        own = sorted(
            (row["title"], row["abstract"]) for row in _table(text, "\t") if row.get("primary_cat") == category
        )
        for title, abstract in own[:: max(1, len(own) // 240)][:240]:
            yield title, abstract, category


def _posts(folder: Path) -> Iterator[Text]:
    for group in sorted(folder.glob("*/*")):
        for file in sorted(group.iterdir())[:150]:
            body = file.read_text(encoding="latin-1").split("\n\n", 1)[-1].split("\n-- \n")[0]
            body = "\n".join(line for line in body.split("\n") if not QUOTED.match(line))
            for part in _parts(re.sub(r"\n(?=\S)", " ", body)):
                if sum(letter.isalpha() for letter in part) > 0.7 * len(part):
                    yield part, group.name


def _exams(folder: Path) -> Iterator[Text]:
    for part in ("train", "dev", "test"):
        with tarfile.open(folder / f"{part}.jsonl.tar.gz") as archive:
            files = [archive.extractfile(member) for member in archive.getmembers() if member.isfile()]
            lines = [line for file in files if file is not None for line in file.read().decode("utf-8").splitlines()]
        for number, row in enumerate(map(json.loads, lines)):
            right = [each["text"] for each in row["question"]["choices"] if each["label"] == row["answerKey"]]
            answer = f" {right[0]}" if right and number % 2 else ""
            yield row["question"]["stem"] + answer, row["info"]["subject"]


def _articles(found: Mapping[str, Any], titles: Sequence[str] | None = None) -> Iterator[Text]:
    """The same titles in every language, where ``titles`` has them."""
    for number, article in enumerate(found["data"]):
        title = article["title"] if titles is None else titles[number]
        for paragraph in article["paragraphs"]:
            texts = [*_parts(paragraph["context"].split("[SEP]")[-1]), *(q["question"] for q in paragraph["qas"][:2])]
            yield from ((text, title) for text in texts)


def _sampled(texts: Sequence[Text]) -> list[Text]:
    """Some of them, in the order of their hashes, and as many of a class as a corpus has on average at most."""
    distinct = sorted({(text.strip(), label) for text, label in texts if len(text.strip()) >= 8})
    distinct = [(text, label) for text, label in distinct if label not in NO_SUBJECT]
    order = np.argsort(content_hashes(["metric"] * len(distinct), [text for text, _ in distinct]), kind="stable")
    classes = len({label for _, label in distinct})
    most = min(MOST, 2 * MOST_ROWS // classes + 1)
    taken: Counter[str] = Counter()
    kept: list[Text] = []
    for text, label in (distinct[i] for i in order):
        taken[label] += 1
        if taken[label] <= most and len(kept) < MOST_ROWS:
            kept.append((text, label))
    sizes = Counter(label for _, label in kept)
    return [(text, label) for text, label in kept if sizes[label] >= FEWEST]


@dataclass(frozen=True)
class _Labelled:
    """A corpus: ``points`` are its vectors without the mean of their languages, ``(rows, dimensions)``."""

    name: str
    rows: Rows
    truth: NDArray[np.str_]
    points: Floats

    @classmethod
    def of(cls, name: str, texts: Sequence[Text], encoder: str) -> _Labelled:
        said = [text for text, _ in texts]
        rows = Rows(
            texts=said,
            prompts=np.zeros(len(said), dtype=np.int32),
            prompt_texts=[""],
            hashes=content_hashes(["metric"] * len(said), said),
            vectors=embed(said, load_encoder(encoder), EmbeddingCache(), Silent()),
        )
        languages = LanguageFacet().learn(rows, rows, seed=0)
        rows = replace(rows, languages=languages.codes(languages.label(rows)))
        space, truth = Space.learn(rows), np.array([label for _, label in texts])
        read = np.flatnonzero(space.reads(rows))
        rows, truth = rows.take(read), truth[read]
        whole = replace(space, components=np.eye(space.components.shape[1], dtype=np.float32))
        return cls(name, rows, truth, whole.project(rows).astype(np.float64))

    @property
    def family(self) -> str:
        """Corpora of one kind are left out together."""
        return self.name.split()[0]

    def covariances(self) -> tuple[Floats, Floats]:
        """Within classes and between them, each ``(dimensions, dimensions)``; both together have a trace of one."""
        _, label, sizes = np.unique(self.truth, return_inverse=True, return_counts=True)
        sums = np.zeros((len(sizes), self.points.shape[1]))
        np.add.at(sums, label, self.points)
        deviations = self.points - (sums / sizes[:, None])[label]
        within = deviations.T @ deviations / (len(label) - len(sizes))
        means = sums / sizes[:, None] - self.points.mean(axis=0)
        # Means of so many texts vary by chance as well: what they would with one class is taken off.
        between = ((means.T * sizes) @ means - (len(sizes) - 1) * within) / len(label)
        whole = np.trace(within) + np.trace(between)
        return within / whole, between / whole

    def score(self, matrix: Floats | None) -> float:
        """Adjusted mutual information of the granularity of topics that agrees best."""
        some = np.arange(min(SCORED, len(self.rows)))
        rows, truth = self.rows.take(some), self.truth[some]
        points = self.points[some] if matrix is None else self.points[some] @ matrix
        rows = replace(rows, vectors=points.astype(np.float32), languages=None)
        labels = TopicFacet().learn(rows, rows.take(some[:0]), 0).label(rows)
        return max(float(adjusted_mutual_info_score(truth, level)) for level in labels.T)


def _learnt(corpora: Sequence[_Labelled]) -> Floats:
    """The metric, symmetric ``(dimensions, dimensions)``. A family of n corpora counts by the root of n."""
    families: dict[str, list[_Labelled]] = defaultdict(list)
    for corpus in corpora:
        families[corpus.family].append(corpus)
    width = corpora[0].points.shape[1]
    within, between = np.zeros((width, width)), np.zeros((width, width))
    for members in families.values():
        for corpus in members:
            own = corpus.covariances()
            within += own[0] / len(members) ** 0.5
            between += own[1] / len(members) ** 0.5
    identity = np.eye(width)
    shrunk = (1 - SHRUNK) * _scaled(within) + SHRUNK * identity
    wanted = (1 - SHRUNK) * _scaled(between) + SHRUNK * _scaled(within + between)
    whitening = _power(shrunk, -0.5)
    told = whitening @ _power(whitening @ wanted @ whitening, POWER)
    return _power(told @ told.T, 0.5)


def _scaled(covariance: Floats) -> Floats:
    return covariance / np.trace(covariance) * len(covariance)


def _power(matrix: Floats, exponent: float) -> Floats:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.maximum(values, 1e-9 * values.max()) ** exponent) @ vectors.T)


if __name__ == "__main__":
    main()
