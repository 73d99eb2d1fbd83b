"""``python -m build.emotion run [--config build/emotion/emotion.toml] [--data FOLDER]``."""

from __future__ import annotations

import sys

from build.emotion.cli import main

if __name__ == "__main__":
    sys.exit(main())
