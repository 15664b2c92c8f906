"""Tables that a benchmark writes into a document, between marks of its own."""

from __future__ import annotations

from pathlib import Path

METHOD = Path("docs/method.md")
BENCHMARKS = Path("docs/benchmarks.md")


def put(mark: str, table: str, document: Path = METHOD) -> None:
    """Put ``table`` between ``<!-- mark -->`` and ``<!-- /mark -->``, in place of what stands there."""
    opening, closing = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, rest = document.read_text(encoding="utf-8").split(opening)
    _, after = rest.split(closing)
    document.write_text(f"{before}{opening}\n{table}\n{closing}{after}", encoding="utf-8")
