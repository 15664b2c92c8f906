"""The file of a baseline, a zip of ``manifest.json``, ``rows.jsonl`` and ``vectors.npy`` ⇄ Corpus: docs/baseline.md."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modecollapse import __version__
from modecollapse.concealment import Concealment
from modecollapse.corpus import Corpus, Fields, Frozen, Skipped
from modecollapse.corpus.jsonl import display_name, display_path
from modecollapse.corpus.reasoning import Reasoning
from modecollapse.errors import InputError
from modecollapse.facets.readers import readers
from modecollapse.sources import is_one_file, opened

FORMAT, VERSION = "modecollapse-baseline", 9
MAGIC = b"PK\x03\x04"
_MANIFEST, _ROWS, _VECTORS = "manifest.json", "rows.jsonl", "vectors.npy"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every member: the same base gives the same bytes."""


@dataclass(frozen=True)
class FrozenMode:
    """A mode of the base alone, as it was when it was frozen: for people and other programs, not read back."""

    facet: str
    id: str
    label: str
    level: int
    count: int
    share: float


@dataclass(frozen=True)
class Baseline:
    """A frozen base: its corpus, without texts unless they were asked for, and its own modes."""

    corpus: Corpus
    modes: Sequence[FrozenMode]

    def to_bytes(self) -> bytes:
        """The file: the same bytes for the same base, settings and version."""
        return packed(self.corpus, self.modes, __version__)


@dataclass(frozen=True)
class _Row:
    prompt: Annotated[int, msgspec.Meta(ge=0)]
    hash: str
    line: int
    sample: int
    temperature: float | None
    decoding: dict[str, float]
    columns: dict[str, str | None]
    read: dict[str, Any]
    text: str | None = None
    token_ids: list[int] | None = None


@dataclass(frozen=True)
class _Encoder:
    name: str
    fingerprint: str


@dataclass(frozen=True)
class _Manifest:
    """What stands in ``manifest.json``; ``encoder`` is None where rows had embeddings of their own."""

    format: str
    version: int
    modecollapse: str
    name: str
    rows: int
    skipped: list[Skipped]
    fields: Fields
    sha256: str
    prompts: list[tuple[str, str]]
    encoder: _Encoder | None
    texts: bool
    openings: list[list[str]]
    beginnings: list[list[str]]
    endings: list[list[str]]
    words: list[str]
    names: list[str]
    grammar: list[str]
    modes: list[FrozenMode]
    reasoning: Reasoning


def packed(corpus: Corpus, modes: Sequence[FrozenMode], version: str) -> bytes:
    """A frozen corpus as the bytes of a baseline file."""
    frozen = corpus.frozen
    if frozen is None:
        raise ValueError("only a frozen corpus can be packed")
    own = frozen.encoded is None
    hidden = frozen.concealment
    keys = list(dict.fromkeys(corpus.prompt_keys))
    manifest = _Manifest(
        format=FORMAT,
        version=VERSION,
        modecollapse=version,
        name=corpus.name,
        rows=corpus.rows,
        skipped=list(corpus.skipped),
        fields=corpus.fields,
        sha256=corpus.sha256,
        prompts=[(key, corpus.prompt_texts.get(key, "")) for key in keys],
        encoder=None if own else _Encoder(frozen.encoder, frozen.fingerprint),
        texts=hidden is None,
        openings=[] if hidden is None else sorted(map(list, hidden.openings)),
        beginnings=[] if hidden is None else sorted(map(list, hidden.beginnings)),
        endings=[] if hidden is None else sorted(map(list, hidden.endings)),
        words=[] if hidden is None else sorted(hidden.words),
        names=[] if hidden is None else sorted(hidden.names),
        grammar=[] if hidden is None else sorted(hidden.grammar),
        modes=list(modes),
        reasoning=corpus.reasoning,
    )
    encoder = msgspec.json.Encoder(order="deterministic")
    rows = b"".join(encoder.encode(row) + b"\n" for row in _rows(corpus, frozen, keys))
    vectors = corpus.vectors if own else frozen.encoded
    members = {_MANIFEST: msgspec.json.format(encoder.encode(manifest), indent=1), _ROWS: rows}
    if vectors is not None:
        members[_VECTORS] = _npy(vectors)
    return _zipped(members)


def _rows(corpus: Corpus, frozen: Frozen, keys: Sequence[str]) -> list[_Row]:
    number = {key: index for index, key in enumerate(keys)}
    temperatures = corpus.temperatures.tolist()
    return [
        _Row(
            prompt=number[corpus.prompt_keys[row]],
            hash=f"{int(corpus.hashes[row]):016x}",
            line=int(corpus.lines[row]),
            sample=int(corpus.samples[row]),
            temperature=None if np.isnan(temperatures[row]) else temperatures[row],
            decoding={name: float(v[row]) for name, v in corpus.decoding.items() if not np.isnan(v[row])},
            columns={name: values[row] for name, values in corpus.columns.items()},
            read={name: values[row] for name, values in frozen.known.items()},
            text=corpus.texts[row] if frozen.concealment is None else None,
            token_ids=None if corpus.token_ids is None else corpus.token_ids[row].tolist(),
        )
        for row in range(len(corpus))
    ]


