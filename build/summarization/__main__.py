"""``python -m build.summarization run [--data FOLDER]``."""

from __future__ import annotations

import sys

from build.summarization.cli import main

if __name__ == "__main__":
    sys.exit(main())
