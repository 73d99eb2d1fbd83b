"""``python -m build.data check|split|synthetic``."""

from __future__ import annotations

import sys

from build.data.cli import main

if __name__ == "__main__":
    sys.exit(main())
