"""``python -m modecollapse.schema``: write the shipped schema anew."""

from __future__ import annotations

import json
from pathlib import Path

from modecollapse.schema import NAME, generated

if __name__ == "__main__":
    text = json.dumps(generated(), indent=2, ensure_ascii=False) + "\n"
    Path(__file__).with_name(NAME).write_text(text, encoding="utf-8")