def _npy(values: NDArray[np.float16] | NDArray[np.float32]) -> bytes:
    out = io.BytesIO()
    np.save(out, np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")), allow_pickle=False)
    return out.getvalue()


def _zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def is_baseline(path: str) -> bool:
    """Whether the file at ``path`` is a zip, as no corpus is; False where it can't be read."""
    if not is_one_file(path):
        return False
    try:
        with opened(path) as stream:
            return bool(stream.read(len(MAGIC)) == MAGIC)
    except OSError:
        return False


def read_baseline(path: str, columns: Sequence[str] = ()) -> Corpus:
    """The corpus of a baseline file. Raises ``InputError`` where it is none, or one of another version.

    ``columns`` are those that a comparison asks for: a baseline has the ones it was frozen with.
    """
    file = display_path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            version = json.loads(archive.read(_MANIFEST)).get("version")
            if version != VERSION:
                message = f"baseline version is {version!r}, this reads {VERSION}"
                hint = "freeze the base again with this program, or compare with the program that froze it"
                raise InputError("other-baseline-version", message, file, hint=hint)
            manifest = msgspec.json.decode(archive.read(_MANIFEST), type=_Manifest)
            rows = [msgspec.json.decode(line, type=_Row) for line in archive.read(_ROWS).splitlines()]
            vectors = _vectors(archive, len(rows), np.float32 if manifest.encoder is None else np.float16)
            known = _known(rows) if not manifest.texts else {}
            corpus = _corpus(manifest, rows, vectors, known)
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError("not-a-baseline", f"not a baseline: {error}", file, hint="write it anew") from error
    missing = [name for name in columns if name not in corpus.columns]
    if missing:
        hint = f"freeze it with --facet column:{missing[0]}"
        raise InputError("no-such-column", f"the baseline has no column {missing[0]!r}", file, hint=hint)
    return replace(corpus, name=display_name(path))


_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, msgspec.MsgspecError),
    *(LookupError, ValueError, AttributeError, ArithmeticError),
)
"""All that unpacking can raise where a file is not what it says it is."""


def _vectors(archive: zipfile.ZipFile, rows: int, kind: type[np.floating]) -> NDArray[Any] | None:
    if _VECTORS not in archive.namelist():
        return None
    found: NDArray[Any] = np.load(io.BytesIO(archive.read(_VECTORS)), allow_pickle=False)
    if found.ndim != 2 or len(found) != rows or found.dtype != kind or not np.isfinite(found).all():
        raise ValueError("its vectors don't fit its rows")
    return found


def _known(rows: Sequence[_Row]) -> dict[str, list[Any]]:
    """What each reader read, in its own type."""
    return {name: [msgspec.convert(row.read[name], reader.kind) for row in rows] for name, reader in readers().items()}


def _corpus(
    manifest: _Manifest, rows: Sequence[_Row], vectors: NDArray[Any] | None, known: Mapping[str, Sequence[Any]]
) -> Corpus:
    hidden = Concealment(
        openings=frozenset(map(tuple, manifest.openings)),
        beginnings=frozenset(map(tuple, manifest.beginnings)),
        endings=frozenset(map(tuple, manifest.endings)),
        words=frozenset(manifest.words),
        names=frozenset(manifest.names),
        grammar=frozenset(manifest.grammar),
    )
    encoder = manifest.encoder
    nothing = float("nan")
    token_ids = [np.array(row.token_ids, dtype=np.int32) for row in rows if row.token_ids is not None]
    settings = ("top_p", "top_k", "min_p")
    return Corpus(
        name=manifest.name,
        texts=[row.text or "" for row in rows],
        hashes=np.array([int(row.hash, 16) for row in rows], dtype=np.uint64),
        prompt_keys=[manifest.prompts[row.prompt][0] for row in rows],
        prompt_texts=dict(manifest.prompts),
        lines=np.array([row.line for row in rows], dtype=np.int64),
        temperatures=np.array([nothing if row.temperature is None else row.temperature for row in rows]),
        samples=np.array([row.sample for row in rows], dtype=np.int64),
        decoding={name: np.array([row.decoding.get(name, nothing) for row in rows]) for name in settings},
        vectors=vectors if encoder is None else None,
        token_ids=token_ids if manifest.texts and len(token_ids) == len(rows) else None,
        columns={name: [row.columns[name] for row in rows] for name in (rows[0].columns if rows else ())},
        rows=manifest.rows,
        skipped=manifest.skipped,
        reasoning=manifest.reasoning,
        fields=manifest.fields,
        sha256=manifest.sha256,
        frozen=Frozen(
            known=known,
            concealment=None if manifest.texts else hidden,
            encoded=None if encoder is None else vectors,
            encoder="" if encoder is None else encoder.name,
            fingerprint="" if encoder is None else encoder.fingerprint,
        ),
    )
