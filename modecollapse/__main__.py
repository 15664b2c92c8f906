"""``python -m modecollapse``."""

from __future__ import annotations

import sys

from modecollapse.cli import main

if __name__ == "__main__":
    sys.exit(main())
