"""``python -m build.insight run [--config build/insight/insight.toml] [--data FOLDER]``."""

from __future__ import annotations

import sys

from build.insight.cli import main

if __name__ == "__main__":
    sys.exit(main())
