"""``python -m modecollapse.schema``: write the shipped schemas anew."""

from __future__ import annotations

import json
from pathlib import Path

from modecollapse.schema import WRITTEN, file_name, generated

if __name__ == "__main__":
    for document in WRITTEN:
        text = json.dumps(generated(document), indent=2, ensure_ascii=False) + "\n"
        Path(__file__).with_name(file_name(document)).write_text(text, encoding="utf-8")
