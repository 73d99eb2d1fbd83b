"""``python -m build.report RUN_FOLDER`` writes ``report.html`` there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from build.errors import BuildError
from build.report.page import write


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 after an error the build foresees."""
    parser = argparse.ArgumentParser(prog="python -m build.report", description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="a run's folder, with evaluation.json and what else there is"
    )
    try:
        print(write(parser.parse_args(arguments).folder))
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
